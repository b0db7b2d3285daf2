-- expect: 7: step 2: task: text: a plain string, expected { en = "...", zh = "..." }
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
    function(m)
      m.task { text = "x", goal = function() return true end, solution = { "tick 1" },
        hints = { { en = "x", zh = "某" }, { en = "x", zh = "某" }, { en = "x", zh = "某" } } }
    end,
  },
}
