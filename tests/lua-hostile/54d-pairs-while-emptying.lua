-- expect: ok 3
local t, seen = {a = 1, b = 2, c = 3, d = 4}, 0
for k in pairs(t) do
    seen = seen + 1
    if k == "a" then t.c = nil end
    t[k] = nil
end
return tostring(seen)
