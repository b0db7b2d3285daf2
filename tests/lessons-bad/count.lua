-- expect: 7: step 2: no event "tlb_mis" (did you mean "tlb_miss"?)
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
    function(m)
      local x = count(m.flush(), "tlb_mis")
    end,
  },
}
