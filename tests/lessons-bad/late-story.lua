-- expect: 8: step 2: m.say comes before the first question
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
    function(m)
      m.ask { id = "q", op = "flush", text = {en="q",zh="问"}, answer = function(r) return 1 end, number = true, right={en="r",zh="对"}, hints = { {en="a",zh="甲"}, {en="b",zh="乙"}, {en="c",zh="丙"} } }
      m.say {en="x",zh="某"}
    end,
  },
}
