-- expect: 6: step 2: card truth: a nil, expected { en = "...", zh = "..." }
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
    step { text = {en="x",zh="某"}, card = { claim = {en="x",zh="某"} } },
  },
}
