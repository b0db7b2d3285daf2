-- expect: error 1 to 64 of a-z
use "../../../etc/passwd"
