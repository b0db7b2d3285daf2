-- expect: ok table
return string.format("%s", {})
