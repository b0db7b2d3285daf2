-- expect: error called without a text
error("", 0)
