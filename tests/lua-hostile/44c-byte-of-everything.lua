-- expect: error at most 200
("x"):rep(60000):byte(1, -1)
