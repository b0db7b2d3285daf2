-- expect: error takes too long
("("):rep(60000):find("%b()", 1, false)
