-- expect: error takes too long
(("a"):rep(30)):match((".-"):rep(20) .. "b")
