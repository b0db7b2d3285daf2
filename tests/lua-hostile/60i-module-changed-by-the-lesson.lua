-- expect: error read-only
local m = use "good"
assert(m.three() == 3 and m == use "good")
m.three = nil
