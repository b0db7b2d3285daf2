-- clock.lua - second chance: one bit per page that the MMU sets and a hand clears, in place of the times that LRU would need
-- (Silberschatz, Operating System Concepts, 10.4.5; Tanenbaum, Modern Operating Systems, 3.4.5; SDM vol. 3A, 4.8 for the A bit).
local refs = use "references"
local va, name, victim, hand = refs.va, refs.name, refs.victim, refs.hand

local FRAMES = 4
local STORY = { 0, 1, 2, 3, 4, 3, 1, 5, 6, 7, 4, 5, 0, 6, 1 } -- what the program reads in steps 2 to 8
local RUN = 12                                                -- reads of one page in a row
local FEW = 3                                                 -- frames for the textbook's string
local MINE = STORY[#STORY - 1]                                -- read just before the learner may touch its entry
local R_BIT = 1 << 5                                          -- A in an entry (SDM vol. 3A, table 4-6)
local KEY = 9                                                 -- faults, says the course's own answer key (refs.TSINGHUA)

local measured = {} -- counts of runs made while the stage is set

local function same(page, n)
    local list = {}
    for i = 1, n do list[i] = page end
    return list
end

-- The entry of the last level for page n.
local function entry(m, n)
    local all = m.walk(va(m, n)).entries
    return all[#all]
end

local function set_bits(m)
    local n = 0
    for _, page in ipairs(m.resident()) do n = n + (page.referenced and 1 or 0) end
    return n
end

-- The first page from the hand on with R = 0.
local function next_out(m)
    local ring = m.resident()
    for i = 0, #ring - 1 do
        local page = ring[(ring.hand + i - 1) % #ring + 1]
        if not page.referenced then return page.page end
    end
    return hand(m)
end

local function of_kernel(r)
    local n = 0
    for _, e in ipairs(r.events) do n = n + (e.actor == "kernel" and 1 or 0) end
    return n
end

return lesson {
    id = "clock",
    part = "replacement",
    title = { en = "A second chance", zh = "再给一次机会" },
    rows = { "E1" },
    needs = { "tlb", "replacement" },
    machine = "i386",
    minutes = 15,
    steps = {
        step {
            title = { en = "One bit", zh = "一个比特" },
            view = "replace",
            prepare = function(m)
                refs.open(m, "book", same(0, RUN), "clock", FRAMES)
            end,
            bind = { run = RUN },
            text = {
                en = [[Exact LRU needs the time of every access. Who could write that down? The hardware offers one bit per page: A in its entry; R in
                    textbooks. The program reads page 0, {run} times.]],
                zh = [[精确的 LRU 要知道每次访问的时刻。谁记得过来？硬件只给每页一个比特：页表项里的 A，课本上叫 R。程序现在把 0 号页读 {run}
                    遍。]],
            },
            ask = {
                id = "marks",
                op = { "ref", RUN },
                text = { en = "How often does the MMU write A into this page's entry?", zh = "MMU 往这一页的页表项里写几次 A？" },
                answer = function(r)
                    local n = 0
                    for _, e in ipairs(r.events) do
                        if e.event == "entry_mark" and e.table == "PT" then n = n + 1 end
                    end
                    return n
                end,
                wrong = {
                    {
                        value = RUN,
                        because = { en = "That would be LRU's notebook. A hit in the TLB touches no table.", zh = "那是 LRU 的记事本。TLB 命中时根本不碰页表。" },
                    },
                    {
                        value = 0,
                        because = { en = "Then nobody would ever know that the page was used.", zh = "那就没人知道这一页用过了。" },
                    },
                    {
                        value = 2,
                        because = {
                            en = "One of them by the kernel, you think? It maps the page with A = 0.",
                            zh = "以为内核也写一次？内核建映射时，A 是 0。",
                        },
                    },
                },
                right = {
                    en = "Once, on a walk; then the TLB answers. R says that a page was used: not when, not how often.",
                    zh = "一次，在走表的时候；之后就由 TLB 应答了。R 只说用过，不说何时，也不说几次。",
                },
                hints = {
                    { en = "When does the MMU look at the entry at all?", zh = "MMU 什么时候才会看页表项？" },
                    { en = "On a walk. A hit in the TLB reads no table.", zh = "走表的时候。TLB 命中就不读表。" },
                    { en = "One walk finds A = 0. Later reads are hits.", zh = "只有一趟走表碰上 A 是 0，后面全是命中。" },
                },
            },
        },
        function(m)
            m.title { en = "Frames in a ring", zh = "页框围成一圈" }
            m.view "replace"
            m.bind { frames = FRAMES, last = FRAMES - 1, want = FRAMES }
            m.say {
                en = "This process may keep {frames} pages. Bend their frames into a ring and put a hand on it: a clock. The program reads pages 0 to {last}.",
                zh = "这个进程最多留 {frames} 页。把它们的页框围成一圈，装上一根指针，就是一座钟。程序依次读 0 到 {last} 号页。",
            }
            m.string(refs.BASE, STORY)
            m.ask {
                id = "loaded",
                op = { "ref", FRAMES },
                text = { en = "How many pages will have R = 1 then?", zh = "读完后，有几页的 R 是 1？" },
                answer = function(r) return set_bits(r.m) end,
                wrong = {
                    {
                        quirk = "load-leaves-r-0",
                        because = {
                            en = "Only page 0, read before? Being loaded would then be no use of a page. Some textbooks play it so.",
                            zh = "只有早先读过的 0 号页？那样装入就不算使用了。有的课本确实这么定。",
                        },
                    },
                    {
                        value = 0,
                        because = {
                            en = "The kernel maps with R = 0. But the instruction that waited runs again.",
                            zh = "内核建映射时 R 是 0，可等着的那条指令还要重做。",
                        },
                    },
                    {
                        value = FRAMES - 1,
                        because = { en = "Page 0 too: nobody has cleared its bit.", zh = "0 号页也算：它的 R 还没人清。" },
                    },
                },
                right = {
                    en = "All {answer}: after each fault the instruction runs again, walks, and the MMU sets A. Loaded means R = 1 here.",
                    zh = "{answer} 页全是：每次缺页后指令重做，再走一趟表，MMU 就置上 A。在这台机器上，装入即 R = 1。",
                },
                hints = {
                    { en = "What does the program do after each fault?", zh = "每次缺页处理完，程序干什么？" },
                    { en = "The instruction runs again, and the MMU walks.", zh = "指令重做，MMU 又走一趟表。" },
                    { en = "Every page that was read has R = 1.", zh = "读过的页，R 都是 1。" },
                },
            }
            m.after {
                en = "The arrow is the hand. Page {want} is next, and the ring is full.",
                zh = "箭头就是指针。接着要读 {want} 号页，可圈已满了。",
            }
        end,
        function(m)
            local want, first = STORY[m.refs().at + 1], hand(m)
            m.title { en = "Everybody was used", zh = "个个都用过" }
            m.view "replace"
            m.bind { want = want, first = first, second = m.resident()[2].page, frames = FRAMES }
            m.say {
                en = [[Page {want} is wanted: one must leave. The rule of the clock: look at the page at the hand. R = 1? Clear it, it gets a second
                    chance, go on. R = 0? That one leaves.]],
                zh = [[要读 {want} 号页，得有一页离开。时钟的规矩：看指针所指的页。R 是 1，就清零，再给它一次机会，指针往前走；R 是 0，就是它了。]],
            }
            local r = m.ask {
                id = "cleared",
                op = { "ref" },
                before = "no_room",
                text = { en = "How many bits will the hand clear?", zh = "指针会清掉几个 R？" },
                answer = function(q) return count(q, "hand_passed") end,
                wrong = {
                    {
                        value = 0,
                        because = { en = "FIFO would not look. Here R = 1 earns a second chance.", zh = "FIFO 才看都不看。这里 R 是 1 就再给一次机会。" },
                    },
                    { value = 1, because = { en = "The next one has R = 1 as well.", zh = "下一页的 R 也是 1。" } },
                    {
                        value = FRAMES - 1,
                        because = { en = "The last one was used too: it is spared like the others.", zh = "最后一页也用过，一样放过。" },
                    },
                },
                right = { en = "All {answer}: nobody has R = 0.", zh = "{answer} 个全清：没有一页的 R 是 0。" },
                hints = {
                    { en = "Look at the column R.", zh = "看 R 那一列。" },
                    { en = "The hand stops only at R = 0.", zh = "指针只在 R 是 0 的页停下。" },
                    { en = "It finds none on the whole round: {frames}.", zh = "走完一圈也没有：清 {frames} 个。" },
                },
            }
            m.ask {
                id = "full-round",
                about = r,
                before = "no_room",
                text = { en = "And who leaves?", zh = "那么谁走？" },
                answer = function(q) return name(victim(q)) end,
                wrong = {
                    { value = name(FRAMES - 1), because = { en = "Passed last, but the hand has moved on.", zh = "它最后被放过，可指针已经走开了。" } },
                    { value = name(first + 1), because = { en = "The hand comes round to where it began, not beyond.", zh = "指针转回起点，没有越过去。" } },
                    {
                        value = { en = "nobody: all were used", zh = "谁也不走：都用过" },
                        because = { en = "The page must go somewhere. The hand turns on.", zh = "新页总得有地方放，指针接着转。" },
                    },
                },
                right = {
                    en = "After one round it finds the R that it cleared itself. When everybody was used, the clock is FIFO.",
                    zh = "转完一圈，碰上的正是自己清掉的 R。个个都用过时，时钟就是 FIFO。",
                },
                hints = {
                    { en = "Where is the hand after a full round?", zh = "转满一圈，指针在哪儿？" },
                    { en = "Where it began, and now R is 0 there.", zh = "回到起点，那里的 R 现在是 0。" },
                    { en = "It began at page {first}.", zh = "起点是 {first} 号页。" },
                },
            }
            m.ask {
                id = "hand-after",
                about = r,
                before = "victim_chosen",
                text = { en = "Page {want} takes the empty frame. Where will the hand stand?", zh = "{want} 号页住进空出来的页框。指针停在哪儿？" },
                answer = function(q) return name(hand(q.m)) end,
                wrong = {
                    {
                        value = name(want),
                        because = {
                            en = "Then the newcomer would be asked first, next time. The hand stays behind the frame it filled.",
                            zh = "那下次头一个就问新来的。指针停在刚填的页框后面。",
                        },
                    },
                    { value = name(FRAMES - 1), because = { en = "The hand never goes back.", zh = "指针从不倒着走。" } },
                },
                right = { en = "One on. The newcomer will be asked last.", zh = "往前一格。新来的要到最后才问到。" },
                hints = {
                    { en = "Should the newcomer be asked first next time?", zh = "下次该先问新来的吗？" },
                    { en = "The hand goes on to the next in the ring.", zh = "指针走到圈里的下一个。" },
                    { en = "After page {first} comes page {second}.", zh = "{first} 号页后面是 {second} 号页。" },
                },
            }
            m.expect(victim(r), first, "a full round ends where it began")
        end,
        function(m)
            local at = hand(m)
            m.title { en = "A hit", zh = "命中" }
            m.view "replace"
            m.bind { want = STORY[m.refs().at + 1], hand = at }
            m.say {
                en = "The next read is page {want}, and that one is in memory. Look where the hand stands now.",
                zh = "接着读 {want} 号页，它就在内存里。先看看指针现在停在哪儿。",
            }
            local r = m.ask {
                id = "hit",
                op = { "ref" },
                text = { en = "Where does the hand stand after the hit?", zh = "命中之后，指针停在哪儿？" },
                answer = function(q) return name(hand(q.m)) end,
                wrong = {
                    {
                        quirk = "hand-moves-on-a-hit",
                        because = { en = "A hit needs no frame, so nobody asks the hand.", zh = "命中用不着页框，没人去动指针。" },
                    },
                    {
                        value = name(STORY[m.refs().at + 1]),
                        because = { en = "It does not jump to what was used: the MMU knows of no hand.", zh = "它不会跳到刚用的页：MMU 不知道有指针。" },
                    },
                },
                right = { en = "It stays. A hit sets R, and that is all.", zh = "原地不动。命中只置 R，别的什么也不做。" },
                hints = {
                    { en = "Who does what in a hit?", zh = "命中的时候，谁在干活？" },
                    { en = "The MMU sets R; the hand belongs to the kernel.", zh = "MMU 置 R；指针归内核。" },
                    { en = "It stands at page {hand} and nobody moves it.", zh = "它停在 {hand} 号页，没人去拨。" },
                },
            }
            m.bind { kernel = of_kernel(r) }
            m.after {
                en = "What the kernel did in this read: {kernel} events. This is why the clock is cheap.",
                zh = "这次读，内核的事件有 {kernel} 个。时钟便宜，就便宜在这里。",
            }
        end,
        function(m)
            local before = m.ref()
            local at, want = hand(m), STORY[m.refs().at + 1]
            m.title { en = "Spared and taken", zh = "放过谁，换出谁" }
            m.view "replace"
            m.bind { at = at, want = want, out = next_out(m) }
            m.say {
                en = "Page {at} is read too, another hit. Then page {want} is wanted. Read the column R, from the hand on.",
                zh = "{at} 号页也被读了一次，又是命中。然后要读 {want} 号页。从指针起，顺着 R 那一列往下看。",
            }
            local r = m.ask {
                id = "taken",
                op = { "ref" },
                before = "no_room",
                text = { en = "Who leaves?", zh = "谁走？" },
                answer = function(q) return name(victim(q)) end,
                wrong = {
                    {
                        value = name(refs.least(m, "loaded")),
                        because = {
                            en = "In memory longest: FIFO's victim. But it was read just now, R = 1.",
                            zh = "它待得最久，FIFO 会选它。可它刚读过，R 是 1。",
                        },
                    },
                    { value = name(STORY[6]), because = { en = "Its R is 1, and the hand stops before it.", zh = "它的 R 是 1，而且指针还走不到那里。" } },
                    { value = name(STORY[5]), because = { en = "The newcomer of before: R = 1, and last in turn.", zh = "上次新来的：R 是 1，而且排在最后。" } },
                },
                right = { en = "The first with R = 0 from the hand on.", zh = "从指针起，头一个 R 是 0 的。" },
                hints = {
                    { en = "Start at the arrow.", zh = "从箭头看起。" },
                    { en = "R = 1 is spared, the first R = 0 leaves.", zh = "R 是 1 的放过，头一个 0 走。" },
                    { en = "Page {at} is spared; page {out} has R = 0.", zh = "{at} 号页放过，{out} 号页的 R 是 0。" },
                },
            }
            m.ask {
                id = "on-the-way",
                about = r,
                before = "no_room",
                text = { en = "How many bits are cleared on the way?", zh = "一路上清掉几个 R？" },
                answer = function(q) return count(q, "hand_passed") end,
                wrong = {
                    {
                        quirk = "hand-moves-on-a-hit", since = before,
                        because = { en = "If the hit had moved the hand, it would stand at the victim already.", zh = "要是命中也拨指针，它就已经停在要走的那页上了。" },
                    },
                    { value = 2, because = { en = "The victim has R = 0: nothing to clear.", zh = "要走的那页 R 已是 0，没什么可清。" } },
                    { value = FRAMES, because = { en = "A full round only when all are 1.", zh = "全是 1 才要转一整圈。" } },
                },
                right = { en = "{answer}. It has used up its second chance, unless it is read again.", zh = "{answer} 个。那一页的机会用掉了，除非再有人读它。" },
                hints = {
                    { en = "Count from the arrow to the victim.", zh = "从箭头数到要走的那页。" },
                    { en = "Only those that are passed are cleared.", zh = "只清路过的。" },
                    { en = "Just page {at}.", zh = "只有 {at} 号页。" },
                },
            }
        end,
        function(m)
            local want, at = STORY[m.refs().at + 1], hand(m)
            local unused, first, newest = refs.least(m, "used"), refs.least(m, "loaded"), STORY[m.refs().at]
            m.title { en = "What one bit cannot say", zh = "一个比特说不清的事" }
            m.view "replace"
            m.bind { want = want, unused = unused, out = next_out(m) }
            m.say {
                en = "The next page wanted is {want}. The pane also shows times of use. No real machine keeps them; ours does, for comparison.",
                zh = "接下来要读 {want} 号页。面板上还有使用时刻。真机器不会记这个；这台记着，供你比较。",
            }
            m.ask {
                id = "lru",
                text = { en = "Whom would exact LRU evict?", zh = "精确的 LRU 会换出谁？" },
                answer = function(q) return name(refs.least(q.m, "used")) end,
                wrong = {
                    { value = name(first), because = { en = "Loaded first. LRU asks for the last use.", zh = "它装入最早。LRU 问的是最后一次使用。" } },
                    { value = name(at), because = { en = "LRU has no hand.", zh = "LRU 没有指针。" } },
                    { value = name(newest), because = { en = "It has just come.", zh = "它刚来。" } },
                },
                right = { en = "The smallest number in the column \"used\".", zh = "“上次用”那一列里数最小的。" },
                hints = {
                    { en = "One column tells it.", zh = "有一列写着呢。" },
                    { en = "The last use that is longest ago.", zh = "最后一次使用离现在最远的。" },
                    { en = "Page {unused} has the smallest number there.", zh = "{unused} 号页的数最小。" },
                },
            }
            m.ask {
                id = "clock",
                op = { "ref" },
                before = "no_room",
                text = { en = "And whom does the clock evict?", zh = "时钟会换出谁？" },
                answer = function(q) return name(victim(q)) end,
                wrong = {
                    {
                        value = name(unused),
                        because = {
                            en = "R = 1: used since the hand passed. That it was long ago, the bit does not say.",
                            zh = "它的 R 是 1：指针走过之后用过。用得有多早，这个比特说不出来。",
                        },
                    },
                    { value = name(at), because = { en = "The hand is there, but R = 1.", zh = "指针在那里，可 R 是 1。" } },
                    { value = name(newest), because = { en = "It has just come: R = 1, and last in turn.", zh = "它刚来：R 是 1，又排在最后。" } },
                },
                right = {
                    en = "Used after page {unused}, gone before it: the hand took its bit, and nobody read it since. The price of one bit.",
                    zh = "它比 {unused} 号页用得晚，却走得早：R 被指针清了，后来又没人读。这就是一个比特的代价。",
                },
                hints = {
                    { en = "Forget the times.", zh = "别看时刻。" },
                    { en = "From the hand on: the first with R = 0.", zh = "从指针起，头一个 R 是 0 的。" },
                    { en = "Page {out}.", zh = "{out} 号页。" },
                },
            }
        end,
        function(m)
            m.title { en = "Why the TLB must hear of it", zh = "为什么要告诉 TLB" }
            m.view "replace"
            local sweep = m.ref()
            local passed = (find(sweep, "hand_passed").va - refs.BASE) // m.geometry().page
            m.ref()
            m.bind { passed = passed, levels = #m.geometry().levels, at = hand(m), frames = FRAMES }
            m.say {
                en = [[Another page comes. On its way the hand clears R of page {passed}, in the page table, and drops its TLB entry too. Is that
                    needed? Page {passed} stays in memory, in the same frame. In a moment it is read.]],
                zh = [[又来一页。路上，指针清掉页表里 {passed} 号页的 R，还顺手把它的 TLB 项也作废。有这个必要吗？{passed}
                    号页还在内存，页框也没变。一会儿程序就读它。]],
            }
            m.ask {
                id = "walks",
                op = { "ref" },
                text = { en = "Page {passed} is read. How many table entries does the MMU read for it?", zh = "现在读 {passed} 号页。为此 MMU 要读几个页表项？" },
                answer = function(q) return count(q, "walk_read") end,
                wrong = {
                    {
                        quirk = "hand-keeps-tlb", since = sweep,
                        because = {
                            en = "So it would be with the entry still in the TLB: a hit, no walk, and nobody sets R.",
                            zh = "TLB 项要是还在，就会这样：命中，不走表，也就没人置 R。",
                        },
                    },
                    { value = 1, because = { en = "A walk starts at the root: one entry a level.", zh = "走表从根开始，每级读一项。" } },
                },
                right = {
                    en = "A whole walk, so that the MMU meets the entry again and sets R in it.",
                    zh = "完整走一趟，MMU 才会再碰上这一项，把 R 置上。",
                },
                hints = {
                    { en = "Look for page {passed} in the TLB.", zh = "在 TLB 里找找 {passed} 号页。" },
                    { en = "It is not there: a miss, a walk.", zh = "找不到：未命中，要走表。" },
                    { en = "This machine has {levels} levels.", zh = "这台机器有 {levels} 级。" },
                },
            }
            m.bind { want = STORY[m.refs().at + 1] }
            m.ask {
                id = "seen",
                op = { "ref" },
                before = "no_room",
                text = { en = "Page {want} is wanted next. Who leaves?", zh = "接着要 {want} 号页。谁走？" },
                answer = function(q) return name(victim(q)) end,
                wrong = {
                    {
                        quirk = "hand-keeps-tlb", since = sweep,
                        because = {
                            en = "Read a moment ago! But had the TLB kept its entry, R would be 0 and it would leave: this is why.",
                            zh = "它刚刚才读过！可要是 TLB 项没作废，R 就还是 0，走的正是它：原因就在这里。",
                        },
                    },
                    { value = name(refs.least(m, "loaded")), because = { en = "FIFO's victim. First the hand looks at R.", zh = "FIFO 会选它。时钟先看 R。" } },
                    { value = name(STORY[10]), because = { en = "The last to come is the last in turn.", zh = "最后来的，最后才轮到。" } },
                },
                right = {
                    en = "All R are 1, a full round. The read of page {passed} was seen only because the TLB had forgotten it.",
                    zh = "R 全是 1，转满一圈。对 {passed} 号页的那次读之所以被看见，全因 TLB 已经忘了它。",
                },
                hints = {
                    { en = "Is there an R = 0 left?", zh = "还有 R 是 0 的吗？" },
                    { en = "None: one full round, then the page where the hand began.", zh = "没有：转满一圈，再回到起点。" },
                    { en = "The hand begins at page {at}.", zh = "指针从 {at} 号页开始。" },
                },
            }
            m.after {
                en = [[Linux on x86 clears A and leaves the TLB alone, to save time. Some reads go unseen, some page leaves too early; nothing
                    worse can happen.]],
                zh = [[x86 上的 Linux 为了省时间，清 A 时并不动 TLB。于是有些读没被看见，有的页走得早了点；坏处也就这么大。]],
            }
            m.note {
                en = "To see it happen: go back to before this step's first event, then : set hand-keeps-tlb on, and : ref 4.",
                zh = "想亲眼看：退到本步头一个事件之前，按 : 输入 set hand-keeps-tlb on，再 ref 4。",
            }
        end,
        step {
            title = { en = "Your finger on the bit", zh = "伸手改 R" },
            prepare = function(m)
                m.ref()
                m.view("hex", entry(m, MINE).pa)
            end,
            bind = function(m)
                local at = entry(m, MINE)
                return { mine = MINE, out = next_out(m), want = STORY[m.refs().at + 1], slot = at.pa, value = at.value & 0xff,
                         bit = R_BIT, clear = at.value & 0xff & ~R_BIT }
            end,
            text = {
                en = [[Page {mine} was just read. Its entry is at {slot:hex}; the first byte is {value:hex2}, and R is the bit that counts {bit:hex}.
                    Page {want} comes next: press : and type ref. Left alone, the hand takes page {out}.]],
                zh = [[{mine} 号页刚读过。它的页表项在 {slot:hex}，头一个字节是 {value:hex2}，其中 R 这一位值 {bit:hex}。下一个要来的是 {want}
                    号页：按 : 输入 ref。你若不管，指针会换出 {out} 号页。]],
            },
            task = {
                text = {
                    en = "Clear that bit by hand, in the Memory pane or with poke, so that page {mine} leaves and page {out} stays.",
                    zh = "在“内存”面板里，或用 poke，亲手清掉这一位，让走的是 {mine} 号页，{out} 号页留下。",
                },
                goal = function(r) return count(r, "poked") > 0 and victim(r) == MINE end,
                solution = function(q)
                    local at = entry(q, MINE)
                    return { "invlpg " .. hex(va(q, MINE)), "poke " .. hex(at.pa) .. " " .. le(at.value & 0xff & ~R_BIT, 1), "ref" }
                end,
                hints = {
                    { en = "The hand believes what stands in the table.", zh = "页表里写什么，指针就信什么。" },
                    { en = "Take {bit:hex} off {value:hex2}.", zh = "从 {value:hex2} 里减掉 {bit:hex}。" },
                    { en = "poke {slot:hex} with the byte {clear:hex2}, without its 0x; then ref.", zh = "poke {slot:hex}，后面写字节 {clear:hex2}，不带 0x；再 ref。" },
                },
            },
        },
        step {
            title = { en = "The textbook's string", zh = "课本上的访问串" },
            view = "replace",
            prepare = function(m)
                measured.fifo = refs.run(m, refs.SILBERSCHATZ, "fifo", FEW).faults
                measured.lru = refs.run(m, refs.SILBERSCHATZ, "lru", FEW).faults
                measured.clock = refs.run(m, refs.SILBERSCHATZ, "clock", FEW).faults
                refs.open(m, "text", refs.SILBERSCHATZ, "clock", FEW)
            end,
            bind = function() return { few = FEW, refs = #refs.SILBERSCHATZ, fifo = measured.fifo, lru = measured.lru, clock = measured.clock } end,
            text = {
                en = [[A new process, {few} frames, and a famous string of {refs} references (see the pane). On this machine FIFO just made {fifo}
                    faults with it, exact LRU {lru}.]],
                zh = [[换一个进程，{few} 个页框，跑一个有名的访问串，共 {refs} 次访问（见面板）。同一台机器上刚跑过：FIFO 缺页 {fifo} 次，精确的
                    LRU 缺页 {lru} 次。]],
            },
            ask = {
                id = "textbook",
                op = { "ref", #refs.SILBERSCHATZ },
                text = { en = "And the clock?", zh = "时钟呢？" },
                answer = function(r) return r.m.refs().faults end,
                wrong = {
                    {
                        quirk = "load-leaves-r-0",
                        because = { en = "So it is when a page is loaded with R = 0. Same name, another clock: see the next page.", zh = "装入时 R 是 0 才会这样。名字一样，却是另一种时钟，见下一页。" },
                    },
                    {
                        quirk = "hand-moves-on-a-hit",
                        because = { en = "Your hand moves on at hits too. Better here by luck; it forgets who came first.", zh = "你的指针命中时也走。这里碰巧少些，可它不记得谁先来了。" },
                    },
                    {
                        value = function() return measured.fifo end,
                        because = { en = "As FIFO? Sometimes a hit does save a page.", zh = "和 FIFO 一样？命中有时还是能保住一页的。" },
                    },
                    {
                        value = function() return measured.lru end,
                        because = { en = "As LRU? After a full round the bits say nothing.", zh = "和 LRU 一样？转满一圈之后，R 就什么也说不出了。" },
                    },
                },
                right = {
                    en = "{answer}: here all bits are 1 so often that it is hardly better than FIFO.",
                    zh = "{answer} 次：这里 R 常常全是 1，比 FIFO 好不了多少。",
                },
                hints = {
                    { en = "Between the two that you know.", zh = "在已知的两个数之间。" },
                    { en = "Often all bits are 1, and then the clock is FIFO.", zh = "R 经常全是 1，那时它就是 FIFO。" },
                    { en = "{clock}.", zh = "{clock} 次。" },
                },
            },
        },
        step {
            title = { en = "Which clock do you mean?", zh = "你说的是哪种时钟？" },
            view = "replace",
            prepare = function(m)
                refs.open(m, "exercise", refs.TSINGHUA, "clock", FRAMES)
            end,
            bind = { frames = FRAMES, refs = #refs.TSINGHUA, key = KEY },
            text = {
                en = [[An exercise: this string, {frames} frames. Its key says {key} faults. Was a page loaded with R = 1 or R = 0? Try: press : and type
                    ref {refs}. Esc brings you back. Once more, but first

                    set load-leaves-r-0 on]],
                zh = [[一道习题：就是这个串，{frames} 个页框，答案写着缺页 {key} 次。页装入时，R 算 1 还是 0？试试：按 : 输入 ref {refs}，再按 Esc
                    回来。然后重来一次，不过先输入

                    set load-leaves-r-0 on]],
            },
            ask = {
                id = "dialect",
                op = { "ref", #refs.TSINGHUA },
                text = { en = "Which rule did the key use?", zh = "答案用的是哪条规矩？" },
                answer = function(r)
                    local zero = r.m.field("load-leaves-r-0") == 1
                    return (r.m.refs().faults == KEY) ~= zero and "one" or "zero"
                end,
                words = {
                    one = { en = "R starts as 1", zh = "装入时 R = 1" },
                    zero = { en = "R starts as 0", zh = "装入时 R = 0" },
                },
                wrong = {
                    { value = "zero", because = { en = "That rule gives another number: try it.", zh = "那样算出来是另一个数，试试看。" } },
                    { value = { en = "either, the count is the same", zh = "都行，次数一样" }, because = { en = "It is not: run both.", zh = "不一样，两种都跑跑看。" } },
                },
                right = {
                    en = "As on this machine. A number without its rule is worth nothing: always say which clock.",
                    zh = "和这台机器一样。只报数不报规矩，等于没说：总要讲明是哪种时钟。",
                },
                hints = {
                    { en = "Run it both ways.", zh = "两种都跑一遍。" },
                    { en = "This machine sets R on loading.", zh = "这台机器装入时置 R。" },
                    { en = "Here : ref {refs} ends with {key} faults.", zh = "在这里 ref {refs}，正好缺页 {key} 次。" },
                },
            },
        },
        function(m)
            local at = hand(m)
            m.title { en = "A busy page", zh = "忙个不停的一页" }
            m.view "replace"
            m.say { en = "Whatever page the hand stands at, the program now reads it, again and again.", zh = "指针停在哪一页，程序就一遍又一遍地读哪一页。" }
            m.string(nil, same(at, RUN))
            local r = m.ref(RUN)
            m.bind { hits = RUN - r.faults, run = RUN, at = hand(m) }
            m.expect(hand(m), at, "hits do not move the hand")
            m.card {
                claim = { en = "The clock's hand moves on at every access.", zh = "每访问一次，时钟的指针就走一格。" },
                truth = {
                    en = "{run} reads, {hits} hits, and it still stands at page {at}. It moves when a frame is needed, and at no other time.",
                    zh = "读了 {run} 次，命中 {hits} 次，它仍停在 {at} 号页。要腾页框时它才动，别的时候都不动。",
                },
            }
        end,
        function(m)
            local keep = hand(m)
            m.title { en = "Keep it", zh = "保住它" }
            m.view "replace"
            m.bind { keep = keep, frames = FRAMES, base = refs.BASE, page = m.geometry().page, other = va(m, keep) }
            m.task {
                text = {
                    en = "Let {frames} pages leave memory, but never page {keep}, at which the hand stands. The clock stays in force. Page n is at {base:hex} + n × {page:hex}.",
                    zh = "让 {frames} 页离开内存，但 {keep} 号页不许走，眼下指针正停在它那里。策略仍是时钟。n 号页在 {base:hex} + n × {page:hex}。",
                },
                goal = function(r)
                    for i = 1, count(r, "victim_chosen") do
                        if victim(r, i) == keep then return false end
                    end
                    return count(r, "victim_chosen") >= FRAMES and r.m.resident().policy == "clock"
                end,
                solution = function(q)
                    local here, list = {}, {}
                    for _, page in ipairs(q.resident()) do here[page.page] = true end
                    for n = 0, refs.PAGES - 1 do
                        if not here[n] then
                            list[#list + 1] = "read " .. hex(va(q, keep))
                            list[#list + 1] = "read " .. hex(va(q, n))
                        end
                    end
                    return list
                end,
                hints = {
                    { en = "What does the hand do with a page that was used?", zh = "用过的页，指针会怎样？" },
                    { en = "Read page {keep} again whenever the hand has cleared its R.", zh = "指针一清它的 R，就再读一次 {keep} 号页。" },
                    { en = "read {other:hex}, then a page that is not in memory; and so on.", zh = "read {other:hex}，再读一页不在内存里的；如此反复。" },
                },
            }
            m.after {
                en = [[You can now follow the hand on any ring, and ask which clock is meant. Take along: give this process one more frame. Can it
                    fault more often then?]],
                zh = [[现在，随便哪个圈，你都能跟着指针走，还会问清是哪种时钟。带走一个问题：给这个进程再加一个页框，缺页反而会变多吗？]],
            }
        end,
    },
}
