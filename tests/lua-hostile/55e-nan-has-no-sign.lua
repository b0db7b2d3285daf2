-- expect: ok nan nan
return tostring(0 / 0) .. " " .. string.format("%f", -(0 / 0))
