-- expect: error is not available to lessons
load("\27Lua\x54\0\x19\x93\r\n\x1a\n")()
