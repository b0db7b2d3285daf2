-- expect: error addresses
string.format("%p", {})
