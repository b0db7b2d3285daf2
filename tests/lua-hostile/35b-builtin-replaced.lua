-- expect: error built-in name
pcall = function(f) return f() end
