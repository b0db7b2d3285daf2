-- expect: error at most 200
table.unpack({}, math.mininteger, math.maxinteger)
