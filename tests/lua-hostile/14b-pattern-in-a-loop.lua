-- expect: limit
local s, p = ("a"):rep(2000), ("a-"):rep(6) .. "b"
while true do pcall(s.match, s, p) end
