-- expect: error is not available to lessons
local mm = {}
mm.__newindex = setmetatable({}, mm)
local t = setmetatable({}, mm)
mm.__mode = "v"
for i = 1, 1e7 do t[i] = {("x"):rep(1000)} end
