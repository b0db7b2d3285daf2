-- memory-types.lua - may these bytes be kept? What firmware and kernel say about memory, and what caches make of it (SDM vol. 3A, "Memory Cache
-- Control": methods of caching, MTRRs, PAT). One page of memory stands for the registers of a network card.
local BASE = 0x10000000
local BUFFER, CARD, LOG = 0, 1, 2       -- pages from BASE on
local PAGES = 4
local N = 100                           -- loads in a row
local PWT, PCD, PAT = 1 << 3, 1 << 4, 1 << 7
local UC_BITS = PCD | PWT
local MTRRS_ON, RANGE_COUNTS = 1 << 11, 1 << 11
local UC = 0
local POWER_ON = 0x0007040600070406
local WB_IN_6 = 0x0006040600070406      -- the PAT with WB where UC- was
local WC_IN_1 = 0x0007040600070106      -- the PAT with WC where WT was, as Linux has it
local PHYSICAL = 0                      -- l1_index: no virtual sets in this lesson
local RING, AGAIN = 0x42, 0x43

local function page_of(m, n) return BASE + n * m.geometry().page end

local function leaf(m, va)
    local w = m.walk(va)
    return w.entries[#w.entries]
end

-- The kernel gives an entry other bits; the TLB hears of it only with INVLPG.
local function mark(m, e, bits) m.poke(e.pa, le(e.value & ~(PWT | PCD | PAT) | bits, 1)) end

local function retype(m, va, bits)
    mark(m, leaf(m, va), bits)
    m.invlpg(va)
end

-- Reads that no cache answered: each took memory's time itself.
local function past(r, event)
    local n = 0
    for _, e in ipairs(r.events) do
        if e.event == event and e.cycles > 0 then n = n + 1 end
    end
    return n
end

-- Reads of memory for data: those, and those that brought a line.
local function from_memory(r) return past(r, "data_read") + past(r, "line_fill") end

local function same(page)
    local list = {}
    for i = 1, N do list[i] = page end
    return list
end

local function join(a, b)
    for _, v in ipairs(b) do a[#a + 1] = v end
    return a
end

local TYPES = {}
for _, name in ipairs { "UC", "WC", "WT", "WP", "WB" } do TYPES[name] = { en = name, zh = name } end

local function type_of(page)
    return function(r) return r.m.walk(page_of(r.m, page)).type end
end

local WHO = {
    cache = { en = "L1", zh = "L1" },
    memory = { en = "memory", zh = "内存" },
    fault = { en = "nobody: a page fault", zh = "谁也不答：缺页" },
}

local function who_answers(r)
    if find(r, "page_fault") then return "fault" end
    return past(r, "data_read") > 0 and "memory" or "cache"
end

local GETS = {
    old = { en = "the byte from before", zh = "之前的字节" },
    new = { en = "the card's byte", zh = "网卡写的字节" },
    neither = { en = "ones: nobody answers", zh = "全 1：没人应答" },
}

local WHERE = {
    line = { en = "in the line only", zh = "只在缓存行里" },
    memory = { en = "in memory only", zh = "只在内存里" },
    both = { en = "in both", zh = "两边都有" },
}

local function where_is(m, pa, value)
    local kept = false
    for _, l in ipairs(m.cache()) do kept = kept or l.pa == pa end
    if m.word(pa, 1) ~= value then return "line" end
    return kept and "both" or "memory"
end

local READS = {
    PML4 = { en = "the PML4's", zh = "读 PML4 那次" },
    PDPT = { en = "the PDPT's", zh = "读 PDPT 那次" },
    PD = { en = "the PD's", zh = "读 PD 那次" },
    PT = { en = "the PT's", zh = "读 PT 那次" },
    data = { en = "the byte's", zh = "读数据那次" },
}

-- The first read that took memory's time.
local function which_past(r)
    for _, e in ipairs(r.events) do
        if e.event == "walk_read" and e.cycles > 0 then return r.m.geometry().levels[e.level + 1].name end
    end
    return "data"
end

return lesson {
    id = "memory-types",
    part = "tlb",
    title = { en = "May this byte be kept?", zh = "这个字节，能留吗？" },
    rows = { "B22" },
    needs = { "vipt" },
    machine = "vipt",
    minutes = 14,
    steps = {
        step { -- 1
            title = { en = "A byte that changes by itself", zh = "自己会变的字节" },
            view = "memory-types",
            prepare = function(m)
                m.set("l1_index", PHYSICAL)
                m.spawn()
                m.mmap(BASE, PAGES * m.geometry().page, "rw")
                for n = 0, PAGES - 1 do m.write(page_of(m, n), 0, { size = 1 }) end
                m.string(BASE, join(same(CARD), same(BUFFER)))
                m.clflush(page_of(m, BUFFER))
                retype(m, page_of(m, CARD), UC_BITS)
                m.read(page_of(m, CARD), { size = 1 })
            end,
            bind = function(m) return { va = page_of(m, CARD), n = N, line = m.geometry().cache_line } end,
            text = {
                en = "Let the frame of {va:hex} stand for a network card: its byte changes when a packet comes, and no cache would notice. So the kernel has set PCD and PWT in the page's entry. The TLB knows the page; the driver loads the byte {n} times.",
                zh = "让 {va:hex} 那一页的页框充当一块网卡：来了数据包，那个字节自己就变，缓存可不知道。所以内核在它的页表项里置了 PCD 和 PWT。TLB 认得这一页，驱动把这个字节连读 {n} 遍。",
            },
            ask = {
                id = "uc-loads",
                op = { "ref", N },
                before = { "translated", 1 },
                text = { en = "How many of these loads does the cache answer?", zh = "其中几次由缓存回答？" },
                answer = function(q) return count(q, "data_read") - past(q, "data_read") end,
                wrong = {
                    { value = N - 1, because = { en = "The first brings a line, the others find it: so it is with ordinary memory. The driver would see the first answer for ever.", zh = "头一次取来一行，后面都命中：普通内存才这样。驱动就会永远看到第一次的答案。" } },
                    { value = 1, because = { en = "One that knows the byte would answer all the others, too.", zh = "要是有一次答得上来，后面就全答得上来。" } },
                    { value = function(q) return q.m.geometry().cache_line end, because = { en = "A line has {line} bytes, but each load wants the same one.", zh = "一行是有 {line} 字节，可每次读的都是同一个。" } },
                },
                right = { en = "None. UC, uncacheable: slow, and always true. Let the loads pass and watch the counts: reads, and no fill.", zh = "一次也没有。这叫 UC，不可缓存：慢，但句句是真的。往下走，看计数：只有读，没有填充。" },
                hints = {
                    { en = "What would a kept copy be worth?", zh = "留一份副本，有用吗？" },
                    { en = "PCD means page-level cache disable.", zh = "PCD 的意思是“这一页禁用缓存”。" },
                    { en = "None of them leaves anything for the next.", zh = "哪一次都没给下一次留下什么。" },
                },
            },
        },
        function(m) -- 2
            local va = page_of(m, BUFFER)
            m.title { en = "The same for memory", zh = "换成普通内存" }
            m.view "memory-types"
            m.read(va, { size = 1 })
            m.clflush(va)
            m.bind { va = va, n = N, line = m.geometry().cache_line, miss = m.field("dram_cycles"), hit = m.field("cache_cycles") }
            m.say {
                en = "{va:hex} is a page of ordinary memory, with none of the bits. Its line was just thrown out of the cache. The program loads that byte {n} times.",
                zh = "{va:hex} 是一页普通内存，那几位都没置。它那一行刚从缓存里清出去。程序同样连读 {n} 遍。",
            }
            local r = m.ask {
                id = "wb-loads",
                op = { "ref", N },
                before = { "translated", 1 },
                text = { en = "How often is memory read now?", zh = "这回读了几次内存？" },
                answer = from_memory,
                wrong = {
                    { value = N, because = { en = "That was the card. Here the first load leaves a line behind.", zh = "那是网卡。这里头一次就留下了一行。" } },
                    { value = 0, because = { en = "Somebody has to bring the line: the first load.", zh = "总得有人把这一行取来：就是头一次。" } },
                    { value = function(q) return q.m.geometry().cache_line end, because = { en = "The {line} bytes of a line come in one piece.", zh = "一行 {line} 字节是整块取来的。" } },
                },
                right = { en = "Once; one line came in. This type is WB, write-back, and nearly all memory has it.", zh = "一次，填了一行。这种类型叫 WB，写回，内存差不多都是它。" },
                hints = {
                    { en = "Who finds what the first load brought?", zh = "头一次取来的，后面谁用得上？" },
                    { en = "One miss, then hits.", zh = "一次未命中，之后全命中。" },
                    { en = "One line.", zh = "一行。" },
                },
            }
            m.bind { cycles = r.cycles }
            m.after {
                en = "All {n} together took {cycles} cycles. A single load of the card takes {miss}.",
                zh = "{n} 次加起来 {cycles} 个周期。网卡那边，一次就要 {miss} 个。",
            }
        end,
        function(m) -- 3
            local va = page_of(m, LOG)
            m.title { en = "Three bits, eight answers", zh = "三位，选八个" }
            m.view "memory-types"
            retype(m, va, PAT | PCD)
            m.bind { va = va }
            m.say {
                en = "No bit of an entry says UC. Three bits are a number, PAT the highest, then PCD, then PWT. It chooses one of eight types in a register that is called PAT too. At {va:hex} the kernel has set PAT and PCD.",
                zh = "页表项里没有哪一位写着 UC。三位合成一个数：PAT 最高，其次 PCD，再次 PWT。用它到一个也叫 PAT 的寄存器里，从八个类型中选一个。内核给 {va:hex} 那一页置了 PAT 和 PCD。",
            }
            m.ask {
                id = "pat-index",
                op = { "read", va, { size = 1 } },
                before = "data_read",
                text = { en = "Which entry of the register does that page choose?", zh = "这一页选中寄存器的第几项？" },
                answer = function(r)
                    local v = leaf(r.m, va).value
                    return bits(v, 7) << 2 | bits(v, 4) << 1 | bits(v, 3)
                end,
                wrong = {
                    { value = function(r) return leaf(r.m, va).value & (PAT | UC_BITS) end, because = { en = "That is what they weigh in the entry, as bits 7 and 4. Here there are three bits only.", zh = "那是它们在页表项里第 7、4 位的分量。这里总共只有三位。" } },
                    { value = 3, because = { en = "From the wrong end: PWT is the lowest.", zh = "方向反了：PWT 才是最低位。" } },
                    { value = 2, because = { en = "In an upper entry bit 7 means a large page. In the last level it is PAT, and counts.", zh = "在上级表项里，第 7 位表示大页；在最后一级它就是 PAT，要算。" } },
                },
                right = { en = "1 1 0. The firmware left UC- there, a UC that gives way to a WC of the MTRRs; entry 0, for pages without the bits, is WB.", zh = "1 1 0。上电时那里是 UC-，遇到 MTRR 的 WC 会让步的 UC；三位全 0 的页选第 0 项，是 WB。" },
                hints = {
                    { en = "The pane shows the three bits in that order.", zh = "面板里三位就按这个次序写着。" },
                    { en = "Read them as a binary number.", zh = "当二进制数念。" },
                    { en = "PAT counts four, PCD two, PWT one.", zh = "PAT 算四，PCD 算二，PWT 算一。" },
                },
            }
            m.set("pat", WB_IN_6)
            m.read(va, { size = 1 })
            m.expect(who_answers(m.read(va, { size = 1 })), "cache")
            m.set("pat", POWER_ON)
            m.card {
                claim = { en = "PCD = 1 means: not cached.", zh = "PCD = 1 就是不缓存。" },
                truth = {
                    en = "It is one bit of a number; what stands there is up to the PAT. After the question WB stands there for two loads, and L1 answers the second.",
                    zh = "它只是号码里的一位，那一项是什么，由 PAT 定。问完之后，那里换成 WB 读了两次，第二次就是 L1 答的。",
                },
            }
        end,
        function(m) -- 4
            local va = page_of(m, CARD)
            local pa = m.walk(va).pa
            m.title { en = "The doorbell nobody hears", zh = "没人听见的门铃" }
            m.view "memory-types"
            m.write(va, 0, { size = 1 })
            retype(m, va, 0)
            m.read(va, { size = 1 })
            m.bind { va = va, pa = pa, ring = RING, again = AGAIN }
            m.say {
                en = "A driver that forgot the bits: the card's page is WB now. To say that there is work, it stores {ring:hex} to the card's doorbell at {va:hex}, physical {pa:hex}.",
                zh = "有个驱动忘了置那几位，网卡这一页成了 WB。驱动想说“有活了”，就往 {va:hex}（物理地址 {pa:hex}）的门铃寄存器写 {ring:hex}。",
            }
            m.ask {
                id = "doorbell",
                op = { "write", va, RING, { size = 1 } },
                format = "hex",
                text = { en = "What does the card hold right after the store?", zh = "刚写完，网卡里是什么？" },
                answer = function(r) return r.m.word(pa, 1) end,
                wrong = {
                    { value = RING, because = { en = "It is in a dirty line of L1. The card hears of it when the line must leave, perhaps never.", zh = "它在 L1 的脏行里。等这一行要让位网卡才听得到，也许永远等不到。" } },
                    { value = 0xff, because = { en = "Ones are what an address gives that nobody answers. This one is answered, by the cache.", zh = "没人应答的地址才读出全 1。这个有人应答：缓存。" } },
                    { value = AGAIN, because = { en = "Nobody has stored that yet.", zh = "还没人写过这个数。" } },
                },
                right = { en = "What it had. A store that waits is fine for memory, and silence for a device.", zh = "还是原来的。写了先放着，对内存没事，对设备就等于没说。" },
                hints = {
                    { en = "Where does a store to WB memory end?", zh = "往 WB 内存写，写到哪儿为止？" },
                    { en = "In the line. D, dirty, is set there.", zh = "写到缓存行里，置上脏位 D。" },
                    { en = "The card has not been told.", zh = "没人告诉网卡。" },
                },
            }
            retype(m, va, UC_BITS)
            m.write(va, AGAIN, { size = 1 })
            m.expect(m.word(pa, 1), AGAIN, "a store to UC memory arrives")
            m.bind { card = m.word(pa, 1) }
            m.after { en = "With the bits back in the entry, the next store is in the card at once: {card:hex}.", zh = "把那几位置回去，下一次写马上就到了网卡：{card:hex}。" }
        end,
        function(m) -- 5
            local va = page_of(m, LOG)
            local pa = m.walk(va).pa
            m.title { en = "Between the two", zh = "两者之间" }
            m.view "memory-types"
            retype(m, va, PWT)
            m.read(va, { size = 1 })
            m.bind { va = va, ring = RING }
            m.say {
                en = "The page at {va:hex} has PWT alone: entry 1 of the PAT, WT, write-through. Its line is in the cache. Now the program stores {ring:hex} there.",
                zh = "{va:hex} 那一页只置了 PWT：选 PAT 第 1 项，WT，直写。它那一行在缓存里。现在程序往那里写 {ring:hex}。",
            }
            m.ask {
                id = "write-through",
                op = { "write", va, RING, { size = 1 } },
                text = { en = "Where is the new byte afterwards?", zh = "写完之后，新字节在哪儿？" },
                answer = function(r) return where_is(r.m, pa, RING) end,
                words = WHERE,
                wrong = {
                    { value = "line", because = { en = "That is WB.", zh = "那是 WB。" } },
                    { value = "memory", because = { en = "That is WP: kept for reading only, and a store drops the line.", zh = "那是 WP：只为读而缓存，一写就丢掉那一行。" } },
                },
                right = { en = "Loads are fast, and memory is never old. Each store pays for it.", zh = "读得快，内存也从不过时。代价由每次写来付。" },
                hints = {
                    { en = "Through what does the store go?", zh = "“直写”，穿过谁写下去？" },
                    { en = "It goes through the cache and changes the line on its way.", zh = "穿过缓存，顺路把那一行也改了。" },
                    { en = "Line and memory agree.", zh = "缓存行和内存是一致的。" },
                },
            }
        end,
        function(m) -- 6
            local va, g = page_of(m, CARD), m.geometry()
            local pa = m.walk(va).pa
            m.title { en = "Who was here first", zh = "谁先来的" }
            m.view "memory-types"
            retype(m, va, 0)
            m.set("mtrr_physbase0", page(pa) | UC)
            m.set("mtrr_physmask0", (1 << g.maxpa) - g.page | RANGE_COUNTS)
            m.bind { va = va, frame = page(pa), size = g.page }
            m.say {
                en = "The firmware ran before the kernel, and knows where the card is. It has MTRRs, registers that give types to physical addresses: {frame:hex}, {size} bytes, UC. The driver's entry for {va:hex} still chooses WB.",
                zh = "固件比内核先跑，知道网卡在哪儿。它有 MTRR：按物理地址规定类型的寄存器。{frame:hex} 起 {size} 字节，UC。驱动给 {va:hex} 的表项选的仍是 WB。",
            }
            m.ask {
                id = "mtrr",
                op = { "read", va, { size = 1 } },
                before = "data_read",
                text = { en = "The entry says WB, the MTRR says UC. What is it?", zh = "表项说 WB，MTRR 说 UC。到底是哪个？" },
                answer = type_of(CARD),
                words = TYPES,
                wrong = {
                    { value = "WB", because = { en = "WB is entry 0, which a page has that asks for nothing. It does not overrule anybody.", zh = "WB 是第 0 项，什么都没要求的页就落到它。它压不过别人。" } },
                    { value = "WT", because = { en = "There is no middle between two opinions.", zh = "两种意见不取中间。" } },
                    { value = "WC", because = { en = "Neither of them said so.", zh = "两边谁也没这么说。" } },
                },
                right = { en = "The table in the pane: the row is the MTRR's, the column the PAT's. The forgetful driver is saved.", zh = "看面板里的表：行按 MTRR，列按 PAT。忘事的驱动得救了。" },
                hints = {
                    { en = "Whose mistake would be worse?", zh = "听谁的，错了更要命？" },
                    { en = "Row UC, column WB.", zh = "UC 那一行，WB 那一列。" },
                    { en = "The stricter one.", zh = "取更严的。" },
                },
            }
        end,
        function(m) -- 7
            local va = page_of(m, CARD)
            m.title { en = "The exception", zh = "例外" }
            m.view "memory-types"
            m.set("pat", WC_IN_1)
            retype(m, va, PWT)
            m.bind { va = va, pat = m.field("pat") }
            m.say {
                en = "Now the frame is a picture on a graphics card: a thousand stores in a row, and their order does not matter. The kernel has put WC, write-combining, into entry 1 of the PAT, as Linux does, and set PWT alone. The MTRR still says UC.",
                zh = "现在把这一页当成显卡上的画面：一连上千次写，次序无所谓。内核像 Linux 那样，把 WC（写合并）放进 PAT 第 1 项，表项里只置 PWT。MTRR 还是说 UC。",
            }
            m.ask {
                id = "wc",
                op = { "read", va, { size = 1 } },
                before = "data_read",
                text = { en = "What is the page at {va:hex} now?", zh = "{va:hex} 这一页现在是什么类型？" },
                answer = type_of(CARD),
                words = TYPES,
                wrong = {
                    { value = "UC", because = { en = "“The stricter wins” is a good rule. This is the cell where it fails.", zh = "“取更严的”是条好规矩，偏偏在这一格不灵。" } },
                    { value = "WT", because = { en = "Entry 1 was WT; it was rewritten. The bits are a number, not a name.", zh = "第 1 项原来是 WT，已经改写了。那三位只是号码，不是名字。" } },
                    { value = "WB", because = { en = "That is entry 0.", zh = "那是第 0 项。" } },
                },
                right = { en = "Column WC is WC everywhere: not kept, and only the kernel knows that order does not matter. With UC- it is the MTRR's WC that wins.", zh = "WC 那一列处处是 WC：反正不缓存，而次序要不要紧，只有内核知道。反过来，UC- 则让位给 MTRR 的 WC。" },
                hints = {
                    { en = "Find the column first.", zh = "先找列。" },
                    { en = "PWT alone is entry 1. What stands there now?", zh = "只有 PWT，就是第 1 项。那里现在是什么？" },
                    { en = "Row UC, column WC.", zh = "UC 那一行，WC 那一列。" },
                },
            }
        end,
        function(m) -- 8
            local va = page_of(m, BUFFER)
            m.title { en = "The TLB remembers that, too", zh = "TLB 连这个也记着" }
            m.view "memory-types"
            m.read(va, { size = 1 })
            mark(m, leaf(m, va), UC_BITS)
            m.bind { va = va }
            m.say {
                en = "A kernel in a hurry sets PCD and PWT in the entry of {va:hex}, the page of memory, and does no INVLPG. Its line is in the cache. The program loads the byte.",
                zh = "内核一着急，在普通内存 {va:hex} 的表项里置了 PCD 和 PWT，却没做 INVLPG。它那一行在缓存里。程序来读。",
            }
            m.ask {
                id = "stale-type",
                op = { "read", va, { size = 1 } },
                before = "translated",
                text = { en = "Who answers?", zh = "谁来回答？" },
                answer = who_answers,
                words = WHO,
                wrong = {
                    { value = "memory", because = { en = "So says the entry, but nobody has read it: the TLB hit.", zh = "表项是这么说，可没人去读它：TLB 命中了。" } },
                    { value = "fault", because = { en = "A type is no right: nothing is forbidden.", zh = "类型不是权限，没有谁被禁止。" } },
                },
                right = { en = "The TLB keeps the three bits with the frame, and a copy gets old. The pane says both numbers.", zh = "TLB 把三位和页框一起记下，副本就会过时。面板里两个号码都写着。" },
                hints = {
                    { en = "Who reads the entry in this access?", zh = "这次访问，谁去读表项？" },
                    { en = "Is there a walk?", zh = "要走表吗？" },
                    { en = "The old bits are in the TLB, and choose WB.", zh = "旧的三位还在 TLB 里，选的是 WB。" },
                },
            }
            m.invlpg(va)
            m.expect(who_answers(m.read(va, { size = 1 })), "memory")
            m.after { en = "After INVLPG the same load goes to memory: see the last event.", zh = "做了 INVLPG 再读，就到内存去了：看最后一个事件。" }
        end,
        function(m) -- 9
            local va = page_of(m, BUFFER)
            m.title { en = "How are tables read?", zh = "页表自己怎么读？" }
            m.view "memory-types"
            retype(m, va, 0)
            m.read(va, { size = 1 })
            m.set("cr3", m.field("cr3") | UC_BITS)
            m.bind { va = va, levels = #m.geometry().levels }
            m.say {
                en = "The MMU reads tables through the cache, and CR3 has bits PCD and PWT as well. The kernel has just set them. All entries on the way of {va:hex} are in the cache, without the bits.",
                zh = "MMU 读页表也经过缓存，而 CR3 里同样有 PCD、PWT 两位，内核刚把它们置上。去往 {va:hex} 的各级表项都在缓存里，那两位都是 0。",
            }
            m.ask {
                id = "cr3-reads",
                op = { "read", va, { size = 1 } },
                before = { "walk_start", 1 },
                text = { en = "How many of the walk's {levels} reads go past the cache?", zh = "走表要读 {levels} 次，几次绕过缓存？" },
                answer = function(r) return past(r, "walk_read") end,
                wrong = {
                    { value = function(r) return #r.m.geometry().levels end, because = { en = "CR3 speaks of the table it names, and of no other.", zh = "CR3 只管它指着的那张表，别的不管。" } },
                    { value = 0, because = { en = "Tables are memory, and have types like all memory.", zh = "页表也是内存，一样有类型。" } },
                    { value = function(r) return #r.m.geometry().levels + 1 end, because = { en = "The byte is no table, and the page's own entry says WB.", zh = "那个字节不是表，它那一页的表项说的是 WB。" } },
                },
                right = { en = "The root's. Whoever names a table says how it is read. There is no PAT bit for it, so only entries 0 to 3 can be chosen.", zh = "读根那一次。谁指着一张表，谁就说它怎么读。这里没有 PAT 位，只能选第 0 到 3 项。" },
                hints = {
                    { en = "Who names the PML4? Who names the PDPT?", zh = "谁指着 PML4？谁指着 PDPT？" },
                    { en = "For the others the bits stand in the entry above, and are 0.", zh = "别的表，那两位在上一级的表项里，都是 0。" },
                    { en = "The PML4 only.", zh = "只有 PML4。" },
                },
            }
        end,
        function(m) -- 10
            local va = page_of(m, BUFFER)
            m.title { en = "One entry up", zh = "上一级的表项" }
            m.view "memory-types"
            m.set("cr3", m.field("cr3") & ~UC_BITS)
            m.read(va, { size = 1 })
            local upper = m.walk(va).entries[#m.geometry().levels - 1]
            mark(m, upper, UC_BITS)
            m.flush()
            m.bind { va = va, table = upper.table, index = upper.index }
            m.say {
                en = "CR3 is as before. This time the bits are set in {table}[{index}], the entry that names the last table, and the TLB was flushed. The program loads {va:hex} again.",
                zh = "CR3 恢复原样。这回那两位置在 {table}[{index}] 里，它指着最后一级表；TLB 也清空了。程序再读 {va:hex}。",
            }
            m.ask {
                id = "upper-entry",
                op = { "read", va, { size = 1 } },
                before = { "walk_start", 1 },
                text = { en = "Which read goes past the cache?", zh = "哪一次读绕过缓存？" },
                answer = which_past,
                words = READS,
                wrong = {
                    { value = "PD", because = { en = "The bits stand in it; they are not about it.", zh = "那两位放在它里面，说的却不是它。" } },
                    { value = "data", because = { en = "W and U are handed down; types are not. The page's own entry says WB.", zh = "W、U 逐级往下传，类型不传。那一页自己的表项说的是 WB。" } },
                    { value = "PML4", because = { en = "CR3 says that, and its bits are 0 again.", zh = "那归 CR3 说，它的两位已经清了。" } },
                },
                right = { en = "Exactly one step further down. The same bits in the last entry would be about the page.", zh = "刚好再往下一步。同样两位放在最后一级的表项里，说的才是页本身。" },
                hints = {
                    { en = "What does this entry name?", zh = "这个表项指着什么？" },
                    { en = "It says how that is read.", zh = "它说的就是那个东西怎么读。" },
                    { en = "The last table.", zh = "最后一级表。" },
                },
            }
        end,
        function(m) -- 11
            local va = page_of(m, BUFFER)
            m.title { en = "The big switch", zh = "总开关" }
            m.view "memory-types"
            mark(m, m.walk(va).entries[#m.geometry().levels - 1], 0)
            m.flush()
            m.read(va, { size = 1 })
            m.string(nil, same(BUFFER))
            m.set("cr0.cd", 1)
            m.bind { va = va, n = N }
            m.say {
                en = "There is one bit for all: CR0.CD, cache disable. It is 1 now. {va:hex} is WB again, and its line is in the cache.",
                zh = "还有一位管全部：CR0.CD，禁用缓存。现在它是 1。{va:hex} 又是 WB 了，它那一行在缓存里。",
            }
            m.ask {
                id = "cd-hit",
                op = { "read", va, { size = 1 } },
                before = "translated",
                text = { en = "Who answers?", zh = "谁来回答？" },
                answer = who_answers,
                words = WHO,
                wrong = {
                    { value = "memory", because = { en = "And if the line were dirty? Memory would be older than what the program wrote.", zh = "万一那一行是脏的呢？内存就比程序写的还旧。" } },
                    { value = "fault", because = { en = "A cache may be off; that is no error.", zh = "缓存关了也不算错。" } },
                },
                right = { en = "What is inside is still used. Nothing new comes in: no-fill mode.", zh = "里面有的照用，新的不进来：这叫不填充模式。" },
                hints = {
                    { en = "The line may hold the only new copy.", zh = "那一行里也许是唯一的新副本。" },
                    { en = "Did anybody empty the cache?", zh = "有谁清空过缓存吗？" },
                    { en = "The line is there, and is found.", zh = "行还在，就会命中。" },
                },
            }
            m.wbinvd()
            m.ask {
                id = "cd-fills",
                op = { "ref", N },
                before = { "translated", 1 },
                text = { en = "WBINVD has emptied the cache. {n} loads of {va:hex}: how many lines come in?", zh = "WBINVD 把缓存清空了。再读 {va:hex} {n} 遍，填充几行？" },
                answer = function(r) return count(r, "line_fill") end,
                wrong = {
                    { value = 1, because = { en = "WB alone would do that. CD keeps the door shut.", zh = "光看 WB 是这样。可 CD 把门关着。" } },
                    { value = N, because = { en = "That many reads of memory, but none leaves anything behind.", zh = "读内存是这么多次，可哪次也没留下东西。" } },
                },
                right = { en = "None, whatever the type. All {n} go to memory.", zh = "一行也没有，不管什么类型。{n} 次全到内存。" },
                hints = {
                    { en = "May anything come in now?", zh = "现在什么进得来？" },
                    { en = "No-fill mode.", zh = "不填充模式。" },
                    { en = "Not one.", zh = "一行也没有。" },
                },
            }
        end,
        function(m) -- 12
            local va = page_of(m, BUFFER)
            local pa = m.walk(va).pa
            m.title { en = "The card writes by itself", zh = "网卡自己来写" }
            m.view "memory-types"
            m.set("cr0.cd", 0)
            m.read(va, { size = 1 })
            local old = m.word(pa, 1)
            m.poke(pa, le(RING, 1))
            m.bind { va = va, pa = pa, ring = RING, old = old }
            m.say {
                en = "A packet goes into memory without the CPU: DMA. The page at {va:hex} is WB and its line is in the cache, with {old:hex}. The card writes {ring:hex} to {pa:hex} in memory. Then the program loads the byte.",
                zh = "数据包不经 CPU 直接进内存：这是 DMA。{va:hex} 那一页是 WB，它那一行在缓存里，内容是 {old:hex}。网卡往内存 {pa:hex} 处写了 {ring:hex}。然后程序来读。",
            }
            m.ask {
                id = "dma",
                op = { "read", va, { size = 1 } },
                text = { en = "What does it get?", zh = "读到什么？" },
                answer = function(r)
                    local got = find(r, "data_read").value
                    return got == RING and "new" or got == old and "old" or "neither"
                end,
                words = GETS,
                wrong = {
                    { value = "old", because = { en = "On many ARM boards, yes: there the driver drops the lines first. On x86 the caches listen.", zh = "许多 ARM 板子上确实如此，驱动得先把那些行丢掉。x86 的缓存会监听。" } },
                    { value = "neither", because = { en = "Somebody has the byte, and answers.", zh = "这个字节有人有，也会答。" } },
                },
                right = { en = "The new byte. Buffers for DMA stay WB here; only the registers of a device are UC.", zh = "新的。所以在这里 DMA 的缓冲区照用 WB，只有设备的寄存器才要 UC。" },
                hints = {
                    { en = "Would x86 let memory and cache disagree about memory?", zh = "x86 会容忍缓存和内存对不上吗？" },
                    { en = "The write passes on the bus, where caches listen.", zh = "这次写要过总线，缓存在那里听着。" },
                    { en = "They hear {ring:hex}.", zh = "它们听到了 {ring:hex}。" },
                },
            }
        end,
        function(m) -- 13
            local va = page_of(m, BUFFER)
            m.title { en = "From the other side", zh = "从另一头下手" }
            m.view "memory-types"
            m.read(va, { size = 1 })
            m.bind { va = va, off = MTRRS_ON | UC }
            m.task {
                text = {
                    en = "Make a load of {va:hex} that no cache answers and no line is brought for. Its entry keeps PAT, PCD and PWT at 0, and CR0.CD stays 0.",
                    zh = "读一次 {va:hex}：没有缓存回答，也不填充任何行。它的表项里 PAT、PCD、PWT 都得是 0，CR0.CD 也是 0。",
                },
                goal = function(r)
                    local got = find(r, "data_read")
                    return got ~= nil and got.va == va and got.cycles > 0 and r.m.field("cr0.cd") == 0
                        and leaf(r.m, va).value & (PAT | UC_BITS) == 0
                end,
                solution = function() return { "set mtrr_def_type " .. hex(MTRRS_ON | UC), "read " .. hex(va) .. " size=1" } end,
                hints = {
                    { en = "The entry's bits are a number. Who says what it stands for?", zh = "表项里的三位只是号码。它代表什么，谁说了算？" },
                    { en = "And the MTRRs have a say: mtrr_def_type, mtrr_physbase0 with its mask, or pat.", zh = "MTRR 也有发言权：mtrr_def_type，mtrr_physbase0 和它的掩码，或者改 pat。" },
                    { en = "set mtrr_def_type {off:hex}, then read {va:hex}.", zh = "set mtrr_def_type {off:hex}，再 read {va:hex}。" },
                },
            }
            m.after {
                en = "You can now say of any access whether its bytes may be kept, and who decided. Take along: two pages may name one frame, with different types. Who sees what then?",
                zh = "现在，任何一次访问，字节能不能留、是谁定的，你都说得出。带走一个问题：两页可以指着同一个页框，类型却不同。那时谁看到什么？",
            }
        end,
    },
}
