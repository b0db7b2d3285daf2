-- expect: error nested deeper
local function f() return 1 + f() end
f()
