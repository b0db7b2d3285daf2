-- expect: limit
local a = ("x"):rep(32000)
while true do local _ = a .. a end
