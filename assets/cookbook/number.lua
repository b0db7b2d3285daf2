-- A number that is typed instead of chosen: number = true, no `wrong`. Any spelling counts: 4096, 0x1000, 4K. `format` says how the right answer
-- is shown: dec, hex, bin, label (a frame), size (4K), word.
return lesson {
  id = "number", part = "translation", machine = "x86-64", minutes = 2,
  title = { en = "Let a number be typed", zh = "让学习者输入数字" },
  steps = {
    step {
      title = { en = "Say how much", zh = "说说有多少" },
      view = "frames",
      text = { en = "This machine counts {frames} frames of {page:size}.", zh = "这台机器有 {frames} 个 {page:size} 的页框。" },
      bind = function(m) return { frames = m.geometry().frames, page = m.geometry().page } end,
      ask = {
        id = "memory", number = true, format = "size", kind = "arithmetic",
        text = { en = "How many bytes of memory is that?", zh = "一共是多少字节的内存？" },
        answer = function(r) return r.m.geometry().frames * r.m.geometry().page end,
        right = { en = "{answer}: frames times page size.", zh = "{answer}：页框数乘页的大小。" },
        hints = {
          { en = "Multiply.", zh = "相乘。" },
          { en = "A suffix like 4M is fine.", zh = "可以写成 4M 这样。" },
          { en = "{frames} times {page}.", zh = "{frames} 乘 {page}。" },
        },
      },
    },
  },
}
