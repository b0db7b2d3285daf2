-- expect: error is not available to lessons
setmetatable({}, {__gc = function() while true do end end})
collectgarbage()
