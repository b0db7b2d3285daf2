-- expect: error regular file
use "fifo"
