-- expect: 7: step 2: bind: a name is 1 to 31 of a-z, 0-9 and _
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
    function(m)
      m.bind { ["X y"] = 1 }
    end,
  },
}
