-- inverted.lua - page tables that are no trees: an entry for each frame, found by scanning or by hashing (Silberschatz, Operating System
-- Concepts, 9.4.2 and 9.4.3), and what sharing costs then (Rashid et al., ASPLOS 1987, 5.1).
local GIB = 1 << 30
local HEAP = 0x406000
local RARE = 0x40000000 -- promised late, never touched before
-- Folded to eight bits these page numbers are all 1, so they hang on one anchor: 00^00^01, 01^01^01, 02^02^01, 03^03^01.
local CHAIN = { 0x10000000, 0x10101000, 0x10202000 }
local FOURTH = 0x10303000
local CROWD, CROWD_PAGES = 0x50000000, 120

-- Entries that were compared; `stop`: up to the first event of that name.
local function compares(events, stop)
    local n = 0
    for _, e in ipairs(events) do
        if e.event == stop then break end
        if e.event == "probe_miss" or e.event == "probe_hit" then n = n + 1 end
    end
    return n
end

-- The most that were compared on one chain.
local function longest(events)
    local best, n = 0, 0
    for _, e in ipairs(events) do
        if e.event == "walk_start" then n = 0 end
        if e.event == "anchor_read" then n = 1 end
        if n > 0 and (e.event == "probe_miss" or e.event == "probe_hit") then
            best, n = math.max(best, n), n + 1
        end
    end
    return best
end

-- A full table: an entry for each frame, and as many anchors, rounded up to a power of two.
local function mean_chain(frames)
    local anchors = 1
    while anchors < frames do anchors = anchors * 2 end
    return frames // anchors
end

return lesson {
    id = "inverted",
    part = "translation",
    title = { en = "One table for everybody", zh = "所有人共用一张表" },
    rows = { "B16", "B17" },
    needs = { "four-level" },
    machine = "inverted",
    minutes = 12,
    steps = {
        step { -- 1
            title = { en = "Turn the table round", zh = "把表反过来" },
            view = "entries",
            bind = function(m)
                local g = m.geometry()
                return { bits = g.va_bits, page = g.page, memory = GIB, pages = 1 << (g.va_bits - g.page_shift) }
            end,
            text = {
                en = [[A tree answers: what is at this address? So it grows with the address space, once for each process. But there is
                    never more to find than fits into memory. Suppose a table that only says, for each frame, whose page is in it.]],
                zh = [[页表树回答的是“这个地址上有什么”，所以它随地址空间长大，每个进程还各要一棵。可是能找到的东西，再多也多不过内存。
                    不如换一张表：只说每个页框里是谁的哪一页。]],
            },
            ask = {
                id = "how-many-entries",
                text = {
                    en = "How many entries for {memory:size} of memory in frames of {page} bytes?",
                    zh = "内存 {memory:size}，页框 {page} 字节，要多少个表项？",
                },
                answer = function(r) return GIB // r.m.geometry().page end,
                wrong = {
                    {
                        value = function(r) return 1 << (r.m.geometry().va_bits - r.m.geometry().page_shift) end,
                        because = { en = "That many pages have {bits} bits of address. Frames are counted here.", zh = "那是 {bits} 位地址能有的页数。这里数的是页框。" },
                    },
                    {
                        value = function(r) return r.m.geometry().page // r.m.geometry().entry_bytes end,
                        because = { en = "So many entries has one table of a tree.", zh = "那是页表树里一张表的项数。" },
                    },
                    {
                        value = GIB,
                        because = { en = "One for each byte? A page is translated as a whole.", zh = "每个字节一项？翻译是整页整页做的。" },
                    },
                },
                right = {
                    en = "{answer}, one a frame, whether programs see {bits} bits of address or more.",
                    zh = "{answer} 个，每个页框一项。程序看到的地址是 {bits} 位还是更多，都一样。",
                },
                hints = {
                    { en = "Count what memory is cut into.", zh = "数一数内存被切成了多少块。" },
                    { en = "Divide memory by the size of a frame.", zh = "内存除以页框的大小。" },
                    { en = "Two to the power of 30, by two to the power of 12.", zh = "2 的 30 次方，除以 2 的 12 次方。" },
                },
            },
        },
        step { -- 2
            title = { en = "One more process", zh = "再来一个进程" },
            view = "entries",
            prepare = function(m)
                m.spawn()
                m.write(HEAP, 0x11, { size = 1 })
            end,
            bind = function(m)
                return { frames = m.geometry().frames }
            end,
            text = {
                en = "This small machine has {frames} frames, so {frames} entries, set aside when it started. Process 1 runs and has touched a page of its heap. Now a second process is born.",
                zh = "这台小机器有 {frames} 个页框，也就有 {frames} 个表项，开机时就留好了。进程 1 在运行，已经碰过堆里的一页。现在第二个进程要诞生了。",
            },
            ask = {
                id = "frames-for-a-process",
                text = { en = "How many frames does its page table take?", zh = "它的页表要占几个页框？" },
                op = { "spawn" },
                before = "spawned",
                answer = function(r) return count(r, "frame_alloc") end,
                wrong = {
                    { value = 1, because = { en = "A tree needs at least its root. Here nobody has a root of his own.", zh = "树至少得有个根。这里谁都没有自己的根。" } },
                    { value = 4, because = { en = "That is a tree of four levels with a single page in it.", zh = "那是只映射一页的四级页表树。" } },
                    {
                        value = function(r) return r.m.geometry().frames end,
                        because = { en = "The table has that many entries, and there is one table.", zh = "表有这么多项，可表只有一张。" },
                    },
                },
                right = { en = "{answer}. All processes share one table: it grows with memory and with nothing else.", zh = "{answer} 个。所有进程共用一张表，它只随内存变大。" },
                hints = {
                    { en = "What is the table's size made of?", zh = "表的大小取决于什么？" },
                    { en = "One entry a frame, and memory did not grow.", zh = "每个页框一项，而内存没有变大。" },
                    { en = "Nothing is taken.", zh = "什么都不用取。" },
                },
            },
        },
        function(m) -- 3
            m.title { en = "The wrong way round?", zh = "方向反了？" }
            m.view "entries"
            m.set("table_scan", 1)
            m.flush()
            local frame = m.walk(HEAP).frame
            m.bind { va = HEAP, frame = frame, last = m.geometry().frames - 1 }
            m.say {
                en = "The MMU has page and process and wants the frame. But the table is sorted by frame! So it compares: entry 1, entry 2, and so on, as this machine does for now. The page of {va:hex} is in frame {frame:label}.",
                zh = "MMU 手里有页号和进程号，要找页框。可表是按页框排的！只好逐个比较：第 1 项、第 2 项……这台机器眼下就这么做。{va:hex} 所在的页在页框 {frame:label}。",
            }
            local r = m.ask {
                id = "scan-compares",
                text = { en = "How many entries does it compare until it knows?", zh = "比较多少项才能找到？" },
                op = { "read", HEAP, { size = 1 } },
                before = "probe_miss",
                answer = function(q) return compares(q.events) end,
                wrong = {
                    { value = 1, because = { en = "It could go straight to entry {frame} if it knew the frame. That is what it asks.", zh = "要是知道页框号，就能直奔第 {frame} 项。可它问的正是页框号。" } },
                    { value = function(q) return q.m.geometry().frames - 1 end, because = { en = "All of them, only if none fits.", zh = "一个都不符合时才会比完全部。" } },
                    { value = function(q) return q.m.geometry().frames // 2 end, because = { en = "Half of them: true on average in a full table.", zh = "一半：表满时平均如此。" } },
                },
                right = { en = "{answer}. The entry's place is the frame: frame {frame:label}, entry {frame}.", zh = "{answer} 项。表项的位置就是页框号：页框 {frame:label}，第 {frame} 项。" },
                hints = {
                    { en = "It begins at entry 1 and stops at the first that fits.", zh = "从第 1 项开始，到第一个符合的为止。" },
                    { en = "Which entry tells about frame {frame:label}?", zh = "哪一项说的是页框 {frame:label}？" },
                    { en = "Entries 1 to {frame}.", zh = "第 1 项到第 {frame} 项。" },
                },
            }
            m.expect(compares(r.events), frame, "one compare for each entry up to the frame's")
        end,
        step { -- 4
            title = { en = "Same page, other process", zh = "页号相同，进程不同" },
            view = "entries",
            prepare = function(m)
                m.switch(2)
                m.write(HEAP, 0x22, { size = 1 })
                m.flush()
            end,
            bind = function(m)
                return { va = HEAP, page = HEAP >> m.geometry().page_shift }
            end,
            text = {
                en = "Process 2 has written another byte at the same address. Two entries now name page {page:hex}. Process 2 reads {va:hex}, and the scan meets the entry of process 1 first.",
                zh = "进程 2 在同一个地址写了另一个字节。现在有两项都写着第 {page:hex} 页。进程 2 要读 {va:hex}，而扫描先碰到进程 1 的那一项。",
            },
            ask = {
                id = "whose-page",
                text = { en = "Which byte does it read?", zh = "它会读到哪个字节？" },
                op = { "read", HEAP, { size = 1 } },
                before = "probe_miss",
                answer = function(r) return r.value end,
                format = "hex",
                wrong = {
                    { quirk = "tag-without-process", because = { en = "That is process 1's byte. The key is process and page; the page alone would let everybody read everybody.", zh = "那是进程 1 的字节。键是进程号加页号；只看页号，谁都能读到别人的。" } },
                    { value = 0, because = { en = "A fresh page is zero, but this one was written.", zh = "新页才是零，这一页已经写过。" } },
                },
                right = { en = "{answer}, its own. An entry fits only if process and page both fit.", zh = "{answer}，自己的。进程号和页号都对上，才算找到。" },
                hints = {
                    { en = "What does each entry say, beside the page?", zh = "每一项除了页号，还写着什么？" },
                    { en = "One table for all: so each entry says whose it is.", zh = "大家共用一张表，所以每项都写明是谁的。" },
                    { en = "What process 2 wrote itself.", zh = "进程 2 自己写的那个。" },
                },
            },
        },
        function(m) -- 5
            m.title { en = "Nobody has it", zh = "谁也没有" }
            m.view "entries"
            local g = m.geometry()
            m.switch(1)
            m.mmap(RARE, g.page, "rw")
            m.bind { va = RARE, frames = g.frames }
            m.say {
                en = "Finding takes long. Not finding takes longer: {va:hex} is promised to process 1, but no frame holds it yet. Entry 0 is never used, as frame 0 is not.",
                zh = "找得到已经够慢，找不到更慢：{va:hex} 已经承诺给进程 1，但还没有页框装着它。第 0 项从来不用，页框 0 也一样。",
            }
            local r = m.ask {
                id = "absent-compares",
                text = { en = "Compares before the page fault?", zh = "缺页之前要比较多少次？" },
                op = { "read", RARE, { size = 1 } },
                before = "probe_miss",
                answer = function(q) return compares(q.events, "page_fault") end,
                wrong = {
                    { value = 0, because = { en = "An absent entry in a tree stops the walk. Here there is no such entry: the page is just nowhere.", zh = "树里遇到不存在的项，查表就停了。这里没有这样一项：这一页只是哪儿都没有。" } },
                    { value = function(q) return compares(q.events) end, because = { en = "That counts the second try too, after the fault.", zh = "这把缺页之后的第二次尝试也算上了。" } },
                    { value = function(q) return q.m.geometry().frames end, because = { en = "One too many: entry 0 is never used.", zh = "多了一个：第 0 项从来不用。" } },
                },
                right = { en = "{answer}: only when all are compared it is sure that none fits.", zh = "{answer} 次：全部比完，才能断定没有。" },
                hints = {
                    { en = "When can the MMU be sure?", zh = "MMU 什么时候才能断定没有？" },
                    { en = "It must see every entry but number 0.", zh = "除了第 0 项，每一项都得看过。" },
                    { en = "{frames} less one.", zh = "{frames} 减一。" },
                },
            }
            m.expect(compares(r.events, "page_fault"), g.frames - 1, "every entry but 0")
        end,
        function(m) -- 6
            m.title { en = "A shortcut", zh = "抄近路" }
            m.view "chains"
            m.set("table_scan", 0)
            m.flush()
            m.bind { va = HEAP, scan = m.walk(HEAP).frame }
            m.say {
                en = "So a second table stands in front: anchors. A hash of process and page names an anchor, and the anchor names an entry. Nobody scans any more.",
                zh = "于是在前面再放一张表：链头。把进程号和页号算成哈希，指出一个链头；链头再指出一个表项。从此不用扫描了。",
            }
            local r = m.ask {
                id = "hash-compares",
                text = { en = "The scan compared {scan} entries for {va:hex}. How many now?", zh = "找 {va:hex} 时，扫描比较了 {scan} 项。现在呢？" },
                op = { "read", HEAP, { size = 1 } },
                before = "anchor_read",
                answer = function(q) return compares(q.events) end,
                wrong = {
                    { value = 0, because = { en = "Another page could have the same hash: it must look whose the entry is.", zh = "别的页也可能算出同样的哈希，总得看看这一项是谁的。" } },
                    { value = function(q) return q.m.walk(HEAP).frame end, because = { en = "That is the scan. The anchor names the entry at once.", zh = "那是扫描。链头直接指出了表项。" } },
                },
                right = { en = "{answer}. One read for the anchor, one to compare, one for the translation.", zh = "{answer} 项。读一次链头，比较一次，再读一次翻译结果。" },
                hints = {
                    { en = "Look at the chain of this page.", zh = "看看这一页挂在哪条链上。" },
                    { en = "One entry hangs on the anchor.", zh = "链头下只挂着一项。" },
                    { en = "It fits at the first compare.", zh = "第一次比较就对上了。" },
                },
            }
            m.expect(count(r, "anchor_read"), 1, "the hash is used")
        end,
        step { -- 7
            title = { en = "Three on one hook", zh = "三页挂一处" },
            view = "chains",
            prepare = function(m)
                for i, va in ipairs(CHAIN) do
                    m.mmap(va, m.geometry().page, "rw")
                    m.write(va, i, { size = 1 })
                end
                m.flush()
            end,
            bind = function(m)
                return { first = CHAIN[1], third = CHAIN[3] }
            end,
            text = {
                en = "A hash has few values and there are many pages: some must meet. Three pages of process 1 hang on one anchor, {first:hex} written first and {third:hex} last. A new entry goes to the front of its chain.",
                zh = "哈希值少，页多，总有相撞的。进程 1 有三页挂在同一个链头上：{first:hex} 最先写，{third:hex} 最后写。新来的项插在链的最前面。",
            },
            ask = {
                id = "chain-of-three",
                text = { en = "Compares to find {first:hex}?", zh = "找到 {first:hex} 要比较几次？" },
                op = { "read", CHAIN[1], { size = 1 } },
                before = "anchor_read",
                answer = function(q) return compares(q.events) end,
                wrong = {
                    { value = 1, because = { en = "That is the one at the front, {third:hex}.", zh = "排在最前面的才是一次，那是 {third:hex}。" } },
                    { value = 2, because = { en = "Two links are followed, but the last entry is compared too.", zh = "顺着链走了两步，可最后一项也要比较。" } },
                    { value = function(q) return count(q, "anchor_read") + compares(q.events) end, because = { en = "The anchor is read, but it says nothing to compare.", zh = "链头要读，但上面没有可比较的东西。" } },
                },
                right = { en = "{answer}. What came first lies deepest.", zh = "{answer} 次。最先来的，埋得最深。" },
                hints = {
                    { en = "Where in the chain does it hang?", zh = "它挂在链的哪里？" },
                    { en = "Each entry before it is compared and does not fit.", zh = "它前面的每一项都要比较，而且都不符合。" },
                    { en = "It is the last of three.", zh = "三项里的最后一项。" },
                },
            },
        },
        function(m) -- 8
            m.title { en = "Your hands: a longer chain", zh = "你来动手：更长的链" }
            m.view "chains"
            m.bind { n = #CHAIN + 1, example = CHAIN[2], page = CHAIN[2] >> m.geometry().page_shift }
            m.say {
                en = "Here the hash folds the page number byte by byte with XOR, and each process begins elsewhere. {example:hex} is page {page:hex}: its three bytes are equal, so one of them is left.",
                zh = "这里的哈希把页号逐字节异或，每个进程再各有一个起点。{example:hex} 是第 {page:hex} 页：三个字节相同，异或后还剩一个。",
            }
            m.task {
                text = {
                    en = "Make one lookup compare {n} entries or more, by the hash: mmap VA 4K rw promises a page, write touches it, flush empties the TLB.",
                    zh = "让一次按哈希的查找比较至少 {n} 项：mmap VA 4K rw 承诺一页，write 碰它，flush 清空 TLB。",
                },
                goal = function(r) return longest(r.events) > #CHAIN end,
                solution = function()
                    return { "mmap " .. hex(FOURTH) .. " 4K rw", "write " .. hex(FOURTH) .. " 4", "flush", "read " .. hex(CHAIN[1]) }
                end,
                hints = {
                    { en = "A fourth page must meet the three.", zh = "得让第四页也撞上那三页。" },
                    { en = "Its bytes must make 01 as well: say 03, 03 and 01.", zh = "它的各字节异或也得是 01，比如 03、03、01。" },
                    { en = "mmap 0x10303000 4K rw; write 0x10303000; flush; then read the page that lies deepest.", zh = "mmap 0x10303000 4K rw；write 0x10303000；flush；再读埋得最深的那一页。" },
                },
            }
        end,
        step { -- 9
            title = { en = "How long on average?", zh = "平均多长？" },
            view = "chains",
            prepare = function(m)
                local page = m.geometry().page
                m.mmap(CROWD, CROWD_PAGES * page, "rw")
                for i = 0, CROWD_PAGES - 1 do m.write(CROWD + i * page, 1, { size = 1 }) end
            end,
            bind = function(m)
                local page, total = m.geometry().page, 0
                for i = 0, CROWD_PAGES - 1 do total = total + m.walk(CROWD + i * page).reads - 2 end
                return { pages = CROWD_PAGES, total = total, memory = GIB, slots = GIB // page, pair = 2 + mean_chain(GIB // page) }
            end,
            text = {
                en = "{pages} more pages came. To find each of them once takes {total} compares together: neighbours have neighbouring anchors, so they hardly meet.",
                zh = "又来了 {pages} 页。每页各找一次，一共比较 {total} 次：相邻的页有相邻的链头，很少相撞。",
            },
            ask = {
                id = "mean-chain",
                text = {
                    en = "{memory:size} full of pages, as many anchors as frames. How long is a chain on average?",
                    zh = "{memory:size} 内存全装满了页，链头和页框一样多。一条链平均有多长？",
                },
                answer = function(r) return mean_chain(GIB // r.m.geometry().page) end,
                wrong = {
                    { value = 2, because = { en = "Then there would be twice as many entries as anchors.", zh = "那表项就得是链头的两倍。" } },
                    {
                        value = function(r)
                            local frames, depth = GIB // r.m.geometry().page, 0
                            while frames > 1 do frames, depth = frames // 2, depth + 1 end
                            return depth
                        end,
                        because = { en = "So deep would be a binary tree. A hash does not search from the top.", zh = "那是二叉树的深度。哈希不从顶上往下找。" },
                    },
                },
                right = {
                    en = "{answer}: {slots} entries on {slots} anchors, the empty chains counted. At random, to find two pages then takes {pair} compares on average.",
                    zh = "{answer}：{slots} 项挂在 {slots} 个链头上，空链也算。若是随机分布，找到两页平均要比较 {pair} 次。",
                },
                hints = {
                    { en = "How many entries, how many anchors?", zh = "多少表项？多少链头？" },
                    { en = "The mean is one number divided by the other.", zh = "平均数就是两者相除。" },
                    { en = "Both are {slots}.", zh = "两个都是 {slots}。" },
                },
            },
        },
        step { -- 10
            title = { en = "Two pages, one entry", zh = "两页争一项" },
            view = "entries",
            prepare = function(m)
                local child = m.fork().value
                m.switch(child)
                m.read(CHAIN[1], { size = 1 })
                m.switch(1)
            end,
            bind = function(m)
                local child = m.pids()[#m.pids()]
                return { va = CHAIN[1], child = child, frame = m.walk(CHAIN[1], { pid = child }).frame }
            end,
            text = {
                en = "Process 1 forked. Parent and child share frame {frame:label} of {va:hex}, and child {child} has just read it. A tree each: no trouble. Here the frame has one entry. The parent reads; nobody has written.",
                zh = "进程 1 fork 了。父子共享 {va:hex} 的页框 {frame:label}，子进程 {child} 刚读过。若是一人一棵树，相安无事。这里一个页框只有一项。父进程来读；谁都没有写过。",
            },
            ask = {
                id = "turns",
                text = { en = "How many page faults?", zh = "会缺页几次？" },
                op = { "read", CHAIN[1], { size = 1 } },
                before = "anchor_read",
                answer = function(q) return q.faults end,
                wrong = {
                    { value = 0, because = { en = "Reading is allowed to both. But the entry names one of them, and that is the child.", zh = "两者都可以读。但那一项只能写一个名字，现在写的是子进程。" } },
                    { value = 2, because = { en = "After the first one the entry is the parent's.", zh = "缺页一次之后，这一项就归父进程了。" } },
                },
                right = { en = "{answer}, at every turn: the entry changes hands.", zh = "{answer} 次，而且每轮都要：那一项来回易主。" },
                hints = {
                    { en = "Whose is entry {frame} now?", zh = "第 {frame} 项现在是谁的？" },
                    { en = "Who has no entry is not in memory, for the MMU.", zh = "没有表项，在 MMU 看来就不在内存里。" },
                    { en = "The kernel gives the entry to the parent, and it runs.", zh = "内核把这一项交给父进程，它就能接着运行。" },
                },
            },
            after = {
                en = "Mach lived with this on the IBM RT PC and took the table for a large TLB. Other kernels there shared whole segments, so that both used one name for a page.",
                zh = "Mach 在 IBM RT PC 上就是这样凑合的，把这张表当成一个大 TLB。那里的其他内核共享整个段，让双方用同一个名字称呼一页。",
            },
        },
        function(m) -- 11
            m.title { en = "At every access?", zh = "每次访问都查？" }
            m.view "chains"
            m.bind { va = CHAIN[1] }
            m.say { en = "The parent reads {va:hex} again.", zh = "父进程再读一次 {va:hex}。" }
            m.card {
                claim = { en = "With an inverted table each access searches the table.", zh = "用反置页表，每次访问都要搜表。" },
                truth = { en = "Only a TLB miss does. Watch: a hit, and not one compare.", zh = "TLB 未命中才搜。看：命中，一次比较都没有。" },
            }
            local r = m.read(CHAIN[1], { size = 1 })
            m.expect(compares(r.events), 0, "a hit compares nothing")
            m.expect(count(r, "tlb_hit"), 1, "the TLB answers")
        end,
        step { -- 12
            title = { en = "What you take along", zh = "带走什么" },
            view = "entries",
            bind = function(m) return { processes = #m.pids(), entries = m.geometry().frames } end,
            text = {
                en = "{processes} processes, {entries} entries, as at the start. You can now say what a table sorted by frame saves, what finding costs with and without a hash, and why two readers can quarrel.\n\nOne question to carry on: pages on the disk have no frame. Who remembers where they are?",
                zh = "{processes} 个进程，{entries} 个表项，和开始时一样多。现在你能说出：按页框排的表省了什么，有没有哈希时查找各要多少代价，以及为什么两个读者也会打架。\n\n带着一个问题继续：磁盘上的页没有页框。谁来记住它们在哪里？",
            },
        },
    },
}
