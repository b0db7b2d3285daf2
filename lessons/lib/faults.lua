-- faults.lua - the question for a page fault's error code, and the beliefs behind wrong codes: each is the code of this fault with one bit
-- misjudged (SDM vol. 3A, 4.7).
local F = {}

F.P, F.W, F.U, F.RSVD, F.I = 1, 2, 4, 8, 16

local function misjudged(bit, en, zh)
  return { value = function(q) return q.event and q.event.error ~ bit end, because = { en = en, zh = zh } }
end

F.SAYS_ABSENT = misjudged(F.P, "{choice} lacks P: it says that nothing is there. But the page is there.", "{choice} 缺了 P 位，意思是什么都没有。可页在那里。")
F.SAYS_PRESENT = misjudged(F.P, "{choice} has P: it says that a page is there and forbids. But nothing is there yet.", "{choice} 带着 P 位，意思是页在、却不许。可那里还什么都没有。")
F.SAYS_READ = misjudged(F.W, "W is missing in {choice}: that is a read.", "{choice} 缺了 W 位，那是读。")
F.SAYS_WRITE = misjudged(F.W, "{choice} has W: that is a write.", "{choice} 带着 W 位，那是写。")
F.SAYS_KERNEL = misjudged(F.U, "U is missing in {choice}: that is the kernel asking, and here the program asks.", "{choice} 缺了 U 位，那是内核在访问，可这里是程序。")
F.SAYS_USER = misjudged(F.U, "U tells who asks, not whose page it is. Here the kernel asks.", "U 说的是谁在访问，不是页归谁。这里访问的是内核。")
F.SAYS_DATA = misjudged(F.I, "I is missing in {choice}: that is data, and here an instruction is fetched.", "{choice} 缺了 I 位，那是读数据，可这里在取指令。")
F.SAYS_FETCH = misjudged(F.I, "{choice} has I: that is an instruction fetch.", "{choice} 带着 I 位，那是取指令。")
F.SAYS_RIGHTS = misjudged(F.RSVD, "{choice} would be a missing right. But here the entry itself is malformed.", "{choice} 说的是缺权限。可这里是页表项本身不合规矩。")
F.SAYS_MALFORMED = misjudged(F.RSVD, "{choice} says that the entry itself is malformed. It is a good entry; it just forbids.", "{choice} 说的是页表项不合规矩。它好好的，只是不许。")

-- Ask for the error code before the fault. q: id, text, op or about, wrong, right, sum (the last hint).
function F.code(q)
  q.before = "page_fault"
  q.answer = function(r) return r.event and r.event.error end
  q.hints = {
    { en = "Is the page there? Who asks, and for what?", zh = "页在不在？谁在访问？要干什么？" },
    { en = "P counts 1, write 2, user 4, reserved bit 8, fetch 16.", zh = "P 是 1，写是 2，用户态是 4，保留位是 8，取指是 16。" },
    q.sum,
  }
  q.sum = nil
  return q
end

-- How the kernel answered: "mended", or the signal.
function F.verdict(r)
  local signal = find(r, "signal")
  return signal and signal.signal or "mended"
end

F.MAPERR, F.ACCERR, F.KILL = "SIGSEGV (SEGV_MAPERR)", "SIGSEGV (SEGV_ACCERR)", "SIGKILL"
F.VERDICTS = {
  mended = { en = "it mends the page; the program goes on", zh = "把页补好，程序继续" },
  [F.MAPERR] = { en = "SEGV_MAPERR: nothing is mapped there", zh = "SEGV_MAPERR：那里没有映射" },
  [F.ACCERR] = { en = "SEGV_ACCERR: mapped, but not for this", zh = "SEGV_ACCERR：有映射，但不许这样用" },
  [F.KILL] = { en = "SIGKILL: the tables are broken", zh = "SIGKILL：页表坏了" },
}

-- Every fault of these events: { { pid, error, verdict } ... }, in order.
function F.all(events)
  local out = {}
  for _, e in ipairs(events) do
    if e.event == "page_fault" then out[#out + 1] = { pid = e.pid, error = e.error, va = e.va } end
    if e.event == "signal" and out[#out] then out[#out].verdict = e.signal end
  end
  return out
end

return F
