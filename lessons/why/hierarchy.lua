-- hierarchy.lua - what is fast is small, so there are several: caches, memory, an SSD, a disk (Hennessy and Patterson, Computer Architecture,
-- 2.1 and appendix D; Bryant and O'Hallaron, Computer Systems, 6.3). The latencies are the tunables of a model.
local BASE, FILE = 0x10000000, 0x20000000
local PAGES = 8
local TEN = 10

local function line(m, n) return BASE + n * m.geometry().cache_line end

-- Lines that meet in one set of L1 lie this many lines apart.
local function apart(m) return m.geometry().cache_sets end

local function sum(m, ...)
    local total = 0
    for _, name in ipairs { ... } do total = total + m.field(name) end
    return total
end

local function near(m) return sum(m, "tlb_cycles", "cache_cycles") end
local function second(m) return sum(m, "tlb_cycles", "cache_cycles", "l2_cycles") end
local function far(m) return sum(m, "tlb_cycles", "cache_cycles", "l2_cycles", "l3_cycles", "dram_cycles") end

local function disk(m) return sum(m, "seek_cycles", "rotation_cycles", "disk_cycles") end

-- Events of a kind about data in one cache.
local function lines(r, event, cache)
    local n = 0
    for _, e in ipairs(r.events) do
        if e.event == event and e.cache == cache and e.what == "data" then n = n + 1 end
    end
    return n
end

return lesson {
    id = "hierarchy",
    part = "why",
    title = { en = "Four shelves for one byte", zh = "一个字节，四层架子" },
    rows = { "A1" },
    needs = { "tlb" },
    machine = "hierarchy",
    minutes = 12,
    steps = {
        step {
            title = { en = "Why not one memory?", zh = "为什么不只要一种存储？" },
            view = "cache",
            prepare = function(m)
                m.spawn()
                m.mmap(BASE, PAGES * m.geometry().page, "rw")
                m.write(line(m, 0), 1, { size = 1 })
                m.wbinvd()
            end,
            bind = function(m)
                return {
                    va = line(m, 0), l1 = m.field("cache_cycles"), l2 = m.field("l2_cycles"), l3 = m.field("l3_cycles"),
                    dram = m.field("dram_cycles"), tlb = m.field("tlb_cycles"),
                }
            end,
            text = {
                en = [[A memory that is large and fast would be nice; nobody can build it. So there are shelves, each larger and slower than the one before. In
                    this machine's model a look into L1 takes {l1} cycles, into L2 {l2} more, into L3 {l3} more; memory takes {dram}. All shelves are empty.]],
                zh = [[又大又快的存储谁都想要，可造不出来。于是分成几层架子，一层比一层大，也一层比一层慢。按这台机器的模型，查 L1 花 {l1} 个周期，再查 L2 要加
                    {l2} 个，再查 L3 要加 {l3} 个，内存要 {dram} 个。眼下架子全空着。]],
            },
            ask = {
                id = "cold",
                op = function(m) return { "read", line(m, 0), { size = 1 } } end,
                text = {
                    en = "The TLB knows the page: {tlb} cycle. How many in all to read the byte at {va:hex}?",
                    zh = "TLB 认得这一页，花 {tlb} 个周期。读 {va:hex} 处一个字节，总共几个周期？",
                },
                answer = function(r) return r.cycles end,
                wrong = {
                    {
                        value = function(r) return sum(r.m, "tlb_cycles", "dram_cycles") end,
                        because = { en = "Nobody knew that the shelves were empty: each was looked at first.", zh = "谁也不知道架子是空的：得一层层看过去。" },
                    },
                    {
                        value = function(r) return near(r.m) end,
                        because = { en = "That is the time of a hit in L1. It was empty.", zh = "那是 L1 命中的时间，可它是空的。" },
                    },
                    {
                        value = function(r) return far(r.m) - r.m.field("tlb_cycles") end,
                        because = { en = "The address still had to be translated.", zh = "地址总得先翻译。" },
                    },
                },
                right = {
                    en = "A cycle here, a few there, and memory. The cost pane says who took them.",
                    zh = "这里几个，那里几个，大头是内存。“开销”面板里写着谁花了多少。",
                },
                hints = {
                    { en = "Who is asked, in which order?", zh = "先问谁，后问谁？" },
                    { en = "TLB, L1, L2, L3, memory: all of them, this time.", zh = "TLB、L1、L2、L3、内存：这一次全都问到了。" },
                    { en = "{tlb} + {l1} + {l2} + {l3} + {dram}.", zh = "{tlb} + {l1} + {l2} + {l3} + {dram}。" },
                },
            },
        },
        step {
            title = { en = "The neighbour", zh = "隔壁的字节" },
            view = "cost",
            bind = function(m) return { va = line(m, 1) - 1, size = m.geometry().cache_line, tlb = m.field("tlb_cycles"), l1 = m.field("cache_cycles") } end,
            text = {
                en = "Not the byte came, but its line of {size}, onto every shelf on the way. The last byte of that line is at {va:hex}.",
                zh = "来的不是一个字节，是它所在的一行，{size} 字节，沿路每层架子都留了一份。这一行最后一个字节在 {va:hex}。",
            },
            ask = {
                id = "neighbour",
                op = function(m) return { "read", line(m, 1) - 1, { size = 1 } } end,
                text = { en = "How many cycles now?", zh = "这回几个周期？" },
                answer = function(r) return r.cycles end,
                wrong = {
                    {
                        value = function(r) return far(r.m) end,
                        because = { en = "This byte was never asked for, but it came along.", zh = "这个字节没人要过，可它跟着来了。" },
                    },
                    {
                        value = function(r) return r.m.field("cache_cycles") end,
                        because = { en = "The TLB is asked for every access.", zh = "每次访问都要查 TLB。" },
                    },
                    {
                        value = function(r) return second(r.m) end,
                        because = { en = "L2 has it too, but L1 answered: nobody went further.", zh = "L2 也有，但 L1 已经答了，不必再往下问。" },
                    },
                },
                right = { en = "Whoever is near where he was finds it near.", zh = "在老地方附近转，东西就在手边。" },
                hints = {
                    { en = "Which shelf is asked first?", zh = "先问哪一层？" },
                    { en = "L1 has the line.", zh = "L1 里有这一行。" },
                    { en = "{tlb} + {l1}.", zh = "{tlb} + {l1}。" },
                },
            },
        },
        function(m)
            local at, ways = apart(m), m.geometry().cache_ways
            m.title { en = "Pushed off the first shelf", zh = "从第一层挤下来" }
            m.view "cache"
            m.bind { va = line(m, 0), ways = ways, l2 = m.field("l2_cycles"), hit = near(m) }
            m.say {
                en = "The program reads {ways} other lines of the same set of L1. The set has {ways} ways, so the line of {va:hex} had to leave. Left and right in the cache pane show the other levels.",
                zh = "程序又读了 L1 同一组的 {ways} 行。一组只有 {ways} 路，{va:hex} 那一行只好让位。在“缓存”面板里按左右键，可看别的几级。",
            }
            for n = 1, ways do m.read(line(m, n * at), { size = 1 }) end
            m.ask {
                id = "second",
                op = { "read", line(m, 0), { size = 1 } },
                text = { en = "How many cycles to read {va:hex} again?", zh = "再读 {va:hex}，几个周期？" },
                answer = function(r) return r.cycles end,
                wrong = {
                    { value = function(r) return far(r.m) end, because = { en = "It left L1 only. What lies below kept its copy.", zh = "它只离开了 L1，下面几级都还留着。" } },
                    { value = function(r) return near(r.m) end, because = { en = "L1 has no room for it any more: look at the set.", zh = "L1 里已经没它了：看看那一组。" } },
                    {
                        value = function(r) return r.m.field("tlb_cycles") + r.m.field("l2_cycles") end,
                        because = { en = "L1 was asked first, in vain. That takes time too.", zh = "先白问了一次 L1，那也要时间。" },
                    },
                },
                right = { en = "L2 is larger, so the lines do not meet there.", zh = "L2 大些，这几行在那儿不会挤到一起。" },
                hints = {
                    { en = "Who still has it?", zh = "谁还留着它？" },
                    { en = "It came through L2, which is larger.", zh = "它是经过 L2 来的，L2 大些。" },
                    { en = "{hit} for L1, and {l2} more.", zh = "到 L1 是 {hit}，再加 {l2}。" },
                },
            }
        end,
        function(m)
            local va = line(m, 0)
            local pa = m.walk(va).pa
            local old = m.word(pa, 1)
            local new = old + 0x40
            m.title { en = "A store that does not reach memory", zh = "写了，却没写到内存" }
            m.view "cache"
            m.bind { va = va, pa = pa, old = old, new = new }
            m.say {
                en = "The byte of {va:hex} is on three shelves and in memory, at {pa:hex}. Now the program writes {new:hex} to {va:hex}. L1 writes back.",
                zh = "{va:hex} 那个字节，三层架子上都有，内存 {pa:hex} 处也有。现在程序往 {va:hex} 写 {new:hex}。L1 是写回的。",
            }
            m.ask {
                id = "dirty",
                op = { "write", va, new, { size = 1 } },
                format = "hex",
                text = { en = "What do the memory chips hold right after the write?", zh = "写完那一刻，内存条里是什么？" },
                answer = function(r) return r.m.word(pa, 1) end,
                wrong = {
                    { value = new, because = { en = "A cache that writes through would do that, and every store would take memory's time.", zh = "直写的缓存才这样，那每次写都得等内存。" } },
                    { value = 0, because = { en = "Nothing was erased; memory just was not told.", zh = "没人清掉它，只是没告诉内存。" } },
                    { value = old + new, because = { en = "Nothing is added up: there are two copies now, and one is old.", zh = "没有谁把它们加起来：现在有两份，一份是旧的。" } },
                },
                right = { en = "Still the old byte. The line is dirty, D is 1: the only place where the new byte is.", zh = "还是旧的。那一行脏了，D 是 1：新字节只在那里。" },
                hints = {
                    { en = "Look at how many cycles a write may take.", zh = "想想一次写能花多少周期。" },
                    { en = "The store ends in L1.", zh = "写到 L1 就完了。" },
                    { en = "What it held before: {old:hex}.", zh = "还是原来的 {old:hex}。" },
                },
            }
            m.after {
                en = "It is written back when it has to leave, or when somebody else asks: the kernel, a disk, another CPU.",
                zh = "等它要让位，或者别人来要（内核、磁盘、别的 CPU），才写回去。",
            }
        end,
        function(m)
            local total = 0
            m.title { en = "On average", zh = "平均下来" }
            m.view "cost"
            m.wbinvd()
            for _ = 1, TEN do total = total + m.read(line(m, 0), { size = 1 }).cycles end
            m.bind { n = TEN, hit = near(m), miss = far(m), va = line(m, 0) }
            m.say {
                en = "The shelves were emptied again, and {va:hex} was read {n} times in a row. A read that L1 answers takes {hit} cycles, one that nobody answers {miss}.",
                zh = "架子又清空了，然后把 {va:hex} 连读 {n} 遍。L1 答得上来的一次要 {hit} 个周期，谁也答不上来的要 {miss} 个。",
            }
            m.ask {
                id = "average",
                text = { en = "Cycles of one of these reads on average?", zh = "平均每次几个周期？" },
                answer = function() return total // TEN end,
                wrong = {
                    { value = function(r) return near(r.m) end, because = { en = "One of them was far from that, and it counts.", zh = "其中一次差得远，也得算进去。" } },
                    { value = function(r) return far(r.m) end, because = { en = "Only the first went all the way.", zh = "一路问到底的只有头一次。" } },
                    { value = function(r) return (near(r.m) + far(r.m)) // 2 end, because = { en = "The mean of two kinds, as if they were equally many.", zh = "这是把两种当成一样多来平均。" } },
                },
                right = { en = "One miss in {n}, and the average is several times a hit. This number has a name: AMAT.", zh = "{n} 次里只错过一次，平均就成了命中的好几倍。这个数叫 AMAT，平均访存时间。" },
                hints = {
                    { en = "How many of the {n} missed?", zh = "{n} 次里几次未命中？" },
                    { en = "One of {miss}, the others of {hit}; divide by {n}.", zh = "一次 {miss}，其余都是 {hit}，加起来除以 {n}。" },
                    { en = "The hit's time, and a tenth of what the miss took more.", zh = "命中的时间，加上未命中多花的十分之一。" },
                },
            }
        end,
        function(m)
            m.title { en = "The bottom shelf", zh = "最底下一层" }
            m.view "cost"
            m.mmap(FILE, m.geometry().page, "r", "private", { file = "book" })
            m.bind { va = FILE, seek = m.field("seek_cycles"), turn = m.field("rotation_cycles"), page = m.field("disk_cycles"), dram = m.field("dram_cycles"), ssd = m.field("ssd_cycles") }
            m.say {
                en = "At {va:hex} begins a file that is on a disk. Its arm moves: {seek} cycles. Half a turn: {turn}. The page itself: {page}. Memory: {dram}.",
                zh = "{va:hex} 起是磁盘上的一个文件。磁臂移过去：{seek} 个周期；等半圈：{turn} 个；读出这一页：{page} 个。内存只要 {dram} 个。",
            }
            m.ask {
                id = "disk",
                op = { "read", FILE, { size = 1 } },
                before = { "io_start", 1 },
                text = { en = "How many memory accesses fit into the wait for that page?", zh = "等这一页的工夫，够访问多少次内存？" },
                answer = function(r) return disk(r.m) // r.m.field("dram_cycles") end,
                wrong = {
                    { value = function(r) return r.m.field("disk_cycles") // r.m.field("dram_cycles") end, because = { en = "The page passes quickly; getting there does not.", zh = "读出一页很快，慢的是到那儿去。" } },
                    { value = function(r) return r.m.field("ssd_cycles") // r.m.field("dram_cycles") end, because = { en = "That is an SSD, where nothing moves. Swap is on one here; files are on the disk.", zh = "那是固态盘，没有东西要动。这里交换区在固态盘上，文件在磁盘上。" } },
                    { value = 1000, because = { en = "A thousand is the folklore, and wrong by two digits.", zh = "“慢一千倍”是老话，差了两位数。" } },
                },
                right = { en = "More than a hundred thousand: five digits lie between a disk and memory. That is why a page fault is worth so much thought.", zh = "十几万次：磁盘和内存差五个数量级。缺页值得费那么多心思，原因就在这里。" },
                hints = {
                    { en = "Add up the three parts.", zh = "把三段加起来。" },
                    { en = "Divide the sum by {dram}.", zh = "用和除以 {dram}。" },
                    { en = "({seek} + {turn} + {page}) / {dram}.", zh = "（{seek} + {turn} + {page}）/ {dram}。" },
                },
            }
            m.card {
                claim = { en = "Virtual memory makes memory as fast as the disk is large.", zh = "有了虚拟内存，磁盘多大内存就多大，还一样快。" },
                truth = {
                    en = "It lets memory be a cache for the disk. A cache helps only those who come back to what it holds; others wait for the arm.",
                    zh = "它让内存给磁盘当缓存。缓存只帮得了常回来的人，别人都得等磁臂。",
                },
            }
        end,
        function(m)
            m.title { en = "Find the middle shelf", zh = "找中间那层" }
            m.view "cache"
            m.read(line(m, 0), { size = 1 })
            m.bind { va = line(m, 0), ways = m.geometry().cache_ways, step = apart(m) * m.geometry().cache_line }
            m.task {
                text = {
                    en = "Make a read whose byte L1 does not have and L2 gives. Prepare as you like.",
                    zh = "读一次：L1 没有，L2 给。怎么准备都行。",
                },
                goal = function(r) return lines(r, "line_hit", "L2") > 0 end, -- L2 is asked only when L1 has nothing
                solution = function(m)
                    local list = {}
                    for n = 0, m.geometry().cache_ways do list[#list + 1] = "read " .. hex(line(m, n * apart(m))) end
                    list[#list + 1] = "read " .. hex(line(m, 0))
                    return list
                end,
                hints = {
                    { en = "A line leaves L1 when its set is full.", zh = "L1 的一组满了，就有一行要走。" },
                    { en = "Lines that are {step:hex} bytes apart meet in one set.", zh = "相隔 {step:hex} 字节的行落在同一组。" },
                    { en = "Read {va:hex}, then {ways} lines of its set, then {va:hex} again.", zh = "读 {va:hex}，再读同组的 {ways} 行，最后再读 {va:hex}。" },
                },
            }
            m.after {
                en = "You can now say of any access where its time went. Take along: what must a program do so that it mostly finds things on the first shelf?",
                zh = "现在，任何一次访问的时间花在哪儿，你都说得清。带走一个问题：程序要怎么写，才多半能在第一层找到东西？",
            }
        end,
    },
}
