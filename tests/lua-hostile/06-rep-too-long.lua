-- expect: error longer than 65536 bytes
local s = ("x"):rep(10000000000)
