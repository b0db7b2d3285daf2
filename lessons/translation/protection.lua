-- Protection: the MMU forbids and says what in an error code, the kernel looks at what it promised and decides (SDM vol. 3A, 4.7; sigaction(2) for
-- si_code; Linux arch/x86/mm/fault.c).
local F, W = use "faults", use "walks"

local KERNEL = 0xffff888000001000 -- in the kernel's map of memory
local NOBODY = 0x10000000         -- in no area
local WORD = 8                    -- bytes of a large access

-- What a write may come to when the TLB is behind.
local STALE = {
  mended = { en = "the write goes through", zh = "照写不误" },
  [F.MAPERR] = F.VERDICTS[F.MAPERR],
  [F.ACCERR] = F.VERDICTS[F.ACCERR],
}

local function heap(m) return W.inside(m, "heap", 0) end
local function code(m) return W.inside(m, "code", 0) end

-- A process with its first page of code in memory; it runs.
local function newcomer(m)
  m.spawn()
  m.fetch(code(m))
end

local function kernel_events(r)
  local n = 0
  for _, e in ipairs(r.events) do n = n + (e.actor == "kernel" and 1 or 0) end
  return n
end

-- The faults the learner made: all of one process that lives, with just these codes in any order.
local function codes_are(r, wanted)
  local left = {}
  for _, code in ipairs(wanted) do left[code] = true end
  for _, fault in ipairs(F.all(r.events)) do
    if fault.verdict or not left[fault.error] then return false end
    left[fault.error] = nil
  end
  return next(left) == nil
end

return lesson {
  id = "protection", part = "translation",
  title = { en = "Forbidden by whom?", zh = "是谁不许？" },
  rows = { "B15" }, needs = { "pte-bits" }, machine = "x86-64", minutes = 12,
  steps = {
    function(m) -- 1
      m.title { en = "Nobody is watching", zh = "没人看着" }
      m.view "log"
      m.spawn()
      m.write(heap(m), 42, { size = 1 })
      m.bind { va = heap(m) }
      m.say {
        en = "Programs are kept from each other's memory, and from much of their own. Does the kernel look over their shoulder? The program reads {va:hex}, which it may.",
        zh = "程序碰不到别人的内存，自己的内存也不能乱碰。难道内核一直在背后盯着？程序读 {va:hex}，这是允许的。",
      }
      m.ask {
        id = "kernel-watches",
        op = { "read", heap(m), { size = 1 } },
        text = { en = "How many events of this access are the kernel's?", zh = "这次访问里，有几个事件是内核做的？" },
        answer = kernel_events,
        wrong = {
          { value = 1, because = { en = "One check of each access? It would cost more than the access.", zh = "每次访问查一遍？那比访问本身还贵。" } },
          { value = function(q) return q.event_count end, because = { en = "All of them were silicon: CPU and MMU.", zh = "全是硬件做的：CPU 和 MMU。" } },
        },
        right = { en = "None. The kernel wrote its will into entries beforehand; the MMU obeys them, and calls only when one forbids.", zh = "一个也没有。内核早把意思写进了页表项；MMU 照办，碰到不许的才叫内核。" },
        hints = {
          { en = "Who compares the access with the entry's bits?", zh = "拿这次访问去对照页表项的，是谁？" },
          { en = "The column of actors in Events: MMU, CPU ...", zh = "看“事件”面板里的角色：MMU、CPU……" },
          { en = "The kernel does not run at all.", zh = "内核根本没有运行。" },
        },
      }
    end,

    function(m) -- 2
      m.title { en = "Writing on the wall", zh = "往代码里写" }
      m.view "entry"
      local va = code(m)
      m.fetch(va)
      m.bind { va = va, entry = W.entry(m, va, 3).value }
      m.say {
        en = "The program runs at {va:hex}; its code comes in, and the entry is {entry:hex}. Then, by mistake, it writes there.",
        zh = "程序运行到 {va:hex}，代码页调了进来，它的项是 {entry:hex}。接着程序一时失手，往那里写。",
      }
      local r = m.ask(F.code {
        id = "write-code",
        op = { "write", va, 43, { size = 1 } },
        text = { en = "With which error code does the MMU call the kernel?", zh = "MMU 用什么错误码去叫内核？" },
        wrong = { F.SAYS_ABSENT, F.SAYS_READ, F.SAYS_KERNEL },
        right = { en = "{answer} = {errbits}: a page is there, a program wanted to write, W is 0.", zh = "{answer} = {errbits}：页在，程序要写，而 W 是 0。" },
        sum = { en = "All three of the first: 1 + 2 + 4.", zh = "前三条都占：1 + 2 + 4。" },
      })
      m.ask {
        id = "write-code-verdict",
        about = r,
        before = "area_denies",
        text = { en = "What does the kernel do?", zh = "内核怎么办？" },
        answer = F.verdict,
        words = F.VERDICTS,
        wrong = {
          { value = "mended", because = { en = "It would mend what it had promised. It never promised writing here: the area is r-x.", zh = "答应过的才会补。这里从没答应可写：区域是 r-x。" } },
          { value = F.MAPERR, because = { en = "There is an area here; it only lacks this right.", zh = "这里有区域，只是少这个权限。" } },
          { value = F.KILL, because = { en = "The tables say exactly what the kernel wants them to say.", zh = "页表写的正是内核的意思，没坏。" } },
        },
        right = { en = "A signal, and its default action: the process ends, all it had comes back.", zh = "发信号；默认动作是结束进程，它占的全部收回。" },
        hints = {
          { en = "Where does the kernel keep what it promised?", zh = "内核答应过什么，记在哪里？" },
          { en = "In the areas; see Process. The code area is r-x.", zh = "在区域里，看“进程”面板。代码区是 r-x。" },
          { en = "An area, but without w: an access error.", zh = "有区域，却没有 w：权限错误。" },
        },
      }
      m.expect(find(r, "page_fault").error, F.P | F.W | F.U, "present, write, user")
    end,

    function(m) -- 3
      m.title { en = "The same words, another answer", zh = "同样的话，不同的答复" }
      m.view "layout"
      newcomer(m)
      local va = heap(m)
      m.write(va, 44, { size = 1 })
      m.fork()
      m.bind { va = va, entry = W.entry(m, va, 3).value }
      m.say {
        en = "A new process writes to its heap and forks. It shares the page with a child now, so fork took W: {entry:hex}. It writes {va:hex} again; the MMU calls with the very same code as before.",
        zh = "新进程先写堆，再 fork。这一页从此和子进程合用，所以 fork 收走了 W：{entry:hex}。它再写 {va:hex}，MMU 报的错误码和刚才一模一样。",
      }
      local r = m.ask {
        id = "same-code",
        op = { "write", va, 45, { size = 1 } },
        before = "trap",
        text = { en = "What does the kernel do this time?", zh = "这回内核怎么办？" },
        answer = F.verdict,
        words = F.VERDICTS,
        wrong = {
          { quirk = "fault-is-an-error", because = { en = "If every fault were an error, nobody could write to shared pages after fork.", zh = "要是缺页都算出错，fork 之后谁也别想写合用的页了。" } },
          { value = F.ACCERR, because = { en = "The entry forbids, but the area says rw. The area is the promise.", zh = "页表项不许，可区域写着 rw。区域才是承诺。" } },
          { value = F.KILL, because = { en = "Nothing is broken: fork took W on purpose.", zh = "什么也没坏：W 是 fork 故意收走的。" } },
        },
        right = { en = "The error code is a question, not a verdict. The area says rw, so the page is copied.", zh = "错误码是提问，不是判决。区域写着 rw，于是复制这一页。" },
        hints = {
          { en = "Did the kernel ever promise that this page may be written?", zh = "内核答应过这一页可以写吗？" },
          { en = "Compare the area's rights with the entry's.", zh = "把区域的权限和页表项的权限比一比。" },
          { en = "The heap is rw: it must become writable.", zh = "堆是 rw：得让它变得可写。" },
        },
      }
      m.expect(find(r, "page_fault").error, F.P | F.W | F.U, "the same code as for the code page")
    end,

    function(m) -- 4
      m.title { en = "Three things in one number", zh = "一个数说三件事" }
      m.view "layout"
      m.spawn()
      m.switch(m.pids()[#m.pids()])
      m.bind { pid = m.pid(), first = heap(m) }
      m.say {
        en = "Process {pid} is fresh; nothing of its heap, from {first:hex} on, has been touched. Bits of the code: P 1, write 2, user 4.",
        zh = "进程 {pid} 刚刚出生，从 {first:hex} 开始的堆一点没碰过。错误码的位：P 是 1，写是 2，用户态是 4。",
      }
      m.task {
        text = { en = "Let the process cause three faults, with the codes 4, 6 and 7, and live.", zh = "让这个进程缺页三次，错误码分别是 4、6、7，而且活下来。" },
        goal = function(r) return codes_are(r, { 4, 6, 7 }) end,
        solution = function(q)
          local first, second = hex(heap(q)), hex(heap(q) + q.geometry().page)
          return { "read " .. first, "write " .. second .. " 1", "write " .. first .. " 1" }
        end,
        hints = {
          { en = "4 and 6 have no P: pages that are not there yet. Which accesses?", zh = "4 和 6 没有 P：页还不在。各是什么访问？" },
          { en = "For 7 a page must be there and still forbid writing. What does a first read give?", zh = "要得到 7，页得在，却不让写。头一次读给的是什么页？" },
          { en = "Read one page of the heap, write another, then write the first.", zh = "读堆里的一页，写另一页，再写头一页。" },
        },
      }
    end,

    function(m) -- 5
      m.title { en = "Data is not for running", zh = "数据不能拿来跑" }
      m.view "entry"
      local va = heap(m)
      m.bind { va = va, entry = W.entry(m, va, 3).value }
      m.say {
        en = "An attacker has put instructions on the heap, at {va:hex}, and makes the program jump there. The page is present, readable, even writable: {entry:hex}. But bit 63, X, is set.",
        zh = "有人把指令塞进堆里的 {va:hex}，再骗程序跳过去。这一页在，能读，还能写：{entry:hex}。只是第 63 位 X 是 1。",
      }
      local r = m.ask(F.code {
        id = "jump-to-heap",
        op = { "fetch", va },
        text = { en = "The error code?", zh = "错误码是多少？" },
        wrong = { F.SAYS_DATA, F.SAYS_ABSENT, F.SAYS_KERNEL, F.SAYS_WRITE },
        right = { en = "{answer} = {errbits}. Fetching has a bit of its own, or the kernel would take it for a read, which is allowed.", zh = "{answer} = {errbits}。取指单占一位，不然内核会当成读，而读是允许的。" },
        sum = { en = "Present 1, user 4, fetch 16.", zh = "在 1，用户态 4，取指 16。" },
      })
      m.expect(F.verdict(r), F.ACCERR, "the heap is not for running")
      m.after { en = "SEGV_ACCERR: the heap area has no x. The attack ends with the process.", zh = "SEGV_ACCERR：堆区没有 x。攻击连同进程一起到此为止。" }
    end,

    function(m) -- 6
      m.title { en = "The kernel's own rooms", zh = "内核自己的房间" }
      m.view "tree"
      m.switch(m.pids()[1])
      m.bind { va = KERNEL, table = W.entry(m, KERNEL, 2).table, index = W.entry(m, KERNEL, 2).index, entry = W.entry(m, KERNEL, 2).value }
      m.say {
        en = "The process that forked runs again. All of memory is mapped for the kernel in every process: {va:hex} leads to {table}[{index}], {entry:hex}. U, bit 2, is 0 there. The program reads it.",
        zh = "换回 fork 过的那个进程。每个进程里都替内核映射着全部内存：{va:hex} 通到 {table}[{index}]，即 {entry:hex}。那里的第 2 位 U 是 0。程序来读。",
      }
      local r = m.ask(F.code {
        id = "read-kernel",
        op = { "read", KERNEL, { size = 1 } },
        text = { en = "The error code?", zh = "错误码是多少？" },
        wrong = { F.SAYS_ABSENT, F.SAYS_KERNEL, F.SAYS_WRITE, F.SAYS_FETCH },
        right = { en = "{answer} = {errbits}: there is something, but not for you.", zh = "{answer} = {errbits}：东西是有，但不给你。" },
        sum = { en = "Present 1, user 4.", zh = "在 1，用户态 4。" },
      })
      m.ask {
        id = "read-kernel-verdict",
        about = r,
        before = "area_missing",
        text = { en = "And the signal?", zh = "信号呢？" },
        answer = F.verdict,
        words = F.VERDICTS,
        wrong = {
          { value = F.ACCERR, because = { en = "P and U in the code sound so. But the process has no area here: the code does not decide.", zh = "错误码里的 P 和 U 听着像。可进程在这里没有区域：错误码说了不算。" } },
          { value = "mended", because = { en = "The kernel gives nobody its own memory.", zh = "内核的内存谁也不给。" } },
          { value = F.KILL, because = { en = "Its tables are in good order.", zh = "它的页表好好的。" } },
        },
        right = { en = "No area of the process is there, so for the process nothing is mapped.", zh = "进程在那里没有区域，对它来说就是没有映射。" },
        hints = {
          { en = "Who chooses between MAPERR and ACCERR?", zh = "MAPERR 还是 ACCERR，由谁来选？" },
          { en = "The kernel, by the areas of the process.", zh = "由内核来选，依据是进程的区域。" },
          { en = "There is no area at that address.", zh = "那个地址上没有区域。" },
        },
      }
    end,

    function(m) -- 7
      m.title { en = "Where does it hurt?", zh = "疼在哪里？" }
      m.view "address"
      local g = m.geometry()
      m.switch(m.pids()[1])
      local second = m.mmap(nil, 2 * g.page, "rw").value + g.page
      local va = second - WORD // 2
      m.write(va, 46, { size = 1 })
      m.bind { va = va, size = WORD, second = second }
      m.say {
        en = "CR2 tells the kernel which address faulted. The child maps two pages, touches the first, and writes {size} bytes at {va:hex}: four in a page that is there, four beyond, in one that is not yet.",
        zh = "哪个地址缺页，由 CR2 告诉内核。子进程映射两页，先碰了前一页，再在 {va:hex} 写 {size} 个字节：四个落在已有的页里，四个落在后面还没有的页里。",
      }
      local r = m.ask {
        id = "cr2",
        op = { "write", va, 47, { size = WORD } },
        before = "page_fault",
        format = "hex",
        text = { en = "What will CR2 hold?", zh = "CR2 会是多少？" },
        answer = function(q) return q.event and q.event.va end,
        wrong = {
          { value = va, because = { en = "The access begins there, but that page is fine. The kernel would mend the wrong one, for ever.", zh = "访问从那里开始，可那一页没问题。内核会一直去补错的那一页。" } },
          { value = page(va), because = { en = "CR2 holds an address, not the page; and not that page.", zh = "CR2 里是地址，不是页的起点，也不是那一页。" } },
          { value = va + WORD - 1, because = { en = "The last byte? The first that cannot be written is meant.", zh = "最后一个字节？要的是头一个写不成的。" } },
        },
        right = { en = "The first byte that could not be translated. Not one byte was written before; the whole instruction runs again.", zh = "头一个译不出来的字节。此前一个字节都没写；整条指令从头再来。" },
        hints = {
          { en = "Which of the two pages is missing?", zh = "两页里缺的是哪一页？" },
          { en = "The first byte that lies in the missing page.", zh = "落在缺的那一页里的头一个字节。" },
          { en = "That page begins at {second:hex}.", zh = "那一页从 {second:hex} 开始。" },
        },
      }
      m.expect(r.faults, 1, "one fault")
    end,

    function(m) -- 8
      m.title { en = "Often said", zh = "常听到的一句话" }
      m.view "log"
      local va = heap(m) + 3 * m.geometry().page
      local w = m.write(va, 48, { size = 1 })
      local again = m.write(va, 49, { size = 1 })
      m.expect(F.verdict(w), "mended", "a fault is not an error")
      m.bind { va = va, faults = w.faults, error = find(w, "page_fault").error, kernel = kernel_events(w), quiet = kernel_events(again) }
      m.say { en = "Two writes to {va:hex}, one after the other. Compare who acts in each.", zh = "往 {va:hex} 连写两次。比一比两次都是谁在做事。" }
      m.card {
        claim = { en = "The operating system checks every access; a page fault means the program did wrong.", zh = "每次访问都由操作系统检查；缺页说明程序犯了错。" },
        truth = {
          en = "The first write faulted ({error}), {kernel} events of the kernel mended it; the second had {quiet}. The MMU checks, the kernel answers, and mostly with a page.",
          zh = "第一次写缺了页（{error}），内核用 {kernel} 个事件补好；第二次内核的事件是 {quiet} 个。检查的是 MMU，内核只管答复，多半是给一页。",
        },
      }
    end,

    function(m) -- 9
      m.title { en = "Rights taken back", zh = "收回权限" }
      m.view "entry"
      local g = m.geometry()
      local va = heap(m) + 3 * g.page
      m.bind { va = va, entry = W.entry(m, va, 3).value }
      m.say {
        en = "The page of {va:hex} is written all the time: {entry:hex}. Now the process calls mprotect: read only from here on.",
        zh = "{va:hex} 那一页一直在写：{entry:hex}。现在进程调用 mprotect：从此只读。",
      }
      local r = m.mprotect(page(va), g.page, "r")
      m.ask {
        id = "mprotect",
        op = { "write", va, 50, { size = 1 } },
        before = "access",
        text = { en = "The TLB held the page as writable. A write now?", zh = "TLB 里记的是可写。现在再写会怎样？" },
        answer = F.verdict,
        words = STALE,
        wrong = {
          { quirk = "no-invalidate", since = r, because = { en = "It would go through if the kernel forgot to tell the TLB. It did not forget: see tlb_drop.", zh = "要是内核忘了通知 TLB，就真写成了。它没忘：看 tlb_drop。" } },
          { value = F.MAPERR, because = { en = "mprotect takes rights, not the mapping.", zh = "mprotect 收的是权限，不是映射。" } },
        },
        right = { en = "The entry lost W, the TLB its copy, and the area says r: no excuse.", zh = "页表项没了 W，TLB 没了旧账，区域也写着 r：没有借口了。" },
        hints = {
          { en = "Who remembers the old right?", zh = "旧的权限还有谁记着？" },
          { en = "The kernel dropped it from the TLB.", zh = "内核已经让 TLB 忘掉它。" },
          { en = "An area without w: an access error.", zh = "区域没有 w：权限错误。" },
        },
      }
      m.expect(count(r, "tlb_drop"), 1, "fewer rights need an invalidation")
    end,

    function(m) -- 10
      m.title { en = "One code, two names", zh = "一个错误码，两种罪名" }
      m.view "layout"
      m.spawn()
      m.bind { va = NOBODY, pid = m.pid() }
      m.say {
        en = "Process {pid} runs; spawn makes another, and it runs as soon as nobody else does. mmap ADDRESS 4K r promises reading only.",
        zh = "现在运行的是进程 {pid}。spawn 再造一个，没人运行时它就接着跑。mmap 地址 4K r 只答应可读。",
      }
      m.task {
        text = {
          en = "Let two processes die of page faults with the same error code: one by SEGV_MAPERR, one by SEGV_ACCERR.",
          zh = "让两个进程因为错误码相同的缺页而死：一个是 SEGV_MAPERR，一个是 SEGV_ACCERR。",
        },
        goal = function(r)
          local died = {}
          for _, fault in ipairs(F.all(r.events)) do
            if fault.verdict then died[#died + 1] = fault end
          end
          return #died == 2 and died[1].error == died[2].error and died[1].verdict ~= died[2].verdict and
            died[1].verdict ~= F.KILL and died[2].verdict ~= F.KILL
        end,
        solution = function()
          local va = hex(NOBODY)
          return { "mmap " .. va .. " 4K r", "write " .. va .. " 1", "spawn", "write " .. va .. " 1" }
        end,
        hints = {
          { en = "What decides between the two names? Not the code.", zh = "两种罪名由什么决定？不是错误码。" },
          { en = "A page that was never touched is absent, whether an area promises it or not.", zh = "从没碰过的页都“不在”，不管有没有区域答应过。" },
          { en = "mmap {va:hex} 4K r, then write {va:hex}; spawn, and the newcomer writes {va:hex}, too.", zh = "先 mmap {va:hex} 4K r，再 write {va:hex}；spawn 之后，新进程也 write {va:hex}。" },
        },
      }
    end,

    step { -- 11
      title = { en = "What you take along", zh = "带走什么" },
      view = "log",
      text = {
        en = "From an error code and an area you can now say how the story ends: mended, MAPERR or ACCERR, and at which address.\n\nOne question to carry on: every right was checked in an entry the MMU had to read. How can checking cost nothing on a hit?",
        zh = "有了错误码和区域，你就能说出结局：补好、MAPERR 还是 ACCERR，以及在哪个地址。\n\n带走一个问题：每次检查权限，MMU 都得看页表项。命中 TLB 的时候，检查怎么会不花钱？",
      },
    },
  },
}
