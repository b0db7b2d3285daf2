-- expect: error at most 200
table.unpack({}, 1, 1e6)
