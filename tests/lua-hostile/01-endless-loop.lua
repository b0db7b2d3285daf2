-- expect: limit ran out of instructions
while true do end
