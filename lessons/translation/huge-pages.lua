-- huge-pages.lua - the walk stops one level early: what an entry with PS maps, what it saves, and what it costs (Intel SDM vol. 3A, 4.5; Linux
-- Documentation/admin-guide/mm/transhuge.rst and hugetlbpage.rst).
local BASE = 0x40000000
local POOL = 0x50000000    -- where the mapping from the pool goes
local SKYLAKE = 1536       -- entries of a real second-level TLB (Intel's optimization manual)
local TOUCHED = { 0, 1, 256 }
local STRIDE = 64          -- pages that are read one after the other

local function levels(m) return m.geometry().levels end

-- What an entry maps, `up` levels above the last.
local function span(m, up)
    return 1 << levels(m)[#levels(m) - up].shift
end

local function entries(m) return m.geometry().tlb_sets * m.geometry().tlb_ways end

local function per_table(m) return 1 << levels(m)[#levels(m)].bits end

-- A byte in the middle of it.
local function inside(m) return BASE + span(m, 1) // 2 + 0x23456 end

local ENDS = {
    made = { en = "a huge page", zh = "得到一个大页" },
    refused = { en = "ENOMEM: it stays as it is", zh = "ENOMEM：原样不动" },
    half = { en = "a huge page of half the size", zh = "得到一个小一半的大页" },
}

-- Take all memory in pieces of half a huge page, and give back one of each two neighbours.
local function crumble(m)
    local half, gone = span(m, 1) // 2, {}
    local r = m.alloc(half)
    while r.kind ~= "error" do
        if r.value // half % 2 == 0 then gone[#gone + 1] = r.value end
        r = m.alloc(half)
    end
    for _, pa in ipairs(gone) do m.release(pa) end
end

-- Give back the pieces that stayed.
local function mend(m)
    local g = m.geometry()
    for pfn = 0, g.frames - 1, per_table(m) // 2 do
        if m.frame(pfn).use == "block" then m.release(pfn * g.page) end
    end
end

return lesson {
    id = "huge-pages",
    part = "translation",
    title = { en = "One entry for two megabytes", zh = "一项顶两兆" },
    rows = { "B13" },
    needs = { "four-level" },
    machine = "x86-64",
    minutes = 13,
    steps = {
        step {
            title = { en = "Above the last table", zh = "末级之上" },
            view = "tree",
            prepare = function(m)
                m.spawn()
                m.mmap(BASE, 2 * span(m, 1), "rw")
                for n, page in ipairs(TOUCHED) do m.write(BASE + page * m.geometry().page, n) end
            end,
            bind = function(m)
                return { n = per_table(m), page = m.geometry().page, last = levels(m)[#levels(m)].name, above = levels(m)[#levels(m) - 1].name, touched = #TOUCHED }
            end,
            text = {
                en = "A program has touched {touched} pages. Each of the {n} entries of its {last} can name a frame anywhere. But what if all {n} frames lay side by side? Then the {last} would say nothing new, {n} times.",
                zh = "程序碰过 {touched} 页。它的 {last} 有 {n} 项，每一项都可以指向任何地方的页框。可要是这 {n} 个页框紧挨着呢？那这张 {last} 就把同一句话说了 {n} 遍。",
            },
            ask = {
                id = "span",
                format = "size",
                text = { en = "How much memory does one entry of the {above}, one level up, stand for?", zh = "上一级 {above} 的一项，管着多大一片内存？" },
                answer = function(r) return span(r.m, 1) end,
                wrong = {
                    { value = function(r) return span(r.m, 0) end, because = { en = "That is an entry of the {last}.", zh = "那是 {last} 的一项。" } },
                    { value = function(r) return span(r.m, 2) end, because = { en = "One level too high; but such pages exist too.", zh = "高了一级，不过那样的页也真有。" } },
                    { value = function(r) return 2 * span(r.m, 1) end, because = { en = "With tables of 1024 entries: the 32-bit machine.", zh = "那是一张表 1024 项的 32 位机器。" } },
                },
                right = { en = "{n} times {page:size}: {answer}. So one entry could do instead of a whole table.", zh = "{n} 乘 {page:size}，{answer}。所以一项就能顶一整张表。" },
                hints = {
                    { en = "It leads to a whole {last}.", zh = "它通向一整张 {last}。" },
                    { en = "{n} entries, one page each.", zh = "{n} 项，一项一页。" },
                    { en = "{n} times {page:size}.", zh = "{n} 乘 {page:size}。" },
                },
            },
        },
        function(m)
            m.title { en = "Collapse", zh = "合并" }
            m.view "tree"
            m.bind { size = span(m, 1), n = per_table(m), touched = #TOUCHED, last = levels(m)[#levels(m)].name, above = levels(m)[#levels(m) - 1].name }
            m.say {
                en = "Linux does it behind the program's back: transparent huge pages. The kernel looks for a free block of {size:size}, moves the pages there, and lets the entry of the {above} name the block, with one bit set: PS, page size.",
                zh = "Linux 背着程序就做了，这叫透明大页。内核找一整块 {size:size} 的空闲内存，把页搬进去，再让 {above} 的那一项直接指着这块，并置上一位：PS（页大小）。",
            }
            local r = m.ask {
                id = "copied",
                op = { "collapse", BASE },
                before = { "frame_copied", 1 },
                text = { en = "How many pages are copied?", zh = "要复制几页？" },
                answer = function(r) return count(r, "frame_copied") end,
                wrong = {
                    { value = 0, because = { en = "Their frames lie anywhere; a huge page has to be one piece.", zh = "它们的页框散在各处，大页却必须是一整块。" } },
                    { value = function(r) return per_table(r.m) end, because = { en = "The others were never touched: the block has zeros for them.", zh = "别的页从没碰过，块里给它们的就是零。" } },
                    { value = 1, because = { en = "Each frame is copied by itself.", zh = "每个页框各复制一次。" } },
                },
                right = { en = "The {touched} that were there. But {n} frames are taken: the program pays with memory for pages that it never asked for.", zh = "原来在的 {touched} 页。可占掉的是 {n} 个页框：从没要过的页，也得拿内存来付。" },
                hints = {
                    { en = "How many pages has the program touched?", zh = "程序碰过几页？" },
                    { en = "Nobody copies what was never there.", zh = "从来不在的页，没什么可复制。" },
                    { en = "It wrote to {touched} pages.", zh = "它写过 {touched} 页。" },
                },
            }
            m.ask {
                id = "tables",
                about = r,
                before = { "table_free", 1 },
                text = { en = "And how many page tables go back?", zh = "又归还几张页表？" },
                answer = function(r) return count(r, "table_free") end,
                wrong = {
                    { value = 0, because = { en = "Who would lead to the {last} now?", zh = "现在还有谁通向那张 {last}？" } },
                    { value = function(r) return per_table(r.m) end, because = { en = "So many entries; they were one table.", zh = "那是项数，它们同在一张表里。" } },
                    { value = 2, because = { en = "The {above} stays: it holds the new entry.", zh = "{above} 还在，新的一项就写在它里面。" } },
                },
                right = { en = "The {last}. The TLB was told before anything was copied.", zh = "那张 {last}。动手复制之前，TLB 就已经得了通知。" },
                hints = {
                    { en = "Which table is not needed any more?", zh = "哪张表用不着了？" },
                    { en = "The entry that led to it now maps memory.", zh = "原来通向它的那一项，现在直接映射内存。" },
                    { en = "One {last}.", zh = "一张 {last}。" },
                },
            }
            m.expect(m.walk(BASE).size, span(m, 1), "a huge page")
        end,
        function(m)
            m.title { en = "A shorter way", zh = "路短了" }
            m.view "tree"
            local va = inside(m)
            m.bind { va = va, above = levels(m)[#levels(m) - 1].name }
            m.say {
                en = "The program reads {va:hex}. In the {above} the MMU finds PS = 1.",
                zh = "程序读 {va:hex}。MMU 在 {above} 里看到 PS = 1。",
            }
            local r = m.ask {
                id = "reads",
                op = { "read", va },
                before = { "walk_read", 1 },
                text = { en = "How many table entries are read?", zh = "要读几个表项？" },
                answer = function(r) return count(r, "walk_read") end,
                wrong = {
                    { value = function(r) return #levels(r.m) end, because = { en = "The last table is gone.", zh = "最后那张表没有了。" } },
                    { value = 0, because = { en = "The collapse made the TLB forget these pages.", zh = "合并时 TLB 已经忘掉了这些页。" } },
                    { value = 2, because = { en = "PML4 and PDPT only lead on.", zh = "PML4 和 PDPT 只是带路。" } },
                },
                right = { en = "PML4, PDPT, PD: there it ends.", zh = "PML4、PDPT、PD，到此为止。" },
                hints = {
                    { en = "See Page tables: where does the way end?", zh = "看“页表”面板：路在哪里断？" },
                    { en = "One read a level, down to the entry with PS.", zh = "一级读一次，读到带 PS 的那一项。" },
                    { en = "One less than before.", zh = "比原来少一次。" },
                },
            }
            m.ask {
                id = "pa",
                about = r,
                before = { "translated", 1 },
                format = "hex",
                text = { en = "And the physical address?", zh = "物理地址呢？" },
                answer = function(r) return r.event and r.event.pa end,
                wrong = {
                    { value = function(r) return r.event.pa & ~(span(r.m, 1) - 1) | r.event.va & (r.m.geometry().page - 1) end, because = { en = "Twelve bits of offset belong to small pages.", zh = "十二位偏移是小页的事。" } },
                    { value = function(r) return r.event.pa & ~(span(r.m, 1) - 1) end, because = { en = "That is the block's first byte.", zh = "那是这一块的第一个字节。" } },
                    { value = function(r) return r.event.pa & ~(r.m.geometry().page - 1) end, because = { en = "Almost: the lowest bits pass through as well.", zh = "差一点：最低几位也原样通过。" } },
                },
                right = { en = "The nine bits that chose an entry of the PT are offset now: 21 bits pass through.", zh = "原来挑 PT 表项的九位，如今归了偏移：21 位原样通过。" },
                hints = {
                    { en = "No index is left to choose a page: where do its bits go?", zh = "没有索引再去挑页了，那几位归谁？" },
                    { en = "They join the offset.", zh = "归偏移。" },
                    { en = "The block's address from the entry, plus the lowest 21 bits of {va:hex}.", zh = "表项里那块的地址，加上 {va:hex} 的低 21 位。" },
                },
            }
        end,
        step {
            title = { en = "Where it may begin", zh = "从哪里开始" },
            view = "entry",
            bind = function(m)
                return { size = span(m, 1), gig = span(m, 2), off = levels(m)[#levels(m) - 1].shift, flags = m.geometry().page_shift }
            end,
            text = {
                en = "Look at the entry. The offset of {off} bits takes everything below; the entry has no bits to say that a block begins anywhere else.",
                zh = "看这一项。低处的 {off} 位都归了偏移；块要是从别处开始，表项里没有位可写。",
            },
            ask = {
                id = "aligned",
                text = { en = "How many of the lowest bits of its frame number must be 0?", zh = "页框号的最低几位必须是 0？" },
                answer = function(r) return levels(r.m)[#levels(r.m)].bits end,
                wrong = {
                    { value = 0, because = { en = "Then frame and offset would have to be added. The MMU only puts them side by side.", zh = "那就得把页框和偏移相加了，MMU 只会把它们并排放。" } },
                    { value = function(r) return r.m.geometry().page_shift end, because = { en = "Those were never part of a frame number.", zh = "这几位本来就不在页框号里。" } },
                    { value = function(r) return levels(r.m)[#levels(r.m) - 1].shift end, because = { en = "So many of the address; {flags} of them a frame number does not have.", zh = "地址里是这么多，可其中 {flags} 位页框号里本来就没有。" } },
                },
                right = { en = "A multiple of {size:size}, in both memories. In the entry these bits are reserved: set one, and every access faults.", zh = "虚拟、物理两边都得是 {size:size} 的整数倍。表项里这些位是保留位，置了任何一位，一访问就出异常。" },
                hints = {
                    { en = "How many frames has the block?", zh = "这一块有多少个页框？" },
                    { en = "Its first frame is a multiple of that.", zh = "头一个页框号是它的整数倍。" },
                    { en = "512 is 2 to the power of what?", zh = "512 是 2 的几次方？" },
                },
            },
            after = {
                en = "One level up the same bit makes {gig:size} pages. Kernels map all of memory that way; programs seldom find so large a piece.",
                zh = "再上一级，同一位造出的页有 {gig:size}。内核就这样映射全部内存；程序很难碰上这么大的一整块。",
            },
        },
        step {
            title = { en = "One entry sees far", zh = "一项看得远" },
            view = "tlb",
            prepare = function(m)
                local list = {}
                for i = 0, STRIDE - 1 do list[#list + 1] = i end
                m.flush()
                m.string(BASE, list)
            end,
            bind = function(m) return { n = STRIDE, entries = entries(m), size = span(m, 1) } end,
            text = {
                en = "The TLB is empty; it has {entries} entries. The program reads {n} addresses, each one small page further on. A short walk is a small gain; here is the large one.",
                zh = "TLB 清空了，它有 {entries} 项。程序接连读 {n} 个地址，每个比前一个远一小页。少读一次只是小头，大头在这里。",
            },
            ask = {
                id = "misses",
                op = { "ref", STRIDE },
                before = { "tlb_miss", 1 },
                text = { en = "How often does the TLB miss?", zh = "TLB 会有几次未命中？" },
                answer = function(r) return count(r, "tlb_miss") end,
                wrong = {
                    { value = STRIDE, because = { en = "Once a page, of 4 KiB. All of this is one page.", zh = "一页一次，那是 4 KiB 的页。这里全在一页里。" } },
                    { value = function(r) return STRIDE - entries(r.m) end, because = { en = "The empty entries do not know anything yet.", zh = "空着的项还什么都不认得。" } },
                    { value = 0, because = { en = "It was flushed: the first access has to walk.", zh = "刚清空过，头一次总得查表。" } },
                },
                right = { en = "The first walk fills one entry, for {size:size}.", zh = "头一次查表填了一项，这一项管 {size:size}。" },
                hints = {
                    { en = "How much does the entry that the first walk fills answer for?", zh = "头一次查表填进去的那一项，管多大一片？" },
                    { en = "All {n} addresses lie in it.", zh = "{n} 个地址都在里面。" },
                    { en = "Only the first one misses.", zh = "只有头一个未命中。" },
                },
            },
        },
        step {
            title = { en = "Reach", zh = "覆盖范围" },
            view = "cost",
            bind = function(m)
                return { real = SKYLAKE, small = SKYLAKE * m.geometry().page, huge = SKYLAKE * span(m, 1), entries = entries(m), size = span(m, 1) }
            end,
            text = {
                en = "What {entries} entries answer for at most is the TLB's reach.",
                zh = "{entries} 项总共最多能管多大一片，就是 TLB 的覆盖范围。",
            },
            ask = {
                id = "reach",
                format = "size",
                text = { en = "How far does it reach, if every entry holds a huge page?", zh = "要是每项都装一个大页，覆盖范围有多大？" },
                answer = function(r) return entries(r.m) * span(r.m, 1) end,
                wrong = {
                    { value = function(r) return entries(r.m) * r.m.geometry().page end, because = { en = "That is with small pages.", zh = "那是小页的。" } },
                    { value = function(r) return span(r.m, 1) end, because = { en = "That is one entry.", zh = "那是一项的。" } },
                    { value = function(r) return entries(r.m) * span(r.m, 2) end, because = { en = "Those would be the pages one level up.", zh = "那得是再上一级的页。" } },
                },
                right = { en = "512 times as far. A real TLB of {real} entries goes from {small:size} to {huge:size}: databases live on that.", zh = "远了 512 倍。真实的 {real} 项 TLB，从 {small:size} 变成 {huge:size}：数据库靠的就是这个。" },
                hints = {
                    { en = "Entries times page.", zh = "项数乘页的大小。" },
                    { en = "{entries} entries, {size:size} each.", zh = "{entries} 项，每项 {size:size}。" },
                    { en = "{entries} times {size:size}.", zh = "{entries} 乘 {size:size}。" },
                },
            },
        },
        function(m)
            m.title { en = "One page wants to differ", zh = "有一页要特殊" }
            m.view "tree"
            local page, first = m.geometry().page, m.walk(BASE).frame
            m.bind { va = BASE + page, n = per_table(m), last = levels(m)[#levels(m)].name }
            m.say {
                en = "The program makes one small page of it read-only, {va:hex}. One entry has one set of rights, so the kernel splits first: a {last} again.",
                zh = "程序把其中一个小页 {va:hex} 改成只读。一项只有一套权限，所以内核先拆分：{last} 又回来了。",
            }
            m.ask {
                id = "moved",
                op = { "mprotect", BASE + page, page, "r" },
                before = { "table_alloc", 1 },
                text = { en = "How many pages are copied this time?", zh = "这回要复制几页？" },
                answer = function(r) return count(r, "frame_copied") end,
                wrong = {
                    { value = function(r) return per_table(r.m) end, because = { en = "Small pages may lie side by side, too.", zh = "小页当然也可以紧挨着。" } },
                    { value = 1, because = { en = "It changes its rights, not its place.", zh = "它改的是权限，不是位置。" } },
                    { value = #TOUCHED, because = { en = "That was the way there.", zh = "那是来时的路。" } },
                },
                right = { en = "None: {n} new entries name the frames where they are. Splitting is cheap, collapsing is not.", zh = "一页也不用：{n} 个新表项照原样指着那些页框。拆分便宜，合并才贵。" },
                hints = {
                    { en = "Must a small page lie anywhere special?", zh = "小页对位置有什么要求？" },
                    { en = "Only the table is new.", zh = "新的只有那张表。" },
                    { en = "Nothing moves.", zh = "什么都不搬。" },
                },
            }
            local same = 0
            for i = 0, per_table(m) - 1 do
                if m.walk(BASE + i * page).frame == first + i then same = same + 1 end
            end
            m.expect(same, per_table(m), "every page in the frame it had")
            m.expect(m.walk(BASE).reads, #levels(m), "four reads again")
            m.after {
                en = "Fork and a munmap of a part do the same. The walk is as long as it was.",
                zh = "fork、只解除一部分映射，也都这样。遍历又和原来一样长了。",
            }
        end,
        step {
            title = { en = "Out of memory, in one piece?", zh = "整块换出去？" },
            view = "log",
            prepare = function(m)
                m.mprotect(BASE + m.geometry().page, m.geometry().page, "rw")
                m.collapse(BASE)
                m.set("resident_limit", m.process().rss)
            end,
            bind = function(m)
                local one = m.field("disk_cycles")
                return { size = span(m, 1), page = m.geometry().page, one = one, all = one * per_table(m), va = BASE + span(m, 1) }
            end,
            text = {
                en = "Rights are alike again, the page is huge again. Now the process may have no more pages in memory than it has, and writes to {va:hex}, beyond it. Something must leave for the swap device.",
                zh = "权限又一致了，又合并成了大页。现在不许这个进程再多占内存，它却写大页之外的 {va:hex}。总得有谁去交换设备。",
            },
            ask = {
                id = "written",
                op = function(m) return { "write", BASE + span(m, 1), 1 } end,
                before = { "huge_split", 1 },
                format = "size",
                text = { en = "How much is written to the disk?", zh = "往磁盘写多少？" },
                answer = function(r) return count(r, "swap_write") * r.m.geometry().page end,
                wrong = {
                    { value = function(r) return span(r.m, 1) end, because = { en = "As one piece: {all} cycles of waiting, for room for one page.", zh = "整块写：等上 {all} 个周期，只为腾一页。" } },
                    { value = 0, because = { en = "It was written to, and the disk never had it.", zh = "它写过，磁盘上又从来没有。" } },
                    { value = function(r) return span(r.m, 1) // 2 end, because = { en = "There is no page of that size.", zh = "没有这么大的页。" } },
                },
                right = { en = "The huge page is split, and {page:size} of it leave: {one} cycles instead of {all}.", zh = "大页先拆开，只走 {page:size}：{one} 个周期，而不是 {all}。" },
                hints = {
                    { en = "How much room is needed?", zh = "需要腾多大地方？" },
                    { en = "The kernel splits before it evicts.", zh = "内核先拆分，再换出。" },
                    { en = "One small page.", zh = "一个小页。" },
                },
            },
        },
        step {
            title = { en = "A byte too many", zh = "多了一个字节" },
            view = "layout",
            prepare = function(m)
                m.set("resident_limit", 0)
                m.munmap(BASE, 2 * span(m, 1))
                m.set("huge_pages", 2)
            end,
            bind = function(m)
                local size = span(m, 1)
                return { size = size, page = m.geometry().page, ask = size + 1, half = size // 2 }
            end,
            text = {
                en = "A program can also ask for huge pages itself, from a pool that was set aside. This one needs {ask} bytes: {size:size}, and one byte.",
                zh = "程序也可以自己开口要大页，从预留的池里拿。这个程序要 {ask} 字节：{size:size} 外加一个字节。",
            },
            ask = {
                id = "waste",
                op = function(m) return "mmap " .. hex(POOL) .. " " .. span(m, 1) + 1 .. " rw huge=yes" end,
                before = { "huge_mapped", 1 },
                text = { en = "How many bytes does it get that it did not ask for?", zh = "没要却拿到的有多少字节？" },
                answer = function(r) return find(r, "huge_mapped").wasted end,
                wrong = {
                    { value = function(r) return r.m.geometry().page - 1 end, because = { en = "With pages of {page:size} it would be that.", zh = "若用 {page:size} 的页，才是这么多。" } },
                    { value = function(r) return span(r.m, 1) end, because = { en = "One byte of the second page is wanted.", zh = "第二页里有一个字节是要的。" } },
                    { value = 0, because = { en = "Pages come whole.", zh = "页只能整个给。" } },
                },
                right = { en = "All but one byte of the second page. On average half a page is lost for each mapping: {half:size} instead of 2 KiB.", zh = "第二页除那一个字节外，全浪费了。平均每个映射浪费半页：从前 2 KiB，现在 {half:size}。" },
                hints = {
                    { en = "How many huge pages does it take?", zh = "要几个大页？" },
                    { en = "Two; of the second one byte is used.", zh = "两个，第二个只用一个字节。" },
                    { en = "{size:size} minus one.", zh = "{size:size} 减一。" },
                },
            },
        },
        step {
            title = { en = "Too late", zh = "来晚了" },
            view = "buddy",
            prepare = function(m)
                m.munmap(POOL, 2 * span(m, 1))
                m.mmap(BASE, 2 * span(m, 1), "rw")
                m.write(BASE, 1)
                crumble(m)
            end,
            bind = function(m)
                return { size = span(m, 1), free = m.free() * m.geometry().page }
            end,
            text = {
                en = "Some time later, others have come and gone. {free:size} are free, but in pieces. The kernel is to collapse the pages at the same place as before.",
                zh = "过了一阵，别人来了又走。空闲 {free:size}，却都是零碎。现在内核要把老地方的页再合并一次。",
            },
            ask = {
                id = "late",
                op = { "collapse", BASE },
                before = { "no_memory", 1 },
                text = { en = "What comes out?", zh = "结果如何？" },
                answer = function(r) return r.kind == "error" and "refused" or "made" end,
                words = ENDS,
                wrong = {
                    { value = "made", because = { en = "Enough is free, but nowhere {size:size} in one piece.", zh = "空闲是够的，可没有一处是 {size:size} 的整块。" } },
                    { value = "half", because = { en = "The tables know no such size.", zh = "页表里没有这种大小。" } },
                },
                right = { en = "No block of that order. So pools are filled when the machine boots, while memory is still in one piece.", zh = "没有这一阶的块。所以大页池要在开机时填，趁内存还是整块。" },
                hints = {
                    { en = "Look at the free blocks: which is the largest?", zh = "看空闲块：最大的有多大？" },
                    { en = "The block must be one piece, and aligned.", zh = "必须是对齐的一整块。" },
                    { en = "The largest free block is too small.", zh = "最大的空闲块也不够大。" },
                },
            },
            card = {
                claim = { en = "Larger pages are faster, so make all pages large.", zh = "大页更快，那就全用大页。" },
                truth = {
                    en = "They save walks, and cost memory, copying, and whole blocks that are hard to find. You have just seen each.",
                    zh = "省的是查表，费的是内存、复制，还有难找的整块。这几样你刚才都见过了。",
                },
            },
        },
        step {
            title = { en = "Your turn", zh = "轮到你了" },
            view = "tree",
            prepare = mend,
            bind = function(m) return { va = BASE + span(m, 1), size = span(m, 1) } end,
            text = {
                en = "Memory is whole again. The {size:size} from {va:hex} on were promised to the program, and it has touched nothing of them.",
                zh = "内存又完整了。从 {va:hex} 起的 {size:size} 已经许给程序，它还一点没碰。",
            },
            task = {
                text = {
                    en = "See to it that {va:hex} is in a huge page. The first try may tell you what is missing.",
                    zh = "设法让 {va:hex} 落在一个大页里。头一次试，也许就告诉你还缺什么。",
                },
                goal = function(r)
                    local w = r.m.walk(BASE + span(r.m, 1))
                    return w.present and w.size == span(r.m, 1)
                end,
                solution = function(m)
                    local va = hex(BASE + span(m, 1))
                    return { "write " .. va .. " 1", "collapse " .. va }
                end,
                hints = {
                    { en = "Try :collapse {va:hex}, and read why not.", zh = "试试 :collapse {va:hex}，读一读为什么不行。" },
                    { en = "There must be a page to collapse: write to it.", zh = "得先有页才能合并：写一下。" },
                    { en = "write {va:hex} 1, then collapse {va:hex}.", zh = "先 write {va:hex} 1，再 collapse {va:hex}。" },
                },
            },
            after = {
                en = "You can now say what a huge page saves and what it costs. Take along: who decides which program deserves one?",
                zh = "大页省什么、费什么，你现在说得清了。带走一个问题：哪个程序配用大页，由谁来定？",
            },
        },
    },
}
