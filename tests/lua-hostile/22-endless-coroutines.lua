-- expect: error is not available to lessons
while true do coroutine.wrap(function() end)() end
