-- expect: error only texts and numbers
table.concat({}, "", 1, 1e15)
