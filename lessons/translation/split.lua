-- split.lua - one address, two parts: the page number is looked up, the offset passes through.
local VA = 8196             -- the textbook's byte
local SHOWN = 0x10          -- a place in the first page that is shown before anything is explained
local ELSEWHERE = 0xabc     -- another place in the same page
local SMALL, TINY = 256, 64 -- other page sizes
local LARGE, HUGE = 1 << 21, 1 << 30

local function log2(v)
    local n = 0
    while v > 1 do
        v = v >> 1
        n = n + 1
    end
    return n
end

return lesson {
    id = "split",
    part = "translation",
    title = { en = "One address, two parts", zh = "一个地址，两个部分" },
    rows = { "B1", "B2" },
    machine = "toy16",
    minutes = 8,
    steps = {
        step {
            title = { en = "Watch one byte", zh = "先看一个字节" },
            view = "tree",
            prepare = function(m)
                local page = m.geometry().page
                m.spawn()
                local second = m.spawn().value
                m.switch(second)
                m.read(page, { size = 1 })
                m.write(3 * page, 0x33)
                m.read(VA, { size = 1 })
                m.exit(1)
                m.flush()
            end,
            bind = function(m) return { shown = m.geometry().page + SHOWN } end,
            text = {
                en = [[Does the memory chip know the address {shown:hex} that a program reads? Watch one read: Enter shows all of it,
                    Space one event at a time.]],
                zh = [[程序读地址 {shown:hex}，内存条认得这个号码吗？先看一次读：按回车一口气看完，按空格一次看一个事件。]],
            },
            run = function(m)
                local r = m.read(m.geometry().page + SHOWN, { size = 1 })
                m.bind { came = r.pa }
            end,
            after = {
                en = "The byte came from {came:hex}: another number. On the way something was looked up. What, and why there?",
                zh = "这个字节来自 {came:hex}，换了一个号码。途中查了一样东西。查的是什么？为什么到那里去查？",
            },
        },
        step {
            title = { en = "Where is byte {va}?", zh = "第 {va} 号字节在哪儿？" },
            view = "address",
            prepare = function(m) m.flush() end,
            bind = function(m)
                local g = m.geometry()
                return { va = VA, va_bits = g.va_bits, pa_bits = g.pa_bits }
            end,
            text = {
                en = [[A program's addresses have {va_bits} bits here, the memory's only {pa_bits}. So byte {va} of the program must
                    sit under another number in memory. Imagine a list that says where: one line per byte.]],
                zh = [[在这台机器上，程序用的地址有 {va_bits} 位，内存自己的编号只有 {pa_bits} 位。程序眼里的第 {va} 号字节，
                    在内存里必定另有门牌。设想一本名册：每个字节占一行，写明它住在哪里。]],
            },
            ask = {
                id = "line-per-byte",
                text = { en = "How long is that list?", zh = "这本名册有多少行？" },
                answer = function(r) return 1 << r.m.geometry().va_bits end,
                wrong = {
                    {
                        value = function(r) return 1 << r.m.geometry().pa_bits end,
                        because = {
                            en = "That counts the memory's bytes. The list is read by the program's number, so it has a line for each of those.",
                            zh = "这是内存的字节数。名册是按程序的编号去查的，程序有多少个编号，就得有多少行。",
                        },
                    },
                    {
                        value = function(r) return r.m.geometry().va_bits end,
                        because = {
                            en = "That many bits in one number; the numbers they can form are far more.",
                            zh = "这是一个编号的位数，能写出的编号可远不止这些。",
                        },
                    },
                    {
                        value = function(r) return r.m.geometry().page end,
                        because = {
                            en = "That is one block of memory. We have not cut anything yet.",
                            zh = "这是一块的大小，可我们还没开始切块呢。",
                        },
                    },
                },
                right = {
                    en = "Every number the program can say: {answer} lines, more than the memory has bytes.",
                    zh = "程序能说出的编号都得有一行：{answer} 行，比内存的字节还多。",
                },
                hints = {
                    { en = "Who looks things up in it?", zh = "想想是谁要查这本名册。" },
                    { en = "One line per number the program can say.", zh = "程序能说出多少个编号，就有多少行。" },
                    { en = "Two to the power of {va_bits}.", zh = "2 的 {va_bits} 次方。" },
                },
            },
        },
        step {
            title = { en = "Pages and frames", zh = "页与页框" },
            view = "frames",
            bind = function(m)
                local g = m.geometry()
                return { page = g.page, mem = g.page * g.frames, places = 1 << g.va_bits }
            end,
            text = {
                en = [[Hopeless. So cut both sides into blocks of {page} bytes: the program's are called pages, the memory's frames.
                    A page moves as a whole, so one line per page will do.]],
                zh = [[显然不行。那就把两边都切成 {page} 字节一块：程序这边的叫“页”，内存那边的叫“页框”。搬动总是整页整页地搬，
                    每页一行就够了。]],
            },
            ask = {
                id = "line-per-page",
                text = { en = "How many lines are left?", zh = "现在还剩多少行？" },
                answer = function(r) return 1 << (r.m.geometry().va_bits - r.m.geometry().page_shift) end,
                wrong = {
                    {
                        value = function(r) return r.m.geometry().frames end,
                        because = {
                            en = "That counts frames. A page without a frame needs a line too: to say so.",
                            zh = "这是页框数。没有页框的页也要占一行，好写明“不在”。",
                        },
                    },
                    {
                        value = function(r) return r.m.geometry().page_shift end,
                        because = {
                            en = "That many bits say where inside a page; those need no line.",
                            zh = "这是页内位置的位数，它们用不着查表。",
                        },
                    },
                    {
                        value = function(r) return r.m.geometry().page end,
                        because = {
                            en = "That is how many bytes now share one line.",
                            zh = "这是合用一行的字节数。",
                        },
                    },
                },
                right = {
                    en = "{places} bytes, {page} to a page: {answer} lines. This list is the page table.",
                    zh = "{places} 字节，每页 {page} 字节：{answer} 行。这本名册就是页表。",
                },
                hints = {
                    { en = "Count pages, not frames.", zh = "数页，别数页框。" },
                    { en = "All the bytes a program can name, divided by the bytes of a page.", zh = "程序能叫出的字节总数，除以一页的字节数。" },
                    { en = "{places} divided by {page}.", zh = "{places} 除以 {page}。" },
                },
            },
            after = {
                en = "Look at the frames: {mem} bytes of memory, and the page table itself lives in one of them.",
                zh = "看看页框：内存一共 {mem} 字节，页表自己也住在其中一格里。",
            },
        },
        step {
            title = { en = "Where inside?", zh = "页内何处" },
            view = "address",
            bind = function(m) return { page = m.geometry().page, va = VA } end,
            text = {
                en = [[A frame is as long as a page. A byte that is the fifth of its page stays the fifth of its frame: that part of
                    the number is never looked up. It is called the offset.]],
                zh = [[页框和页一样长。在页里排第五的字节，到了页框里还是排第五：编号的这一部分根本不用查。它叫做“页内偏移”。]],
            },
            ask = {
                id = "offset-bits",
                text = { en = "How many bits does it take to pick one of {page}?", zh = "从 {page} 个里挑一个，要几位？" },
                answer = function(r) return r.m.geometry().page_shift end,
                number = true,
                right = { en = "2 to the power of {answer} is {page}.", zh = "2 的 {answer} 次方正是 {page}。" },
                hints = {
                    { en = "One bit picks one of two, two bits one of four.", zh = "一位能二选一，两位能四选一。" },
                    { en = "How often can {page} be halved?", zh = "{page} 能对半分几次？" },
                    { en = "{page} is 1 followed by three zeros in hex, and a hex digit is 4 bits.", zh = "{page} 写成十六进制是 1 后面三个 0，每个十六进制数字是 4 位。" },
                },
            },
        },
        function(m)
            local g = m.geometry()
            m.title { en = "The cut", zh = "下刀" }
            m.view "tree"
            m.bind { va = VA, page = g.page }
            m.say {
                en = "Byte {va} is {va:hex}, in bits {va:bin16}. The MMU, the part of the CPU that translates, cuts it in two.",
                zh = "第 {va} 号字节，十六进制 {va:hex}，二进制 {va:bin16}。CPU 里专管翻译的部件叫 MMU，它把地址一切为二。",
            }
            local r = m.ask {
                id = "page-number",
                op = { "read", VA, { size = 1 } },
                before = { "walk_read", 1 },
                text = { en = "Which line of the page table does it read?", zh = "它去读页表的第几行？（从 0 数起）" },
                answer = function(r) return r.event and r.event.index end,
                wrong = {
                    {
                        quirk = "index-one-bit-left",
                        because = {
                            en = "You cut one bit too far left: pages would be twice as long.",
                            zh = "刀口偏左了一位：那样一页就长了一倍。",
                        },
                    },
                    {
                        value = function(r) return offset(r.event.va) end,
                        because = {
                            en = "That is the offset, the part nobody looks up.",
                            zh = "这是偏移，恰恰是不用查的那一部分。",
                        },
                    },
                    {
                        value = function(r) return r.event.va >> 8 end,
                        because = {
                            en = "Two hex digits are taken: too many. Above the offset only one is left.",
                            zh = "你取了两个十六进制数字，多了。偏移上面只剩一个。",
                        },
                    },
                },
                right = { en = "The top hex digit of {va:hex}: page {answer}.", zh = "{va:hex} 最高的那个数字：第 {answer} 页。" },
                hints = {
                    { en = "Take the offset off first.", zh = "先把偏移去掉。" },
                    { en = "Divide by the page size and drop the rest.", zh = "除以页的大小，余数不要。" },
                    { en = "{va} divided by {page}.", zh = "{va} 除以 {page}。" },
                },
            }
            m.ask {
                id = "physical-address",
                about = r,
                before = { "translated", 1 },
                text = { en = "Which byte of memory will answer?", zh = "内存里应声的是第几号字节？" },
                answer = function(r) return r.event and r.event.pa end,
                wrong = {
                    {
                        quirk = "offset-lost",
                        because = { en = "The frame's first byte: the offset got lost.", zh = "这是页框的头一个字节，偏移丢了。" },
                    },
                    {
                        quirk = "frame-not-shifted",
                        because = {
                            en = "Frame number plus offset. But frame numbers count blocks: times {page} first.",
                            zh = "页框号加偏移？页框号数的是块，得先乘 {page}。",
                        },
                    },
                    {
                        value = function() return VA end,
                        because = { en = "The same number: then nothing was translated.", zh = "和原来一样？那等于没翻译。" },
                    },
                },
                right = { en = "Frame {frame:dec} times {page}, plus the offset.", zh = "页框号 {frame:dec} 乘 {page}，再加偏移。" },
                hints = {
                    { en = "What did the line say? Look at the frame in it.", zh = "刚读到的那一行写了什么？看看里面的页框号。" },
                    { en = "Frame number times page size, plus offset.", zh = "页框号乘页大小，加偏移。" },
                    {
                        en = "{frame:dec} times {page}, plus what {va} leaves when divided by {page}.",
                        zh = "{frame:dec} 乘 {page}，再加上 {va} 除以 {page} 的余数。",
                    },
                },
            }
            m.expect(count(r, "walk_read"), #g.levels, "one table, one read")
            m.expect(offset(r.pa), offset(VA), "the offset passes through")
            m.bind { pa = r.pa }
            m.after {
                en = "{va} became {pa}. In hex: {va:hex} became {pa:hex}. Only the page number was exchanged.",
                zh = "{va} 变成了 {pa}。写成十六进制：{va:hex} 变成 {pa:hex}，换掉的只有页号。",
            }
        end,
        function(m)
            local last = page(VA) + m.geometry().page - 1
            m.title { en = "Next door", zh = "隔壁" }
            m.view "frames"
            m.bind { last = last, next = last + 1 }
            m.say {
                en = "{last:hex} is the last byte of its page; it sits at the very end of a frame. The program takes one more step, to {next:hex}.",
                zh = "{last:hex} 是这一页的最后一个字节，也正好落在页框的末尾。程序再往前迈一步，到 {next:hex}。",
            }
            m.ask {
                id = "next-page",
                op = { "read", last + 1, { size = 1 } },
                before = { "walk_read", 1 },
                format = "hex",
                text = { en = "Which physical address is that?", zh = "它的物理地址是多少？" },
                answer = function(r) return r.pa end,
                wrong = {
                    {
                        value = function(r) return r.m.walk(last).pa + 1 end,
                        because = {
                            en = "Right behind the old frame: but neighbouring pages need not be neighbours in memory.",
                            zh = "紧挨着刚才那个页框？程序里相邻的页，在内存里不必相邻。",
                        },
                    },
                    {
                        value = function(r) return r.m.walk(VA).frame << r.m.geometry().page_shift end,
                        because = {
                            en = "Back to the start of the old frame? A new page, so another line decides.",
                            zh = "回到刚才那个页框的开头？换了一页，就该看另一行。",
                        },
                    },
                    {
                        value = last + 1,
                        because = { en = "The same number: nobody translated it.", zh = "原样不变？那就没人翻译了。" },
                    },
                },
                right = {
                    en = "Line {index} names frame {frame:dec}. One step for the program, a jump in memory.",
                    zh = "第 {index} 行写的是 {frame:dec} 号页框。程序只走一步，内存里却跳了一大截。",
                },
                hints = {
                    { en = "It is the first byte of another page.", zh = "它是另一页的头一个字节。" },
                    { en = "Another page: another line of the table, another frame.", zh = "换一页，就换一行，页框也就换了。" },
                    { en = "Line {index} names frame {frame:dec}; the offset is 0.", zh = "第 {index} 行写的是 {frame:dec} 号页框，偏移是 0。" },
                },
            }
        end,
        function(m)
            local slot = m.walk(VA).entries[1]
            local spare = m.geometry().frames - 1
            local new = slot.value & (m.geometry().page - 1) | spare << m.geometry().page_shift
            m.title { en = "Your hand in the table", zh = "伸手改页表" }
            m.view("hex", slot.pa)
            m.bind {
                slot = slot.pa, bytes = le(new, m.geometry().entry_bytes), line = slot.index, va = VA, spare = spare,
                n = m.geometry().entry_bytes, value = slot.value,
            }
            m.say {
                en = [[The table is plain memory: line {line} is {n} bytes at {slot:hex}. Change it! Type {bytes} over them in the Memory
                    pane, or press : and type

                    poke {slot:hex} {bytes}

                    Then with : again flush, and read {va:hex}. Which frame answers? Esc brings you back.]],
                zh = [[页表就是普通内存：第 {line} 行是 {slot:hex} 处的 {n} 个字节。改改看！在“内存”面板里直接敲 {bytes}，或者按 : 输入

                    poke {slot:hex} {bytes}

                    再按 : 输入 flush，然后是 read {va:hex}。这回是哪个页框应声？按 Esc 回来。]],
            }
            m.note {
                en = "flush makes the MMU forget what it remembers of the table; the lesson on the TLB tells why it is needed.",
                zh = "flush 让 MMU 忘掉它记住的页表内容；为什么需要，TLB 一课会讲。",
            }
            m.flush()
        end,
        function(m)
            local there = page(VA) + ELSEWHERE
            m.title { en = "What the line holds", zh = "一行里写着什么" }
            m.view "entry"
            m.bind { line = m.walk(VA).entries[1].index, value = m.walk(VA).entries[1].value, there = there, va = VA }
            m.say {
                en = "On the story's machine your change never happened: line {line} still reads {value:hex}. Now the program wants {there:hex}.",
                zh = "在故事这边，你的改动没有发生：第 {line} 行仍是 {value:hex}。这次程序想要 {there:hex}。",
            }
            m.ask {
                id = "same-line",
                op = { "read", there, { size = 1 } },
                before = { "walk_read", 1 },
                format = "hex",
                text = { en = "Which physical address?", zh = "物理地址是多少？" },
                answer = function(r) return r.pa end,
                wrong = {
                    {
                        value = function(r) return r.m.walk(VA).entries[1].value end,
                        because = {
                            en = "That is the line as it stands. Its low digits are flags, not a place.",
                            zh = "这是那一行的原文。末尾几位是标志，不是位置。",
                        },
                    },
                    {
                        value = function(r) return r.m.walk(VA).entries[1].value + ELSEWHERE end,
                        because = {
                            en = "You added the flags in. Only the frame number counts.",
                            zh = "你把标志位也加进去了。只有页框号才算数。",
                        },
                    },
                    {
                        value = function(r) return r.m.walk(VA).pa end,
                        because = {
                            en = "That is where {va:hex} went. One line serves every byte of its page.",
                            zh = "那是 {va:hex} 的去处。同一行要照管整页的字节。",
                        },
                    },
                },
                right = {
                    en = "The same line, frame {frame:dec}, with this address's own offset.",
                    zh = "同一行、同一个页框 {frame:dec}，配上这个地址自己的偏移。",
                },
                hints = {
                    { en = "Same page as before.", zh = "还是原来那一页。" },
                    { en = "Frame from the line, offset from the address.", zh = "页框看那一行，偏移看地址。" },
                    { en = "Frame {frame:dec}, then the last three digits of {there:hex}.", zh = "页框 {frame:dec}，后面接上 {there:hex} 的末三位。" },
                },
            }
        end,
        function(m)
            local there = page(VA) + ELSEWHERE
            m.title { en = "Twice the same line", zh = "同一行，两次" }
            m.view "entry"
            local one, other = m.read(VA, { size = 1 }), m.read(there, { size = 1 })
            m.expect(other.pa ~= one.pa, true, "one line, two addresses")
            m.bind { value = m.walk(VA).entries[1].value, one = one.pa, other = other.pa }
            m.card {
                claim = { en = "The page table holds the physical address.", zh = "页表里存的就是物理地址。" },
                truth = {
                    en = "It holds a frame number and flags. One line, {value:hex}, gave both {one:hex} and {other:hex}: frame number times page size, plus offset.",
                    zh = "存的是页框号和标志。同一行 {value:hex} 既给出 {one:hex}，又给出 {other:hex}：页框号乘页大小，再加偏移。",
                },
            }
            m.say { en = "Watch the proof: two reads, one line of the table.", zh = "请看证据：读两次，用的是页表的同一行。" }
        end,
        step {
            title = { en = "Other knives", zh = "换把刀" },
            view = "address",
            bind = { va = VA, small = SMALL, large = LARGE, huge = HUGE, tiny = TINY,
                     tiny_bits = log2(TINY), large_bits = log2(LARGE), huge_bits = log2(HUGE) },
            text = {
                en = "Where to cut is the builder's choice. Textbooks and machines have pages of {tiny} bytes, of {large:size}, even of {huge:size}.",
                zh = "刀落在哪里，由造机器的人定。课本和真机器里，{tiny} 字节、{large:size} 乃至 {huge:size} 的页都有。",
            },
            ask = {
                {
                    id = "small-page",
                    text = {
                        en = "With pages of {small} bytes, on which page would {va:hex} be?",
                        zh = "如果一页是 {small} 字节，{va:hex} 在第几页？",
                    },
                    answer = function() return VA // SMALL end,
                    wrong = {
                        {
                            value = function(r) return vpn(VA) end,
                            because = {
                                en = "That was with the old knife. Smaller pages, larger numbers.",
                                zh = "那是旧刀切的。页小了，页号就大了。",
                            },
                        },
                        {
                            value = function() return VA % SMALL end,
                            because = { en = "That is the offset.", zh = "这是偏移。" },
                        },
                        {
                            value = function() return VA // SMALL // 2 end,
                            because = { en = "One bit too far left.", zh = "刀口偏左了一位。" },
                        },
                    },
                    right = { en = "{va:hex}: two digits of offset, two of page number.", zh = "{va:hex}：两个数字是偏移，两个数字是页号。" },
                    hints = {
                        { en = "How many bits is the offset now?", zh = "偏移现在有几位？" },
                        { en = "{small} bytes are two hex digits of offset.", zh = "{small} 字节，偏移占两个十六进制数字。" },
                        { en = "{va} divided by {small}.", zh = "{va} 除以 {small}。" },
                    },
                },
                {
                    id = "huge-offset",
                    text = { en = "And a page of {huge:size}: how many offset bits?", zh = "一页有 {huge:size} 呢？偏移要几位？" },
                    answer = function() return log2(HUGE) end,
                    number = true,
                    right = { en = "K is 10 bits, M is 20, G is {answer}.", zh = "K 是 10 位，M 是 20 位，G 是 {answer} 位。" },
                    hints = {
                        { en = "K, M, G: a thousandfold each time, almost.", zh = "K、M、G，每级差不多翻一千倍。" },
                        { en = "Each of them adds ten bits.", zh = "每升一级加十位。" },
                        { en = "Three times ten.", zh = "三个十。" },
                    },
                },
            },
            after = {
                en = "Offset bits: {tiny_bits} for {tiny} bytes, {large_bits} for {large:size}, {huge_bits} for {huge:size}. Nothing else changes.",
                zh = "偏移位数：{tiny} 字节是 {tiny_bits}，{large:size} 是 {large_bits}，{huge:size} 是 {huge_bits}。别的规矩一概不变。",
            },
        },
        step {
            title = { en = "The price of a fine cut", zh = "切得细的代价" },
            view = "layout",
            bind = function(m)
                local g = m.geometry()
                return { tiny = TINY, n = g.entry_bytes, mem = g.frames * g.page, now = g.levels[1].bytes, page = g.page, va_bits = g.va_bits }
            end,
            text = {
                en = "Small pages waste less at the end of a file. But the table grows: today it takes {now} bytes, {n} to a line.",
                zh = "页小，末页浪费就少。可页表会变长：现在它占 {now} 字节，每行 {n} 字节。",
            },
            ask = {
                id = "fine-table",
                text = { en = "With {tiny}-byte pages, how many bytes?", zh = "换成 {tiny} 字节的页，它占多少字节？" },
                answer = function(r)
                    local g = r.m.geometry()
                    return (1 << g.va_bits) // TINY * g.entry_bytes
                end,
                wrong = {
                    {
                        value = function(r) return (1 << r.m.geometry().va_bits) // TINY end,
                        because = { en = "That counts lines; each takes {n} bytes.", zh = "这是行数，每行还要 {n} 字节。" },
                    },
                    {
                        value = function(r) return r.m.geometry().levels[1].bytes end,
                        because = { en = "As before? But there are many more pages.", zh = "和原来一样？页可多了不少。" },
                    },
                    {
                        value = function(r)
                            local g = r.m.geometry()
                            return g.frames * g.page // TINY
                        end,
                        because = { en = "You counted frames. It has a line per page.", zh = "你数的是页框。页表每页一行。" },
                    },
                },
                right = {
                    en = "{answer} bytes, for every process, out of {mem}.",
                    zh = "{answer} 字节，每个进程一份，而内存总共才 {mem} 字节。",
                },
                hints = {
                    { en = "First the lines, then the bytes.", zh = "先算行数，再算字节。" },
                    { en = "Lines: all addresses divided by {tiny}.", zh = "行数：全部地址数除以 {tiny}。" },
                    { en = "Two to the power of {va_bits}, by {tiny}, times {n}.", zh = "2 的 {va_bits} 次方，除以 {tiny}，乘 {n}。" },
                },
            },
        },
        function(m)
            local first = m.geometry().page
            local frame = m.walk(first).frame
            m.title { en = "Backwards", zh = "倒着找" }
            m.view "tree"
            m.bind { frame = frame, half = m.geometry().page // 2, va_bits = 48 }
            m.task {
                text = {
                    en = "Read a byte that lies in the second half of frame {frame:label}, without a page fault. Press : and type read with an address.",
                    zh = "读一个字节，要它落在 {frame:label} 号页框的后半截，而且不许缺页。按 : 输入 read 加地址。",
                },
                goal = function(r)
                    local got = find(r, "data_read", count(r, "data_read")) -- the last: one may try
                    local frame = r.m.walk(r.m.geometry().page).frame
                    return got ~= nil and got.frame == frame and offset(got.pa) >= r.m.geometry().page // 2 and
                        count(r, "page_fault") == 0
                end,
                solution = function(m) return { "read " .. hex(m.geometry().page + ELSEWHERE) .. " size=1" } end,
                hints = {
                    { en = "Which line of the table names that frame?", zh = "页表里哪一行写着这个页框？" },
                    {
                        en = "The number of the line is the page number; you choose the offset: {half:hex} or more.",
                        zh = "行号就是页号；偏移由你挑，不小于 {half:hex} 就行。",
                    },
                    { en = "Page times page size, plus an offset from {half:hex} on.", zh = "页号乘页大小，加上 {half:hex} 以上的偏移。" },
                },
            }
            m.after {
                en = [[You can now cut any address at any page size, there and back. One question to take along: this table has a few lines.
                    With {va_bits}-bit addresses, where would you put it?]],
                zh = [[现在，给你任何地址、任何页大小，你都能正着切、倒着拼。带走一个问题：这张表只有几行；地址要是 {va_bits} 位，表往哪儿放？]],
            }
        end,
    },
}
