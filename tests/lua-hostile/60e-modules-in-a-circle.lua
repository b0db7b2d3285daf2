-- expect: error uses itself
use "circle-a"
