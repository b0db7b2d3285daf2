-- expect: error called with a no value
error()
