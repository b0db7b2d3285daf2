-- expect: error is not available to lessons
local mm = {__mode = "v"}
mm.__newindex = setmetatable({}, mm)
local t = setmetatable({}, mm)
for i = 1, 1e7 do t[i] = {("x"):rep(1000)} end
