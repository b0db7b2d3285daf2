-- csapp.lua - the exam machine of Bryant and O'Hallaron (CS:APP 9.6.4): one address through TLB, page table and data cache.
local HIT, LAST = 0x03d4, 0x03d7 -- the first exam address, and the end of its line
local PLACE = 0x035b             -- in the TLB, in another set
local UNLIT = 0x027c             -- its tag stands in the TLB, its valid bit is 0
local SLIPPED = 0x03a9           -- published keys get its page number wrong
local ABSENT = 0x0040            -- a page without a frame
local BESIDE = 0x0200            -- the page before UNLIT's: their entries share a line
local CACHED = 0x0175            -- not in the TLB, its byte is in the cache
local FAR = 0x0add               -- in the TLB, its byte is not in the cache

local function lines(r, event, what)
    local n = 0
    for _, e in ipairs(r.events) do
        if e.event == event and (not what or e.what == what) then
            n = n + 1
        end
    end
    return n
end

-- Page-table entry and byte: was each in the cache?
local function case(r)
    if count(r, "walk_read") == 0 then
        return "no_walk"
    end
    return (lines(r, "line_hit", "entry") > 0 and "hit" or "miss") .. "_" .. (lines(r, "line_hit", "data") > 0 and "hit" or "miss")
end

local CASES = {
    miss_miss = { en = "entry miss, byte miss", zh = "表项未命中，字节未命中" },
    miss_hit = { en = "entry miss, byte hit", zh = "表项未命中，字节命中" },
    hit_miss = { en = "entry hit, byte miss", zh = "表项命中，字节未命中" },
    hit_hit = { en = "entry hit, byte hit", zh = "表项命中，字节命中" },
    no_walk = { en = "the table is not read at all", zh = "根本不读页表" },
}

-- The valid line of the cache that holds pa.
local function line_of(m, pa)
    local g = m.geometry()
    for _, line in ipairs(m.cache()) do
        if line.pa == pa - pa % g.cache_line then
            return line
        end
    end
end

local function byte_in_line(m, pa)
    local line = line_of(m, pa)
    return line and line.bytes[pa - line.pa + 1]
end

-- How many bits name one of n things.
local function width(n)
    local bits = 0
    while n > 1 do
        n, bits = n // 2, bits + 1
    end
    return bits
end

-- Set and byte number of a physical address, as the cache cuts it.
local function cut(m, pa)
    local g = m.geometry()
    return pa // g.cache_line % g.cache_sets, pa % g.cache_line
end

-- Where the page-table entry of va lies.
local function slot(m, va)
    return m.walk(va).entries[1].pa
end

return lesson {
    id = "csapp",
    part = "tlb",
    title = { en = "The exam machine", zh = "考卷上的那台机器" },
    rows = { "B3", "B6" },
    needs = { "tlb" },
    machine = "csapp",
    minutes = 12,
    steps = {
        step {
            title = { en = "Fourteen bits in", zh = "十四位地址" },
            view = "address",
            bind = function(m)
                local g = m.geometry()
                return { va = HIT, bits = g.va_bits, page = g.page, shift = g.page_shift, two = 1 << 8, one = 1 << 4 }
            end,
            note = {
                en = "The tables are those of CS:APP 9.6.4. Cells that no published answer confirms are marked ours in the machine's file.",
                zh = "表格取自 CS:APP 9.6.4。没有公开答案可以印证的格子，在机器文件里标了 ours。",
            },
            text = {
                en = "A machine small enough for an exam: addresses of {bits} bits, pages of {page} bytes, a TLB, one page table, a data cache. The program reads {va:hex}. Who is asked, in which order?",
                zh = "这台机器小得能印在考卷上：地址 {bits} 位，每页 {page} 字节，一个 TLB、一张页表、一个数据缓存。程序读 {va:hex}。该先问谁，后问谁？",
            },
            ask = {
                id = "vpn",
                op = function() return { "read", HIT } end,
                before = { "tlb_hit", 1 },
                format = "hex",
                text = { en = "First cut: which virtual page number?", zh = "第一刀：虚拟页号是多少？" },
                answer = function() return vpn(HIT) end,
                wrong = {
                    {
                        value = function() return HIT >> 8 end,
                        because = { en = "Two hex digits are eight bits: a page of {two} bytes.", zh = "切掉两个十六进制数字是八位，那一页得有 {two} 字节。" },
                    },
                    {
                        value = function() return HIT >> 4 end,
                        because = { en = "One hex digit is four bits: a page of {one} bytes.", zh = "切掉一个十六进制数字是四位，那一页只有 {one} 字节。" },
                    },
                    {
                        value = function() return offset(HIT) end,
                        because = { en = "That is the other side of the cut: the offset.", zh = "切反了：这是页内偏移。" },
                    },
                },
                right = { en = "{page} bytes need {shift} bits, so {shift} bits go to the offset: no hex digit ends there.", zh = "{page} 字节要 {shift} 位，偏移就占 {shift} 位，刀口不落在十六进制数字之间。" },
                hints = {
                    { en = "How many bits reach each byte of a page?", zh = "要够得着一页里的每个字节，得几位？" },
                    { en = "Write it in binary and cut {shift} bits off.", zh = "写成二进制，去掉末 {shift} 位。" },
                    { en = "The bits are in the address pane, above TLBT and TLBI.", zh = "看地址面板：TLBT 和 TLBI 连起来就是。" },
                },
            },
        },
        function(m)
            local g = m.geometry()
            m.title { en = "Second cut", zh = "第二刀" }
            m.view "tlb"
            m.bind { va = PLACE, vpn = vpn(PLACE), sets = g.tlb_sets, ways = g.tlb_ways, few = width(g.tlb_sets) }
            m.say {
                en = "Back to the printed state, another address: {va:hex}. Its page number {vpn:hex} is cut again. TLBI chooses one of {sets} sets, TLBT is compared with the {ways} tags there.",
                zh = "恢复到考卷上的状态，换个地址：{va:hex}。页号 {vpn:hex} 再切一刀：TLBI 在 {sets} 组里选一组，TLBT 和组里 {ways} 个标记比对。",
            }
            m.reset()
            m.ask {
                id = "tlbi",
                op = { "read", PLACE },
                before = { "tlb_hit", 1 },
                text = { en = "Which set is searched?", zh = "查的是第几组？" },
                answer = function(r) return (find(r, "tlb_hit") or find(r, "tlb_miss")).set end,
                wrong = {
                    {
                        quirk = "tlb-set-from-offset",
                        because = { en = "Offset bits differ within a page: one page would sit in several sets.", zh = "偏移在一页里各不相同，一页就得占好几组了。" },
                    },
                    {
                        value = function(r) return vpn(PLACE) % (r.m.geometry().tlb_sets * r.m.geometry().tlb_ways) end,
                        because = { en = "As if each entry were a set of its own.", zh = "好像每一项自成一组。" },
                    },
                    {
                        value = function(r) return PLACE >> (r.m.geometry().page_shift - 1) & (r.m.geometry().tlb_sets - 1) end,
                        because = { en = "Cut one bit too low: an offset bit slipped in.", zh = "切低了一位，混进了一位偏移。" },
                    },
                },
                right = { en = "The lowest {few} bits of the page number. Neighbouring pages go to different sets.", zh = "页号的最低 {few} 位。相邻的页就去了不同的组。" },
                hints = {
                    { en = "How many bits name one of {sets} sets?", zh = "{sets} 组，要几位才分得清？" },
                    { en = "The low bits of the page number, just above the offset.", zh = "页号的低位，紧挨着偏移。" },
                    { en = "TLBI in the address pane, in binary.", zh = "地址面板里 TLBI 那几位，二进制。" },
                },
            }
            m.after { en = "The set holds the tag, and V is 1: a hit.", zh = "组里有这个标记，V 是 1：命中。" }
        end,
        function(m)
            m.title { en = "Glue", zh = "接起来" }
            m.view "tlb"
            m.bind { va = FAR, off = offset(FAR), shift = m.geometry().page_shift, page = m.geometry().page, frame = m.walk(FAR).frame }
            m.say {
                en = "The next address, {va:hex}, is in the TLB as well: its entry names frame {frame:hex}. The offset {off:hex} is never translated.",
                zh = "下一个地址 {va:hex} 也在 TLB 里，给出页框 {frame:hex}。偏移 {off:hex} 从来不用翻译。",
            }
            m.reset()
            m.ask {
                id = "pa",
                op = { "read", FAR },
                before = { "translated", 1 },
                format = "hex",
                text = { en = "The physical address of {va:hex}?", zh = "{va:hex} 的物理地址是多少？" },
                answer = function(r) return find(r, "translated").pa end,
                wrong = {
                    {
                        quirk = "frame-not-shifted",
                        because = { en = "A frame number is not an address until it is shifted.", zh = "页框号要移位，才算地址。" },
                    },
                    {
                        quirk = "offset-lost",
                        because = { en = "That is the first byte of the frame.", zh = "这是页框的头一个字节。" },
                    },
                    {
                        value = function(r) return r.m.walk(FAR).frame << 8 | offset(FAR) end,
                        because = { en = "Glued as hex digits: but the offset has {shift} bits, not two digits.", zh = "按十六进制数字拼的：可偏移只有 {shift} 位，不到两个数字。" },
                    },
                },
                right = { en = "Frame bits, then offset bits: {answer}.", zh = "先页框的位，后偏移的位：{answer}。" },
                hints = {
                    { en = "Write both in binary, side by side.", zh = "两个都写成二进制，并排放。" },
                    { en = "Shift the frame {shift} bits up and add the offset.", zh = "页框左移 {shift} 位，加上偏移。" },
                    { en = "The frame times {page}, plus {off:hex}.", zh = "页框乘以 {page}，加 {off:hex}。" },
                },
            }
        end,
        function(m)
            local g = m.geometry()
            m.title { en = "Third cut", zh = "第三刀" }
            m.view "cache"
            m.bind { va = HIT, pa = m.walk(HIT).pa, sets = g.cache_sets, line = g.cache_line, co = width(g.cache_line), ci = width(g.cache_sets) }
            m.say {
                en = "Memory is slow, so the data cache is asked first: {sets} sets, each one line of {line} bytes. The first address, {va:hex}, had become {pa:hex}: cut that into byte CO, set CI, tag CT.",
                zh = "内存慢，先问数据缓存：{sets} 组，每组一行，一行 {line} 字节。最初的 {va:hex} 翻译成了 {pa:hex}，把它切成行内字节 CO、组 CI、标记 CT。",
            }
            m.reset()
            m.ask {
                id = "ci",
                op = { "read", HIT },
                before = { "line_hit", 1 },
                text = { en = "Which set?", zh = "第几组？" },
                answer = function(r) return (find(r, "line_hit") or find(r, "line_miss")).set end,
                wrong = {
                    {
                        quirk = "cache-set-from-top",
                        because = { en = "Taken from the top, a whole array would crowd into one set.", zh = "从高位取的话，一整个数组会挤进一组。" },
                    },
                    {
                        value = function(r) return r.m.walk(HIT).pa & (r.m.geometry().cache_sets - 1) end,
                        because = { en = "The lowest bits choose the byte in the line.", zh = "最低几位选的是行里的字节。" },
                    },
                    {
                        value = function(r) return line_of(r.m, r.m.walk(HIT).pa).tag end,
                        because = { en = "That is the tag: it is compared, it chooses nothing.", zh = "这是标记：只用来比对，不选组。" },
                    },
                },
                right = { en = "The middle bits: neighbouring lines go to different sets.", zh = "取中间几位：相邻的行就去了不同的组。" },
                hints = {
                    { en = "Which bits only say where in the line?", zh = "哪几位只管行内位置？" },
                    { en = "A line of {line} bytes takes {co} bits, {sets} sets the next {ci}.", zh = "一行 {line} 字节占 {co} 位，{sets} 组占上面 {ci} 位。" },
                    { en = "CI in the address pane, in binary.", zh = "地址面板里的 CI，二进制。" },
                },
            }
        end,
        function(m)
            local pa = m.walk(LAST).pa
            m.title { en = "The byte", zh = "那个字节" }
            m.view "cache"
            m.bind { va = LAST, set = line_of(m, pa).set, co = select(2, cut(m, pa)) }
            m.say {
                en = "Same page, same line, another byte: {va:hex}. Set {set} is in the pane; its tag matches and V is 1.",
                zh = "同一页、同一行，换个字节：{va:hex}。第 {set} 组就在面板里，标记对上，V 是 1。",
            }
            m.reset()
            m.ask {
                id = "byte",
                op = { "read", LAST },
                before = { "data_read", 1 },
                format = "hex",
                text = { en = "Which byte does the program get?", zh = "程序得到哪个字节？" },
                answer = function(r) return r.value end,
                wrong = {
                    {
                        value = function(r) return byte_in_line(r.m, r.m.walk(HIT).pa) end,
                        because = { en = "That is byte 0 of the line. CO says which one.", zh = "这是行里第 0 个。要哪个，看 CO。" },
                    },
                    {
                        value = function(r) return byte_in_line(r.m, r.m.walk(LAST).pa - 1) end,
                        because = { en = "Bytes of a line are counted from 0.", zh = "行里的字节从 0 数起。" },
                    },
                    {
                        value = function(r) return byte_in_line(r.m, r.m.walk(HIT).pa + 1) end,
                        because = { en = "Read CO again: {co:bin}.", zh = "再看 CO：{co:bin}。" },
                    },
                },
                right = { en = "No table was read, no memory either: two caches answered.", zh = "页表没读，内存也没读：两个缓存就答完了。" },
                hints = {
                    { en = "CO is the number of the byte.", zh = "CO 就是字节的序号。" },
                    { en = "The bytes stand in the order of their addresses, from 0.", zh = "字节按地址排，从 0 数起。" },
                    { en = "Number {co} of set {set}, the first being 0.", zh = "第 {set} 组，从 0 数起的第 {co} 个。" },
                },
            }
        end,
        function(m)
            m.title { en = "A tag that matches", zh = "标记对上了" }
            m.view "tlb"
            m.bind { va = UNLIT, set = vpn(UNLIT) % m.geometry().tlb_sets, tag = vpn(UNLIT) // m.geometry().tlb_sets }
            m.say {
                en = "The next address, {va:hex}. Set {set} of the TLB does have tag {tag:hex}. But look at V.",
                zh = "下一个地址 {va:hex}。TLB 第 {set} 组里确实有标记 {tag:hex}。可是看看 V。",
            }
            m.reset()
            m.ask {
                id = "valid-bit",
                op = { "read", UNLIT },
                before = { "tlb_miss", 1 },
                text = { en = "What comes of it?", zh = "结果怎样？" },
                answer = function(r)
                    if find(r, "tlb_hit") then
                        return "hit"
                    end
                    return find(r, "page_fault") and "fault" or "walk"
                end,
                words = {
                    hit = { en = "a TLB hit", zh = "TLB 命中" },
                    fault = { en = "a page fault", zh = "缺页" },
                    walk = { en = "a miss; the page table is asked", zh = "未命中，去问页表" },
                },
                wrong = {
                    {
                        quirk = "tlb-ignores-valid",
                        because = { en = "V=0 means: nothing stands here, whatever the tag says.", zh = "V=0 就是：这里没东西，标记写什么都不算。" },
                    },
                    {
                        quirk = "tlb-invalid-faults",
                        because = { en = "An empty place in the TLB says nothing about the page. Only its table entry does.", zh = "TLB 里空着，说明不了这一页怎样；页表项说了才算。" },
                    },
                },
                right = { en = "A tag without V is no entry. The walk finds the page, and the place is filled.", zh = "没有 V 的标记不算数。查页表查到了，空位也补上了。" },
                hints = {
                    { en = "What does V=0 say about the rest of the row?", zh = "V=0，这一行其余的还算数吗？" },
                    { en = "Only a page table can say that a page is not there.", zh = "一页在不在，只有页表说了算。" },
                    { en = "Neither hit nor fault: as if the row were empty.", zh = "既不命中也不缺页：就当这一行是空的。" },
                },
            }
        end,
        function(m)
            m.title { en = "Keys that are wrong", zh = "标准答案也会错" }
            m.view "log"
            m.say { en = "Two addresses that answer keys on the web get wrong. Your machine is the judge.", zh = "网上的答案在两个地址上栽了跟头。你手里的机器说了算。" }
            m.reset()
            local one = m.read(UNLIT)
            m.reset()
            local two = m.read(SLIPPED)
            local walk = find(two, "walk_read")
            m.bind { one = UNLIT, two = SLIPPED, faults = one.faults, vpn = walk.index, wrong = vpn(SLIPPED) + 1 }
            m.expect(walk.index, vpn(SLIPPED), "the walk's index is the page number")
            m.expect(two.faults, 0, "and the page is there")
            m.card {
                claim = { en = "{one:hex} is a page fault, and {two:hex} lies in page {wrong:hex}.", zh = "{one:hex} 缺页；{two:hex} 在第 {wrong:hex} 页。" },
                truth = {
                    en = "Reading {one:hex}: {faults} faults, for V=0 in the TLB is only a miss. Reading {two:hex}: the MMU read entry {vpn:hex}.",
                    zh = "读 {one:hex}：缺页 {faults} 次，TLB 里 V=0 只是未命中。读 {two:hex}：MMU 读的是第 {vpn:hex} 项。",
                },
            }
        end,
        function(m)
            m.title { en = "A page that is not there", zh = "这一页真不在" }
            m.view "cache"
            m.bind { va = ABSENT, slot = slot(m, ABSENT) }
            m.say {
                en = "{va:hex}: no entry in the TLB, and P=0 in the page table. Where does the MMU read that 0? At {slot:hex}, like any bytes: through the data cache.",
                zh = "{va:hex}：TLB 里没有，页表里 P=0。这个 0 是从哪儿读来的？物理地址 {slot:hex}，和普通字节一样，也走数据缓存。",
            }
            m.reset()
            m.ask {
                id = "asked",
                op = { "read", ABSENT },
                before = { "walk_start", 1 },
                text = { en = "How often is the data cache asked?", zh = "数据缓存被问几次？" },
                answer = function(r) return lines(r, "line_hit") + lines(r, "line_miss") end,
                wrong = {
                    {
                        value = 0,
                        because = { en = "Page tables lie in memory: their bytes are cached like others.", zh = "页表就在内存里，它的字节照样进缓存。" },
                    },
                    {
                        value = function(r) return #r.m.geometry().levels + 1 end,
                        because = { en = "Entry and byte: but without a frame there is no byte to ask for.", zh = "表项一次、字节一次：可没有页框，哪来的字节？" },
                    },
                },
                right = { en = "Once for the entry; then the fault. No frame, no second question.", zh = "为表项问一次，接着就缺页。没有页框，就没有第二问。" },
                hints = {
                    { en = "What is known after the entry was read?", zh = "读完表项，知道了什么？" },
                    { en = "The walk stops at the first entry with P=0.", zh = "碰到 P=0，就到此为止。" },
                    { en = "One level, one entry, no byte.", zh = "一级页表，一个表项，没有字节。" },
                },
            }
        end,
        function(m)
            m.title { en = "Two questions, four outcomes", zh = "两问四果" }
            m.view "cache"
            m.bind {
                va = CACHED, slot = slot(m, CACHED), pa = m.walk(CACHED).pa,
                entry_set = (cut(m, slot(m, CACHED))), byte_set = (cut(m, m.walk(CACHED).pa)),
            }
            m.say {
                en = "So a walk asks the cache for the entry, and the program for its byte: each can hit or miss. {va:hex}: entry at {slot:hex}, byte at {pa:hex}.",
                zh = "这样，查表问一次表项，程序再问一次字节，各有命中和未命中。{va:hex}：表项在 {slot:hex}，字节在 {pa:hex}。",
            }
            m.reset()
            m.ask {
                id = "first-case",
                op = { "read", CACHED },
                before = { "line_miss", 1 },
                text = { en = "Which of the four?", zh = "是四种里的哪一种？" },
                answer = case,
                words = CASES,
                wrong = {
                    {
                        value = "miss_miss",
                        because = { en = "Look for the byte's tag in its set.", zh = "去字节那一组里找找标记。" },
                    },
                    {
                        value = "hit_hit",
                        because = { en = "The entry's set holds another line's tag.", zh = "表项那一组里，放的是别的行。" },
                    },
                    {
                        value = "hit_miss",
                        because = { en = "The wrong way round: nobody has read the table yet.", zh = "弄反了：页表还没人读过。" },
                    },
                },
                right = { en = "A byte can stay near after its translation is long forgotten.", zh = "翻译早忘了，字节倒还留在手边。" },
                hints = {
                    { en = "Cut both addresses into CT, CI and CO.", zh = "两个地址都切成 CT、CI、CO。" },
                    { en = "Compare each tag with the one in its set.", zh = "各和自己那一组里的标记比。" },
                    { en = "The byte's set, {byte_set}, holds its tag; the entry's set, {entry_set}, does not.", zh = "字节在第 {byte_set} 组，标记对上；表项在第 {entry_set} 组，对不上。" },
                },
            }
        end,
        function(m)
            m.title { en = "The neighbour's entry", zh = "邻居的表项" }
            m.view "cache"
            local before
            m.reset()
            before = m.read(BESIDE)
            m.bind { first = BESIDE, va = UNLIT, one = vpn(BESIDE), two = vpn(UNLIT), bytes = m.geometry().entry_bytes, line = m.geometry().cache_line }
            m.say {
                en = "From the printed state the program has read {first:hex}. Now {va:hex}, one page on: never read before. Entries take {bytes} bytes, lines {line}.",
                zh = "从考卷状态出发，程序已读过 {first:hex}。现在读下一页的 {va:hex}，从没碰过。表项 {bytes} 字节，一行 {line} 字节。",
            }
            m.ask {
                id = "second-case",
                op = { "read", UNLIT },
                before = { "tlb_miss", 1 },
                text = { en = "And which is this?", zh = "这回是哪一种？" },
                answer = case,
                words = CASES,
                wrong = {
                    {
                        value = "miss_miss",
                        because = { en = "A line brings neighbours along: two entries in one line.", zh = "一行会捎上邻居：一行有两个表项。" },
                    },
                    {
                        quirk = "tlb-ignores-valid", since = before,
                        because = { en = "The tag is there, V is not: the TLB has to miss.", zh = "标记在，V 不在：TLB 只能未命中。" },
                    },
                    {
                        value = "hit_hit",
                        because = { en = "The bytes of two pages lie in two frames, far apart.", zh = "两页的字节在两个页框里，离得远。" },
                    },
                },
                right = { en = "Walks, too, live on locality: one line of the table serves {line} over {bytes} pages.", zh = "查表也靠局部性：页表的一行，管得了 {line} 除以 {bytes} 页。" },
                hints = {
                    { en = "What else came with the first entry?", zh = "第一个表项进来时，还捎上了什么？" },
                    { en = "Lines begin at multiples of {line}: see the two entries' addresses.", zh = "行从 {line} 的倍数开始：看看两个表项的地址。" },
                    { en = "Entries {one} and {two} share a line; the bytes are in different frames.", zh = "第 {one}、{two} 项同在一行；字节却在不同页框。" },
                },
            }
            m.expect(before.faults, 0, "the first page is there")
        end,
        function(m)
            m.title { en = "Forget the translation", zh = "只忘掉翻译" }
            m.view "cost"
            m.flush()
            m.bind { va = UNLIT, tlb = m.field("tlb_cycles"), cache = m.field("cache_cycles"), dram = m.field("dram_cycles") }
            m.say {
                en = "Only the TLB is emptied; then {va:hex} again. A look into the TLB costs {tlb}, the cache {cache}, memory {dram} cycles.",
                zh = "只清空 TLB，再读 {va:hex}。查 TLB 花 {tlb} 个周期，缓存 {cache} 个，内存 {dram} 个。",
            }
            m.ask {
                id = "warm-walk",
                op = { "read", UNLIT },
                text = { en = "Cycles?", zh = "几个周期？" },
                answer = function(r) return r.cycles end,
                wrong = {
                    {
                        value = function(r) return r.m.field("tlb_cycles") + r.m.field("cache_cycles") end,
                        because = { en = "That would be a TLB hit: no entry read.", zh = "那是 TLB 命中：不用读表项。" },
                    },
                    {
                        value = function(r) return r.m.field("tlb_cycles") + r.m.field("cache_cycles") + r.m.field("dram_cycles") end,
                        because = { en = "flush empties the TLB, not the data cache: the entry's line stays.", zh = "flush 清的是 TLB，不是数据缓存：表项那一行还在。" },
                    },
                    {
                        value = function(r) return r.m.field("tlb_cycles") + 2 * r.m.field("dram_cycles") end,
                        because = { en = "Both lines came with the read before.", zh = "上次读的时候，两行都进来了。" },
                    },
                },
                right = {
                    en = "A miss of the TLB that costs almost nothing: the entry was cached. With the very first walk, which missed both, that makes four.",
                    zh = "TLB 未命中，却几乎不花钱：表项就在缓存里。加上最早那趟两头都未命中的，四种齐了。",
                },
                hints = {
                    { en = "What did the last read leave in the cache?", zh = "上次读完，缓存里留下了什么？" },
                    { en = "One look into the TLB, two into the cache.", zh = "查一次 TLB，查两次缓存。" },
                    { en = "{tlb}, plus {cache} twice.", zh = "{tlb}，加两个 {cache}。" },
                },
            }
        end,
        function(m)
            local at = slot(m, UNLIT)
            local old = m.word(at, m.geometry().entry_bytes)
            local new = le(old & ~1, m.geometry().entry_bytes)
            m.title { en = "Break it", zh = "弄坏它" }
            m.view "cache"
            m.bind { va = UNLIT, slot = at, bytes = new, old = old & 0xff }
            m.say {
                en = [[The entry of {va:hex}, at {slot:hex}, is in the cache. Clear its P in memory. Press : and type

                    poke {slot:hex} {bytes}

                    then read {va:hex}, flush, read again. Esc brings you back.]],
                zh = [[{va:hex} 的表项在 {slot:hex}，眼下也在缓存里。到内存里把它的 P 清掉：按 : 输入

                    poke {slot:hex} {bytes}

                    再 read {va:hex}，flush，再 read。按 Esc 回来。]],
            }
            m.ask {
                id = "coherent",
                op = { "poke", at, new },
                before = { "poked", 1 },
                format = "hex",
                text = { en = "Memory is changed. What does the entry's first byte in the cache say now?", zh = "内存改了。缓存里这个表项的第一个字节，现在是多少？" },
                answer = function(r) return byte_in_line(r.m, at) end,
                wrong = {
                    {
                        value = old & 0xff,
                        because = { en = "That is how a TLB behaves. Hardware keeps cached bytes equal to memory.", zh = "那是 TLB 的做派。缓存里的字节，硬件会让它与内存一致。" },
                    },
                    {
                        value = 0,
                        because = { en = "Only bit 0 was cleared.", zh = "只清了第 0 位。" },
                    },
                },
                right = {
                    en = "The cache follows memory, the TLB does not: it went on answering until you flushed it.",
                    zh = "缓存跟着内存走，TLB 不跟：你不 flush，它就一直照旧答。",
                },
                hints = {
                    { en = "What if caches could differ from memory: who would notice?", zh = "缓存要是能和内存不一样，谁来发现？" },
                    { en = "A cached line always holds what memory holds.", zh = "缓存行里的，永远和内存一样。" },
                    { en = "{old:hex}, without bit 0.", zh = "{old:hex}，去掉第 0 位。" },
                },
            }
        end,
        function(m)
            local place
            m.title { en = "Your exam", zh = "你来答卷" }
            m.view "tlb"
            m.reset()
            for _, e in ipairs(m.tlb()) do
                place = e.va == page(FAR) and e or place
            end
            m.bind { va = HIT, set = place.set, row = place.way + 1 }
            m.task {
                text = {
                    en = "Read an address that the TLB translates without the table, but whose byte must come from memory. Begin again with reset if you need to.",
                    zh = "读一个地址：TLB 直接给出翻译，不查页表；字节却得到内存里去取。要重来，就 reset。",
                },
                goal = function(r)
                    return count(r, "tlb_hit") == 1 and count(r, "walk_read") == 0 and lines(r, "line_miss", "data") == 1 and count(r, "data_read") == 1
                end,
                solution = function() return { "read " .. hex(FAR) } end,
                hints = {
                    { en = "Begin with a row of the TLB where V is 1.", zh = "先在 TLB 里挑一行 V 是 1 的。" },
                    {
                        en = "Its frame is the tag CT. Look for a set without that tag, or with V=0.",
                        zh = "它的页框就是标记 CT。找一组没有这个标记的，或 V=0 的。",
                    },
                    {
                        en = "Row {row} of TLB set {set}: most bytes of that page will do.",
                        zh = "TLB 第 {set} 组第 {row} 行：那一页里多半的字节都行。",
                    },
                },
            }
            m.after {
                en = "You can now answer every line of such an exam, and check the key. Take along: this cache hears of every write. What would a write cost if it did not have to reach memory at once?",
                zh = "这类考题，现在每一问你都会答，还能给标准答案挑错。带走一个问题：这个缓存，每次写都立刻写到内存。要是不必马上写呢，能省多少？",
            }
        end,
    },
}
