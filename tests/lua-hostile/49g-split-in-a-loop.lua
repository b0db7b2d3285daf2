-- expect: limit
local s = ("a,"):rep(30000)
while true do s:split(",") end
