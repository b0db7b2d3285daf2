-- expect: error takes too long
("a"):rep(50000):match(".-b")
