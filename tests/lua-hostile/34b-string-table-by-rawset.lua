-- expect: error read-only
rawset(string, "rep", function() return "owned" end)
