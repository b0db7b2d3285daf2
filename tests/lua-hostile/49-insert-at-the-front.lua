-- expect: limit ran out of instructions
local t = {}
while true do
    table.insert(t, 1, 0)
    if #t > 60000 then t = {} end
end
