-- expect: error read-only
rawset(_ENV, "pcall", 1)
