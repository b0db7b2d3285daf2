-- expect: 2: id: "a
return lesson {
  id = "a\27[31m", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
  },
}
