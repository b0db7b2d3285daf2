-- expect: limit ran out of instructions
use "loop"
