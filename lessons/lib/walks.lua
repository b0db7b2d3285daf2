-- walks.lua - what lessons count in walks and page tables.
local W = {}

-- Entries read before the operation's first event of a kind.
function W.reads_before(r, event)
  local n = 0
  for _, e in ipairs(r.events) do
    if e.event == event then return n end
    if e.event == "walk_read" then n = n + 1 end
  end
  return n
end

-- Bits in groups of four, as hex digits have them.
function W.nibbles(v, digits)
  local text, out = bin(v, digits), {}
  for i = 1, #text, 4 do out[#out + 1] = text:sub(i, i + 3) end
  return table.concat(out, " ")
end

-- Bytes of one flat table for every address there is.
function W.flat(m)
  local g = m.geometry()
  return (1 << (g.va_bits - g.page_shift)) * g.entry_bytes
end

-- Ask how long it is. q: id, text, right, wrong (besides the two here), and what else a question has; {lines}, {entry}, {bits}, {page} and
-- {page_bits} must be bound (W.flat_words).
function W.ask_flat(q)
  q.answer = function(r) return W.flat(r.m) end
  q.format = "size"
  q.wrong[#q.wrong + 1] = {
    value = function(r) return r.m.geometry().entry_bytes == 4 and 2 * W.flat(r.m) or W.flat(r.m) // 2 end,
    because = { en = "The other machine's entries: here they have {entry} bytes.", zh = "那是另一种机器的项；这里一项 {entry} 字节。" },
  }
  q.wrong[#q.wrong + 1] = {
    value = function(r) return W.flat(r.m) // r.m.geometry().entry_bytes end,
    because = { en = "That is how many lines; each takes {entry} bytes.", zh = "这是行数，每行还要占 {entry} 字节。" },
  }
  q.hints = {
    { en = "First count the lines.", zh = "先数行数。" },
    { en = "{bits} bits, and a page has {page} bytes: how many pages?", zh = "地址 {bits} 位，一页 {page} 字节，一共多少页？" },
    { en = "{lines} lines times {entry} bytes.", zh = "{lines} 行，乘 {entry} 字节。" },
  }
  return q
end

function W.flat_words(m)
  local g = m.geometry()
  return {
    bits = g.va_bits, page = g.page, page_bits = g.va_bits - g.page_shift, entry = g.entry_bytes, lines = 1 << (g.va_bits - g.page_shift),
    rss = m.process().rss,
  }
end

-- Entries of a table.
function W.slots(m)
  local g = m.geometry()
  return g.page // g.entry_bytes
end

-- Where the entry of the root is that va's walk reads.
function W.root_slot(m, va)
  return m.process().root + index(va, 0) * m.geometry().entry_bytes
end

-- A few bytes into the nth page (from 0) of the process's area of a kind.
function W.inside(m, kind, nth)
  for _, area in ipairs(m.process().areas) do
    if area.kind == kind then return area.start + nth * m.geometry().page + 0x10 end
  end
end

-- The entry of a level (0 the root) on the way to va.
function W.entry(m, va, level) return m.walk(va).entries[level + 1] end

return W
