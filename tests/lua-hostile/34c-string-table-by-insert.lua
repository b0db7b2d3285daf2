-- expect: error read-only
table.insert(string, "owned")
