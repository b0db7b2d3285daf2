-- walk-cache.lua - paging-structure caches: what upper tables said is kept, so the walk for a neighbour starts low; and what happens when a
-- kernel forgets that they exist (SDM vol. 3A, 4.10.3 and 4.10.4).
local HOME = 0x123456789000  -- the pair of the textbook: two neighbours in one last table
local MIB, GIB = 1 << 20, 1 << 30
local FAR = { 2 * MIB, GIB, 512 * GIB } -- each step shares one index less with HOME
local VICTIM = 0x600000000000           -- a region of its own, for the broken kernel
local SECRET = 0x5e
local OURS = 0x67                       -- P W U A D: flags of an entry that a program forges

local function next_door(m) return HOME + m.geometry().page end

-- Table reads of the nth access (from 1) among some events.
local function reads_of(events, nth)
    local n, reads = 0, 0
    for _, e in ipairs(events) do
        if e.event == "access" then n = n + 1 end
        if e.event == "walk_read" and n == nth then reads = reads + 1 end
    end
    return reads, n
end

local function first_area(m, pid, kind)
    for _, a in ipairs(m.process(pid).areas) do
        if a.kind == kind then return a.start end
    end
end

local function touch(m, va)
    m.mmap(va, 4 * m.geometry().page, "rw")
    m.write(va, 1, { size = 1 })
end

return lesson {
    id = "walk-cache",
    part = "tlb",
    title = { en = "Skipping the first three tables", zh = "跳过前三张表" },
    rows = { "C5" },
    needs = { "tlb" },
    machine = "walk-cache",
    breaks = { "F4", "L1", "L5" }, -- by the broken kernel of the last pages but one
    minutes = 12,
    steps = {
        step {
            title = { en = "The neighbour", zh = "隔壁" },
            view = "tree",
            prepare = function(m)
                m.spawn()
                touch(m, HOME)
                m.write(next_door(m), 2, { size = 1 })
                for _, step in ipairs(FAR) do touch(m, HOME + step) end
                m.flush()
                m.read(HOME, { size = 1 })
            end,
            bind = function(m)
                return { home = HOME, next = next_door(m), levels = #m.geometry().levels }
            end,
            text = {
                en = [[The TLB was empty, the program read {home:hex}, the MMU read {levels} tables. Now it wants {next:hex}, the page next door: a TLB
                    miss for sure, since every page needs a note of its own. Must the MMU really ask all {levels} tables again?]],
                zh = [[TLB 原是空的，程序读了 {home:hex}，MMU 读了 {levels} 张表。现在它要隔壁那页 {next:hex}：TLB 肯定未命中，因为一页一条小抄。
                    可是 MMU 真得把 {levels} 张表再问一遍吗？]],
            },
            ask = {
                id = "next-door",
                op = function(m) return { "read", next_door(m), { size = 1 } } end,
                before = { "tlb_miss", 1 },
                text = { en = "How many table entries does it read?", zh = "要读几个表项？" },
                answer = function(r) return count(r, "walk_read") end,
                wrong = {
                    {
                        quirk = "walk-starts-at-root",
                        because = { en = "On an old MMU, yes. This one kept what the upper tables said a moment ago.", zh = "老 MMU 确实如此。这台却记住了上层表刚才说的话。" },
                    },
                    { value = 0, because = { en = "Where this page is, nobody has asked yet: the last table must be read.", zh = "这一页在哪儿还没人问过，最后一张表总得读。" } },
                    {
                        value = function(r) return #r.m.geometry().levels - 1 end,
                        because = { en = "Only the root is skipped, you think. But the next two answers would be the same too.", zh = "你以为只省下根表。可后面两级的回答也不会变。" },
                    },
                },
                right = {
                    en = "{answer}. The upper three answers are known: the walk starts at the last table.",
                    zh = "{answer} 个。上面三级的回答都记着：直接从最后一张表走起。",
                },
                hints = {
                    { en = "Which of the four indices differ between the two addresses?", zh = "两个地址的四个索引，哪几个不同？" },
                    { en = "Equal questions have equal answers; the MMU kept them. Look below the TLB.", zh = "问题相同，回答也相同；MMU 记下来了。看 TLB 下面。" },
                    { en = "Only the last index differs, so only the last table is read.", zh = "只有最后一个索引不同，所以只读最后一张表。" },
                },
            },
            after = {
                en = "The address pane marks the level whose answer was known with a tick and the table it led to; the dots were not even looked up.",
                zh = "地址面板里打勾的那一级是记得的，后面写着它通向的表；打点的几级连查都没查。",
            },
        },
        step {
            title = { en = "A row for each level", zh = "每级一行" },
            view = "tlb",
            bind = function(m) return { page = m.geometry().page } end,
            text = {
                en = [[Below the TLB stand the walk caches. A TLB row says: this page is in that frame. A walk-cache row says: for this whole region, go on
                    at that table. It holds no page's frame, so it never ends a translation; it only shortens the way.]],
                zh = [[TLB 下面就是走表缓存。TLB 的一行说：这一页在那个页框。走表缓存的一行说：这一整片区域，从那张表接着走。它不知道哪一页在哪个页框，
                    所以完不成翻译，只能抄近路。]],
            },
            ask = {
                id = "region",
                text = { en = "For how many addresses does one row of the PD answer?", zh = "PD 的一行，管多少个地址？" },
                format = "size",
                answer = function(r) return r.m.geometry().page * (r.m.geometry().page // r.m.geometry().entry_bytes) end,
                wrong = {
                    { value = function(r) return r.m.geometry().page end, because = { en = "That is a row of the TLB.", zh = "那是 TLB 的一行。" } },
                    { value = GIB, because = { en = "That is a row of the PDPT: one level up.", zh = "那是 PDPT 的一行，再上一级。" } },
                    {
                        value = function(r) return r.m.geometry().page // r.m.geometry().entry_bytes end,
                        because = { en = "That many pages it is. Each has {page} addresses.", zh = "这是页数，每页还有 {page} 个地址。" },
                    },
                },
                right = { en = "{answer}: what one last table maps.", zh = "{answer}：一张末级页表管的范围。" },
                hints = {
                    { en = "A PD entry leads to one last table.", zh = "PD 的一项通向一张末级页表。" },
                    { en = "As many entries as fit in that table, a page each.", zh = "表里有多少项，就有多少页。" },
                    { en = "512 pages of {page} bytes.", zh = "512 页，每页 {page} 字节。" },
                },
            },
        },
        function(m)
            m.title { en = "Farther away", zh = "走远些" }
            m.view "address"
            local far = HOME + FAR[1]
            m.bind { far = far, home = HOME }
            m.say {
                en = "{far:hex} lies 2 MiB beyond {home:hex}. Its page was never noted in the TLB either.",
                zh = "{far:hex} 比 {home:hex} 远 2 MiB。这一页 TLB 里同样没有。",
            }
            m.ask {
                id = "two-mib",
                op = { "read", far, { size = 1 } },
                before = { "tlb_miss", 1 },
                text = { en = "How many table entries are read now?", zh = "这回读几个表项？" },
                answer = function(r) return count(r, "walk_read") end,
                wrong = {
                    { quirk = "walk-starts-at-root", because = { en = "As if nothing had been kept.", zh = "好像什么也没记。" } },
                    { value = 1, because = { en = "Another 2 MiB, another last table: the PD has to say which.", zh = "换了 2 MiB，末级页表也换了：得问 PD 是哪一张。" } },
                    { value = 3, because = { en = "The PD itself is known: the row of the PDPT led to it.", zh = "PD 本身是知道的：PDPT 那一行就通向它。" } },
                },
                right = { en = "{answer}. The row of the PDPT still fits; PD and last table are asked.", zh = "{answer} 个。PDPT 那一行仍然适用，只问 PD 和末级表。" },
                hints = {
                    { en = "Compare the indices in the address pane.", zh = "在地址面板里比一比索引。" },
                    { en = "The PD's index changed; those above did not.", zh = "PD 的索引变了，上面的没变。" },
                    { en = "Asked: the PD and what it leads to.", zh = "要问的是 PD，以及它通向的表。" },
                },
            }
        end,
        function(m)
            m.title { en = "Farther still", zh = "再远些" }
            m.view "address"
            local gib, half = HOME + FAR[2], HOME + FAR[3]
            m.bind { gib = gib, half = half, home = HOME }
            m.say {
                en = "One GiB beyond: {gib:hex}. Half a terabyte beyond: {half:hex}. One after the other.",
                zh = "远 1 GiB：{gib:hex}。远 512 GiB：{half:hex}。一个接一个读。",
            }
            m.ask {
                id = "one-gib",
                op = { "read", gib, { size = 1 } },
                before = { "tlb_miss", 1 },
                text = { en = "Table entries for {gib:hex}?", zh = "{gib:hex} 要读几个表项？" },
                answer = function(r) return count(r, "walk_read") end,
                wrong = {
                    { quirk = "walk-starts-at-root", because = { en = "The root's answer was kept.", zh = "根表的回答是记着的。" } },
                    { value = 2, because = { en = "That was 2 MiB. A GiB away another PD is in charge.", zh = "那是 2 MiB 的情形。隔 1 GiB，连 PD 也换了。" } },
                    { value = 1, because = { en = "Only neighbours within 2 MiB are that cheap.", zh = "只有 2 MiB 之内的邻居才这么便宜。" } },
                },
                right = { en = "{answer}: one index in common, one read saved.", zh = "{answer} 个：只有一个索引相同，只省一次。" },
                hints = {
                    { en = "Which indices are still those of {home:hex}?", zh = "哪些索引还和 {home:hex} 相同？" },
                    { en = "Only the first. One read is saved for each index in common.", zh = "只有第一个。相同一个索引，省一次。" },
                    { en = "Four less one.", zh = "四减一。" },
                },
            }
            m.ask {
                id = "half-tib",
                op = { "read", half, { size = 1 } },
                before = { "tlb_miss", 1 },
                text = { en = "And for {half:hex}?", zh = "那 {half:hex} 呢？" },
                answer = function(r) return count(r, "walk_read") end,
                wrong = {
                    { value = 3, because = { en = "Even the first index differs now: nothing that was kept fits.", zh = "连第一个索引都变了，记下的全不适用。" } },
                    { value = 1, because = { en = "The nearer, the cheaper; this is far.", zh = "越近越便宜，这回可远了。" } },
                    { value = 5, because = { en = "Looking in vain costs no table read.", zh = "查了没有，并不多读一次表。" } },
                },
                right = { en = "{answer}: a walk from the root.", zh = "{answer} 个：从根走起。" },
                hints = {
                    { en = "What do the two addresses have in common?", zh = "两个地址还有什么相同？" },
                    { en = "One entry of the root reaches 512 GiB.", zh = "根表的一项正好管 512 GiB。" },
                    { en = "Nothing in common, nothing saved.", zh = "毫无相同，一次不省。" },
                },
            }
        end,
        function(m)
            m.title { en = "One page dropped", zh = "只丢一页" }
            m.view "tlb"
            local near = HOME + 2 * m.geometry().page
            m.write(near, 3, { size = 1 })
            m.flush()
            m.read(HOME, { size = 1 })
            local heap = first_area(m, m.pid(), "heap")
            m.bind { near = near, heap = heap, home = HOME }
            m.say {
                en = [[Again the TLB was emptied and {home:hex} read: one row for the page, three for the way. Now the kernel executes INVLPG for
                    {heap:hex}, a page in another corner that is not even in the TLB. Then the program reads {near:hex}, a neighbour.]],
                zh = [[又清空了一次，又读了 {home:hex}：一行记页，三行记路。这时内核对 {heap:hex} 执行 INVLPG，那页在别处，TLB 里根本没有它。
                    然后程序读隔壁的 {near:hex}。]],
            }
            m.invlpg(heap)
            m.ask {
                id = "invlpg",
                op = { "read", near, { size = 1 } },
                before = { "tlb_miss", 1 },
                text = { en = "Table entries for the neighbour?", zh = "隔壁这页要读几个表项？" },
                answer = function(r) return count(r, "walk_read") end,
                wrong = {
                    { value = 1, because = { en = "You would spare the rows of other regions. INVLPG does not: it empties the walk caches.", zh = "你以为别处的几行会留下。INVLPG 可不管，走表缓存整个清掉。" } },
                    { value = 2, because = { en = "There is no half: all rows of this PCID go.", zh = "没有只丢一半的：这个 PCID 的行全丢。" } },
                    { value = 0, because = { en = "This page was not in the TLB.", zh = "这一页不在 TLB 里。" } },
                },
                right = { en = "{answer}. INVLPG drops one page from the TLB, but everything from the walk caches.", zh = "{answer} 个。INVLPG 只丢 TLB 里的一页，走表缓存却全丢。" },
                hints = {
                    { en = "Look at the rows below the TLB now.", zh = "现在看看 TLB 下面那几行。" },
                    { en = "The instruction does not know which tables software changed.", zh = "这条指令不知道软件改了哪些表。" },
                    { en = "They are empty: a whole walk.", zh = "全空了：完整走一遍。" },
                },
            }
            m.expect(#m.tlb(), 2, "the page itself stayed")
            m.card {
                claim = { en = "INVLPG concerns one page only.", zh = "INVLPG 只影响一页。" },
                truth = {
                    en = "In the TLB, yes: {home:hex} is still there. The walk caches of this address space lose everything (SDM 4.10.4.1).",
                    zh = "在 TLB 里是这样：{home:hex} 还在。可这个地址空间的走表缓存全没了（SDM 4.10.4.1）。",
                },
            }
        end,
        function(m)
            m.title { en = "Why so thorough?", zh = "何必这么彻底？" }
            m.view "frames"
            local other = m.spawn().value
            local me = m.pid()
            m.switch(other)
            local heap = first_area(m, other, "heap")
            m.write(heap, SECRET, { size = 1 })
            local secret = m.walk(heap).frame
            m.switch(me)
            m.write(first_area(m, me, "heap") + 3 * m.geometry().page, 7, { size = 1 }) -- its tables exist before
            touch(m, VICTIM)
            local table_frame = m.walk(VICTIM).entries[#m.geometry().levels].pa // m.geometry().page
            m.set("no-invalidate", 1)
            m.bind { va = VICTIM, table = table_frame, other = other, secret = secret }
            m.say {
                en = [[Process {other} keeps a secret in frame {secret:label}. Ours uses one page at {va:hex}; its last table is frame {table:label}. A careless
                    programmer has taken every INVLPG out of the kernel. The program gives the page back.]],
                zh = [[进程 {other} 在页框 {secret:label} 里藏着秘密。我们的进程在 {va:hex} 用着一页，它的末级页表是页框 {table:label}。有个粗心的程序员把内核里的
                    INVLPG 全删了。程序归还了这一页。]],
            }
            local r = m.munmap(VICTIM, 4 * m.geometry().page)
            m.expect(m.frame(table_frame).free, true, "the table went back")
            m.ask {
                id = "still-leads",
                about = r,
                before = { "table_free", 1 },
                text = { en = "The table is empty, so its frame becomes free. Which row still leads there?", zh = "表空了，它的页框要还回去。哪一行还通向它？" },
                answer = function(r)
                    for _, e in ipairs(r.m.tlb()) do
                        if e.frame == table_frame then return "tlb" end
                    end
                    for _, row in ipairs(r.m.walk_cache()) do
                        if row.frame == table_frame then return row.table end
                    end
                    return "none"
                end,
                words = {
                    PD = { en = "the PD's row of the walk caches", zh = "走表缓存里 PD 那一行" },
                    tlb = { en = "a row of the TLB", zh = "TLB 里的一行" },
                    none = { en = "none: the entry in memory is gone", zh = "没有：内存里的表项已经清掉了" },
                },
                wrong = {
                    { value = "tlb", because = { en = "That one leads to the page, not to its table.", zh = "那一行通向页，不是页的表。" } },
                    { value = "none", because = { en = "Memory changed. Nothing tells the MMU.", zh = "内存是改了，可没人告诉 MMU。" } },
                },
                right = { en = "The MMU would go on walking in a frame that may soon be somebody's data.", zh = "MMU 还会走进这个页框，而它不久就可能是谁的数据。" },
                hints = {
                    { en = "Which rows name tables, not pages?", zh = "哪些行记的是表，不是页？" },
                    { en = "Those below the TLB. Look for frame {table:label}.", zh = "TLB 下面那几行。找页框 {table:label}。" },
                    { en = "A PD's entry leads to a last table.", zh = "PD 的表项通向末级页表。" },
                },
            }
        end,
        function(m)
            m.title { en = "A table made at home", zh = "自制页表" }
            m.view "log"
            local page = m.geometry().page
            local heap = first_area(m, m.pid(), "heap")
            local pids = m.pids()
            local secret = m.walk(first_area(m, pids[#pids], "heap"), { pid = pids[#pids] }).frame
            local stale = VICTIM + page
            -- The freed frames are the first to be given out again: one of these pages is the old table.
            for n = 0, 2 do m.write(heap + n * page, 0, { size = 1 }) end
            for _, frame in ipairs { 1, 2, 3 } do
                local va = heap + (frame - 1) * page
                local w = m.walk(va)
                if w.present then
                    m.write(va + index(stale, #m.geometry().levels - 1) * m.geometry().entry_bytes, secret * page + OURS, { size = 8 })
                end
            end
            m.bind { stale = stale, secret = secret, page = heap }
            m.say {
                en = [[The program asks for new pages of its heap, and gets the freed frames. It writes eight bytes into each: an entry, present, writable, for
                    user, that names frame {secret:label}. Just data, to the kernel. Then it reads {stale:hex}, which belongs to nobody.]],
                zh = [[程序用起几页新的堆，分到的正是刚还回去的页框。它在每页里写下八个字节：一个表项，存在、可写、用户可用，指向页框 {secret:label}。
                    在内核看来不过是数据。然后它去读谁也不拥有的 {stale:hex}。]],
            }
            m.ask {
                id = "forged",
                op = { "read", stale, { size = 1 } },
                before = { "tlb_miss", 1 },
                text = { en = "What comes back?", zh = "读到什么？" },
                answer = function(r) return r.kind == "signal" and "signal" or r.value == SECRET and "secret" or r.value == 0 and "zero" or "other" end,
                words = {
                    signal = { en = "nothing: SIGSEGV", zh = "读不到：SIGSEGV" },
                    secret = { en = "the other process's secret", zh = "另一个进程的秘密" },
                    zero = { en = "a zero", zh = "一个零" },
                    other = { en = "something else", zh = "别的东西" },
                },
                wrong = {
                    { value = "signal", because = { en = "The kernel would say so, but no fault calls it: the MMU finds an entry and is content.", zh = "内核会这么说，可没有缺页叫它来：MMU 找到了表项，心满意足。" } },
                    { value = "zero", because = { en = "The new frame was zeroed, true. Then the program wrote into it.", zh = "新页框确实清过零，可程序接着就写了。" } },
                    { value = "other", because = { en = "Follow the row of the PD: whose bytes does the MMU take for an entry?", zh = "顺着 PD 那一行走：MMU 把谁的字节当成了表项？" } },
                },
                right = { en = "The program has written its own page table. All of memory is open to it.", zh = "程序给自己写了页表，整个内存都向它敞开。" },
                hints = {
                    { en = "{stale:hex} is not in the TLB. Where does its walk start?", zh = "{stale:hex} 不在 TLB 里。走表从哪儿开始？" },
                    { en = "In the frame that was a table and is a heap page now.", zh = "从那个曾是页表、如今是堆页的页框开始。" },
                    { en = "The entry read there names frame {secret:label}.", zh = "读到的表项指向页框 {secret:label}。" },
                },
            }
            m.after {
                en = "That is why the kernel must empty the walk caches before it gives back a table, and why one INVLPG empties all of them.",
                zh = "所以内核归还页表之前必须清走表缓存，一条 INVLPG 也索性全清。",
            }
        end,
        function(m)
            m.title { en = "Exactly two", zh = "恰好两次" }
            m.view "tlb"
            m.set("no-invalidate", 0)
            m.flush()
            m.bind { home = HOME, next = next_door(m), far = HOME + FAR[1] }
            m.say {
                en = "The INVLPGs are back. Your turn. Pages that have frames: {home:hex}, {next:hex}, {far:hex}, and those farther away.",
                zh = "INVLPG 补回来了。轮到你。有页框的页：{home:hex}、{next:hex}、{far:hex}，以及更远的那几页。",
            }
            m.task {
                text = {
                    en = "Make one read cost exactly two table reads, without a page fault.",
                    zh = "让某一次读恰好读两个表项，而且不缺页。",
                },
                goal = function(r)
                    local _, accesses = reads_of(r.events, 0)
                    for n = 1, accesses do
                        if reads_of(r.events, n) == 2 then return count(r, "page_fault") == 0 end
                    end
                    return false
                end,
                solution = function(m)
                    return { "read " .. hex(HOME) .. " size=1", "read " .. hex(HOME + FAR[1]) .. " size=1" }
                end,
                hints = {
                    { en = "The first read after a flush costs four, whatever you do.", zh = "清空之后头一次读，总要四次。" },
                    { en = "Two reads: PD and last table. So PML4 and PDPT must be known.", zh = "两次：PD 和末级表。所以 PML4 与 PDPT 得是已知的。" },
                    { en = "Read a page, then one 2 MiB away.", zh = "先读一页，再读 2 MiB 外的一页。" },
                },
            }
            m.after {
                en = [[You can say where a walk starts and what it costs. One question to take along: all these rows belong to one address space. What becomes of
                    them when another process runs?]],
                zh = [[走表从哪里起步、要花多少，你都说得清了。带走一个问题：这些行都属于一个地址空间。换个进程来跑，它们怎么办？]],
            }
        end,
    },
}
