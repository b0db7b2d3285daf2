-- expect: error only texts and numbers
table.concat({}, "", math.maxinteger - 1, math.maxinteger)
