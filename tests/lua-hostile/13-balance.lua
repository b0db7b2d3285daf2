-- expect: error takes too long
("("):rep(60000):match("%b()")
