-- expect: 2: title: no member "de"
return lesson {
  id = "bad", part = "tlb", title = { de = "Schlecht" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
  },
}
