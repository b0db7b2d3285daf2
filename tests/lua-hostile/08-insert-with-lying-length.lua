-- expect: error is not available to lessons
table.insert(setmetatable({}, {__len = function() return 1 << 60 end}), 1, "x")
