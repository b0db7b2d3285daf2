-- expect: limit ran out of instructions
local t = {}
for i = 1, 60000 do t[i] = "x" end
while true do table.concat(t) end
