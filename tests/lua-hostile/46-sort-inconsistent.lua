-- expect: ok
local t = {}
for i = 1, 1000 do t[i] = i * 7919 % 1009 end
table.sort(t, function() return true end)
table.sort(t, function(a, b) return math.random(2) == 1 end)
local sum = 0
for i = 1, 1000 do sum = sum + t[i] end
local want = 0
for i = 1, 1000 do want = want + i * 7919 % 1009 end
assert(sum == want)
