-- expect: error is not available to lessons
io.open("escaped", "w"):write("x")
