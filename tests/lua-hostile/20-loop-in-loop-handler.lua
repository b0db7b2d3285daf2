-- expect: error is not available to lessons
local function loop() while true do end end
xpcall(loop, loop)
