-- two-roots.lua - AArch64 (Arm ARM, D8.2 to D8.4): a root for programs and one for the kernel, entries whose bits forbid, an access flag that
-- software sets, and a fault that tells how far the walk came. Wrong choices are what x86-64 and RISC-V do.
local O, W = use "others", use "walks"

local HEAP = 0x405abc
local STACK = 0xffffffffe010      -- bit 47 is set, and it is a program's
local KERNEL = 0xffff000000000010 -- the same tables' worth of bits, from the other end
local HALF = 55                   -- the bit that tells the halves apart
local TAG = 0xab << 56
local FAR, NEAR = 0x40000000, 0x600000 -- a GiB away, and 2 MiB
local USER, READ_ONLY = 1 << 6, 1 << 7 -- AP[1], AP[2]
local OWN, OTHER = 7, 9 -- two ASIDs
local TRANSLATION, ACCESS_FLAG, PERMISSION = 4, 8, 12 -- kinds in a fault status; the level is added

-- Which register a walk took its root from.
local function register(r)
    local start = find(r, "walk_start")
    if not start then
        return nil
    end
    return start.frame == pfn(r.m.field("ttbr1")) and "ttbr1" or "ttbr0"
end

local REGISTERS = {
    ttbr0 = { en = "TTBR0", zh = "TTBR0" },
    ttbr1 = { en = "TTBR1", zh = "TTBR1" },
    both = { en = "first TTBR0, then TTBR1", zh = "先 TTBR0，后 TTBR1" },
}

local function filled(m, root)
    local n = 0
    for at = 0, W.slots(m) - 1 do
        if m.word(root + at * m.geometry().entry_bytes) ~= 0 then
            n = n + 1
        end
    end
    return n
end

return lesson {
    id = "two-roots",
    part = "translation",
    title = { en = "Other CPUs: AArch64", zh = "别家的 CPU：AArch64" },
    rows = { "B20" },
    needs = { "other-cpus" },
    machine = "aarch64",
    breaks = { "L1" }, -- translations under numbers that the kernel did not give out
    minutes = 15,
    steps = {
        step {
            title = { en = "Two roots", zh = "两个根" },
            view = "address",
            prepare = function(m)
                m.spawn()
                m.write(HEAP, 42, { size = 1 })
                m.write(STACK, 43, { size = 1 })
                m.flush()
            end,
            bind = function(m) return { va = KERNEL, heap = HEAP, bits = m.geometry().va_bits, top = m.geometry().va_bits - 1, bit = HALF } end,
            text = {
                en = "An AArch64 CPU, as in most phones: {bits} bits and four levels, as on x86-64. But two registers name a root, one for each half of all addresses. Bit {bit} of an address chooses. The kernel reads {va:hex}.",
                zh = "这是 AArch64，多数手机里就是它：{bits} 位、四级，和 x86-64 一样。但指根的寄存器有两个，所有地址分成两半，各管一半，由地址的第 {bit} 位来挑。内核读 {va:hex}。",
            },
            ask = {
                id = "root",
                op = { "read", KERNEL, { size = 1, as = "kernel" } },
                text = { en = "Where does the walk begin?", zh = "从哪里走起？" },
                answer = register,
                words = REGISTERS,
                wrong = {
                    { value = "ttbr0", because = { en = "Bit {bit} is 1 in it: the upper half.", zh = "它的第 {bit} 位是 1，属于上半。" } },
                    { value = "both", because = { en = "An address lies in one half, and its tables are under one root.", zh = "一个地址只在一半里，它的表也只在一个根下面。" } },
                },
                right = { en = "{answer}, with ones above bit {top}. An address with zeros there, as {heap:hex}, goes to the other.", zh = "{answer}：第 {top} 位以上全是 1。那里全是 0 的，像 {heap:hex}，走另一个。" },
                hints = {
                    { en = "In which half of all addresses is it?", zh = "它在所有地址的哪一半？" },
                    { en = "Its upper bits are ones, so bit {bit} is.", zh = "它的高位全是 1，第 {bit} 位也是。" },
                    { en = "The lower half has number 0, the upper one 1.", zh = "下半是 0 号，上半是 1 号。" },
                },
            },
        },
        function(m)
            m.title { en = "A root without a kernel", zh = "根里没有内核" }
            m.view "tree"
            m.bind { slots = W.slots(m) }
            m.say {
                en = "On x86-64 and RISC-V each new root starts with a copy of the kernel's entries, so that a system call finds the kernel mapped. Here a second process is made.",
                zh = "在 x86-64 和 RISC-V 上，新根表一开始就要抄进内核的那几项，系统调用时才找得到内核。现在这里造第二个进程。",
            }
            local r = m.ask {
                id = "filled",
                op = { "spawn" },
                before = "spawned",
                text = { en = "How many of the {slots} entries of its root are filled?", zh = "它的根表 {slots} 项里，填了几项？" },
                answer = function(r) return filled(r.m, r.m.process(r.value).root) end,
                wrong = {
                    { value = 1, because = { en = "A copy of the kernel's entry: x86-64 needs it.", zh = "抄来的内核那一项：x86-64 才要。" } },
                    { value = function(r) return W.slots(r.m) // 2 end, because = { en = "Half a table for the kernel is x86's layout.", zh = "半张表归内核，那是 x86 的布局。" } },
                    { value = 4, because = { en = "Its areas are promises. Tables come with the first touch.", zh = "那几片区域只是许诺，表要到第一次碰才有。" } },
                },
                right = { en = "None. The kernel hangs below TTBR1, and nobody copies it.", zh = "一项也没有。内核挂在 TTBR1 下面，用不着抄。" },
                hints = {
                    { en = "Who needs the kernel's entries in this table?", zh = "谁需要这张表里有内核的项？" },
                    { en = "Kernel addresses never come through this root.", zh = "内核的地址从不走这个根。" },
                    { en = "And the program has touched nothing yet.", zh = "而程序还什么都没碰过。" },
                },
            }
            local upper = m.field("ttbr1")
            m.switch(r.value)
            m.expect(m.field("ttbr1"), upper, "a switch leaves the kernel's root alone")
            m.switch(1)
            m.after { en = "Then the kernel switched to it and back: TTBR0 was loaded twice, TTBR1 stayed.", zh = "随后内核切换过去，又切回来：TTBR0 装了两次，TTBR1 没动。" }
        end,
        function(m)
            m.title { en = "Close one half", zh = "关掉一半" }
            m.view "tree"
            m.invlpg(KERNEL)
            m.set("tcr.epd0", 1)
            m.bind { va = KERNEL, bit = HALF }
            m.say {
                en = "TCR.EPD0 closes the lower half: nothing below TTBR0 is looked at, so no program's table is in use. The kernel reads {va:hex} once more.",
                zh = "TCR.EPD0 关掉下半：TTBR0 下面一概不看，任何程序的表都用不上了。内核再读一次 {va:hex}。",
            }
            local r = m.read(KERNEL, { size = 1, as = "kernel" })
            m.expect(find(r, "walk_start").frame, pfn(m.field("ttbr1")), "below TTBR1")
            m.expect(count(r, "page_fault"), 0, "the kernel is found without the lower half")
            m.bind { reads = count(r, "walk_read"), pa = find(r, "translated").pa }
            m.set("tcr.epd0", 0)
            m.card {
                claim = { en = "The kernel must be mapped in every program's tables.", zh = "每个程序的表里都得映射内核。" },
                truth = {
                    en = "Not with two roots: the lower half was closed, and {reads} reads below TTBR1 found {pa:hex}.",
                    zh = "有两个根就不必：下半关着，在 TTBR1 下面读了 {reads} 次，照样找到 {pa:hex}。",
                },
            }
        end,
        function(m)
            m.title { en = "The whole of it", zh = "整整一半" }
            m.view "address"
            m.bind { sign = m.geometry().va_bits - 1, va = STACK, bits = m.geometry().va_bits, last = (1 << m.geometry().va_bits) - 1 }
            m.say {
                en = "The program reads its stack at {va:hex}: bit {sign} is set, and the bits above are zeros. On x86-64 that lies in the hole.",
                zh = "程序读自己的栈，在 {va:hex}：第 {sign} 位是 1，更高位都是 0。换成 x86-64，这就落在空洞里了。",
            }
            m.ask {
                id = "stack",
                op = { "read", STACK, { size = 1 } },
                before = "access",
                text = { en = "What happens here?", zh = "在这里结果如何？" },
                answer = O.outcome,
                words = O.OUTCOMES,
                wrong = {
                    { value = "general", because = { en = "There bit {sign} is a sign to repeat. Here all {bits} bits are the program's.", zh = "那边第 {sign} 位是要重复的符号，这里 {bits} 位全归程序。" } },
                    { value = "fault", because = { en = "The page is there; it was written at the start.", zh = "页在，一开始就写过。" } },
                },
                right = { en = "Each half has {bits} bits to itself: programs reach up to {last:hex}, twice as far as on x86-64.", zh = "每一半都独占 {bits} 位：程序用得到 {last:hex}，比 x86-64 远一倍。" },
                hints = {
                    { en = "Which bit chooses the half? Not bit {sign}.", zh = "哪一位来挑一半？不是第 {sign} 位。" },
                    { en = "Bits 63 to {bits} are zeros: the lower half.", zh = "第 63 到 {bits} 位都是 0：下半。" },
                    { en = "The page was written before.", zh = "这一页早先写过。" },
                },
            }
        end,
        function(m)
            m.title { en = "A byte of one's own", zh = "自己的一个字节" }
            m.view "address"
            m.set("tcr.tbi0", 1)
            m.bind { va = TAG | STACK, plain = STACK, tag = 0xab }
            m.say {
                en = "The kernel sets TCR.TBI0: top byte ignored. The program keeps a note of its own there, {tag:hex}, and reads {va:hex}.",
                zh = "内核置上 TCR.TBI0：最高字节不看。程序在那里写上自己的记号 {tag:hex}，然后读 {va:hex}。",
            }
            local r = m.ask {
                id = "tagged",
                op = { "read", TAG | STACK, { size = 1 } },
                before = "access",
                text = { en = "What happens?", zh = "结果如何？" },
                answer = O.outcome,
                words = O.OUTCOMES,
                wrong = {
                    { value = "fault", because = { en = "So it would with TBI0 = 0: the upper bits must all be equal.", zh = "TBI0 是 0 才会：高位必须全都相同。" } },
                    { value = "general", because = { en = "#GP is x86's.", zh = "#GP 是 x86 的。" } },
                },
                right = { en = "The byte at {plain:hex}: the tag is never looked at. Allocators and sanitizers mark pointers this way.", zh = "就是 {plain:hex} 那个字节：记号根本不看。分配器和检错工具就这样给指针做记号。" },
                hints = {
                    { en = "Which bits does the walk look at now?", zh = "现在走表看哪些位？" },
                    { en = "Not 63 to 56.", zh = "不看第 63 到 56 位。" },
                    { en = "What is left is {plain:hex}.", zh = "剩下的就是 {plain:hex}。" },
                },
            }
            m.expect(r.value, 43, "what was written without the tag")
            m.set("tcr.tbi0", 0)
        end,
        function(m)
            m.title { en = "A one that forbids", zh = "为 1 是禁止" }
            m.view "entry"
            m.read(HEAP, { size = 1 })
            local entry = W.entry(m, HEAP, 3).value
            m.bind { va = HEAP, entry = entry, ro = READ_ONLY, user = USER }
            m.say {
                en = "The entry of {va:hex} is {entry:hex}. Read its rows: AP[2], worth {ro:hex}, means read-only; UXN and PXN forbid fetching, nG means not global. Only AP[1], {user:hex}, allows: user mode may. mprotect takes the right to write.",
                zh = "{va:hex} 的表项是 {entry:hex}。一行行看：AP[2]（{ro:hex}）是只读；UXN 和 PXN 禁止取指，nG 是“非全局”。只有 AP[1]（{user:hex}）是允许：用户态可以用。现在 mprotect 收走写的权限。",
            }
            m.ask {
                id = "read-only",
                op = { "mprotect", HEAP - offset(HEAP), m.geometry().page, "r" },
                before = "entry_write",
                format = "hex",
                text = { en = "What will the entry be?", zh = "表项会变成什么？" },
                answer = function(r) return r.m.word(W.entry(r.m, HEAP, 3).pa) end,
                wrong = {
                    { value = entry & ~2, because = { en = "Bit 1 is W on x86. Here it is the type, and a page without it is no page.", zh = "x86 上第 1 位是 W。这里它是类型，页没有它就不成页。" } },
                    { value = entry & ~USER, because = { en = "Without AP[1] the program could not even read.", zh = "没有 AP[1]，程序连读都不行。" } },
                    { value = entry, because = { en = "AP[2] is 0 in it, and that says: may be written.", zh = "其中 AP[2] 是 0，意思是可以写。" } },
                },
                right = { en = "Taking a right sets a bit. nG is 1 as well: with its ASID the page stays apart from other programs'.", zh = "收走权限，反而是置一位。nG 也是 1：带着 ASID，和别的程序的页分得开。" },
                hints = {
                    { en = "Which bit says that writing is forbidden?", zh = "哪一位说不许写？" },
                    { en = "AP[2] has to become 1.", zh = "AP[2] 得变成 1。" },
                    { en = "Add {ro:hex} to {entry:hex}.", zh = "{entry:hex} 加上 {ro:hex}。" },
                },
            }
        end,
        function(m)
            m.title { en = "The access flag", zh = "访问标志" }
            m.view "log"
            m.sample()
            m.bind { va = HEAP, entry = W.entry(m, HEAP, 3).value, translation = TRANSLATION, access = ACCESS_FLAG, permission = PERMISSION }
            m.say {
                en = "No hardware here sets A, called AF. The kernel has just cleared it for {va:hex}. A fault leaves a number in ESR: translation {translation}, access flag {access} or permission {permission}, plus the level at which the walk ended, the root being 0. The program reads.",
                zh = "这里没有硬件来置 A（叫 AF）。内核刚把 {va:hex} 的 AF 清零。异常在 ESR 里留下一个号码：转换 {translation}、访问标志 {access}、权限 {permission}，再加上走到第几级为止，根是 0。程序来读。",
            }
            local r = m.ask {
                id = "access-flag",
                op = { "read", HEAP, { size = 1 } },
                before = "page_fault",
                text = { en = "Which number is it?", zh = "是哪个号码？" },
                answer = function(r) return r.event and r.event.error end,
                wrong = {
                    { value = TRANSLATION + 3, because = { en = "That says: nothing is mapped. But the entry is valid.", zh = "那是说没有映射。可表项有效。" } },
                    { value = PERMISSION + 3, because = { en = "A read is allowed. The page only has not been used since the look.", zh = "读是允许的，只是那一页自上次看过以后没用过。" } },
                    { value = O.X86_READ_PRESENT, because = { en = "x86's error code, and x86 would not fault: its MMU sets A.", zh = "这是 x86 的错误码；况且 x86 不会触发异常，A 由它的 MMU 置。" } },
                    { value = ACCESS_FLAG, because = { en = "The flag stands in the last entry, not in the root's.", zh = "这个标志在最后一项里，不在根表的项里。" } },
                },
                right = { en = "Access flag, level 3. RISC-V says the same for all three; here the kernel knows at once, sets AF, and the read runs again.", zh = "访问标志，第 3 级。RISC-V 对三种情形都报一个号；这里内核一看就知道，置上 AF，读再来一遍。" },
                hints = {
                    { en = "Is it there? Is it allowed? Then what is missing?", zh = "页在吗？允许吗？那缺什么？" },
                    { en = "AF is 0 in the last entry, of level 3.", zh = "最后一项里 AF 是 0，它在第 3 级。" },
                    { en = "{access} plus 3.", zh = "{access} 加 3。" },
                },
            }
            m.expect(count(r, "entry_mark"), 0, "the MMU writes no entry")
            m.bind { marks = count(r, "entry_mark"), faults = count(r, "page_fault"), set = find(r, "entry_write").new }
            m.after {
                en = "Faults {faults}, entries written by the MMU {marks}; the kernel wrote {set:hex}. x86's MMU always sets A, RISC-V's with ADUE, Arm's with an extension (FEAT_HAFDBS) that this CPU lacks.",
                zh = "异常 {faults} 次，MMU 写表项 {marks} 次，{set:hex} 是内核写的。x86 的 MMU 总会置 A；RISC-V 要有 ADUE；Arm 要有扩展 FEAT_HAFDBS，这个 CPU 没有。",
            }
        end,
        function(m)
            m.title { en = "How far it came", zh = "走到了哪一级" }
            m.view "tree"
            m.mmap(FAR, m.geometry().page, "rw")
            m.bind { va = FAR, translation = TRANSLATION, heap = HEAP, span = 1 << m.geometry().levels[2].shift }
            m.say {
                en = "A new area at {va:hex}. An entry of the root is shared with the heap at {heap:hex}, but an entry of L1 spans {span:size}, and this one is not the heap's. The program writes there.",
                zh = "{va:hex} 有一片新区域。根表的那一项和 {heap:hex} 的堆共用；L1 的一项管 {span:size}，这里的一项就不是堆的那一项了。程序去写。",
            }
            m.ask {
                id = "level",
                op = { "write", FAR, 1, { size = 1 } },
                before = "page_fault",
                text = { en = "Which number is in ESR?", zh = "ESR 里是哪个号码？" },
                answer = function(r) return r.event and r.event.error end,
                wrong = {
                    { value = TRANSLATION, because = { en = "The root's entry is there: the heap came by it.", zh = "根表那一项在：堆就是经它走的。" } },
                    { value = TRANSLATION + 3, because = { en = "The walk does not come to level 3.", zh = "走不到第 3 级。" } },
                    { value = O.X86_WRITE_ABSENT, because = { en = "x86's code: write, user, absent. It does not tell the level.", zh = "这是 x86 的码：写、用户态、不在。它不说第几级。" } },
                },
                right = { en = "Translation fault, level 1. That it was a write stands in another bit of ESR.", zh = "转换异常，第 1 级。这次是写，写在 ESR 的另一位里。" },
                hints = {
                    { en = "Which entries on the way are filled?", zh = "一路上哪些项填了？" },
                    { en = "L0 is; the one of L1 is empty.", zh = "L0 那项填了，L1 那项空着。" },
                    { en = "{translation} plus the level of the empty one.", zh = "{translation} 加上空项所在的级。" },
                },
            }
        end,
        function(m)
            m.title { en = "Under another number", zh = "换个编号" }
            m.view "tlb"
            local root = m.field("ttbr0")
            local function number(asid) return m.set("ttbr0", root | asid << 48) end
            m.flush()
            number(OWN)
            m.read(HEAP, { size = 1 })
            m.read(KERNEL, { size = 1, as = "kernel" })
            m.bind { asid = m.field("ttbr0") >> 48 }
            number(OTHER)
            m.bind { va = HEAP, kernel = KERNEL, other = m.field("ttbr0") >> 48, held = #m.tlb() }
            m.say {
                en = "Above the root, TTBR0 holds an ASID, kept with each translation. Under ASID {asid} the program and the kernel have read a page each: the TLB holds {held}. TTBR0 then got the same root, but ASID {other}. Loading drops nothing. The program reads {va:hex}.",
                zh = "TTBR0 里除了根，高位还有一个 ASID，每条翻译都记着它。ASID 是 {asid} 时，程序和内核各读过一页：TLB 里有 {held} 条。随后 TTBR0 装入同一个根，ASID 换成 {other}。装载什么也不丢。程序读 {va:hex}。",
            }
            local r = m.ask {
                id = "asid-program",
                op = { "read", HEAP, { size = 1 } },
                before = { "tlb_miss", 1 },
                text = { en = "How many table entries are read?", zh = "要读几个表项？" },
                answer = function(r) return count(r, "walk_read") end,
                wrong = {
                    { value = 0, because = { en = "The old translation is still there, but of ASID {asid}, and its entry has nG = 1: not for everybody.", zh = "原来那条还在，可它是 ASID {asid} 的，表项里 nG 是 1：不是人人能用。" } },
                    { value = 1, because = { en = "A TLB remembers whole walks. A miss begins at the root.", zh = "TLB 记的是整趟走表的结果；不中就从根走起。" } },
                },
                right = { en = "A miss, and all {answer} levels. The same page now stands in the TLB twice, under two numbers.", zh = "没命中，{answer} 级全走一遍。同一页现在在 TLB 里有两条，编号不同。" },
                hints = {
                    { en = "Whose is the translation in the TLB?", zh = "TLB 里那条翻译是谁的？" },
                    { en = "It has ASID {asid}; the CPU now looks for {other}.", zh = "它的 ASID 是 {asid}，CPU 现在找的是 {other}。" },
                    { en = "A miss: one read a level.", zh = "没命中：每级读一次。" },
                },
            }
            m.expect(count(r, "tlb_miss"), 1)
            m.ask {
                id = "asid-kernel",
                op = { "read", KERNEL, { size = 1, as = "kernel" } },
                before = { "tlb_hit", 1 },
                text = { en = "Then the kernel reads {kernel:hex}. How many now?", zh = "接着内核读 {kernel:hex}。这回读几个？" },
                answer = function(r) return count(r, "walk_read") end,
                wrong = {
                    { value = 3, because = { en = "So many if it missed. But its entry has nG = 0: global, for every ASID.", zh = "没命中才这么多。可它的表项 nG 是 0：全局，哪个 ASID 都能用。" } },
                    { value = 4, because = { en = "Not even on a miss: a block ends the walk one level early.", zh = "就算没命中也没这么多：块在上一级就到头了。" } },
                },
                right = { en = "None: nG = 0. The kernel is the same whoever runs, so its translations fit every ASID.", zh = "一个也不读：nG 是 0。谁在跑，内核都是那个内核，它的翻译哪个 ASID 都合用。" },
                hints = {
                    { en = "Is the kernel another one under another ASID?", zh = "换了 ASID，内核就不一样了吗？" },
                    { en = "nG means not global. Here it is 0.", zh = "nG 是“非全局”，这里是 0。" },
                    { en = "A hit.", zh = "命中。" },
                },
            }
            number(OWN)
            local back = m.read(HEAP, { size = 1 })
            m.expect(count(back, "tlb_hit"), 1, "the old entry waited")
            m.bind { back = count(back, "walk_read") }
            number(root >> 48)
            m.flush()
            m.after { en = "Back under ASID {asid} the program read again: {back} table reads. Its translation had waited.", zh = "换回 ASID {asid}，程序再读：查表 {back} 次。它那条翻译一直等着。" }
        end,
        function(m)
            m.title { en = "A block that forbids", zh = "不许碰的块" }
            m.view "entry"
            local walk = m.walk(KERNEL)
            local entry = walk.entries[#walk.entries]
            m.invlpg(KERNEL)
            m.bind { va = KERNEL, entry = entry.value, table = entry.table, span = walk.size, translation = TRANSLATION, permission = PERMISSION }
            m.say {
                en = "The kernel's memory is mapped by blocks of {span:size}. Bit 1 of {entry:hex} is 0: a block, and the walk ends in {table}. AP[1] is 0 as well. Now the program reads {va:hex}.",
                zh = "内核的内存用 {span:size} 的块来映射。{entry:hex} 的第 1 位是 0：这是块，走到 {table} 为止。AP[1] 也是 0。现在程序去读 {va:hex}。",
            }
            local r = m.ask {
                id = "block",
                op = { "read", KERNEL, { size = 1 } },
                before = "page_fault",
                text = { en = "Which number is in ESR?", zh = "ESR 里是哪个号码？" },
                answer = function(r) return r.event and r.event.error end,
                wrong = {
                    { value = PERMISSION + 3, because = { en = "A block has no level 3 below it.", zh = "块的下面没有第 3 级。" } },
                    { value = TRANSLATION + 2, because = { en = "It is mapped. The program just may not.", zh = "有映射，只是程序不许用。" } },
                    { value = O.X86_READ_PRESENT, because = { en = "x86's code: present, user. Here it would be a translation fault of level 1.", zh = "这是 x86 的码：在、用户态。在这里它是第 1 级的转换异常。" } },
                },
                right = { en = "Permission, level 2. The walk came to the end, and the end says no.", zh = "权限，第 2 级。路走到了头，头上写着不许。" },
                hints = {
                    { en = "Is something mapped there?", zh = "那里有映射吗？" },
                    { en = "Yes, but not for programs: permission, {permission}.", zh = "有，但不给程序：权限，{permission}。" },
                    { en = "{permission} plus the level of {table}.", zh = "{permission} 加 {table} 的级。" },
                },
            }
            m.bind { signal = find(r, "signal").signal, reads = count(r, "walk_read") }
            m.after { en = "Entries read: {reads}. No area of the program is there: {signal}.", zh = "读了 {reads} 个表项。程序在那里没有区域：{signal}。" }
        end,
        function(m)
            m.title { en = "Yours: one level deeper", zh = "你来：再深一级" }
            m.view "tree"
            m.switch(2)
            m.write(HEAP, 42, { size = 1 })
            m.bind { wanted = TRANSLATION + 2, near = NEAR, heap = HEAP, span = 1 << m.geometry().levels[3].shift }
            m.say {
                en = "That ended the program; the second one runs and has written its heap. An entry of L2 spans {span:size}. You may map what you like: mmap takes an address, a length and rights.",
                zh = "那个程序就此结束；第二个在跑，已经写过自己的堆。L2 的一项管 {span:size}。想映射什么都行：mmap 要一个地址、一个长度和权限。",
            }
            m.task {
                text = {
                    en = "Make the program fault with number {wanted}, translation fault at level 2, and go on afterwards.",
                    zh = "让程序触发号码 {wanted} 的异常，即第 2 级的转换异常，之后还能继续。",
                },
                goal = function(r)
                    local fault = find(r, "page_fault")
                    return fault ~= nil and fault.error == TRANSLATION + 2 and not find(r, "signal")
                end,
                solution = function(m) return { "mmap " .. hex(NEAR) .. " " .. m.geometry().page .. " rw", "write " .. hex(NEAR) .. " 1" } end,
                hints = {
                    { en = "L0 and L1 must be shared with something used, L2 not.", zh = "L0 和 L1 的项要和用过的地址共用，L2 的不能。" },
                    { en = "An address a few MiB from the heap at {heap:hex}.", zh = "找一个离 {heap:hex} 的堆几 MiB 的地址。" },
                    { en = "mmap {near:hex} 4096 rw, then write {near:hex} 1.", zh = "先 mmap {near:hex} 4096 rw，再 write {near:hex} 1。" },
                },
            }
            m.after {
                en = "Three makers, one walker: a root, tables of one page, an entry a level. What differs is who marks, what a 1 means, and what a fault tells. Take along: whose table changes when a page moves?",
                zh = "三家的 CPU，同一种走法：一个根，每张表一页，每级一项。不同的是谁来记、1 是什么意思、异常说些什么。带走一个问题：一页搬了家，要改谁的表？",
            }
        end,
    },
}
