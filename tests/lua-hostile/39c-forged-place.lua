-- expect: error forged
error("/etc/passwd:1: forged", 0)
