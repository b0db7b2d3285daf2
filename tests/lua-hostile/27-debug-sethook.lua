-- expect: error is not available to lessons
debug.sethook()
while true do end
