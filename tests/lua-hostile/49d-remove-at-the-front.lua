-- expect: limit ran out of instructions
local t = {}
while true do
    for i = 1, 60000 do t[i] = i end
    while #t > 0 do table.remove(t, 1) end
end
