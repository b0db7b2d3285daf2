-- expect: error is not available to lessons
local mt = {}
local t = setmetatable({}, mt)
mt.__len = function() return 1 << 60 end
table.insert(t, 1, "x")
