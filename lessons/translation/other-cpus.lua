-- other-cpus.lua - the program of the lessons before on RISC-V (privileged specification, 4.1 and 4.3 to 4.5): the same tree and the same
-- walk, another grammar of entries, roots and faults. Wrong choices are what x86-64 does.
local B, F, O, W = use "beliefs", use "faults", use "others", use "walks"

local CODE = 0x10000
local HEAP = 0x15abc
local LARGE = 0x612345   -- behind an entry of L1 that nobody uses
local V, R, U, A, D = 1 << 0, 1 << 1, 1 << 4, 1 << 6, 1 << 7
local LOAD, STORE = 13, 15 -- page faults

-- A fresh process that has written its heap.
local function fresh(m)
    local pid = m.spawn().value
    if m.pid() ~= pid then
        m.switch(pid)
    end
    m.write(HEAP, 42, { size = 1 })
    return pid
end

return lesson {
    id = "other-cpus",
    part = "translation",
    title = { en = "Other CPUs: RISC-V", zh = "别家的 CPU：RISC-V" },
    rows = { "B20" },
    needs = { "wider", "pte-bits" },
    machine = "sv39",
    breaks = { "A1", "F3", "F2", "L1", "T8" }, -- a large page that the kernel knows nothing of; D cleared by hand
    minutes = 14,
    steps = {
        step {
            title = { en = "The same idea", zh = "主意是一样的" },
            view = "address",
            prepare = fresh,
            bind = function(m)
                local g = m.geometry()
                return { bits = g.va_bits, page = g.page, entry = g.entry_bytes, index = g.levels[1].bits, fit = g.page // g.entry_bytes, low = g.levels[1].shift, levels = #g.levels }
            end,
            text = {
                en = "A program like those before, but the CPU is RISC-V, in mode Sv39: addresses of {bits} bits, pages of {page:size}, entries of {entry} bytes. A table fills one page, as you know it.",
                zh = "程序还是那样的程序，CPU 却换成了 RISC-V，模式是 Sv39：地址 {bits} 位，一页 {page:size}，表项 {entry} 字节。一张表照旧占一页。",
            },
            ask = {
                id = "spans",
                format = "size",
                text = { en = "How much of the address space does one entry of the root stand for?", zh = "根表的一项管多大一片地址？" },
                answer = function(r) return 1 << r.m.geometry().levels[1].shift end,
                wrong = {
                    { value = function(r) return 1 << r.m.geometry().levels[1].shift + r.m.geometry().levels[1].bits end, because = { en = "That is an entry of x86-64's root, and all addresses of this CPU.", zh = "那是 x86-64 根表的一项，也是这款 CPU 的全部地址。" } },
                    { value = function(r) return 1 << r.m.geometry().levels[2].shift end, because = { en = "One level lower.", zh = "那是低一级的。" } },
                    { value = function(r) return r.m.geometry().page end, because = { en = "That is an entry of the last table.", zh = "那是最后一张表的一项。" } },
                },
                right = { en = "The root's index is the top {index} of {bits} bits, {low} are below it: {answer}. {levels} tables to a walk. Sv48 adds one above and is the same otherwise.", zh = "{bits} 位里最高的 {index} 位是根表的索引，下面还有 {low} 位：{answer}。走一遍要查 {levels} 张表。Sv48 在上面多一级，别的都一样。" },
                hints = {
                    { en = "How many bits does a table of {fit} entries use up?", zh = "一张 {fit} 项的表用掉几位？" },
                    { en = "{index} of {bits}. The others run through below one entry.", zh = "{bits} 位里用掉 {index} 位，其余的都在一项下面变化。" },
                    { en = "Two to the power of {low}.", zh = "2 的 {low} 次方。" },
                },
            },
        },
        function(m)
            m.title { en = "Two bits to the right", zh = "往右挪两位" }
            m.view "entry"
            m.flush()
            local entry = W.entry(m, HEAP, 2).value
            m.bind { va = HEAP, entry = entry, x86 = O.x86_entry(m.walk(HEAP)) }
            m.say {
                en = "It reads {va:hex}, whose last entry is {entry:hex}. Bits 7:0 are D A G U X W R V, two more are the kernel's, and the frame's number begins at bit 10, not at bit 12.",
                zh = "它读 {va:hex}，最后一级的表项是 {entry:hex}。第 7 到 0 位是 D A G U X W R V，再上面两位归内核，页框号从第 10 位开始，而不是第 12 位。",
            }
            m.ask {
                id = "shifted",
                op = { "read", HEAP, { size = 1 } },
                before = { "walk_read", 3 },
                format = "hex",
                text = { en = "Which physical address?", zh = "物理地址是多少？" },
                answer = function(r) return find(r, "translated").pa end,
                wrong = {
                    { value = O.x86_base(entry) + offset(HEAP), because = { en = "Read as x86 reads it: the lowest twelve bits cleared. Here the frame stands two bits lower.", zh = "这是按 x86 读的：低十二位清零。这里的页框号低了两位。" } },
                    B.NO_OFFSET,
                    { value = (entry >> 10) + offset(HEAP), because = { en = "That is the right number, but it counts frames. Put twelve zeros behind it.", zh = "号码没错，可它数的是页框，后面还得添十二个零。" } },
                },
                right = { en = "Bits 53:10 are the frame's number, and shift left by two to become its address. x86-64 would have {x86:hex} for the same page.", zh = "第 53 到 10 位是页框号，左移两位才是地址。同一页若在 x86-64 上，表项是 {x86:hex}。" },
                hints = {
                    { en = "Drop the flags first: ten bits.", zh = "先去掉标志：十位。" },
                    { en = "What is left is a frame's number. Which frame?", zh = "剩下的是页框号。是哪一框？" },
                    { en = "The number, twelve zeros, and the offset of {va:hex}.", zh = "号码后面添十二个零，再加 {va:hex} 的偏移。" },
                },
            }
        end,
        function(m)
            m.title { en = "No bit says page", zh = "没有一位说“这是页”" }
            m.view "tree"
            local size = 1 << m.geometry().levels[2].shift
            local block = m.alloc(size).value -- of the kernel, begins at a multiple of its size
            m.mmap(LARGE - LARGE % size, size, "rw")
            local slot = W.entry(m, HEAP, 1).pa + (index(LARGE, 1) - index(HEAP, 1)) * m.geometry().entry_bytes
            local entry = pfn(block) << 10 | V | R | U | A
            local inner = W.entry(m, HEAP, 1)
            m.poke(slot, le(entry, 8))
            m.bind { va = LARGE, entry = entry, index = index(LARGE, 1), table = inner.table, named = inner.value, size = size, frame = block }
            m.say {
                en = "{table}[0] is {named:hex}: V and no other flag. So it names a table. A hand writes {entry:hex} beside it, into {table}[{index}]: V R U A, frame at {frame:hex}. x86 marks a large page with bit 7, PS. Here bit 7 is D, and it is 0.",
                zh = "{table}[0] 是 {named:hex}，只有 V，没有别的标志，所以它指着一张表。有人往旁边的 {table}[{index}] 写了 {entry:hex}：V R U A，页框在 {frame:hex}。x86 用第 7 位 PS 标出大页；这里第 7 位是 D，值为 0。",
            }
            local r = m.ask {
                id = "leaf",
                op = { "read", LARGE, { size = 1 } },
                before = { "walk_read", 2 },
                format = "hex",
                text = { en = "The program reads {va:hex}. Which physical address?", zh = "程序读 {va:hex}。物理地址是多少？" },
                answer = function(r) return find(r, "translated").pa end,
                wrong = {
                    { value = block + offset(LARGE), because = { en = "The page is larger: more bits of the address are its offset.", zh = "这一页更大，地址里有更多位算偏移。" } },
                    { value = O.x86_base(entry) + (LARGE & size - 1), because = { en = "x86's place of the frame, without the shift by two.", zh = "这是 x86 放页框的位置，没有挪两位。" } },
                    B.untranslated(LARGE),
                },
                right = { en = "R ends the walk: any of R, W, X makes a page, at any level. This one has {size:size}, and must begin at a multiple of it.", zh = "有 R，走到头了：R、W、X 有一个是 1 就是页，哪一级都行。这一页有 {size:size}，起点必须是它的倍数。" },
                hints = {
                    { en = "Does the walk go on after this entry?", zh = "读完这一项，还往下走吗？" },
                    { en = "An entry with R maps a page right here, of {size:size}.", zh = "带 R 的项就在这一级映射一页，大小 {size:size}。" },
                    { en = "{frame:hex} plus all bits of {va:hex} below {size:size}.", zh = "{frame:hex} 加上 {va:hex} 在 {size:size} 以内的各位。" },
                },
            }
            m.expect(count(r, "walk_read"), 2, "one level was not read")
            m.poke(slot, le(0, 8))
            m.flush()
            m.munmap(LARGE - LARGE % size, size)
            m.release(block)
            m.after { en = "By now the hand has taken its entry back.", zh = "那只手现在已经把它写的一项收回去了。" }
        end,
        function(m)
            m.title { en = "May run, may not be read", zh = "能执行，不能读" }
            m.view "entry"
            m.fetch(CODE)
            m.mprotect(CODE, m.geometry().page, "x")
            m.bind { va = CODE, entry = W.entry(m, CODE, 2).value }
            m.say {
                en = "Three bits for three rights, each granted by a 1. x86 has no R, and a bit that takes X away. mprotect left the code at {va:hex} only X: {entry:hex}. The program reads there.",
                zh = "三种权限各占一位，为 1 才给。x86 没有 R，而 X 是靠一位来收走的。mprotect 让 {va:hex} 的代码只剩 X：{entry:hex}。程序去读它。",
            }
            local r = m.ask {
                id = "execute-only",
                op = { "read", CODE, { size = 1 } },
                before = { "walk_read", 3 },
                text = { en = "What happens?", zh = "结果如何？" },
                answer = O.outcome,
                words = O.OUTCOMES,
                wrong = {
                    { value = "done", because = { en = "So it is on x86: what is present may be read.", zh = "x86 上才是这样：页在，就能读。" } },
                    { value = "general", because = { en = "#GP is x86's, and not for this either.", zh = "#GP 是 x86 的，而且也不管这种事。" } },
                },
                right = { en = "R is 0. The code runs, but nobody reads it, unless the kernel sets sstatus.MXR.", zh = "R 是 0。代码能跑，却没人能读，除非内核置上 sstatus.MXR。" },
                hints = {
                    { en = "Which right does a read need?", zh = "读，需要哪种权限？" },
                    { en = "Look at bit 1 of the entry.", zh = "看表项的第 1 位。" },
                    { en = "R is 0, and MXR is 0.", zh = "R 是 0，MXR 也是 0。" },
                },
            }
            m.expect(find(r, "page_fault").error, LOAD, "a load page fault")
        end,
        function(m)
            m.title { en = "Three numbers", zh = "三个号码" }
            m.view "log"
            fresh(m)
            local page = m.geometry().page
            local load = find(m.read(HEAP + page, { size = 1 }), "page_fault").error
            local store = find(m.write(HEAP + 2 * page, 1, { size = 1 }), "page_fault").error
            local fetch = find(m.fetch(CODE), "page_fault").error
            m.bind { va = CODE, load = load, store = store, fetch = fetch, absent = O.X86_WRITE_ABSENT, present = O.X86_WRITE_PRESENT, entry = W.entry(m, CODE, 2).value }
            m.say {
                en = "That ended the process; here is another. It has read, written and fetched, each time a page not there yet. The cause stood in scause: {load}, {store}, {fetch}. The kernel mended all three. Now it writes {va:hex}, its code. That page is there, and has no W: {entry:hex}.",
                zh = "那个进程就此结束，换一个来。它读、写、取指各一次，每次那一页都还不在。scause 里写着原因：{load}、{store}、{fetch}。三页内核都补好了。现在它写 {va:hex}，自己的代码。这一页在，只是没有 W：{entry:hex}。",
            }
            local r = m.ask {
                id = "scause",
                op = { "write", CODE, 1, { size = 1 } },
                before = "page_fault",
                text = { en = "What is in scause?", zh = "scause 里是什么？" },
                answer = function(r) return r.event and r.event.error end,
                wrong = {
                    { value = O.X86_WRITE_PRESENT, because = { en = "x86's error code: present, write, user. scause holds no such bits, but one number.", zh = "这是 x86 的错误码：在、写、用户态。scause 不是一位一位拼的，是一个号码。" } },
                    { value = fetch, because = { en = "The page is for fetching, but the number tells what was tried.", zh = "这一页是供取指的，可号码说的是想做什么。" } },
                    { value = load, because = { en = "That is a load.", zh = "那是读。" } },
                },
                right = { en = "A store, again {answer}. Whether the page is absent or forbids, the CPU does not say. x86 does: {absent} and {present}.", zh = "是写，又是 {answer}。页是不在还是不许，CPU 不说。x86 会说：{absent} 和 {present}。" },
                hints = {
                    { en = "What did the program want to do?", zh = "程序想干什么？" },
                    { en = "The number tells the kind of access and nothing else.", zh = "号码只说访问的种类。" },
                    { en = "It writes, as it did a moment ago: {store}.", zh = "它在写，和刚才那次一样：{store}。" },
                },
            }
            m.bind { signal = find(r, "signal").signal }
            m.expect(find(r, "signal").signal, F.ACCERR, "mapped, but not for this")
            m.after {
                en = "One number, two ends: a page mended, a process ended with {signal}. Only the kernel's own list of areas told them apart.",
                zh = "同一个号码，两种结局：上次补好一页，这次以 {signal} 结束进程。分清它们，全靠内核自己那份区域清单。",
            }
        end,
        function(m)
            m.title { en = "Who sets A?", zh = "A 由谁来置？" }
            m.view "entry"
            fresh(m)
            m.sample()
            local fast = m.read(HEAP, { size = 1 })
            m.expect(O.marker(fast), "mmu", "with ADUE the hardware does it")
            m.set("menvcfg.adue", 0)
            m.sample()
            m.bind { va = HEAP, entry = W.entry(m, HEAP, 2).value }
            m.say {
                en = "So far the MMU set A and D, as on x86. That is an option, menvcfg.ADUE; many RISC-V CPUs lack it. It is off now, and the kernel has just cleared A of {va:hex}: {entry:hex}. V, R and U are set.",
                zh = "到现在 A 和 D 都是 MMU 置的，和 x86 一样。可这只是个选项：menvcfg.ADUE，许多 RISC-V CPU 没有。现在关掉它，内核又刚把 {va:hex} 的 A 清零：{entry:hex}。V、R、U 都是 1。",
            }
            local r = m.ask {
                id = "accessed",
                op = { "read", HEAP, { size = 1 } },
                before = { "walk_read", 3 },
                text = { en = "The program reads it. What happens?", zh = "程序来读。结果如何？" },
                answer = O.marker,
                words = O.MARKERS,
                wrong = {
                    { value = "mmu", because = { en = "Not with ADUE = 0. On x86 it always does.", zh = "ADUE 是 0 就不会。x86 上才总是它来置。" } },
                    { value = "nobody", because = { en = "Then the kernel would take a busy page for an idle one.", zh = "那内核就会把常用的页当成闲页。" } },
                },
                right = { en = "A page fault, as for an absent page. The kernel finds A = 0, sets it, and the read runs again.", zh = "和页不在时同一个原因。内核发现 A 是 0，置上它，读再来一遍。" },
                hints = {
                    { en = "Somebody has to note that the page was used.", zh = "总得有人记下这一页用过。" },
                    { en = "The hardware may not. Who else is there?", zh = "硬件不管，还有谁？" },
                    { en = "Only a fault calls the kernel.", zh = "要叫内核，只有触发异常。" },
                },
            }
            m.bind { fast = fast.cycles, slow = r.cycles, cause = find(r, "page_fault").error }
            m.after { en = "Cause {cause}, {slow} cycles instead of {fast} in this model.", zh = "原因 {cause}；按这里的模型，用了 {slow} 周期，而不是 {fast}。" }
        end,
        function(m)
            m.title { en = "D, both ways", zh = "D，两种办法" }
            m.view "entry"
            local entry = W.entry(m, HEAP, 2)
            local clean = entry.value & ~D
            local function write_clean()
                m.poke(entry.pa, le(clean, m.geometry().entry_bytes))
                m.invlpg(HEAP)
                return m.write(HEAP, 1, { size = 1 })
            end
            m.bind { va = HEAP, clean = clean }
            m.say {
                en = "D tells that a page was written. A hand clears it in the entry of {va:hex}, which becomes {clean:hex}, and the program writes. Then the same once more, with ADUE on. Watch who makes D 1.",
                zh = "D 记的是页被写过。有人把 {va:hex} 那一项的 D 清零，变成 {clean:hex}，程序再写一次。然后打开 ADUE，原样重来。看看 D 是谁置的。",
            }
            local soft = write_clean()
            m.set("menvcfg.adue", 1)
            local hard = write_clean()
            local kernel, mmu = find(soft, "entry_write"), find(hard, "entry_mark")
            m.expect(find(soft, "page_fault").error, STORE, "a store page fault")
            m.expect(kernel.old ~ kernel.new, D, "the kernel set D and nothing else")
            m.expect(mmu.old ~ mmu.new, D, "so did the MMU")
            m.expect(count(hard, "page_fault"), 0, "and nobody was asked")
            m.bind { cause = find(soft, "page_fault").error, to = kernel.new, slow = soft.cycles, fast = hard.cycles }
            m.after {
                en = "Cause {cause}, and the kernel wrote {to:hex}: {slow} cycles. With ADUE the MMU wrote it: {fast}.",
                zh = "先是原因 {cause}，内核写入 {to:hex}，{slow} 周期；有了 ADUE，由 MMU 写，{fast} 周期。",
            }
            m.card {
                claim = { en = "The walk is hardware's, so A and D are hardware's business.", zh = "走表归硬件，所以 A 和 D 也是硬件的事。" },
                truth = {
                    en = "Only where it offers to. Elsewhere a fault leaves it to the kernel; the entry ends up the same.",
                    zh = "硬件肯管才是。不管的时候就触发异常，交给内核；最后表项是一样的。",
                },
            }
        end,
        function(m)
            m.title { en = "Three things in satp", zh = "satp 里的三样东西" }
            m.view "tree"
            local pid = m.spawn().value
            local root, old = m.process(pid).root, m.field("satp")
            local mode = old >> 60 << 60
            m.bind { pid = pid, root = root, mode = old >> 60, asid = old >> 44 & 0xffff }
            m.say {
                en = "CR3's place is taken by satp: the mode in bits 63:60 ({mode} is Sv39, 0 no translation), an ASID of 16 bits below it, and the number of the root's frame. Process {pid} has its root at {root:hex}; this kernel gives everybody ASID {asid}.",
                zh = "CR3 的位置上是 satp：第 63 到 60 位是模式（{mode} 是 Sv39，0 是不翻译），下面是 16 位的 ASID，再下面是根表的页框号。进程 {pid} 的根在 {root:hex}；这个内核给谁的 ASID 都是 {asid}。",
            }
            local r = m.ask {
                id = "satp",
                op = { "switch", pid },
                before = "cr3_load",
                format = "hex",
                text = { en = "The kernel switches to it. What does satp hold then?", zh = "内核切换过去。satp 里是什么？" },
                answer = function(r) return r.m.field("satp") end,
                wrong = {
                    { value = root, because = { en = "So CR3 would. satp also says the mode; this says: no translation.", zh = "CR3 才这样。satp 还要写明模式，照这个写就是不翻译。" } },
                    { value = mode | root, because = { en = "The root's address, where its frame's number belongs.", zh = "该写页框号的地方，写成了地址。" } },
                    { value = pfn(root), because = { en = "The mode is 0 in it: translation would be off.", zh = "其中模式是 0，翻译就关了。" } },
                },
                right = { en = "Mode {mode}, ASID {asid}, frame number. On x86 the mode is spread over CR0, CR4 and EFER.", zh = "模式 {mode}，ASID {asid}，加页框号。x86 把模式分散在 CR0、CR4 和 EFER 里。" },
                hints = {
                    { en = "Three fields: write each.", zh = "三个字段，一个一个写。" },
                    { en = "A frame's number is its address without twelve zeros.", zh = "页框号就是地址去掉十二个零。" },
                    { en = "{mode} on top, then zeros, then the number.", zh = "最高是 {mode}，中间是零，末尾是页框号。" },
                },
            }
            m.expect(count(r, "tlb_flush"), 1, "the kernel's switch fences")
            m.bind { dropped = find(r, "tlb_flush").count }
            m.after { en = "During the switch the TLB also lost what it held: {dropped}. Who ordered that?", zh = "切换途中，TLB 里的也丢了：{dropped} 条。这是谁的命令？" }
        end,
        function(m)
            m.title { en = "Loading drops nothing", zh = "装载时什么也不丢" }
            m.view "tlb"
            for n = 0, 2 do
                m.read(HEAP + n * m.geometry().page, { size = 1 })
            end
            local satp = m.field("satp")
            m.bind { satp = satp, held = #m.tlb() }
            m.say {
                en = "The program has read three pages, and the TLB holds {held} translations. The kernel writes {satp:hex} into satp once more.",
                zh = "程序读过三页，TLB 里有 {held} 条翻译。内核把 {satp:hex} 原样再写进 satp 一次。",
            }
            m.ask {
                id = "kept",
                op = { "set", "satp", satp },
                before = "cr3_load",
                text = { en = "How many translations are left in the TLB?", zh = "TLB 里还剩几条？" },
                answer = function(r) return #r.m.tlb() end,
                wrong = {
                    { value = 0, because = { en = "So MOV CR3 does on x86. satp is only a register.", zh = "x86 的 MOV CR3 才这样。satp 只是个寄存器。" } },
                    { value = 1, because = { en = "Nothing picks one of them.", zh = "没有谁从中挑出一条。" } },
                },
                right = { en = "All. Dropping is an instruction of its own, SFENCE.VMA, for one address, one ASID or everything. The kernel's switch had one in it.", zh = "全在。要丢，得另用一条指令 SFENCE.VMA：可以丢一个地址、一个 ASID，或者全部。刚才切换时丢掉的，就是内核用它丢的。" },
                hints = {
                    { en = "Is writing a register a request to forget?", zh = "写一个寄存器，就是叫它忘掉吗？" },
                    { en = "On x86 it is. The specification of satp says nothing of the kind.", zh = "x86 上是。satp 的规范里没有这么说。" },
                    { en = "All {held} stay.", zh = "{held} 条都在。" },
                },
            }
        end,
        function(m)
            m.title { en = "Beyond the last bit", zh = "最高位以外" }
            m.view "address"
            local g = m.geometry()
            local va = 1 << g.va_bits - 1
            m.bind { va = va, top = g.va_bits - 1 }
            m.say {
                en = "Bits 63 and down must repeat bit {top} here as well: the kernel's half begins far above. {va:hex} has bit {top} set and zeros above. The program reads it.",
                zh = "这里第 63 位往下同样要重复第 {top} 位：内核那一半远在上面。{va:hex} 第 {top} 位是 1，上面却是零。程序去读。",
            }
            local r = m.ask {
                id = "hole",
                op = { "read", va, { size = 1 } },
                before = { "page_fault", 1 },
                text = { en = "What happens?", zh = "结果如何？" },
                answer = O.outcome,
                words = O.OUTCOMES,
                wrong = {
                    { value = "general", because = { en = "There is no such exception here.", zh = "这里没有这种异常。" } },
                    { value = "done", because = { en = "The upper bits are compared, and they differ.", zh = "高位要比对，它们不一致。" } },
                },
                right = { en = "A load page fault like any other, with the address in stval.", zh = "和别的一样，是读缺页异常，地址在 stval。" },
                hints = {
                    { en = "Which exceptions for addresses does this CPU know?", zh = "这款 CPU 为地址准备了哪些异常？" },
                    { en = "A bad address and an absent page are one thing to it.", zh = "坏地址和页不在，对它是一回事。" },
                    { en = "A load page fault.", zh = "读缺页异常。" },
                },
            }
            m.expect(count(r, "walk_read"), 0, "no table was read")
            m.bind { cause = find(r, "page_fault").error, reads = count(r, "walk_read"), stval = find(r, "page_fault").va, signal = find(r, "signal").signal }
            m.after { en = "Cause {cause}, stval {stval:hex}, tables read: {reads}. To the kernel it is one more address without an area: {signal}.", zh = "原因 {cause}，stval 是 {stval:hex}，查表 {reads} 次。对内核来说，又是一个没有区域的地址：{signal}。" }
        end,
        function(m)
            m.title { en = "Yours: a fault on a page that is there", zh = "你来：页在，却触发异常" }
            m.view "entry"
            fresh(m)
            m.bind { va = HEAP }
            m.say {
                en = "A fresh process has written {va:hex}. Its page is there and may be read.",
                zh = "一个新进程写过 {va:hex}。那一页在，也允许读。",
            }
            m.task {
                text = {
                    en = "Make a read of the program fault on that page, without taking V or R from it, and let the kernel mend it.",
                    zh = "让程序读那一页时触发异常，V 和 R 都不许拿走，而且内核要能补好。",
                },
                goal = function(r)
                    local fault = find(r, "page_fault")
                    if not fault or fault.error ~= LOAD or page(fault.va) ~= page(HEAP) or find(r, "signal") then
                        return false
                    end
                    local entry
                    for _, e in ipairs(r.events) do
                        if e == fault or e.event == "page_fault" then
                            break
                        end
                        if e.event == "walk_read" then
                            entry = e.value
                        end
                    end
                    return entry ~= nil and entry & (V | R) == V | R and find(r, "data_read") ~= nil
                end,
                solution = function() return { "set menvcfg.adue 0", "sample", "read " .. hex(HEAP) .. " size=1" } end,
                hints = {
                    { en = "What else in an entry can make a read fault?", zh = "表项里还有什么能让读触发异常？" },
                    { en = "A = 0, if the hardware may not set it. The kernel's sample clears A.", zh = "A 是 0，而硬件又不许置。内核的 sample 会清掉 A。" },
                    { en = "set menvcfg.adue 0, sample, read {va:hex}.", zh = "set menvcfg.adue 0，sample，read {va:hex}。" },
                },
            }
            m.after {
                en = "The tree and the walk you know already; you can now read another CPU's entries, root and faults. Take along: one root for program and kernel together. What if there were two?",
                zh = "树和走法你早就会了；现在连别家的表项、根和异常也读得懂。带走一个问题：程序和内核共用一个根。要是有两个根呢？",
            }
        end,
    },
}
