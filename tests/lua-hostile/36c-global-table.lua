-- expect: error is not available to lessons
_G._G._G.os.exit(0)
