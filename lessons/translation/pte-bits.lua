-- Every bit of an entry, and what changes when it does (SDM vol. 3A, 4.6 to 4.8 and table 4-20): rights over all levels, A and D that the MMU sets
-- and the kernel samples, bits that must be 0, and the registers that change the rules.
local F, W = use "faults", use "walks"

local TOUCHES = { 10, 1, 0, 5 } -- uses of the page before each look
local A = 1 << 5
local AVAILABLE = 1 << 9        -- the first of the bits that are the kernel's

local function heap(m) return W.inside(m, "heap", 0) end

local function say_what_happened(q)
  local fault = find(q, "page_fault")
  return not fault and "done" or fault.error & F.P == 0 and "absent" or fault.error & F.RSVD ~= 0 and "malformed" or "forbidden"
end

local HAPPENS = {
  done = { en = "it works", zh = "照常完成" },
  forbidden = { en = "a fault: not allowed", zh = "缺页：不允许" },
  absent = { en = "a fault: not present", zh = "缺页：页不在" },
  malformed = { en = "a fault: the entry is malformed", zh = "缺页：页表项不合规矩" },
}

local function marks(q) return count(q, "entry_mark") end

-- A page the kernel may change, with D still 0: shared memory that was only read.
local function read_only_once(m)
  local va = m.mmap(nil, m.geometry().page, "rw", "shared").value
  m.read(va, { size = 1 })
  return va
end

local function area_of(m, kind)
  for _, area in ipairs(m.process().areas) do
    if area.kind == kind then return area.start end
  end
end

return lesson {
  id = "pte-bits", part = "translation",
  title = { en = "The bits that are not an address", zh = "不是地址的那些位" },
  rows = { "B14", "B19" }, needs = { "four-level" }, machine = "x86-64", minutes = 14,
  breaks = { "T3", "T8" }, -- bit 63 without NXE; A cleared by hand behind the TLB
  steps = {
    step { -- 1
      title = { en = "Bits to spare", zh = "富余的位" },
      view = "entry",
      prepare = function(m)
        m.spawn()
        m.write(heap(m), 42, { size = 1 })
        m.flush()
      end,
      bind = function(m)
        local g = m.geometry()
        return { bits = g.entry_bytes * 8, maxpa = g.maxpa, shift = g.page_shift, page = g.page, room = g.pa_bits, taken = g.maxpa - g.page_shift, rest = g.entry_bytes * 8 - (g.maxpa - g.page_shift) }
      end,
      text = {
        en = "An entry has {bits} bits and names one frame. Physical addresses of this CPU have {maxpa} bits, and a frame begins at a multiple of {page}.",
        zh = "一个页表项有 {bits} 位，指着一个页框。这款 CPU 的物理地址有 {maxpa} 位，页框总是从 {page} 的倍数开始。",
      },
      ask = {
        id = "frame-bits",
        op = function(m) return { "read", heap(m), { size = 1 } } end,
        before = "data_read",
        text = { en = "How many of the {bits} bits does the frame really need?", zh = "{bits} 位里，写页框实际要用几位？" },
        answer = function(r) return r.m.geometry().maxpa - r.m.geometry().page_shift end,
        wrong = {
          { value = function(r) return r.m.geometry().maxpa end, because = { en = "The lowest {shift} of them are always 0: nobody stores them.", zh = "最低 {shift} 位总是 0，用不着存。" } },
          { value = function(r) return r.m.geometry().pa_bits - r.m.geometry().page_shift end, because = { en = "The format has room for addresses of {room} bits, this CPU only for {maxpa}; the rest must be 0.", zh = "格式给 {room} 位的地址留了地方，这款 CPU 只有 {maxpa} 位，其余必须是 0。" } },
          { value = function(r) return r.m.geometry().va_bits - r.m.geometry().page_shift end, because = { en = "That is the page's number, of the virtual address.", zh = "那是虚拟地址里页号的位数。" } },
        },
        right = { en = "{maxpa} minus {shift}: {answer}. What do the other {rest} say? The Entry pane has a row for each.", zh = "{maxpa} 减 {shift}：{answer} 位。剩下的 {rest} 位说些什么？“页表项”面板里一位一行。" },
        hints = {
          { en = "Which bits of a frame's address are always the same?", zh = "页框地址里，哪些位永远一样？" },
          { en = "A multiple of {page} ends in {shift} zeros.", zh = "{page} 的倍数，末尾有 {shift} 个零。" },
          { en = "{maxpa} minus {shift}.", zh = "{maxpa} 减 {shift}。" },
        },
      },
    },

    function(m) -- 2
      local va = heap(m)
      local upper = W.entry(m, va, 1)
      m.title { en = "Four entries, one right", zh = "四项凑成一个权限" }
      m.view "tree"
      m.flush()
      m.poke(upper.pa, le(upper.value & ~F.W, 1))
      m.bind { va = va, table = upper.table, index = upper.index, slot = upper.pa, pages = 1 << m.geometry().levels[2].shift }
      m.say {
        en = "Bit 1, W: may be written. The last entry of {va:hex} has it. A hand has just cleared it two levels above, in {table}[{index}]; the TLB is empty. The program writes, and the walk has come as far as that.",
        zh = "第 1 位 W：可以写。{va:hex} 的最后一项里 W 是 1。刚才有只手在上两级的 {table}[{index}] 里把 W 清了，TLB 也空了。程序来写，走表刚走到这里。",
      }
      local r = m.ask {
        id = "combined",
        op = { "write", va, 43, { size = 1 } },
        before = { "walk_read", 3 },
        text = { en = "What happens?", zh = "结果如何？" },
        answer = say_what_happened,
        words = HAPPENS,
        wrong = {
          { quirk = "leaf-decides", because = { en = "The last entry alone decides, you think. Then one bit could not close a whole region.", zh = "你以为只看最后一项。那样一位就管不住一整片了。" } },
          { value = "absent", because = { en = "P is still set in all four.", zh = "四项里的 P 都还在。" } },
          { value = "malformed", because = { en = "An entry without W is a perfectly good one.", zh = "没有 W 的项也完全合规矩。" } },
        },
        right = { en = "W counts only if all four have it. The kernel finds the last entry fine, knows no cure, and ends the process.", zh = "四项都有 W 才算有。内核看最后一项好好的，没法可治，只好结束这个进程。" },
        hints = {
          { en = "Does the walk look at one entry or at four?", zh = "走表看的是一项，还是四项？" },
          { en = "Every level may forbid; none can allow alone.", zh = "哪一级都能禁止，单独哪一级都不能放行。" },
          { en = "W is 0 in one of them.", zh = "其中一项的 W 是 0。" },
        },
      }
      m.ask {
        id = "closed",
        about = r,
        before = "trap",
        format = "size",
        text = { en = "How much memory did that one bit close?", zh = "这一位关上了多大一片？" },
        answer = function(q) return 1 << q.m.geometry().levels[2].shift end,
        wrong = {
          { value = function(q) return q.m.geometry().page end, because = { en = "That is one entry of the last level.", zh = "那是最后一级里一项的份。" } },
          { value = function(q) return 1 << q.m.geometry().levels[3].shift end, because = { en = "That is an entry one level below.", zh = "那是再下一级里一项的份。" } },
          { value = function(q) return 1 << q.m.geometry().levels[1].shift end, because = { en = "That is an entry of the root.", zh = "那是根表里一项的份。" } },
        },
        right = { en = "All that lies behind {table}[{index}]. W and U must be set at every level; X forbids from any.", zh = "{table}[{index}] 后面的全部。W 和 U 要每级都有；X 只要一级有就禁止。" },
        hints = {
          { en = "How many pages lie behind that entry?", zh = "那一项后面有多少页？" },
          { en = "A table has 512 entries, and two tables follow.", zh = "一张表 512 项，后面还有两级表。" },
          { en = "512 times 512 pages.", zh = "512 乘 512 页。" },
        },
      }
      m.expect(find(r, "page_fault").error, F.P | F.W | F.U, "present, but no right to write")
    end,

    function(m) -- 3
      m.title { en = "A bit that nobody told", zh = "没人通知的一位" }
      m.view "entry"
      m.spawn()
      local va = read_only_once(m)
      m.bind { va = va, entry = W.entry(m, va, 3).value, levels = #m.geometry().levels }
      m.say {
        en = "Another process, and a page that was only read: A, bit 5, is set; D, bit 6, is not: {entry:hex}. Both are written by the MMU. The TLB holds the page. Now the program writes {va:hex}.",
        zh = "换一个进程，一张只读过的页：第 5 位 A 是 1，第 6 位 D 是 0：{entry:hex}。这两位都由 MMU 来写。TLB 里已经有这一页。现在程序写 {va:hex}。",
      }
      local r = m.ask {
        id = "recheck-reads",
        op = { "write", va, 44, { size = 1 } },
        before = "tlb_hit",
        text = { en = "How many entries are read for it?", zh = "为此要读几个页表项？" },
        answer = function(q) return count(q, "walk_read") end,
        wrong = {
          { value = 0, because = { en = "A hit knows the frame, but D in memory would stay 0, and the kernel would lose the change.", zh = "命中只知道页框；内存里的 D 还是 0，内核就会把改动弄丢。" } },
          { value = 1, because = { en = "D stands in the last one only, but to find it one starts at CR3.", zh = "D 只在最后一项里，可要找到它还得从 CR3 走起。" } },
        },
        right = { en = "All {answer}: the TLB remembers D, too. The first write of a page walks again.", zh = "{answer} 个全读：TLB 连 D 也记着。一页的头一次写，要重走一遍。" },
        hints = {
          { en = "Who will tell memory that the page is dirty?", zh = "谁去告诉内存这一页脏了？" },
          { en = "The TLB entry says D = 0. This is a write.", zh = "TLB 那一条写着 D = 0，而这次是写。" },
          { en = "A whole walk, as after a miss.", zh = "完整走一遍，和未命中一样。" },
        },
      }
      m.ask {
        id = "marks",
        about = r,
        before = "entry_mark",
        text = { en = "In how many entries will it set a bit?", zh = "它要在几个项里置位？" },
        answer = marks,
        wrong = {
          { value = function(q) return #q.m.geometry().levels end, because = { en = "A is set in all of them already, and D exists only in the last.", zh = "A 在每一项里都早已是 1，D 只有最后一项才有。" } },
          { value = 0, because = { en = "The kernel will not do it: nobody has called it.", zh = "内核不会来做，没人叫它。" } },
          { value = 2, because = { en = "A and D stand in the same entry.", zh = "A 和 D 在同一项里。" } },
        },
        right = { en = "D, in the last one. No fault, no kernel: silicon does it.", zh = "最后一项里的 D。没有缺页，没有内核，硬件自己做。" },
        hints = {
          { en = "What is not yet set on the way?", zh = "这一路上，还有什么没置位？" },
          { en = "A was set by the read.", zh = "A 在读的时候已经置上了。" },
          { en = "Only D of the page.", zh = "只差这一页的 D。" },
        },
      }
      m.expect(count(r, "page_fault"), 0, "no fault")
      m.expect(m.walk(va).flags.dirty, true, "D is set")
    end,

    function(m) -- 4
      local va = area_of(m, "mmap")
      local frame = m.walk(va).frame
      local looks, touches = #TOUCHES, 0
      m.title { en = "Who uses this page?", zh = "谁在用这一页？" }
      m.view "entry"
      local first
      for nth, times in ipairs(TOUCHES) do
        for _ = 1, times do m.read(va, { size = 1 }) end
        touches = touches + times
        if nth < looks then
          local r = m.sample()
          first = first or r
        end
      end
      m.bind { va = va, touches = touches, looks = looks, silent = looks - 1, list = table.concat(TOUCHES, ", ") }
      m.say {
        en = "No instruction tells the kernel who uses memory. So it looks at A now and then, notes it and clears it: sample. Four looks; before them the program touched {va:hex} so often: {list}. Three are past.",
        zh = "没有哪条指令会告诉内核谁在用内存。它只好隔一阵看看 A，记下来，再清零：这就是 sample。一共看四次，每次之前程序碰 {va:hex} 的次数是 {list}。前三次已经看过。",
      }
      m.ask {
        id = "sampled",
        op = { "sample" },
        before = "page_sampled",
        text = { en = "After the fourth look, what has the kernel counted for this page?", zh = "第四次看完，内核给这一页记了多少？" },
        answer = function(q) return q.m.frame(frame).seen end,
        wrong = {
          { value = touches, because = { en = "A is one bit. Ten touches set it no more than one does.", zh = "A 只有一位，碰十次和碰一次没有区别。" } },
          { value = looks, because = { en = "One of the looks found nothing: A was still 0.", zh = "有一次什么也没看到：A 还是 0。" } },
          { quirk = "hand-keeps-tlb", since = first, because = { en = "Clearing A in memory alone: the TLB still has the page, so no walk sets A again. Linux on x86 accepts that.", zh = "只清内存里的 A：TLB 里还有这一页，不再走表，A 就不会再置上。x86 上的 Linux 容忍这一点。" } },
        },
        right = { en = "Looks that found A set: {answer}. How often, nobody knows.", zh = "看到 A 为 1 的次数：{answer}。用了多少回，谁也不知道。" },
        hints = {
          { en = "What can one bit tell?", zh = "一位能说明什么？" },
          { en = "Used since the last look, or not.", zh = "上次看过以后，用过没用过。" },
          { en = "Count the looks before which it was touched at all.", zh = "数一数有几次是之前碰过的。" },
        },
      }
      m.bind { history = m.frame(frame).history }
      m.after { en = "The Entry pane (z shows all of it) keeps the last looks, newest first: {history:bin8}. As a number it says how recent.", zh = "“页表项”面板（按 z 看全）留着最近几次，新的在前：{history:bin8}。当数来看，越大越新。" }
    end,

    function(m) -- 5
      local va = area_of(m, "mmap")
      m.read(va, { size = 1 })
      local last = W.entry(m, va, 3)
      m.title { en = "Silicon does not watch", zh = "硬件不盯着内存" }
      m.view "entry"
      m.bind { va = va, slot = last.pa, byte = le(last.value & ~A, 1), table = last.table, index = last.index }
      m.say {
        en = "The kernel did two things at each look: it cleared A, and it told the TLB. Is the second needed? You are the hand now. The last entry of {va:hex} is {table}[{index}] at {slot:hex}; A is 0x20 of its lowest byte.",
        zh = "内核每次查看都做两件事：清 A，再通知 TLB。后一件非做不可吗？现在由你动手。{va:hex} 的最后一项是 {table}[{index}]，在 {slot:hex}；A 是最低字节里的 0x20。",
      }
      m.task {
        text = { en = "Let the program read a page while A of its last entry is 0, so that it stays 0.", zh = "让程序读一页，读之前它最后一项的 A 是 0，读完还是 0。" },
        goal = function(r)
          local got = find(r, "data_read")
          if not got or count(r, "poked") == 0 then return false end
          local walk = r.m.walk(got.va)
          return walk.present and not walk.flags.accessed
        end,
        solution = function() return { "poke " .. hex(last.pa) .. " " .. le(last.value & ~A, 1), "read " .. hex(va) .. " size=1" } end,
        hints = {
          { en = "Who sets A, and when does it read the entry at all?", zh = "A 是谁置的？它到底什么时候才读这一项？" },
          { en = "While the TLB has the page, nobody walks. So change the entry and do not flush.", zh = "TLB 里有这一页，就没人走表。改掉那一项，别清 TLB。" },
          { en = "poke {slot:hex} {byte} and then read {va:hex}.", zh = "先 poke {slot:hex} {byte}，再 read {va:hex}。" },
        },
      }
    end,

    function(m) -- 6
      local va = area_of(m, "mmap")
      m.title { en = "Often said of A", zh = "关于 A 的一句话" }
      m.view "entry"
      m.invlpg(va)
      local r = m.read(va, { size = 1 })
      m.expect(count(r, "entry_mark"), 1, "after INVLPG the walk sets A")
      m.bind { va = va, value = W.entry(m, va, 3).value }
      m.say { en = "Now INVLPG for {va:hex}, and one more read: watch who sets A.", zh = "现在对 {va:hex} 做一次 INVLPG，再读一次：看看 A 是谁置上的。" }
      m.card {
        claim = { en = "When software clears A, the CPU drops the page from the TLB.", zh = "软件一清 A，CPU 就把这一页从 TLB 里清掉。" },
        truth = {
          en = "Nothing watches memory. Your read was a hit and left A clear; only after INVLPG did a walk set it: {value:hex}.",
          zh = "没有谁盯着内存。你那次读命中了，A 没动；做了 INVLPG，走表才把它置上：{value:hex}。",
        },
      }
    end,

    function(m) -- 7
      m.title { en = "When P is 0", zh = "P 为 0 的时候" }
      m.view "entry"
      local g = m.geometry()
      m.write(heap(m), 45, { size = 1 })
      m.set("resident_limit", m.process().rss)
      m.write(heap(m) + g.page, 46, { size = 1 })
      m.set("resident_limit", 0)
      local entry = W.entry(m, heap(m), 3)
      m.bind { va = heap(m), entry = entry.value, slot = entry.slot, bits = g.entry_bytes * 8 }
      m.say {
        en = "Memory was short for a moment, and the page of {va:hex} had to leave for the disk. Its entry is {entry:hex} now: P is 0, and the rest says slot {slot}.",
        zh = "刚才内存一时不够，{va:hex} 那一页被换到了磁盘上。它的项现在是 {entry:hex}：P 是 0，其余写着槽位 {slot}。",
      }
      m.ask {
        id = "absent-bits",
        text = { en = "How many of the {bits} bits may the kernel use as it likes when P is 0?", zh = "P 为 0 时，{bits} 位里有几位随内核怎么用？" },
        op = { "read", heap(m), { size = 1 } },
        before = { "walk_read", 4 },
        answer = function(q) return q.m.geometry().entry_bytes * 8 - 1 end,
        wrong = {
          { value = 0, because = { en = "Then where would the kernel write which slot it is?", zh = "那内核把槽位号写在哪里？" } },
          { value = function(q) return q.m.geometry().pa_bits - q.m.geometry().page_shift end, because = { en = "Not only the frame's bits: the flags mean nothing either.", zh = "不只是页框那几位，标志也全不作数了。" } },
          { value = 10, because = { en = "Those are free in an entry with P = 1. With P = 0 much more is.", zh = "那是 P = 1 时空着的位。P = 0 时可多得多。" } },
        },
        right = { en = "The MMU reads bit 0 and stops. The other {answer} are a note from the kernel to itself.", zh = "MMU 看到第 0 位就停手。其余 {answer} 位，是内核写给自己的便条。" },
        hints = {
          { en = "What does the MMU look at, once it has seen P = 0?", zh = "看到 P = 0 之后，MMU 还看什么？" },
          { en = "Nothing else.", zh = "什么也不看了。" },
          { en = "All but one.", zh = "除了那一位，全归内核。" },
        },
      }
    end,

    function(m) -- 8
      local va = heap(m)
      local slot = W.entry(m, va, 3)
      m.title { en = "Bits nobody reads", zh = "没人看的位" }
      m.view "entry"
      m.flush()
      m.poke(slot.pa, le(slot.value | AVAILABLE, 2))
      m.bind { va = va, entry = slot.value | AVAILABLE }
      m.say {
        en = "With P = 1 a few bits are the kernel's as well: 11 to 9 and 58 to 52 (62 to 59 hold protection keys where those are on). Bit 9 is set by hand: {entry:hex}. The program reads.",
        zh = "P = 1 时也有几位归内核：11 到 9，58 到 52（62 到 59 在开了保护键时另有用处）。刚才手动把第 9 位置 1：{entry:hex}。程序来读。",
      }
      m.ask {
        id = "available",
        op = { "read", va, { size = 1 } },
        before = { "walk_read", 4 },
        text = { en = "What does the MMU make of it?", zh = "MMU 怎么看这一位？" },
        answer = say_what_happened,
        words = HAPPENS,
        wrong = {
          { value = "malformed", because = { en = "Reserved bits fault, available ones do not: that is the difference.", zh = "保留位会出错，可用位不会，区别就在这里。" } },
          { value = "absent", because = { en = "Only bit 0 says present.", zh = "只有第 0 位管“在不在”。" } },
          { value = "forbidden", because = { en = "Rights are bits 1, 2 and 63.", zh = "管权限的是第 1、2、63 位。" } },
        },
        right = { en = "It looks away. Linux keeps notes there: soft-dirty, special pages.", zh = "它视而不见。Linux 在那里记些事，比如 soft-dirty、特殊页。" },
        hints = {
          { en = "Is bit 9 reserved or available?", zh = "第 9 位是保留的，还是可用的？" },
          { en = "Available means: for software.", zh = "“可用”就是留给软件用。" },
          { en = "Nothing changes.", zh = "什么也不变。" },
        },
      }
      m.after {
        en = "t, c and PAT choose how caches treat the page (in a large page PAT is bit 12, since bit 7 says that it is large); G keeps it in the TLB when CR3 is loaded.",
        zh = "t、c 和 PAT 管缓存怎么对待这一页（大页里 PAT 挪到第 12 位，因为第 7 位用来说明它是大页）；G 让它在重装 CR3 时留在 TLB 里。",
      }
    end,

    function(m) -- 9
      m.title { en = "The same bit, another rule", zh = "同一位，换了规矩" }
      m.view "entry"
      local va = heap(m) + m.geometry().page
      m.read(va, { size = 1 })
      m.set("efer.nxe", 0)
      m.bind { va = va, entry = W.entry(m, va, 3).value }
      m.say {
        en = "Bit 63, X, forbids to fetch instructions: the heap has it, {entry:hex}. But only if EFER.NXE is on. Somebody switches it off; the program just reads {va:hex}.",
        zh = "第 63 位 X 禁止取指令，堆里的页都带着它：{entry:hex}。但要 EFER.NXE 开着才算。有人把 NXE 关了；程序只是来读 {va:hex}。",
      }
      local r = m.ask(F.code {
        id = "nxe-off",
        op = { "read", va, { size = 1 } },
        text = { en = "The read faults. With which error code?", zh = "这次读缺页了。错误码是多少？" },
        wrong = { F.SAYS_RIGHTS, F.SAYS_ABSENT, F.SAYS_FETCH, F.SAYS_KERNEL },
        right = { en = "{answer} = {errbits}: without NXE bit 63 has no meaning, so it is reserved and must be 0.", zh = "{answer} = {errbits}：没有 NXE，第 63 位就没有意义，成了必须为 0 的保留位。" },
        sum = { en = "Present 1, user 4, reserved bit 8.", zh = "在 1，用户态 4，保留位 8。" },
      })
      m.expect(find(r, "page_fault").error, F.P | F.U | F.RSVD, "a reserved bit")
      m.set("efer.nxe", 1)
      m.after { en = "No kernel can mend that: its own table is wrong. The process is gone, NXE is on again.", zh = "这种事内核也没法补救：错的是它自己的表。进程没了，NXE 重新打开。" }
    end,

    function(m) -- 10
      m.title { en = "Read-only, for whom?", zh = "只读，对谁只读？" }
      m.view "entry"
      m.spawn()
      local g = m.geometry()
      local va = heap(m)
      m.write(va, 47, { size = 1 })
      m.mprotect(page(va), g.page, "r")
      m.set("cr0.wp", 0)
      m.bind { va = va, entry = W.entry(m, va, 3).value }
      m.say {
        en = "A new process; mprotect took W from the page of {va:hex}: {entry:hex}. And CR0.WP is off. The kernel itself now writes there, for a system call, say.",
        zh = "换个新进程；mprotect 收走了 {va:hex} 那一页的 W：{entry:hex}。CR0.WP 也关着。现在内核自己往那里写，比如替某个系统调用。",
      }
      local r = m.ask {
        id = "wp-off",
        op = { "write", va, 48, { size = 1, as = "kernel" } },
        before = "access",
        text = { en = "What happens?", zh = "结果如何？" },
        answer = say_what_happened,
        words = HAPPENS,
        wrong = {
          { value = "forbidden", because = { en = "Programs obey W. The kernel does only while CR0.WP is on.", zh = "程序受 W 管。内核只在 CR0.WP 打开时才受。" } },
          { value = "absent", because = { en = "mprotect took W, not P.", zh = "mprotect 收走的是 W，不是 P。" } },
        },
        right = { en = "It writes right through, past copy on write as well. So kernels keep WP on.", zh = "照写不误，连写时复制也绕过去了。所以内核都开着 WP。" },
        hints = {
          { en = "WP stands for write protect. Whose writes?", zh = "WP 就是写保护。保护谁的写？" },
          { en = "With WP off, supervisor writes ignore W.", zh = "WP 关着，特权态的写不看 W。" },
          { en = "Nothing stops it.", zh = "没人拦它。" },
        },
      }
      m.expect(count(r, "page_fault"), 0, "the kernel writes a read-only page with WP off")
      m.set("cr0.wp", 1)
    end,

    function(m) -- 11
      m.title { en = "The kernel in a stranger's house", zh = "内核走进别人家" }
      m.view "entry"
      local va = area_of(m, "code")
      m.fetch(va)
      m.set("cr4.smep", 1)
      m.bind { va = va, entry = W.entry(m, va, 3).value }
      m.say {
        en = "The program's code at {va:hex}: U is set, X is not. An attacker lets the kernel jump there. CR4.SMEP is on: the kernel may not execute what belongs to users.",
        zh = "程序的代码在 {va:hex}：U 是 1，X 是 0。有人骗内核跳到那里去。CR4.SMEP 开着：内核不许执行用户的页。",
      }
      m.ask(F.code {
        id = "smep",
        op = { "fetch", va, { as = "kernel" } },
        text = { en = "The jump faults. With which error code?", zh = "这一跳缺页了。错误码是多少？" },
        wrong = { F.SAYS_USER, F.SAYS_DATA, F.SAYS_ABSENT, F.SAYS_MALFORMED },
        right = { en = "{answer} = {errbits}. The same U bit that lets the program in keeps the kernel out.", zh = "{answer} = {errbits}。同一个 U 位，放程序进来，却把内核挡在门外。" },
        sum = { en = "Present 1, fetch 16; the kernel adds nothing.", zh = "在 1，取指 16；内核态不加。" },
      })
      m.set("cr4.smep", 0)
    end,

    function(m) -- 12
      m.title { en = "Not even a look", zh = "看一眼也不行" }
      m.view "entry"
      m.spawn()
      local va = heap(m)
      m.write(va, 49, { size = 1 })
      m.set("cr4.smap", 1)
      m.bind { va = va, entry = W.entry(m, va, 3).value }
      m.say {
        en = "CR4.SMAP does it for data. A new process has written {va:hex}, its entry is {entry:hex}. A pointer from the program leads the kernel astray: it reads there, and did not mean to.",
        zh = "CR4.SMAP 管的是数据。新进程写过 {va:hex}，它的项是 {entry:hex}。内核错信了程序给的指针，无意中读到那里去了。",
      }
      m.ask(F.code {
        id = "smap",
        op = { "read", va, { size = 1, as = "kernel" } },
        text = { en = "The error code?", zh = "错误码是多少？" },
        wrong = { F.SAYS_USER, F.SAYS_ABSENT, F.SAYS_MALFORMED, F.SAYS_WRITE },
        right = { en = "{answer} = {errbits}: the kernel reads, the page is there, and it is a user's. When it must, for a system call, it opens the door for a moment (STAC).", zh = "{answer} = {errbits}：内核在读，页也在，但那是用户的页。系统调用非读不可时，它用 STAC 把门开一小会儿。" },
        sum = { en = "Present 1; a read by the kernel adds nothing.", zh = "在 1；内核的读什么也不加。" },
      })
      m.set("cr4.smap", 0)
    end,

    function(m) -- 13
      m.title { en = "Yours: from above", zh = "你来：从上面管" }
      m.view "tree"
      m.spawn()
      local va = heap(m)
      m.write(va, 49, { size = 1 })
      local upper = W.entry(m, va, 2)
      m.bind { va = va, slot = upper.pa, byte = le(upper.value & ~F.W, 1), table = upper.table, index = upper.index }
      m.say {
        en = "A fresh process with a heap page at {va:hex}. The Memory pane and poke change any byte; flush empties the TLB.",
        zh = "一个新进程，堆里的页在 {va:hex}。内存面板和 poke 能改任何字节，flush 清空 TLB。",
      }
      m.task {
        text = {
          en = "Let a write of the program fault with code 7 on a page whose last entry has W set.",
          zh = "让程序的一次写以错误码 7 缺页，而那一页的最后一项里 W 是 1。",
        },
        goal = function(r)
          local fault, last = find(r, "page_fault"), nil
          if not fault or fault.error ~= F.P | F.W | F.U then return false end
          for _, e in ipairs(r.events) do
            if e.event == "walk_read" and e.va == fault.va then last = e end
            if e.event == "page_fault" then break end
          end
          return last ~= nil and last.level == #r.m.geometry().levels - 1 and last.value & F.W ~= 0
        end,
        solution = function() return { "flush", "poke " .. hex(upper.pa) .. " " .. le(upper.value & ~F.W, 1), "write " .. hex(va) .. " 1" } end,
        hints = {
          { en = "Leave the last entry alone. Who else may forbid?", zh = "最后一项别动。还有谁能禁止？" },
          { en = "Empty the TLB, clear bit 1 in any entry above it, then write.", zh = "先清空 TLB，在上面任何一项里清掉第 1 位，再写。" },
          { en = "flush, poke {slot:hex} {byte}, write {va:hex}: that is {table}[{index}].", zh = "flush，poke {slot:hex} {byte}，write {va:hex}：改的是 {table}[{index}]。" },
        },
      }
    end,

    step { -- 14
      title = { en = "What you take along", zh = "带走什么" },
      view = "log",
      bind = function(m) return { bits = m.geometry().entry_bytes * 8 } end,
      text = {
        en = "You can read any entry bit by bit now, and say which are law for the MMU, which are its own notes, and which are the kernel's.\n\nOne question to carry on: the code in the fault says what was forbidden. Who decides whether the program deserved it?",
        zh = "现在，任何一个页表项你都能逐位读懂：哪些是 MMU 必须守的，哪些是它记下的，哪些归内核用。\n\n带走一个问题：错误码说的是什么被禁止。可这一下该不该罚，由谁来定？",
      },
    },
  },
}
