-- expect: 6: step 2: text: nothing is bound to {cuont} (did you mean {count}?)
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
    step { bind = { count = 1 }, text = {en="{cuont}",zh="某"} },
  },
}
