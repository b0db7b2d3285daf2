-- expect: ok 1.5,2,10,a,b,c,~
local t = {c = 1, a = 1, b = 1, [10] = 1, [2] = 1, [1.5] = 1, ["~"] = 1}
local keys = {}
for k in pairs(t) do keys[#keys + 1] = tostring(k) end
return table.concat(keys, ",")
