-- A lesson: look at it with `pagewalk learn FILE`, prove it with `pagewalk lesson check FILE`.
return lesson {
  id = "LESSON-ID", part = "translation", machine = "x86-64", minutes = 5, rows = { "B10" },
  title = { en = "My first lesson", zh = "我的第一课" },
  steps = {
    step {
      title = { en = "A process", zh = "一个进程" }, view = "layout",
      run = function(m)
        m.spawn()
        m.bind { va = m.process().areas[1].start }
      end,
      text = { en = "A process was made. Its code begins at {va:hex}. Where is that in memory?",
               zh = "一个进程诞生了，它的代码从 {va:hex} 开始。这在内存的什么地方？" },
      after = { en = "Nowhere yet: nobody has touched it.", zh = "哪儿都还不在：还没有人碰过它。" },
    },

    function(m) -- the same through functions: for what must be computed
      local va = m.process().areas[1].start
      m.title { en = "Touch it", zh = "碰一下" }
      m.bind { va = va }
      m.say { en = "Now the program reads one byte at {va:hex}.", zh = "现在程序读 {va:hex} 处的一个字节。" }
      local r = m.ask {
        id = "faults", op = { "read", va, { size = 1 } }, before = { "tlb_miss", 1 },
        text = { en = "How many page faults will it take?", zh = "要经过几次缺页？" },
        answer = function(r) return r.faults end, -- the machine answers, here and in every clone
        wrong = {
          { value = 0, because = { en = "Zero would need a frame that is already there.", zh = "零次，就得页框已经在那儿。" } },
          { value = 2, because = { en = "Once the entry is there, the instruction simply runs again.",
                                   zh = "页表项一旦写好，指令重来一遍就成了。" } },
        },
        right = { en = "{answer}: a promise is kept when it is first used.", zh = "{answer} 次：承诺在第一次使用时兑现。" },
        hints = { { en = "Has anybody used this page?", zh = "有人用过这一页吗？" },
                  { en = "A first touch finds no entry.", zh = "第一次碰，找不到页表项。" },
                  { en = "One touch, one missing page.", zh = "碰一次，缺一页。" } },
      }
      m.expect(r.kind, "done", "the read succeeds")
    end,
  },
}
