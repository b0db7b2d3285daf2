-- expect: 6: step 2: a question's id: "Q!" is not
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
    step { text = {en="x",zh="某"}, ask = { id = "Q!", op = { "read", 0x401000 }, text = {en="q",zh="问"}, number = true } },
  },
}
