-- expect: 2: lesson: no member "maschine" (did you mean "machine"?)
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, maschine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
  },
}
