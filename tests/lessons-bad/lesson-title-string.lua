-- expect: 2: title: a plain string, expected { en = "...", zh = "..." }
return lesson {
  id = "bad", part = "tlb", title = "Bad", machine = "x86-64",
  steps = { function(m) m.spawn() end,
  },
}
