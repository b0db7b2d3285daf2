-- expect: 6: step 2: question: no member "awnser" (did you mean "answer"?)
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
    step { text = {en="x",zh="某"}, ask = { id = "q", op = { "read", 0x401000 }, text = {en="q",zh="问"}, awnser = 1 } },
  },
}
