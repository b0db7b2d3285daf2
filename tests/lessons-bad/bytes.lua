-- expect: 7: step 2: bytes: 1 to 4096 bytes below 2^52
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
    function(m)
      m.bytes(0, 1 << 40)
    end,
  },
}
