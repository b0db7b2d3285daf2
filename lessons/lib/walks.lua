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
