-- expect: ok
say("\27[2J")
say("\u{9b}2J")
say("\u{202e}abc")
say("a\0b")
say("\xff")
say("e" .. ("\u{301}"):rep(10000))
