-- expect: ok table function true
return tostring({}) .. " " .. tostring(pairs) .. " " .. tostring(tostring({}) == tostring({}))
