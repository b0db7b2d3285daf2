-- expect: error is not available to lessons
getmetatable("").__index = nil
