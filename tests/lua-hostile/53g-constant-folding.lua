-- expect: error
local x = 1 // 0 | 1 << (1 << 62)
