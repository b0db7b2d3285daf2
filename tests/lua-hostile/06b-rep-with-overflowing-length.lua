-- expect: error longer than 65536 bytes
local s = ("xy"):rep((1 << 63) - 1, "ab")
