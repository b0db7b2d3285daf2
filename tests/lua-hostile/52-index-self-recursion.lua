-- expect: error is not available to lessons
local t = {}
setmetatable(t, {__index = t, __eq = rawequal, __concat = function(a, b) return a .. b end})
local _ = t.x
