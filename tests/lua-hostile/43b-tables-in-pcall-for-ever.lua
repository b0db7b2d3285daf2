-- expect: limit memory
while true do
    pcall(function()
        local t = {}
        while true do t = {t, {}, {}, {}} end
    end)
end
