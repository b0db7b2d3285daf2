-- expect: limit
local a, b = ("x"):rep(65000) .. "a", ("x"):rep(65000) .. "b"
while true do local _ = a == b end
