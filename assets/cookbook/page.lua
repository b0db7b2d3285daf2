-- The smallest whole lesson: one page as data. `prepare` sets the stage unseen, `run` is what the page shows event by event, `bind` gives the
-- texts their values, `after` is told when the last event has been seen.
return lesson {
  id = "page", part = "translation", machine = "x86-64", minutes = 1,
  title = { en = "A page written as data", zh = "用数据写一页" },
  steps = {
    step {
      title = { en = "The first read", zh = "第一次读" },
      view = "layout",
      prepare = function(m) m.spawn() end,
      bind = function(m) return { va = m.process().areas[1].start, frames = m.free() } end,
      run = function(m) m.read(m.process().areas[1].start) end,
      text = { en = "{frames} frames are free. The program reads one byte at {va:hex}.",
               zh = "还有 {frames} 个空闲页框。程序读 {va:hex} 处的一个字节。" },
      after = { en = "Now there is memory behind this address.", zh = "现在这个地址背后有内存了。" },
      note = { en = "Ask the room who took the frame.", zh = "问问大家：页框是谁取走的？" },
    },
  },
}
