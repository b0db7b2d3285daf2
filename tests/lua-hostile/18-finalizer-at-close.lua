-- expect: error is not available to lessons
keep = setmetatable({}, {__gc = function() while true do end end})
