-- expect: error read-only
string.format = nil
say("x")
