-- tlb.lua - the cache of translations: hit, miss, fill, evict, and what each costs (SDM vol. 3A, 4.10.2).
local BASE, PAGES = 0x123456780000, 32 -- an area; its first page falls into set 0
local AT = 0xabc                       -- an offset
local RUN = 100                        -- accesses of the long run
local ONE, I386, PAE = { 20 }, { 10, 10 }, { 9, 9 } -- index widths; PAE keeps its first table of 4 in registers
local FLAT_HITS, FLAT_DRAM = 80, 100   -- the textbook's machine: hits in a hundred, cycles of memory

local function nth(m, n)
    return BASE + n * m.geometry().page + AT
end

-- The nth page that falls into the same set as the first.
local function same_set(m, n)
    return nth(m, n * m.geometry().tlb_sets)
end

local function hit_cost(m)
    return m.field("tlb_cycles") + m.field("dram_cycles")
end

local function miss_cost(m)
    return hit_cost(m) + #m.geometry().levels * m.field("dram_cycles")
end

return lesson {
    id = "tlb",
    part = "tlb",
    title = { en = "The MMU's short memory", zh = "MMU 的小抄" },
    rows = { "C1", "C3" },
    needs = { "four-level" },
    machine = "x86-64",
    minutes = 10,
    steps = {
        step {
            title = { en = "Five for the price of one?", zh = "取一个，付几个的钱？" },
            view = "cost",
            prepare = function(m)
                m.spawn()
                m.mmap(BASE, PAGES * m.geometry().page, "rw")
                for n = 0, m.geometry().tlb_ways do
                    m.write(same_set(m, n), 10 + n, { size = 1 })
                end
                m.flush()
            end,
            bind = function(m)
                return { va = nth(m, 0), dram = m.field("dram_cycles"), tlb = m.field("tlb_cycles"), levels = #m.geometry().levels }
            end,
            text = {
                en = [[Every load, every store, every instruction needs a translation. In this machine's model a memory access takes {dram} cycles,
                    a look into the TLB {tlb}. The TLB is empty.]],
                zh = [[每次读、每次写、每条指令，都得先翻译地址。按这台机器的模型，访问一次内存花 {dram} 个周期，查一次 TLB 花 {tlb} 个。眼下
                    TLB 是空的。]],
            },
            ask = {
                id = "cold",
                op = function(m) return { "read", nth(m, 0), { size = 1 } } end,
                text = { en = "Cycles to read the byte at {va:hex}?", zh = "读 {va:hex} 处一个字节，要几个周期？" },
                answer = function(r) return r.cycles end,
                wrong = {
                    {
                        value = function(r) return hit_cost(r.m) end,
                        because = { en = "A look and the byte: but who read the tables?", zh = "查一次、取一次：页表谁来读？" },
                    },
                    {
                        value = function(r) return miss_cost(r.m) - r.m.field("dram_cycles") end,
                        because = { en = "The tables only give the address. The byte itself costs too.", zh = "读表只问到地址，字节本身还得去取。" },
                    },
                    {
                        value = function(r) return r.m.field("dram_cycles") end,
                        because = { en = "That would be a machine without translation.", zh = "那是根本不用翻译的机器。" },
                    },
                },
                right = {
                    en = "A look in vain, {levels} table reads, the byte. Most of it is not the program's.",
                    zh = "白查一次、读 {levels} 次表，再取字节。大半功夫没花在程序身上。",
                },
                hints = {
                    { en = "Count the memory accesses of a whole walk.", zh = "数数完整走一遍要访问几次内存。" },
                    { en = "One look, {levels} tables, one byte.", zh = "一次查找，{levels} 张表，一个字节。" },
                    { en = "{tlb}, plus {dram} for each of {levels} and one more.", zh = "{tlb}，加上 {levels} 次再多一次的 {dram}。" },
                },
            },
        },
        step {
            title = { en = "Once more", zh = "再读一遍" },
            view = "tlb",
            bind = function(m)
                return { va = nth(m, 0), dram = m.field("dram_cycles"), tlb = m.field("tlb_cycles") }
            end,
            text = {
                en = "The walk left a note: page and frame, side by side in the TLB pane. The same byte again.",
                zh = "刚才那一趟留下了小抄：页和页框成对写在 TLB 面板里。再读同一个字节。",
            },
            ask = {
                id = "warm",
                op = function(m) return { "read", nth(m, 0), { size = 1 } } end,
                text = { en = "How many cycles now?", zh = "这回几个周期？" },
                answer = function(r) return r.cycles end,
                wrong = {
                    {
                        quirk = "tlb-remembers-nothing",
                        because = { en = "As if nothing had been kept.", zh = "好像什么也没记下似的。" },
                    },
                    {
                        value = function(r) return r.m.field("tlb_cycles") end,
                        because = {
                            en = "The TLB keeps where the byte is, not the byte.",
                            zh = "TLB 记的是字节在哪儿，不是字节本身。",
                        },
                    },
                    {
                        value = function(r) return hit_cost(r.m) + r.m.field("dram_cycles") end,
                        because = { en = "No table is read at all, not even the last.", zh = "一张表也不读，最后一张也不读。" },
                    },
                },
                right = { en = "A hit: one look, then the byte.", zh = "命中：查一次，取字节。" },
                hints = {
                    { en = "Which part of the way is saved?", zh = "省掉的是哪一段路？" },
                    { en = "No table reads; the byte is still in memory.", zh = "不用读表了，字节还在内存里。" },
                    { en = "{tlb} plus {dram}.", zh = "{tlb} 加 {dram}。" },
                },
            },
        },
        function(m)
            local last = page(BASE) + m.geometry().page - 1
            m.title { en = "How much is one note worth?", zh = "一条小抄值多少？" }
            m.view "tlb"
            m.bind { last = last }
            m.say { en = "Another address the program has never used: {last:hex}.", zh = "换一个程序从没碰过的地址：{last:hex}。" }
            m.ask {
                id = "reach",
                op = { "read", last, { size = 1 } },
                before = { "access", 1 },
                text = { en = "For how many addresses does the one entry answer?", zh = "TLB 里这一项，能答多少个地址？" },
                answer = function(r) return r.m.tlb()[1].size end,
                wrong = {
                    { value = 1, because = { en = "It holds a page number: no offset.", zh = "它记的是页号，没有偏移。" } },
                    {
                        value = function(r) return r.m.geometry().entry_bytes end,
                        because = { en = "That is the size of a table entry.", zh = "这是页表项的字节数。" },
                    },
                    {
                        value = function(r) return r.m.geometry().page // r.m.geometry().entry_bytes end,
                        because = { en = "That many entries fit in a table.", zh = "这是一张表里的项数。" },
                    },
                },
                right = { en = "A whole page: the offset is not looked up, so this is a hit.", zh = "整整一页：偏移不用查，所以这次也命中。" },
                hints = {
                    { en = "Look at what the entry stores.", zh = "看看这一项存了什么。" },
                    { en = "Page number and frame number; the offset passes through.", zh = "页号和页框号；偏移直接通过。" },
                    { en = "As many as a page has bytes.", zh = "一页有几个字节，就有几个地址。" },
                },
            }
            m.after {
                en = "This is why a tiny table works: programs stay near where they were.",
                zh = "小小一张表就够用，道理在此：程序总爱在老地方转悠。",
            }
        end,
        step {
            title = { en = "Looking it up", zh = "怎么查" },
            view = "tlb",
            bind = function(m)
                local g = m.geometry()
                return { sets = g.tlb_sets, ways = g.tlb_ways, all = g.tlb_sets * g.tlb_ways }
            end,
            text = {
                en = "{all} entries in {sets} sets of {ways}. The low bits of the page number choose the set. Inside it there is no order, so nothing to search by.",
                zh = "一共 {all} 项，分 {sets} 组，每组 {ways} 项。页号的低位选组；组里没有次序，谈不上怎么找。",
            },
            ask = {
                id = "compared",
                text = { en = "With how many entries is a page number compared, all at once?", zh = "一个页号同时要和几项比对？" },
                answer = function(r) return r.m.geometry().tlb_ways end,
                wrong = {
                    {
                        value = function(r) return r.m.geometry().tlb_sets * r.m.geometry().tlb_ways end,
                        because = { en = "Then it would be fully associative. Here the set is chosen first.", zh = "那叫全相联。这里先选好了组。" },
                    },
                    {
                        value = 1,
                        because = { en = "Then each page would have just one possible place.", zh = "那每页就只有一个位置可待了。" },
                    },
                    {
                        value = function(r) return r.m.geometry().page // r.m.geometry().entry_bytes end,
                        because = {
                            en = "That is a page table, and nobody searches one: the index says where.",
                            zh = "这是页表的项数。页表从来不用找，索引直接指到那一项。",
                        },
                    },
                },
                right = { en = "All {answer} of its set, each with a comparer of its own.", zh = "同组的 {answer} 项一起比，每项自带比较器。" },
                hints = {
                    { en = "Where can this page be, and where not?", zh = "这一页可能在哪儿，不可能在哪儿？" },
                    { en = "Only in its own set, but there anywhere.", zh = "只会在自己那一组，组里哪儿都行。" },
                    { en = "The number of ways: a row of the pane.", zh = "就是路数：面板里的一行。" },
                },
            },
        },
        step {
            title = { en = "Your pages", zh = "你来读" },
            view = "tlb",
            bind = function(m)
                return { a = nth(m, 1), b = same_set(m, 1), sets = m.geometry().tlb_sets }
            end,
            text = {
                en = [[Press : and type

                    read {a:hex}

                    read {b:hex}

                    Which row lights up? Try others; Esc brings you back.]],
                zh = [[按 : 依次输入

                    read {a:hex}

                    read {b:hex}

                    亮的是哪一行？再试几个，按 Esc 回来。]],
            },
            ask = {
                id = "apart",
                text = { en = "How far apart are two pages that meet in one set?", zh = "同组的两页，至少隔多远？" },
                format = "size",
                answer = function(r) return r.m.geometry().tlb_sets * r.m.geometry().page end,
                wrong = {
                    {
                        value = function(r) return r.m.geometry().page end,
                        because = { en = "The next page goes to the next set.", zh = "下一页去的是下一组。" },
                    },
                    {
                        value = function(r) return r.m.geometry().tlb_sets * r.m.geometry().tlb_ways * r.m.geometry().page end,
                        because = { en = "That is what all entries together reach.", zh = "这是所有项加起来够得着的范围。" },
                    },
                    {
                        value = function(r) return r.m.walk(BASE).size * (r.m.geometry().page // r.m.geometry().entry_bytes) end,
                        because = { en = "That is what one last table reaches.", zh = "这是一张末级页表管的范围。" },
                    },
                },
                right = { en = "{sets} pages on, the low bits are the same again.", zh = "往后 {sets} 页，低位又一样了。" },
                hints = {
                    { en = "Neighbours go to neighbouring sets.", zh = "相邻的页，去相邻的组。" },
                    { en = "After the last set comes the first again.", zh = "末一组过后，又轮到第一组。" },
                    { en = "{sets} sets, one page each.", zh = "{sets} 组，每组一页。" },
                },
            },
        },
        function(m)
            local ways = m.geometry().tlb_ways
            m.title { en = "One too many", zh = "多出一个" }
            m.view "tlb"
            m.bind { ways = ways, first = page(same_set(m, 0)), more = page(same_set(m, ways)) }
            m.say {
                en = "The program reads {ways} pages of one set, then the first of them, {first:hex}, again. The set is full. Then comes {more:hex}.",
                zh = "程序读了同组的 {ways} 页，又回头读了第一页 {first:hex}。组满了，这时来了 {more:hex}。",
            }
            local since
            for n = 1, ways - 1 do
                local r = m.read(same_set(m, n), { size = 1 })
                since = since or r
            end
            m.read(same_set(m, 0), { size = 1 })
            m.ask {
                id = "evicted",
                op = { "read", same_set(m, ways), { size = 1 } },
                before = { "tlb_evict", 1 },
                format = "hex",
                text = { en = "Which page must leave?", zh = "哪一页得让位？" },
                answer = function(r)
                    local e = find(r, "tlb_evict")
                    return e and page(e.va)
                end,
                wrong = {
                    {
                        quirk = "tlb-fifo", since = since,
                        because = {
                            en = "It came first, but it was used since. This TLB asks who was used longest ago.",
                            zh = "它来得最早，可刚刚又用过。这台 TLB 看的是谁最久没用。",
                        },
                    },
                    {
                        value = function(r) return page(same_set(r.m, ways - 1)) end,
                        because = { en = "It was filled just now.", zh = "它刚进来不久。" },
                    },
                    {
                        value = function() return { en = "none", zh = "谁也不走" } end,
                        because = { en = "The hardware has {ways} places in a set, no more.", zh = "硬件里一组就 {ways} 个位置，加不了。" },
                    },
                },
                right = { en = "Least recently used. Nothing is lost: the tables still know it.", zh = "最久没用的走。什么也没丢：页表里都有。" },
                hints = {
                    { en = "List the reads in order, the last ones too.", zh = "把读的顺序列出来，最后那次别漏。" },
                    { en = "The entry not used for the longest time goes.", zh = "最久没被用到的那项走。" },
                    { en = "The first was refreshed; so the second.", zh = "第一页刚用过，轮到第二页。" },
                },
            }
        end,
        function(m)
            m.title { en = "A miss is not a fault", zh = "未命中不是缺页" }
            m.view "log"
            m.bind { va = nth(m, 0), levels = #m.geometry().levels }
            m.say {
                en = "Empty the whole TLB, then read {va:hex} once more. Everything is a miss now.",
                zh = "把 TLB 清空，再读一遍 {va:hex}。这下必定未命中。",
            }
            m.flush()
            local r = m.ask {
                id = "faults",
                op = { "read", nth(m, 0), { size = 1 } },
                before = { "tlb_miss", 1 },
                text = { en = "How often does the kernel have to help?", zh = "内核要出手几次？" },
                answer = function(r) return r.faults end,
                wrong = {
                    {
                        value = 1,
                        because = { en = "The page is in memory and the table says so: no reason to call the kernel.", zh = "页在内存里，页表也写着，用不着惊动内核。" },
                    },
                    {
                        value = function(r) return #r.m.geometry().levels end,
                        because = { en = "The tables are read by the MMU, not by the kernel.", zh = "读表的是 MMU，不是内核。" },
                    },
                },
                right = { en = "Never: the MMU walks by itself and fills the entry again.", zh = "一次也不用：MMU 自己走表，自己填回来。" },
                hints = {
                    { en = "Who reads the tables on this machine?", zh = "这台机器上，读表的是谁？" },
                    { en = "The kernel is called only when the tables have no answer.", zh = "页表给不出答案时，才叫内核。" },
                    { en = "The page is present. Look for a fault in the log: there will be none.", zh = "页在。日志里不会有缺页。" },
                },
            }
            m.expect(r.faults, 0, "a miss is not a fault")
        end,
        function(m)
            m.title { en = "Who was called?", zh = "惊动了谁？" }
            m.view "log"
            m.say { en = "The proof: one more flush, one more read. Who acts in each event?", zh = "证据：再清空一次，再读一次。看每个事件是谁干的。" }
            m.flush()
            local r = m.read(nth(m, 0), { size = 1 })
            m.bind { faults = r.faults, misses = count(r, "tlb_miss"), reads = count(r, "walk_read") }
            m.card {
                claim = { en = "A TLB miss is a page fault.", zh = "TLB 未命中就是缺页。" },
                truth = {
                    en = "This read: {misses} miss, {reads} table reads, {faults} faults. A miss asks the tables; a fault means they had no answer.",
                    zh = "这次读：未命中 {misses} 次，读表 {reads} 次，缺页 {faults} 次。未命中是去问页表；页表也答不上来，才是缺页。",
                },
            }
        end,
        function(m)
            local va = nth(m, m.geometry().tlb_sets + 1)
            m.title { en = "What is not noted", zh = "什么不记" }
            m.view "tlb"
            m.bind { va = va }
            m.say {
                en = "{va:hex} is promised but has no frame yet. Here the kernel does have to help, with one page fault.",
                zh = "{va:hex} 只是答应过，还没有页框。这回内核真得出手，缺页一次。",
            }
            local r = m.ask {
                id = "misses",
                op = { "read", va, { size = 1 } },
                text = { en = "How often does the TLB miss in this one read?", zh = "这一次读里，TLB 未命中几次？" },
                answer = function(r) return count(r, "tlb_miss") end,
                wrong = {
                    {
                        quirk = "fault-skips",
                        because = {
                            en = "After the fault the same instruction runs again from its start, lookup included.",
                            zh = "缺页之后，同一条指令从头再来，TLB 也得重新查。",
                        },
                    },
                    { value = 0, because = { en = "The page was never used: nobody can have noted it.", zh = "这一页从没用过，谁也没记过它。" } },
                    { value = 3, because = { en = "After the second walk the entry is filled.", zh = "第二趟走完，就填进去了。" } },
                },
                right = {
                    en = "\"Absent\" is never noted: only translations that are present and marked accessed.",
                    zh = "“不在”是不记的：只有存在、且标上了“已访问”的翻译才记。",
                },
                hints = {
                    { en = "What does the program do after the fault?", zh = "缺页处理完，程序干什么？" },
                    { en = "It repeats the instruction, and the first walk filled nothing.", zh = "把指令重做一遍，而头一趟什么也没填。" },
                    { en = "Once before the fault, once after.", zh = "缺页前一次，缺页后一次。" },
                },
            }
            m.expect(count(r, "tlb_fill"), 1, "only the second walk fills")
        end,
        function(m)
            local va = nth(m, m.geometry().tlb_sets + 1)
            m.title { en = "A hit that fails", zh = "命中了也不行" }
            m.view "tlb"
            m.bind { va = va }
            m.say {
                en = "For that read the kernel lent the shared page of zeros, read-only. The TLB holds it. Now the program writes to {va:hex}.",
                zh = "刚才那次读，内核借出了公用的全零页，只读。TLB 里已有它。现在程序要写 {va:hex}。",
            }
            local r = m.ask {
                id = "no-right",
                op = { "write", va, 9, { size = 1 } },
                before = { "tlb_hit", 1 },
                text = { en = "The lookup hits. What comes next?", zh = "查到了。接下来呢？" },
                answer = function(r)
                    for i = r.event.at + 1, #r.events do
                        local name = r.events[i].event
                        if name == "page_fault" or name == "translated" or name == "walk_start" then
                            return name
                        end
                    end
                end,
                words = {
                    page_fault = { en = "a page fault", zh = "缺页异常" },
                    translated = { en = "the write goes through", zh = "顺利写入" },
                    walk_start = { en = "a walk, to be sure", zh = "再走一遍表核实" },
                },
                wrong = {
                    {
                        value = "translated",
                        because = { en = "An entry holds rights too; they are checked on every hit.", zh = "小抄里也记着权限，每次命中都要核对。" },
                    },
                    {
                        value = "walk_start",
                        because = { en = "The rights stand in the entry: no need to read a table.", zh = "权限就写在这一项里，用不着读表。" },
                    },
                },
                right = { en = "Frame and rights are noted together. The right to write is missing.", zh = "页框和权限是记在一起的，缺的是写权限。" },
                hints = {
                    { en = "What else stands in the entry beside the frame?", zh = "除了页框，这一项还写了什么？" },
                    { en = "Rights are checked on a hit as on a walk.", zh = "命中时和走表时一样，要查权限。" },
                    { en = "It says read-only, and this is a write.", zh = "它写着只读，而这是一次写。" },
                },
            }
            m.expect(find(r, "page_fault").error, 7, "present, write, user")
        end,
        step {
            title = { en = "On average", zh = "平均下来" },
            view = "cost",
            prepare = function(m)
                m.flush()
                local before = m.cycles()
                for _ = 1, RUN do
                    m.read(nth(m, 0), { size = 1 })
                end
                m.expect((m.cycles() - before) // RUN, (miss_cost(m) + (RUN - 1) * hit_cost(m)) // RUN, "the average of the run")
            end,
            bind = function(m)
                return {
                    run = RUN, hit = hit_cost(m), miss = miss_cost(m), dram = FLAT_DRAM, hits = FLAT_HITS, rest = 100 - FLAT_HITS,
                    both = 2 * FLAT_DRAM, better = (99 * FLAT_DRAM + 2 * FLAT_DRAM) // 100, share = 99,
                }
            end,
            text = {
                en = "Meanwhile the program has read one page {run} times: a miss ({miss} cycles), then hits ({hit} each).",
                zh = "这会儿，程序把同一页读了 {run} 遍：先是一次未命中（{miss} 周期），其余全命中（每次 {hit}）。",
            },
            ask = {
                {
                    id = "average",
                    text = { en = "Cycles per access, on average?", zh = "平均每次几个周期？" },
                    answer = function(r) return (miss_cost(r.m) + (RUN - 1) * hit_cost(r.m)) // RUN end,
                    wrong = {
                        {
                            value = function(r) return hit_cost(r.m) end,
                            because = { en = "The one miss is rare but dear.", zh = "未命中虽只一次，却不便宜。" },
                        },
                        {
                            value = function(r) return (hit_cost(r.m) + miss_cost(r.m)) // 2 end,
                            because = { en = "That is half hits, half misses.", zh = "那是命中和未命中各占一半。" },
                        },
                        {
                            value = function(r) return (miss_cost(r.m) + (RUN - 1) * hit_cost(r.m)) // RUN - hit_cost(r.m) end,
                            because = { en = "That is only what translating adds.", zh = "这只是翻译多花的部分。" },
                        },
                    },
                    right = { en = "One walk, shared by {run} accesses.", zh = "走一趟表，{run} 次访问来分摊。" },
                    hints = {
                        { en = "Add all, then divide.", zh = "加起来，再平分。" },
                        { en = "One miss and the rest hits, divided by {run}.", zh = "一次未命中，其余命中，除以 {run}。" },
                        { en = "A hundredth of the difference between {miss} and {hit}, on top of {hit}.", zh = "{hit}，再加 {miss} 与 {hit} 之差的百分之一。" },
                    },
                },
                {
                    id = "textbook",
                    text = {
                        en = "A textbook machine: one flat table, memory {dram} ns, TLB free, {hits} hits in 100. Average?",
                        zh = "课本上的机器：一张平表，内存 {dram} 纳秒，查 TLB 不花时间，100 次命中 {hits} 次。平均多少？",
                    },
                    answer = function() return (FLAT_HITS * FLAT_DRAM + (100 - FLAT_HITS) * 2 * FLAT_DRAM) // 100 end,
                    number = true,
                    right = {
                        en = "{answer}. With {share} hits in 100 it would be {better}.",
                        zh = "{answer}。要是 100 次命中 {share} 次，就只要 {better}。",
                    },
                    hints = {
                        { en = "A miss reads one table entry, then the data.", zh = "未命中：读一个表项，再取数据。" },
                        { en = "{hits} times {dram}, {rest} times {both}.", zh = "{hits} 个 {dram}，{rest} 个 {both}。" },
                        { en = "Add these two and divide by 100.", zh = "两样相加，除以 100。" },
                    },
                },
            },
        },
        step {
            title = { en = "Deeper trees", zh = "树再深一层" },
            view = "cost",
            bind = function(m)
                local dram = m.field("dram_cycles")
                return { miss = miss_cost(m), hit = hit_cost(m), dram = dram, now = #m.geometry().levels, deep = #m.geometry().levels + 1,
                         one = #ONE, i386 = #I386, pae = #PAE }
            end,
            text = {
                en = "Processors with LA57 have five levels of tables. Suppose ours had: same memory, same TLB.",
                zh = "支持 LA57 的处理器有五级页表。假如我们这台也是，内存和 TLB 都不变。",
            },
            ask = {
                id = "la57",
                text = { en = "Cycles of a read that misses?", zh = "未命中的一次读要几个周期？" },
                answer = function(r) return miss_cost(r.m) + r.m.field("dram_cycles") end,
                wrong = {
                    {
                        value = function(r) return miss_cost(r.m) end,
                        because = { en = "That is with {now} levels.", zh = "这是 {now} 级的数目。" },
                    },
                    {
                        value = function(r) return hit_cost(r.m) end,
                        because = { en = "A hit stays as it is. A miss does not.", zh = "命中的不变，未命中的可要变。" },
                    },
                    {
                        value = function(r) return miss_cost(r.m) + hit_cost(r.m) end,
                        because = { en = "The TLB is asked once, not once per level.", zh = "TLB 只查一次，不是每级一次。" },
                    },
                },
                right = {
                    en = "One table read more. A hit still costs {hit}: the deeper the tree, the more the TLB is worth.",
                    zh = "多读一次表。命中还是 {hit}：树越深，TLB 越值钱。",
                },
                hints = {
                    { en = "What does one more level add?", zh = "多一级，多出什么？" },
                    { en = "One table read on every walk.", zh = "每走一趟，多读一次表。" },
                    { en = "{miss} plus {dram}.", zh = "{miss} 加 {dram}。" },
                },
            },
            after = {
                en = "Table reads of a miss: one flat table {one}, 32-bit x86 {i386}, PAE {pae}, here {now}, LA57 {deep}.",
                zh = "未命中要读几次表：一张平表 {one} 次，32 位 x86 {i386} 次，PAE {pae} 次，这里 {now} 次，LA57 {deep} 次。",
            },
        },
        function(m)
            local sets, ways = m.geometry().tlb_sets, m.geometry().tlb_ways
            m.title { en = "Three misses", zh = "三次未命中" }
            m.view "tlb"
            m.bind { one = page(same_set(m, 0)), two = page(same_set(m, 1)), last = page(same_set(m, ways)), step = sets * m.geometry().page }
            m.task {
                text = {
                    en = "Make the TLB miss exactly three times, without a page fault. Pages that have frames: {one:hex} to {last:hex}, every {step:hex}.",
                    zh = "让 TLB 恰好未命中三次，而且不许缺页。有页框的页：从 {one:hex} 到 {last:hex}，每隔 {step:hex} 一个。",
                },
                goal = function(r) return count(r, "tlb_miss") == 3 and count(r, "page_fault") == 0 end,
                solution = function(m)
                    return {
                        "flush", "read " .. hex(same_set(m, 1)) .. " size=1", "read " .. hex(same_set(m, 2)) .. " size=1",
                        "read " .. hex(same_set(m, 3)) .. " size=1",
                    }
                end,
                hints = {
                    { en = "What is in the TLB now, and what is not?", zh = "TLB 里现在有什么，没有什么？" },
                    { en = "A page misses when it was never read, was pushed out, or after a flush.", zh = "没读过的、被挤走的、清空以后的，都会未命中。" },
                    { en = "flush, then read three of the pages.", zh = "先 flush，再读其中三页。" },
                },
            }
            m.after {
                en = [[You can now say what an access costs and why. Take along: the TLB noted what the tables said. What if somebody then
                    changes the tables?]],
                zh = [[现在，一次访问花多少、花在哪里，你都说得清了。带走一个问题：小抄是照页表抄的；要是抄完以后，页表改了呢？]],
            }
        end,
    },
}
