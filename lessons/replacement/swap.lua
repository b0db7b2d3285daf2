-- swap.lua - where pages go when memory is full: the swap device, slots, clean and dirty (OSTEP 21; Silberschatz, Operating System Concepts, 10.2 and 10.4).
-- Five frames are left for the program and its pages leave in the order in which they came, so every step knows who is next.
local BASE, PROMISED = 0x4000, 7 -- the program's pages
local FILE = 0xb000              -- where the page of a file is mapped
local AT = 0x10                  -- a byte in a page
local CHANGED = 0x66             -- what the hunted kernel loses
local leaving                    -- the operation in which that page left; the question about it follows in the same step

local function nth(m, n)
    return BASE + n * m.geometry().page + AT
end

-- What was written to the nth page, so that its bytes can be told from others.
local function byte_of(n)
    return 0x10 + n
end

-- Transfers between memory and disk.
local function transfers(r)
    return count(r, "swap_write") + count(r, "swap_read") + count(r, "frame_loaded")
end

local function entry_of(m, va)
    local e = m.walk(va).entries
    return e[#e]
end

-- The table that holds the last entry of va.
local function table_of(m, va)
    return entry_of(m, va).pa & -m.geometry().page
end

-- How many of the promised pages have an entry that `is` says yes to.
local function entries(m, is)
    local n = 0
    for i = 0, PROMISED - 1 do
        if is(entry_of(m, nth(m, i))) then n = n + 1 end
    end
    return n
end

local function tlb_has(m, va)
    for _, e in ipairs(m.tlb()) do
        if e.va == page(va) then return true end
    end
    return false
end

-- First in, first out: the page that was loaded before all others is the next to go.
local function next_to_go(m)
    local oldest
    for _, p in ipairs(m.resident()) do
        if not oldest or p.loaded < oldest.loaded then oldest = p end
    end
    return oldest.va
end

local function bytes_of(m, pa, n)
    local out = {}
    for i, b in ipairs(m.bytes(pa, n)) do
        out[i] = string.format("%02x", b)
    end
    return table.concat(out, " ")
end

return lesson {
    id = "swap",
    part = "replacement",
    title = { en = "More pages than memory", zh = "页比内存多" },
    rows = { "D4", "B4", "D11", "A7" },
    gifts = { "caching" },
    needs = { "demand-paging" },
    machine = "toy16",
    breaks = { "W5" }, -- a kernel that does not save what it takes
    minutes = 14,
    steps = {
        step {
            title = { en = "How can that fit?", zh = "怎么装得下？" },
            view = "frames",
            prepare = function(m)
                m.set("policy", "fifo")
                m.spawn()
                m.mmap(BASE, PROMISED * m.geometry().page, "rw")
                for i = 0, 3 do
                    m.write(nth(m, i), byte_of(i), { size = 1 })
                end
            end,
            bind = function(m)
                return { frames = m.geometry().frames, pages = PROMISED, rss = m.process().rss, free = m.free(), va = nth(m, 4) }
            end,
            text = {
                en = [[Programs use more pages than there are frames, and still run. Where are the others? Of {frames} frames here some are
                    the kernel's. A program was promised {pages} pages and wrote {rss}; {free} frame is free. Now it writes {va:hex}.]],
                zh = [[程序用的页可以比页框还多，照样跑得起来。多出来的在哪儿？这台机器 {frames} 个页框，有几个归内核。程序得到 {pages}
                    页的承诺，写过 {rss} 页，还空着 {free} 个页框。现在它写 {va:hex}。]],
            },
            ask = {
                id = "leave-first",
                op = function(m) return { "write", nth(m, 4), byte_of(4), { size = 1 } } end,
                before = { "page_fault", 1 },
                text = { en = "How many pages must leave memory for it?", zh = "为了它，要有几页离开内存？" },
                answer = function(r) return count(r, "victim_chosen") end,
                wrong = {
                    {
                        value = 1,
                        because = {
                            en = "Many texts let every fault throw a page out. But a free frame is taken first.",
                            zh = "不少文章说一缺页就要换出一页。其实有空闲页框就先用空闲的。",
                        },
                    },
                    {
                        value = function(r) return r.m.process().rss - 1 end,
                        because = {
                            en = "A whole program out for another: the first Unixes swapped like that. Pages go one by one.",
                            zh = "整个程序搬出去给别人腾地方，那是最早的 Unix 的做法。现在是一页一页地搬。",
                        },
                    },
                },
                right = { en = "None. A fault asks for a frame; there was one.", zh = "一页也不用。缺页只是要一个页框，正好还有。" },
                hints = {
                    { en = "Look at the Frames pane.", zh = "看看“页框”面板。" },
                    { en = "Pages leave only where there is no room.", zh = "没地方了，才要有页离开。" },
                    { en = "{free} frame is free, and one is needed.", zh = "空着 {free} 个，也只要一个。" },
                },
            },
        },
        function(m)
            local va = nth(m, 5)
            m.title { en = "No room left", zh = "满了" }
            m.view "frames"
            m.bind { va = va, frames = m.geometry().frames }
            m.say {
                en = "Now all {frames} frames are taken. The program writes to yet another page, {va:hex}. Somebody has to go: here, whoever came first.",
                zh = "{frames} 个页框全用上了。程序又要写一页：{va:hex}。总得有谁走：这里的规矩是，先来的先走。",
            }
            local r = m.ask {
                id = "travel-out",
                op = { "write", va, byte_of(5), { size = 1 } },
                before = { "victim_chosen", 1 },
                text = { en = "How many pages will travel to or from the disk?", zh = "内存和磁盘之间，要搬几页？" },
                answer = transfers,
                wrong = {
                    {
                        quirk = "dirty-is-not-written",
                        because = {
                            en = "Then what the program wrote into the old page would be gone for good.",
                            zh = "那程序写在旧页里的东西就永远没了。",
                        },
                    },
                    {
                        value = 2,
                        because = {
                            en = "One out and one in? The new page was never used: it begins as zeros, there is nothing to read.",
                            zh = "一出一进？新的那页从没用过，从全零开始，没有东西可读。",
                        },
                    },
                },
                right = { en = "Only the one that leaves. It has no other copy, so it is written.", zh = "只搬走的那一页。它没有别的副本，必须写下来。" },
                hints = {
                    { en = "One page leaves, one is new. Which has bytes worth keeping?", zh = "一页要走，一页是新的。哪一页里有要留住的东西？" },
                    { en = "The page that leaves exists nowhere else.", zh = "要走的那页，别处没有副本。" },
                    { en = "Out: yes. In: zeros need no disk.", zh = "出：要搬。进：全零用不着磁盘。" },
                },
            }
            local out = find(r, "slot_alloc")
            m.bind { slot = out.slot, old = find(r, "victim_chosen").va }
            m.ask {
                id = "in-the-entry",
                about = r,
                before = { "entry_write", 1 },
                format = "hex",
                text = {
                    en = "It got slot {slot} of the swap device. What will stand in its page-table entry?",
                    zh = "它在交换设备上分到第 {slot} 号槽。它的页表项里会写什么？",
                },
                answer = function(q) return q.event and q.event.new end,
                wrong = {
                    {
                        value = 0,
                        because = {
                            en = "That is how a page looks that was never touched. Nobody would find this one again.",
                            zh = "从没碰过的页才是这样。那就再也没人找得到它了。",
                        },
                    },
                    {
                        value = function(q) return q.event.old & ~1 end,
                        because = {
                            en = "The old entry with P cleared: it names a frame that another page gets now.",
                            zh = "旧表项只清掉 P：里面的页框马上就归别的页了。",
                        },
                    },
                    {
                        value = function() return out.slot end,
                        because = {
                            en = "Bit 0 of that is P: present. The number goes where a frame's number stands.",
                            zh = "这样第 0 位成了 P，意思是“在”。号码要写在页框号的位置上。",
                        },
                    },
                },
                right = {
                    en = "P is 0, so the MMU ignores the rest. There the kernel keeps the slot's number.",
                    zh = "P 是 0，其余各位 MMU 一概不看，内核就把槽号存在那里。",
                },
                hints = {
                    { en = "The kernel must find the page again, and the MMU must not.", zh = "内核要找得回来，MMU 要走不通。" },
                    { en = "P = 0; the slot's number where the frame's was.", zh = "P = 0；槽号写在原来页框号的地方。" },
                    { en = "{slot}, followed by three zeros in hex.", zh = "十六进制的 {slot} 后面接三个零。" },
                },
            }
            m.expect(count(r, "swap_read"), 0, "nothing is read for a new page")
        end,
        function(m)
            local e = entry_of(m, nth(m, 0))
            m.title { en = "In real bytes", zh = "看看真的字节" }
            m.view("hex", table_of(m, nth(m, 0)))
            m.bind {
                pa = e.pa, bytes = bytes_of(m, e.pa, m.geometry().entry_bytes), width = m.geometry().entry_bytes, pages = PROMISED,
                vsz = m.process().vsz // m.geometry().page, first = nth(m, 0), written = entries(m, function(x) return x.value ~= 0 end),
            }
            m.say {
                en = "The page table, {width} bytes per entry, low byte first. Look at {pa:hex}, the entry of {first:hex}: {bytes}. Not in memory, and where to look. Press w there: who wrote it?",
                zh = "这是页表，每项 {width} 字节，低字节在前。看 {pa:hex}，它管 {first:hex}，写着 {bytes}：不在内存，去哪儿找也写明了。在那里按 w，看是谁写的。",
            }
            m.ask {
                id = "never-touched",
                text = { en = "Of the {pages} promised pages, how many were never touched?", zh = "承诺的 {pages} 页里，有几页从没碰过？" },
                answer = function(r) return entries(r.m, function(x) return x.value == 0 end) end,
                wrong = {
                    {
                        value = function(r) return entries(r.m, function(x) return not x.present end) end,
                        because = {
                            en = "You counted each P = 0. One of them names a slot: that page exists.",
                            zh = "你把 P = 0 的都算上了。其中一项写着槽号，那页是存在的。",
                        },
                    },
                    {
                        value = function(r) return entries(r.m, function(x) return x.present end) end,
                        because = { en = "Those are the ones in memory.", zh = "这是在内存里的页数。" },
                    },
                },
                right = { en = "Three states: zero, a slot, a frame.", zh = "三种状态：零、槽、页框。" },
                hints = {
                    { en = "What does an entry look like before the first touch?", zh = "第一次碰到之前，表项是什么样？" },
                    { en = "All zeros.", zh = "全是零。" },
                    { en = "The program has written {written} of the {pages} pages.", zh = "{pages} 页里，程序写过 {written} 页。" },
                },
            }
            m.ask {
                id = "resident",
                text = { en = "The program may use {vsz} pages in all (VSZ). How many are resident (RSS)?", zh = "程序总共可以用 {vsz} 页（VSZ）。驻留在内存的（RSS）有几页？" },
                answer = function(r) return r.m.process().rss end,
                wrong = {
                    {
                        value = function(r) return entries(r.m, function(x) return x.value ~= 0 end) end,
                        because = { en = "So many exist. But one of them is on the disk.", zh = "存在的有这么多，可是有一页在磁盘上。" },
                    },
                    {
                        value = PROMISED,
                        because = { en = "That is a promise. A promise takes no frame.", zh = "这是承诺。承诺不占页框。" },
                    },
                },
                right = { en = "Promised, existing, resident: three numbers, each smaller.", zh = "承诺的、存在的、驻留的：三个数，一个比一个小。" },
                hints = {
                    { en = "Resident means: has a frame.", zh = "驻留，就是占着页框。" },
                    { en = "Count entries with P = 1.", zh = "数 P = 1 的表项。" },
                    { en = "As many as there were frames for it.", zh = "有几个页框给它，就是几页。" },
                },
            }
        end,
        function(m)
            local va = nth(m, 0)
            m.title { en = "Back again", zh = "回来" }
            m.view "replace"
            m.bind { va = va }
            m.say {
                en = "The program reads {va:hex}, the page that left. The MMU finds P = 0 and gives up.",
                zh = "程序读 {va:hex}，正是走掉的那一页。MMU 见 P = 0，就撒手了。",
            }
            local r = m.ask {
                id = "error-code",
                op = { "read", va, { size = 1 } },
                before = { "page_fault", 1 },
                text = { en = "With which error code?", zh = "错误码是多少？" },
                answer = function(q) return q.event and q.event.error end,
                wrong = {
                    { value = 5, because = { en = "P in it would mean: present, but no right. It is not present.", zh = "里面带 P，意思是页在、权限不够。可这页不在。" } },
                    { value = 0, because = { en = "The program reads, not the kernel: U is set.", zh = "读它的是程序，不是内核：U 要置位。" } },
                    { value = 8, because = { en = "There is no bit for \"on the disk\". The MMU knows no disks; bit 3 is for reserved bits.", zh = "没有哪一位表示“在磁盘上”。MMU 不认识磁盘；第 3 位管的是保留位。" } },
                },
                right = {
                    en = "{error} ({errbits}): the same as for a page never touched. Only the kernel reads the slot's number.",
                    zh = "{error}（{errbits}）：和从没碰过的页一模一样。槽号只有内核会看。",
                },
                hints = {
                    { en = "What does the MMU know of the swap device?", zh = "MMU 知道交换设备吗？" },
                    { en = "Not present, a read, by the user.", zh = "不在，读，用户态。" },
                    { en = "Only U is set; U counts 4.", zh = "只有 U 置位，U 是 4。" },
                },
            }
            m.ask {
                id = "travel-back",
                about = r,
                before = { "victim_chosen", 1 },
                text = { en = "Memory is full. How many pages travel this time?", zh = "内存是满的。这回要搬几页？" },
                answer = transfers,
                wrong = {
                    {
                        quirk = "dirty-is-not-written",
                        because = {
                            en = "The one that comes. But for it another one leaves, and nobody else has its bytes.",
                            zh = "你只算了回来的。可它一来，就有另一页要走，那页的内容别处没有。",
                        },
                    },
                    { value = 0, because = { en = "Its bytes are in the slot and nowhere else.", zh = "它的内容只在槽里，别处没有。" } },
                },
                right = { en = "One out, one in. The process waits for both.", zh = "一出一进，进程两次都得等。" },
                hints = {
                    { en = "Where does its frame come from?", zh = "它的页框从哪里来？" },
                    { en = "The next page leaves first, and it was written too.", zh = "先得走下一页，那页也是写过的。" },
                    { en = "A write, then a read.", zh = "先写一次，再读一次。" },
                },
            }
            m.ask {
                id = "major",
                text = {
                    en = "Two faults have used the disk so far. How many of them count as major?",
                    zh = "到现在有两次缺页用到了磁盘。算作主缺页的有几次？",
                },
                answer = function(q) return q.m.process().major end,
                wrong = {
                    {
                        value = 2,
                        because = {
                            en = "The first one only wrote. What the program wanted then was zeros; nothing was read.",
                            zh = "头一次只是写盘。程序那时要的是一页零，什么也没读。",
                        },
                    },
                    { value = 0, because = { en = "A page was read from the disk: that is what major means.", zh = "有一页是从磁盘读来的，这就叫主缺页。" } },
                },
                right = { en = "Major: the wanted page itself had to be read.", zh = "主缺页：要的那一页本身得从磁盘读。" },
                hints = {
                    { en = "Minor or major is said of the page that is wanted.", zh = "次缺页还是主缺页，说的是要的那一页。" },
                    { en = "Was it read from the disk?", zh = "它是从磁盘读来的吗？" },
                    { en = "Not the first time: those were zeros.", zh = "头一次不是，那是一页零。" },
                },
            }
        end,
        function(m)
            local old, va = nth(m, 2), nth(m, 1)
            m.title { en = "Who else knows?", zh = "还有谁记着？" }
            m.view "tlb"
            m.bind { old = page(old), va = va }
            m.say {
                en = "The program has just used page {old:hex}, so the TLB holds it. Now it reads {va:hex}, which is away, and {old:hex} is the next to go.",
                zh = "程序刚用过 {old:hex} 这一页，TLB 里记着它。现在读 {va:hex}，这页不在；轮到 {old:hex} 走了。",
            }
            m.read(old, { size = 1 })
            m.expect(tlb_has(m, old), true, "the TLB holds the next victim")
            local r = m.ask {
                id = "tlb-knows",
                op = { "read", va, { size = 1 } },
                before = { "tlb_drop", 1 },
                text = { en = "When the program runs on, does the TLB still hold {old:hex}?", zh = "程序继续跑的时候，TLB 里还有 {old:hex} 吗？" },
                answer = function(q) return tlb_has(q.m, old) end,
                words = { ["true"] = { en = "yes", zh = "有" }, ["false"] = { en = "no", zh = "没有" } },
                wrong = {
                    {
                        quirk = "victim-stays-in-tlb",
                        because = {
                            en = "Then a hit would lead into a frame that is another page's now.",
                            zh = "那一命中，就会走进已经归了别人的页框。",
                        },
                    },
                    {
                        value = { en = "yes, marked as absent", zh = "有，标着“不在”" },
                        because = { en = "The TLB has no such mark: it holds translations or nothing.", zh = "TLB 没有这种标记：要么有翻译，要么没有。" },
                    },
                },
                right = {
                    en = "The kernel changes the entry and then has the TLB drop it. The TLB would not notice by itself.",
                    zh = "内核改了页表项，还要叫 TLB 丢掉这一条。TLB 自己是不会发现的。",
                },
                hints = {
                    { en = "Who tells the TLB that a table has changed?", zh = "页表改了，谁去告诉 TLB？" },
                    { en = "A TLB is a copy; software must have stale copies dropped.", zh = "TLB 是抄来的；过时的副本要由软件去清。" },
                    { en = "The event after the entry's change.", zh = "看表项改完后的下一个事件。" },
                },
            }
            m.expect(find(r, "victim_chosen").va, page(old), "it was the next to go")
        end,
        function(m)
            local a, b = nth(m, 3), nth(m, 2)
            m.title { en = "A kernel that forgets", zh = "忘事的内核" }
            m.view "tlb"
            m.bind { a = a, b = b, mine = byte_of(3) }
            m.say {
                en = [[At {a:hex} the program keeps {mine:hex}. Take one line out of the kernel. Press : for each:

                    set victim-stays-in-tlb on

                    read {a:hex}

                    read {b:hex}

                    read {a:hex}

                    Whose byte is that? And what says check? Esc brings you back.]],
                zh = [[程序在 {a:hex} 存着 {mine:hex}。从内核里抽掉一行，每行都先按 : 再输入

                    set victim-stays-in-tlb on

                    read {a:hex}

                    read {b:hex}

                    read {a:hex}

                    这是谁的字节？check 又怎么说？按 Esc 回来。]],
            }
        end,
        step {
            title = { en = "Only read", zh = "只读过" },
            view = "swap",
            prepare = function(m)
                for i = 2, 4 do
                    m.read(nth(m, i), { size = 1 })
                end
                m.expect(next_to_go(m), page(nth(m, 0)), "the page that was only read is next")
            end,
            bind = function(m) return { a = next_to_go(m), b = nth(m, 5) } end,
            text = {
                en = [[Pages came and went. {a:hex} has been back for a while; the program only read it, and its slot was kept. Now {b:hex} is
                    wanted, and {a:hex} is next to go.]],
                zh = [[页来来去去。{a:hex} 早就回来了，程序只读过它，它的槽也还留着。现在要 {b:hex}，轮到 {a:hex} 走。]],
            },
            ask = {
                id = "travel-clean",
                op = function(m) return { "read", nth(m, 5), { size = 1 } } end,
                before = { "victim_chosen", 1 },
                text = { en = "How many pages travel?", zh = "要搬几页？" },
                answer = transfers,
                wrong = {
                    {
                        quirk = "clean-is-written",
                        because = {
                            en = "Why write it? The slot holds the very same bytes, and D is 0.",
                            zh = "写它做什么？槽里就是一样的内容，D 也是 0。",
                        },
                    },
                    { value = 0, because = { en = "{b:hex} itself must still be read.", zh = "{b:hex} 本身总得读进来。" } },
                },
                right = {
                    en = "Only the one that comes. The disk still has what leaves.",
                    zh = "只有进来的那页。要走的那页，磁盘上本来就有。",
                },
                hints = {
                    { en = "Does the disk know {a:hex} already?", zh = "{a:hex} 的内容，磁盘上有没有？" },
                    { en = "A clean page with a slot can simply be dropped.", zh = "干净、又有槽的页，丢掉就行。" },
                    { en = "No write, one read.", zh = "不写，只读一次。" },
                },
            },
        },
        step {
            title = { en = "One byte", zh = "只改一个字节" },
            view = "tree",
            prepare = function(m)
                m.expect(next_to_go(m), page(nth(m, 1)), "it is next to go")
                m.read(nth(m, 1), { size = 1 })
            end,
            bind = function(m) return { va = nth(m, 1), other = nth(m, 0), page = m.geometry().page } end,
            text = {
                en = "{va:hex} is back from the disk as well, and clean. The TLB holds it. Now the program writes one byte there; then {other:hex} is wanted.",
                zh = "{va:hex} 也是从磁盘回来的，干净，TLB 里记着。程序往里写一个字节；随后又要 {other:hex}。",
            },
            ask = {
                {
                    id = "who-sets-d",
                    op = function(m) return { "write", nth(m, 1), 0x77, { size = 1 } } end,
                    before = { "tlb_recheck", 1 },
                    text = { en = "Who sets D in the page table?", zh = "页表里的 D 由谁来置位？" },
                    answer = function(r)
                        local e = find(r, "entry_mark")
                        return e and e.actor
                    end,
                    words = {
                        mmu = { en = "the MMU, at the first write", zh = "MMU，在第一次写的时候" },
                        kernel = { en = "the kernel, in a fault", zh = "内核，在缺页里" },
                        cpu = { en = "the program", zh = "程序" },
                    },
                    wrong = {
                        {
                            value = "kernel",
                            because = { en = "There is no fault: the page may be written. The kernel only reads D later.", zh = "这里不会缺页：这页本来就可写。内核只是日后来看 D。" },
                        },
                        {
                            value = { en = "nobody: the TLB hits", zh = "没有谁：TLB 命中了" },
                            because = {
                                en = "Then the kernel would take the page for clean. The TLB entry says D = 0, so the MMU goes to the table once.",
                                zh = "那内核会以为它是干净的。TLB 里记着 D = 0，MMU 得去页表走一趟。",
                            },
                        },
                    },
                    right = { en = "One walk, only to write one bit.", zh = "专门走一趟，只为写一位。" },
                    hints = {
                        { en = "Who writes into tables without being asked?", zh = "谁不用人叫，自己会往页表里写？" },
                        { en = "A and D are the hardware's fingerprints.", zh = "A 和 D 是硬件留下的指纹。" },
                        { en = "The one that translates.", zh = "就是做翻译的那位。" },
                    },
                },
                {
                    id = "bytes-out",
                    op = function(m) return { "read", nth(m, 0), { size = 1 } } end,
                    before = { "victim_chosen", 1 },
                    text = { en = "The page of {va:hex} leaves. How many bytes are written to the disk?", zh = "{va:hex} 所在的页走了。往磁盘写几个字节？" },
                    answer = function(q) return count(q, "swap_write") * q.m.geometry().page end,
                    wrong = {
                        { value = 1, because = { en = "One changed, but D does not say which.", zh = "只改了一个，可 D 没说是哪一个。" } },
                        {
                            quirk = "dirty-is-not-written",
                            because = { en = "The slot has the page as it was. The new byte would be lost.", zh = "槽里还是老样子，新写的字节就丢了。" },
                        },
                    },
                    right = { en = "The whole page, into its old slot: one bit speaks for {page} bytes.", zh = "整页，写回原来的槽：一位管 {page} 个字节。" },
                    hints = {
                        { en = "What does the kernel know about the change?", zh = "对这次改动，内核知道些什么？" },
                        { en = "One D bit for the whole page.", zh = "整页只有一个 D 位。" },
                        { en = "As many as a page has.", zh = "一页有多少，就写多少。" },
                    },
                },
            },
        },
        step {
            title = { en = "A page that has a home", zh = "有家的页" },
            view = "tree",
            prepare = function(m)
                m.mmap(FILE, m.geometry().page, "r", "private", { file = "book" })
                m.read(FILE, { size = 1 })
                for i = 1, 4 do
                    m.read(nth(m, i), { size = 1 })
                end
                m.expect(next_to_go(m), FILE, "the file's page is next to go")
            end,
            bind = function(m) return { file = FILE, last = nth(m, 5) } end,
            text = {
                en = "The program has mapped a page of a file at {file:hex} and read it. It was not written, and it is next to go: {last:hex} is wanted.",
                zh = "程序把文件的一页映射到 {file:hex}，读过，没写过。现在要 {last:hex}，轮到它走。",
            },
            ask = {
                id = "file-entry",
                op = function(m) return { "read", nth(m, 5), { size = 1 } } end,
                before = { "entry_write", 1 },
                format = "hex",
                text = { en = "What will stand in the entry of {file:hex}?", zh = "{file:hex} 的页表项里会写什么？" },
                answer = function(q) return q.event and q.event.new end,
                wrong = {
                    {
                        value = function(q) return (1 + entries(q.m, function(x) return x.value ~= 0 end)) * q.m.geometry().page end,
                        because = { en = "The next slot? The file has the bytes; a slot would be a second copy.", zh = "下一个槽？文件里就有这些内容，何必再占一个槽。" },
                    },
                    {
                        value = function(q) return q.event.old & ~1 end,
                        because = { en = "That still names the frame, and the frame is gone.", zh = "里面还写着页框，可页框已经归别人了。" },
                    },
                },
                right = {
                    en = "Zero, as if never touched: the area says which page of which file. Nothing is written.",
                    zh = "零，好像从没碰过：区域里写明了是哪个文件的哪一页。什么也不用写。",
                },
                hints = {
                    { en = "Where would the kernel look for these bytes?", zh = "这些内容，内核会到哪儿去找？" },
                    { en = "The area knows the file. The entry need say nothing.", zh = "区域知道是哪个文件，表项不用再说。" },
                    { en = "The same as before its first touch.", zh = "和第一次碰到之前一样。" },
                },
            },
        },
        step {
            title = { en = "Cheap memory?", zh = "便宜的内存？" },
            view = "cost",
            prepare = function(m) -- from here on the kernel is the one that the next step hunts; pages that are only read do not notice
                m.set("dirty-is-not-written", "on")
                m.read(nth(m, 5), { size = 1 })
            end,
            bind = function(m) return { va = nth(m, 0) } end,
            text = {
                en = "The machine is slow; disks are cheap. A bigger swap device? Two reads of {va:hex}: first from a slot, then from memory.",
                zh = "机器慢，磁盘便宜。把交换设备加大？读 {va:hex} 两次：先从槽里，再从内存里。",
            },
            run = function(m)
                local away = m.read(nth(m, 0), { size = 1 })
                local here = m.read(nth(m, 0), { size = 1 })
                m.expect(count(away, "swap_read"), 1, "the first read waits for the disk")
                m.expect(transfers(here), 0, "the second does not")
                m.bind { away = away.cycles, here = here.cycles, times = away.cycles // here.cycles }
            end,
            card = {
                claim = { en = "More swap makes the machine faster.", zh = "交换空间越大，机器越快。" },
                truth = {
                    en = "In memory {here} cycles, in a slot {away}: {times} times as long. More slots hold more pages; only frames spare you the trip.",
                    zh = "在内存里 {here} 个周期，在槽里 {away} 个，是 {times} 倍。槽多，只是装得多；想少跑这趟，得添页框。",
                },
            },
        },
        step {
            title = { en = "Less disk traffic", zh = "省下磁盘" },
            view = "log",
            prepare = function(m)
                m.read(nth(m, 2), { size = 1 })
                m.expect(next_to_go(m), page(nth(m, 2)), "the page that is written next leaves first")
            end,
            bind = function(m) return { va = nth(m, 2), other = nth(m, 1), new = CHANGED } end,
            text = {
                en = "The kernel was changed a while ago, to use the disk less. The program writes {new:hex} to {va:hex}, reads {other:hex}, and {va:hex} again. Watch what comes back.",
                zh = "内核早些时候换过，说是能少用磁盘。程序往 {va:hex} 写 {new:hex}，读 {other:hex}，再读 {va:hex}。看看读回来的是什么。",
            },
            run = function(m)
                m.write(nth(m, 2), CHANGED, { size = 1 })
                leaving = m.read(nth(m, 1), { size = 1 })
                m.bind { got = m.read(nth(m, 2), { size = 1 }).value }
            end,
            ask = {
                id = "hunt",
                text = {
                    en = "It read {got:hex}. Go back to where the page left: which event is missing there?",
                    zh = "读到的是 {got:hex}。回到这页离开的地方：那里少了哪个事件？",
                },
                answer = function()
                    for _, name in ipairs { "entry_write", "tlb_drop", "swap_write" } do
                        if count(leaving, name) == 0 then return name end
                    end
                end,
                words = {
                    swap_write = { en = "the disk writes the slot", zh = "磁盘写槽" },
                    tlb_drop = { en = "the TLB drops the page", zh = "TLB 丢掉这一页" },
                    entry_write = { en = "the entry is changed", zh = "改页表项" },
                },
                wrong = {
                    {
                        value = "tlb_drop",
                        because = { en = "It is there. Without it another page's byte would have come, not an old one of this page.", zh = "这一条在。要是少了它，读到的会是别的页的字节，不会是这页的旧字节。" },
                    },
                    {
                        value = "entry_write",
                        because = { en = "It is there. Without it no fault would have brought the page back.", zh = "这一条在。要是少了它，后来就不会缺页把它请回来。" },
                    },
                },
                right = {
                    en = "A written page was treated as clean. Check while it is away, and W5 complains; once it is back, slot and frame agree and only the byte tells.",
                    zh = "写过的页被当成了干净的。趁它不在的时候检查，W5 会报；等它回来，槽和页框又一致了，只有这个字节作证。",
                },
                hints = {
                    { en = "{got:hex} is what the page held before the write.", zh = "{got:hex} 是写之前的内容。" },
                    { en = "Compare with the page that left after one byte was written. F goes back fault by fault.", zh = "和改了一个字节后离开的那页比一比。按 F 逐次缺页往回走。" },
                    { en = "The slot still had the old bytes. Go to :rfind tuned and read which line was taken out.", zh = "槽里还是旧内容。输入 :rfind tuned，看看抽掉的是哪一行。" },
                },
            },
        },
        step {
            title = { en = "Exactly two", zh = "恰好两次" },
            view = "swap",
            prepare = function(m) m.set("dirty-is-not-written", "off") end,
            bind = function(m) return { first = BASE, last = BASE + (PROMISED - 1) * m.geometry().page, step = m.geometry().page } end,
            text = {
                en = "The good kernel is back. All pages in memory are clean now, and whoever came first goes first.",
                zh = "好内核回来了。现在内存里的页都是干净的，还是先来的先走。",
            },
            task = {
                text = {
                    en = "Make the machine write to the swap device exactly twice. The pages: {first:hex} to {last:hex}, every {step:hex}.",
                    zh = "让机器恰好往交换设备写两次。能用的页：从 {first:hex} 到 {last:hex}，每隔 {step:hex} 一页。",
                },
                goal = function(r) return count(r, "swap_write") == 2 and r.m.pid() ~= 0 end,
                solution = function(q)
                    return {
                        "write " .. hex(nth(q, 4)) .. " 1 size=1", "write " .. hex(nth(q, 5)) .. " 2 size=1",
                        "read " .. hex(nth(q, 3)) .. " size=1", "read " .. hex(nth(q, 4)) .. " size=1",
                    }
                end,
                hints = {
                    { en = "What makes the disk write a page that leaves?", zh = "要走的页，什么情况下磁盘才写它？" },
                    { en = "It must have been written. And it leaves only when another is wanted that is away.", zh = "它得被写过；而且要有一页不在内存、又被人要，它才会走。" },
                    { en = "Write to two pages in memory, then read pages that are away until both are gone.", zh = "写两页在内存里的，再去读不在的页，直到那两页都走。" },
                },
            },
            after = {
                en = [[You can now say of any page that leaves: is it written, what stays in its entry, who must be told. Take along: some pages left
                    only to be fetched right back. Who should have gone?]],
                zh = [[现在，不管哪一页离开，你都说得出：要不要写盘，表项里留下什么，还得告诉谁。带走一个问题：有的页刚走，马上又得请回来。本该让谁走？]],
            },
        },
    },
}
