-- expect: error nil value
table.move({}, 1, 1 << 62, 2)
