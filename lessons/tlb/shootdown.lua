-- shootdown.lua - several CPUs, several TLBs, one page table: who tells the others (SDM vol. 3A, 4.10.5; Linux arch/x86/mm/tlb.c).
local AREA, PAGES = 0x10000000, 64 -- where the threads share memory
local OWN = 0x41                   -- what they keep there
local SECRET = 0x5e                -- what another process keeps
local CREW = 2                     -- CPUs beside the first that run the same process
local MANY = 20                    -- pages that go in one call

local function nth(m, n) return AREA + n * m.geometry().page end

-- A page of the heap of the process on a CPU.
local function heap(m, cpu, n)
  for _, a in ipairs(m.process(m.pid(cpu)).areas) do
    if a.kind == "heap" then return a.start + n * m.geometry().page end
  end
end

-- Threads of one process on the first CPUs, a process of its own on the last.
local function crew(m)
  m.spawn()
  for cpu = 1, CREW do m.switch(m.thread().value, { cpu = cpu }) end
  m.spawn { cpu = m.geometry().cpus - 1 }
  m.mmap(AREA, PAGES * m.geometry().page, "rw")
end

local function fill(m, first, n)
  for i = first, first + n - 1 do m.write(nth(m, i), OWN, { size = 1 }) end
end

local function knows(m, cpu, va)
  for _, e in ipairs(m.tlb(cpu)) do
    if e.va == va then return e end
  end
end

local function waited(r)
  local done = find(r, "shootdown_done")
  return done and done.count or 0
end

local function interrupts(r) return count(r, "ipi_sent") end

-- Acknowledgements before the first frame went back.
local function acks_before_free(r)
  local n = 0
  for _, e in ipairs(r.events) do
    if e.event == "frame_free" then return n end
    if e.event == "ipi_ack" then n = n + 1 end
  end
  return n
end

local OLD = { en = "the byte that always stood there", zh = "那里一直放着的字节" }
local KILLED = { en = "nothing: SIGSEGV", zh = "读不到：SIGSEGV" }
local ZERO = { en = "zero", zh = "零" }

return lesson {
  id = "shootdown", part = "tlb",
  title = { en = "Telling the other CPUs", zh = "通知别的 CPU" },
  rows = { "C11" }, needs = { "tlb", "demand-paging" }, machine = "smp", minutes = 14, breaks = { "F4" },
  steps = {
    function(m) -- 1
      m.title { en = "One process, three CPUs", zh = "一个进程，三个 CPU" }
      m.view "cpus"
      crew(m)
      fill(m, 0, 4)
      local va, last = nth(m, 1), CREW
      m.read(va, { size = 1, cpu = 1 })
      m.bind { va = va, cpus = m.geometry().cpus, last = last, other = m.pid(m.geometry().cpus - 1) }
      m.say {
        en = "{cpus} CPUs. Three run threads of one process: one set of page tables. The last runs process {other}. CPU 0 and CPU 1 have used the page at {va:hex}; now CPU {last} reads it for the first time.",
        zh = "{cpus} 个 CPU，其中三个运行同一进程的线程，共用一套页表；最后一个运行进程 {other}。CPU 0 和 CPU 1 用过 {va:hex} 这一页；现在 CPU {last} 头一次读它。",
      }
      m.ask {
        id = "own-tlb",
        text = { en = "What does CPU {last}'s TLB say?", zh = "CPU {last} 的 TLB 怎么说？" },
        op = { "read", va, { size = 1, cpu = last } },
        answer = function(r) return count(r, "tlb_miss") > 0 and count(r, "page_fault") == 0 and "miss" or count(r, "tlb_hit") > 0 and "hit" or "fault" end,
        words = {
          miss = { en = "a miss: it walks the tables", zh = "未命中：它去走页表" },
          hit = { en = "a hit: the process has used the page", zh = "命中：这个进程用过这一页" },
          fault = { en = "a miss, then a page fault", zh = "未命中，接着缺页" },
        },
        wrong = {
          { value = "hit", because = { en = "A TLB belongs to a CPU, not to a process.", zh = "TLB 属于 CPU，不属于进程。" } },
          { value = "fault", because = { en = "The entry is in the tables already, and threads share the tables.", zh = "页表里已经有这一项，而线程共用页表。" } },
        },
        right = { en = "Each CPU walks for itself and keeps a copy of its own. Three copies of one entry now.", zh = "各走各的页表，各留各的副本。现在同一项有了三份副本。" },
        hints = {
          { en = "Whose translations does a TLB hold?", zh = "一个 TLB 里放的是谁查到的翻译？" },
          { en = "CPU {last} has not walked to this page yet.", zh = "CPU {last} 还没有走到过这一页。" },
          { en = "Look at its lane: no entry for {va:hex}.", zh = "看它那条泳道：没有 {va:hex} 的项。" },
        },
      }
      m.expect(knows(m, last, va) ~= nil, true, "the last CPU has a copy now")
    end,

    function(m) -- 2
      m.title { en = "CPU 0 takes the page away", zh = "CPU 0 收走这一页" }
      m.view "cpus"
      local va, frame = nth(m, 1), m.walk(nth(m, 1)).frame
      m.bind { va = va, frame = frame }
      m.say {
        en = "CPU 0 calls munmap for {va:hex}. It clears the entry and executes INVLPG. In two other TLBs the page still leads to frame {frame:label}. The kernel can make a CPU stop and listen: an interrupt.",
        zh = "CPU 0 对 {va:hex} 调用 munmap：清掉页表项，执行 INVLPG。另两个 TLB 里，这一页仍通向页框 {frame:label}。内核有办法叫一个 CPU 停下来听话：发中断。",
      }
      local r = m.ask {
        id = "interrupts",
        text = { en = "How many interrupts does CPU 0 send?", zh = "CPU 0 发出几个中断？" },
        op = { "munmap", va, m.geometry().page, { wait = "no" } },
        answer = interrupts,
        wrong = {
          { quirk = "invlpg-reaches-all", because = { en = "INVLPG obeys only the CPU that executes it. (ARM's TLBI can reach all; x86 has nothing like it.)", zh = "INVLPG 只管执行它的 CPU。（ARM 的 TLBI 能传到所有 CPU，x86 没有。）" } },
          { quirk = "ipi-to-all", because = { en = "The last CPU runs another process: none of our translations is there to forget.", zh = "最后那个 CPU 运行别的进程：那里没有我们的翻译要忘。" } },
          { value = 1, because = { en = "One for all? Each CPU is told by itself.", zh = "一个管全部？每个 CPU 都得单独通知。" } },
        },
        right = { en = "{answer}: one for each other CPU that runs this address space.", zh = "{answer} 个：别的 CPU 中，每个运行这个地址空间的各一个。" },
        hints = {
          { en = "Who could still use the old translation?", zh = "谁还可能用旧的翻译？" },
          { en = "Count the lanes with a stale entry.", zh = "数数有几条泳道带着过期的项。" },
          { en = "Not CPU 0, not the one with another process.", zh = "不算 CPU 0，也不算运行别的进程的那个。" },
        },
      }
      m.expect(r.kind, "waits", "CPU 0 waits")
      m.after { en = "The interrupts are on their way, and CPU 0 waits. Frame {frame:label} is held: nobody has it, and it is not free.", zh = "中断已在路上，CPU 0 等着。页框 {frame:label} 被扣住：没有人用它，它也不算空闲。" }
    end,

    function(m) -- 3
      m.title { en = "In the meantime", zh = "就在这当口" }
      m.view "cpus"
      local va = nth(m, 1)
      m.bind { va = va }
      m.say { en = "No interrupt has arrived yet. CPU 1 is in the middle of its program, and reads {va:hex}. The page tables have no such page any more.", zh = "中断都还没到。CPU 1 的程序正跑着，要读 {va:hex}。页表里已经没有这一页了。" }
      m.ask {
        id = "meantime",
        text = { en = "What does CPU 1 read?", zh = "CPU 1 读到什么？" },
        op = { "read", va, { size = 1, cpu = 1 } },
        answer = function(r) return r.kind ~= "done" and "killed" or r.value == OWN and "old" or "zero" end,
        words = { old = OLD, killed = KILLED, zero = ZERO },
        wrong = {
          { value = "killed", because = { en = "The tables would say no. But on a hit nobody asks the tables.", zh = "页表会说不行。可命中的时候，谁也不去问页表。" } },
          { value = "zero", because = { en = "Frames are zeroed when they are handed out. This one is not even free yet.", zh = "页框分出去的时候才清零。这个还没有空闲呢。" } },
        },
        right = { en = "A hit, through a translation that is gone from the tables. It does no harm: the frame is still held.", zh = "命中，用的是页表里已经没有的翻译。不碍事：页框还扣着。" },
        hints = {
          { en = "Which is asked first, the TLB or the tables?", zh = "先问 TLB 还是先问页表？" },
          { en = "CPU 1's TLB still has the page.", zh = "CPU 1 的 TLB 里还有这一页。" },
          { en = "It reads what always stood there.", zh = "它读到那里一直放着的东西。" },
        },
      }
    end,

    function(m) -- 4
      m.title { en = "Taken, forgotten, acknowledged", zh = "响应，忘掉，确认" }
      m.view "cpus"
      m.bind { handler = m.field("handler_cycles"), arrives = m.field("ipi_cycles") }
      m.say { en = "Time passes. An interrupt takes {arrives} cycles to arrive, its handler {handler} and a little more. Each CPU drops the page and acknowledges.", zh = "时间流逝。中断要 {arrives} 个周期才到，处理程序要 {handler} 个多一点。每个 CPU 丢掉这一页，然后确认。" }
      local r = m.ask {
        id = "acks-before-free",
        text = { en = "How many acknowledgements come before the frame is free?", zh = "页框空闲之前，有几个确认？" },
        op = { "tick", 10 * (m.field("handler_cycles") + m.field("ipi_cycles")) },
        answer = acks_before_free,
        wrong = {
          { value = 0, because = { en = "Then CPU 2 would hold a translation to a free frame. A later page shows what comes of that.", zh = "那 CPU 2 就握着通向空闲页框的翻译。后面有一页演示这会怎样。" } },
          { value = 1, because = { en = "One has forgotten; the other still could read the frame.", zh = "一个忘了，另一个还能读这个页框。" } },
          { value = function(q) return q.m.geometry().cpus end, because = { en = "Nobody waits for CPUs that were not asked.", zh = "没有问过的 CPU，不用等。" } },
        },
        right = { en = "{answer}, all of them. First the entry, then the TLBs, then the frame: never in another order.", zh = "{answer} 个，一个不少。先改页表项，再清 TLB，最后放页框：顺序不能变。" },
        hints = {
          { en = "When is it safe to give the frame to somebody else?", zh = "什么时候才能放心把页框给别人？" },
          { en = "When no TLB leads there.", zh = "没有 TLB 通到那里的时候。" },
          { en = "As many as were asked.", zh = "问了几个，就等几个。" },
        },
      }
      m.bind { wait = waited(r) }
      m.after { en = "CPU 0 goes on. It has waited {wait} cycles, for one page.", zh = "CPU 0 继续运行。为了一页，它等了 {wait} 个周期。" }
    end,

    function(m) -- 5
      m.title { en = "Many pages", zh = "许多页" }
      m.view "cpus"
      fill(m, 4, 2 * MANY)
      m.set("shootdown", "each")
      m.bind { many = MANY, two = CREW }
      m.say { en = "Now {many} pages go in one call; {two} other CPUs run the process. This kernel is simple-minded: it tells the others of each page as it goes.", zh = "现在一次调用要收走 {many} 页；另有 {two} 个 CPU 运行这个进程。这个内核头脑简单：收一页，通知一次。" }
      local r = m.ask {
        id = "one-by-one",
        text = { en = "How many interrupts?", zh = "一共几个中断？" },
        op = { "munmap", nth(m, 4), MANY * m.geometry().page },
        answer = interrupts,
        wrong = {
          { value = MANY, because = { en = "One a page, but each goes to every CPU that runs the process.", zh = "每页一个没错，但每个运行该进程的 CPU 都要收到。" } },
          { value = CREW, because = { en = "That would be a kernel that collects the pages first. Next page.", zh = "那是先把页收集起来的内核。下一页就是。" } },
          { quirk = "ipi-to-all", because = { en = "Only CPUs that run this process are asked.", zh = "只问运行这个进程的 CPU。" } },
        },
        right = { en = "{answer}. And CPU 0 waited {many} times.", zh = "{answer} 个。CPU 0 也等了 {many} 回。" },
        hints = {
          { en = "Each page, each CPU.", zh = "每一页，每个 CPU。" },
          { en = "Multiply.", zh = "乘一下。" },
          { en = "{many} times {two}.", zh = "{many} 乘 {two}。" },
        },
      }
      m.expect(count(r, "shootdown_done"), MANY, "a wait for each page")
      m.bind { cycles = r.cycles }
      m.after { en = "{cycles} cycles for the call.", zh = "这次调用花了 {cycles} 个周期。" }
    end,

    function(m) -- 6
      m.title { en = "Collected first", zh = "先收集起来" }
      m.view "cpus"
      m.set("shootdown", "batched")
      m.bind { many = MANY }
      m.say { en = "Linux clears all entries of the call first and tells the others once. Again {many} pages.", zh = "Linux 先清掉这次调用的所有页表项，再统一通知一次。还是 {many} 页。" }
      local r = m.ask {
        id = "together",
        text = { en = "How many interrupts now?", zh = "这次几个中断？" },
        op = { "munmap", nth(m, 4 + MANY), MANY * m.geometry().page },
        answer = interrupts,
        wrong = {
          { value = 1, because = { en = "There is no interrupt that two CPUs share here.", zh = "这里没有两个 CPU 共用的中断。" } },
          { value = MANY, because = { en = "The handler is told a range, not a page.", zh = "告诉处理程序的是一段范围，不是一页。" } },
          { value = CREW * MANY, because = { en = "As before? Then collecting would be of no use.", zh = "和先前一样？那收集就白费了。" } },
        },
        right = { en = "{answer}: as many as for a single page.", zh = "{answer} 个：和只收一页时一样多。" },
        hints = {
          { en = "What does one interrupt say?", zh = "一个中断说的是什么？" },
          { en = "\"Forget from here to there.\"", zh = "“从这里到那里，都忘掉。”" },
          { en = "Once for each CPU that is asked.", zh = "问到的 CPU，每个一次。" },
        },
      }
      m.bind { cycles = r.cycles, above = m.field("flush_above") }
      m.after { en = "{cycles} cycles. Above {above} pages the handler would not even look at each: it would flush the whole TLB.", zh = "{cycles} 个周期。超过 {above} 页，处理程序干脆不逐页处理，直接清空整个 TLB。" }
    end,

    function(m) -- 7
      m.title { en = "The price of a CPU more", zh = "多一个 CPU 的价钱" }
      m.view "cpus"
      local last, thread = m.geometry().cpus - 1, m.pid(CREW)
      local guest = m.pid(last)
      fill(m, 44, 3)
      m.switch(0, { cpu = CREW })
      local two = waited(m.munmap(nth(m, 44), m.geometry().page))
      m.switch(thread, { cpu = CREW })
      local three = waited(m.munmap(nth(m, 45), m.geometry().page))
      m.switch(m.thread().value, { cpu = last })
      m.bind { two = two, three = three, guest = guest }
      m.say { en = "Measured just now, one page each: with two CPUs in the process CPU 0 waited {two} cycles, with three {three}. Process {guest} steps aside, and a fourth CPU joins.", zh = "刚刚实测，各收一页：两个 CPU 运行这个进程时，CPU 0 等了 {two} 个周期；三个时等了 {three} 个。现在进程 {guest} 让位，第四个 CPU 加入。" }
      m.ask {
        id = "price",
        text = { en = "How many cycles does CPU 0 wait with four?", zh = "四个 CPU 时，CPU 0 等几个周期？" },
        op = { "munmap", nth(m, 46), m.geometry().page },
        answer = waited,
        wrong = {
          { value = function(q) return 3 * two end, because = { en = "As if they were asked one after the other. Their handlers run at the same time.", zh = "好像一个一个地问。可它们的处理程序是同时跑的。" } },
          { value = function(q) return three end, because = { en = "Handlers overlap, but sending takes CPU 0 a while for each.", zh = "处理可以重叠，可 CPU 0 每发一个都要花时间。" } },
          { value = function(q) return 2 * three - two + q.m.field("ipi_cycles") end, because = { en = "The journeys overlap, too: only the last one counts.", zh = "路上的时间也是重叠的：只有最后一个算数。" } },
        },
        right = { en = "{answer}: what the last answer takes, and the time to send one more.", zh = "{answer} 个：取决于最后到的确认，再加上多发一个中断的时间。" },
        hints = {
          { en = "What changed from two to three?", zh = "从两个到三个，变了多少？" },
          { en = "The same again.", zh = "再变同样多。" },
          { en = "{three}, plus the difference.", zh = "{three}，再加那个差。" },
        },
      }
      m.switch(guest, { cpu = last })
    end,

    function(m) -- 8
      m.title { en = "Let sleepers lie", zh = "别吵醒它" }
      m.view "cpus"
      fill(m, 48, 2)
      local va = nth(m, 48)
      m.read(va, { size = 1, cpu = CREW })
      m.set("lazy_tlb", 1)
      m.switch(0, { cpu = CREW })
      m.bind { va = va, idle = CREW }
      m.say { en = "CPU {idle} has nothing to run. It keeps the address space loaded all the same, in case the same process comes back: Linux calls that lazy. Its TLB holds {va:hex}. CPU 0 unmaps that page.", zh = "CPU {idle} 没有谁可运行。但它仍留着这个地址空间，说不定同一进程很快回来：Linux 称之为 lazy。它的 TLB 里有 {va:hex}。CPU 0 收走这一页。" }
      local r = m.ask {
        id = "lazy",
        text = { en = "How many interrupts?", zh = "几个中断？" },
        op = { "munmap", va, m.geometry().page },
        answer = interrupts,
        wrong = {
          { value = CREW, because = { en = "Who runs no program uses no user address. It need not be woken.", zh = "不运行程序，就不会用到用户地址。不必叫醒它。" } },
          { quirk = "ipi-to-all", because = { en = "Only CPUs in whose programs' hands an old translation is.", zh = "只通知程序手里有旧翻译的 CPU。" } },
          { value = 0, because = { en = "CPU 1 still runs a thread of the process.", zh = "CPU 1 还在运行这个进程的线程。" } },
        },
        right = { en = "{answer}. The idle CPU is only noted down: it must flush before it runs the process again.", zh = "{answer} 个。空闲的 CPU 只记上一笔：它再运行这个进程之前，必须先清空。" },
        hints = {
          { en = "Which CPUs execute a program of this process now?", zh = "现在哪些 CPU 在执行这个进程的程序？" },
          { en = "An old translation that nobody can use does no harm.", zh = "没人能用的旧翻译，不碍事。" },
          { en = "Only CPU 1 is asked.", zh = "只问 CPU 1。" },
        },
      }
      m.expect(count(r, "ipi_skipped"), 1, "the idle CPU is skipped")
      local back = m.switch(m.pids()[CREW + 1], { cpu = CREW })
      m.set("lazy_tlb", 0)
      m.bind { flushed = count(back, "tlb_flush") }
      m.after { en = "When its thread came back, CPU {idle} flushed its TLB: {flushed} time.", zh = "线程回来时，CPU {idle} 清空了 TLB：{flushed} 次。" }
    end,

    step { -- 9
      title = { en = "Coherent, or not", zh = "一致，还是不一致" },
      view = "cpus",
      text = { en = "The data caches of many CPUs agree with each other: hardware sees to it. So one often reads:", zh = "各 CPU 的数据缓存彼此一致，由硬件保证。于是常能读到：" },
      card = {
        claim = { en = "When a page-table entry changes, the entry in every core becomes invalid by itself.", zh = "页表项一变，各个核里的那一项就自动失效。" },
        truth = { en = "Nothing watches. Go back to step 3: the tables said no, CPU 1 read on. Software sends every interrupt you have seen.", zh = "没有谁在看着。回到第 3 步：页表说不行，CPU 1 照读不误。你看到的每个中断都是软件发的。" },
      },
    },

    function(m) -- 10
      m.title { en = "A kernel in a hurry", zh = "急性子的内核" }
      m.view "cpus"
      local last = m.geometry().cpus - 1
      local va = nth(m, 2)
      m.read(va, { size = 1, cpu = 1 })
      m.write(heap(m, last, 0), SECRET, { size = 1, cpu = last })
      m.set("no-ack-wait", 1)
      m.set("ipi_cycles", 100000)
      local frame, guest = m.walk(va).frame, m.pid(last)
      m.bind { va = va, frame = frame, guest = guest, secret = SECRET }
      m.say { en = "Waiting is expensive, and somebody has improved the kernel: it sends the interrupts and frees the frame at once. It even works, for weeks. CPU 0 unmaps {va:hex}, in frame {frame:label}.", zh = "等待太贵，有人“改进”了内核：发完中断，当场释放页框。居然好几个星期都没事。CPU 0 收走 {va:hex}，它在页框 {frame:label}。" }
      local r = m.ask {
        id = "no-wait",
        text = { en = "How many CPUs have acknowledged when the frame is freed?", zh = "页框释放时，有几个 CPU 确认过？" },
        op = { "munmap", va, m.geometry().page },
        answer = acks_before_free,
        wrong = {
          { value = CREW, because = { en = "That was the kernel of the first pages.", zh = "那是前几页的内核。" } },
          { value = 1, because = { en = "It waits for nobody.", zh = "它谁也不等。" } },
        },
        right = { en = "{answer}. The interrupts are still on their way.", zh = "{answer} 个。中断还在路上。" },
        hints = {
          { en = "What did they leave out?", zh = "他们省掉了什么？" },
          { en = "Freed at once.", zh = "当场释放。" },
          { en = "None.", zh = "一个也没有。" },
        },
      }
      m.write(heap(m, last, 1), SECRET, { size = 1, cpu = last })
      local leak = m.ask {
        id = "leak",
        text = { en = "Process {guest} meanwhile got a free frame and wrote {secret:hex} there. CPU 1 reads {va:hex}. What does it get?", zh = "进程 {guest} 这时得到一个空闲页框，往里写了 {secret:hex}。CPU 1 读 {va:hex}，得到什么？" },
        op = { "read", va, { size = 1, cpu = 1 } },
        answer = function(q) return q.kind ~= "done" and "killed" or q.value == SECRET and "secret" or q.value == OWN and "old" or "zero" end,
        words = { secret = { en = "the other process's byte", zh = "另一个进程的字节" }, old = OLD, killed = KILLED, zero = ZERO },
        wrong = {
          { value = "old", because = { en = "In step 3, yes: there the frame was held. Here it has a new owner.", zh = "第 3 步是这样：那时页框还扣着。这里它已经换了主人。" } },
          { value = "killed", because = { en = "On a hit nobody asks the tables.", zh = "命中时谁也不问页表。" } },
          { value = "zero", because = { en = "It was zeroed for the new owner, who has written since.", zh = "交给新主人时确实清过零，可新主人已经写过了。" } },
        },
        right = { en = "It reads another process's memory, and no fault, no message tells anybody.", zh = "它读到了别的进程的内存，没有缺页，也没有任何消息。" },
        hints = {
          { en = "Where does CPU 1's TLB still lead?", zh = "CPU 1 的 TLB 还通向哪里？" },
          { en = "Who owns that frame now?", zh = "那个页框现在是谁的？" },
          { en = "To frame {frame:label}, which process {guest} has.", zh = "通向页框 {frame:label}，现在归进程 {guest}。" },
        },
      }
      m.expect(leak.value, SECRET, "the secret leaks")
      local freed = find(r, "frame_free").cpu
      m.ask {
        id = "who-freed",
        text = { en = "Hunt it backwards: in Frames select {frame:label} and press w again and again: who had it, who freed it? (' brings you back.) Which CPU freed it while a TLB still led there?", zh = "倒着追：在“页框”里选 {frame:label}，反复按 w：它给过谁，谁放的？（按 ' 回来。）还有 TLB 通向它时，是哪个 CPU 释放了它？" },
        op = { "read", va, { size = 1, cpu = 1 } },
        answer = function() return freed end,
        wrong = {
          { value = 1, because = { en = "It only read, as it was allowed to.", zh = "它只是读，本来就准它读。" } },
          { value = last, because = { en = "It got the frame from the free list, as anybody would.", zh = "它从空闲链表里拿到页框，谁都会这样。" } },
          { value = CREW, because = { en = "It has not even been interrupted yet.", zh = "它连中断都还没收到。" } },
        },
        right = { en = "CPU {answer}, in munmap, before anybody had acknowledged. The victim and the culprit run on different CPUs.", zh = "CPU {answer}，在 munmap 里，还没有谁确认。受害的和闯祸的在不同的 CPU 上。" },
        hints = {
          { en = "Follow the frame, not the reader.", zh = "跟着页框走，别跟着读的人走。" },
          { en = "frame_free comes before the new owner's frame_alloc.", zh = "frame_free 在新主人的 frame_alloc 之前。" },
          { en = "Who called munmap?", zh = "谁调用了 munmap？" },
        },
      }
    end,

    function(m) -- 11
      m.title { en = "Your hands", zh = "你来动手" }
      m.view "cpus"
      m.set("no-ack-wait", 0)
      m.set("ipi_cycles", 1000)
      m.tick(200000)
      local va = nth(m, 3)
      m.mprotect(va, m.geometry().page, "-")
      m.bind { va = va, there = nth(m, 49) }
      m.say { en = "The kernel is mended. The page at {va:hex} is there, but nobody may use it (rights -); the one at {there:hex} is in use. Three CPUs run the process.", zh = "内核修好了。{va:hex} 处的页还在，但谁也不许用（权限为 -）；{there:hex} 处的页正用着。三个 CPU 运行这个进程。" }
      m.task {
        text = { en = "Have a call of CPU 0 change a page-table entry without a single interrupt, while CPU 1 and CPU 2 go on running.", zh = "让 CPU 0 的一次调用改掉一个页表项，却一个中断也不发；CPU 1 和 CPU 2 照常运行。" },
        goal = function(r)
          return count(r, "entry_write") > 0 and count(r, "syscall") > 0 and interrupts(r) == 0 and r.m.pid(1) ~= 0 and r.m.pid(2) ~= 0
        end,
        solution = function(q) return { "mprotect " .. hex(nth(q, 3)) .. " 4K r" } end,
        hints = {
          { en = "When is an old TLB entry harmless?", zh = "什么时候旧的 TLB 项没有害处？" },
          { en = "When it allows less than the tables do: at worst a spurious fault.", zh = "当它比页表允许得少：顶多一次虚假缺页。" },
          { en = "Give rights instead of taking them: mprotect {va:hex} 4K r. Or let the others wait for their timers: set shootdown deferred, then munmap.", zh = "给权限，别收权限：mprotect {va:hex} 4K r。或者让别人等自己的时钟：set shootdown deferred，再 munmap。" },
        },
      }
    end,

    step { -- 12
      title = { en = "What you take along", zh = "带走什么" },
      view = "cpus",
      bind = function(m) return { cpus = m.geometry().cpus, now = m.cycles() } end,
      text = {
        en = "You can now say of any change to a page table: who must hear of it, when its frame may be reused, and what the wait costs. Of {now} cycles here, much was waiting.\n\nOne question to carry on: on a machine with a hundred CPUs, which calls would you rather not make?",
        zh = "对页表的任何改动，现在你都能说出：谁必须知道，页框何时才能再用，等待要花多少。这里的 {now} 个周期，不少花在等待上。\n\n带着一个问题继续：在有上百个 CPU 的机器上，哪些调用你会尽量少做？",
      },
    },
  },
}
