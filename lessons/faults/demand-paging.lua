-- Demand paging: a promise costs nothing, a touch makes it true, and what was never promised is the only error (OSTEP 21; Silberschatz 10.2).
-- The buffer lies where the kernel puts it, so every step finds it again in the list of areas.

local PAGES = 8
local FIRST = 1 -- the number of a machine's first process

local function buffer(m)
  for _, a in ipairs(m.process().areas) do
    if a.kind == "mmap" then return a end
  end
end

-- The nth page of the buffer, a few bytes in.
local function inside(m, nth)
  return buffer(m).start + nth * m.geometry().page + 0x10
end

-- How an operation ended, as a word: "done", "skipped", or the signal.
local function ending(r)
  return r.kind == "signal" and r.signal or r.kind
end

local ENDINGS = {
  done = { en = "the program gets its byte", zh = "程序拿到那个字节" },
  skipped = { en = "it goes on after the read, without a byte", zh = "跳过这次读取，什么也没读到" },
  ["SIGSEGV (SEGV_MAPERR)"] = { en = "the process is killed", zh = "进程被杀死" },
  ["SIGSEGV (SEGV_ACCERR)"] = { en = "killed: it lacks the right to read", zh = "被杀死：没有读的权限" },
}

return lesson {
  id = "demand-paging", part = "faults",
  title = { en = "Memory that is not there yet", zh = "还没到手的内存" },
  rows = { "D1", "D2", "D3", "A7" }, gifts = { "uniform", "protection" }, needs = { "four-level" }, machine = "x86-64", minutes = 10,
  steps = {
    function(m) -- 1
      m.title { en = "Too quick", zh = "快得可疑" }
      m.view "layout"
      m.say {
        en = "Ask for a huge buffer and the kernel says yes at once. Nobody can clear so much memory in that time. So what did you get? First, a process is born: watch what it owns.",
        zh = "申请一块很大的内存，内核立刻就答应了。这么短的时间，谁也来不及把它清零。那你拿到的到底是什么？先看一个进程出生，看它手里有什么。",
      }
      m.spawn()
      local p = m.process()
      m.bind { areas = #p.areas, rss = p.rss }
      m.after { en = "{areas} areas, {rss} pages in memory. An area is a promise.", zh = "{areas} 个区域，{rss} 个页在内存里。区域只是承诺。" }
    end,

    function(m) -- 2
      m.title { en = "The buffer", zh = "缓冲区" }
      m.view "frames"
      local free = m.free()
      m.bind { pages = PAGES, free = free }
      m.say { en = "{free} frames are free. Now the process asks for {pages} pages to read and write.", zh = "还有 {free} 个空闲页框。现在进程申请 {pages} 页可读写的内存。" }
      local r = m.ask {
        id = "price-of-a-promise",
        text = { en = "How many frames does that take?", zh = "要用掉几个页框？" },
        op = { "mmap", nil, PAGES * m.geometry().page, "rw" },
        answer = function(r) return free - r.m.free() end,
        wrong = {
          { quirk = "map-takes-frames", because = { en = "{choice}: the pages and the tables for them. So it would be if each promise were kept at once; then yes could not be quick.", zh = "{choice}：所有的页，外加它们的页表。承诺若要当场兑现才会这样，那就不可能答应得这么快。" } },
          { value = PAGES, because = { en = "One for each page, you think. But nobody has touched a page.", zh = "你想的是一页一个。可是还没有人碰过任何一页。" } },
          { value = 1, because = { en = "One table for a start? Not even that: no address was translated yet.", zh = "先建一张页表？也不用：还没有哪个地址要翻译。" } },
        },
        right = { en = "None. A line in a list: from here to there, read and write. That is why it was quick.", zh = "一个也不用。只在清单上记一行：从这里到那里，可读可写。所以才这么快。" },
        hints = {
          { en = "It took no time. What takes time?", zh = "它几乎没花时间。什么事才花时间？" },
          { en = "The kernel writes down a range. It need not hold a page yet.", zh = "内核只记下一段范围，并不要求马上有页。" },
          { en = "The frames pane will not change at all.", zh = "页框面板一格都不会变。" },
        },
      }
      m.bind { va = r.value }
      m.after { en = "You got {va:hex}: a number to hold on to.", zh = "你拿到的是 {va:hex}：一个号码而已。" }
    end,

    function(m) -- 3
      m.title { en = "The first touch", zh = "第一次触碰" }
      m.view "tree"
      local va = inside(m, 0)
      m.bind { va = va }
      m.say { en = "The program reads one byte at {va:hex}. The MMU walks, and at the first table the entry is zero.", zh = "程序读 {va:hex} 处的一个字节。MMU 去查页表，第一张表里的那一项就是零。" }
      local r = m.ask {
        id = "how-it-ends",
        text = { en = "How does this read end?", zh = "这次读取会怎样收场？" },
        op = { "read", va },
        before = "page_fault",
        answer = ending,
        words = ENDINGS,
        wrong = {
          { quirk = "fault-is-an-error", because = { en = "A page fault is no error, it is a question: was this promised? It was.", zh = "缺页异常不是错误，而是一个问题：这个地址承诺过吗？承诺过。" } },
          { quirk = "fault-skips", because = { en = "The CPU goes back to the same instruction, not past it. It will try again.", zh = "CPU 回到的是同一条指令，不是下一条。它会再试一次。" } },
          { value = { en = "it waits for the disk", zh = "等磁盘送来" }, because = { en = "Nothing of this page is on any disk: nobody ever wrote it.", zh = "这一页从没人写过，磁盘上什么也没有。" } },
        },
        right = { en = "It stops, the kernel is asked, and then it runs again. Watch it, one key per event.", zh = "它停下，去问内核，然后重新执行。按一次键看一个事件。" },
        hints = {
          { en = "Who made a promise about this address?", zh = "谁对这个地址作过承诺？" },
          { en = "The MMU only knows tables; the kernel knows the areas.", zh = "MMU 只认得页表，区域只有内核知道。" },
          { en = "The area says yes, so the program must notice nothing.", zh = "区域里写着可以，所以程序应当毫无察觉。" },
        },
      }
      m.ask {
        id = "whose-bytes",
        text = { en = "The tables stand. Whose bytes will the program read?", zh = "页表建好了。程序读到的会是谁的字节？" },
        about = r,
        before = "frame_shared",
        answer = function(q) return q.m.frame(pfn(q.pa)).use end,
        words = {
          zero = { en = "one page of zeros that all share", zh = "大家共用的一页零" },
          anon = { en = "a fresh frame of its own", zh = "一个崭新的、自己的页框" },
          table = { en = "the new page table itself", zh = "刚建的页表本身" },
        },
        wrong = {
          { quirk = "read-takes-a-frame", because = { en = "A frame only to read zeros out of it? There is a cheaper way.", zh = "只为读出几个零就占一个页框？有更省的办法。" } },
          { value = "table", because = { en = "Tables belong to the kernel. No user page ever names one.", zh = "页表归内核，用户的页绝不会指向它。" } },
          { value = { en = "whatever was left in some frame", zh = "某个页框里残留的东西" }, because = { en = "Leftovers could be somebody's password. New memory reads as zero, always.", zh = "残留的可能是别人的密码。新内存读出来永远是零。" } },
        },
        right = { en = "Frame {label} holds only zeros. Read-only, it can stand in for every page that was never written.", zh = "页框 {label} 里全是零。只要只读，它就能顶替每一个从没写过的页。" },
        hints = {
          { en = "The program has written nothing. What must it find?", zh = "程序什么都没写过。它应当读到什么？" },
          { en = "One page of zeros is as good as another.", zh = "一页零和另一页零没有分别。" },
          { en = "The kernel keeps one frame of zeros for everybody.", zh = "内核为所有人备着一个全零的页框。" },
        },
      }
      m.bind { tries = 1 + count(r, "restart"), got = count(r, "data_read") }
      m.expect(count(r, "restart"), 1, "the instruction is run again exactly once")
      m.expect(r.faults, 1, "one touch, one fault")
      m.after { en = "Tried {tries} times, done {got} time. The program noticed nothing.", zh = "试了 {tries} 次，做成 {got} 次。程序毫无察觉。" }
    end,

    function(m) -- 4
      m.title { en = "Your hands", zh = "你来动手" }
      m.view "layout"
      local a = buffer(m)
      m.bind { start = a.start, stop = a.stop - 1, step = m.geometry().page }
      m.say { en = "The buffer is {start:hex} to {stop:hex}. Only its first page has been touched.", zh = "缓冲区从 {start:hex} 到 {stop:hex}，只碰过开头那一页。" }
      m.task {
        text = { en = "Type : and let the program touch a page of the buffer that it has not touched: one fault, nobody killed.", zh = "按 : 输入操作，让程序碰一下缓冲区里还没碰过的一页：恰好缺页一次，进程还活着。" },
        goal = function(r)
          local fault = find(r, "page_fault")
          if count(r, "page_fault") ~= 1 or r.m.pid() == 0 then return false end
          return fault.va >= a.start and fault.va < a.stop
        end,
        solution = function(q) return { "read " .. hex(inside(q, 1)) } end,
        hints = {
          { en = "read ADDRESS or write ADDRESS.", zh = "read 地址，或者 write 地址。" },
          { en = "Another page begins every {step:hex} bytes.", zh = "每隔 {step:hex} 字节就是另一页。" },
          { en = "Take the start of the buffer, add {step:hex}, read there.", zh = "缓冲区的起始地址加上 {step:hex}，读那里。" },
        },
      }
    end,

    function(m) -- 5
      m.title { en = "Read, then write", zh = "先读后写" }
      m.view "tree"
      local va = inside(m, 5)
      m.bind { va = va }
      m.say { en = "A page nobody touched: {va:hex}. The program reads it, then writes to it.", zh = "一个没人碰过的页：{va:hex}。程序先读它，再写它。" }
      local before = m.process().minor + m.process().major
      local first = m.read(va)
      m.ask {
        id = "read-then-write",
        text = { en = "Read done. After the write, how many faults will this page have cost in all?", zh = "读完了。等写也完成，这一页总共会引起几次缺页？" },
        op = { "write", va, 0x41 },
        answer = function(r) return r.m.process().minor + r.m.process().major - before end,
        wrong = {
          { quirk = "read-takes-a-frame", since = first, because = { en = "You gave it a frame of its own at the read. It has only the shared zeros, read-only.", zh = "你以为读的时候它就有了自己的页框。其实只有那页共用的零，而且只读。" } },
          { value = 0, because = { en = "Nothing was mapped before the read: that alone was a fault.", zh = "读之前什么映射都没有，光是读就缺页一次。" } },
          { value = function(r) return r.m.process().minor + r.m.process().major - before + 1 end, because = { en = "The write is tried again, but the second try succeeds.", zh = "写会重新执行一次，但第二次就成功了，不再缺页。" } },
        },
        right = { en = "{answer}: the read found no entry, the write found a read-only one. Only now does it get a frame.", zh = "{answer} 次：读时没有页表项，写时页表项只读。直到此刻它才得到页框。" },
        hints = {
          { en = "What does the entry allow after the read?", zh = "读完之后，页表项允许做什么？" },
          { en = "The shared zeros must stay zeros for all the others.", zh = "共用的那页零，必须对别人一直是零。" },
          { en = "One fault to map the zeros, one to replace them.", zh = "一次用来映射零页，一次用来换掉它。" },
        },
      }
      local p = m.process()
      m.expect(p.minor + p.major - before, 2, "read then write: two faults")
      m.expect(p.major, 0, "none of them waited for a disk")
      m.bind { minor = p.minor, major = p.major, free = m.free() }
      m.after { en = "So far {minor} minor faults, {major} major: none waited for a disk. {free} frames are free, so nobody was evicted.", zh = "到现在 {minor} 次次缺页，{major} 次主缺页：没有一次等过磁盘。还有 {free} 个空闲页框，也就没有谁被换出。" }
    end,

    function(m) -- 6
      m.title { en = "Next door", zh = "隔壁一页" }
      m.view "tree"
      local va, here = inside(m, 6), m.walk(inside(m, 5)).frame
      m.bind { va = va, here = here }
      m.say { en = "The written page lives in frame {here:label}. Now the program writes the very next page.", zh = "刚写过的页在页框 {here:label} 里。现在程序写紧挨着的下一页。" }
      m.ask {
        id = "tables-again",
        text = { en = "How many frames will the kernel take, tables included?", zh = "连页表在内，内核要取用几个页框？" },
        op = { "write", va, 0x42 },
        answer = function(r) return count(r, "frame_alloc") end,
        wrong = {
          { value = function(r) return #r.m.geometry().levels end, because = { en = "Its tables are there: the neighbour needed them. Only an entry is missing.", zh = "页表早就有了，邻居用的就是它们。缺的只是一项。" } },
          { value = 0, because = { en = "The zeros would do for reading. This is a write.", zh = "只读的话，零页就够了。可这次是写。" } },
          { value = 2, because = { en = "No detour over the zero page: a write gets its frame at once.", zh = "不用绕道零页：写操作直接得到页框。" } },
        },
        right = { en = "{answer}. The tables stand since the first touch; a write needs its own frame.", zh = "{answer} 个。页表在第一次触碰时就建好了；写，只需要一个自己的页框。" },
        hints = {
          { en = "Look at the tree: what is missing?", zh = "看页表树：还缺什么？" },
          { en = "Neighbours share all their tables.", zh = "相邻的页共用所有页表。" },
          { en = "One frame for the bytes, none for tables.", zh = "字节要一个页框，页表一个也不要。" },
        },
      }
      m.bind { rss = m.process().rss, vsz = m.process().vsz // m.geometry().page }
      m.after { en = "Promised: {vsz} pages. In memory: {rss}.", zh = "承诺了 {vsz} 页，在内存里的有 {rss} 页。" }
    end,

    function(m) -- 7
      m.title { en = "Never promised", zh = "从未承诺" }
      m.view "layout"
      local va = buffer(m).start - m.geometry().page + 0x10
      m.bind { va = va }
      m.say { en = "One page below the buffer: {va:hex}. The entry is zero there as well, just like before the first touch.", zh = "缓冲区下面一页：{va:hex}。那里的页表项也是零，和第一次触碰之前一模一样。" }
      m.ask {
        id = "outside",
        text = { en = "How does reading it end?", zh = "读它会怎样收场？" },
        op = { "read", va },
        before = { "trap", 1 },
        answer = ending,
        words = ENDINGS,
        wrong = {
          { value = "done", because = { en = "The MMU cannot tell the two apart; the list of areas can. No area, no page.", zh = "MMU 分不清这两种情况，区域清单却能。没有区域，就没有页。" } },
          { value = "SIGSEGV (SEGV_ACCERR)", because = { en = "That is for an area that forbids it. Here is no area at all.", zh = "那是有区域但不允许。这里根本没有区域。" } },
          { value = "skipped", because = { en = "A program that quietly read nothing would go on with rubbish.", zh = "悄悄跳过去，程序就会拿着垃圾继续跑。" } },
        },
        right = { en = "The trap is the same, the answer is not: no area contains it.", zh = "陷入内核的过程完全一样，答复却不同：没有哪个区域包含它。" },
        hints = {
          { en = "Compare the address with the areas.", zh = "拿这个地址和各个区域比一比。" },
          { en = "The kernel looks for an area before anything else.", zh = "内核做任何事之前，先找区域。" },
          { en = "It finds none, so there is nothing to make true.", zh = "一个也找不到，也就没有承诺可兑现。" },
        },
      }
    end,

    step { -- 8
      title = { en = "Crime or question?", zh = "犯错还是提问" },
      view = "log",
      bind = function(m)
        local p = m.process(FIRST)
        return { minor = p.minor, signal = p.signal }
      end,
      text = { en = "Many people read \"segmentation fault\" and conclude:", zh = "见惯了“段错误”，很多人就此认定：" },
      card = {
        claim = { en = "A page fault is an error.", zh = "缺页异常就是出错了。" },
        truth = { en = "{minor} faults were answered with a page. Only the one with no area behind it got {signal}. F steps back through them all.", zh = "有 {minor} 次缺页换来了页，只有背后没有区域的那一次换来了 {signal}。按 F 可以逐个往回看。" },
      },
    },

    function(m) -- 9
      m.title { en = "Three faults, two pages", zh = "三次缺页，两个页" }
      m.view "layout"
      m.say { en = "The old process is gone. Here is a new one with a heap nobody touched.", zh = "旧进程没了。这是一个新进程，它的堆还没人碰过。" }
      m.spawn()
      for _, a in ipairs(m.process().areas) do
        if a.kind == "heap" then m.bind { heap = a.start, stop = a.stop - 1 } end
      end
      m.after { en = "The heap: {heap:hex} to {stop:hex}.", zh = "堆：{heap:hex} 到 {stop:hex}。" }
      m.task {
        text = { en = "Make exactly three page faults happen on only two pages, and keep the process alive.", zh = "只用两个页，恰好引起三次缺页，而且进程还活着。" },
        goal = function(r)
          local seen, pages = {}, 0
          for _, e in ipairs(r.events) do
            if e.event == "page_fault" and not seen[page(e.va)] then
              seen[page(e.va)] = true
              pages = pages + 1
            end
          end
          return count(r, "page_fault") == 3 and pages == 2 and r.m.pid() ~= 0
        end,
        solution = function(q)
          for _, a in ipairs(q.process().areas) do
            if a.kind == "heap" then
              return { "read " .. hex(a.start), "write " .. hex(a.start) .. " 1", "write " .. hex(a.start + q.geometry().page) .. " 1" }
            end
          end
        end,
        hints = {
          { en = "One of the pages must fault twice.", zh = "其中一页得缺页两次。" },
          { en = "A page that is read first is lent the zeros; a write ends the loan.", zh = "先读，得到的是借来的零页；一写，就得归还换新。" },
          { en = "Read one heap page, write it, then write another.", zh = "读堆里的一页，再写它，然后写另一页。" },
        },
      }
    end,

    step { -- 10
      title = { en = "What you take along", zh = "带走什么" },
      view = "layout",
      bind = function(m)
        local p = m.process()
        return { rss = p.rss, vsz = p.vsz // m.geometry().page }
      end,
      text = {
        en = "You can now say, before a program runs, which of its accesses will fault and what each fault will cost. This process was promised {vsz} pages and owns {rss}.\n\nOne question to carry on: if pages may come this late, must a second process have copies of them at all?",
        zh = "现在，程序还没跑，你就能说出它的哪次访问会缺页、每次缺页要花什么。这个进程得到了 {vsz} 页的承诺，真正拥有的是 {rss} 页。\n\n带着一个问题继续：页可以来得这么晚，那么第二个进程真的需要自己的副本吗？",
      },
    },
  },
}
