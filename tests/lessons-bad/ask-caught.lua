-- expect: 6: step 2: question q: it failed, and its error was caught
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
    function(m)
      pcall(m.ask, { id = "q", op = "flush", text = {en="q",zh="问"} })
    end,
  },
}
