-- expect: error is not available to lessons
local function nest() coroutine.wrap(nest)() end
nest()
