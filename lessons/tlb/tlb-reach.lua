-- tlb-reach.lua - how much memory a TLB answers for: entries times page size, what strides and large pages make of it, and what an access then
-- takes on average (Silberschatz, Operating System Concepts, 9.3.2 and 10.9.3; Hennessy and Patterson, B.4).
local BASE = 0x10000000
local KERNEL = 0xffff888000000000 -- where the kernel maps all of memory with large pages
local PAGES, EACH = 20, 3         -- more pages than the TLB has entries; numbers used of each
local SKYLAKE = 1536              -- entries of a real second-level TLB (Intel's optimization manual)

local before = 0 -- cycles of all accesses when a run begins

local function entries(m) return m.geometry().tlb_sets * m.geometry().tlb_ways end

-- A page of the size that an upper level maps, counted from the last: 1 is 2 MiB.
local function large(m)
    local levels = m.geometry().levels
    return 1 << levels[#levels - 1].shift
end

-- All numbers of a page, then the next page; or one of each page, and round again.
local function near()
    local list = {}
    for i = 0, PAGES * EACH - 1 do list[#list + 1] = i // EACH end
    return list
end

local function far()
    local list = {}
    for i = 0, PAGES * EACH - 1 do list[#list + 1] = i % PAGES end
    return list
end

local function ready(m, list)
    m.flush()
    m.string(BASE, list)
    before = m.tlb().access_cycles
end

local function misses(r) return count(r, "tlb_miss") end

-- The cycles of an access, on average over the references just made.
local function average(m) return (m.tlb().access_cycles - before) // (PAGES * EACH) end

-- The same byte under the kernel's name.
local function as_kernel(m, va)
    local g = m.geometry()
    return KERNEL + m.walk(va).frame * g.page + va % g.page
end

return lesson {
    id = "tlb-reach",
    part = "tlb",
    title = { en = "As far as it can see", zh = "看得到多远" },
    rows = { "C4" },
    needs = { "tlb" },
    machine = "x86-64",
    minutes = 10,
    steps = {
        step {
            title = { en = "How far?", zh = "多远？" },
            view = "tlb",
            prepare = function(m)
                m.spawn()
                m.mmap(BASE, PAGES * m.geometry().page, "rw")
                for n = 0, PAGES - 1 do m.write(BASE + n * m.geometry().page, n, { size = 1 }) end
                local list = {}
                for n = 0, entries(m) - 1 do list[#list + 1] = n end
                ready(m, list)
            end,
            bind = function(m) return { entries = entries(m), page = m.geometry().page } end,
            text = {
                en = [[The TLB is empty; it has {entries} entries. A program begins to read, page after page, {page:size} each. As long as it stays among pages the TLB
                    knows, no table is read.]],
                zh = [[TLB 空着，它有 {entries} 项。程序一页接一页地读起来，每页 {page:size}。只要不出 TLB 认得的那些页，就不用读页表。]],
            },
            ask = {
                id = "reach",
                op = function(m) return { "ref", entries(m) } end,
                before = { "tlb_miss", 1 },
                text = { en = "How much memory does the TLB answer for after {entries} pages?", zh = "读过 {entries} 页以后，TLB 能答上多大一片内存？" },
                answer = function(r) return r.m.tlb().reach end,
                format = "size",
                wrong = {
                    { value = function(r) return r.m.geometry().page end, because = { en = "One entry answers for one page. There are {entries}.", zh = "一项管一页，可有 {entries} 项。" } },
                    {
                        value = function(r) return entries(r.m) * r.m.geometry().entry_bytes end,
                        because = { en = "So much room the table's entries take. The question is what they name.", zh = "这是页表项本身占的地方。问的是它们指着多大一片。" },
                    },
                    {
                        value = function(r) return r.m.geometry().frames * r.m.geometry().page end,
                        because = { en = "That is all of memory: the page tables reach it, the TLB does not.", zh = "那是全部内存：页表够得着，TLB 够不着。" },
                    },
                },
                right = { en = "{entries} entries of {page:size}. This is called TLB reach; the Cost pane counts it.", zh = "{entries} 项，每项 {page:size}。这叫 TLB 覆盖范围，代价面板里一直在数。" },
                hints = {
                    { en = "How much does one entry answer for?", zh = "一项管多少？" },
                    { en = "One page each, and they are all different.", zh = "各管一页，没有重样的。" },
                    { en = "{entries} times {page:size}.", zh = "{entries} 乘 {page:size}。" },
                },
            },
        },
        step {
            title = { en = "Short steps", zh = "小步走" },
            view = "cost",
            prepare = function(m) ready(m, near()) end,
            bind = function(m) return { pages = PAGES, each = EACH, refs = PAGES * EACH, page = m.geometry().page, data = PAGES * m.geometry().page } end,
            text = {
                en = [[The data of a program is larger than that: {pages} pages, {data:size}. It needs {each} numbers of each page and takes them in order: {each} of the
                    first page, {each} of the next. The TLB is empty again.]],
                zh = [[程序的数据可不止这点：{pages} 页，{data:size}。每页要用 {each} 个数，它按顺序取：头一页取 {each} 个，下一页再取 {each} 个。TLB 又清空了。]],
            },
            ask = {
                id = "near",
                op = { "ref", PAGES * EACH },
                before = { "tlb_miss", 1 },
                text = { en = "How many of the {refs} reads miss?", zh = "{refs} 次读里，几次未命中？" },
                answer = misses,
                wrong = {
                    { quirk = "tlb-remembers-nothing", because = { en = "The second number of a page finds what the first one brought.", zh = "一页的第二个数，用得上第一个数带来的。" } },
                    {
                        value = function(r) return PAGES - entries(r.m) end,
                        because = { en = "The others were not there before either: each page is new once.", zh = "其余的起先也不在：每页总有头一回。" },
                    },
                    { value = 1, because = { en = "A miss brings the translation of one page.", zh = "一次未命中只带来一页的翻译。" } },
                },
                right = { en = "{answer}: once a page. That the data is beyond its reach costs nothing yet.", zh = "{answer} 次，一页一次。数据超出了范围，可还没吃亏。" },
                hints = {
                    { en = "When does the program come to a new page?", zh = "程序什么时候换到新的一页？" },
                    { en = "Every {each} reads. In between the page is known.", zh = "每读 {each} 次。中间那几次页是认得的。" },
                    { en = "One miss for each of the {pages} pages.", zh = "{pages} 页，每页一次。" },
                },
            },
        },
        step {
            title = { en = "Long steps", zh = "大步走" },
            view = "cost",
            prepare = function(m) ready(m, far()) end,
            bind = function(m) return { pages = PAGES, each = EACH, refs = PAGES * EACH, page = m.geometry().page, entries = entries(m), took = PAGES } end,
            text = {
                en = [[The same {refs} numbers in another order: one of each page, a stride of {page:size}, and when the last page is done, round again: {each} rounds.
                    The short steps missed {took} times.]],
                zh = [[还是那 {refs} 个数，换个次序：每页取一个，步长 {page:size}；走到最后一页，再从头来，一共 {each} 圈。小步走未命中了 {took} 次。]],
            },
            ask = {
                id = "far",
                op = { "ref", PAGES * EACH },
                before = { "tlb_miss", 1 },
                text = { en = "How many misses now?", zh = "这回几次？" },
                answer = misses,
                wrong = {
                    { value = PAGES, because = { en = "That would need the first page to be still there when the second round begins.", zh = "那得第二圈开始时头一页还在。" } },
                    {
                        value = function(r) return PAGES + (EACH - 1) * (PAGES - entries(r.m)) end,
                        because = { en = "As if most pages stayed. Each set throws out just the page that comes next.", zh = "好像大多数页能留下。可每一组扔掉的，偏是马上要来的那页。" },
                    },
                    { value = function(r) return entries(r.m) end, because = { en = "So many entries there are. Misses do not end when they are full.", zh = "这是条目数。装满了，未命中可不会停。" } },
                },
                right = { en = "All {answer}. A stride of a page or more, over more than the reach: every step walks the tables.", zh = "{answer} 次全未命中。步长够一页，范围又不够大：步步走表。" },
                hints = {
                    { en = "How many pages lie between two uses of a page?", zh = "同一页两次使用之间，隔着几页？" },
                    { en = "{pages} pages want {entries} entries, and the oldest leaves.", zh = "{pages} 页抢 {entries} 项，走的是最旧的。" },
                    { en = "Nobody is still there when the round comes back.", zh = "转回来时谁都不在了。" },
                },
            },
        },
        step {
            title = { en = "Put a price on it", zh = "折成价钱" },
            view = "cost",
            prepare = function(m) ready(m, near()) end,
            bind = function(m)
                local lookup, dram, levels = m.field("tlb_cycles"), m.field("dram_cycles"), #m.geometry().levels
                return { lookup = lookup, dram = dram, hit = lookup + dram, miss = lookup + (levels + 1) * dram, levels = levels, refs = PAGES * EACH, each = EACH }
            end,
            text = {
                en = [[The lookup takes {lookup} cycle, memory {dram}. A read that hits takes {hit}; one that misses reads {levels} tables first and takes {miss}. The short steps
                    once more: of {each} reads one misses.]],
                zh = [[查 TLB 要 {lookup} 个周期，访问内存 {dram}。命中的读花 {hit}；未命中的先读 {levels} 张表，花 {miss}。再来一遍小步走：每 {each} 次读，有一次未命中。]],
            },
            ask = {
                id = "average",
                op = { "ref", PAGES * EACH },
                before = { "tlb_miss", 1 },
                text = { en = "What does a read take on average?", zh = "平均每次读要几个周期？" },
                answer = function(r) return average(r.m) end,
                wrong = {
                    {
                        value = function(r) return r.m.field("tlb_cycles") + r.m.field("dram_cycles") end,
                        because = { en = "Only the hits. The misses are few, but dear.", zh = "这只算了命中。未命中虽少，可贵。" },
                    },
                    {
                        value = function(r) return r.m.field("tlb_cycles") + (#r.m.geometry().levels + 1) * r.m.field("dram_cycles") end,
                        because = { en = "As if all of them missed: the long steps.", zh = "好像次次未命中：那是大步走。" },
                    },
                    {
                        value = function(r)
                            local lookup, dram = r.m.field("tlb_cycles"), r.m.field("dram_cycles")
                            return (2 * lookup + (#r.m.geometry().levels + 2) * dram) // 2
                        end,
                        because = { en = "Half and half. Hits are {each} less one of {each}.", zh = "这是对半开。命中可不止一半。" },
                    },
                },
                right = { en = "{answer}: the effective access time, what the line \"average access\" sums up for all accesses so far.", zh = "{answer}：这叫有效访问时间。面板里“平均每次访问”那一行，算的就是至今所有访问的平均。" },
                hints = {
                    { en = "Add up {each} reads: one miss, the rest hits.", zh = "把 {each} 次读加起来：一次未命中，其余命中。" },
                    { en = "{miss}, and {hit} for each of the others. Then divide by {each}.", zh = "{miss}，其余每次 {hit}，再除以 {each}。" },
                    { en = "A walk costs {miss} less {hit} more; spread it over {each} reads.", zh = "走一趟表多花 {miss} 减 {hit}，摊到 {each} 次读上。" },
                },
            },
        },
        function(m)
            m.title { en = "The same bytes, another name", zh = "同一些字节，另一个名字" }
            m.view "tlb"
            m.flush()
            local first, last = as_kernel(m, BASE), as_kernel(m, BASE + (PAGES - 1) * m.geometry().page)
            m.read(first, { size = 1, as = "kernel" })
            m.bind { first = first, last = last, user = BASE, large = large(m), page = m.geometry().page, pages = PAGES, frames = m.geometry().frames }
            m.say {
                en = [[The kernel has all of memory mapped for itself, with pages of {large:size}: an entry one level higher up ends the walk. The program's byte at {user:hex} is the
                    kernel's at {first:hex}, and the kernel has just read it. The program's last page is the kernel's {last:hex}.]],
                zh = [[内核把整个内存映射给自己，用的是 {large:size} 的大页：上面一级的表项就到头了。程序在 {user:hex} 的那个字节，在内核那里叫 {first:hex}，内核刚刚读过。
                    程序的最后一页，内核叫它 {last:hex}。]],
            }
            m.ask {
                id = "neighbour",
                op = { "read", last, { size = 1, as = "kernel" } },
                before = { "access", 1 },
                text = { en = "The kernel reads that now, {pages} pages on. What does the TLB say?", zh = "内核现在去读它，隔了约 {pages} 页。TLB 怎么说？" },
                answer = function(r) return count(r, "tlb_hit") == 1 and "hit" or "miss" end,
                words = { hit = { en = "a hit", zh = "命中" }, miss = { en = "a miss", zh = "未命中" } },
                wrong = {
                    { value = "miss", because = { en = "Another page to the program. To the kernel it is the same large one.", zh = "对程序是另一页，对内核却是同一个大页。" } },
                },
                right = { en = "One entry, {large:size}. The same bytes, and one entry is enough for all of them.", zh = "一项就管 {large:size}。同一些字节，一项全包。" },
                hints = {
                    { en = "Look at the size behind the entry in the pane.", zh = "看面板里那一项后面写的大小。" },
                    { en = "Do both addresses lie in the same {large:size}?", zh = "两个地址在不在同一个 {large:size} 里？" },
                    { en = "They do: the entry fits.", zh = "在，所以那一项管得着。" },
                },
            }
            m.ask {
                id = "reach-large",
                op = { "read", BASE, { size = 1 } },
                before = { "tlb_miss", 1 },
                text = { en = "The program reads its own first page too. What is the reach then?", zh = "程序也读一下自己的头一页。这时覆盖范围是多少？" },
                answer = function(r) return r.m.tlb().reach end,
                format = "size",
                wrong = {
                    { value = function(r) return 2 * r.m.geometry().page end, because = { en = "Two entries, but of different size.", zh = "是两项，可大小不一样。" } },
                    { value = function(r) return large(r.m) end, because = { en = "Addresses are looked up, not bytes: the program's name for it needs an entry of its own.", zh = "查的是地址，不是字节：程序那个名字另要一项。" } },
                    { value = function(r) return 2 * large(r.m) end, because = { en = "The program's page is an ordinary one.", zh = "程序那一页是普通的页。" } },
                },
                right = { en = "{answer}: {large:size} and {page:size}. The TLB sums up names; that two of them mean the same frame it does not know.", zh = "{answer}：{large:size} 加 {page:size}。TLB 只数名字，两个名字指着同一个页框，它不知道。" },
                hints = {
                    { en = "Which entries are in the TLB then?", zh = "那时 TLB 里有哪几项？" },
                    { en = "A large one of the kernel's and an ordinary one.", zh = "内核的一个大页，程序的一个普通页。" },
                    { en = "{large:size} plus {page:size}.", zh = "{large:size} 加 {page:size}。" },
                },
            }
        end,
        function(m)
            local g = m.geometry()
            local ram = g.frames * g.page
            m.title { en = "All of memory at once", zh = "一眼看完" }
            m.view "cost"
            m.flush()
            m.bind { ram = ram, page = g.page, large = large(m), entries = entries(m), most = entries(m) * large(m), small = ram // g.page }
            m.say {
                en = [[This machine has {ram:size} of memory. With pages of {page:size} the TLB would need {small} entries to answer for all of it. The kernel's pages have
                    {large:size}.]],
                zh = [[这台机器有 {ram:size} 内存。用 {page:size} 的页，TLB 得有 {small} 项才能全管到。内核的页是 {large:size}。]],
            }
            m.ask {
                id = "all",
                text = { en = "How many of its {entries} entries does the kernel need for all of memory?", zh = "要管到全部内存，内核用得着 {entries} 项里的几项？" },
                answer = function(r) return r.m.geometry().frames * r.m.geometry().page // large(r.m) end,
                wrong = {
                    { value = function(r) return entries(r.m) end, because = { en = "They would reach {most:size}: more than there is.", zh = "那能管到 {most:size}，比内存还大。" } },
                    { value = 1, because = { en = "One reaches {large:size} only.", zh = "一项只管 {large:size}。" } },
                    { value = function(r) return r.m.geometry().frames end, because = { en = "So many with pages of {page:size}.", zh = "那是用 {page:size} 的页。" } },
                },
                right = { en = "{answer}. The kernel could work anywhere in memory without a single walk.", zh = "{answer} 项。内核在整个内存里怎么走，都不用走表。" },
                hints = {
                    { en = "How often does {large:size} go into {ram:size}?", zh = "{ram:size} 里有几个 {large:size}？" },
                    { en = "Divide.", zh = "除一下。" },
                    { en = "{ram:size} by {large:size}.", zh = "{ram:size} 除以 {large:size}。" },
                },
            }
            for pa = 0, ram - 1, large(m) do m.read(KERNEL + pa, { size = 1, as = "kernel" }) end
            m.expect(m.tlb().reach, ram, "all of memory is within reach")
        end,
        function(m)
            local g = m.geometry()
            m.title { en = "A real one", zh = "真家伙" }
            m.view "cost"
            m.bind { entries = SKYLAKE, page = g.page, large = large(m), far = SKYLAKE * large(m) }
            m.say {
                en = "A desktop processor has a second-level TLB of {entries} entries; each holds a page of {page:size} or one of {large:size}.",
                zh = "有一款台式机处理器，第二级 TLB 有 {entries} 项，每项可放一个 {page:size} 的页，或者一个 {large:size} 的页。",
            }
            m.ask {
                id = "desktop",
                text = { en = "How far does it reach with pages of {page:size}?", zh = "用 {page:size} 的页，它管得到多大？" },
                answer = function(r) return SKYLAKE * r.m.geometry().page end,
                format = "size",
                wrong = {
                    { value = function(r) return SKYLAKE * large(r.m) end, because = { en = "That is with large pages.", zh = "那是用大页。" } },
                    { value = function(r) return SKYLAKE * r.m.geometry().entry_bytes end, because = { en = "The bytes of the entries, not of the pages.", zh = "这是表项的字节数，不是页的。" } },
                    { value = function(r) return SKYLAKE * r.m.geometry().page // 4 end, because = { en = "As if a page were a quarter of that.", zh = "好像一页只有四分之一大。" } },
                },
                right = { en = "{answer}, less than a picture of your camera. With large pages {far:size}.", zh = "{answer}，还装不下相机拍的一张照片。换成大页，{far:size}。" },
                hints = {
                    { en = "Entries times page.", zh = "项数乘页大小。" },
                    { en = "{entries} times {page:size}.", zh = "{entries} 乘 {page:size}。" },
                    { en = "A quarter of {entries} pages make a MiB... divide {entries} by 256.", zh = "256 个 {page:size} 是 1 MiB：用 {entries} 除以 256。" },
                },
            }
            m.card {
                claim = { en = "More memory makes a program with much data faster.", zh = "数据多的程序，加内存就变快。" },
                truth = {
                    en = "Not once it fits: {entries} entries reach no farther than before. Databases and virtual machines ask for large pages instead.",
                    zh = "装得下以后就不会了：{entries} 项还是只管那么大。所以数据库和虚拟机要的是大页。",
                },
            }
        end,
        function(m)
            local g = m.geometry()
            local goal = 2 * large(m)
            m.title { en = "See farther", zh = "看远一点" }
            m.view "cost"
            m.flush()
            m.bind { goal = goal, user = BASE, kernel = KERNEL, large = large(m), entries = entries(m), page = g.page, most = entries(m) * g.page }
            m.say {
                en = [[The TLB is empty. The program's pages begin at {user:hex}, the kernel's map of memory at {kernel:hex}. With read ... as=kernel you speak for the
                    kernel.]],
                zh = [[TLB 空着。程序的页从 {user:hex} 起，内核的内存映射从 {kernel:hex} 起。read 后面加 as=kernel，就是替内核读。]],
            }
            m.task {
                text = { en = "Bring the reach above {goal:size}.", zh = "让覆盖范围超过 {goal:size}。" },
                goal = function(r) return r.m.tlb().reach > goal end,
                solution = function(m)
                    local list = {}
                    for n = 0, 2 do list[#list + 1] = "read " .. hex(KERNEL + n * large(m)) .. " size=1 as=kernel" end
                    return list
                end,
                hints = {
                    { en = "With the program's pages it can never be more than {most:size}.", zh = "用程序的页，最多只有 {most:size}。" },
                    { en = "Two large pages are exactly {goal:size}: not above.", zh = "两个大页正好 {goal:size}，还没超过。" },
                    { en = "Read at {kernel:hex}, and twice {large:size} farther on.", zh = "从 {kernel:hex} 读起，每隔 {large:size} 再读，一共三处。" },
                },
            }
            m.after {
                en = [[You can say how far a TLB reaches, what a stride makes of it, and what that costs on average. One question to take along: a large page is {large:size} or nothing.
                    What if the program needs one byte more?]],
                zh = [[TLB 管得到多远，步长怎么影响它，平均代价是多少，你都说得清了。带走一个问题：大页要么 {large:size}，要么没有。程序要是只多要一个字节呢？]],
            }
        end,
    },
}
