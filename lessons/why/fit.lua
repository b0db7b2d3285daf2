-- Contiguous allocation: which hole a program gets, what is lost between and inside the pieces, and what it costs to win it back (Silberschatz,
-- contiguous memory allocation; Knuth, TAOCP 1, 2.5). The five holes and four programs are the textbook exercise.

local K = 1024
local HOLES = { 100, 500, 200, 300, 600 } -- K, from the low end
local BETWEEN = 55                        -- K of a program between two holes
local PROGRAMS = { 212, 417, 112, 426 }   -- K, in the order they come
local LATE = 250                          -- K of one that comes at the end
local ODD = 212000                        -- bytes: no multiple of the unit
local MARK = 77                           -- written at this address of a program, as value too

-- The piece that process pid has, nil when it has none.
local function piece(m, pid)
  for _, p in ipairs(m.partitions()) do
    if p.pid == pid then return p end
  end
end

-- Bytes of the largest of the holes that lie around the piece of pid, as they were at the beginning: which of the five is it?
local function hole_of(m, pid)
  local x = piece(m, pid)
  local at = m.partitions().base
  for _, k in ipairs(HOLES) do
    if x and x.start >= at and x.start < at + k * K then return k * K end
    at = at + (k + BETWEEN) * K
  end
  return 0
end

-- Fill memory and take the five large programs away again.
local function make_holes(m)
  local gone = {}
  for i, k in ipairs(HOLES) do
    gone[i] = m.load(k * K).value
    if i < #HOLES then m.load(BETWEEN * K) end
  end
  for _, pid in ipairs(gone) do m.exit(pid) end
end

-- The first three programs; returns their pids.
local function load_three(m)
  local pid = {}
  for i = 1, 3 do pid[i] = m.load(PROGRAMS[i] * K).value end
  return pid
end

-- All but those between the holes leave: the five holes are as at the beginning.
local function send_away(m)
  for _, pid in ipairs(m.pids()) do
    local p = piece(m, pid)
    if not p or p.size ~= BETWEEN * K then m.exit(pid) end
  end
end

local function waiting(r)
  return count(r, "program_waits") > 0
end

local OUTCOME = {
  waits = { en = "it waits in the queue", zh = "在队列里等" },
  loaded = { en = "it is loaded", zh = "装进去" },
  split = { en = "it is loaded in two pieces", zh = "拆成两块装进去" },
}

return lesson {
  id = "fit", part = "why",
  title = { en = "Plenty of room, and none that fits", zh = "空地很多，就是放不下" },
  rows = { "A4", "A5" }, machine = "partitions", needs = { "segments" }, minutes = 16,
  steps = {
    function(m) -- 1
      m.title { en = "Five holes", zh = "五个空洞" }
      m.view "partitions"
      make_holes(m)
      m.bind { program = PROGRAMS[1] * K, free = m.partitions().free, holes = #HOLES }
      m.say {
        en = "With a base and a limit a program may lie anywhere, but in one piece. After a busy morning this memory has {holes} holes, {free:size} in all. A program of {program:size} comes. The kernel looks from the low end: first fit.",
        zh = "有了基址和界限，程序可以放在任何地方，但得连成一块。忙了一上午，这片内存剩下 {holes} 个空洞，一共 {free:size}。来了一个 {program:size} 的程序。内核从低端找起：首次适配。",
      }
      local r = m.ask {
        id = "first-212",
        text = { en = "Into the hole of which size does it go?", zh = "它会放进多大的空洞？" },
        op = { "load", PROGRAMS[1] * K },
        format = "size",
        answer = function(q) return hole_of(q.m, q.value) end,
        wrong = {
          { value = 300 * K, because = { en = "That leaves the least over. First fit does not look that far.", zh = "那样剩得最少。可首次适配看不到那么远。" } },
          { value = 600 * K, because = { en = "The largest is what worst fit takes.", zh = "挑最大的，那是最差适配。" } },
          { value = 100 * K, because = { en = "It is the first, but too small.", zh = "它是第一个，可是太小。" } },
        },
        right = { en = "{answer}: the first that is large enough. The rest stays a hole.", zh = "{answer}：第一个够大的。剩下的还是空洞。" },
        hints = {
          { en = "Go through the holes from the low end.", zh = "从低端一个个看过去。" },
          { en = "Stop at the first that holds {program:size}.", zh = "第一个装得下 {program:size} 的就停。" },
          { en = "The second hole.", zh = "第二个空洞。" },
        },
      }
      m.expect(piece(m, r.value).start, m.partitions().base + (HOLES[1] + BETWEEN) * K, "the low end of the second hole")
    end,

    function(m) -- 2
      m.title { en = "Enough, and yet", zh = "明明够" }
      m.view "partitions"
      m.load(PROGRAMS[2] * K)
      m.load(PROGRAMS[3] * K)
      local p = m.partitions()
      m.bind { two = PROGRAMS[2] * K, three = PROGRAMS[3] * K, four = PROGRAMS[4] * K, free = p.free, largest = p.largest }
      m.say { en = "Two more came, {two:size} and {three:size}; find them in the list. Now {four:size} are wanted, and {free:size} are free.", zh = "又来了两个，{two:size} 和 {three:size}，在列表里找找看。现在要 {four:size}，而空闲的有 {free:size}。" }
      local r = m.ask {
        id = "first-426",
        text = { en = "What happens to the program of {four:size}?", zh = "这个 {four:size} 的程序会怎样？" },
        op = { "load", PROGRAMS[4] * K },
        before = "program_waits",
        answer = function(q) return waiting(q) and "waits" or "loaded" end,
        words = OUTCOME,
        wrong = {
          { value = "loaded", because = { en = "Enough is free, but it lies in pieces. Look for the largest.", zh = "空闲的是够，可都是零散的。看看最大的一块。" } },
          { value = "split", because = { en = "There is one base and one limit.", zh = "基址和界限各只有一个。" } },
        },
        right = { en = "{answer}. That is external fragmentation: {free:size} free, the largest piece {largest:size}.", zh = "{answer}。这就是外部碎片：空闲 {free:size}，最大的一块才 {largest:size}。" },
        hints = {
          { en = "Where would it lie?", zh = "它放哪儿？" },
          { en = "It needs one hole of its size.", zh = "它要的是一整个空洞。" },
          { en = "The largest hole has {largest:size}.", zh = "最大的空洞是 {largest:size}。" },
        },
      }
      m.ask {
        id = "first-looked-at",
        text = { en = "How many holes did the kernel look at for it?", zh = "为了它，内核看了几个空洞？" },
        about = r,
        before = "program_waits",
        answer = function(q) return count(q, "hole_examined") end,
        wrong = {
          { value = 1, because = { en = "One look at a list sorted by size would do, but this one is sorted by address.", zh = "按大小排好的链表看一眼就行，可这个是按地址排的。" } },
          { value = 0, because = { en = "Nobody keeps the size of the largest hole.", zh = "没有人记着最大的空洞有多大。" } },
          { value = function(q) return #q.m.partitions() end, because = { en = "Partitions in use are stepped over.", zh = "在用的分区会跳过去。" } },
        },
        right = { en = "{answer}, all of them: to fail one must have seen everything.", zh = "{answer} 个，全看了：要说没有，就得全都看过。" },
        hints = {
          { en = "When may a search stop?", zh = "什么时候才可以不找了？" },
          { en = "First fit stops at a success. There was none.", zh = "首次适配找到才停，可它没找到。" },
          { en = "Count the holes in the list.", zh = "数数列表里的空洞。" },
        },
      }
    end,

    function(m) -- 3
      m.title { en = "Best", zh = "最佳" }
      m.view "partitions"
      send_away(m)
      m.set("fit", "best")
      load_three(m)
      m.bind { four = PROGRAMS[4] * K, free = m.partitions().free }
      m.say { en = "All four left, and their holes merged with their neighbours: the five are there again. The same programs come, but each gets the smallest hole that holds it: best fit. Only {four:size} is still to come.", zh = "四个程序都走了，它们的空洞和邻居合并，又成了原来那五个。同样的程序再来一遍，这回每个都拿装得下它的最小空洞：最佳适配。只差 {four:size} 还没来。" }
      m.ask {
        id = "best-426",
        text = { en = "And now?", zh = "这回呢？" },
        op = { "load", PROGRAMS[4] * K },
        answer = function(q) return waiting(q) and "waits" or "loaded" end,
        words = OUTCOME,
        wrong = {
          { value = "waits", because = { en = "Again? See which hole nobody has cut into.", zh = "又等？看看哪个空洞还没人动过。" } },
          { value = "split", because = { en = "One base, one limit: one piece.", zh = "一个基址，一个界限，只能是一块。" } },
        },
        right = { en = "{answer}: nobody touched the largest hole while smaller ones would do.", zh = "{answer}：小的够用，就没人去碰最大的那个空洞。" },
        hints = {
          { en = "Which hole is still whole?", zh = "哪个空洞还是完整的？" },
          { en = "Look for {four:size} in the list.", zh = "在列表里找 {four:size}。" },
          { en = "The last hole is as it was.", zh = "最后那个空洞还是老样子。" },
        },
      }
    end,

    function(m) -- 4
      m.title { en = "Worst", zh = "最差" }
      m.view "partitions"
      send_away(m)
      m.set("fit", "worst")
      local p = m.partitions()
      m.load(PROGRAMS[1] * K)
      m.load(PROGRAMS[2] * K)
      m.bind { three = PROGRAMS[3] * K, four = PROGRAMS[4] * K, largest = p.largest, now = m.partitions().largest }
      m.say { en = "Best fit leaves the smallest rests, too small for anybody. So take the largest hole instead: its rest stays useful. Worst fit, from the five holes again; two programs are in, {three:size} comes.", zh = "最佳适配剩下的边角最小，谁也用不上。那就反过来，挑最大的空洞，剩下的还能用。最差适配，还是从五个空洞开始；两个程序已经进去，轮到 {three:size}。" }
      m.ask {
        id = "worst-rest",
        text = { en = "How large is the largest hole after that?", zh = "之后最大的空洞有多大？" },
        op = { "load", PROGRAMS[3] * K },
        format = "size",
        answer = function(q) return q.m.partitions().largest end,
        wrong = {
          { value = m.partitions().largest, because = { en = "That is the one that will be cut now.", zh = "这个现在正要被切。" } },
          { value = p.largest, because = { en = "The first program was cut out of that one.", zh = "第一个程序就是从那里切出来的。" } },
          { value = m.partitions().largest - PROGRAMS[3] * K, because = { en = "That is what is left of it, but another hole is larger.", zh = "它是剩这么多，可还有更大的空洞。" } },
        },
        right = { en = "{answer}. For {four:size} nothing is left: the large holes went first.", zh = "{answer}。{four:size} 又没地方放了：大空洞最先被切掉。" },
        hints = {
          { en = "Which hole is cut now?", zh = "现在切的是哪个？" },
          { en = "The largest of now: {now:size}. Compare its rest with the others.", zh = "此刻最大的 {now:size}。拿它剩下的和别的比。" },
          { en = "The fourth hole is still whole.", zh = "第四个空洞还是完整的。" },
        },
      }
      m.card {
        claim = { en = "Best fit is the best.", zh = "最佳适配最好。" },
        truth = { en = "It won here. But it looks at every hole and leaves slivers; over long runs first fit does as well, with less looking. No fit ends fragmentation.", zh = "这一次是它赢了。可它每次都要看遍所有空洞，还会留下碎屑；时间一长，首次适配并不差，看得还少。哪种适配都消不掉碎片。" },
      }
    end,

    function(m) -- 5
      m.title { en = "Inside", zh = "里面" }
      m.view "partitions"
      m.set("fit", "first")
      m.bind { asked = ODD, page = m.geometry().page, units = (ODD + m.geometry().page - 1) // m.geometry().page }
      m.say { en = "The kernel hands out whole units of {page} bytes: a hole of three bytes is not worth its entry in a list. A program of {asked} bytes comes.", zh = "内核按 {page} 字节一个单位往外给：三个字节的空洞，不值得在链表里记一笔。来了一个 {asked} 字节的程序。" }
      m.ask {
        id = "inside",
        text = { en = "How many bytes of its partition will it never use?", zh = "它的分区里有多少字节它根本用不到？" },
        op = { "load", ODD },
        before = "partition_taken",
        number = true,
        answer = function(q) return find(q, "partition_taken").wasted end,
        right = { en = "{answer}: internal fragmentation, less than a unit for each program.", zh = "{answer}：这叫内部碎片，每个程序不到一个单位。" },
        hints = {
          { en = "How many units does it get?", zh = "它拿到几个单位？" },
          { en = "{units} units hold it.", zh = "{units} 个单位装得下它。" },
          { en = "{units} times {page}, minus {asked}.", zh = "{units} 乘 {page}，减去 {asked}。" },
        },
      }
    end,

    function(m) -- 6
      m.title { en = "Push together", zh = "往一头推" }
      m.view "partitions"
      m.load(PROGRAMS[4] * K)
      local p = m.partitions()
      local runs = m.pid()
      m.write(MARK, MARK)
      local programs = 0
      for _, x in ipairs(p) do
        if x.pid ~= 0 then programs = programs + 1 end
      end
      m.bind { four = PROGRAMS[4] * K, free = p.free, used = p.total - p.free, programs = programs, first = p[1].size, pid = runs, mark = MARK }
      m.say { en = "{four:size} waits once more, with {free:size} free. The kernel decides to move {programs} programs down to the low end, one after the other, so that all holes become one. The lowest hole of {first:size} lies below them all.", zh = "{four:size} 又在等了，空闲的却有 {free:size}。内核决定把 {programs} 个程序一个个搬到低端，让所有空洞合成一个。最低的空洞 {first:size}，在它们所有人下面。" }
      local r = m.ask {
        id = "copied",
        text = { en = "How many bytes are copied?", zh = "要复制多少字节？" },
        op = { "compact" },
        before = "partition_moved",
        format = "size",
        answer = function(q) return q.value end,
        wrong = {
          { value = p.free, because = { en = "Holes are not copied: nothing is in them.", zh = "空洞不用复制，里面什么也没有。" } },
          { value = PROGRAMS[4] * K, because = { en = "That one is not in memory yet.", zh = "它还不在内存里。" } },
          { value = p.total, because = { en = "All of memory? Only what is in use.", zh = "整片内存？只有在用的部分。" } },
          { value = p.free - PROGRAMS[4] * K, because = { en = "Every program above the lowest hole moves, however near it lies.", zh = "最低的空洞上面，每个程序都要搬，不管离得多近。" } },
        },
        right = { en = "{answer}, in a time when nothing else can run. And process {pid}?", zh = "{answer}，这段时间里别的什么也干不了。那进程 {pid} 呢？" },
        hints = {
          { en = "Who has to move?", zh = "谁要搬？" },
          { en = "Everybody above the lowest hole, whole.", zh = "最低的空洞上面的每一个，整个搬。" },
          { en = "All that is in use: {used:size}.", zh = "在用的全部：{used:size}。" },
        },
      }
      m.expect(count(r, "partition_taken"), 1, "the one that waited is loaded")
      m.ask {
        id = "after-the-move",
        text = { en = "Before, process {pid} wrote {mark} at its address {mark}. It was moved. What does it read there now?", zh = "搬家之前，进程 {pid} 在自己的地址 {mark} 写了 {mark}。现在它被搬走了，从那里读到什么？" },
        op = { "read", MARK },
        answer = function(q) return q.value end,
        wrong = {
          { value = 0, because = { en = "Its bytes came along.", zh = "它的字节一起搬来了。" } },
          { value = { en = "it must use another address", zh = "得换个地址才行" }, because = { en = "The new base was written to its descriptor; its own addresses begin at 0 as before.", zh = "新的基址写进了它的描述符，它自己的地址照样从 0 开始。" } },
        },
        right = { en = "{answer}. The base made it possible, the copying is the price.", zh = "{answer}。能搬，靠的是基址；要复制，就是代价。" },
        hints = {
          { en = "What does the program know of its place?", zh = "程序知道自己在哪儿吗？" },
          { en = "Base plus address, with the new base.", zh = "基址加地址，用的是新基址。" },
          { en = "What it wrote.", zh = "它写的那个值。" },
        },
      }
    end,

    function(m) -- 7
      m.title { en = "Growing", zh = "长大" }
      m.view "partitions"
      local pid
      for _, p in ipairs(m.partitions()) do
        if p.size == PROGRAMS[3] * K then pid = p.pid end
      end
      m.switch(pid)
      local more = m.geometry().page
      local want = PROGRAMS[3] * K + more
      m.bind { pid = pid, size = PROGRAMS[3] * K, more = more, want = want, largest = m.partitions().largest }
      m.say { en = "Process {pid} runs, and asks for {more:size} more. Another program stands right behind it: it is suspended.", zh = "进程 {pid} 正在运行，还要 {more:size}。可它后面紧挨着另一个程序，于是它被挂起来。" }
      m.ask {
        id = "grow",
        text = { en = "How much must be copied for {more:size} more?", zh = "为了多要 {more:size}，得复制多少？" },
        op = { "grow", want },
        before = "partition_moved",
        format = "size",
        answer = function(q) return find(q, "partition_moved").bytes end,
        wrong = {
          { value = more, because = { en = "The new part alone would not be in one piece with the old.", zh = "光有新的一截，和旧的连不成一片。" } },
          { value = want, because = { en = "What is new holds nothing yet.", zh = "新的那部分里还什么都没有。" } },
          { value = 0, because = { en = "Only if a hole were right behind it.", zh = "后面正好是空洞才行。" } },
        },
        right = { en = "{answer}: all it has, to another hole. Then it goes on.", zh = "{answer}：把全部家当搬到另一个空洞，然后接着运行。" },
        hints = {
          { en = "It must lie in one piece.", zh = "它必须连成一片。" },
          { en = "The whole program goes to a hole that is large enough.", zh = "整个程序搬到够大的空洞里。" },
          { en = "What it has now: {size:size}.", zh = "它现有的 {size:size}。" },
        },
      }
      m.expect(m.read(want - 1).kind, "done", "the new last byte is its own")
    end,

    function(m) -- 8
      m.title { en = "Somebody has to go", zh = "总得有人走" }
      m.view "partitions"
      local out
      for _, p in ipairs(m.partitions()) do
        if p.size == PROGRAMS[2] * K then out = p end
      end
      m.bind { want = LATE * K, out = out.pid, size = out.size, largest = m.partitions().largest }
      m.load(LATE * K)
      m.say { en = "A program of {want:size} waits: the largest hole has {largest:size}. The kernel makes room: process {out} shall go to the swap device.", zh = "一个 {want:size} 的程序在等，最大的空洞只有 {largest:size}。内核来腾地方：进程 {out} 去交换设备上待着。" }
      local r = m.ask {
        id = "swapped",
        text = { en = "How much is written to the device?", zh = "要往设备上写多少？" },
        op = { "swapout", out.pid },
        before = "program_out",
        format = "size",
        answer = function(q) return find(q, "program_out").bytes end,
        wrong = {
          { value = LATE * K, because = { en = "Only as much as is needed? A program in one piece leaves in one piece.", zh = "要多少写多少？整块装入的程序，走也是整个走。" } },
          { value = LATE * K - m.partitions().largest, because = { en = "Only what is missing? Half a program cannot run.", zh = "缺多少写多少？半个程序没法运行。" } },
          { value = 0, because = { en = "Its bytes exist nowhere else.", zh = "它的字节在别处可没有。" } },
        },
        right = { en = "{answer}: the whole process, though hardly any of it will be used soon.", zh = "{answer}：整个进程，哪怕近期只用得到一点点。" },
        hints = {
          { en = "What can be left behind?", zh = "能留下一部分吗？" },
          { en = "One base, one limit: all or nothing.", zh = "一个基址，一个界限：要么全走，要么不走。" },
          { en = "Its size: {size:size}.", zh = "它的大小：{size:size}。" },
        },
      }
      local late = find(r, "partition_taken").other
      m.expect(piece(m, late).size, LATE * K, "the waiting program got in")
      m.exit(late)
      m.expect(piece(m, out.pid) ~= nil, true, "and the other comes back when it is gone")
      m.bind { late = late }
      m.after { en = "Process {late} got in. When it ended, process {out} came back by itself, from the queue.", zh = "进程 {late} 进去了。它一结束，进程 {out} 就从队列里自己回来了。" }
    end,

    function(m) -- 9
      m.title { en = "Your turn", zh = "轮到你" }
      m.view "partitions"
      for _, pid in ipairs(m.pids()) do m.exit(pid) end
      local free = m.partitions().free
      m.bind { free = free, half = free // 2, quarter = free // 4 }
      m.say { en = "All have gone: one hole of {free:size}. Commands: load SIZE, exit PID, compact, set fit first, best, worst or next.", zh = "大家都走了，只剩一个 {free:size} 的空洞。可用的命令：load 大小，exit 进程号，compact，set fit first、best、worst 或 next。" }
      m.task {
        text = { en = "Break memory up: a program must wait although the holes together have room for it, with half of all memory free or more.", zh = "把内存弄碎：空闲的至少有一半，加起来也装得下，程序却只能等。" },
        goal = function(r)
          for _, e in ipairs(r.events) do
            if e.event == "program_waits" and e.bytes >= e.asked and e.bytes * 2 >= r.m.partitions().total then return true end
          end
          return false
        end,
        solution = function(q)
          local all = q.partitions().free
          local piece_size = all // 4
          return { "load " .. piece_size, "load " .. piece_size, "load " .. piece_size, "load " .. piece_size, "exit 1", "exit 3", "load " .. all // 2 }
        end,
        hints = {
          { en = "Holes merge with neighbouring holes.", zh = "相邻的空洞会合并。" },
          { en = "Keep something in use between them.", zh = "中间留点在用的东西。" },
          { en = "Four programs of {quarter:size}; the first and the third leave; then load {half:size}.", zh = "装四个 {quarter:size} 的程序，第一个和第三个退出，再 load {half:size}。" },
        },
      }
    end,

    step { -- 10
      title = { en = "What you take along", zh = "带走什么" },
      view = "partitions",
      bind = function(m)
        local p = m.partitions()
        return { copied = p.copied, swapped = p.swapped, free = p.free, largest = p.largest }
      end,
      text = {
        en = "{free:size} free, the largest hole {largest:size}. On the way {copied:size} were copied and {swapped:size} went through the disk, only because a program had to lie in one piece.\n\nOne question to carry on: what if it need not? If memory and program were both cut into equal pieces?",
        zh = "空闲 {free:size}，最大的空洞 {largest:size}。一路上复制了 {copied:size}，经过磁盘 {swapped:size}，全因为程序必须连成一片。\n\n带着一个问题继续：要是不必连成一片呢？把内存和程序都切成一样大的小块，会怎样？",
      },
    },
  },
}
