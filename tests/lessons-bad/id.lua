-- expect: 2: id: "../../x" is not 1 to 64 of a-z, 0-9 and -
return lesson {
  id = "../../x", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
  },
}
