-- wider.lua - one byte, four shapes of address: how x86 went from 32 bits to 36, 48 and 57, and who says which it is.
local VA = 0x403abc          -- mapped to the same byte in every mode
local FAR = 0x404010         -- its frame lies beyond 4 GiB
local NOEXEC = 0x405000      -- a page of data, bit 63 set
local LAST = 0x7fffffffffff  -- the last address below the hole of 48 bits
local HOLE = 0x800000403abc  -- in the hole of 48 bits, but not in that of 57
local PDPT, PML4, PML5 = 0x3020, 0x4000, 0x7000 -- the roots that lie ready in memory

local function log2(n)
    local bits = 0
    while n > 1 do
        n, bits = n // 2, bits + 1
    end
    return bits
end

-- With paging off everything may be chosen; then it begins.
local function enter(m, root, set)
    m.set("cr0.pg", 0)
    for _, field in ipairs(set) do
        m.set(field, 1)
    end
    m.set("cr3", root)
    return m.set("cr0.pg", 1)
end

-- What the CPU said to a new value of a register.
local ANSWERS = {
    taken = { en = "it is done", zh = "照办" },
    refused = { en = "#GP, and nothing changes", zh = "#GP，什么也没变" },
    fault = { en = "a page fault", zh = "缺页异常" },
    flush = { en = "nothing, the CPU ignores it", zh = "没反应，CPU 不理会" },
}

local function answer_of(r)
    if find(r, "control_fault") then
        return "refused"
    end
    return find(r, "page_fault") and "fault" or "taken"
end

-- Does the walk get to the byte?
local REACHES = {
    byte = { en = "the byte, as before", zh = "照样读到那个字节" },
    fault = { en = "a page fault at once", zh = "立刻缺页" },
    general = { en = "#GP at once", zh = "立刻 #GP" },
}

local function reached(r)
    if find(r, "general_fault") then
        return "general"
    end
    return find(r, "page_fault") and "fault" or "byte"
end

-- Linux's name of a hardware level: five names, and p4d is nobody's where there are four levels.
local function linux_name(m, table)
    local levels, names = m.geometry().levels, { "pgd", "p4d", "pud", "pmd", "pte" }
    for i, level in ipairs(levels) do
        if level.name == table then
            return i == 1 and names[1] or names[#names - #levels + i]
        end
    end
end

local NAMES = {
    pgd = { en = "pgd", zh = "pgd" },
    p4d = { en = "p4d", zh = "p4d" },
    pud = { en = "pud", zh = "pud" },
    pmd = { en = "pmd", zh = "pmd" },
}

return lesson {
    id = "wider",
    part = "translation",
    title = { en = "Wider: 36, 48 and 57 bits", zh = "更宽：36、48 与 57 位" },
    rows = { "B9", "B11", "B12", "B21" },
    needs = { "four-level" },
    machine = "x86",
    minutes = 14,
    steps = {
        function(m)
            m.title { en = "Just switched on", zh = "刚刚上电" }
            m.view "mode"
            m.bind { va = VA }
            m.say {
                en = "One CPU, and it can translate in four ways. Somebody has to say which. The firmware has left tables for all of them in memory; nothing translates yet. Watch the CPU begin with the oldest way, and read {va:hex}.",
                zh = "同一个 CPU，会四种翻译办法。用哪一种，总得有人说了算。固件已经在内存里备好了四套表，此刻什么都还不翻译。看它先用最老的办法，再读 {va:hex}。",
            }
            local mode = find(m.set("cr0.pg", 1), "paging")
            local r = m.read(VA)
            m.bind { reads = count(r, "walk_read"), bytes = m.geometry().entry_bytes }
            m.after {
                en = "One bit, CR0.PG, and the same number means something else. {reads} reads: entries of {bytes} bytes, two levels.",
                zh = "只动了 CR0.PG 一位，同一个号码的意思就变了。读了 {reads} 次：两级表，表项 {bytes} 字节。",
            }
            m.expect(mode.paging, "32-bit paging", "CR4.PAE was 0")
        end,
        step {
            title = { en = "Too small a slip", zh = "条子太小" },
            view = "entry",
            bind = function(m)
                local g = m.geometry()
                return { bits = 8 * g.entry_bytes, flags = g.page_shift, left = 8 * g.entry_bytes - g.page_shift, page = g.page }
            end,
            text = {
                en = "The servers of the nineties came to hold more memory than this can reach. Look at an entry: {bits} bits, {flags} of them flags, the rest names a frame of {page:size}.",
                zh = "九十年代，服务器的内存渐渐超出了它够得着的范围。看这一项：一共 {bits} 位，{flags} 位是标志，其余的写页框号，每框 {page:size}。",
            },
            ask = {
                id = "reach",
                format = "size",
                text = { en = "How much memory can such entries name?", zh = "这样的表项最多指得出多少内存？" },
                answer = function(r)
                    local g = r.m.geometry()
                    return g.page << (8 * g.entry_bytes - g.page_shift)
                end,
                wrong = {
                    {
                        value = function(r) return 1 << (8 * r.m.geometry().entry_bytes - r.m.geometry().page_shift) end,
                        because = { en = "That many frames; each has {page:size}.", zh = "这是框数，每框还有 {page:size}。" },
                    },
                    {
                        value = function(r) return r.m.geometry().page << 10 end,
                        because = { en = "That is what one table of them maps.", zh = "这是一张表能映射的量。" },
                    },
                    {
                        value = function(r) return r.m.geometry().page << (8 * r.m.geometry().entry_bytes) end,
                        because = { en = "The flags take their share of the entry.", zh = "标志位也占了表项的地方。" },
                    },
                },
                right = { en = "{left} bits of frame number, {page:size} each: {answer}, however wide the bus.", zh = "页框号 {left} 位，每框 {page:size}：{answer}。总线再宽也没用。" },
                hints = {
                    { en = "How many different frames can the entry name?", zh = "一项能写出多少个不同的框号？" },
                    { en = "Two to the power of {left} frames.", zh = "2 的 {left} 次方个框。" },
                    { en = "Times {page:size}.", zh = "再乘 {page:size}。" },
                },
            },
        },
        step {
            title = { en = "Double the entry", zh = "表项加倍" },
            view = "address",
            bind = function(m)
                local g = m.geometry()
                return { wide = 2 * g.entry_bytes, page = g.page, va_bits = g.va_bits, off = g.page_shift, fit = g.page // (2 * g.entry_bytes) }
            end,
            text = {
                en = "So entries grew to {wide} bytes: PAE, physical address extension. Addresses stay at {va_bits} bits, a table stays one frame of {page:size}, and two tables stand at the bottom as before.",
                zh = "于是表项加到 {wide} 字节，这就是 PAE（物理地址扩展）。虚拟地址仍是 {va_bits} 位，一张表仍是一个 {page:size} 的页框，底下照旧是两级表。",
            },
            ask = {
                id = "left-over",
                text = { en = "How many bits of the address are left for the table above?", zh = "地址里还剩几位留给最上面的表？" },
                answer = function(r)
                    local g = r.m.geometry()
                    return g.va_bits - g.page_shift - 2 * log2(g.page // (2 * g.entry_bytes))
                end,
                wrong = {
                    { value = 0, because = { en = "Ten and ten need tables of entries half as long.", zh = "两个十位，要的是只有一半长的表项。" } },
                    {
                        value = function(r) return log2(r.m.geometry().page // (2 * r.m.geometry().entry_bytes)) end,
                        because = { en = "That is one full index more; the address has no room for it.", zh = "那是整整一个索引，地址里放不下。" },
                    },
                    {
                        value = function(r) return r.m.geometry().va_bits - r.m.geometry().page_shift - log2(r.m.geometry().page // (2 * r.m.geometry().entry_bytes)) end,
                        because = { en = "You have cut off one of the two indices below.", zh = "底下有两个索引，你只去掉了一个。" },
                    },
                },
                right = { en = "{fit} entries to a table, nine bits an index: {answer} bits remain, a root of four entries.", zh = "一张表放得下 {fit} 项，索引九位；还剩 {answer} 位，所以根表只有四项。" },
                hints = {
                    { en = "How many entries of {wide} bytes fit into {page:size}?", zh = "{page:size} 里放得下多少个 {wide} 字节的表项？" },
                    { en = "{fit} entries need nine bits to choose one, twice.", zh = "{fit} 项要九位才能挑出一项，有两级。" },
                    { en = "{va_bits} minus {off} minus twice nine.", zh = "{va_bits} 减 {off}，再减两个九。" },
                },
            },
        },
        function(m)
            m.title { en = "Four registers", zh = "四个寄存器" }
            m.view "tree"
            local r = enter(m, PDPT, { "cr4.pae" })
            m.bind { va = VA, loads = count(r, "root_load"), bytes = count(r, "root_load") * m.geometry().entry_bytes, root = PDPT }
            m.say {
                en = "A root of {loads} entries, {bytes} bytes: small enough to keep. The CPU copied it from {root:hex} into registers when paging began; MOV CR3 does the same. The program reads {va:hex}.",
                zh = "根表才 {loads} 项、{bytes} 字节，小得可以随身带着。分页一开，CPU 就把它从 {root:hex} 抄进了寄存器；MOV CR3 也会这么抄。现在程序读 {va:hex}。",
            }
            local read = m.ask {
                id = "first-read",
                op = { "read", VA },
                before = { "walk_read", 1 },
                format = "hex",
                text = { en = "Which physical address is read first?", zh = "最先读的物理地址是？" },
                answer = function(r) return r.event and r.event.pa end,
                wrong = {
                    { quirk = "root-read-at-use", because = { en = "The root is in the CPU already; no walk reads it.", zh = "根表已经在 CPU 里，查表不再读它。" } },
                    { quirk = "index-ten-bits", because = { en = "Ten bits an index was the machine of a moment ago.", zh = "索引十位，那是刚才的机器。" } },
                    { value = function(r) return r.m.field("cr3") end, because = { en = "That is where the root lies; it was read when paging began.", zh = "那是根表的所在，分页一开就读过了。" } },
                },
                right = { en = "The PD, straight away: register 0 names it, and the index is nine bits.", zh = "直接读 PD：寄存器 0 指着它，索引九位。" },
                hints = {
                    { en = "The upper two bits of the address choose a register.", zh = "地址最高两位挑一个寄存器。" },
                    { en = "The register names a PD; the next nine bits choose the entry.", zh = "寄存器指出 PD，接着九位挑出表项。" },
                    { en = "Page tables shows both: PD, and the index in brackets, times eight.", zh = "“页表”面板里都有：PD 的页框，加上方括号里的索引乘八。" },
                },
            }
            m.expect(count(read, "walk_register"), 1, "the root came from a register")
        end,
        function(m)
            m.title { en = "A change nobody sees", zh = "改了也没人知道" }
            m.view "tree"
            local whole = m.word(PDPT)
            m.poke(PDPT, le(0, 8))
            m.flush()
            m.bind { root = PDPT, va = VA }
            m.say {
                en = "A hand clears the entry at {root:hex} in memory, and the TLB is flushed to be safe. The program reads {va:hex} again.",
                zh = "有人把内存里 {root:hex} 处的那一项清零，为保险又清空了 TLB。程序再读 {va:hex}。",
            }
            m.ask {
                id = "unseen",
                op = { "read", VA },
                text = { en = "What does it get?", zh = "它会得到什么？" },
                answer = reached,
                words = REACHES,
                wrong = {
                    { quirk = "root-read-at-use", because = { en = "True of every table below, and of some other CPUs. Here nobody looks at memory.", zh = "下面各级表是这样，别家的某些 CPU 也是这样。这里却没人去看内存。" } },
                    { value = "general", because = { en = "Nothing is wrong with the address.", zh = "地址本身没有毛病。" } },
                },
                right = { en = "The registers still hold what was there. Flushing the TLB does not touch them.", zh = "寄存器里还是老内容。清 TLB 碰不到它们。" },
                hints = {
                    { en = "Who reads the root, and when?", zh = "根表是谁读的？什么时候读的？" },
                    { en = "See the first line of Page tables.", zh = "看“页表”面板的第一行。" },
                    { en = "The register differs from memory, and the register counts.", zh = "寄存器和内存不一样，算数的是寄存器。" },
                },
            }
            m.set("cr3", PDPT)
            local r = m.read(VA)
            m.expect(count(r, "page_fault"), 1, "after a load of CR3 it is seen")
            m.poke(PDPT, le(whole, 8))
            m.set("cr3", PDPT)
            m.after {
                en = "Then CR3 was loaded with the value it had, and the same read faulted. So a kernel that changes one of the four must load CR3. (The entry is mended by now.)",
                zh = "随后把 CR3 原样再装一遍，同样的读就缺页了。所以内核改了这四项中的任何一项，都得重装 CR3。（那一项现在已经补好。）",
            }
        end,
        function(m)
            m.title { en = "Beyond four gigabytes", zh = "四个 G 以外" }
            m.view "address"
            m.bind { va = FAR, limit = 1 << 32 }
            m.say {
                en = "What it was all for. The next page, {va:hex}, has a frame that no entry of four bytes could name.",
                zh = "折腾一番为的就是这个。下一页 {va:hex} 的页框，四字节的表项写不下。",
            }
            m.ask {
                id = "far",
                op = { "read", FAR },
                before = { "translated", 1 },
                format = "hex",
                text = { en = "Which physical address?", zh = "物理地址是多少？" },
                answer = function(r) return r.event and r.event.pa end,
                wrong = {
                    { value = function(r) return r.event.pa & ((1 << 32) - 1) end, because = { en = "What is left of it in 32 bits. That is where the old entry would lead.", zh = "这是它在 32 位里剩下的部分，老表项就会指到那里去。" } },
                    { quirk = "offset-lost", because = { en = "The offset passes through, as always.", zh = "偏移照旧原样通过。" } },
                    { quirk = "frame-not-shifted", because = { en = "A frame number is no address yet.", zh = "框号还不是地址。" } },
                },
                right = { en = "Above {limit:hex}: a program of 32 bits, in memory of more. Each process still sees four gigabytes.", zh = "超过了 {limit:hex}：程序是 32 位，内存却不止。不过每个进程看到的仍是四个 G。" },
                hints = {
                    { en = "The entry is read before you answer: see Entry.", zh = "回答之前表项已经读出，看“表项”面板。" },
                    { en = "Clear the flags, keep the frame.", zh = "去掉标志，留下页框。" },
                    { en = "Frame's address plus the offset.", zh = "页框的地址加偏移。" },
                },
            }
        end,
        function(m)
            m.title { en = "Bit 63", zh = "第 63 位" }
            m.view "entry"
            m.bind { va = NOEXEC }
            m.say {
                en = "Eight bytes leave room for a new flag on top: no execute. The page at {va:hex} has it. But EFER.NXE, which gives the bit its meaning, is 0. The program fetches there.",
                zh = "八字节的表项顶上还空着，于是添了一个新标志：不可执行。{va:hex} 那一页置了这一位，可赋予它意义的 EFER.NXE 还是 0。程序到那里取指令。",
            }
            local off = m.ask {
                id = "nx-off",
                op = { "fetch", NOEXEC },
                before = { "page_fault", 1 },
                format = "hex",
                text = { en = "Which error code?", zh = "错误码是多少？" },
                answer = function(r) return r.event.error end,
                wrong = {
                    { value = function(r) return (r.event.error & ~8) | 16 end, because = { en = "That is a forbidden fetch. But nothing forbids while NXE = 0.", zh = "那是“禁止取指”。可 NXE = 0 时没有这条禁令。" } },
                    { value = function(r) return r.event.error & ~8 end, because = { en = "The page is present and the user's: something else is wrong.", zh = "页在，也归用户：错在别处。" } },
                    { value = function(r) return r.event.error & 4 end, because = { en = "The entry is present, P = 1.", zh = "这一项是在的，P = 1。" } },
                },
                right = { en = "P, user, and reserved: a bit without a meaning must be 0.", zh = "在、用户、保留位：没有意义的位必须是 0。" },
                hints = {
                    { en = "What is bit 63 while NXE is 0?", zh = "NXE 为 0 时，第 63 位算什么？" },
                    { en = "A reserved bit: bit 3 of the code. P is bit 0, user bit 2.", zh = "保留位：错误码的第 3 位。P 是第 0 位，用户是第 2 位。" },
                    { en = "Add the three.", zh = "三个加起来。" },
                },
            }
            m.set("efer.nxe", 1)
            local on = m.fetch(NOEXEC)
            m.bind { before = find(off, "page_fault").error, later = find(on, "page_fault").error }
            m.after { en = "With EFER.NXE = 1 the same fetch gives {later:hex}, not {before:hex}: now it is forbidden.", zh = "置上 EFER.NXE 再取，错误码就从 {before:hex} 变成 {later:hex}：这回是真的禁止了。" }
        end,
        function(m)
            m.title { en = "Asking for long mode", zh = "申请长模式" }
            m.view "mode"
            m.say {
                en = "For wider addresses the entries are wide enough; what is missing is the way. EFER.LME asks for long mode. Paging is on, in PAE. The kernel sets LME.",
                zh = "要更宽的地址，表项已经够宽，缺的是门路。EFER.LME 用来申请长模式。此刻 PAE 分页正开着，内核去置 LME。",
            }
            m.ask {
                id = "lme",
                op = { "set", "efer.lme", 1 },
                text = { en = "What does the CPU say?", zh = "CPU 怎么回答？" },
                answer = answer_of,
                words = ANSWERS,
                wrong = {
                    { value = "taken", because = { en = "Then the next fetch would be translated by tables of another shape.", zh = "那下一条指令就要用另一种形状的表来翻译了。" } },
                    { value = "fault", because = { en = "No address is translated by this instruction.", zh = "这条指令不翻译任何地址。" } },
                    { value = "flush", because = { en = "A CPU that ignores orders would be worse than one that refuses.", zh = "默不作声比拒绝更糟。" } },
                },
                right = { en = "The shape of the tables changes only while nothing translates. The event says why.", zh = "只有在什么都不翻译的时候，表的形状才能变。事件里写了原因。" },
                hints = {
                    { en = "Which tables would the very next instruction use?", zh = "紧接着的下一条指令用哪套表？" },
                    { en = "CR3 names one root, of one shape.", zh = "CR3 只指着一个根，一种形状。" },
                    { en = "It protects you from yourself.", zh = "它是在保护你。" },
                },
            }
        end,
        function(m)
            m.title { en = "Through the gate", zh = "过关" }
            m.view "mode"
            local on = enter(m, PML4, { "efer.lme" })
            local g = m.geometry()
            m.bind { va = VA, levels = #g.levels, index = g.levels[1].bits, off = g.page_shift, bits = g.va_bits }
            m.expect(find(on, "paging").paging, "4-level paging")
            m.say {
                en = "So: paging off, LME, a root of the new shape in CR3, paging on. The CPU answers with EFER.LMA = 1: long mode. Entries kept their shape, so the new tree uses the old PD. Again {va:hex}.",
                zh = "那就先关分页，置 LME，把新形状的根写进 CR3，再开分页。CPU 回以 EFER.LMA = 1：长模式。表项形状没变，新树直接接着用原来的 PD。再读 {va:hex}。",
            }
            m.ask {
                id = "four",
                op = { "read", VA },
                before = { "walk_read", 1 },
                text = { en = "How many table entries are read?", zh = "要读几个表项？" },
                answer = function(r) return count(r, "walk_read") end,
                wrong = {
                    { value = 2, because = { en = "That was PAE, whose root was in registers. A root of this size is not.", zh = "那是 PAE，根在寄存器里。这么大的根放不进去。" } },
                    { value = 3, because = { en = "One is missing: PML4, PDPT, PD, PT.", zh = "少了一级：PML4、PDPT、PD、PT。" } },
                    { value = 5, because = { en = "That takes another bit of CR4, still 0.", zh = "那还得 CR4 的另一位，它还是 0。" } },
                },
                right = { en = "{levels} indices of {index} bits, an offset of {off}: {bits} bits. The PDPT is full size now, and one table stands above it.", zh = "{levels} 个 {index} 位的索引，加 {off} 位偏移：{bits} 位。PDPT 补满，上面再添一级。" },
                hints = {
                    { en = "The Mode pane counts the levels.", zh = "“模式”面板里写着级数。" },
                    { en = "One read a level, none from a register.", zh = "每级读一次，没有一级在寄存器里。" },
                    { en = "PML4, PDPT, PD, PT.", zh = "PML4、PDPT、PD、PT。" },
                },
            }
        end,
        function(m)
            m.title { en = "The hole", zh = "中间的空洞" }
            m.view "address"
            local ok = m.read(LAST)
            m.expect(count(ok, "general_fault"), 0, "the last address of the lower half is one")
            m.bind { last = LAST, va = HOLE, old = m.field("cr2"), bits = m.geometry().va_bits, top = m.geometry().va_bits - 1 }
            m.say {
                en = "A register has more bits than the {bits} that the tables take: the upper ones must repeat bit {top}, so that they are free for a later CPU. {last:hex} was just read. Now {va:hex}.",
                zh = "寄存器的位数比表用的 {bits} 位多：高位必须全都重复第 {top} 位，好留给将来的 CPU。{last:hex} 刚才读过，没问题。现在读 {va:hex}。",
            }
            local r = m.ask {
                id = "hole-reads",
                op = { "read", HOLE },
                before = { "general_fault", 1 },
                text = { en = "How many entries are read before it fails?", zh = "失败之前，读了几个表项？" },
                answer = function(r) return count(r, "walk_read") end,
                wrong = {
                    { value = 1, because = { en = "The first entry would even be there. Nobody asks it.", zh = "第一项其实是在的，可没人去问它。" } },
                    { value = function(r) return #r.m.geometry().levels end, because = { en = "Bits above {top} are not part of any index: all tables would agree.", zh = "第 {top} 位以上不在任何索引里，各级表看不出毛病。" } },
                },
                right = { en = "None: it is no address. #GP, not #PF; through the stack segment it would be #SS.", zh = "一个也没读：这根本不是地址。是 #GP，不是 #PF；若经栈段，就是 #SS。" },
                hints = {
                    { en = "Write all bits from {top} up. Are they equal?", zh = "写出第 {top} 位以上的各位，都一样吗？" },
                    { en = "Is it a question for the tables at all?", zh = "这事用得着问表吗？" },
                    { en = "It is judged before the walk.", zh = "查表之前就判了。" },
                },
            }
            m.ask {
                id = "hole-cr2",
                about = r,
                before = { "general_fault", 1 },
                format = "hex",
                text = { en = "And what will CR2 hold afterwards?", zh = "之后 CR2 里是什么？" },
                answer = function(r) return r.m.field("cr2") end,
                wrong = {
                    { value = HOLE, because = { en = "A page fault stores its address there; #GP stores none.", zh = "缺页才把地址存进去，#GP 不存。" } },
                    { value = 0, because = { en = "Nothing clears it either.", zh = "也没有谁去清它。" } },
                    { value = HOLE & (1 << 48) - 1, because = { en = "Nobody cuts the address to {bits} bits and goes on.", zh = "没有谁把地址截成 {bits} 位再往下走。" } },
                },
                right = { en = "What it had: the address of the last page fault. A handler of #GP has to find the culprit by other means.", zh = "原来的值：上一次缺页的地址。#GP 的处理程序得另想办法找出元凶。" },
                hints = {
                    { en = "CR2 belongs to another exception.", zh = "CR2 归另一种异常管。" },
                    { en = "When was the last page fault?", zh = "上一次缺页是什么时候？" },
                    { en = "The Mode pane shows it: {old:hex}.", zh = "“模式”面板里写着：{old:hex}。" },
                },
            }
        end,
        function(m)
            m.title { en = "Through the stack", zh = "经过栈段" }
            m.view "log"
            m.say {
                en = "The stack has its own answer. The same address once through DS, once through SS: watch the two events.",
                zh = "栈另有说法。同一个地址，一次经 DS，一次经 SS：看两个事件。",
            }
            local ds, ss = m.read(HOLE), m.read(HOLE, { seg = "ss" })
            m.expect(count(ds, "general_fault"), 1)
            m.expect(count(ss, "stack_fault"), 1)
            m.card {
                claim = { en = "A bad address is a page fault.", zh = "坏地址就是缺页。" },
                truth = {
                    en = "On x86 one in the hole is #GP or #SS, and no table was read for either. RISC-V and AArch64 do raise page and translation faults for it.",
                    zh = "在 x86 上，空洞里的地址是 #GP 或 #SS，两次都没读过表。RISC-V 和 AArch64 倒真是报页故障、翻译故障。",
                },
            }
        end,
        function(m)
            m.title { en = "One level more", zh = "再添一级" }
            m.view "mode"
            m.bind { va = HOLE, root = PML5 }
            m.say {
                en = "CR4.LA57 adds one more table, PML5, above the others. It lies ready at {root:hex}, and the PML4 stays as it is.",
                zh = "CR4.LA57 在最上面再加一级 PML5。它在 {root:hex} 备好了，原来的 PML4 原样接在下面。",
            }
            m.task {
                text = {
                    en = "Make the program read {va:hex}, the address that was in the hole. The CPU will tell you what it does not like.",
                    zh = "让程序读到 {va:hex}，就是刚才落在空洞里的那个地址。哪里不对，CPU 会告诉你。",
                },
                goal = function(r)
                    local got = find(r, "data_read")
                    return got ~= nil and got.va == HOLE and r.m.field("cr4.la57") == 1 and r.m.field("cr0.pg") == 1
                end,
                solution = function()
                    return { "set cr0.pg 0", "set cr4.la57 1", "set cr3 " .. hex(PML5), "set cr0.pg 1", "read " .. hex(HOLE) }
                end,
                hints = {
                    { en = "Try :set cr4.la57 1 and read the event.", zh = "试试 :set cr4.la57 1，读一读事件。" },
                    { en = "The shape changes only with paging off: set cr0.pg 0.", zh = "只有关掉分页才能变形：set cr0.pg 0。" },
                    { en = "Then la57, cr3 {root:hex}, paging on, read.", zh = "然后 la57，cr3 {root:hex}，开分页，再读。" },
                },
            }
            m.after {
                en = "The same number: #GP with four levels, a byte with five. That is why the bits had to be equal.",
                zh = "同一个号码，四级时是 #GP，五级时读到了字节。高位当初为什么非得一致，道理就在这儿。",
            }
        end,
        function(m)
            m.title { en = "Every name a table", zh = "名字凑齐了" }
            m.view "tree"
            m.bind { levels = #m.geometry().levels, bits = m.geometry().va_bits }
            m.say {
                en = "{levels} levels, {bits} bits: at last every name that Linux has for a table is one. Before, the PML4 was its pgd, and one name was folded away.",
                zh = "{levels} 级，{bits} 位：Linux 给表起的名字终于个个有主。在此之前 PML4 叫 pgd，有一个名字是折叠掉的。",
            }
            m.ask {
                id = "p4d",
                op = { "read", VA },
                text = { en = "What is the PML4 to Linux now?", zh = "现在 PML4 在 Linux 里叫什么？" },
                answer = function(r) return linux_name(r.m, "PML4") end,
                words = NAMES,
                wrong = {
                    { value = function(r) return linux_name(r.m, "PML5") end, because = { en = "pgd is whatever CR3 names: the PML5 now.", zh = "CR3 指着谁，谁就是 pgd：现在是 PML5。" } },
                    { value = function(r) return linux_name(r.m, "PDPT") end, because = { en = "That is the PDPT, with four levels and with five.", zh = "那是 PDPT，四级五级都是。" } },
                    { value = function(r) return linux_name(r.m, "PD") end, because = { en = "That is the PD, two tables further down.", zh = "那是 PD，还要往下两级。" } },
                },
                right = { en = "The name between pgd and pud was made for it. The PML5 is the pgd.", zh = "pgd 和 pud 之间的这个名字就是为它起的。PML5 成了 pgd。" },
                hints = {
                    { en = "Which table does CR3 name now?", zh = "CR3 现在指着哪张表？" },
                    { en = "Count down from there, name by name.", zh = "从那里往下，一个名字一级地数。" },
                    { en = "It is the second.", zh = "它是第二级。" },
                },
            }
            m.after {
                en = "You can now tell from four bits how a CPU translates, and take it from one way to the next. Take along: each level more is a read more. Who pays for it, and how often?",
                zh = "现在，看四个位你就知道 CPU 怎么翻译，还能把它从一种办法带到另一种。带走一个问题：多一级就多读一次，这笔账谁来付？多久付一次？",
            }
        end,
    },
}
