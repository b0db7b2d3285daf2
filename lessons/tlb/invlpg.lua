-- invlpg.lua - the tables change, the TLB does not: what needs an invalidation and what does not, and a kernel that forgets one, hunted
-- backwards from the damage (SDM vol. 3A, 4.10.4.2 and 4.10.4.3).
local MINE, NEXT = 0x11, 0x22 -- what the program writes
local W = 2                   -- the W bit of an entry
local MAPPED = 0x10000000     -- where the broken kernel's pages lie
local KEPT, DAMAGE = 0x33, 0x66

local function heap(m, n)
    for _, a in ipairs(m.process().areas) do
        if a.kind == "heap" then return a.start + n * m.geometry().page end
    end
end

local function last_entry(m, va)
    local entries = m.walk(va).entries
    return entries[#entries]
end

-- A hand changes one bit of the last entry of va.
local function set_bit(m, va, mask, on)
    local e = last_entry(m, va)
    m.poke(e.pa, le(on and e.value | mask or e.value & ~mask, 1))
end

local function stale(m)
    local list = {}
    for _, e in ipairs(m.tlb()) do
        if e.stale then list[#list + 1] = e end
    end
    return list
end

local function has(r, va)
    for _, e in ipairs(r.m.tlb()) do
        if e.va == va then return true end
    end
    return false
end

local DUTY = {
    tlb_drop = { en = "the TLB entry is dropped", zh = "清掉 TLB 里的那一项" },
    entry_write = { en = "the table's entry is cleared", zh = "清掉页表里的表项" },
    area_removed = { en = "the area is taken off the list", zh = "把区域从清单上划掉" },
    frame_zeroed = { en = "the frame is filled with zeros", zh = "给页框填零" },
}

return lesson {
    id = "invlpg",
    part = "tlb",
    title = { en = "Nobody told the TLB", zh = "没人告诉 TLB" },
    rows = { "C10" },
    needs = { "tlb" },
    machine = "x86-64",
    breaks = { "L1", "F4" }, -- entries that a hand or a careless kernel changed
    minutes = 12,
    steps = {
        step {
            title = { en = "Behind its back", zh = "背着它改" },
            view = "entry",
            prepare = function(m)
                m.spawn()
                m.write(heap(m, 0), MINE, { size = 1 })
                set_bit(m, heap(m, 0), W, false)
            end,
            bind = function(m) return { va = heap(m, 0), slot = last_entry(m, heap(m, 0)).pa, value = NEXT } end,
            text = {
                en = [[The program has just written to {va:hex}; the TLB holds the page. Then somebody cleared one bit of its entry in memory, at {slot:hex}: W is 0
                    now, read-only. See the Entry pane. No instruction was executed for it.]],
                zh = [[程序刚写过 {va:hex}，TLB 里有这一页。接着有人动了内存里它的表项，在 {slot:hex}，清掉了一位：W 现在是 0，只读。看表项面板。
                    没有为此执行过任何指令。]],
            },
            ask = {
                id = "behind",
                op = function(m) return { "write", heap(m, 0), NEXT, { size = 1 } } end,
                before = { "access", 1 },
                text = { en = "The program writes {value:hex} there. What happens?", zh = "程序往那里写 {value:hex}，会怎样？" },
                answer = function(r) return count(r, "page_fault") > 0 and "fault" or count(r, "walk_start") > 0 and "walk" or "written" end,
                words = {
                    fault = { en = "a page fault", zh = "缺页异常" },
                    walk = { en = "the MMU walks and notices", zh = "MMU 走一遍表，发现了" },
                    written = { en = "it is written", zh = "写进去了" },
                },
                wrong = {
                    { quirk = "tlb-follows-memory", because = { en = "Memory does not tell the TLB. Who should watch billions of bytes for entries?", zh = "内存不会通知 TLB。几十亿个字节里哪些是表项，谁来盯？" } },
                    { value = "walk", because = { en = "After a hit there is no walk: that was the whole idea.", zh = "命中了就不走表，TLB 图的就是这个。" } },
                },
                right = { en = "The MMU believes its note. It says writable, as the table did then.", zh = "MMU 信自己的小抄：抄的时候表上写着可写。" },
                hints = {
                    { en = "Where does the MMU look first?", zh = "MMU 先看哪里？" },
                    { en = "Into the TLB. What does its entry say of W?", zh = "先看 TLB。那一项的 W 是什么？" },
                    { en = "The entry still has W.", zh = "那一项还有 W。" },
                },
            },
        },
        function(m)
            local va = heap(m, 0)
            m.title { en = "One instruction", zh = "一条指令" }
            m.view "tlb"
            m.invlpg(va)
            m.bind { va = va }
            m.say {
                en = [[INVLPG {va:hex}: the kernel says that this page's note is worthless. Only a kernel may; a program's INVLPG would be a fault. Now the same write once
                    more.]],
                zh = [[INVLPG {va:hex}：内核说，这一页的小抄作废。只有内核能执行；程序自己执行会出错。现在再写一次。]],
            }
            m.ask {
                id = "error",
                op = { "write", va, NEXT + 1, { size = 1 } },
                before = { "page_fault", 1 },
                text = { en = "A miss, a walk, a page fault. Which error code?", zh = "未命中，走表，缺页。错误码是多少？" },
                answer = function(r) return find(r, "page_fault").error end,
                wrong = {
                    { value = 6, because = { en = "That is a page that is absent. This one is there.", zh = "那是页不在。这一页在。" } },
                    { value = 5, because = { en = "That would be a read that is forbidden.", zh = "那是不许读。" } },
                    { value = 3, because = { en = "So the kernel would fare; this is a program.", zh = "那是内核写的情形，这里是程序。" } },
                },
                right = { en = "{answer}: present (1), a write (2), from user mode (4). The table's word counts at last.", zh = "{answer}：存在（1），写（2），用户态（4）。页表的话终于算数了。" },
                hints = {
                    { en = "Three bits: present, write, user.", zh = "三位：存在、写、用户。" },
                    { en = "The entry is there and forbids writing.", zh = "表项在，但不许写。" },
                    { en = "1 + 2 + 4.", zh = "1 + 2 + 4。" },
                },
            }
            m.after {
                en = "The kernel looked up the area, found that writing is allowed, and put W back. To it, this was a copy-on-write page with one owner.",
                zh = "内核查了区域，发现是许写的，便把 W 补了回去。在它看来，这是只剩一个主人的写时复制页。",
            }
        end,
        function(m)
            local va = heap(m, 1)
            m.title { en = "The other way round", zh = "反过来呢" }
            m.view "log"
            m.write(va, MINE, { size = 1 })
            set_bit(m, va, W, false)
            m.invlpg(va)
            m.read(va, { size = 1 })
            set_bit(m, va, W, true)
            m.bind { va = va }
            m.say {
                en = [[Another page, {va:hex}. Its entry was read-only when the TLB noted it. Now the entry in memory has got W again: more rights than the note says. Nobody
                    executes INVLPG. The program writes.]],
                zh = [[另一页 {va:hex}。TLB 记下它时，表项是只读的。现在内存里的表项又有了 W：权限比小抄上多。没人执行 INVLPG。程序来写。]],
            }
            m.ask {
                id = "spurious",
                op = { "write", va, NEXT, { size = 1 } },
                before = { "tlb_hit", 1 },
                text = { en = "How many entries must the kernel change before the write succeeds?", zh = "要写成功，内核得改几个表项？" },
                answer = function(r) return count(r, "entry_write") end,
                wrong = {
                    { value = 1, because = { en = "The entry allows it already. Only the note is too strict.", zh = "表项本来就许写，只是小抄太严。" } },
                    { value = 2, because = { en = "Nothing is wrong with the tables.", zh = "页表一点没错。" } },
                },
                right = {
                    en = "None. The strict note faults once, the fault drops it, the kernel finds nothing to do, the second try walks: a spurious fault.",
                    zh = "一个也不用。太严的小抄引发一次缺页，缺页顺手丢掉它；内核发现没事可做；再试一次走表就成了：虚惊一场。",
                },
                hints = {
                    { en = "What does the table say now?", zh = "页表现在怎么说？" },
                    { en = "A page fault drops the note it came from, by itself.", zh = "缺页会自己丢掉惹事的那条小抄。" },
                    { en = "The table is right already: none.", zh = "页表已经对了：零个。" },
                },
            }
            m.card {
                claim = { en = "Every change of a page table needs an invalidation.", zh = "每次改页表都得作废 TLB。" },
                truth = {
                    en = "Less needs one: a right or a page taken away, another frame. More does not: absent was never noted, and too strict costs one spurious fault at most.",
                    zh = "变少才要：收回权限、收回页、换页框。变多不用：“不在”从不记录，太严顶多虚惊一场。",
                },
            }
        end,
        function(m)
            m.title { en = "With a hammer", zh = "抡大锤" }
            m.view "tlb"
            for n = 0, 3 do m.write(heap(m, n), MINE, { size = 1 }) end
            local before, va = #m.tlb(), heap(m, 2)
            m.bind { before = before, va = va, page = m.geometry().page }
            m.say {
                en = [[The program has {before} pages in the TLB and asks the kernel to make one of them, {va:hex}, read-only. The 80386 had no INVLPG; its kernels had one
                    way only, loading CR3 again.]],
                zh = [[程序在 TLB 里有 {before} 页，它请内核把其中一页 {va:hex} 改成只读。80386 没有 INVLPG，那时的内核只有一招：重装 CR3。]],
            }
            m.ask {
                id = "one-page",
                op = { "mprotect", va, m.geometry().page, "r" },
                before = { "entry_write", 1 },
                text = { en = "How many entries does this kernel lose?", zh = "这台机器的内核损失几项？" },
                answer = function(r) return before - #r.m.tlb() end,
                wrong = {
                    { value = function() return before end, because = { en = "That is the hammer: the whole TLB for one page.", zh = "那就是大锤：为一页砸掉整个 TLB。" } },
                    { quirk = "no-invalidate", because = { en = "Then the program could go on writing.", zh = "那程序还能接着写。" } },
                },
                right = { en = "{answer}. Which way is cheaper depends on how many pages change: beyond some number Linux takes the hammer (33 by default).", zh = "{answer} 项。哪招划算，看要改几页：多到一定数目（默认 33），Linux 也抡大锤。" },
                hints = {
                    { en = "Which pages changed?", zh = "改了哪几页？" },
                    { en = "One. INVLPG names a page.", zh = "一页。INVLPG 指名道姓。" },
                    { en = "Only that one goes.", zh = "只丢那一项。" },
                },
            }
        end,
        function(m)
            m.title { en = "A byte that changed by itself", zh = "自己变了的字节" }
            m.view "hex"
            m.mmap(MAPPED, 4 * m.geometry().page, "rw")
            m.mmap(MAPPED + 8 * m.geometry().page, 4 * m.geometry().page, "rw")
            m.write(MAPPED + 8 * m.geometry().page, 1, { size = 1 })
            m.write(MAPPED, MINE, { size = 1 })
            m.set("no-invalidate", 1)
            m.munmap(MAPPED, m.geometry().page)
            local mine = MAPPED + 9 * m.geometry().page
            m.write(mine, KEPT, { size = 1 })
            m.write(MAPPED, DAMAGE, { size = 1 })
            m.bind { va = mine, kept = KEPT }
            m.say {
                en = [[A user complains. "I keep {kept:hex} at {va:hex}. I wrote it once and never again; my program has only this one thread. Some time later it is something
                    else." Somewhere in the events behind you lies the reason.]],
                zh = [[有用户投诉：“我在 {va:hex} 存了 {kept:hex}，只写过一次，程序也只有一个线程。过了一阵，它变成了别的东西。”原因就在你身后的那些事件里。]],
            }
            local r = m.read(mine, { size = 1 })
            m.expect(r.value, DAMAGE, "the byte was changed")
            m.bind { found = r.value }
            m.after {
                en = "It reads {found:hex} now. Select the byte in the Memory pane and press w: who wrote this last? The ' key brings you back.",
                zh = "现在读出来是 {found:hex}。在内存面板里选中这个字节，按 w：最后是谁写的？按 ' 回来。",
            }
        end,
        step {
            title = { en = "The hunt", zh = "追查" },
            view = "tlb",
            bind = function(m)
                local mine = MAPPED + 9 * m.geometry().page
                return { mine = mine, frame = m.walk(mine).frame }
            end,
            text = {
                en = [[The damaged page is frame {frame:label}, and by its tables the program can reach that frame through {mine:hex} only. Yet the last write came from this
                    very program, through another address. Which note made that possible?]],
                zh = [[受损的页是页框 {frame:label}。按页表，程序只能通过 {mine:hex} 到达它。可最后一次写正是这个程序干的，走的却是另一个地址。是哪条小抄放行的？]],
            },
            ask = {
                id = "through",
                text = { en = "Through which page?", zh = "通过哪一页？" },
                format = "hex",
                answer = function(r)
                    return stale(r.m)[1].va
                end,
                wrong = {
                    { value = function(r) return MAPPED + 9 * r.m.geometry().page end, because = { en = "That is its rightful address, written once.", zh = "那是它正当的地址，只写过一次。" } },
                    { value = function(r) return MAPPED + 8 * r.m.geometry().page end, because = { en = "That page has a frame of its own.", zh = "那一页自有页框。" } },
                    { value = function(r) return heap(r.m, 0) end, because = { en = "The heap has nothing to do with it.", zh = "这和堆没关系。" } },
                },
                right = { en = "{answer} was unmapped, its frame given away, but its note stayed: two pages, one frame.", zh = "{answer} 早就解除了映射，页框也给了别人，小抄却还在：两页，同一个页框。" },
                hints = {
                    { en = "The TLB pane marks what the tables no longer say.", zh = "页表不再认的，TLB 面板会标出来。" },
                    { en = "Look for frame {frame:label} there.", zh = "在那里找页框 {frame:label}。" },
                    { en = "The entry marked stale.", zh = "标着过期的那一项。" },
                },
            },
        },
        function(m)
            local va = MAPPED + 8 * m.geometry().page
            m.title { en = "What was forgotten", zh = "忘了什么" }
            m.view "log"
            m.flush()
            m.write(va, MINE, { size = 1 })
            m.bind { va = va }
            m.say {
                en = "The same kernel, watched this time: the program gives back {va:hex}. In which order must a kernel work, and what does this one leave out?",
                zh = "还是这个内核，这回盯着看：程序归还 {va:hex}。内核该按什么次序做事？这一个漏了哪件？",
            }
            m.ask {
                id = "missing",
                op = { "munmap", va, m.geometry().page },
                before = { "frame_free", 1 },
                text = { en = "What should have come before the frame is free, and did not?", zh = "页框归还之前该做而没做的，是哪件？" },
                answer = function(r)
                    for _, name in ipairs { "entry_write", "tlb_drop", "area_removed" } do
                        if count(r, name) == 0 then return name end
                    end
                end,
                words = DUTY,
                wrong = {
                    { value = "entry_write", because = { en = "It was: look at the log.", zh = "清了，看日志。" } },
                    { value = "area_removed", because = { en = "That may come later; it does not touch the hardware.", zh = "那可以晚点做，碍不着硬件。" } },
                    { value = "frame_zeroed", because = { en = "Zeros are for the next owner, when the frame is given out.", zh = "填零是给下一位主人的，等发出去时再填。" } },
                },
                right = {
                    en = "Entry first, then the TLB, then the frame. In any other order somebody can still use what is no longer his.",
                    zh = "先清表项，再清 TLB，最后还页框。换个次序，就有人还能用已不属于他的东西。",
                },
                hints = {
                    { en = "Compare with the munmap of an honest kernel.", zh = "和老实内核的 munmap 比一比。" },
                    { en = "Which event makes the MMU forget?", zh = "哪个事件让 MMU 忘掉？" },
                    { en = "INVLPG: tlb_drop.", zh = "INVLPG，也就是 tlb_drop。" },
                },
            }
            m.expect(has({ m = m }, va), true, "the note stayed")
        end,
        function(m)
            m.title { en = "Be the kernel", zh = "你来当内核" }
            m.view "tlb"
            local va = MAPPED + 9 * m.geometry().page
            m.flush()
            m.read(va, { size = 1 })
            m.bind { va = va, page = m.geometry().page }
            m.say {
                en = "The kernel is still broken. Its munmap takes the page and leaves the note.",
                zh = "内核还是坏的：它的 munmap 收走页，留下小抄。",
            }
            m.task {
                text = {
                    en = "Unmap the page at {va:hex} ({page} bytes), and do by hand what the kernel forgets: no stale note may be left.",
                    zh = "解除 {va:hex} 处那一页的映射（{page} 字节），再亲手补上内核忘掉的事：不许留下过期的小抄。",
                },
                goal = function(r)
                    return count(r, "frame_free") > 0 and not r.m.walk(va).present and #stale(r.m) == 0
                end,
                solution = function(m) return { "munmap " .. hex(va) .. " " .. m.geometry().page, "invlpg " .. hex(va) } end,
                hints = {
                    { en = "Two operations. The order matters less here: nobody runs in between.", zh = "两个操作。这里次序不要紧，中间没人跑。" },
                    { en = "munmap, then one of the ways to make a TLB forget.", zh = "先 munmap，再用一种办法让 TLB 忘掉。" },
                    { en = "munmap {va:hex} {page}, then invlpg {va:hex}.", zh = "munmap {va:hex} {page}，然后 invlpg {va:hex}。" },
                },
            }
            m.set("no-invalidate", 0)
            m.after {
                en = [[You know what to tell the TLB and when. But INVLPG reaches the CPU that executes it, and no other. What if the program runs on two?]],
                zh = [[该告诉 TLB 什么、什么时候说，你都清楚了。可 INVLPG 只管执行它的那个 CPU。要是程序同时跑在两个 CPU 上呢？]],
            }
        end,
    },
}
