-- expect: ok
local t = {5, 4, 3, 2, 1}
table.sort(t, function(a, b) t[1], t[3] = nil, "x" return a < b end)
assert(table.concat(t, " ") == "1 2 3 4 5")
