-- hit-and-fault.lua - one access as a conversation: five messages when the page is there, and what is said besides when it is not
-- (Bryant and O'Hallaron 9.3; Silberschatz 10.2.1). One level of tables, so that the conversation is as short as in the books.
local AT = 0x24    -- a byte in a page
local PROMISED = 6 -- pages of the program's own, one more than there are frames for
local FIRST = 1    -- the number of a machine's first process

local function area(m, kind)
    for _, a in ipairs(m.process(FIRST).areas) do
        if a.kind == kind then return a end
    end
end

local function data(m) return area(m, "data").start + AT end

-- The nth page of its own, from 0.
local function own(m, n) return area(m, "mmap").start + n * m.geometry().page + AT end

-- What CPU, MMU and memory say to each other for a read that ends well: an entry is asked for and answered.
local function messages(r)
    return count(r, "access") + 2 * count(r, "walk_read") + count(r, "translated") + count(r, "data_read")
end

local function does(r, actor)
    for _, e in ipairs(r.events) do
        if e.actor == actor then return true end
    end
    return false
end

-- The first of these events that follows another.
local function next_after(r, event, among)
    local past = false
    for _, e in ipairs(r.events) do
        if past and among[e.event] then return e.event end
        past = past or e.event == event
    end
end

-- Which of two events comes first.
local function first_of(r, among)
    for _, e in ipairs(r.events) do
        if among[e.event] then return e.event end
    end
end

local ACTORS = {
    cpu = { en = "the CPU", zh = "CPU" },
    mmu = { en = "the MMU", zh = "MMU" },
    kernel = { en = "the kernel", zh = "内核" },
}

local NEXT = {
    entry_write = { en = "the kernel writes the page's entry", zh = "内核改写这一页的页表项" },
    restart = { en = "the instruction runs again", zh = "那条指令重新执行" },
    tlb_fill = { en = "the MMU puts the page into the TLB", zh = "MMU 把这一页记进 TLB" },
    data_read = { en = "memory hands the byte to the CPU", zh = "内存把字节交给 CPU" },
}

local FIRST_MOVE = {
    swap_write = { en = "memory to disk: the old page goes out", zh = "内存到磁盘：旧页先出去" },
    swap_read = { en = "disk to memory: the wanted page comes in", zh = "磁盘到内存：要的页先进来" },
}

local ENDINGS = {
    signal = { en = "the process is told, and dies", zh = "进程收到信号，死掉" },
    done = { en = "the byte arrives after all", zh = "字节终究会送到" },
    blocked = { en = "it waits for the disk for ever", zh = "永远等着磁盘" },
}

return lesson {
    id = "hit-and-fault",
    part = "faults",
    title = { en = "Who says what to whom", zh = "谁对谁说了什么" },
    rows = { "B5" },
    needs = { "demand-paging" },
    machine = "toy16",
    minutes = 11,
    steps = {
        step {
            title = { en = "A conversation", zh = "一场对话" },
            view = "talk",
            prepare = function(m)
                m.spawn()
                m.read(data(m), { size = 1 })
                m.flush()
            end,
            bind = function(m) return { va = data(m) } end,
            text = {
                en = [[Your program reads one byte and is told nothing of the talk behind it. Who talks? The page of {va:hex} is in memory; the TLB
                    was just emptied. Each lane is one of the machine's parts, each arrow something one says to another.]],
                zh = [[程序读一个字节，背后的对话它一句也听不到。是谁在说话？{va:hex} 的页在内存里，TLB 刚清空。每一列是机器的一个部件，每个箭头是一方对另一方说的一句话。]],
            },
            ask = {
                id = "silent",
                op = function(m) return { "read", data(m), { size = 1 } } end,
                text = { en = "Who says nothing at all during this read?", zh = "这次读取，谁从头到尾一声不吭？" },
                answer = function(r)
                    for _, actor in ipairs { "cpu", "mmu", "kernel" } do
                        if not does(r, actor) then return actor end
                    end
                end,
                words = ACTORS,
                wrong = {
                    { value = "mmu", because = { en = "A program's addresses are virtual. Without the MMU nobody knows where the byte is.", zh = "程序用的是虚拟地址。没有 MMU，谁也不知道字节在哪儿。" } },
                    { value = "cpu", because = { en = "It is the CPU that wants the byte: it begins and it ends the talk.", zh = "要字节的正是 CPU：话由它起头，也由它收尾。" } },
                },
                right = { en = "The kernel. A hit is hardware's business alone, however busy the kernel was before.", zh = "内核。命中完全是硬件的事，内核之前再忙也与此无关。" },
                hints = {
                    { en = "The page is present. What is there to decide?", zh = "页在内存里。还有什么要拿主意的？" },
                    { en = "Tables are written by one, read by another.", zh = "页表由一方写，由另一方读。" },
                    { en = "Software runs only when hardware asks it to.", zh = "硬件不叫，软件就不会跑。" },
                },
            },
            after = { en = "Column A counts the arrows as CS:APP does.", zh = "A 列按 CS:APP 的数法给箭头编号。" },
        },
        function(m)
            m.title { en = "Count the messages", zh = "数一数有几句" }
            m.view "talk"
            m.flush()
            m.bind { va = data(m) + 4 }
            m.say {
                en = "The TLB is empty again, the page is still there. The program reads {va:hex}, four bytes on.",
                zh = "TLB 又清空了，页还在。程序读 {va:hex}，往后四个字节。",
            }
            m.ask {
                id = "five",
                op = { "read", data(m) + 4, { size = 1 } },
                text = { en = "How many messages until the CPU has its byte? A question and its answer are two.", zh = "到 CPU 拿到字节，一共说了几句话？一问一答算两句。" },
                answer = messages,
                wrong = {
                    { value = 2, because = { en = "The CPU asks, memory answers: so it was before there was an MMU between them.", zh = "CPU 问，内存答：中间还没有 MMU 的时候是这样。" } },
                    { value = 3, because = { en = "You left out the entry: it is memory too, asked for and answered.", zh = "你漏了页表项：它也在内存里，也要一问一答。" } },
                    { value = 7, because = { en = "Seven are the steps of a fault. This page is present.", zh = "七步是缺页的步数。这一页可是在内存里的。" } },
                },
                right = { en = "{answer}: the address to the MMU, the entry asked and answered, the physical address, the byte.", zh = "{answer} 句：地址给 MMU，页表项一问一答，物理地址，字节。" },
                hints = {
                    { en = "One table: how many entries must be read?", zh = "只有一级页表：要读几个表项？" },
                    { en = "Address, entry asked, entry answered ...", zh = "地址、问表项、答表项……" },
                    { en = "... physical address, byte.", zh = "……物理地址、字节。" },
                },
            }
        end,
        function(m)
            m.title { en = "Once more at once", zh = "紧接着再来一次" }
            m.view "talk"
            m.bind { va = data(m) + 8 }
            m.say { en = "Now {va:hex}, and nobody empties the TLB in between.", zh = "再读 {va:hex}，这回中间没有人清空 TLB。" }
            m.ask {
                id = "three",
                op = { "read", data(m) + 8, { size = 1 } },
                text = { en = "How many messages are left?", zh = "还剩几句？" },
                answer = messages,
                wrong = {
                    { value = 5, because = { en = "So it would be on every access if nothing remembered. The TLB does.", zh = "什么都不记的话，每次都要这么多句。TLB 就是用来记的。" } },
                    { value = 2, because = { en = "The MMU still stands in between and makes the physical address.", zh = "MMU 仍在中间，物理地址还得由它来拼。" } },
                    { value = 1, because = { en = "The TLB holds where the page is, not what is in it: memory must still answer.", zh = "TLB 记的是页在哪儿，不是页里有什么：还得内存来答。" } },
                },
                right = { en = "{answer}. The entry was neither asked for nor answered.", zh = "{answer} 句。页表项那一问一答省掉了。" },
                hints = {
                    { en = "What did the TLB keep?", zh = "TLB 记下了什么？" },
                    { en = "It keeps the entry's content, so two arrows go.", zh = "它记下了表项的内容，所以少了两个箭头。" },
                    { en = "Address, physical address, byte.", zh = "地址、物理地址、字节。" },
                },
            }
        end,
        function(m)
            local code = area(m, "code").start + AT
            m.title { en = "The page is not there", zh = "页不在内存里" }
            m.view "talk"
            m.bind { va = code }
            m.say {
                en = "The program fetches its first instruction, at {va:hex}. That page is on the disk; its entry holds nothing.",
                zh = "程序要取第一条指令，在 {va:hex}。那一页还在磁盘上，它的页表项是空的。",
            }
            local r = m.ask {
                id = "entries",
                op = { "fetch", code },
                before = { "page_fault", 1 },
                text = { en = "How often is the page's entry read before the fetch is done?", zh = "到取指完成，这一页的表项一共被读几次？" },
                answer = function(q) return count(q, "walk_read") end,
                wrong = {
                    { quirk = "fault-skips", because = { en = "Then the CPU would go on behind the fetch, with no instruction.", zh = "那 CPU 就会跳过取指往下走，手里却没有指令。" } },
                    { value = 3, because = { en = "The kernel writes the entry; it need not ask the MMU to look.", zh = "内核是去写表项的，用不着请 MMU 再看一眼。" } },
                    { value = 0, because = { en = "How would the MMU know that the page is absent?", zh = "不读表项，MMU 怎么知道页不在？" } },
                },
                right = { en = "{answer} times: once in vain, and once more because the whole instruction runs again.", zh = "{answer} 次：一次扑空，另一次是因为整条指令重新执行。" },
                hints = {
                    { en = "The first time it says: not present.", zh = "第一次它说：不在。" },
                    { en = "The kernel does not hand the byte over. What does it do at the end?", zh = "内核并不把字节交过去。它最后做的是什么？" },
                    { en = "The instruction begins again from the start.", zh = "指令从头再来。" },
                },
            }
            m.ask {
                id = "after-the-disk",
                about = r,
                before = "frame_loaded",
                text = { en = "The disk delivers the page. What comes next?", zh = "磁盘把页送来了。下一件事是什么？" },
                answer = function(q) return next_after(q, "frame_loaded", NEXT) end,
                words = NEXT,
                wrong = {
                    { value = "data_read", because = { en = "Nobody may read what no entry names. First the table, then the byte.", zh = "表项没指到的东西，谁也读不到。先改表，再读字节。" } },
                    { value = "restart", because = { en = "Run again now and it faults again: the entry still says absent.", zh = "现在重新执行，还会缺页：表项还写着不在。" } },
                    { value = "tlb_fill", because = { en = "The disk does not talk to the MMU. The TLB learns it from the entry, on the second try.", zh = "磁盘不跟 MMU 打交道。TLB 要等第二次执行时才从表项得知。" } },
                },
                right = { en = "The entry. Only then is the page where the tables say it is.", zh = "改表项。改完，页才真正在页表说的地方。" },
                hints = {
                    { en = "How does the MMU learn where the page is?", zh = "MMU 从哪里得知页在何处？" },
                    { en = "From the entry, and from nowhere else.", zh = "从表项，没有别的途径。" },
                    { en = "The kernel owns the tables: it writes, then it returns.", zh = "页表归内核管：它先写，再返回。" },
                },
            }
            m.bind { events = #r.events, tries = 1 + count(r, "restart") }
            m.expect(count(r, "restart"), 1, "one fault, one restart")
            m.after { en = "{events} events for one byte, and two tries. Step on and read the columns.", zh = "一个字节，{events} 个事件，试了两次。一步步走，对照右边几列读。" }
        end,
        step {
            title = { en = "Three books, one fault", zh = "三本书，同一次缺页" },
            view = "talk",
            run = function(m) m.mmap(nil, PROMISED * m.geometry().page, "rw") end,
            text = {
                en = [[Go back with Left and look at the fault again. A counts seven steps and begins with the hardware; B counts the
                    kernel's seven; C has six. None is wrong: they cut the same events at different places. B's third step, "bring it in", is a decision: no event bears
                    its number.]],
                zh = [[按左键退回去，再看一遍那次缺页。A 数七步，从硬件数起；B 数内核的七步；C 只有六步。谁也没错，只是在不同的地方下刀。B 的第三步“把它调进来”是个决定，没有哪个事件带着这个号。]],
            },
            after = { en = "Meanwhile the program has asked for pages of its own.", zh = "这会儿，程序又申请了几页自己用。" },
        },
        function(m)
            m.title { en = "Full house", zh = "客满" }
            m.view "talk"
            m.set("policy", "fifo")
            for i = 0, PROMISED - 1 do
                m.write(own(m, i), 0x40 + i, { size = 1 })
            end
            local out
            for i = PROMISED - 1, 0, -1 do
                if not m.walk(own(m, i)).present then out = i end
            end
            m.bind { va = own(m, out), free = m.free() }
            m.say {
                en = "The program wrote page after page; {free} frames are free. One of its pages went to the disk, and now it wants {va:hex}, which lies in just that page.",
                zh = "程序写了一页又一页，空闲页框剩 {free} 个。有一页去了磁盘，而现在它偏要 {va:hex}，就在那一页里。",
            }
            local r = m.ask {
                id = "first-transfer",
                op = { "read", own(m, out), { size = 1 } },
                before = { "page_fault", 1 },
                text = { en = "Which transfer comes first?", zh = "先发生哪一次搬运？" },
                answer = function(q) return first_of(q, FIRST_MOVE) end,
                words = FIRST_MOVE,
                wrong = {
                    { value = "swap_read", because = { en = "Into which frame? Every one is taken.", zh = "装到哪个页框里？全占着呢。" } },
                    { value = { en = "both at once, each into the other's place", zh = "两边同时搬，互换位置" }, because = { en = "That is where the word swapping leads one. The old page is copied out; only then is its frame free.", zh = "“交换”这个词容易让人这么想。其实先把旧页抄出去，页框才空得出来。" } },
                    { value = { en = "none: the frame is simply overwritten", zh = "都不用：页框直接覆盖就行" }, because = { en = "The program wrote to that page. Its bytes are nowhere else.", zh = "那一页程序写过，它的内容别处没有。" } },
                },
                right = { en = "Out first. Step 5 of column A, and the reason why a fault can cost two transfers.", zh = "先出去。这就是 A 列的第 5 步，也是一次缺页可能要搬两趟的原因。" },
                hints = {
                    { en = "How many frames are free?", zh = "还有几个空闲页框？" },
                    { en = "The page that leaves was written: it is dirty.", zh = "要走的那一页写过，是脏的。" },
                    { en = "First make room, then bring in.", zh = "先腾地方，再往里搬。" },
                },
            }
            m.expect(count(r, "swap_write") + count(r, "swap_read"), 2, "one page out, one page in")
            m.bind { cycles = r.cycles }
            m.after { en = "{cycles} cycles in this model, nearly all of them waiting for the disk.", zh = "按这个模型是 {cycles} 个周期，几乎全花在等磁盘上。" }
        end,
        step {
            title = { en = "Interrupted?", zh = "算不算中断" },
            view = "log",
            bind = function(m)
                local p = m.process(FIRST)
                return { faults = p.minor + p.major, swapped = m.swap().writes }
            end,
            text = { en = "Many notes put it in one sentence:", zh = "很多笔记一句话就带过去了：" },
            card = {
                claim = { en = "A page fault is an interrupt that throws a page out.", zh = "缺页是一种中断，会把某一页赶出去。" },
                truth = {
                    en = [[{faults} faults so far, {swapped} pages written out: a free frame is taken first. And no device interrupted
                        anybody: the instruction itself could not go on, an exception, and each time it ran again from its start.]],
                    zh = [[到现在缺页 {faults} 次，写出去的只有 {swapped} 页：有空闲页框就先用空闲的。也没有哪个设备来打断：是这条指令自己走不下去，这叫异常，而且每次都从头重新执行。]],
                },
            },
        },
        step {
            title = { en = "Your hands", zh = "你来动手" },
            view = "talk",
            bind = function(m) return { va = data(m) } end,
            prepare = function(m) m.read(data(m), { size = 1 }) end,
            text = { en = "The page of {va:hex} was just read, and the TLB knows it.", zh = "{va:hex} 那一页刚读过，TLB 认得它。" },
            task = {
                text = {
                    en = "Make a read of exactly five messages: the MMU reads an entry, the kernel says nothing. Two operations may be needed.",
                    zh = "做一次恰好五句话的读取：MMU 读一次表项，内核一声不吭。可能要用两个操作。",
                },
                goal = function(r) return messages(r) == 5 and count(r, "walk_read") == 1 and not does(r, "kernel") end,
                solution = function(m) return { "invlpg " .. hex(data(m)), "read " .. hex(data(m)) .. " size=1" } end,
                hints = {
                    { en = "What took two of the five messages away?", zh = "五句里少了的两句，是谁省掉的？" },
                    { en = "Make the TLB forget: invlpg or flush.", zh = "让 TLB 忘掉它：invlpg 或 flush。" },
                    { en = "invlpg {va:hex}, then read {va:hex}.", zh = "先 invlpg {va:hex}，再 read {va:hex}。" },
                },
            },
        },
        function(m)
            local nobody = area(m, "heap").stop + AT
            m.title { en = "The other ending", zh = "另一种结局" }
            m.view "talk"
            m.bind { va = nobody }
            m.say {
                en = "{va:hex} was never promised to anybody. Up to the trap the arrows are the same.",
                zh = "{va:hex} 从没承诺给任何人。直到陷入内核，箭头都一模一样。",
            }
            m.ask {
                id = "other-ending",
                op = { "read", nobody, { size = 1 } },
                before = { "trap", 1 },
                text = { en = "What does the kernel's last arrow say?", zh = "内核的最后一个箭头说的是什么？" },
                answer = function(r) return r.kind end,
                words = ENDINGS,
                wrong = {
                    { value = "done", because = { en = "No area holds it: there is no page to bring, however full the disk is.", zh = "没有区域包含它：磁盘上再多东西，也没有这一页可调。" } },
                    { value = "blocked", because = { en = "Nobody asked the disk. A check in a list comes first.", zh = "谁也没去找磁盘。先要查清单。" } },
                    { value = { en = "nothing: the MMU ends the process", zh = "什么也不说：MMU 直接结束进程" }, because = { en = "Hardware knows no processes. It reports; the kernel decides.", zh = "硬件不认识进程。它只管报告，由内核裁决。" } },
                },
                right = { en = "Step 2 of column B: not valid, so the process is ended.", zh = "B 列的第 2 步：地址无效，所以结束进程。" },
                hints = {
                    { en = "What does the kernel look at first?", zh = "内核首先看什么？" },
                    { en = "The list of areas.", zh = "区域清单。" },
                    { en = "No area: nothing to bring in, only somebody to tell.", zh = "没有区域：无页可调，只能通知进程。" },
                },
            }
        end,
        step {
            title = { en = "What you take along", zh = "带走什么" },
            view = "talk",
            bind = function(m)
                local p = m.process(FIRST)
                return { faults = p.minor + p.major, signal = p.signal }
            end,
            text = {
                en = "You can draw the arrows of any access before it happens: three, five, or a fault. {faults} faults were answered here, the last with {signal}.\n\nOne question to carry on: with four levels of tables, how many arrows are five?",
                zh = "任何一次访问，你都能先把箭头画出来：三个、五个，或者一次缺页。这里答复过 {faults} 次缺页，最后一次的答复是 {signal}。\n\n带着一个问题继续：页表有四级时，这五个箭头会变成几个？",
            },
        },
    },
}
