-- expect: limit too large
local function f(...)
    local a, b, c, d, e, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z
    return 1 + f(1, ...)
end
f()
