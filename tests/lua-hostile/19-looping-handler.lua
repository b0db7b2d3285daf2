-- expect: error is not available to lessons
xpcall(function() error("x") end, function() while true do end end)
