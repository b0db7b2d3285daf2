-- Wrong answers from wrong machines. A `quirk` is a belief built into a clone (`pagewalk list quirks`): the clone runs the same operation and its
-- answer becomes the choice. `since` lets the belief hold from an earlier operation on. A clone that answers alike gives no choice.
return lesson {
  id = "beliefs", part = "faults", machine = "x86-64", minutes = 2,
  title = { en = "Wrong answers from wrong beliefs", zh = "错误选项来自错误的想法" },
  steps = {
    function(m)
      m.title { en = "Fork and write", zh = "fork 之后写" }
      local parent = m.spawn().value
      local va = m.process().areas[2].start
      local heap
      for _, a in ipairs(m.process().areas) do
        if a.kind == "heap" then heap = a.start end
      end
      m.write(va, 7)
      for n = 0, 1 do m.write(heap + n * m.geometry().page, n) end
      m.bind { va = va }
      m.say { en = "A process wrote to {va:hex}, and to its heap. Now it forks.", zh = "进程写过 {va:hex}，也写过堆。现在它调用 fork。" }
      local forked = m.fork()
      m.ask {
        id = "copies",
        op = { "write", va, 8 },
        before = "access",
        text = { en = "The parent writes there again. How many pages does the kernel copy for it?",
                 zh = "父进程再写这里。内核要为它复制几页？" },
        answer = function(r) return count(r, "frame_copied") end,
        wrong = {
          { quirk = "fork-leaves-writable", since = forked }, -- without `because` the quirk's own sentence explains
          { quirk = "fork-copies-all", since = forked,
            because = { en = "Then fork itself would have copied.", zh = "那样的话，fork 当时就复制过了。" } },
          { value = function(r) return r.m.process(parent).rss end,
            because = { en = "All its pages? One was written.", zh = "它的每一页？只写了一页。" } },
          { value = 2, because = { en = "One copy is enough: the other one keeps the old page.", zh = "一份就够了：另一方留着原来的页。" } },
        },
        right = { en = "{answer}: whoever writes first gets a copy of that one page.", zh = "{answer} 页：谁先写，谁得到这一页的副本。" },
        hints = {
          { en = "How many pages are written?", zh = "写了几页？" },
          { en = "Who may still write without asking?", zh = "还有谁可以不打招呼就写？" },
          { en = "One write, one shared page.", zh = "写一次，共享的一页。" },
        },
      }
    end,
  },
}
