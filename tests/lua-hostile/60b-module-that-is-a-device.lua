-- expect: error regular file
use "zero"
