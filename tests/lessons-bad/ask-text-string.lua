-- expect: 7: step 2: question q: text: a plain string, expected { en = "...", zh = "..." }
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
    function(m)
      m.ask {
        id = "q", text = "Which?", answer = function() return 1 end,
        wrong = { { value = 2, because = { en = "x", zh = "某" } } },
        right = { en = "x", zh = "某" },
        hints = { { en = "a", zh = "甲" }, { en = "x", zh = "某" }, { en = "c", zh = "丙" } },
      }
    end,
  },
}
