-- expect: 2: rows: entry 2 is no name
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, rows = { "B10", 7 }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
  },
}
