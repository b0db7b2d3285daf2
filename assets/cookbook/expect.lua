-- Expectations: what the author knows from elsewhere (a manual, arithmetic) is stated next to the code that shows it. They are counted by
-- `pagewalk run`, never shown; one that fails is told with its line. Compare values, not tables.
return lesson {
  id = "expect", part = "translation", machine = "x86-64", minutes = 1,
  title = { en = "State what must be so", zh = "写明必须成立的事" },
  steps = {
    function(m)
      m.title { en = "Arithmetic, checked", zh = "验算" }
      m.spawn()
      local va = m.process().areas[1].start
      local r = m.read(va, { size = 1 })
      local w, g = m.walk(va), m.geometry()
      m.bind { va = va, pa = w.pa }
      m.say { en = "The program reads {va:hex}.", zh = "程序读 {va:hex}。" }
      m.after { en = "It is at {pa:hex}.", zh = "它在 {pa:hex}。" }
      m.expect(r.kind, "done", "the read succeeds")
      m.expect(#w.entries, #g.levels, "one entry per level")
      m.expect(bits(va, 47, 39), index(va, 0), "SDM vol. 3A, 4.5: bits 47:39 choose the root's entry")
      m.expect(w.pa, w.frame << g.page_shift | offset(va), "frame and offset")
      for level, e in ipairs(w.entries) do
        m.expect(m.word(e.pa), e.value, "entry of level " .. level .. " is in memory")
      end
    end,
  },
}
