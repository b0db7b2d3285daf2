-- expect: limit ran out of instructions
local function f()
    pcall(f)
    while true do end
end
f()
