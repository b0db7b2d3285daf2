-- expect: 6: step 2: task:
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
    step { text = {en="x",zh="某"}, task = { text = {en="t",zh="做"}, goal = function(r) return #r.events > 0 end, solution = { "flsuh" }, hints = { {en="a",zh="甲"}, {en="b",zh="乙"}, {en="c",zh="丙"} } } },
  },
}
