-- expect: 6: step 2: text: {n:octal}: the formats are dec, hex, bin, label and size
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
    step { bind = { n = 1 }, text = {en="{n:octal}",zh="某"} },
  },
}
