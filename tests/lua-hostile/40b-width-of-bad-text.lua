-- expect: ok
assert(("\xff\xff"):width() == 2)
assert(#("\xff"):pad(10) == 10)
