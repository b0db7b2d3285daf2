-- expect: error unfinished
use "half"
