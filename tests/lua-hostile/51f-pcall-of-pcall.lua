-- expect: ok
local ok, message = pcall(pcall, pcall, pcall, error)
assert(ok)
