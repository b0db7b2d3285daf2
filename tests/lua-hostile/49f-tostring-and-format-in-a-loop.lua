-- expect: limit ran out of instructions
while true do string.format("%99.99f %s", 1e308, ("x"):rep(60000)) end
