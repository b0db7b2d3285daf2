-- expect: error longer than 65536 bytes
string.rep("", 1 << 62, ",")
