-- expect: error unfinished
local s = "abc
