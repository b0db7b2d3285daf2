-- expect: 0: a lesson's file ends with: return lesson { ... }
return { id = "x" }
