-- Fork and compare: the same address in two processes. m.walk(va, { pid = N }) looks through anybody's tables without running them.
return lesson {
  id = "fork", part = "faults", machine = "x86-64", minutes = 3,
  title = { en = "Fork, then compare two processes", zh = "fork 之后比较两个进程" },
  steps = {
    function(m)
      m.title { en = "Together", zh = "在一起" }
      m.view "tree"
      local parent = m.spawn().value
      local va = m.process().areas[2].start
      m.write(va, 0x41)
      local child = m.fork().value
      local p, c = m.walk(va, { pid = parent }), m.walk(va, { pid = child })
      m.bind { va = va, parent = parent, child = child, pf = p.frame, cf = c.frame, owners = m.frame(p.frame).maps }
      m.say { en = "Process {parent} forked. {va:hex} is frame {pf:label} for it and {cf:label} for process {child}: {owners} entries name one frame.",
              zh = "进程 {parent} 调用了 fork。{va:hex} 对它是页框 {pf:label}，对进程 {child} 是 {cf:label}：{owners} 个页表项指着同一个页框。" }
      m.expect(p.frame, c.frame, "shared after fork")
    end,

    function(m) -- nothing is carried in Lua from page to page: what must be kept is kept in the machine
      m.title { en = "Apart", zh = "分开" }
      local all = m.pids()
      local parent, child = all[1], all[2]
      local va = m.process(parent).areas[2].start
      m.switch(child)
      m.write(va, 0x42)
      local p, c = m.walk(va, { pid = parent }), m.walk(va, { pid = child })
      m.bind { pf = p.frame, cf = c.frame, pv = m.word(p.pa, 1), cv = m.word(c.pa, 1) }
      m.say { en = "The child writes one byte.", zh = "子进程写一个字节。" }
      m.after { en = "Frame {pf:label} still holds {pv:hex}; the child's frame {cf:label} holds {cv:hex}.",
                zh = "页框 {pf:label} 里仍是 {pv:hex}；子进程的页框 {cf:label} 里是 {cv:hex}。" }
      m.expect(p.frame == c.frame, false, "the writer got a copy")
      m.expect(m.word(p.pa, 1), 0x41, "the parent's byte")
    end,
  },
}
