-- expect: error called with a table
error({})
