-- expect: 7: step 2: invlpg: too many arguments; it takes: VA
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
    function(m)
      m.invlpg(1, 2)
    end,
  },
}
