return lesson {
  id = "whole", part = "tlb", title = { en = "Whole", zh = "全" }, rows = { "T1" }, minutes = 3,
  seed = 7, machine = "toy16",
  steps = {
    function(m)
      m.spawn()
      local r = m.read(0x1000)
      m.expect(r.pa & 0xfff, 0, "offset")
      m.bind { at = r.pa, frame = r.pa >> 12 }
      m.say { en = "It went to {at:hex}, frame {frame}.", zh = "到了 {at:hex}，{frame} 号页框。" }
    end,
    step {
      title = { en = "Ask", zh = "问" }, text = { en = "Where does {va:hex} go?", zh = "{va:hex} 去哪里？" },
      bind = function(m) return { va = 0x2004, n = math.random(1, 6) } end,
      prepare = function(m) m.run("flush") m.fork() end,
      run = function(m) for i = 0, 2 do m.write(0x2004 + i, i) end end,
      ask = {
        id = "cold", op = function(m) return { "read", 0x1000, { size = 2 } } end,
        text = { en = "Cycles at {va:hex}?", zh = "几个周期？" },
        answer = function(r) return r.cycles end,
        right = { en = "So many.", zh = "就这么多。" },
        wrong = {
          { quirk = "tlb-remembers-nothing", because = { en = "No.", zh = "不。" } },
          { value = 3, because = { en = "Three.", zh = "三。" } },
          { value = function(r) return #r.events end, because = { en = "Events.", zh = "事件。" } },
        },
        hints = { { en = "a", zh = "甲" }, { en = "b", zh = "乙" }, { en = "c", zh = "丙" } },
      },
      after = { en = "{n} times.", zh = "{n} 次。" },
      card = { claim = { en = "x", zh = "某" }, truth = { en = "y", zh = "某" } },
    },
    step {
      text = { en = "Do it.", zh = "做吧。" },
      task = {
        text = { en = "Write it.", zh = "写。" },
        goal = function(r) return r.m.word(r.m.walk(0x2008).pa, 1) == 7 end,
        solution = { { "write", 0x2008, 7 }, "flush" },
        hints = { { en = "a", zh = "甲" }, { en = "b", zh = "乙" }, { en = "c", zh = "丙" } },
      },
    },
  },
}
