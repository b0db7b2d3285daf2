-- expect: 7: step 2: no field "dram_cycels" (did you mean "dram_cycles"?)
return lesson {
  id = "bad", part = "tlb", title = { en = "Bad", zh = "坏" }, machine = "x86-64",
  steps = {
    step { text = { en = "Fine.", zh = "好。" }, run = function(m) m.spawn() end },
    function(m)
      m.field("dram_cycels")
    end,
  },
}
