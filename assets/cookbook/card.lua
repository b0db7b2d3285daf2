-- A misconception card: what people say, what is so, and a proof on the machine right before it.
return lesson {
  id = "card", part = "faults", machine = "x86-64", minutes = 2,
  title = { en = "A misconception and its proof", zh = "一个误解和它的反证" },
  steps = {
    function(m)
      m.title { en = "Ask for a lot", zh = "要很多内存" }
      m.view "frames"
      m.spawn()
      local before = m.free()
      local r = m.mmap(nil, "4M", "rw")
      m.bind { start = r.value, taken = before - m.free() }
      m.say { en = "The program asks for 4 MiB with mmap.", zh = "程序用 mmap 要了 4 MiB。" }
      m.after { en = "It got addresses from {start:hex} on, and {taken} frames.", zh = "它得到从 {start:hex} 开始的地址，以及 {taken} 个页框。" }
      m.card {
        claim = { en = "\"mmap takes memory.\"", zh = "“mmap 会占用内存。”" },
        truth = { en = "It takes addresses. Frames come with the first touch: {taken} were taken here.",
                  zh = "它占用的是地址。页框要到第一次触碰时才来：这里取了 {taken} 个。" },
      }
      m.expect(before - m.free(), 0, "mmap takes no frame")
    end,
  },
}
