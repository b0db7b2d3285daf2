-- expect: 6: step 2: question q: hints: exactly three are expected
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
    step { text = {en="x",zh="某"}, ask = { id = "q", op = { "read", 0x401000 }, text = {en="q",zh="问"}, answer = function(r) return 5 end, number = true, right={en="r",zh="对"}, hints = { {en="a",zh="甲"} } } },
  },
}
