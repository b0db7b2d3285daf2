-- expect: 2: gifts: "speed" is not caching, uniform or protection
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64", gifts = { "caching", "speed" },
  steps = { step { text = { en = "Fine.", zh = "好。" } } },
}
