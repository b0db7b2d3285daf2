-- pcid.lua - what a switch does to the TLB: homonyms, the flush and its price, global pages, tags (SDM vol. 3A, 4.10.1, 4.10.2.4, 4.10.4.1).
-- The processes are the two oldest; both use the first pages of their heaps, which lie at the same addresses.
local PAGES = 4
local ONES, TWOS = 0xa1, 0xb2     -- what each keeps in its first page
local USERS = 0x800               -- bit of a PCID: the view without the kernel
local KERNEL = 0xffff888000001000 -- a byte in the kernel's map of all memory

local function couple(m)
    local all = m.pids()
    return all[1], all[2]
end

local function heap(m, n)
    for _, a in ipairs(m.process(m.pids()[1]).areas) do
        if a.kind == "heap" then return a.start + n * m.geometry().page end
    end
end

local function read_all(m)
    for n = 0, PAGES - 1 do m.read(heap(m, n), { size = 1 }) end
end

-- TLB entries with this tag, global ones not counted.
local function tagged(m, asid)
    local n = 0
    for _, e in ipairs(m.tlb()) do
        if e.asid == asid and not e.global then n = n + 1 end
    end
    return n
end

-- Misses of one more round over the working set, as a clone's question would count them: by the TLB's own totals.
local function misses_of(m, f)
    local before = m.tlb().misses
    f(m)
    return m.tlb().misses - before
end

local BYTES = {
    ones = { en = "the byte of the other process", zh = "对方的字节" },
    twos = { en = "its own byte", zh = "自己的字节" },
    fault = { en = "nothing: a page fault ends it", zh = "读不到：缺页，被终止" },
    zero = { en = "a zero", zh = "一个零" },
}

local function whose(r)
    return r.kind == "signal" and "fault" or r.value == ONES and "ones" or r.value == TWOS and "twos" or "zero"
end

return lesson {
    id = "pcid",
    part = "tlb",
    title = { en = "Whose page is this?", zh = "这是谁的页？" },
    rows = { "C6", "C7", "C9", "C14" },
    needs = { "tlb" },
    machine = "pcid",
    breaks = { "L1" }, -- the first page: a switch that leaves the TLB as it is
    minutes = 16,
    steps = {
        step {
            title = { en = "One name, two pages", zh = "同名不同页" },
            view = "tlb",
            prepare = function(m)
                m.spawn()
                local two = m.spawn().value
                local one = m.pid()
                for n = 0, PAGES - 1 do m.write(heap(m, n), ONES, { size = 1 }) end
                m.switch(two)
                for n = 0, PAGES - 1 do m.write(heap(m, n), TWOS, { size = 1 }) end
                m.switch(one)
                m.read(heap(m, 0), { size = 1 })
                m.set("no-flush-on-switch", 1)
                m.switch(two)
            end,
            bind = function(m)
                local one, two = couple(m)
                return { va = heap(m, 0), one = one, two = two, first = ONES, second = TWOS }
            end,
            text = {
                en = [[Processes {one} and {two} both use address {va:hex}. Process {one} keeps {first:hex} there, process {two} {second:hex}, in frames of
                    their own. The TLB has just noted the page for {one}. Now {two} runs: CR3 names its tables, and suppose that is all a switch does.]],
                zh = [[进程 {one} 和 {two} 都用地址 {va:hex}，各有各的页框：{one} 存的是 {first:hex}，{two} 存的是 {second:hex}。TLB 刚替 {one} 记下这一页。
                    现在轮到 {two} 运行：CR3 已指向它的页表。假设切换就到此为止。]],
            },
            ask = {
                id = "homonym",
                op = function(m) return { "read", heap(m, 0), { size = 1 } } end,
                before = { "access", 1 },
                text = { en = "Process {two} reads {va:hex}. What does it get?", zh = "进程 {two} 读 {va:hex}，读到什么？" },
                answer = whose,
                words = BYTES,
                wrong = {
                    { value = "twos", because = { en = "Its tables say so. But on a hit nobody reads tables.", zh = "页表是这么说的，可命中了就没人读页表。" } },
                    { value = "fault", because = { en = "A hit with the right to read: what should fault?", zh = "命中了，权限也够，凭什么缺页？" } },
                    { value = "zero", because = { en = "Both pages were written long ago.", zh = "两页早就写过了。" } },
                },
                right = { en = "The entry says page and frame, not whose. A homonym: one name, two meanings.", zh = "那一项只写了页和页框，没写是谁的。这就是同名异义。" },
                hints = {
                    { en = "Who is asked first, the TLB or the tables?", zh = "先问 TLB，还是先问页表？" },
                    { en = "The TLB compares page numbers, and this one fits.", zh = "TLB 只比页号，而页号相符。" },
                    { en = "It hits the entry of process {one}.", zh = "命中的是进程 {one} 的那一项。" },
                },
            },
            after = {
                en = "Isolation, the whole point of having two address spaces, is gone. The pane marks the entry as stale: the tables in CR3 disagree.",
                zh = "两个地址空间图的就是隔离，这下全没了。面板把这一项标成过期：CR3 里的页表不认它。",
            },
        },
        function(m)
            local one, two = couple(m)
            m.title { en = "The cure, and its price", zh = "药方和药价" }
            m.view "tlb"
            m.set("no-flush-on-switch", 0)
            m.switch(one)
            read_all(m)
            m.bind { one = one, two = two, pages = PAGES, entries = tagged(m, 0), miss = #m.geometry().levels * m.field("dram_cycles") }
            m.say {
                en = [[That switch was broken on purpose; a real one does more. Process {one} has {pages} pages in use, all noted in the TLB. Now it is interrupted:
                    {two} runs for a moment and touches one page, then {one} goes on where it was.]],
                zh = [[刚才的切换是故意弄坏的，真正的切换不止于此。进程 {one} 有 {pages} 页正在用，TLB 全都记下了。这时它被打断：{two} 跑了一会儿，碰了一页，
                    又轮到 {one} 接着干。]],
            }
            m.ask {
                id = "refills",
                op = { "switch", two },
                before = { "cr3_load", 1 },
                text = { en = "Of the {pages} pages, how many must be walked for again?", zh = "这 {pages} 页里，有几页得重新走表？" },
                answer = function(r) return PAGES - tagged(r.m, 0) end,
                wrong = {
                    { quirk = "no-flush-on-switch", because = { en = "That was the machine of the first page. It was fast, and wrong.", zh = "那是第一页的机器，快是快，可惜是错的。" } },
                    { value = 1, because = { en = "The TLB does not know which page they have in common: all go.", zh = "TLB 不知道哪一页同名，只好全清。" } },
                    { value = function() return PAGES // 2 end, because = { en = "An entry does not say whose it is, so none can be spared.", zh = "条目上没写是谁的，哪一项也放不过。" } },
                },
                right = { en = "All {answer}: {miss} cycles each, after every switch. The flush is cheap, the refilling is not.", zh = "{answer} 页全要，每页 {miss} 个周期，次次切换都如此。清空不贵，填回来才贵。" },
                hints = {
                    { en = "How was the first page's mistake to be avoided?", zh = "第一页的错误，怎样才能避免？" },
                    { en = "Loading CR3 drops every entry that is not global.", zh = "装入 CR3 会清掉所有非全局的项。" },
                    { en = "Nothing is left, so all {pages}.", zh = "一项不剩，所以 {pages} 页全要。" },
                },
            }
            m.read(heap(m, 0), { size = 1 })
            m.switch(one)
            m.expect(misses_of(m, read_all), PAGES, "refilled page by page")
        end,
        function(m)
            local one, two = couple(m)
            m.title { en = "One page that all share", zh = "人人相同的页" }
            m.view "tlb"
            m.run { "read", KERNEL, { size = 1, as = "kernel" } }
            m.bind { one = one, two = two, kernel = KERNEL }
            m.say {
                en = [[The kernel has used {kernel:hex}, its own page, mapped at the same place in every address space. Its entry in the page table has
                    G = 1: global. Then the kernel switches from {one} to {two}.]],
                zh = [[内核用过 {kernel:hex}，那是它自己的页，在每个地址空间里都映在同一处。这一页的表项里 G = 1：全局。然后内核从 {one} 切到 {two}。]],
            }
            m.switch(two)
            m.ask {
                id = "global",
                op = { "read", KERNEL, { size = 1, as = "kernel" } },
                before = { "access", 1 },
                text = { en = "The kernel reads there again. What does the TLB say?", zh = "内核又去读那里，TLB 怎么说？" },
                answer = function(r) return count(r, "tlb_hit") == 1 and "hit" or "miss" end,
                words = { hit = { en = "a hit", zh = "命中" }, miss = { en = "a miss", zh = "未命中" } },
                wrong = {
                    { value = "miss", because = { en = "Loading CR3 spares global entries: their meaning does not depend on it.", zh = "装入 CR3 会放过全局项：它们的意思和 CR3 无关。" } },
                },
                right = { en = "No homonym is possible, so nothing need go. (On ARM it is the other way round: nG = 1 is not global.)", zh = "不可能同名异义，也就不必清。（ARM 正好相反：nG = 1 才是非全局。）" },
                hints = {
                    { en = "Could this entry ever be wrong for {two}?", zh = "这一项对 {two} 会有错吗？" },
                    { en = "The kernel's half is the same in all tables.", zh = "内核那一半，各家页表都一样。" },
                    { en = "It is still in the pane, with a G if there is room.", zh = "它还在面板里，地方够的话带个 G。" },
                },
            }
            m.set("cr4.pge", 0)
            m.run { "read", KERNEL, { size = 1, as = "kernel" } }
            m.ask {
                id = "no-pge",
                op = { "switch", one },
                before = { "cr3_load", 1 },
                text = { en = "CR4.PGE is 0 now, the byte was read again. Back to {one}: how many entries will be left?", zh = "现在 CR4.PGE 是 0，那个字节又读过一次。切回 {one}：会剩几项？" },
                answer = function(r) return #r.m.tlb() end,
                number = true,
                right = { en = "{answer}. G counts only while CR4.PGE is on.", zh = "{answer} 项。CR4.PGE 开着，G 才算数。" },
                hints = {
                    { en = "Is G honoured by itself?", zh = "G 自己就管用吗？" },
                    { en = "CR4.PGE decides whether the bit means anything.", zh = "G 有没有意义，由 CR4.PGE 决定。" },
                    { en = "Without it every entry goes.", zh = "不开，就一项不留。" },
                },
            }
            m.set("cr4.pge", 1)
        end,
        function(m)
            local one = couple(m)
            m.title { en = "Only into the kernel", zh = "只进内核一趟" }
            m.view "log"
            read_all(m)
            local before, brk = #m.tlb(), m.process().brk
            m.bind { one = one, before = before }
            m.say {
                en = "Process {one} has {before} entries again. It makes a system call: user mode, kernel mode, and back.",
                zh = "进程 {one} 又有了 {before} 项。它做一次系统调用：从用户态进内核态，再回来。",
            }
            m.ask {
                id = "mode-switch",
                op = { "brk", brk + m.geometry().page },
                before = { "syscall", 1 },
                text = { en = "How many entries does that cost?", zh = "这要损失几项？" },
                answer = function(r) return before - #r.m.tlb() end,
                wrong = {
                    { value = function() return before end, because = { en = "That is a switch of address spaces. Here CR3 stays.", zh = "那是换地址空间。这回 CR3 没动。" } },
                    { value = 1, because = { en = "The kernel uses its own pages; they are not in the way.", zh = "内核用的是自己的页，碍不着谁。" } },
                    { value = function() return 2 * before end, because = { en = "That is the price of a kernel with tables of its own (KPTI) and no tags: CR3 on the way in and out.", zh = "那是内核另有一套页表（KPTI）而又没有标签的价钱：进出各装一次 CR3。" } },
                },
                right = { en = "{answer}. Changing the mode is not changing the tables: the kernel's half is there all the time, closed by U = 0.", zh = "{answer} 项。换模式不等于换页表：内核那一半一直都在，用 U = 0 关着门。" },
                hints = {
                    { en = "Is CR3 loaded?", zh = "装入 CR3 了吗？" },
                    { en = "The kernel is mapped in this address space too.", zh = "这个地址空间里也映着内核。" },
                    { en = "No CR3, no flush.", zh = "不动 CR3，就不清。" },
                },
            }
            m.card {
                claim = { en = "Every entry into the kernel flushes the TLB.", zh = "每次进内核都会清 TLB。" },
                truth = {
                    en = "The log has no cr3_load and no tlb_flush. Only kernels that hide themselves in tables of their own (KPTI) load CR3 on each way.",
                    zh = "日志里没有 cr3_load，也没有 tlb_flush。只有把自己藏进另一套页表（KPTI）的内核，进出才要装 CR3。",
                },
            }
        end,
        function(m)
            local one = couple(m)
            m.title { en = "Only another thread", zh = "只换线程" }
            m.view "tlb"
            local thread = m.thread().value
            read_all(m)
            local before = tagged(m, 0)
            m.bind { one = one, thread = thread, before = before }
            m.say {
                en = "Process {one} has started a second thread, task {thread}. It has a stack and registers of its own, and the {before} pages in the TLB are in use. The kernel lets the thread run.",
                zh = "进程 {one} 又开了一个线程，任务 {thread}。它有自己的栈和寄存器。TLB 里的 {before} 页正用着。内核换这个线程来跑。",
            }
            local r = m.ask {
                id = "thread-switch",
                op = { "switch", thread },
                before = { "switched", 1 },
                text = { en = "How many of the {before} entries does that cost?", zh = "这 {before} 项要损失几项？" },
                answer = function(r) return before - tagged(r.m, 0) end,
                wrong = {
                    { value = function() return before end, because = { en = "That is the price of another address space. Both threads use the same tables.", zh = "那是换地址空间的价钱。两个线程用同一套页表。" } },
                    { value = 1, because = { en = "Its stack is another page, but of the same address space.", zh = "它的栈是另一页，可还在同一个地址空间里。" } },
                    { value = function() return before // 2 end, because = { en = "Nothing is divided: threads share all translations.", zh = "没有什么要分：线程共用全部翻译。" } },
                },
                right = { en = "{answer}. Same tables, so CR3 need not be loaded. That is one reason why threads are cheap.", zh = "{answer} 项。页表没变，CR3 不用装。线程便宜，这是原因之一。" },
                hints = {
                    { en = "Which tables does the thread use?", zh = "线程用哪套页表？" },
                    { en = "Those of its process: CR3 has the right value already.", zh = "用进程的：CR3 里已经是对的。" },
                    { en = "No CR3, no flush.", zh = "不动 CR3，就不清。" },
                },
            }
            m.expect(count(r, "cr3_load"), 0, "CR3 stays")
            m.switch(one)
        end,
        function(m)
            m.title { en = "A kernel in hiding", zh = "躲起来的内核" }
            m.view "tlb"
            m.set("kpti", 1)
            read_all(m)
            m.bind { pages = PAGES, kernel = KERNEL, miss = #m.geometry().levels * m.field("dram_cycles") }
            m.say {
                en = [[In 2018 it turned out that a program can guess what stands behind U = 0 (Meltdown). Since then kernels hide: the program runs under a second root, in which the
                    kernel's half is absent; look for {kernel:hex} in the tree. The {pages} pages are in the TLB. The program makes a call that does nothing.]],
                zh = [[2018 年发现：U = 0 后面是什么，程序猜得出来（Meltdown）。从此内核躲了起来：程序用第二个根表，里面没有内核那一半；在页表树里找找 {kernel:hex}。
                    那 {pages} 页都在 TLB 里。程序做一次什么也不干的系统调用。]],
            }
            local r = m.ask {
                id = "kpti",
                op = { "syscall" },
                before = { "cr3_load", 1 },
                text = { en = "Without tags: how many of its {pages} entries are left when it comes back?", zh = "没有标签：回来的时候，它那 {pages} 项还剩几项？" },
                answer = function(r) return tagged(r.m, 0) end,
                wrong = {
                    { value = PAGES, because = { en = "That was the kernel in plain sight: CR3 stayed. This one has tables of its own.", zh = "那是不躲的内核：CR3 不动。这一个另有页表。" } },
                    { value = 1, because = { en = "An entry does not say under which root it was made.", zh = "条目上没写是哪个根表下填的。" } },
                    { value = PAGES // 2, because = { en = "All of them go, both ways.", zh = "一来一回，全清。" } },
                },
                right = { en = "{answer}. CR3 is loaded on the way in and once more on the way out, and each load drops everything. {pages} walks of {miss} cycles, after every call.", zh = "{answer} 项。进去装一次 CR3，出来再装一次，次次全清。每次调用之后，走 {pages} 趟表，每趟 {miss} 个周期。" },
                hints = {
                    { en = "The kernel is not in the tables the program uses. What must it load first?", zh = "程序用的页表里没有内核。内核一进来先得装什么？" },
                    { en = "CR3. And without tags that drops what is not global.", zh = "CR3。没有标签，非全局的就全清了。" },
                    { en = "Nothing is left.", zh = "一项不剩。" },
                },
            }
            m.expect(count(r, "cr3_load"), 2, "in and out")
            m.expect(misses_of(m, read_all), PAGES, "refilled after the call")
            m.set("kpti", 0)
            m.set("cr4.pge", 1)
        end,
        function(m)
            local one, two = couple(m)
            m.title { en = "A name tag", zh = "挂上名牌" }
            m.view "tlb"
            m.set("cr4.pcide", 1)
            read_all(m)
            m.switch(two)
            read_all(m)
            m.bind { one = one, two = two, pages = PAGES, va = heap(m, 0) }
            m.say {
                en = [[With CR4.PCIDE the lowest 12 bits of CR3 are a PCID, and every entry carries the one it was made under: the column asid. Both
                    processes have read their {pages} pages, {two} last. {va:hex} is in the TLB twice now. Back to {one}.]],
                zh = [[打开 CR4.PCIDE，CR3 的低 12 位就是 PCID，每一项都带着填入时的那个号：asid 那一列。两个进程都读过自己的 {pages} 页，{two} 在后。
                    {va:hex} 在 TLB 里出现了两次。现在切回 {one}。]],
            }
            m.switch(one)
            m.ask {
                id = "tagged-byte",
                op = { "read", heap(m, 0), { size = 1 } },
                before = { "access", 1 },
                text = { en = "Process {one} reads {va:hex}. What happens?", zh = "进程 {one} 读 {va:hex}，会怎样？" },
                answer = function(r)
                    local hit = count(r, "tlb_hit") == 1
                    return hit and (r.value == ONES and "right" or "wrong") or "walk"
                end,
                words = {
                    right = { en = "a hit, and its own byte", zh = "命中，而且是自己的字节" },
                    wrong = { en = "a hit, and the other's byte", zh = "命中，却是对方的字节" },
                    walk = { en = "a miss and a walk", zh = "未命中，重新走表" },
                },
                wrong = {
                    { value = "walk", because = { en = "Bit 63 of the value loaded was 1: keep what you know.", zh = "装入的值第 63 位是 1：知道的都留着。" } },
                    { value = "wrong", because = { en = "The tag is compared along with the page number.", zh = "标签会和页号一起比对。" } },
                },
                right = { en = "Two processes, one TLB, no mistake and no refill.", zh = "两个进程共用一个 TLB，不出错，也不用重填。" },
                hints = {
                    { en = "Which of the two entries fits now?", zh = "两项里，现在该认哪一项？" },
                    { en = "The one whose tag is the PCID in CR3.", zh = "标签等于 CR3 里 PCID 的那一项。" },
                    { en = "Tag {one}: it stayed, and its frame is the right one.", zh = "标签 {one}：它没被清，页框也对。" },
                },
            }
            m.expect(misses_of(m, read_all), 0, "nothing to refill")
            m.bind { cr3 = m.field("cr3") }
            m.card {
                claim = { en = "The PCID is the process's number.", zh = "PCID 就是进程号。" },
                truth = {
                    en = "CR3 is {cr3:hex} now: root and PCID. Our kernel takes the same number, for it is short of ideas. There are 4096; Linux uses six per CPU and gives them out anew. Threads share one: it belongs to the address space.",
                    zh = "现在 CR3 是 {cr3:hex}：根表加 PCID。我们的内核图省事，才用了同一个号。PCID 只有 4096 个；Linux 每个 CPU 只用六个，轮流发。线程共用一个：它属于地址空间。",
                },
            }
        end,
        function(m)
            local one, two = couple(m)
            m.title { en = "Bit 63", zh = "第 63 位" }
            m.view "tlb"
            m.set("switch_keeps", 0)
            m.bind { one = one, two = two, mine = tagged(m, one), others = tagged(m, two) }
            m.say {
                en = [[Tagging alone keeps nothing. When CR3 is loaded, bit 63 says whether entries of the PCID loaded may stay. This kernel now leaves it 0. The TLB
                    holds {mine} entries of {one}, which runs, and {others} of {two}. The kernel switches to {two}.]],
                zh = [[光有标签并不等于保留。装入 CR3 时，第 63 位说明：所装 PCID 的那些项可不可以留。现在这个内核让它是 0。TLB 里有 {one}（正在运行）的 {mine} 项，
                    {two} 的 {others} 项。内核切到 {two}。]],
            }
            m.ask {
                id = "bit-63",
                op = { "switch", two },
                before = { "tlb_flush", 1 },
                text = { en = "Whose entries go?", zh = "谁的项会清掉？" },
                answer = function(r)
                    local a, b = tagged(r.m, one), tagged(r.m, two)
                    return a == 0 and b == 0 and "all" or a == 0 and "goes" or b == 0 and "comes" or "none"
                end,
                words = {
                    goes = { en = "those of the process that goes", zh = "走的那个进程的" },
                    comes = { en = "those of the process that comes", zh = "来的那个进程的" },
                    all = { en = "everybody's", zh = "所有人的" },
                    none = { en = "nobody's", zh = "谁的也不清" },
                },
                wrong = {
                    { value = "goes", because = { en = "It may come back with its entries intact; the order is about the PCID in the value.", zh = "它的项原封不动等它回来；这道命令说的是值里的那个 PCID。" } },
                    { quirk = "no-flush-on-switch", because = { en = "That needs bit 63 = 1.", zh = "那得第 63 位是 1。" } },
                    { value = "all", because = { en = "That was the rule without tags.", zh = "那是没有标签时的规矩。" } },
                },
                right = { en = "Those of the PCID that is loaded, before it starts. So a number can be given to somebody new.", zh = "清的是要装入的 PCID，在它开跑之前。这样号码才能转手给新人。" },
                hints = {
                    { en = "Which PCID does the instruction name?", zh = "这条指令提到的是哪个 PCID？" },
                    { en = "The value loaded holds root and PCID of {two}.", zh = "装入的值里是 {two} 的根表和 PCID。" },
                    { en = "It concerns the one that comes.", zh = "它管的是来的那个。" },
                },
            }
        end,
        function(m)
            m.title { en = "Two tags for one process", zh = "一个进程两块名牌" }
            m.view "tlb"
            m.set("switch_keeps", 1)
            m.set("kpti", 1)
            read_all(m)
            local running = m.pid()
            m.bind { pages = PAGES, pid = running, cr3 = m.field("cr3"), mine = bits(m.field("cr3"), 11, 0), users = USERS }
            m.say {
                en = [[The hiding kernel once more, this time with tags. Process {pid} runs under PCID {mine}: its number plus {users}, for the root without the kernel; the
                    number alone is for the root with it. Again a call that does nothing.]],
                zh = [[还是躲起来的内核，这回有标签。进程 {pid} 的 PCID 是 {mine}：它的号加 {users}，表示不带内核的根表；光是号，就是带内核的。再做一次空的系统调用。]],
            }
            local r = m.ask {
                id = "kpti-tags",
                op = { "syscall" },
                before = { "cr3_load", 1 },
                text = { en = "How many of its {pages} entries are left this time?", zh = "这回那 {pages} 项还剩几项？" },
                answer = function(r) return tagged(r.m, running | USERS) end,
                wrong = {
                    { value = 0, because = { en = "That was without tags. Bit 63 is set, and the kernel's view has a tag of its own.", zh = "那是没有标签。第 63 位是 1，而且内核那一面另有标签。" } },
                    { value = 1, because = { en = "Why one? Two loads of CR3 that keep everything.", zh = "怎么会是一项？两次装 CR3，都不清。" } },
                    { value = PAGES // 2, because = { en = "The two views do not share the entries; each has its own.", zh = "两面并不平分条目，各有各的。" } },
                },
                right = { en = "All {answer}. CR3 is still loaded twice, but nothing goes: tags made hiding bearable.", zh = "{answer} 项全在。CR3 照样装两次，可什么也没清：有了标签，躲起来才受得了。" },
                hints = {
                    { en = "What does loading CR3 drop when bit 63 is 1?", zh = "第 63 位是 1 时，装 CR3 清掉什么？" },
                    { en = "Nothing.", zh = "什么也不清。" },
                    { en = "They all carry PCID {mine}, and it is loaded again on the way out.", zh = "它们都带着 PCID {mine}，出来时又装回来了。" },
                },
            }
            m.expect(count(r, "cr3_load"), 2, "in and out")
            m.expect(misses_of(m, read_all), 0, "nothing to refill")
            m.set("kpti", 0)
            m.set("cr4.pge", 1)
        end,
        function(m)
            local one, two = couple(m)
            m.title { en = "One of many", zh = "只丢一项" }
            m.view "tlb"
            m.set("switch_keeps", 1)
            read_all(m)
            m.switch(one)
            read_all(m)
            m.bind { one = one, two = two, va = heap(m, 0), mine = tagged(m, one), others = tagged(m, two) }
            m.say {
                en = [[Process {one} runs; both have their pages in the TLB. The kernel has taken {va:hex} away from {two}, so that one entry must go. INVLPG only knows
                    the PCID that runs; INVPCID takes one.]],
                zh = [[进程 {one} 在运行，两家的页都在 TLB 里。内核收回了 {two} 的 {va:hex}，所以那一项得清掉。INVLPG 只认正在运行的 PCID；INVPCID 可以指定。]],
            }
            m.task {
                text = {
                    en = "Drop the entry of {va:hex} that belongs to {two}. All others stay: {mine} of {one}, and the rest of {two}. Let {one} run at the end.",
                    zh = "清掉 {two} 的 {va:hex} 那一项。其余都留着：{one} 的 {mine} 项，还有 {two} 剩下的。最后让 {one} 在运行。",
                },
                goal = function(r)
                    return r.m.pid() == one and tagged(r.m, one) == PAGES and tagged(r.m, two) == PAGES - 1 and count(r, "tlb_drop") > 0
                end,
                solution = function(m) return { "invpcid 0 " .. two .. " " .. hex(heap(m, 0)) } end,
                hints = {
                    { en = "Type : and look at invpcid in the list of operations.", zh = "按 :，看操作表里的 invpcid。" },
                    { en = "Type 0 drops one address of one PCID.", zh = "类型 0 清某个 PCID 的一个地址。" },
                    { en = "invpcid 0, then {two}, then {va:hex}.", zh = "invpcid 0，接着 {two}，再接 {va:hex}。" },
                },
            }
            m.after {
                en = [[You can say what a switch costs with and without tags, and why. One question to take along: the kernel had to remember {two}'s entry. What if
                    it forgets?]],
                zh = [[带不带标签，一次切换要花多少、为什么，你都说得清了。带走一个问题：刚才是内核记得去清 {two} 的那一项。要是忘了呢？]],
            }
        end,
    },
}
