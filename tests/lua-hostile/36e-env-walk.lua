-- expect: ok
for name, value in pairs(_ENV) do
    assert(name ~= "os" and name ~= "io" and name ~= "debug" and name ~= "load", name)
    if type(value) == "table" then
        for member in pairs(value) do assert(member ~= "dump" and member ~= "gsub", member) end
    end
end
