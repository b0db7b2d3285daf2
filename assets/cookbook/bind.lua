-- Bind values and show them. No number stands in a text: {name} is a value bound on this page or a member of the event in view, {name:format} says
-- how it is written. There is no arithmetic in a text: compute first, bind the result. Double braces give one brace.
return lesson {
  id = "bind", part = "translation", machine = "x86-64", minutes = 2,
  title = { en = "Bind values and show them", zh = "绑定数值并显示" },
  steps = {
    function(m)
      m.title { en = "One number, many faces", zh = "同一个数，许多面孔" }
      m.view "address"
      m.spawn()
      local va = m.process().areas[1].start
      m.read(va)
      local w = m.walk(va)
      m.bind {
        va = va, page_bytes = m.geometry().page, frame = w.frame, low = offset(va), top = index(va, 0),
        pa = w.pa, writable = w.flags.writable, who = { en = "the program", zh = "这个程序" }, kind = "code",
      }
      m.say {
        en = "{who} reads {va} = {va:hex} = {va:bin}.\n\nIts page of {page_bytes:size} lies in frame {frame:label}; offset {low:hex3}, root index {top:bin9}.",
        zh = "{who}读 {va} = {va:hex} = {va:bin}。\n\n这个 {page_bytes:size} 的页在页框 {frame:label}；偏移 {low:hex3}，根表索引 {top:bin9}。",
      }
      m.after { en = "Physical {pa:hex16}; writable: {writable}; area: {{{kind}}}.", zh = "物理地址 {pa:hex16}；可写：{writable}；区域：{{{kind}}}。" }
      m.expect(w.pa, w.frame * m.geometry().page + offset(va), "frame and offset make the address")
    end,
  },
}
