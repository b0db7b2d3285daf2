-- expect: error is not available to lessons
error(setmetatable({}, {__tostring = function() while true do end end}))
