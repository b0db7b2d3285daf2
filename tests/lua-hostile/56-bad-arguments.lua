-- expect: ok
for _, bad in ipairs({-1, 256, 1 << 62, 0.5, 0 / 0, 1e300, "0x", "", {}, false}) do
    local ok, message = pcall(host.byte_only, bad)
    assert(not ok and type(message) == "string", tostring(bad))
end
assert(host.byte_only(255) == 255 and host.byte_only("7") == 7)
