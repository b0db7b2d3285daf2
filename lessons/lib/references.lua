-- references.lua - strings of references as textbooks write them, and the process that makes them.
local R = {}

R.BASE = 0x10000000 -- where page 0 is: page n is line n of its page table on every x86
R.PAGES = 8

-- The textbooks' strings.
R.BELADY = { 1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5 }                                     -- Belady, Nelson, Shedler 1969
R.SILBERSCHATZ = { 7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1 }      -- Operating System Concepts, 10.4
R.TSINGHUA = { 0, 3, 2, 0, 1, 3, 4, 3, 1, 0, 3, 2, 1, 3, 4 }                         -- Tsinghua University, OS course, exercise 04-2

-- Page n of the string: where it is, and how a text names it.
function R.va(m, n) return R.BASE + n * m.geometry().page end

function R.name(n) return n and { en = "page " .. n, zh = n .. " 号页" } end

-- A process of its own that has the pages of a file to read and the string loaded, under a policy, with so many frames; it runs.
function R.open(m, file, string, policy, frames)
    local pid = m.spawn().value
    if m.pid() ~= pid then m.switch(pid) end -- it runs already when nobody else did
    m.mmap(R.BASE, R.PAGES * m.geometry().page, "r", "private", { file = file })
    m.string(R.BASE, string)
    if m.resident().policy ~= policy then m.set("policy", policy) end
    if m.field("resident_limit") ~= frames then m.set("resident_limit", frames) end
    return pid
end

-- A whole string from empty memory: which references faulted (true, by number), and how many (faults). A run of this machine: a process is
-- made for it and ended.
function R.run(m, string, policy, frames)
    local pid = R.open(m, "copy", string, policy, frames)
    local marks = R.marks(m.ref(#string))
    m.exit(pid)
    return marks
end

-- The same of an operation that made references.
function R.marks(r)
    local marks, at = { faults = 0 }, 0
    for _, e in ipairs(r.events) do
        if e.event == "reference" then
            at = at + 1
            marks[at] = false
        elseif e.event == "page_fault" then
            marks[at], marks.faults = true, marks.faults + 1
        end
    end
    return marks
end

-- Which page an operation evicted (the nth time), as a number of the string.
function R.victim(r, nth)
    local e = find(r, "victim_chosen", nth)
    return e and (page(e.va) - R.BASE) // r.m.geometry().page
end

-- Where the hand stands.
function R.hand(m)
    local ring = m.resident()
    return ring[ring.hand].page
end

-- The resident page that comes first by a member of m.resident: "used" is LRU's victim, "loaded" FIFO's.
function R.least(m, member)
    local best
    for _, page in ipairs(m.resident()) do
        if not best or page[member] < best[member] then best = page end
    end
    return best.page
end

return R
