-- Several questions about one operation, each before another event of it. The first brings the operation (`op`), the others refer to its result
-- with `about`; { "walk_read", 2 } is the second event of that kind. r.event in an answer is the event asked about.
return lesson {
  id = "before", part = "translation", machine = "x86-64", minutes = 3,
  title = { en = "Stop before the second walk_read", zh = "停在第二次读表项之前" },
  steps = {
    function(m)
      m.title { en = "On the way", zh = "路上" }
      m.view "tree"
      m.spawn()
      local va = m.process().areas[1].start
      m.read(va)
      m.flush()
      m.bind { va = va, entry = m.geometry().entry_bytes }
      m.say { en = "The TLB is empty. The program reads {va:hex}: the MMU must walk.", zh = "TLB 是空的。程序读 {va:hex}：MMU 只好遍历页表。" }
      local hints = {
        { en = "What does the entry before it name?", zh = "上一项指向什么？" },
        { en = "Table's address plus index times {entry}.", zh = "表的地址加上索引乘 {entry}。" },
        { en = "The tree pane has read the entry before it.", zh = "树面板里已经读出了上一项。" },
      }
      local r = m.ask {
        id = "first", op = { "read", va, { size = 1 } }, before = { "walk_read", 1 }, format = "hex",
        text = { en = "Which physical address is read first?", zh = "最先读的物理地址是？" },
        answer = function(r) return r.event and r.event.pa end, -- a clone may never come there: then it gives no choice
        wrong = { { quirk = "index-not-scaled" }, { quirk = "entry-four-bytes" }, { value = va,
                  because = { en = "Tables are found by physical addresses.", zh = "找页表用的是物理地址。" } } },
        right = { en = "{answer}, in the root table.", zh = "{answer}，在根表里。" }, hints = hints,
      }
      m.ask {
        id = "second", about = r, before = { "walk_read", 2 }, format = "hex",
        text = { en = "And the next one?", zh = "下一个呢？" },
        answer = function(r) return r.event and r.event.pa end,
        wrong = {
          { value = function(r) return r.event.pa + r.m.geometry().entry_bytes end,
            because = { en = "One entry too far.", zh = "多走了一项。" } },
          { value = function(r) return find(r, "walk_read").pa + r.m.geometry().entry_bytes end,
            because = { en = "The root is done with: go down.", zh = "根表已经用完了：往下走。" } },
        },
        right = { en = "{answer}: the first entry named this table.", zh = "{answer}：第一项指向的就是这张表。" }, hints = hints,
      }
    end,
  },
}
