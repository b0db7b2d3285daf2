-- expect: 2: seed: a whole number from 0 to 9223372036854775807 is expected
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, seed = 1.5, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
  },
}
