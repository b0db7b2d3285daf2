-- four-level.lua - the x86-64 page walk (SDM vol. 3A, 4.5), once slowly and then by hand.
local VA = 0x123456789abc      -- four different indices
local PROMISED = 4 << 20       -- bytes promised around it
local HEAP, STACK = 0x406010, 0x7fffffffe010

-- How many of a table's entries are present.
local function used(m, frame)
    local g, n = m.geometry(), 0
    for i = 0, g.page // g.entry_bytes - 1 do
        n = n + (m.word(frame * g.page + i * g.entry_bytes, 1) & 1)
    end
    return n
end

-- Bits in groups of four, as hex digits have them.
local function nibbles(v, digits)
    local text, out = bin(v, digits), {}
    for i = 1, #text, 4 do
        out[#out + 1] = text:sub(i, i + 3)
    end
    return table.concat(out, " ")
end

-- Which indices differ between two addresses.
local function changed(m, one, other)
    local levels, which = m.geometry().levels, {}
    for level = 1, #levels do
        if index(one, level - 1) ~= index(other, level - 1) then
            which[#which + 1] = levels[level].name
        end
    end
    return #which == #levels and "all" or #which == 1 and which[1] or "other"
end

return lesson {
    id = "four-level",
    part = "translation",
    title = { en = "Four questions for one byte", zh = "一个字节，四次询问" },
    rows = { "B10" },
    needs = { "split" },
    machine = "x86-64",
    minutes = 10,
    steps = {
        step {
            title = { en = "How far is one byte?", zh = "取一个字节，要走多远？" },
            view = "address",
            prepare = function(m)
                m.spawn()
                m.write(HEAP, 7, { size = 1 })
                m.mmap(page(VA), PROMISED, "rw")
                m.write(VA, 42, { size = 1 })
                m.write(VA + m.geometry().page, 43, { size = 1 })
                m.flush()
            end,
            bind = function(m)
                local g = m.geometry()
                return { va = VA, bits = g.va_bits, last = g.frames * g.page - 1, page = g.page }
            end,
            text = {
                en = "A program wants the byte at {va:hex}. Memory counts from 0 to {last:hex} and never heard of that number. First the old cut.",
                zh = "程序想要 {va:hex} 处的一个字节。内存只从 0 数到 {last:hex}，压根没听说过这个号码。先照老办法切一刀。",
            },
            ask = {
                id = "offset-bits",
                text = { en = "How many of the {bits} bits only say where in the page?", zh = "{bits} 位里，有几位只管页内位置？" },
                answer = function(r) return r.m.geometry().page_shift end,
                wrong = {
                    {
                        value = function(r) return r.m.geometry().levels[1].bits end,
                        because = { en = "That reaches only an eighth of a page of {page} bytes.", zh = "这么几位只够得着 {page} 字节的八分之一。" },
                    },
                    {
                        value = 10,
                        because = { en = "That is the width of an index in 32-bit paging.", zh = "这是 32 位分页里索引的宽度。" },
                    },
                    {
                        value = function(r) return 64 - r.m.geometry().va_bits end,
                        because = {
                            en = "You count the top bits of the 64: those only repeat the sign.",
                            zh = "你数的是 64 位里最高的那几位，它们只是符号的延续。",
                        },
                    },
                },
                right = { en = "Two to the power of {answer} is {page}, the bytes of a page.", zh = "2 的 {answer} 次方是 {page}，正好一页。" },
                hints = {
                    { en = "As in the lesson before: the page decides.", zh = "和上一课一样，由页的大小决定。" },
                    { en = "The offset must reach each of {page} bytes.", zh = "偏移得够得着 {page} 个字节里的每一个。" },
                    { en = "Three hex digits.", zh = "三个十六进制数字。" },
                },
            },
        },
        step {
            title = { en = "No room for one table", zh = "一张表放不下" },
            view = "tree",
            bind = function(m)
                local g = m.geometry()
                return {
                    page_bits = g.va_bits - g.page_shift, flat = (1 << (g.va_bits - g.page_shift)) * g.entry_bytes,
                    slots = g.page // g.entry_bytes, levels = #g.levels, index_bits = g.levels[1].bits,
                }
            end,
            text = {
                en = [[The other {page_bits} bits name a page. One flat table for them would take {flat:size} for each process. So the table is
                    cut into frames of {slots} entries, and tables name tables.]],
                zh = [[剩下 {page_bits} 位是页号。若用一张大平表，每个进程要占 {flat:size}。于是把表也切成一页一页，每页 {slots} 项，
                    由表来指表。]],
            },
            ask = {
                id = "how-many-reads",
                text = {
                    en = "Memory reads until the program has its byte?",
                    zh = "程序拿到这个字节之前，一共要读几次内存？",
                },
                answer = function(r) return r.m.walk(VA).reads + 1 end,
                wrong = {
                    {
                        value = function(r) return r.m.walk(VA).reads end,
                        because = {
                            en = "Then you have its address, but nobody has fetched the byte.",
                            zh = "那只问到了地址，字节还没人去取呢。",
                        },
                    },
                    {
                        value = 2,
                        because = { en = "One table and the byte: that is the flat table.", zh = "一次查表、一次取数：那是平表的算法。" },
                    },
                    {
                        value = 3,
                        because = { en = "Two tables and the byte: the 32-bit machine.", zh = "两级表再加取数：那是 32 位机器。" },
                    },
                },
                right = {
                    en = "{page_bits} bits are {levels} times {index_bits}: {levels} tables, then the byte.",
                    zh = "{page_bits} 位就是 {levels} 个 {index_bits} 位：查 {levels} 张表，再取字节。",
                },
                hints = {
                    { en = "How many bits does one table of {slots} entries use up?", zh = "一张 {slots} 项的表，用掉几位？" },
                    { en = "{page_bits} bits, {index_bits} at a time. And the byte itself.", zh = "{page_bits} 位，每次用 {index_bits} 位。别忘了字节本身。" },
                    { en = "{levels} tables, plus one.", zh = "{levels} 张表，再加一次。" },
                },
            },
        },
        function(m)
            local g = m.geometry()
            m.title { en = "Once, slowly", zh = "慢动作" }
            m.view "tree"
            m.bind {
                va = VA, entry = g.entry_bytes, shift = g.levels[1].shift, bits = g.levels[1].bits, page = g.page,
                top = nibbles(bits(VA, g.va_bits - 1, g.page_shift), g.va_bits - g.page_shift),
            }
            m.say {
                en = "CR3 names the frame of the first table, nothing more. In bits, the page number is {top}. One key per event.",
                zh = "CR3 只说第一张表在哪个页框，别的一概不管。页号写成二进制：{top}。按一次键走一步。",
            }
            local r = m.ask {
                id = "first-index",
                op = { "read", VA, { size = 1 } },
                before = { "walk_read", 1 },
                text = { en = "Which entry of the first table?", zh = "读第一张表的第几项？" },
                answer = function(r) return r.event and r.event.index end,
                wrong = {
                    {
                        quirk = "index-one-bit-left",
                        because = { en = "You began one bit too far left.", zh = "你从偏左一位的地方切起了。" },
                    },
                    {
                        quirk = "index-ten-bits",
                        because = { en = "Ten bits at a time: the habit of the 32-bit machine.", zh = "每次取十位，那是 32 位机器的老习惯。" },
                    },
                    {
                        value = function(r) return index(VA, 1) end,
                        because = { en = "That index is for the second table.", zh = "这是第二张表要用的。" },
                    },
                },
                right = { en = "The top {bits} bits: {table}[{answer}].", zh = "最高的 {bits} 位：{table}[{answer}]。" },
                hints = {
                    { en = "The highest bits choose first.", zh = "最高的几位先用。" },
                    { en = "Take the first {bits} of those bits.", zh = "取这串二进制的前 {bits} 位。" },
                    { en = "Shift the address right by {shift}.", zh = "把地址右移 {shift} 位。" },
                },
            }
            m.ask {
                id = "first-slot",
                about = r,
                before = { "walk_read", 1 },
                format = "hex",
                text = { en = "At which physical address is it?", zh = "这一项的物理地址是多少？" },
                answer = function(r) return r.event and r.event.pa end,
                wrong = {
                    {
                        quirk = "index-not-scaled",
                        because = { en = "Entries are {entry} bytes long: multiply.", zh = "每项 {entry} 字节，要乘上去。" },
                    },
                    {
                        quirk = "entry-four-bytes",
                        because = { en = "Four-byte entries belong to the 32-bit machine.", zh = "一项四字节，那是 32 位机器。" },
                    },
                    {
                        value = function() return VA end,
                        because = {
                            en = "A virtual address? Then finding a table would need a translation first.",
                            zh = "虚拟地址？那要找表，岂不是先得翻译一遍。",
                        },
                    },
                },
                right = { en = "The frame in CR3, plus {entry} times {index}.", zh = "CR3 里的页框，加上 {entry} 乘 {index}。" },
                hints = {
                    { en = "Where does the table begin? The last event said so.", zh = "表从哪儿开始？上一个事件说过。" },
                    { en = "Start of the frame, plus index times entry size.", zh = "页框起点，加上索引乘项长。" },
                    { en = "{entry} times {index}, behind the frame in CR3.", zh = "{entry} 乘 {index}，接在 CR3 那个页框后面。" },
                },
            }
            m.ask {
                id = "physical-address",
                about = r,
                before = { "translated", 1 },
                format = "hex",
                text = { en = "Four tables later: the byte's physical address?", zh = "四张表读完了：字节的物理地址是？" },
                answer = function(r) return r.event and r.event.pa end,
                wrong = {
                    {
                        quirk = "offset-lost",
                        because = { en = "The start of the frame: the offset got lost.", zh = "这是页框的起点，偏移丢了。" },
                    },
                    {
                        quirk = "frame-not-shifted",
                        because = { en = "A frame number is not an address yet: times {page}.", zh = "页框号还不是地址，要乘 {page}。" },
                    },
                    {
                        value = function(r) return (r.m.walk(VA).entries[4].pa & -r.m.geometry().page) + offset(VA) end,
                        because = {
                            en = "You used the frame the last table is in, not the one it names.",
                            zh = "你用的是最后那张表所在的页框，不是它所指的页框。",
                        },
                    },
                },
                right = { en = "Frame {frame:label}, and the offset as it was.", zh = "页框 {frame:label}，偏移原封不动。" },
                hints = {
                    { en = "The last entry names the frame.", zh = "最后那一项写着页框。" },
                    { en = "Frame number times {page}, plus offset.", zh = "页框号乘 {page}，加偏移。" },
                    { en = "{frame:label}, then the last three digits of {va:hex}.", zh = "{frame:label}，后面接 {va:hex} 的末三位。" },
                },
            }
            m.expect(count(r, "walk_read"), #g.levels, "one read per level")
            m.expect(r.faults, 0, "the walk succeeds")
        end,
        step {
            title = { en = "Again", zh = "再来一次" },
            view = "tlb",
            bind = { va = VA },
            text = { en = "The program wants the same byte once more.", zh = "程序又要同一个字节。" },
            ask = {
                id = "again",
                op = { "read", VA, { size = 1 } },
                text = { en = "How many table reads this time?", zh = "这回要读几次页表？" },
                answer = function(r) return count(r, "walk_read") end,
                wrong = {
                    {
                        quirk = "tlb-remembers-nothing",
                        because = { en = "As if nothing remembered. Look at the TLB pane.", zh = "好像谁也没记住似的。看看 TLB 面板。" },
                    },
                    {
                        value = 1,
                        because = { en = "Not even the last table: the whole answer is kept.", zh = "最后一张也不用读：留下的是整个结果。" },
                    },
                },
                right = { en = "None. The MMU kept the answer in its TLB.", zh = "一次也不用。MMU 把结果存在了 TLB 里。" },
                hints = {
                    { en = "What happened right after the fourth read?", zh = "第四次读完后，紧接着发生了什么？" },
                    { en = "The TLB remembers page and frame together.", zh = "TLB 把页和页框成对记住了。" },
                    { en = "A hit reads no table.", zh = "命中就不读表。" },
                },
            },
        },
        function(m)
            local g = m.geometry()
            local next = VA + g.page
            m.title { en = "The neighbour", zh = "邻居" }
            m.view "address"
            m.bind { next = next, slots = g.page // g.entry_bytes, reach = g.page // g.entry_bytes * g.page }
            m.say { en = "Now the page next door: {next:hex}.", zh = "换到隔壁那一页：{next:hex}。" }
            local r = m.ask {
                id = "which-index",
                op = { "read", next, { size = 1 } },
                before = { "tlb_miss", 1 },
                text = { en = "Which of the four indices change?", zh = "四个索引里，哪几个变了？" },
                answer = function(r) return changed(r.m, VA, next) end,
                words = {
                    PT = { en = "only the last", zh = "只有最后一个" },
                    all = { en = "all four", zh = "四个全变" },
                    PML4 = { en = "only the first", zh = "只有第一个" },
                    none = { en = "none", zh = "都没变" },
                },
                wrong = {
                    {
                        value = "all",
                        because = { en = "Adding one page carries only into the lowest page bits.", zh = "加一页，只动页号最低的几位。" },
                    },
                    {
                        value = "PML4",
                        because = { en = "The first index is made of the highest bits; they stay.", zh = "第一个索引用的是最高几位，它们没动。" },
                    },
                    { value = "none", because = { en = "Then it would be the same page.", zh = "那就是同一页了。" } },
                },
                right = { en = "Low bits choose late, so neighbours share tables.", zh = "低位最后才用，所以邻居共用同样的表。" },
                hints = {
                    { en = "Compare the two addresses digit by digit.", zh = "把两个地址逐位比一比。" },
                    { en = "One page more is plus one in the page number.", zh = "多一页，页号加一。" },
                    { en = "The lowest page bits belong to the last table.", zh = "页号最低的几位归最后一张表。" },
                },
            }
            m.expect(r.m.walk(next).entries[4].pa - r.m.walk(VA).entries[4].pa, g.entry_bytes, "the next entry of the same table")
            m.after {
                en = "The same last table. Its {slots} entries serve {reach:size} of neighbours.",
                zh = "最后一张表还是那一张。它的 {slots} 项能照管 {reach:size} 的邻居。",
            }
        end,
        function(m)
            local walk = m.walk(VA)
            local pd = walk.entries[3]
            m.title { en = "Break it", zh = "弄坏它" }
            m.view "tree"
            m.bind { slot = pd.pa, index = pd.index, bytes = le(pd.value & ~1, 1), va = VA }
            m.say {
                en = [[Bit 0 of an entry says "present". Clear it in the third table: select [{index}] in Page tables, press x and
                    type {bytes}, or press : and type

                    poke {slot:hex} {bytes}

                    Then with : again flush, and read {va:hex}. How far does the walk get? Esc brings you back.]],
                zh = [[每一项的第 0 位表示“在”。把第三张表里的这一位清掉：在页表面板选中 [{index}]，按 x，敲 {bytes}；或者按 : 输入

                    poke {slot:hex} {bytes}

                    再按 : 输入 flush，然后是 read {va:hex}。走到哪儿断了？按 Esc 回来。]],
            }
        end,
        function(m)
            local walk = m.walk(VA)
            local far = VA + walk.size * (m.geometry().page // m.geometry().entry_bytes)
            m.title { en = "A promise", zh = "还没兑现" }
            m.view "tree"
            m.bind { far = far }
            m.say {
                en = "In the story nothing is broken. But {far:hex} was only promised, never touched: the third table has no entry for it yet.",
                zh = "故事这边什么也没坏。不过 {far:hex} 只是答应过、从没碰过：第三张表里还没有它的项。",
            }
            local r = m.ask {
                id = "where-it-stops",
                op = { "read", far, { size = 1 } },
                before = { "walk_read", 1 },
                text = { en = "How many table reads before the page fault?", zh = "缺页之前，读几次表？" },
                answer = function(r)
                    local n = 0
                    for _, e in ipairs(r.events) do
                        if e.event == "page_fault" then
                            break
                        end
                        n = n + (e.event == "walk_read" and 1 or 0)
                    end
                    return n
                end,
                wrong = {
                    {
                        value = function(r) return #r.m.geometry().levels end,
                        because = {
                            en = "The entry above is missing: the walk never gets to the last table.",
                            zh = "上一级的项就缺了，走不到最后一张表。",
                        },
                    },
                    {
                        value = function(r) return 2 end,
                        because = { en = "It must read the empty entry to learn that it is empty.", zh = "不读那一项，怎么知道它是空的？" },
                    },
                    {
                        value = function(r) return 0 end,
                        because = { en = "Nobody knows beforehand that the page is absent.", zh = "没读之前，谁也不知道这一页不在。" },
                    },
                },
                right = {
                    en = "The third read finds bit 0 clear and the MMU gives up. The kernel then adds the missing table.",
                    zh = "第三次读到第 0 位为 0，MMU 就此罢手。随后内核补上了缺的那张表。",
                },
                hints = {
                    { en = "Which entry is the first one missing?", zh = "第一个缺的是哪一项？" },
                    { en = "The walk reads an entry, then looks at bit 0.", zh = "先读项，再看第 0 位。" },
                    { en = "First, second, third table; then the fault.", zh = "第一、第二、第三张表，然后缺页。" },
                },
            }
            m.expect(find(r, "page_fault").level, 2, "stopped at the PD")
            m.expect(count(r, "table_alloc"), 1, "one table added")
        end,
        function(m)
            local g, p = m.geometry(), m.process()
            local root = m.walk(VA).entries[1].pa & -g.page
            m.title { en = "What the tree saves", zh = "树省下了什么" }
            m.view "tree"
            m.bind {
                tables = p.tables, bytes = p.tables * g.page, used = used(m, root // g.page), slots = g.page // g.entry_bytes,
                stack = STACK, rss = p.rss,
            }
            m.say {
                en = "{tables} tables, {bytes:size}, instead of the flat table: {used} of {slots} entries of the root are in use. Now a byte of the stack, {stack:hex}.",
                zh = "一共 {tables} 张表，{bytes:size}，大平表没法比：根表 {slots} 项只用了 {used} 项。接着写栈上的一个字节 {stack:hex}。",
            }
            local r = m.ask {
                id = "new-tables",
                op = { "write", STACK, 1, { size = 1 } },
                text = { en = "How many new tables will that take?", zh = "要添几张新表？" },
                answer = function(r) return count(r, "table_alloc") end,
                wrong = {
                    {
                        value = 0,
                        because = { en = "The tables there serve other regions.", zh = "现有的表管的是别处。" },
                    },
                    {
                        value = 1,
                        because = { en = "Its first index is new, so the whole path is missing.", zh = "第一个索引就是新的，整条路都缺。" },
                    },
                    {
                        value = function(r) return #r.m.geometry().levels end,
                        because = { en = "The root is there already: one per process.", zh = "根表早就有了，每个进程一张。" },
                    },
                },
                right = { en = "All but the root. Far apart is dear; side by side is cheap.", zh = "除了根表都要添。住得远就贵，住得近就省。" },
                hints = {
                    { en = "Has anybody lived near it so far? Look at the highest digits.", zh = "它附近有人住吗？看最高几位。" },
                    { en = "A new first index means a new table on every level below.", zh = "第一个索引是新的，下面每级都得有新表。" },
                    { en = "Four levels, minus the root.", zh = "四级，减去根表。" },
                },
            }
            m.expect(r.m.process().tables, p.tables + #g.levels - 1, "the process counts them")
        end,
        function(m)
            m.title { en = "What is in CR3?", zh = "CR3 里是什么？" }
            m.view "address"
            m.bind { one = index(VA, 0), other = index(STACK, 0) }
            m.say {
                en = "For the first byte the walk began at entry {one} of the root, for the stack at {other}. Something must have told the MMU.",
                zh = "先前那个字节从根表第 {one} 项走起，栈上这个从第 {other} 项走起。总得有谁告诉 MMU 吧。",
            }
            m.ask {
                id = "cr3",
                op = { "read", STACK, { size = 1 } },
                format = "hex",
                text = { en = "What does CR3 hold now?", zh = "CR3 现在是多少？" },
                answer = function(r) return r.m.field("cr3") end,
                wrong = {
                    {
                        value = function() return index(STACK, 0) end,
                        because = { en = "The index comes from the address, not from CR3.", zh = "索引出自地址，不出自 CR3。" },
                    },
                    {
                        value = function(r) return r.m.walk(STACK).entries[1].pa end,
                        because = {
                            en = "That sum is made for each access and kept nowhere.",
                            zh = "这个和是每次访问现算的，哪儿也不存。",
                        },
                    },
                    {
                        value = function(r) return r.m.walk(STACK).frame << r.m.geometry().page_shift end,
                        because = { en = "That is the stack's own frame.", zh = "这是栈自己的页框。" },
                    },
                },
                right = { en = "As before: the frame of the root table.", zh = "和先前一样：根表的页框。" },
                hints = {
                    { en = "Did any event write CR3 since the lesson began?", zh = "开课以来，有哪个事件写过 CR3 吗？" },
                    { en = "CR3 changes with the process, not with the address.", zh = "换进程才换 CR3，换地址不换。" },
                    { en = "It is where the root table begins; see Page tables.", zh = "就是根表的起点，看“页表”面板。" },
                },
            }
        end,
        function(m)
            m.title { en = "Two walks, one CR3", zh = "走两趟，一个 CR3" }
            m.view "tree"
            m.say { en = "The proof, in two reads with an empty TLB: watch the first entry of each walk.", zh = "证据：清空 TLB，读两次。留意每趟的第一项。" }
            m.flush()
            local cr3 = m.field("cr3")
            local a = find(m.read(VA, { size = 1 }), "walk_read")
            local b = find(m.read(STACK, { size = 1 }), "walk_read")
            m.expect(m.field("cr3"), cr3, "CR3 stays")
            m.expect(a.index ~= b.index, true, "the index does not")
            m.bind { one = a.index, other = b.index, cr3 = cr3 }
            m.card {
                claim = { en = "CR3 holds the first index.", zh = "第一级索引取自 CR3。" },
                truth = {
                    en = "CR3 was {cr3:hex} for both, yet the walks began at {one} and {other}. The index is part of the address; CR3 only says where the table is.",
                    zh = "两次 CR3 都是 {cr3:hex}，起点却一个是 {one}、一个是 {other}。索引是地址的一部分，CR3 只说表在哪里。",
                },
            }
        end,
        step {
            title = { en = "Two sets of names", zh = "两套名字" },
            view = "tree",
            bind = function(m)
                local names = {}
                for i, level in ipairs(m.geometry().levels) do
                    names[i] = level.name
                end
                return { hardware = table.concat(names, ", ") }
            end,
            text = {
                en = "Manuals say {hardware}. Linux walks the same tables in code that reads pgd, p4d, pud, pmd, pte: five names.",
                zh = "手册里叫 {hardware}。Linux 走的是同样的表，代码里却有五个名字：pgd、p4d、pud、pmd、pte。",
            },
            ask = {
                id = "linux-names",
                text = { en = "How many of the five are tables here?", zh = "五个名字里，这台机器上真有表的是几个？" },
                answer = function(r) return #r.m.walk(VA).entries end,
                wrong = {
                    { value = 5, because = { en = "Only with five levels (LA57). Here p4d is folded.", zh = "五级页表（LA57）才是。这里 p4d 折叠掉了。" } },
                    { value = 3, because = { en = "The pgd is a table as well.", zh = "pgd 也是一张表。" } },
                    { value = 2, because = { en = "That is the 32-bit machine: pgd and pte.", zh = "那是 32 位机器：只有 pgd 和 pte。" } },
                },
                right = {
                    en = "p4d is folded: the code passes through it and reads nothing.",
                    zh = "p4d 是“折叠”的：代码从它身上穿过，什么也不读。",
                },
                hints = {
                    { en = "Count what the MMU reads.", zh = "数数 MMU 读了几次。" },
                    { en = "One name has no level of its own on this machine.", zh = "有一个名字在这台机器上没有对应的级。" },
                    { en = "{hardware}.", zh = "就是 {hardware}。" },
                },
            },
        },
        function(m)
            m.title { en = "Your walk", zh = "你来走" }
            m.view "tree"
            m.bind { va = VA, first = index(VA, 0), second = index(VA, 1), third = index(VA, 2), memory = m.walk(VA).reads + 1 }
            m.task {
                text = {
                    en = "Read an address with the same first two indices as {va:hex} that needs a last table of its own and faults exactly once.",
                    zh = "读一个地址：前两个索引和 {va:hex} 相同，最后一张表却得新添，而且只缺页一次。",
                },
                goal = function(r)
                    local got = find(r, "data_read")
                    return got ~= nil and index(got.va, 0) == index(VA, 0) and index(got.va, 1) == index(VA, 1) and
                        count(r, "table_alloc") == 1 and count(r, "page_fault") == 1
                end,
                solution = function(m)
                    return { "read " .. hex(page(VA) + PROMISED - m.geometry().page) .. " size=1" }
                end,
                hints = {
                    { en = "Change the third index, keep the first two.", zh = "前两个索引不动，改第三个。" },
                    {
                        en = "The process must own the address: see its areas in the Process pane, or mmap some.",
                        zh = "地址得归这个进程所有：看“进程”面板里的区域，或自己 mmap 一段。",
                    },
                    {
                        en = "Third index {third} and the one above have tables. Go two further.",
                        zh = "第三个索引 {third} 和它后面那个已经有表了，再往后挪一个。",
                    },
                },
            }
            m.after {
                en = [[You can now walk any x86-64 address by hand. Take along: {memory} reads the first time, one the second. Who remembers, how
                    much, and what when it is full?]],
                zh = [[现在，任何 x86-64 地址你都能亲手走一遍。带走一个问题：头一次读 {memory} 次内存，第二次只读一次。是谁记住的？能记多少？满了怎么办？]],
            }
        end,
    },
}
