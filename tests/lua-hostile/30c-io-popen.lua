-- expect: error is not available to lessons
io.popen("touch escaped")
