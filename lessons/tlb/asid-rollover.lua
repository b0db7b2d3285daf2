-- asid-rollover.lua - fewer tags than address spaces: numbers are handed out, a generation ends when none is left, each CPU flushes once, and
-- what runs keeps its number (Linux, arch/arm64/mm/context.c). The machine has tags of two bits.
local CROWD = 5    -- processes
local MARK = 0xa0  -- process n keeps MARK + n in the first page of its heap
local TURNS = 20   -- switches of a round
local ARM_BITS = 16 -- of an ASID on most AArch64 processors

local function heap(m)
    for _, a in ipairs(m.process(m.pids()[1]).areas) do
        if a.kind == "heap" then return a.start end
    end
end

-- The number a CPU runs under.
local function number(m, cpu) return bits(m.field("cr3", cpu or 0), 11, 0) end

-- Entries that are not global.
local function known(m, cpu)
    local n = 0
    for _, e in ipairs(m.tlb(cpu or 0)) do
        if not e.global then n = n + 1 end
    end
    return n
end

-- The process after the one that runs on CPU 0, in a circle, that runs nowhere.
local function next_in_turn(m)
    local pid = m.pid()
    repeat pid = pid % CROWD + 1 until pid ~= m.pid(1)
    return pid
end

local function touch(m) return m.write(heap(m), MARK + m.pid(), { size = 1 }) end

-- CPU 0 goes round until no number is left; the switch that found out.
local function roll(m)
    for _ = 1, 2 * CROWD do
        local r = m.switch(next_in_turn(m))
        if count(r, "asid_rollover") > 0 then return r end
    end
end

local function given(r)
    local e = find(r, "asid_given") or find(r, "asid_kept")
    return e and e.number
end

local DUTY = {
    tlb_flush = { en = "the TLB is flushed", zh = "清空 TLB" },
    cr3_load = { en = "CR3 is loaded", zh = "装入 CR3" },
    asid_given = { en = "the address space gets a number", zh = "给地址空间发号" },
    tlb_drop = { en = "one entry is dropped with INVLPG", zh = "用 INVLPG 清掉一项" },
}

local function process(n) return { en = "process " .. n, zh = "进程 " .. n } end

return lesson {
    id = "asid-rollover",
    part = "tlb",
    title = { en = "Running out of numbers", zh = "号码不够用" },
    rows = { "C8" },
    needs = { "pcid" },
    machine = "asid",
    breaks = { "L1" }, -- a kernel that gives numbers out again and flushes nothing
    minutes = 12,
    steps = {
        step {
            title = { en = "Three numbers, five processes", zh = "三个号，五个进程" },
            view = "tlb",
            prepare = function(m)
                for _ = 1, CROWD do m.spawn() end
                touch(m)
                for pid = 2, 3 do
                    m.switch(pid)
                    touch(m)
                end
            end,
            bind = function(m)
                local last = (1 << 2) - 1
                return { crowd = CROWD, last = last, running = m.pid(), new = CROWD - 1, entries = known(m) }
            end,
            text = {
                en = [[A tag tells whose a TLB entry is. On this machine a tag has two bits: 1 to {last}, and 0 is the kernel's own. There are {crowd} processes. Three have
                    run and got a number each; their pages stand side by side. Process {running} is running. Now process {new} comes for the first time.]],
                zh = [[标签说明 TLB 里一项是谁的。这台机器的标签只有两位：1 到 {last}，0 归内核自己。进程有 {crowd} 个。三个跑过，各得一个号，页并排放着。
                    进程 {running} 正在运行。现在进程 {new} 头一回上来。]],
            },
            ask = {
                id = "fourth",
                op = { "switch", CROWD - 1 },
                before = { "asid_rollover", 1 },
                text = { en = "Which number does it get?", zh = "它得几号？" },
                answer = given,
                wrong = {
                    { value = CROWD - 1, because = { en = "Two bits cannot say {new}.", zh = "两位写不出 {new}。" } },
                    { value = 3, because = { en = "Process {running} is using that one: its CPU has it in CR3 at this moment. It stays.", zh = "那个号进程 {running} 正用着：此刻就在 CPU 的 CR3 里。得留着。" } },
                    { value = 0, because = { en = "That is the kernel's. Several processes under one tag: then why have tags?", zh = "那是内核的。几个进程共用一个标签，还要标签干什么？" } },
                },
                right = {
                    en = "{answer}, once more. A new generation begins, all numbers are free but those in use, and the TLB is flushed, or the page of process {answer} would be taken for the newcomer's.",
                    zh = "又是 {answer} 号。新的一代开始：除了正用着的，号全部收回；TLB 也要清空，不然进程 {answer} 的页就会被当成新来的。",
                },
                hints = {
                    { en = "Somebody's number must be given out a second time. Whose can it not be?", zh = "总有一个号得再发一次。谁的不行？" },
                    { en = "Not that of the process that is running: its CPU is using it.", zh = "正在运行的那个不行：CPU 正用着。" },
                    { en = "The lowest of the others.", zh = "其余里最小的。" },
                },
            },
            after = {
                en = "One flush of this CPU, after three switches without any. The lines below the TLB show who has which number, and from which generation.",
                zh = "换了三次都没清，这回清了一次。TLB 下面几行写着：谁是几号，是哪一代发的。",
            },
        },
        function(m)
            m.title { en = "Too old", zh = "过期的号" }
            m.view "tlb"
            m.bind { new = m.pid(), old = 1, kept = 3 }
            m.say {
                en = [[Nobody has gone through the processes to take their numbers away. Each address space still has the one it got, with the generation in which it got it. Process
                    {old} comes back and shows a number of generation 1.]],
                zh = [[没有谁去挨个收号。每个地址空间还拿着当初发的号，上面写着是哪一代发的。进程 {old} 回来了，亮出的是第 1 代的号。]],
            }
            local r = m.ask {
                id = "return",
                op = { "switch", 1 },
                before = { "asid_given", 1 },
                text = { en = "Which number does process {old} run under now?", zh = "进程 {old} 现在用几号？" },
                answer = given,
                wrong = {
                    { value = 1, because = { en = "That belongs to process {new} in this generation.", zh = "这一代，那是进程 {new} 的。" } },
                    { value = 3, because = { en = "Kept for process {kept}, which had it when the generation began, for the whole generation.", zh = "给进程 {kept} 留着：换代时它正用着，这一代就一直是它的。" } },
                    { value = 4, because = { en = "There is no such number.", zh = "没有这个号。" } },
                },
                right = { en = "{answer}, the next free one. A comparison of generations at each switch is all it takes.", zh = "{answer} 号，下一个空着的。每次切换比一下代数，就够了。" },
                hints = {
                    { en = "Is its old number still free?", zh = "它原来的号还空着吗？" },
                    { en = "1 is taken, 3 is kept.", zh = "1 号发出去了，3 号留着。" },
                    { en = "One of three is left.", zh = "三个里剩一个。" },
                },
            }
            m.expect(count(r, "tlb_flush"), 0, "no flush: this CPU has had its own")
            m.after {
                en = "And no flush: this CPU has had its own for this generation, so nothing in it can be of an older one.",
                zh = "也没清 TLB：这个 CPU 这一代已经清过，里面不会有旧的了。",
            }
        end,
        function(m)
            m.title { en = "What it costs", zh = "代价" }
            m.view "log"
            local flushes = 0
            for _ = 1, TURNS do
                flushes = flushes + count(m.switch(next_in_turn(m)), "tlb_flush")
                touch(m)
            end
            m.bind { crowd = CROWD, turns = TURNS, flushes = flushes, bits = ARM_BITS, all = 1 << ARM_BITS }
            m.say {
                en = [[Meanwhile the {crowd} processes took turns, {turns} switches. Without tags that is {turns} flushes. With three numbers it was {flushes}. Real tags are longer:
                    {bits} bits on most ARM processors.]],
                zh = [[这会儿 {crowd} 个进程轮流跑，切换了 {turns} 次。没有标签，要清 {turns} 次；有三个号，清了 {flushes} 次。真实的标签更长：多数 ARM 处理器是 {bits} 位。]],
            }
            m.ask {
                id = "sixteen",
                text = { en = "How many address spaces can run there before the first roll-over?", zh = "在那里，能跑多少个地址空间，才头一次换代？" },
                answer = function() return (1 << ARM_BITS) - 1 end,
                wrong = {
                    { value = 1 << ARM_BITS, because = { en = "One of the numbers is the kernel's own.", zh = "有一个号归内核自己。" } },
                    { value = (1 << 8) - 1, because = { en = "That is eight bits, the shorter form of ARM.", zh = "那是八位的，ARM 的短标签。" } },
                    { value = ARM_BITS, because = { en = "That is how many bits there are.", zh = "那是位数。" } },
                },
                right = { en = "{answer}. Roll-over is rare enough that it may be brutal.", zh = "{answer} 个。换代难得一次，粗暴点也无妨。" },
                hints = {
                    { en = "Two bits gave three numbers.", zh = "两位有三个号。" },
                    { en = "All patterns of {bits} bits, but for one.", zh = "{bits} 位的全部组合，去掉一个。" },
                    { en = "{all} less 1.", zh = "{all} 减 1。" },
                },
            }
            m.card {
                claim = { en = "At a roll-over the kernel clears the whole bitmap of numbers.", zh = "换代时，内核把号码位图全部清零。" },
                truth = {
                    en = "Not those in use: a CPU runs under its number while the generation changes under its feet. Step 1 showed it: 3 was not free.",
                    zh = "正用着的不清：换代时 CPU 还顶着那个号在跑。第 1 步就看到了：3 号没空出来。",
                },
            }
        end,
        function(m)
            m.title { en = "The other CPU", zh = "另一个 CPU" }
            m.view "tlb"
            local there = next_in_turn(m)
            m.switch(there, { cpu = 1 })
            m.write(heap(m), MARK + there, { size = 1, cpu = 1 })
            local mine = number(m, 1)
            roll(m)
            m.bind { there = there, mine = mine, va = heap(m) }
            m.say {
                en = [[CPU 1 has begun to run process {there}, under number {mine}, and has used {va:hex}. Then CPU 0 found no number left, and a generation began. Nobody has
                    interrupted CPU 1; it runs on.]],
                zh = [[CPU 1 跑起了进程 {there}，用 {mine} 号，碰过 {va:hex}。然后 CPU 0 发现号用完了，换了一代。没有谁打断 CPU 1，它照跑不误。]],
            }
            m.ask {
                id = "runs-on",
                op = { "read", heap(m), { size = 1, cpu = 1 } },
                before = { "access", 1 },
                text = { en = "CPU 1 reads {va:hex} once more. What happens?", zh = "CPU 1 又读 {va:hex}，会怎样？" },
                answer = function(r) return count(r, "tlb_hit") == 1 and (r.value == MARK + r.m.pid(1) and "right" or "wrong") or "walk" end,
                words = {
                    right = { en = "a hit, and its own byte", zh = "命中，是自己的字节" },
                    wrong = { en = "a hit, and another's byte", zh = "命中，是别人的字节" },
                    walk = { en = "a miss and a walk", zh = "未命中，走表" },
                },
                wrong = {
                    { value = "walk", because = { en = "Nothing made it flush yet; and nothing in its TLB is wrong for process {there}.", zh = "还没有什么让它清空；对进程 {there} 来说，它的 TLB 也没错。" } },
                    { value = "wrong", because = { en = "Its number was kept for it: nobody else has {mine}.", zh = "号给它留着：别人没有 {mine} 号。" } },
                },
                right = { en = "It keeps number and entries. It owes one flush, before its next switch.", zh = "号和小抄都留着。它欠一次清空，下次切换前还。" },
                hints = {
                    { en = "Who else could have number {mine} now?", zh = "现在还有谁会是 {mine} 号？" },
                    { en = "Nobody: numbers in use stay.", zh = "没有谁：正用着的号不动。" },
                    { en = "So its entry is still right.", zh = "所以它那一项还是对的。" },
                },
            }
            local after = next_in_turn(m)
            m.bind { after = after, before = known(m, 1) }
            m.ask {
                id = "owes",
                op = { "switch", after, { cpu = 1 } },
                before = { "tlb_flush", 1 },
                text = { en = "CPU 1 switches to process {after}. How many of its entries are left (global ones not counted)?", zh = "CPU 1 切到进程 {after}。它还剩几项（全局的不算）？" },
                answer = function(r) return known(r.m, 1) end,
                number = true,
                right = { en = "{answer}. Numbers it knows from the old generation may be somebody else's by now. One flush, not one for each roll-over missed.", zh = "{answer} 项。上一代的号，现在也许是别人的了。只清一次，错过几次换代都一样。" },
                hints = {
                    { en = "Can it tell which of its numbers were given out again?", zh = "哪些号又发出去了，它知道吗？" },
                    { en = "It only knows that a generation has begun.", zh = "它只知道换代了。" },
                    { en = "Everything goes.", zh = "全清。" },
                },
            }
        end,
        function(m)
            m.title { en = "Whose number is it?", zh = "号是谁的？" }
            m.view "tlb"
            local thread = m.thread().value
            m.bind { thread = thread, pid = m.pid(), here = number(m), crowd = CROWD }
            m.say {
                en = "Process {pid} on CPU 0 runs under number {here}. It has started a second thread, task {thread}, and CPU 1 is to run it.",
                zh = "CPU 0 上的进程 {pid} 用的是 {here} 号。它又开了一个线程，任务 {thread}，轮到 CPU 1 来跑。",
            }
            m.ask {
                id = "thread",
                op = { "switch", thread, { cpu = 1 } },
                before = { "cr3_load", 1 },
                text = { en = "Which number has CPU 1 in CR3 then?", zh = "那时 CPU 1 的 CR3 里是几号？" },
                answer = function(r) return number(r.m, 1) end,
                wrong = {
                    { value = function(r) return number(r.m) % 3 + 1 end, because = { en = "A number is for a set of tables, and both threads use the same.", zh = "号是跟着页表的，两个线程用同一套。" } },
                    { value = function() return thread end, because = { en = "That is the task's name for the kernel; it would not even fit.", zh = "那是内核里任务的编号，根本写不下。" } },
                    { value = 0, because = { en = "So it is when nobody runs.", zh = "没人运行时才是它。" } },
                },
                right = { en = "{answer} again. The number is kept in the address space; so it is in Linux: mm->context.id, not in task_struct.", zh = "还是 {answer} 号。号存在地址空间里；Linux 也是这样：在 mm->context.id，不在 task_struct。" },
                hints = {
                    { en = "What do two threads of a process share?", zh = "同一进程的两个线程共用什么？" },
                    { en = "The page tables, so every translation.", zh = "页表，也就是全部翻译。" },
                    { en = "The same number as on CPU 0.", zh = "和 CPU 0 上的一样。" },
                },
            }
        end,
        function(m)
            m.title { en = "A complaint", zh = "投诉" }
            m.view "log"
            m.switch(0, { cpu = 1 })
            m.set("no-flush-at-rollover", 1)
            local r, got
            repeat
                r = m.switch(next_in_turn(m))
                got = m.read(heap(m), { size = 1 })
            until got.value ~= MARK + m.pid()
            m.expect(count(r, "asid_rollover"), 1, "the last switch began a generation")
            local missing -- of the switch that began the generation
            for _, name in ipairs { "cr3_load", "asid_given", "tlb_flush" } do
                if count(r, name) == 0 then missing = name end
            end
            m.bind { victim = m.pid(), va = heap(m), own = MARK + m.pid(), got = got.value, number = number(m), mark = MARK }
            m.say {
                en = [[A line of the kernel was lost. For a while all went well. Now the user of process {victim} complains: at {va:hex} it kept {own:hex}, and it has just read
                    {got:hex}. (Process n of this lesson keeps {mark:hex} plus n.) It runs under number {number}.]],
                zh = [[内核里丢了一行。起初平安无事。现在进程 {victim} 的用户投诉：它在 {va:hex} 存的是 {own:hex}，刚才读出来却是 {got:hex}。（这一课里，进程 n 存的是 {mark:hex}
                    加 n。）它用的是 {number} 号。]],
            }
            m.ask {
                id = "whose",
                op = { "read", heap(m), { size = 1 } },
                before = { "tlb_hit", 1 },
                text = { en = "It reads there again. By whose page is the TLB misled? Look at the lines of numbers, and go back in time.", zh = "它又去读。TLB 把谁的页当成了它的？看看那几行号码，再往回翻。" },
                answer = function(r) return process(r.value - MARK) end,
                wrong = {
                    { value = function(r) return process(r.m.pid()) end, because = { en = "Its own page holds {own:hex}: nobody has written there.", zh = "它自己的页里是 {own:hex}，没人写过。" } },
                    { value = function(r) return process((r.value - MARK) % CROWD + 1) end, because = { en = "That one keeps another byte.", zh = "那个进程存的是别的字节。" } },
                },
                right = { en = "{answer} had number {number} in the generation before. The entry with that number is still there.", zh = "上一代，{number} 号是{answer}的。带着这个号的那一项还在。" },
                hints = {
                    { en = "Whose byte is {got:hex}?", zh = "{got:hex} 是谁的字节？" },
                    { en = "{got:hex} less {mark:hex}.", zh = "{got:hex} 减 {mark:hex}。" },
                    { en = "The process that had number {number} before.", zh = "先前用 {number} 号的那个进程。" },
                },
            }
            m.ask {
                id = "missing",
                op = { "read", heap(m), { size = 1 } },
                before = { "tlb_hit", 1 },
                text = { en = "Hunt it backwards: go to the last asid_rollover. What should stand between asid_rollover and cr3_load, and does not?", zh = "倒着追：退回到最近一次 asid_rollover。asid_rollover 和 cr3_load 之间本该有什么，却没有？" },
                answer = function() return missing end,
                words = DUTY,
                wrong = {
                    { value = "asid_given", because = { en = "The number was given; that is the trouble.", zh = "号是发了，麻烦就在这儿。" } },
                    { value = "cr3_load", because = { en = "It comes next: the tables are the right ones.", zh = "接下来就是：页表是对的。" } },
                    { value = "tlb_drop", because = { en = "No page has changed, so no page can be named.", zh = "没有哪一页变了，也就没有哪一页可点名。" } },
                },
                right = {
                    en = "The flush. Without it a number says whose an entry is, but of which generation it does not say: the hardware's tag has no room for that.",
                    zh = "清空 TLB。号说明是谁的，却不说明是哪一代的：硬件的标签里没地方写。",
                },
                hints = {
                    { en = "Compare with step 1.", zh = "和第 1 步比一比。" },
                    { en = "There the TLB forgot everything.", zh = "那时 TLB 全忘了。" },
                    { en = "tlb_flush.", zh = "tlb_flush。" },
                },
            }
        end,
        function(m)
            m.title { en = "Let the neighbour sleep", zh = "别惊动邻居" }
            m.view "tlb"
            m.set("no-flush-at-rollover", 0)
            m.flush()
            m.flush { cpu = 1 }
            roll(m)
            local there = next_in_turn(m)
            m.switch(there, { cpu = 1 })
            m.read(heap(m), { size = 1, cpu = 1 })
            local before, mine = known(m, 1), number(m, 1)
            m.bind { there = there, mine = mine, crowd = CROWD, before = before }
            m.say {
                en = "The line is back. CPU 1 runs process {there} under number {mine} and has its page in the TLB. CPU 0 is yours.",
                zh = "那一行补回来了。CPU 1 用 {mine} 号跑着进程 {there}，TLB 里有它的页。CPU 0 归你用。",
            }
            m.task {
                text = {
                    en = "Begin a new generation. CPU 1 must lose neither its number nor an entry.",
                    zh = "换一代。CPU 1 的号和小抄一样也不能丢。",
                },
                goal = function(r) return count(r, "asid_rollover") > 0 and r.m.pid(1) == there and number(r.m, 1) == mine and known(r.m, 1) == before end,
                solution = function(m)
                    local list, pid = {}, m.pid()
                    for _ = 1, CROWD + 1 do
                        repeat pid = pid % CROWD + 1 until pid ~= there
                        list[#list + 1] = "switch " .. pid
                    end
                    return list
                end,
                hints = {
                    { en = "When does a generation begin?", zh = "什么时候换代？" },
                    { en = "When a process comes that has no number and none is left.", zh = "来了个没号的进程，号又发完了。" },
                    { en = "Let CPU 0 run one process after the other, all but {there}.", zh = "让 CPU 0 一个接一个地跑其他进程，别碰 {there}。" },
                },
            }
            m.after {
                en = [[You can say how few tags serve many address spaces, who keeps a number and who must ask anew, and why each CPU flushes exactly once. One question to
                    take along: Linux on x86 takes six PCIDs per CPU and no generations shared by all. What does that save, and what does it lose?]],
                zh = [[少少几个标签怎么伺候许多地址空间，谁留号、谁重领，为什么每个 CPU 恰好清一次，你都说得清了。带走一个问题：x86 上的 Linux 每个 CPU 只用六个 PCID，
                    也没有大家共用的代数。这省了什么，又丢了什么？]],
            }
        end,
    },
}
