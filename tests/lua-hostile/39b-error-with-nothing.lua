-- expect: error called without a text
error("\0; nothing of it is read", 0)
