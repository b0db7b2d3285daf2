-- expect: error is not available to lessons
local co
for _ = 1, 30000 do
    local inner = co
    co = coroutine.create(function()
        local x <close> = {__close = function() coroutine.close(inner) end}
        coroutine.yield()
    end)
    coroutine.resume(co)
end
coroutine.close(co)
