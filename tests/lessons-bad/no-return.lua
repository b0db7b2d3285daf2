-- expect: 0: a lesson's file ends with: return lesson { ... }
local l = lesson { id = "x" }
