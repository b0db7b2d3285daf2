-- A page about bytes. m.view("hex", address) puts the cursor of the memory pane there; the learner types hex digits over them (or :poke). What the
-- machine does with the changed bytes is not pretended: page tables are in emulated memory. The story goes on with the solution, so the solution
-- breaks no invariant: here a right is taken away, which the kernel can give back.
return lesson {
  id = "hex", part = "translation", machine = "x86-64", minutes = 3,
  title = { en = "Edit bytes of a page table", zh = "修改页表的字节" },
  steps = {
    function(m)
      m.title { en = "Behind the kernel's back", zh = "瞒着内核" }
      m.spawn()
      local va = m.process().areas[2].start
      m.write(va, 1)
      m.flush()
      local walk = m.walk(va)
      local leaf = walk.entries[#walk.entries]
      m.view("hex", leaf.pa)
      m.bind { va = va, pa = leaf.pa, value = leaf.value }
      m.say { en = "The last entry for {va:hex} stands at {pa:hex}: {value:hex}. Its bit 1 says: writable.",
              zh = "{va:hex} 的末级页表项在 {pa:hex}，值是 {value:hex}。第 1 位表示：可写。" }
      m.task {
        text = { en = "Clear that bit in the memory pane: press x and type over the byte.",
                 zh = "在内存面板里把这一位清零：按 x，在那个字节上输入。" },
        goal = function(r)
          local now = r.m.walk(va)
          return now.present and now.frame == walk.frame and not now.flags.writable
        end,
        solution = function() return { { "poke", leaf.pa, le(leaf.value & ~2, 8) } } end,
        hints = {
          { en = "The bytes stand lowest first.", zh = "低位字节在前。" },
          { en = "Bit 1 is in the first byte, at {pa:hex}.", zh = "第 1 位在第一个字节里，位于 {pa:hex}。" },
          { en = "Make that byte two less than it is.", zh = "把那个字节减二。" },
        },
      }
    end,

    function(m) -- what the learner did on the branch is over; the solution stands in the tables
      m.title { en = "Who notices?", zh = "谁会发现？" }
      local va = m.process().areas[2].start
      m.bind { va = va }
      m.say { en = "The program writes to {va:hex} again. Its area still says rw.", zh = "程序再次写 {va:hex}。它的区域仍然是 rw。" }
      m.ask {
        id = "noticed",
        op = { "write", va, 2 },
        before = "page_fault",
        text = { en = "How many faults until the byte is written?", zh = "要经过几次缺页，字节才写得进去？" },
        answer = function(r) return r.faults end,
        wrong = {
          { value = 0, because = { en = "The MMU reads the entry, not the kernel's list of areas.", zh = "MMU 看的是页表项，不是内核的区域列表。" } },
          { value = 2, because = { en = "Once the kernel has set the bit, the write goes through.", zh = "内核把这一位补上之后，写就通过了。" } },
        },
        right = { en = "{answer}: the kernel finds that writing is allowed and sets the bit again.",
                  zh = "{answer} 次：内核发现本来就允许写，又把这一位补上。" },
        hints = {
          { en = "Who looks at the byte you changed?", zh = "谁会去看你改的那个字节？" },
          { en = "The MMU refuses, the kernel decides.", zh = "MMU 拒绝，内核裁决。" },
          { en = "One fault, one mended entry.", zh = "一次缺页，补好一项。" },
        },
      }
      m.expect(m.walk(va).flags.writable, true, "the right came back")
    end,
  },
}
