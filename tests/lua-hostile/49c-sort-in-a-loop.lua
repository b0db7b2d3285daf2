-- expect: limit ran out of instructions
local t = {}
for i = 1, 60000 do t[i] = i * 7919 % 60013 end
while true do table.sort(t) end
