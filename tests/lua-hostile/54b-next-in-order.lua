-- expect: ok 1.5,2,10,a,b,c,~
local t = {c = 1, a = 1, b = 1, [10] = 1, [2] = 1, [1.5] = 1, ["~"] = 1}
local keys, k = {}, nil
repeat
    k = next(t, k)
    keys[#keys + 1] = k and tostring(k)
until k == nil
return table.concat(keys, ",")
