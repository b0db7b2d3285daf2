-- expect: 2: step 2: a string; a step is step { ... } or function(m) ... end
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
    "words",
  },
}
