-- others.lua - what x86-64 would do in the place of another CPU: the answers of somebody who knows that one.
local F = use "faults"
local O = {}

-- The entry of x86-64 that grants what m.walk found (SDM vol. 3A, table 4-20).
function O.x86_entry(walk)
    local f = walk.flags
    local function bit(set, n) return set and 1 << n or 0 end
    return walk.frame << 12 | 1 | bit(f.writable, 1) | bit(f.user, 2) | bit(f.accessed, 5) | bit(f.dirty, 6) | bit(f.global, 8) | bit(f.nx, 63)
end

-- An entry read as x86-64 reads one: the frame's address in bits 51:12.
function O.x86_base(entry) return entry & 0xffffffffff000 end

-- The error code of x86 for a program's access.
O.X86_READ_ABSENT, O.X86_WRITE_ABSENT = F.U, F.U | F.W
O.X86_READ_PRESENT, O.X86_WRITE_PRESENT = F.U | F.P, F.U | F.W | F.P

-- What an access came to.
O.OUTCOMES = {
    done = { en = "it gets its byte", zh = "读到那个字节" },
    fault = { en = "a page fault", zh = "缺页异常" },
    general = { en = "#GP", zh = "#GP" },
}

function O.outcome(r)
    if find(r, "general_fault") then
        return "general"
    end
    return find(r, "page_fault") and "fault" or "done"
end

-- Who set A (and D) of the page that was used.
O.MARKERS = {
    mmu = { en = "the MMU sets A, and the read goes on", zh = "MMU 置上 A，读照常进行" },
    kernel = { en = "a fault, and the kernel sets A", zh = "触发异常，由内核置上 A" },
    nobody = { en = "it is read, and A stays 0", zh = "照常读到，A 仍是 0" },
}

function O.marker(r)
    if find(r, "page_fault") then
        return "kernel"
    end
    return find(r, "entry_mark") and "mmu" or "nobody"
end

return O
