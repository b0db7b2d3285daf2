-- Segmentation: a number picks a base and a limit, the offset is compared and added (Silberschatz, segmentation hardware; OSTEP 15 and 16). The
-- table stands in memory from the start, as the books print it; whoever writes there moves a segment.

-- Bytes a segment can have at most: what is left of an address for the offset says it.
local function most(m)
  return 1 << m.segments().offset_bits
end

local function address(m, segment, offset)
  return segment << m.segments().offset_bits | offset
end

local function descriptor(m, segment)
  return m.segments()[segment + 1]
end

local HOW = {
  done = { en = "the byte is read", zh = "读到那个字节" },
  written = { en = "the byte is written", zh = "写入那个字节" },
  fault = { en = "a trap", zh = "陷入" },
  elsewhere = { en = "a byte of another segment is read", zh = "读到别的段的字节" },
}

return lesson {
  id = "segments", part = "why",
  title = { en = "Compare, then add", zh = "先比较，再相加" },
  rows = { "A6" }, machine = "segments", needs = { "no-mmu" }, minutes = 13,
  steps = {
    function(m) -- 1
      m.title { en = "One register", zh = "一个寄存器" }
      m.view "segments"
      local d = descriptor(m, 2)
      local va = address(m, 2, 53)
      m.bind { va = va, n = 2, offset = 53, base = d.base, limit = d.limit, count = #m.segments() }
      m.say {
        en = "A base register is added to every address, so a program may lie anywhere. One program has several such pieces: code, data, a stack. So there is a table of {count} bases, and the top digit of an address says which: {va:hex} is segment {n}, offset {offset}.",
        zh = "每个地址都加上一个基址寄存器，程序就可以放在任何地方。可程序本身又分成好几块：代码、数据、栈。于是有了一张表，{count} 个基址；地址的最高一位十六进制数说用哪个：{va:hex} 就是段 {n}，偏移 {offset}。",
      }
      local r = m.ask {
        id = "two-fifty-three",
        text = { en = "At which physical address is the byte?", zh = "这个字节在哪个物理地址？" },
        op = { "read", va },
        before = "segment_added",
        answer = function(q) return q.pa end,
        wrong = {
          { value = 53, because = { en = "That is where it is within the segment.", zh = "那只是在段里的位置。" } },
          { value = d.limit + 53, because = { en = "The limit is compared, never added.", zh = "界限是拿来比的，从不相加。" } },
          { value = va, because = { en = "So it was without segments. Now the top digit only picks a row.", zh = "没有段的时候是这样。现在最高位只用来选一行。" } },
          { value = d.base + va, because = { en = "The segment's number is not part of the sum.", zh = "段号不参加相加。" } },
        },
        right = { en = "{answer}: base {base} plus offset {offset}.", zh = "{answer}：基址 {base} 加偏移 {offset}。" },
        hints = {
          { en = "Find the row of segment {n}.", zh = "找到段 {n} 那一行。" },
          { en = "Base plus offset.", zh = "基址加偏移。" },
          { en = "{base} plus {offset}.", zh = "{base} 加 {offset}。" },
        },
      }
      m.expect(count(r, "segment_read"), 1, "one descriptor is read")
    end,

    function(m) -- 2
      m.title { en = "What it costs", zh = "代价" }
      m.view "segments"
      local d = descriptor(m, 3)
      local va = address(m, 3, 852)
      m.bind { va = va, n = 3, offset = 852, base = d.base }
      m.say { en = "The table stands in ordinary memory: it is drawn from its bytes. The program reads {va:hex}, segment {n}, offset {offset}.", zh = "这张表就在普通内存里，面板是照着它的字节画的。程序读 {va:hex}，也就是段 {n}，偏移 {offset}。" }
      local r = m.ask {
        id = "reads-of-memory",
        text = { en = "How often is memory read before the program has its byte?", zh = "程序拿到字节之前，内存一共要读几次？" },
        op = { "read", va },
        answer = function(q) return count(q, "segment_read") + count(q, "data_read") end,
        wrong = {
          { value = 1, because = { en = "And where does the base come from? CPUs that keep descriptors in registers get by with one.", zh = "那基址从哪儿来？把描述符留在寄存器里的 CPU，才只要一次。" } },
          { value = 3, because = { en = "Base and limit stand in one descriptor.", zh = "基址和界限在同一个描述符里。" } },
          { value = function(q) return #q.m.segments() + 1 end, because = { en = "The number is an index: nothing is searched.", zh = "段号就是下标，用不着一行行找。" } },
        },
        right = { en = "{answer}: the descriptor, then the byte.", zh = "{answer} 次：先读描述符，再读字节。" },
        hints = {
          { en = "Base and limit are bytes somewhere.", zh = "基址和界限也是存在某处的字节。" },
          { en = "One descriptor, then the data.", zh = "一个描述符，然后是数据。" },
          { en = "One and one.", zh = "一加一。" },
        },
      }
      m.ask {
        id = "three-eight-fifty-two",
        text = { en = "And where is it?", zh = "它在哪里？" },
        about = r,
        before = "segment_added",
        answer = function(q) return q.pa end,
        wrong = {
          { value = 852, because = { en = "Without the base it would be somebody else's byte.", zh = "不加基址，就成了别人的字节。" } },
          { value = function(q) return descriptor(q.m, 2).base + 852 end, because = { en = "That is the base one row above.", zh = "那是上一行的基址。" } },
          { value = d.base - 852, because = { en = "This segment grows upwards.", zh = "这一段是向上长的。" } },
        },
        right = { en = "{answer}.", zh = "{answer}。" },
        hints = {
          { en = "Read the row that was fetched.", zh = "看刚取来的那一行。" },
          { en = "Base plus offset.", zh = "基址加偏移。" },
          { en = "{base} plus {offset}.", zh = "{base} 加 {offset}。" },
        },
      }
    end,

    function(m) -- 3
      m.title { en = "Too far", zh = "太远了" }
      m.view "segments"
      local d = descriptor(m, 0)
      local va = address(m, 0, 1222)
      m.bind { va = va, n = 0, offset = 1222, base = d.base, limit = d.limit, sum = d.base + 1222 }
      m.say { en = "Segment {n} has base {base} and limit {limit}. A jump goes wrong and fetches from offset {offset}. At {sum} there certainly is a byte.", zh = "段 {n} 的基址是 {base}，界限是 {limit}。一次跳转出了错，要从偏移 {offset} 取指令。{sum} 那里当然有字节。" }
      m.ask {
        id = "zero-twelve-twenty-two",
        text = { en = "What happens?", zh = "会怎样？" },
        op = { "fetch", va },
        before = "segment_limit",
        answer = function(q) return q.kind end,
        words = HOW,
        wrong = {
          { value = "done", because = { en = "That is how it was without a limit.", zh = "没有界限的时候才会这样。" } },
          { value = "elsewhere", because = { en = "That is what would happen if only the base were added. The limit is there to prevent it.", zh = "只加基址的话就会这样。界限正是用来防它的。" } },
        },
        right = { en = "{answer}: {offset} is not below {limit}. The comparison comes first, the sum is never made.", zh = "{answer}：{offset} 不小于 {limit}。先比较，那个和根本没去算。" },
        hints = {
          { en = "Compare the offset with something.", zh = "拿偏移去和谁比一比。" },
          { en = "Legal offsets lie below the limit.", zh = "合法的偏移都小于界限。" },
          { en = "{offset} and {limit}.", zh = "{offset} 和 {limit}。" },
        },
      }
      local e = descriptor(m, 3)
      m.bind { third = 3, last = e.limit }
      m.ask {
        id = "last-legal",
        text = { en = "Segment {third} has limit {last}. Which is its highest offset that may be used?", zh = "段 {third} 的界限是 {last}。能用的最大偏移是多少？" },
        op = { "read", address(m, 3, e.limit) },
        before = "segment_limit",
        number = true,
        answer = function(q)
          local x = find(q, "segment_limit")
          return x and x.limit - 1
        end,
        right = { en = "{answer}. The limit is a length: offsets count from zero.", zh = "{answer}。界限是长度，偏移从零数起。" },
        hints = {
          { en = "The first offset is 0.", zh = "第一个偏移是 0。" },
          { en = "A segment of one byte would have limit 1 and one legal offset.", zh = "只有一个字节的段，界限是 1，合法偏移只有一个。" },
          { en = "One less than the limit.", zh = "比界限小一。" },
        },
      }
      m.expect(m.read(address(m, 3, e.limit - 1)).kind, "done", "the last one is legal")
    end,

    function(m) -- 4
      m.title { en = "What a piece is for", zh = "各有各的用处" }
      m.view "segments"
      local va = address(m, 2, 0)
      m.bind { va = va, n = 2 }
      m.say { en = "Pieces have a purpose, so they can have rights: code r-x, data rw-. The stray write of the last lesson comes again, to {va:hex}.", zh = "一块内存有一种用处，于是就能有权限：代码 r-x，数据 rw-。上一课那次写歪了的写又来了，这回写到 {va:hex}。" }
      m.ask {
        id = "write-to-code",
        text = { en = "The offset is within the limit. What happens?", zh = "偏移在界限之内。会怎样？" },
        op = { "write", va, 0x66 },
        before = "segment_denies",
        answer = function(q) return q.kind end,
        words = { done = HOW.written, fault = HOW.fault, other = { en = "it is written somewhere else", zh = "写到了别处" } },
        wrong = {
          { value = "done", because = { en = "Within the limit, but segment {n} has no w.", zh = "没超出界限，可段 {n} 没有 w。" } },
          { value = "other", because = { en = "Nothing is redirected: it is done as told, or not at all.", zh = "不会改道：要么照做，要么不做。" } },
        },
        right = { en = "{answer}. Limit and rights: both are asked at each access.", zh = "{answer}。界限和权限，每次访问两样都要问。" },
        hints = {
          { en = "Look at the last column.", zh = "看最后一列。" },
          { en = "What may be done with code?", zh = "代码可以拿来做什么？" },
          { en = "There is no w.", zh = "没有 w。" },
        },
      }
    end,

    function(m) -- 5
      m.title { en = "Upside down", zh = "倒着长" }
      m.view "segments"
      local d = descriptor(m, 5)
      local offset = most(m) - d.limit // 2
      local va = address(m, 5, offset)
      m.bind { n = 5, offset = offset, most = most(m), base = d.base, limit = d.limit, back = most(m) - offset, va = va }
      m.say {
        en = "A stack grows down. Segment {n} says so, and its base {base} is the byte above its top. Offsets still go up to {most}, but count from the far end: {offset} is {back} bytes below the top.",
        zh = "栈是向下长的。段 {n} 标明了这一点，它的基址 {base} 是栈顶再上面一个字节。偏移照样最大到 {most}，不过要从那一头数：{offset} 就是栈顶往下 {back} 字节。",
      }
      m.ask {
        id = "stack",
        text = { en = "Where is offset {offset} of segment {n}?", zh = "段 {n} 的偏移 {offset} 在哪里？" },
        op = { "write", va, 1 },
        before = "segment_added",
        answer = function(q) return q.pa end,
        wrong = {
          { value = d.base + offset, because = { en = "That adds as if it grew upwards, beyond its top.", zh = "这是当它向上长，加到栈顶外面去了。" } },
          { value = d.base - offset, because = { en = "{offset} is not the distance from the top: count from the far end.", zh = "{offset} 不是离栈顶的距离，要从那一头数。" } },
          { value = d.base - d.limit, because = { en = "That is its lowest byte.", zh = "那是它最低的字节。" } },
        },
        right = { en = "{answer}: {base} minus {back}.", zh = "{answer}：{base} 减 {back}。" },
        hints = {
          { en = "How far is it from the largest offset?", zh = "它离最大的偏移有多远？" },
          { en = "Offset minus {most} is negative; add it to the base.", zh = "偏移减 {most} 是负数，把它加到基址上。" },
          { en = "{base} minus {back}.", zh = "{base} 减 {back}。" },
        },
      }
      local low = address(m, 5, most(m) - d.limit - 1)
      m.bind { low = low }
      m.ask {
        id = "below-the-stack",
        text = { en = "And {low:hex}, one byte further down than the limit reaches?", zh = "再看 {low:hex}，比界限能到的地方再低一个字节？" },
        op = { "read", low },
        before = "segment_limit",
        answer = function(q) return q.kind end,
        words = HOW,
        wrong = {
          { value = "done", because = { en = "The offset is small, but here small is far away.", zh = "偏移是小，可在这一段里，小就是远。" } },
          { value = "elsewhere", because = { en = "It would be, without the limit.", zh = "没有界限才会。" } },
        },
        right = { en = "{answer}. To let the stack grow, the kernel raises the limit, if the memory below is free.", zh = "{answer}。栈要长大，只要下面的内存空着，内核把界限放宽就行。" },
        hints = {
          { en = "How many bytes below the top is it?", zh = "它在栈顶往下多少字节？" },
          { en = "Compare with {limit}.", zh = "和 {limit} 比一比。" },
          { en = "One more than allowed.", zh = "多了一个字节。" },
        },
      }
    end,

    function(m) -- 6
      m.title { en = "Moving house", zh = "搬家" }
      m.view "segments"
      local d = descriptor(m, 2)
      local to = d.base + 2 * most(m)
      local old = m.word(d.base + 53, 1)
      for at = 0, 56, 8 do m.poke(to + at, le(m.word(d.base + at), 8)) end
      m.bind { at = d.pa, base = d.base, to = to, n = 2, offset = 53 }
      m.say { en = "The start of segment {n} was copied from {base} to {to}. Now four bytes are written at {at:hex}: the new base. The program knows nothing of it.", zh = "段 {n} 的开头已经从 {base} 复制到 {to}。接着往 {at:hex} 写四个字节：新的基址。程序对此一无所知。" }
      m.poke(d.pa, le(to, 4))
      local r = m.ask {
        id = "moved",
        text = { en = "It reads segment {n}, offset {offset}, as at the beginning. Where is that now?", zh = "它像开头那样读段 {n}、偏移 {offset}。现在是哪里？" },
        op = { "read", address(m, 2, 53) },
        before = "segment_added",
        answer = function(q) return q.pa end,
        wrong = {
          { value = d.base + 53, because = { en = "The old bytes are still there, but nothing leads to them.", zh = "旧字节还在那儿，可已经没有路通过去了。" } },
          { value = to, because = { en = "The offset is still added.", zh = "偏移还是要加的。" } },
          { value = d.base + to + 53, because = { en = "The new base replaces the old one.", zh = "新基址取代旧的，不是相加。" } },
        },
        right = { en = "{answer}. One write moved a whole segment, whatever addresses are in it.", zh = "{answer}。只写一次，整个段就搬了家，不管里面写着多少地址。" },
        hints = {
          { en = "The table is read at each access.", zh = "每次访问都要读表。" },
          { en = "Base plus offset, with the new base.", zh = "还是基址加偏移，只是用新基址。" },
          { en = "{to} plus {offset}.", zh = "{to} 加 {offset}。" },
        },
      }
      m.expect(r.value, old, "the program finds its byte")
      m.card {
        claim = { en = "A segmentation fault means that the CPU uses segments.", zh = "报段错误，说明 CPU 在用分段。" },
        truth = { en = "The name stayed when segments went. On today's machines it is a page that is missing or forbidden; here you have seen the original.", zh = "段没有了，名字留了下来。今天报段错误，是页不存在或不允许；它原本的样子，你在这里看到了。" },
      }
    end,

    function(m) -- 7
      m.title { en = "Your turn", zh = "轮到你" }
      m.view "segments"
      local d = descriptor(m, 0)
      m.bind { n = 0, offset = 1222, at = d.pa, limit_at = d.pa + 4, va = address(m, 0, 1222) }
      m.say { en = "You are the kernel. A descriptor has eight bytes, lowest first: four of base, three of limit, one of rights. The one of segment {n} begins at {at:hex}.", zh = "你来当内核。描述符有八个字节，低位在前：四个是基址，三个是界限，一个是权限。段 {n} 的描述符从 {at:hex} 开始。" }
      m.task {
        text = { en = "Make offset {offset} of segment {n} legal, and fetch from it: fetch {va:hex}.", zh = "让段 {n} 的偏移 {offset} 变得合法，再从那里取指令：fetch {va:hex}。" },
        goal = function(r)
          for _, e in ipairs(r.events) do
            if e.event == "segment_added" and e.index == 0 and e.offset == 1222 then return true end
          end
          return false
        end,
        solution = function(q)
          local x = descriptor(q, 0)
          return { "poke " .. hex(x.pa + 4) .. " " .. le(2000, 3), "fetch " .. hex(address(q, 0, 1222)) }
        end,
        hints = {
          { en = "What was it compared with?", zh = "当初它是和什么比的？" },
          { en = "The limit's three bytes begin at {limit_at:hex}.", zh = "界限的三个字节从 {limit_at:hex} 开始。" },
          { en = "poke {limit_at:hex} d0 07 00, then fetch {va:hex}.", zh = "poke {limit_at:hex} d0 07 00，然后 fetch {va:hex}。" },
        },
      }
    end,

    step { -- 8
      title = { en = "What you take along", zh = "带走什么" },
      view = "segments",
      bind = function(m)
        local least, largest = descriptor(m, 0).limit, 0
        for i = 0, #m.segments() - 1 do
          local l = descriptor(m, i).limit
          if l < least then least = l end
          if l > largest then largest = l end
        end
        return { least = least, largest = largest }
      end,
      text = {
        en = "You can translate any segmented address by hand, and say which of three checks stops it.\n\nWhy did pages win? These segments have {least} to {largest} bytes, and each must lie in one piece. One question to carry on: what does memory look like after a day of such pieces coming and going?",
        zh = "现在任何一个带段的地址你都能手工转换，也说得出三道检查里哪一道拦下了它。\n\n那为什么后来是分页赢了？这里的段小的 {least} 字节，大的 {largest} 字节，每一段都得连成一片。带着一个问题继续：这样大大小小的块来来去去一整天，内存会变成什么样？",
      },
    },
  },
}
