-- expect: limit
local t = {}
for k = 1, 1e7 do t[k + 0.5] = t[(k >> 1) + 0.5] or k end
