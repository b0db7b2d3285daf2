-- expect: error compiled Lua
use "bytecode"
