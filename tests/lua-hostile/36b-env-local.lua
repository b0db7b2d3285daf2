-- expect: error nil value
local _ENV = {}
say("x")
