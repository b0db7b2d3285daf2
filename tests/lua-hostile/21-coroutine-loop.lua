-- expect: error is not available to lessons
coroutine.wrap(function() while true do end end)()
