-- Memory without translation: one number, one byte, for everybody; then the same machine with CR0.PG = 1 (SDM vol. 3A, 2.5 and 4.1; OSTEP 13;
-- Silberschatz 9.1). Two programs lie side by side; later two processes use one address.

local PROGRAM = 16 * 1024 -- bytes of each program
local INSIDE = 8          -- where its variable is, from the start of its memory
local OURS, THEIRS, STRAY = 0x11, 0x42, 0x66

-- The piece of memory that process pid has.
local function piece(m, pid)
  for _, p in ipairs(m.partitions()) do
    if p.pid == pid then return p end
  end
end

local function variable(m, pid)
  return piece(m, pid).start + INSIDE
end

-- Whose memory a physical address lies in; 0: nobody's.
local function owner(m, pa)
  for _, p in ipairs(m.partitions()) do
    if pa >= p.start and pa < p.start + p.size then return p.pid end
  end
  return 0
end

local function heap(m, pid)
  for _, a in ipairs(m.process(pid).areas) do
    if a.kind == "heap" then return a.start + INSIDE end
  end
end

local function page_of(m, pfn)
  local page = m.geometry().page
  return m.bytes(pfn * page, page)
end

local function differing(a, b)
  local n = 0
  for i = 1, #a do
    if a[i] ~= b[i] then n = n + 1 end
  end
  return n
end

return lesson {
  id = "no-mmu", part = "why",
  title = { en = "One number, one byte", zh = "一个号码，一个字节" },
  rows = { "A3", "A8", "A7" }, gifts = { "protection", "uniform" }, machine = "no-mmu", needs = { "split" }, minutes = 12,
  steps = {
    function(m) -- 1
      m.title { en = "Nobody in between", zh = "中间没有人" }
      m.view "partitions"
      m.load(PROGRAM)
      m.load(PROGRAM)
      local at = variable(m, 1)
      m.bind { at = at, size = PROGRAM, start = piece(m, 1).start }
      m.say {
        en = "The first computers had no MMU, and small ones today have none. Paging is off here too: CR0.PG = 0. Two programs of {size:size} were loaded, one behind the other. The first keeps a variable at {at:hex}.",
        zh = "最早的计算机没有 MMU，今天的小芯片也常常没有。这里也关掉了分页：CR0.PG = 0。装进来两个 {size:size} 的程序，一个挨着一个。第一个程序的变量在 {at:hex}。",
      }
      m.ask {
        id = "what-is-added",
        text = { en = "Program 1 writes to its variable. What is added to that number before it reaches the memory chips?", zh = "程序 1 往自己的变量写。这个号码送到内存条之前，要加上多少？" },
        op = { "write", at, OURS },
        before = "data_write",
        format = "hex",
        answer = function(r) return r.pa - at end,
        wrong = {
          { value = piece(m, 1).start, because = { en = "Adding the start of the program is what a base register would do. This machine has none.", zh = "加上程序的起点，那是基址寄存器做的事。这台机器没有。" } },
          { value = m.geometry().page, because = { en = "A page would be found in a table. There are no pages now.", zh = "页要靠查表。现在没有页。" } },
          { value = INSIDE, because = { en = "That is where the variable is, counted from the start. It is in the number already.", zh = "那是变量离开头有多远，已经算在号码里了。" } },
        },
        right = { en = "{answer}: nothing. The number in the program is the number on the wires.", zh = "{answer}：什么也不加。程序里写的号码，就是送到线上的号码。" },
        hints = {
          { en = "Who could change the number on its way?", zh = "号码在路上会被谁改掉？" },
          { en = "With paging off there is no table, and no register to add.", zh = "分页关着，没有表可查，也没有寄存器可加。" },
          { en = "It arrives as it was.", zh = "怎么写的，就怎么到。" },
        },
      }
      m.expect(m.word(at, 1), OURS, "the byte stands where the program said")
    end,

    function(m) -- 2
      m.title { en = "One step too far", zh = "多走了一步" }
      m.view "partitions"
      m.switch(2)
      m.write(variable(m, 2), THEIRS)
      m.switch(1)
      local last = piece(m, 1).start + piece(m, 1).size - 1
      local stray = variable(m, 2)
      m.bind { last = last, stray = stray, theirs = THEIRS }
      m.say {
        en = "Program 2 has stored {theirs:hex} in its own variable. Program 1 runs through an array and its loop ends too late: its memory ends with {last:hex}, the index goes on to {stray:hex}.",
        zh = "程序 2 在自己的变量里存了 {theirs:hex}。程序 1 正在扫一个数组，循环却停晚了：它的内存到 {last:hex} 为止，下标一直走到了 {stray:hex}。",
      }
      m.ask {
        id = "who-stops-it",
        text = { en = "Program 1 writes there. What happens?", zh = "程序 1 写到那里，会怎样？" },
        op = { "write", stray, STRAY },
        answer = function(r) return r.kind == "done" and (owner(r.m, r.pa) == 1 and "own" or "theirs") or "stopped" end,
        words = {
          theirs = { en = "a byte of program 2 changes", zh = "程序 2 的一个字节被改" },
          own = { en = "a byte of its own changes", zh = "改的是它自己的字节" },
          stopped = { en = "the hardware stops it", zh = "硬件拦下它" },
        },
        wrong = {
          { value = "stopped", because = { en = "By comparing with what? The hardware does not know where a program ends.", zh = "拿什么来比？硬件不知道程序到哪里为止。" } },
          { value = "own", because = { en = "Addresses do not wrap around at the end of a program.", zh = "地址到了程序末尾不会绕回去。" } },
        },
        right = { en = "It is a write like any other. No event tells of a mistake: there is none, for the machine.", zh = "不过是一次普通的写。没有任何事件提到出错：在机器看来，根本没有错。" },
        hints = {
          { en = "In whose piece of memory does {stray:hex} lie?", zh = "{stray:hex} 落在谁的那块内存里？" },
          { en = "Does anything compare addresses with owners?", zh = "有谁会拿地址去对主人吗？" },
          { en = "The byte exists, so it is written.", zh = "字节在那儿，就写进去了。" },
        },
      }
      m.switch(2)
      m.ask {
        id = "what-is-left",
        text = { en = "Program 2 reads its variable at {stray:hex}. What does it find?", zh = "程序 2 读自己在 {stray:hex} 的变量，读到什么？" },
        op = { "read", stray },
        format = "hex",
        answer = function(r) return r.value end,
        wrong = {
          { value = THEIRS, because = { en = "It never wrote anything else. But it was not the only one who wrote.", zh = "它自己确实没再写过。可写的人不止它一个。" } },
          { value = OURS, because = { en = "That stands in program 1's variable.", zh = "那个值在程序 1 的变量里。" } },
          { value = 0, because = { en = "Nobody cleared it.", zh = "没有人清过它。" } },
        },
        right = { en = "{answer}. Program 2 will fail some day, and its author will search in vain.", zh = "{answer}。程序 2 迟早会出怪事，而它的作者怎么查也查不出毛病。" },
        hints = {
          { en = "Who wrote to this byte last?", zh = "最后写这个字节的是谁？" },
          { en = "There is one byte with this number.", zh = "这个号码的字节只有一个。" },
          { en = "What the stray write left.", zh = "就是那次写歪了的值。" },
        },
      }
    end,

    function(m) -- 3
      m.title { en = "Even the kernel", zh = "内核也一样" }
      m.view "frames"
      m.switch(1)
      m.bind { low = INSIDE }
      m.say { en = "The kernel lives in the same memory: frame f0 is its own. Program 1, in user mode, writes to {low:hex}.", zh = "内核也住在同一片内存里：页框 f0 就是它的。用户态的程序 1 往 {low:hex} 写。" }
      m.ask {
        id = "how-many-checks",
        text = { en = "How many things are looked up or checked between the instruction and the byte?", zh = "从指令到字节之间，要查几样东西、做几次检查？" },
        op = { "write", INSIDE, STRAY },
        answer = function(r) return r.event_count - count(r, "access") - count(r, "data_write") end,
        wrong = {
          { value = 1, because = { en = "User mode or kernel mode? Rights are kept in page-table entries, and none is read.", zh = "查是不是用户态？权限写在页表项里，而页表项根本没读。" } },
          { value = function(r) return #r.m.geometry().levels end, because = { en = "The tables would be read with paging on.", zh = "分页开着，才会去读那几级表。" } },
          { value = 2, because = { en = "A TLB lookup and a right? Both belong to the MMU, which is asleep.", zh = "查 TLB，再查权限？两样都归 MMU 管，它正睡着。" } },
        },
        right = { en = "{answer}. The kernel's bytes are bytes like all others.", zh = "{answer}。内核的字节，和别的字节没有两样。" },
        hints = {
          { en = "Look at the events of the last write.", zh = "看看上一次写的事件。" },
          { en = "Rights stand in tables that nobody reads now.", zh = "权限写在表里，而现在没人读表。" },
          { en = "Wanted, written: nothing between.", zh = "想写，写了，中间什么都没有。" },
        },
      }
    end,

    function(m) -- 4
      m.title { en = "The second copy", zh = "第二份" }
      m.view "partitions"
      local r = m.load(PROGRAM)
      local at = variable(m, 1)
      m.switch(r.value)
      m.bind { at = at, third = r.value, start = piece(m, r.value).start }
      m.say {
        en = "Program 1 is started a second time, as process {third}, and gets the memory from {start:hex} on. It is the same file: its instructions say {at:hex} where they mean \"my variable\".",
        zh = "程序 1 又启动了一份，是进程 {third}，内存从 {start:hex} 开始。文件是同一个：指令里凡是“我的变量”，写的都是 {at:hex}。",
      }
      m.ask {
        id = "whose-variable",
        text = { en = "Process {third} writes to \"its\" variable, {at:hex}. Which process's byte changes?", zh = "进程 {third} 往“自己的”变量 {at:hex} 写。改的是哪个进程的字节？" },
        op = { "write", at, STRAY },
        before = "data_write",
        answer = function(q) return owner(q.m, q.pa) end,
        wrong = {
          { value = r.value, because = { en = "Its own lies elsewhere. The loader would have to change every address in the file.", zh = "它自己的在别处。除非装入时把文件里每个地址都改一遍。" } },
          { value = 2, because = { en = "That one lies between the two.", zh = "那一个夹在中间。" } },
          { value = 0, because = { en = "The byte has an owner.", zh = "这个字节有主人。" } },
        },
        right = { en = "Process {answer}'s. A program without translation runs at one place only, and can never be moved.", zh = "进程 {answer} 的。没有地址转换，程序只能待在一个地方，永远搬不动。" },
        hints = {
          { en = "The number in the instruction is all there is.", zh = "指令里的号码就是全部。" },
          { en = "Who has the memory around {at:hex}?", zh = "{at:hex} 那一片是谁的？" },
          { en = "The first copy.", zh = "第一份。" },
        },
      }
    end,

    function(m) -- 5
      m.title { en = "One bit", zh = "一个位" }
      m.view "tree"
      m.switch(0)
      m.set("cr0.pg", 1)
      local d = m.spawn().value
      local e = m.spawn().value
      local va = heap(m, d)
      m.write(va, OURS)
      local frame = m.walk(va, { pid = d }).frame
      local before = page_of(m, frame)
      m.switch(e)
      m.bind { d = d, e = e, va = va, frame = frame, ours = OURS, stray = STRAY }
      m.say {
        en = "Now CR0.PG is 1, and two new processes have page tables of their own. Process {d} has written {ours:hex} to {va:hex}: it lies in frame {frame:label}. Process {e} is about to write {stray:hex} to the same number.",
        zh = "现在 CR0.PG 是 1，两个新进程各有各的页表。进程 {d} 往 {va:hex} 写了 {ours:hex}，落在页框 {frame:label}。进程 {e} 正要往同一个号码写 {stray:hex}。",
      }
      m.ask {
        id = "bytes-touched",
        text = { en = "How many bytes of frame {frame:label} will change?", zh = "页框 {frame:label} 里会有几个字节变？" },
        op = { "write", va, STRAY },
        answer = function(q) return differing(before, page_of(q.m, frame)) end,
        wrong = {
          { value = 1, because = { en = "Same number, same byte: true until CR0.PG was set.", zh = "号码相同，字节就相同：在 CR0.PG 置 1 之前是这样。" } },
          { value = m.geometry().page, because = { en = "A whole page is filled with zeros first, but it is another one.", zh = "的确会先清零一整页，可那是另一页。" } },
        },
        right = { en = "{answer}. The tables of process {e} lead to a frame of its own.", zh = "{answer} 个。进程 {e} 的页表通向它自己的页框。" },
        hints = {
          { en = "Whose tables are read for this write?", zh = "这次写，读的是谁的页表？" },
          { en = "CR3 names the tables of the process that runs.", zh = "CR3 指着正在运行的那个进程的页表。" },
          { en = "They have never heard of {frame:label}.", zh = "那里面从没出现过 {frame:label}。" },
        },
      }
      m.expect(differing(before, page_of(m, frame)), 0, "the whole frame is as it was")
    end,

    function(m) -- 6
      m.title { en = "Both are right", zh = "两个都对" }
      m.view "frames"
      local all = m.pids()
      local d, e = all[#all - 1], all[#all]
      local va = heap(m, d)
      local frame = m.walk(va, { pid = d }).frame
      m.bind { d = d, e = e, va = va, frame = frame }
      m.switch(d)
      m.say { en = "Back to process {d}. It reads {va:hex}.", zh = "换回进程 {d}，它读 {va:hex}。" }
      m.ask {
        id = "still-there",
        text = { en = "What does it find?", zh = "读到什么？" },
        op = { "read", va },
        format = "hex",
        answer = function(q) return q.value end,
        wrong = {
          { value = STRAY, because = { en = "Process {e} reads that, at the same number, in another frame.", zh = "那是进程 {e} 读到的：号码相同，页框不同。" } },
          { value = 0, because = { en = "Its page did not go away during the switch.", zh = "切换的时候，它的页并没有丢。" } },
        },
        right = { en = "{answer}, its own. Two processes, one number, two bytes.", zh = "{answer}，自己的。两个进程，一个号码，两个字节。" },
        hints = {
          { en = "Did anybody write to its frame?", zh = "有人写过它的页框吗？" },
          { en = "The other write went through other tables.", zh = "另一次写走的是另一套页表。" },
          { en = "What it wrote itself.", zh = "它自己写的那个值。" },
        },
      }
      m.ask {
        id = "ways-in",
        text = { en = "Process {e} wants to spy. How many of its addresses lead to frame {frame:label}?", zh = "进程 {e} 想偷看。它有几个地址通向页框 {frame:label}？" },
        op = { "switch", e },
        answer = function(q) return q.m.frame(frame).maps - 1 end,
        wrong = {
          { value = 1, because = { en = "The one number they share? Its entry names another frame.", zh = "两人共用的那个号码？它的页表项写的是别的页框。" } },
          { value = m.geometry().page, because = { en = "Each byte of the page would need an address. Not one has.", zh = "这一页每个字节各要一个地址。可一个都没有。" } },
        },
        right = { en = "{answer}. Nothing is forbidden: there is simply no number for it.", zh = "{answer} 个。不是禁止，而是根本没有号码可用。" },
        hints = {
          { en = "How does a process name a frame?", zh = "进程靠什么说出一个页框？" },
          { en = "Only by an entry of its own tables.", zh = "只能靠自己页表里的一项。" },
          { en = "The frame pane counts who maps it.", zh = "页框面板上写着有几处映射它。" },
        },
      }
      m.card {
        claim = { en = "Protection means comparing every address with a list of forbidden ones.", zh = "保护就是拿每个地址去和一张禁区名单比对。" },
        truth = { en = "A process has no name for what is not its own. The name itself leads only to its own memory.", zh = "不属于自己的东西，进程连名字都叫不出来。它能叫出的号码，只通向自己的内存。" },
      }
    end,

    function(m) -- 7
      m.title { en = "Room for everybody", zh = "人人都有地方" }
      m.view "layout"
      local g = m.geometry()
      local ram = g.frames * g.page
      m.bind { ram = ram, bits = g.va_bits, page = g.page }
      local all = m.pids()
      m.say { en = "This machine has {ram:size} of memory for everybody. An address has {bits} bits; the upper half of them all belongs to the kernel.", zh = "这台机器的内存一共 {ram:size}，大家合用。地址有 {bits} 位，上面一半归内核。" }
      m.ask {
        id = "how-much-room",
        text = { en = "With paging on: how many bytes of addresses does each process have for itself?", zh = "开着分页，每个进程自己有多少字节的地址可用？" },
        op = { "switch", all[#all - 1] },
        format = "size",
        answer = function(q) return 1 << (q.m.geometry().va_bits - 1) end,
        wrong = {
          { value = ram, because = { en = "Addresses are not memory: most of them lead nowhere yet.", zh = "地址不是内存：大多数地址暂时哪儿也不通。" } },
          { value = ram // 2, because = { en = "Shared out among two? Each has all the numbers.", zh = "两个人平分？号码人人有一整套。" } },
          { value = 1 << g.va_bits, because = { en = "Half of these are the kernel's.", zh = "其中一半是内核的。" } },
        },
        right = { en = "{answer}, and the other one has just as many. Memory is taken only for what is touched.", zh = "{answer}，另一个也有这么多。只有碰到的地方才占内存。" },
        hints = {
          { en = "Count addresses, not memory.", zh = "数地址，不是数内存。" },
          { en = "Half of what {bits} bits can name.", zh = "{bits} 位能叫出的号码的一半。" },
          { en = "2 to the power of {bits} minus 1.", zh = "2 的（{bits} 减 1）次方。" },
        },
      }
      m.expect(m.run({ "write", 1 << (g.va_bits - 1), 1 }).kind, "signal", "the first address of the other half is not the user's")
    end,

    function(m) -- 8
      m.title { en = "Your turn", zh = "轮到你" }
      m.view "partitions"
      m.switch(0)
      local from, to = variable(m, 1), variable(m, 2)
      m.bind { from = from, to = to }
      m.say { en = "Programs 1 and 2 are still there, in one piece each. Commands: switch PID, set cr0.pg off, write ADDRESS VALUE.", zh = "程序 1 和 2 还在，各占一整块。可用的命令：switch 进程号，set cr0.pg off，write 地址 值。" }
      m.task {
        text = { en = "Switch paging off, and let program 1 change a byte that belongs to program 2.", zh = "关掉分页，让程序 1 改掉程序 2 的一个字节。" },
        goal = function(r)
          for _, e in ipairs(r.events) do
            if e.event == "data_write" and e.pid == 1 and owner(r.m, e.pa) == 2 then return true end
          end
          return false
        end,
        solution = function(q)
          return { "set cr0.pg off", "switch 1", "write " .. hex(variable(q, 2)) .. " " .. STRAY }
        end,
        hints = {
          { en = "Nobody may run while the bit is changed.", zh = "改这个位的时候，不能有程序在运行。" },
          { en = "The pane shows where program 2 lies.", zh = "面板上写着程序 2 在哪里。" },
          { en = "set cr0.pg off, switch 1, write {to:hex} 1.", zh = "set cr0.pg off，switch 1，write {to:hex} 1。" },
        },
      }
    end,

    step { -- 9
      title = { en = "What you take along", zh = "带走什么" },
      view = "partitions",
      bind = function(m) return { programs = #m.pids() } end,
      text = {
        en = "Without translation a program is at the mercy of every other, and nailed to one place. You have seen both, and the one bit that ends it.\n\nOne question to carry on: must it be whole tables? What would a single register do, added to each address?",
        zh = "没有地址转换，程序只能听凭别人摆布，还被钉死在一个地方。两样你都亲眼看过，也看过结束这一切的那一个位。\n\n带着一个问题继续：非要一整套页表吗？只用一个寄存器，每个地址都加上它，能做到什么？",
      },
    },
  },
}
