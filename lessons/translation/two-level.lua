-- Two levels on the 32-bit machine: the table is cut into pages, and a directory says which of them exist (SDM vol. 3A, 4.3; OSTEP 20.3). At the
-- end the 4 MiB page, whose directory entry is the last one, and its bits beyond 4 GiB (PSE-36).
local B, W = use "beliefs", use "walks"

local VA = 0x12345678        -- directory and table indices differ
local FAR = 0x87654321       -- promised, in another part of the address space
local NEW = 0x60000000       -- nobody's until the author's task
local KERNEL = 0xc0123456    -- in the kernel's own map of memory
local BIG, CARD = 0x40012345, 0xe0000000 -- a 4 MiB page made by hand, and the memory of a graphics card that it shows
local PS, PWU = 1 << 7, 7

local function promised(m) return 2 * m.geometry().page end

local function frames_taken(r) return count(r, "frame_alloc") end

-- The directory entry of a 4 MiB page at BIG, with bits of a physical address above 4 GiB.
local function big_entry(above) return CARD | PS | PWU | above << 13 end

return lesson {
  id = "two-level", part = "translation",
  title = { en = "A contents page for the list", zh = "给名册编个目录" },
  rows = { "B8" }, needs = { "split" }, machine = "i386", minutes = 12,
  steps = {
    step { -- 1
      title = { en = "A list too long", zh = "名册太长" },
      view = "layout",
      prepare = function(m)
        m.spawn()
        m.mmap(page(VA), promised(m), "rw")
        m.mmap(page(FAR), promised(m), "rw")
        m.write(VA, 42, { size = 1 })
        m.write(VA + m.geometry().page, 43, { size = 1 })
        m.flush()
      end,
      bind = W.flat_words,
      text = {
        en = "This process uses {rss} pages. But its addresses have {bits} bits, and a page table needs a line for each page they can name. A line is {entry} bytes here.",
        zh = "这个进程只用了 {rss} 页。可它的地址有 {bits} 位，页表得给每个叫得出号码的页都留一行。在这台机器上，一行 {entry} 字节。",
      },
      ask = W.ask_flat {
        id = "flat-size",
        text = { en = "How long is the list, for each process?", zh = "每个进程的名册有多长？" },
        wrong = {
          { value = function(r) return r.m.process().rss * r.m.geometry().entry_bytes end, because = { en = "Lines for used pages only? Then line n is not page n any more, and nobody finds it at once.", zh = "只给用到的页留行？那第 n 行就不再是第 n 页，没法一下子找到。" } },
        },
        right = { en = "{page_bits} bits name a page: {lines} lines of {entry} bytes, nearly all of them empty.", zh = "页号有 {page_bits} 位：{lines} 行，每行 {entry} 字节，几乎全是空的。" },
      },
    },

    step { -- 2
      title = { en = "Cut the list", zh = "把名册拆开" },
      view = "address",
      bind = function(m) return { slots = W.slots(m), page_bits = m.geometry().va_bits - m.geometry().page_shift, shift = m.geometry().page_shift } end,
      text = {
        en = "So cut the list itself into pages, {slots} lines on each, and leave out pages that are empty. One more page, the page directory, says where each piece is, or that there is none.",
        zh = "那就把名册本身也拆成一页一页，每页 {slots} 行，空页干脆不要。另用一页记下每一张在哪儿、有没有，这就是页目录。",
      },
      ask = {
        id = "directory-bits",
        text = { en = "How many of the {page_bits} page bits pick a line of the directory?", zh = "{page_bits} 位页号里，用几位在页目录里挑一行？" },
        answer = function(r) return r.m.geometry().levels[1].bits end,
        wrong = {
          { value = 9, because = { en = "A page of 8-byte entries has that many index bits. These are shorter.", zh = "一项 8 字节时才是九位，这里的项短。" } },
          { value = function(r) return r.m.geometry().page_shift end, because = { en = "That is the offset: a byte in a page, not a line.", zh = "那是偏移的位数：挑的是字节，不是行。" } },
          { value = function(r) return r.m.geometry().va_bits - r.m.geometry().page_shift end, because = { en = "Then the directory is the old long list again.", zh = "那页目录又成了原来那本长名册。" } },
        },
        right = { en = "{answer} bits pick one of {slots}; the other half picks a line of the piece, {shift} are the offset.", zh = "{answer} 位能从 {slots} 行里挑一行；剩下一半在那一张里挑行，{shift} 位是偏移。" },
        hints = {
          { en = "How many lines has the directory?", zh = "页目录有多少行？" },
          { en = "It is one page long, too: {slots} lines.", zh = "它也是一页：{slots} 行。" },
          { en = "2 to the power of what is {slots}?", zh = "2 的几次方是 {slots}？" },
        },
      },
      after = {
        en = "The Address pane cuts it so. Manuals call a line an entry: PDE in the directory, PTE in a table.",
        zh = "“地址”面板就是这么切的。手册把一行叫一“项”：目录里的是 PDE，页表里的是 PTE。",
      },
    },

    function(m) -- 3
      local g = m.geometry()
      m.title { en = "Two lines for one page", zh = "一页要查两行" }
      m.view "tree"
      m.bind { va = VA, bits = g.levels[1].bits, shift = g.levels[1].shift, entry = g.entry_bytes, root = m.process().root, second = index(VA, 1), pde = m.walk(VA).entries[1].value, binary = W.nibbles(VA, g.va_bits) }
      m.say {
        en = "CR3 holds {root:hex}, where the directory begins. The program reads {va:hex}; in bits {binary}.",
        zh = "CR3 里是 {root:hex}，页目录就从那里开始。程序读 {va:hex}，写成二进制是 {binary}。",
      }
      local r = m.ask {
        id = "first-index",
        op = { "read", VA, { size = 1 } },
        before = { "walk_read", 1 },
        text = { en = "Which entry of the directory?", zh = "读页目录的第几项？" },
        answer = function(q) return q.event and q.event.index end,
        wrong = {
          B.LEFT, B.NINE,
          { value = function() return index(VA, 1) end, because = { en = "Those bits come second: they pick from the table.", zh = "那几位是第二步用的，在页表里挑。" } },
        },
        right = { en = "The top {bits} bits: {answer}.", zh = "最高的 {bits} 位：{answer}。" },
        hints = {
          { en = "The highest bits choose first.", zh = "最高的几位先用。" },
          { en = "Take the first {bits} of those bits.", zh = "取这串二进制的前 {bits} 位。" },
          { en = "Shift the address right by {shift}.", zh = "把地址右移 {shift} 位。" },
        },
      }
      m.ask {
        id = "second-slot",
        about = r,
        before = { "walk_read", 2 },
        format = "hex",
        text = { en = "It says {pde:hex}. At which physical address is the second entry?", zh = "它写着 {pde:hex}。第二项的物理地址是多少？" },
        answer = function(q) return q.event and q.event.pa end,
        wrong = {
          { value = function(q) return page(q.m.walk(VA).entries[2].pa) + index(VA, 1) end, because = { en = "Not scaled: entry n begins at n times {entry} bytes.", zh = "没乘：第 n 项从 n 乘 {entry} 字节处开始。" } },
          { value = function(q) return page(q.m.walk(VA).entries[2].pa) + index(VA, 0) * q.m.geometry().entry_bytes end, because = { en = "The first index is used up; now the next ten bits.", zh = "头一个索引已经用掉，该用后面十位了。" } },
          { value = function(q) return q.m.walk(VA).entries[1].value + index(VA, 1) * q.m.geometry().entry_bytes end, because = { en = "The low bits of the entry are flags, not address.", zh = "项里的低位是标志，不是地址。" } },
        },
        right = { en = "The table's frame, plus {entry} times {index}.", zh = "页表所在的页框，加上 {entry} 乘 {index}。" },
        hints = {
          { en = "Where does the table begin? The entry says it, with flags in the low bits.", zh = "页表从哪里开始？那一项写着，低位是标志。" },
          { en = "Clear the last three hex digits, add index times {entry}.", zh = "末三位十六进制清零，再加索引乘 {entry}。" },
          { en = "The index is {second}, times {entry}.", zh = "索引是 {second}，乘 {entry}。" },
        },
      }
      m.expect(count(r, "walk_read"), #g.levels, "one read per level")
      m.bind { pa = r.pa }
      m.after { en = "Two entries, then the byte at {pa:hex}: three reads where one list would have cost two. That is the price.", zh = "查两项，再到 {pa:hex} 取字节：一共读三次，一本名册只要两次。这就是代价。" }
    end,

    function(m) -- 4
      m.title { en = "What is not there", zh = "没有的那些" }
      m.view "tree"
      local used = 0
      for i = 0, index(KERNEL, 0) - 1 do
        used = used + (m.word(m.process().root + i * m.geometry().entry_bytes, 4) & 1)
      end
      m.bind { used = used, of = index(KERNEL, 0), far = FAR, reach = m.geometry().page * W.slots(m) }
      m.say {
        en = "The gain: of the program's {of} directory entries {used} is in use, the others are zero. {far:hex} was promised, never touched. Now the program writes there.",
        zh = "好处来了：归程序的 {of} 个目录项只用了 {used} 个，其余全是零。{far:hex} 答应过，却从没碰过。现在程序往那里写。",
      }
      local r = m.ask {
        id = "absent-reads",
        op = { "write", FAR, 44, { size = 1 } },
        before = { "walk_read", 1 },
        text = { en = "How many entries does the MMU read until it faults?", zh = "缺页之前，MMU 读了几项？" },
        answer = function(q) return W.reads_before(q, "page_fault") end,
        wrong = {
          { value = function(q) return #q.m.geometry().levels end, because = { en = "The second is in a table, and there is no table.", zh = "第二项在页表里，可根本没有那张页表。" } },
          { value = 0, because = { en = "Somebody must look to know that it is empty.", zh = "不看一眼，谁知道那里是空的？" } },
          { value = function(q) return W.slots(q.m) end, because = { en = "Nothing is searched: the index says where to look.", zh = "用不着找：索引直接说了看哪一项。" } },
        },
        right = { en = "One zero entry says that {reach:size} of addresses are not there.", zh = "一个为零的目录项，就说明整整 {reach:size} 的地址都不在。" },
        hints = {
          { en = "Does the path to the page exist?", zh = "通向这一页的路存在吗？" },
          { en = "The MMU stops at the first entry with P = 0.", zh = "MMU 碰到第一个 P = 0 的项就停。" },
          { en = "The directory entry is already empty.", zh = "目录项就已经是空的了。" },
        },
      }
      m.ask {
        id = "frames-far",
        about = r,
        before = "trap",
        text = { en = "How many frames will the kernel take to make this one page?", zh = "为了这一页，内核要取几个页框？" },
        answer = frames_taken,
        wrong = {
          { value = 1, because = { en = "And where would its entry be? The existing table serves other addresses.", zh = "那它的页表项写在哪里？现有的页表管的是别处。" } },
          { value = function(q) return #q.m.geometry().levels + 1 end, because = { en = "The directory is there: one for each process.", zh = "页目录早就有了，每个进程一张。" } },
          { value = function(q) return W.slots(q.m) + 1 end, because = { en = "A table for {reach:size}, but only the page that was touched.", zh = "页表管得到 {reach:size}，可只给碰到的那一页。" } },
        },
        right = { en = "A table and the page. The next pages of this region need no table any more.", zh = "一张页表，一页数据。这一带以后的页，就不用再添页表了。" },
        hints = {
          { en = "What is missing besides the page itself?", zh = "除了这一页本身，还缺什么？" },
          { en = "The page's entry needs a table to stand in.", zh = "页表项得写在一张页表里。" },
          { en = "One table, one page.", zh = "一张页表，一页。" },
        },
      }
      m.expect(count(r, "table_alloc"), 1, "one table")
    end,

    function(m) -- 5
      m.title { en = "Your turn: dear and cheap", zh = "你来：贵与省" }
      m.view "tree"
      m.bind { tables = m.process().tables, reach = m.geometry().page * W.slots(m) }
      m.say {
        en = "{tables} tables now, the directory counted. mmap ADDRESS 8K rw promises more memory, write ADDRESS touches it.",
        zh = "现在一共 {tables} 张表，页目录也算。mmap 地址 8K rw 能再要一段内存，write 地址 才真正碰它。",
      }
      m.task {
        text = {
          en = "With two writes, make the kernel take exactly three frames.",
          zh = "只写两次，让内核恰好取三个页框。",
        },
        goal = function(r)
          return frames_taken(r) == 3 and count(r, "data_write") == 2 and count(r, "spawned") == 0 and count(r, "forked") == 0
        end,
        solution = function(q)
          local second = NEW + q.geometry().page
          return { "mmap " .. hex(NEW) .. " 8K rw", "write " .. hex(NEW), "write " .. hex(second) }
        end,
        hints = {
          { en = "Two of them are the pages. What is the third?", zh = "两个是数据页，第三个是什么？" },
          { en = "Two pages may share one new table, if they lie within the same {reach:size}.", zh = "两页落在同一段 {reach:size} 里，就能合用一张新页表。" },
          { en = "mmap 0x50000000 8K rw, then write to each of its two pages.", zh = "mmap 0x50000000 8K rw，然后往它的两页各写一次。" },
        },
      }
    end,

    function(m) -- 6
      local g = m.geometry()
      m.title { en = "The last one turns off the light", zh = "人走灯灭" }
      m.view "tree"
      m.bind { far = page(FAR), frame = m.walk(FAR).frame, free = m.free() }
      m.say {
        en = "Only one page of the region at {far:hex} was ever touched: frame {frame:label}. munmap takes the promise back. {free} frames are free.",
        zh = "{far:hex} 那一带只碰过一页：页框 {frame:label}。现在 munmap 收回承诺。眼下有 {free} 个空闲页框。",
      }
      local r = m.ask {
        id = "frames-back",
        op = { "munmap", page(FAR), promised(m) },
        text = { en = "How many frames come back?", zh = "收回几个页框？" },
        answer = function(q) return count(q, "frame_free") end,
        wrong = {
          { quirk = "tables-stay", because = { en = "The page, and its empty table stays for ever? Tables come when needed and go when empty.", zh = "只还数据页，空页表永远留着？页表是用时才有，空了就还。" } },
          { value = promised(m) // g.page + 1, because = { en = "The second page was promised but never touched: it has no frame.", zh = "第二页只答应过，没碰过，本来就没有页框。" } },
          { value = 0, because = { en = "They would be lost: nobody else can use them.", zh = "那就白白丢了：别人也用不上。" } },
        },
        right = { en = "The page, then its table: it was the last page there. The directory entry is zero again.", zh = "先是数据页；它是那里最后一页，页表也跟着还了。目录项又归零。" },
        hints = {
          { en = "Which frames served this region alone?", zh = "哪些页框只为这一带服务？" },
          { en = "One frame of data. Who needs the table now?", zh = "数据一个页框。那张页表还有谁要用？" },
          { en = "The page and the empty table.", zh = "数据页，加上空了的页表。" },
        },
      }
      m.expect(count(r, "table_free"), 1, "the table goes with its last page")
    end,

    function(m) -- 7
      local entry = m.word(W.root_slot(m, KERNEL), 4)
      m.title { en = "A bit that ends the walk", zh = "一位就到头" }
      m.view "tree"
      m.bind { va = KERNEL, index = index(KERNEL, 0), entry = entry, first = index(KERNEL, 0), base = KERNEL & ~0x3fffff }
      m.say {
        en = "From {base:hex} up the directory belongs to the kernel: all memory in a row. Its entry {index} is {entry:hex}: bit 7, PS, is set. The kernel itself reads {va:hex}.",
        zh = "{base:hex} 以上的目录项归内核：全部内存依次排在那里。第 {index} 项是 {entry:hex}：第 7 位 PS 是 1。现在内核自己读 {va:hex}。",
      }
      local r = m.ask {
        id = "large-reads",
        op = { "read", KERNEL, { size = 1, as = "kernel" } },
        before = { "walk_read", 1 },
        text = { en = "How many entries are read this time?", zh = "这回要读几项？" },
        answer = function(q) return count(q, "walk_read") end,
        wrong = {
          { value = 2, because = { en = "PS says: no table follows, the entry itself names the memory.", zh = "PS 的意思是：下面没有页表了，这一项自己就指着内存。" } },
          { value = 0, because = { en = "The kernel, too, uses virtual addresses: they are translated like all others.", zh = "内核用的也是虚拟地址，照样得翻译。" } },
        },
        right = { en = "One. This entry maps everything a table could have: a page of 4 MiB.", zh = "一项。一张页表能管的，它一项全包：这是 4 MiB 的大页。" },
        hints = {
          { en = "What does the MMU do after it has read the entry?", zh = "读完这一项，MMU 接着做什么？" },
          { en = "PS stands for page size.", zh = "PS 就是 page size，页大小。" },
          { en = "With PS set the directory is the last level.", zh = "PS 为 1，目录就是最后一级。" },
        },
      }
      m.ask {
        id = "large-address",
        about = r,
        before = "translated",
        format = "hex",
        text = { en = "And the physical address?", zh = "那物理地址呢？" },
        answer = function(q) return q.pa end,
        wrong = {
          { value = function() return offset(KERNEL) end, because = { en = "Twelve bits of offset reach 4 KiB; this page is larger.", zh = "十二位偏移只够 4 KiB，这一页可大得多。" } },
          B.NO_OFFSET,
          B.untranslated(KERNEL),
        },
        right = { en = "The ten bits that would pick from a table are offset now: 22 bits pass through.", zh = "本来在页表里挑项的十位也归了偏移：22 位原样通过。" },
        hints = {
          { en = "Which bits has nobody used yet?", zh = "哪些位还没人用过？" },
          { en = "All below the first index are offset.", zh = "头一个索引以下全是偏移。" },
          { en = "The entry names frame 0; add the last 22 bits of {va:hex}.", zh = "这一项指着 0 号页框；再加上 {va:hex} 的低 22 位。" },
        },
      }
      m.expect(m.walk(KERNEL).size, m.geometry().page * W.slots(m), "4 MiB")
    end,

    function(m) -- 8
      local slot = W.root_slot(m, BIG)
      m.title { en = "Make one by hand", zh = "亲手造一张" }
      m.view "tree"
      m.mmap(BIG & ~0x3fffff, m.geometry().page * W.slots(m), "rw")
      m.bind { va = BIG, slot = slot, bytes = le(big_entry(0), 4), card = CARD, index = index(BIG, 0), entry = big_entry(0) }
      m.say {
        en = "A graphics card answers at physical {card:hex}, and you are the kernel. Entry {index} of the directory is four bytes at {slot:hex}: address in bits 31 to 22, PS is bit 7, U W P are bits 2 1 0. poke ADDRESS BYTES writes, lowest byte first.",
        zh = "显卡的内存在物理地址 {card:hex}，现在你来当内核。目录第 {index} 项是 {slot:hex} 处的四个字节：31 到 22 位写地址，第 7 位是 PS，2、1、0 位是 U、W、P。用 poke 地址 字节 来写，低字节在前。",
      }
      m.task {
        text = { en = "Let the program read a byte through a 4 MiB page of your own, without a fault.", zh = "造一张自己的 4 MiB 大页，让程序从里面读一个字节，不许缺页。" },
        goal = function(r)
          local got = find(r, "data_read")
          if not got or count(r, "page_fault") > 0 then return false end
          local walk = r.m.walk(got.va)
          return walk.present and walk.flags.user and walk.size == r.m.geometry().page * W.slots(r.m)
        end,
        solution = function() return { "poke " .. hex(slot) .. " " .. le(big_entry(0), 4), "read " .. hex(BIG) .. " size=1" } end,
        hints = {
          { en = "Any address nobody uses will do; its first index says which entry to write.", zh = "没人用的地址都行，它的第一个索引就说了该写哪一项。" },
          { en = "P, W, U and PS together are 0x87. With a graphics card's memory at {card:hex} that makes {entry:hex}.", zh = "P、W、U、PS 合起来是 0x87。显卡的内存在 {card:hex}，凑起来是 {entry:hex}。" },
          { en = "poke {slot:hex} {bytes} and then read {va:hex}.", zh = "先 poke {slot:hex} {bytes}，再 read {va:hex}。" },
        },
      }
    end,

    function(m) -- 9
      local g, slot = m.geometry(), W.root_slot(m, BIG)
      m.title { en = "More memory than addresses", zh = "内存比地址还多" }
      m.view "entry"
      m.flush()
      m.poke(slot, le(big_entry(1), g.entry_bytes))
      m.bind { va = BIG, old = big_entry(0), entry = big_entry(1), maxpa = g.maxpa, va_bits = g.va_bits }
      m.say {
        en = "A 4 MiB page has no use for bits 20 to 13 of its entry. This CPU takes them as physical bits 39 to 32; it has {maxpa} in all. The entry was {old:hex}, now it is {entry:hex}. The program reads {va:hex} again.",
        zh = "大页的目录项里，20 到 13 位用不上。这款 CPU 就拿它们当物理地址的 39 到 32 位；它一共有 {maxpa} 位。原来的项是 {old:hex}，现在改成 {entry:hex}。程序再读 {va:hex}。",
      }
      m.ask {
        id = "beyond",
        op = { "read", BIG, { size = 1 } },
        before = "translated",
        format = "hex",
        text = { en = "Which physical address?", zh = "物理地址是多少？" },
        answer = function(q) return q.pa end,
        wrong = {
          { value = function() return CARD + (BIG & 0x3fffff) end, because = { en = "As before: but bit 13 is set now, and it counts.", zh = "和先前一样？可第 13 位现在是 1，它算数。" } },
          { value = function() return CARD + (1 << 13) + (BIG & 0x3fffff) end, because = { en = "Bit 13 where it stands would lie inside the 4 MiB page.", zh = "第 13 位若照原位算，就落在大页里面了。" } },
          { value = function() return (CARD + (1 << 13)) | offset(BIG) end, because = { en = "That is how the entry of a 4 KiB page is read.", zh = "那是 4 KiB 页的读法。" } },
        },
        right = { en = "Bit 13 stands for physical bit 32: this byte lies above 4 GiB. This is PSE-36.", zh = "第 13 位顶替物理地址第 32 位：这个字节在 4 GiB 以上。这就是 PSE-36。" },
        hints = {
          { en = "Which physical bit is bit 13 of the entry?", zh = "项里第 13 位，是物理地址的第几位？" },
          { en = "13 becomes 32, 14 becomes 33, and so on.", zh = "13 变成 32，14 变成 33，依此类推。" },
          { en = "The address the page had before, with bit 32 set.", zh = "先前的地址，把第 32 位置 1。" },
        },
      }
      m.after {
        en = "Nobody answers there on this machine, but the CPU asked. A program still has {va_bits} bits; only the memory behind them grew.",
        zh = "这台机器上那里没人应声，可 CPU 真的去要了。程序的地址还是 {va_bits} 位，变大的只是背后的内存。",
      }
    end,

    function(m) -- 10
      m.title { en = "Two, not three", zh = "两级，不是三级" }
      m.view "log"
      m.flush()
      local r = m.read(VA, { size = 1 })
      m.expect(count(r, "walk_read"), 2, "two table reads on 32-bit x86")
      m.bind { va = VA, reads = count(r, "walk_read"), one = m.walk(VA).entries[1].index, two = m.walk(VA).entries[2].index, entry = m.geometry().entry_bytes }
      m.say { en = "In some texts 32-bit x86 has three levels. Empty the TLB and count for yourself.", zh = "有的文章说 32 位 x86 是三级页表。清空 TLB，自己数数看。" }
      m.card {
        claim = { en = "32-bit x86 walks through three tables.", zh = "32 位 x86 要查三级页表。" },
        truth = {
          en = "PD[{one}], PT[{two}]: {reads} reads. Three levels come with PAE, another mode of the same CPU: its entries have 8 bytes, not {entry}.",
          zh = "PD[{one}]、PT[{two}]：读 {reads} 次。三级的是 PAE，那是同一颗 CPU 的另一种模式，一项 8 字节，不是 {entry} 字节。",
        },
      }
    end,

    function(m) -- 11
      m.title { en = "Come and go", zh = "有来有去" }
      m.view "tree"
      m.bind { tables = m.process().tables }
      m.say { en = "The process has {tables} tables. All is yours: mmap, write, munmap.", zh = "这个进程有 {tables} 张表。全交给你：mmap、write、munmap。" }
      m.task {
        text = {
          en = "Without making or ending a process, have the kernel take two new tables and give one table back.",
          zh = "不许新建或结束进程，让内核添两张新页表，再还掉一张。",
        },
        goal = function(r)
          return count(r, "table_alloc") == 2 and count(r, "table_free") == 1 and
            count(r, "spawned") + count(r, "forked") + count(r, "exited") == 0
        end,
        solution = function()
          return { "mmap 0x20000000 4K rw", "mmap 0x30000000 4K rw", "write 0x20000000", "write 0x30000000", "munmap 0x20000000 4K" }
        end,
        hints = {
          { en = "Tables come with the first page of a region and go with its last.", zh = "一带的第一页带来页表，最后一页带走页表。" },
          { en = "Touch one page in each of two new regions, then unmap one of them.", zh = "在两处新地方各碰一页，再把其中一处 munmap 掉。" },
          { en = "mmap 0x20000000 4K rw, write there; the same at 0x30000000; munmap 0x20000000 4K.", zh = "mmap 0x20000000 4K rw 后往里写；0x30000000 处照做；再 munmap 0x20000000 4K。" },
        },
      }
    end,

    step { -- 12
      title = { en = "What you take along", zh = "带走什么" },
      view = "cost",
      bind = function(m)
        local p = m.process()
        return { tables = p.tables, bytes = p.tables * m.geometry().page, flat = W.flat(m), rss = p.rss }
      end,
      text = {
        en = "{rss} pages, {tables} tables: {bytes:size} instead of {flat:size}. You can now say of any access which entries are read, and what a new page really costs.\n\nOne question to carry on: what would the tree cost a process that uses every page?",
        zh = "{rss} 页数据，{tables} 张表：{bytes:size}，而不是 {flat:size}。现在，任何一次访问会读哪几项、添一页究竟要花多少，你都说得出来了。\n\n带走一个问题：要是一个进程把每一页都用上，这棵树又要花多少？",
      },
    },
  },
}
