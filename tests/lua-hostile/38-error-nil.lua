-- expect: error called with a nil
error(nil)
