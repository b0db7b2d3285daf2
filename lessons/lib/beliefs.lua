-- beliefs.lua - wrong choices that many lessons meet: a belief, what follows from it on this machine, and a sentence against it.
local B = {}

-- Where a walk looks; for questions before { "walk_read", n } or "translated".
B.LEFT = {
  quirk = "index-one-bit-left",
  because = { en = "You began one bit too far left.", zh = "你从偏左一位的地方切起了。" },
}
B.NINE = {
  quirk = "index-nine-bits",
  because = { en = "Nine bits at a time: that is a 64-bit machine, with entries twice as long.", zh = "每次取九位，那是 64 位机器，项也长一倍。" },
}
B.NO_OFFSET = {
  quirk = "offset-lost",
  because = { en = "The start of the frame: the offset got lost.", zh = "这是页框的起点，偏移丢了。" },
}
B.NOT_SHIFTED = {
  quirk = "frame-not-shifted",
  because = { en = "A frame number is not an address yet: it counts pages.", zh = "页框号还不是地址，它数的是页。" },
}

-- A walk that was not translated at all.
function B.untranslated(va)
  return { value = va, because = { en = "That is the virtual address: nobody has translated it.", zh = "这是虚拟地址，还没人翻译过。" } }
end

return B
