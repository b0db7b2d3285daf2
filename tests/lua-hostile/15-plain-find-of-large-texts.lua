-- expect: limit
local hay, needle = ("a"):rep(65536), ("a"):rep(32767) .. "b"
while true do hay:find(needle) end
