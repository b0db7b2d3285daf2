-- expect: error xxxxxxxx
error(("x"):rep(60000))
