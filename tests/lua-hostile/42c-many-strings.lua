-- expect: limit memory
local t = {}
for i = 1, 1e9 do t[i] = ("x"):rep(60000) .. i end
