-- expect: error nil value
local t = {} ; t["\27[31mred"]()
