-- Ask about an event. `op` is run, and the question stands before the event named in `before`: nothing later can be seen until it is answered.
-- The answer is computed from what the machine did (r); wrong choices are near misses that the author computes, each with the belief behind it.
return lesson {
  id = "ask", part = "translation", machine = "x86-64", minutes = 2,
  title = { en = "Ask before an event", zh = "在事件发生之前提问" },
  steps = {
    function(m)
      m.title { en = "Hit or miss?", zh = "命中还是未命中？" }
      m.spawn()
      local va = m.process().areas[1].start
      m.read(va) -- the page is there and the TLB knows it
      m.bind { va = va }
      m.say { en = "The program reads {va:hex} for the second time.", zh = "程序第二次读 {va:hex}。" }
      local r = m.ask {
        id = "table-reads",
        op = { "read", va, { size = 1 } },
        before = "tlb_hit", -- { "walk_read", 2 } would be the second event of that kind
        text = { en = "How many page-table entries does the MMU read?", zh = "MMU 要读几个页表项？" },
        answer = function(r) return count(r, "walk_read") end,
        wrong = {
          { value = function(r) return #r.m.walk(va).entries end,
            because = { en = "So many levels there are, but somebody remembers.", zh = "页表确实有这么多级，可是有谁记着呢。" } },
          { value = 1, because = { en = "One for the leaf? The TLB holds the whole translation.", zh = "只读末级？TLB 存的是完整的翻译结果。" } },
        },
        right = { en = "{answer}: the TLB has it.", zh = "{answer} 个：TLB 里就有。" },
        hints = {
          { en = "This is the second time.", zh = "这是第二次了。" },
          { en = "What did the first walk leave behind?", zh = "第一次遍历留下了什么？" },
          { en = "Look for {va:hex} in the TLB pane.", zh = "在 TLB 面板里找 {va:hex}。" },
        },
      }
      m.expect(r.faults, 0, "the second read does not fault")
    end,
  },
}
