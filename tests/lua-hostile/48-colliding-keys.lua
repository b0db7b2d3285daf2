-- expect: limit
local t, m = {}, (1 << 20) - 1
for k = 1, 1e7 do t[k * m] = k end
