-- expect: limit ran out of instructions
::again:: goto again
