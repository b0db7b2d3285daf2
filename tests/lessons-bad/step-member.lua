-- expect: 6: step 2: step: no member "txt" (did you mean "text"?)
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
    step { txt = {en="x",zh="某"} },
  },
}
