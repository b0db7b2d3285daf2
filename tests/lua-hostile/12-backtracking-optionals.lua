-- expect: error takes too long
("a"):rep(28):match(("a?"):rep(28) .. ("a"):rep(28))
