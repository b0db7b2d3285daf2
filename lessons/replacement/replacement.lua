-- replacement.lua - whom to evict: FIFO, LRU, OPT, LFU on the textbook's string (Silberschatz, Operating System Concepts, 10.4; Belady 1966).
-- The pages are those of a file and only read, so that nothing is written and each fault is one page from the disk.
local BASE, PAGES = 0x10000000, 8                                                  -- page 0 of the string is here
local STRING = { 7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1 } -- the textbook's
local OTHER = { 7, 0, 1, 2, 0, 3, 0, 4, 0, 3, 2, 1 }                           -- the same past, another future
local FRAMES = 3
local LONGEST = 8 -- references of the task
local SEEN, LATE = 7, 17 -- references made before a victim is asked for
local would -- whom other policies would evict
local raced -- faults by policy; the race sets it and tells it in the same step

local function joined(list, from, to)
    return table.concat(list, ",", from, to)
end

local function page_of(m, va)
    return (va - BASE) // m.geometry().page
end

-- A fresh process with the file mapped, a string, and a policy.
local function begin(m, policy, list)
    m.set("policy", "fifo") -- opt needs a string, and that goes with its process
    if m.pid() ~= 0 then m.exit() end
    m.spawn()
    m.mmap(BASE, PAGES * m.geometry().page, "r", "private", { file = "book" })
    m.string(BASE, list)
    m.set("resident_limit", FRAMES)
    m.set("policy", policy)
end

local function victim(r)
    local e = find(r, "victim_chosen")
    return e and page_of(r.m, e.va)
end

local function distinct(list)
    local seen, n = {}, 0
    for _, p in ipairs(list) do
        n = n + (seen[p] and 0 or 1)
        seen[p] = true
    end
    return n
end

-- Faults of FIFO by its definition: a queue. With `renewed` a use puts a page at its end, and that is LRU.
local function queue_faults(list, renewed)
    local queue, faults = {}, 0
    for _, p in ipairs(list) do
        local at
        for i, q in ipairs(queue) do
            if q == p then at = i end
        end
        if not at then faults = faults + 1 end
        if at and renewed or not at and #queue == FRAMES then table.remove(queue, at or 1) end
        if renewed or not at then queue[#queue + 1] = p end
    end
    return faults
end

-- Faults of OPT by its definition: the page whose next use is farthest away leaves.
local function opt_faults(list)
    local memory, faults = {}, 0
    local function next_use(p, after)
        for i = after, #list do
            if list[i] == p then return i end
        end
        return #list + 1
    end
    for i, p in ipairs(list) do
        local there, last = false, 1
        for k, q in ipairs(memory) do
            there = there or q == p
            if next_use(q, i) > next_use(memory[last], i) then last = k end
        end
        if not there then
            faults = faults + 1
            if #memory == FRAMES then table.remove(memory, last) end
            memory[#memory + 1] = p
        end
    end
    return faults
end

-- The pages in memory, the one with the least of "used", "loaded" ... first.
local function ranked(m, by)
    local pages, names = m.resident(), {}
    table.sort(pages, function(a, b) return a[by] < b[by] end)
    for i, p in ipairs(pages) do
        names[i] = p.page
    end
    return names
end

-- Whom the others would evict now; looked up before the question, for the wrong choices.
local function look_around(m)
    would = { lru = ranked(m, "used")[1], fifo = ranked(m, "loaded")[1], newest = ranked(m, "loaded")[FRAMES] }
end

-- ... and the first references made.
local function go(m, policy, list, made)
    begin(m, policy, list)
    m.ref(made)
    look_around(m)
end

-- The entries of all pages of the string, as text.
local function last_table(m)
    local entries = {}
    for p = 0, PAGES - 1 do
        local walk = m.walk(BASE + p * m.geometry().page).entries
        entries[#entries + 1] = hex(walk[#walk].value)
    end
    return table.concat(entries, " ")
end

-- The references of the string loaded last, and the faults among them.
local function last_run(r)
    local list, faults = {}, 0
    for _, e in ipairs(r.events) do
        if e.event == "string_loaded" then list, faults = {}, 0 end
        if e.event == "reference" then list[#list + 1] = e.page end
        if e.event == "page_fault" then faults = faults + 1 end
    end
    return list, faults
end

return lesson {
    id = "replacement",
    part = "replacement",
    title = { en = "Who has to go?", zh = "该谁走？" },
    rows = { "E1" },
    needs = { "swap" },
    machine = "x86-64",
    minutes = 14,
    steps = {
        step {
            title = { en = "Three places", zh = "三个位子" },
            view = "replace",
            prepare = function(m) begin(m, "fifo", STRING) end,
            bind = { frames = FRAMES, n = #STRING, first = joined(STRING, 1, FRAMES), all = distinct(STRING) },
            text = {
                en = [[When memory is full, one page must leave, and may be wanted again at once. Could you choose well? Here even the
                    future is known: {n} references to {all} pages of a file. {frames} pages may be in memory. First come {first}.]],
                zh = [[内存满了，总得有一页走，可它也许马上又有人要。换作你来挑，挑得准吗？这里连将来都写好了：对文件的 {all} 页一共
                    引用 {n} 次。内存里最多放 {frames} 页。先来的是 {first}。]],
            },
            ask = {
                id = "cold",
                op = { "ref", FRAMES },
                text = { en = "How many of these first {frames} references fault?", zh = "开头这 {frames} 次引用，缺页几次？" },
                answer = function(r) return r.faults end,
                wrong = {
                    {
                        value = 0,
                        because = { en = "There is room, but the pages are not in it yet.", zh = "位子有，页还没来呢。" },
                    },
                    {
                        value = 1,
                        because = { en = "One fault brings one page.", zh = "一次缺页只请来一页。" },
                    },
                },
                right = { en = "All of them, and no policy can help: each page must come once.", zh = "次次缺页，什么策略都帮不上：每页总得来一次。" },
                hints = {
                    { en = "Was any of these pages used before?", zh = "这几页以前用过吗？" },
                    { en = "A page comes at its first use, not before.", zh = "页在头一次用到时才来。" },
                    { en = "All different, and none in memory.", zh = "全是不同的页，一页也不在内存里。" },
                },
            },
        },
        function(m)
            m.title { en = "First come, first go", zh = "先来先走" }
            m.view "replace"
            m.bind {
                new = STRING[4], hit = STRING[5], next = STRING[6], past = joined(STRING, 1, 5),
            }
            m.say {
                en = "The simplest rule is FIFO: who came first goes first. Next in the string are {new}, for which there is no room, and {hit}, which is there: a hit. Then comes {next}.",
                zh = "最简单的规矩是 FIFO：先来的先走。接下来引用 {new}，没位子了；再引用 {hit}，它就在内存里，命中。然后轮到 {next}。",
            }
            m.ref()
            m.ref()
            m.ask {
                id = "fifo-victim",
                op = { "ref" },
                before = { "victim_chosen", 1 },
                text = { en = "So far {past}. Which page must leave for {next}?", zh = "到现在是 {past}。为了 {next}，哪一页得走？" },
                answer = victim,
                wrong = {
                    {
                        quirk = "fifo-renewed-by-use",
                        because = {
                            en = "The hit does not count. FIFO asks only who came first.",
                            zh = "命中不算数。FIFO 只问谁来得早。",
                        },
                    },
                    { value = STRING[4], because = { en = "That page came last.", zh = "它来得最晚。" } },
                },
                right = { en = "It came first of the three, though it was used just now.", zh = "三页里它来得最早，哪怕刚刚才用过。" },
                hints = {
                    { en = "Write down in which order the pages came. Hits change nothing.", zh = "按来的次序写下来，命中不改次序。" },
                    { en = "The first one has left already. Who is first now?", zh = "最早的那页已经走了。现在谁最早？" },
                    { en = "The second page of the string.", zh = "串里的第二页。" },
                },
            }
            m.bind { wanted = STRING[7] }
            m.after { en = "And the next reference wants: {wanted}.", zh = "偏偏下一次引用要的就是：{wanted}。" }
        end,
        step {
            title = { en = "All of it", zh = "跑完全程" },
            view = "replace",
            prepare = function(m) begin(m, "fifo", STRING) end,
            bind = { n = #STRING, frames = FRAMES, hits = #STRING - queue_faults(STRING), all = distinct(STRING) },
            text = {
                en = "From the beginning again, with empty places: all {n} references under FIFO.",
                zh = "位子清空，从头再来：{n} 次引用全跑一遍，用 FIFO。",
            },
            ask = {
                id = "fifo-faults",
                op = { "ref", #STRING },
                text = { en = "How many of the {n} fault?", zh = "{n} 次里缺页几次？" },
                answer = function(r) return r.faults end,
                wrong = {
                    {
                        quirk = "fifo-renewed-by-use",
                        because = { en = "You let a use renew a page's place. That is another policy, and a better one.", zh = "你让用过的页重新排队了。那是另一种策略，而且更好。" },
                    },
                    {
                        value = distinct(STRING),
                        because = { en = "That would be with a place for each of the {all} pages.", zh = "{all} 页各有位子才是这样。" },
                    },
                    { value = #STRING, because = { en = "A few pages are still there when they are wanted.", zh = "有几次，要的页还在。" } },
                },
                right = { en = "Only {hits} hits. FIFO throws out what is in use.", zh = "只命中 {hits} 次。FIFO 专把正用着的赶走。" },
                hints = {
                    { en = "Keep a queue of {frames} on paper.", zh = "在纸上排一个长为 {frames} 的队。" },
                    { en = "Fault: add at the end, the first leaves. Hit: change nothing.", zh = "缺页：排到队尾，队首走。命中：不动。" },
                    { en = "There are {hits} hits.", zh = "一共命中 {hits} 次。" },
                },
            },
        },
        step {
            title = { en = "The past as a guide", zh = "拿过去作参考" },
            view = "replace",
            prepare = function(m) go(m, "lru", STRING, SEEN) end,
            bind = function(m)
                local order = ranked(m, "used")
                return { past = joined(STRING, 1, SEEN), next = STRING[SEEN + 1], soon = STRING[SEEN + 2], last = order[3], before = order[2] }
            end,
            text = {
                en = "Nobody knows the future, but the past is a hint: what was used lately will be used again. LRU evicts the page that was used longest ago. So far {past}.",
                zh = "将来谁也不知道，过去却能给个提示：最近用过的，多半还会用。LRU 赶走最久没用的那页。到现在是 {past}。",
            },
            ask = {
                id = "lru-victim",
                op = { "ref" },
                before = { "victim_chosen", 1 },
                text = { en = "Now {next} is wanted. Which page leaves?", zh = "现在要 {next}。哪一页走？" },
                answer = victim,
                wrong = {
                    {
                        quirk = "lru-by-loading",
                        because = { en = "It came first, but it was used just now. LRU asks for the last use.", zh = "它来得最早，可刚刚还用过。LRU 看的是最后一次用。" },
                    },
                    { value = function() return would.newest end, because = { en = "It came last, and was used when it came.", zh = "它来得最晚，来的时候就算用过一次。" } },
                },
                right = { en = "Of the three it was used longest ago. Bad luck: the string wants {soon} next.", zh = "三页里它最久没用过。不巧，下一个要的就是 {soon}。" },
                hints = {
                    { en = "Read the past backwards.", zh = "把过去倒着读。" },
                    { en = "The last of the three pages that you meet has to go.", zh = "三页里最后遇到的那页得走。" },
                    { en = "Backwards you meet {last}, then {before}, then the victim.", zh = "倒着先遇到 {last}，再遇到 {before}，再往前就是它。" },
                },
            },
        },
        step {
            title = { en = "Better?", zh = "好些了吗？" },
            view = "replace",
            prepare = function(m) begin(m, "lru", STRING) end,
            bind = { n = #STRING, fifo = queue_faults(STRING), saved = queue_faults(STRING) - queue_faults(STRING, true), all = distinct(STRING) },
            text = {
                en = "The same {n} references from the beginning, now under LRU. FIFO had {fifo} faults.",
                zh = "同样的 {n} 次引用，从头来，这次用 LRU。FIFO 缺页 {fifo} 次。",
            },
            ask = {
                id = "lru-faults",
                op = { "ref", #STRING },
                text = { en = "How many faults?", zh = "缺页几次？" },
                answer = function(r) return r.faults end,
                wrong = {
                    {
                        quirk = "lru-by-loading",
                        because = { en = "That is FIFO again: you counted from loading.", zh = "这又是 FIFO 了：你是从装入算起的。" },
                    },
                    { value = distinct(STRING), because = { en = "As if no page ever had to come back.", zh = "好像没有一页要请回来似的。" } },
                },
                right = { en = "{saved} fewer. Programs do stay near where they were: locality.", zh = "少了 {saved} 次。程序总爱在老地方转，这叫局部性。" },
                hints = {
                    { en = "The queue again, with one change.", zh = "还是排队，只改一条。" },
                    { en = "On a hit the page goes to the end of the queue.", zh = "命中时，那页重新排到队尾。" },
                    { en = "It saves {saved} faults.", zh = "比 FIFO 少 {saved} 次。" },
                },
            },
        },
        step {
            title = { en = "With the future in hand", zh = "手里有将来" },
            view = "replace",
            prepare = function(m) go(m, "opt", STRING, SEEN) end,
            bind = { past = joined(STRING, 1, SEEN), next = STRING[SEEN + 1], future = joined(STRING, SEEN + 2, SEEN + 7) },
            text = {
                en = "What would be perfect? Belady's answer: evict the page whose next use is farthest away. The same {past}; {next} is wanted; then {future} and so on.",
                zh = "怎样才算完美？Belady 的答案：赶走下一次用得最晚的那页。同样的 {past}，现在要 {next}，往后是 {future} 等等。",
            },
            ask = {
                id = "opt-victim",
                op = { "ref" },
                before = { "victim_chosen", 1 },
                text = { en = "Whom does OPT evict for {next}?", zh = "为了 {next}，OPT 赶走谁？" },
                answer = victim,
                wrong = {
                    {
                        value = function() return would.lru end,
                        because = { en = "LRU's choice. But it is the very next one wanted.", zh = "LRU 会选它。可下一个要的就是它。" },
                    },
                    { value = function() return would.newest end, because = { en = "Wanted in two references; another one can wait longer.", zh = "隔一次就要它；还有一页能等得更久。" } },
                },
                right = { en = "Used a moment ago, and yet the right one: of the three it is wanted last.", zh = "刚刚才用过，却偏偏该它走：三页里数它要得最晚。" },
                hints = {
                    { en = "Look ahead, not back.", zh = "往前看，别往后看。" },
                    { en = "Cross out the pages in memory as you meet them in {future}.", zh = "沿着 {future} 往后走，遇到内存里的页就划掉。" },
                    { en = "The last one left.", zh = "最后剩下的那页。" },
                },
            },
        },
        step {
            title = { en = "The best there is", zh = "最好能有多好" },
            view = "replace",
            prepare = function(m) begin(m, "opt", STRING) end,
            bind = {
                n = #STRING, fifo = queue_faults(STRING), lru = queue_faults(STRING, true), all = distinct(STRING), frames = FRAMES,
                hits = #STRING - opt_faults(STRING),
            },
            note = {
                en = "Some lists call it OPRA, and others CPRA and RPRA. Nobody else does: OPT, clock, random.",
                zh = "有的资料写作 OPRA，另两种写作 CPRA、RPRA。别处没人这么叫：就叫 OPT、Clock、Random。",
            },
            text = {
                en = "All {n} references under OPT. FIFO had {fifo} faults, LRU {lru}; nobody can have fewer than {all}, for that many pages must come once.",
                zh = "用 OPT 跑完 {n} 次引用。FIFO 缺页 {fifo} 次，LRU {lru} 次；再少也少不过 {all} 次，因为这么多页各得来一次。",
            },
            ask = {
                id = "opt-faults",
                op = { "ref", #STRING },
                text = { en = "How many faults?", zh = "缺页几次？" },
                answer = function(r) return r.faults end,
                wrong = {
                    {
                        value = distinct(STRING),
                        because = { en = "Even who knows the future has only {frames} places.", zh = "就算知道将来，也只有 {frames} 个位子。" },
                    },
                    {
                        value = queue_faults(STRING, true),
                        because = { en = "That was LRU. It guesses; OPT knows.", zh = "那是 LRU。它靠猜，OPT 是知道。" },
                    },
                },
                right = { en = "Proven: no policy has fewer on this string. A ruler to measure the others.", zh = "可以证明，这个串上谁也少不过它。它是量别人的尺子。" },
                hints = {
                    { en = "Between {all} and {lru}.", zh = "在 {all} 和 {lru} 之间。" },
                    { en = "At each fault, look ahead and give up who is wanted last.", zh = "每次缺页都往前看，放弃要得最晚的。" },
                    { en = "There are {hits} hits.", zh = "一共命中 {hits} 次。" },
                },
            },
        },
        step {
            title = { en = "Same past, other future", zh = "同样的过去，另一个将来" },
            view = "replace",
            prepare = function(m)
                go(m, "opt", STRING, SEEN)
                local before = last_table(m)
                go(m, "opt", OTHER, SEEN)
                m.expect(last_table(m), before, "the same entries, bit by bit, whatever is to come")
            end,
            bind = { past = joined(OTHER, 1, SEEN), next = OTHER[SEEN + 1], future = joined(OTHER, SEEN + 2), soon = OTHER[SEEN + 2], later = OTHER[SEEN + 3] },
            text = {
                en = "Then why not build OPT? The same {past} once more: the same pages, the same bits in every table. {next} is wanted. Only what comes after differs: {future}.",
                zh = "那为什么不造个 OPT 出来？还是同样的 {past}：同样的页，每张表里每一位都一样。现在要 {next}。只有往后不同：{future}。",
            },
            ask = {
                id = "opt-other",
                op = { "ref" },
                before = { "victim_chosen", 1 },
                text = { en = "Whom must OPT evict this time?", zh = "这一回，OPT 该赶走谁？" },
                answer = victim,
                wrong = {
                    { value = function() return would.fifo end, because = { en = "Right the other time. Here it is the very next one wanted.", zh = "前面那回选它是对的。这回下一个要的就是它。" } },
                    { value = function() return would.newest end, because = { en = "One page is wanted later still.", zh = "还有一页要得更晚。" } },
                },
                right = {
                    en = "Alike in every bit, and another victim is right. So no kernel can find it: the difference is not in the machine yet.",
                    zh = "机器里每一位都相同，该走的却换了人。所以哪个内核也算不出来：差别还没进到机器里。",
                },
                hints = {
                    { en = "OPT does not look at the past at all.", zh = "OPT 根本不看过去。" },
                    { en = "Which of the three comes last in {future}?", zh = "{future} 里，哪一页排在最后？" },
                    { en = "{soon} is wanted first, then {later}. The third has to go.", zh = "先要 {soon}，再要 {later}。剩下那页就得走。" },
                },
            },
        },
        step {
            title = { en = "Who is popular?", zh = "谁的人缘好？" },
            view = "replace",
            prepare = function(m) go(m, "lfu", STRING, LATE) end,
            bind = function(m)
                return { past = joined(STRING, LATE - 3, LATE), next = STRING[LATE + 1], made = LATE, members = table.concat(ranked(m, "page"), ", ") }
            end,
            text = {
                en = "Another guess: LFU counts and evicts the page used least often since it came. {made} references are made, the last ones {past}. In memory: {members}.",
                zh = "换一种猜法：LFU 记次数，赶走来了以后用得最少的那页。已经引用了 {made} 次，最后几次是 {past}。内存里有：{members}。",
            },
            ask = {
                id = "lfu-victim",
                op = { "ref" },
                before = { "victim_chosen", 1 },
                text = { en = "Page {next} is wanted. Whom does LFU evict?", zh = "现在要 {next}。LFU 赶走谁？" },
                answer = victim,
                wrong = {
                    { value = function() return would.lru end, because = { en = "LRU's choice. It has been used more often, though.", zh = "LRU 会选它。可它用的次数多一些。" } },
                    { value = function() return would.fifo end, because = { en = "It came first, but nobody is used more often.", zh = "它来得最早，可谁也没它用得多。" } },
                },
                right = {
                    en = "Used just now, but the newcomer has few uses. LFU never forgets old fame.",
                    zh = "刚刚才用过，可它是新来的，次数少。LFU 念旧，老名气一直算数。",
                },
                hints = {
                    { en = "Not when, but how often.", zh = "不问什么时候，只问多少次。" },
                    { en = "Count from each page's last arrival only.", zh = "每一页只从最近一次装入数起。" },
                    { en = "The page that came back last.", zh = "最后一个回来的那页。" },
                },
            },
        },
        step {
            title = { en = "What a kernel can see", zh = "内核看得见什么" },
            view = "tree",
            prepare = function(m) go(m, "lru", STRING, LATE) end,
            bind = { frames = FRAMES },
            text = {
                en = [[To know who was used last, somebody must write down the time of every use. This machine keeps such stamps; no real one
                    does, for a hit calls nobody. What remains is in the entries: A, which the MMU sets.]],
                zh = [[要知道谁最近用过，每用一次都得有人记下时刻。这台机器替你记着；真机器没有，因为命中不惊动任何人。剩下的只有页表项里的
                    A 位，由 MMU 置位。]],
            },
            ask = {
                id = "a-bits",
                text = { en = "Of the {frames} pages in memory, how many have A = 1 now?", zh = "内存里的 {frames} 页，现在 A = 1 的有几页？" },
                answer = function(r)
                    local marked = 0
                    for _, p in ipairs(r.m.resident()) do
                        if r.m.walk(p.va).flags.accessed then marked = marked + 1 end
                    end
                    return marked
                end,
                wrong = {
                    {
                        value = 1,
                        because = { en = "A does not mean \"the last\". The MMU sets it, and takes it from nobody.", zh = "A 的意思不是“最近那个”。MMU 只管置位，不管收回。" },
                    },
                    { value = 0, because = { en = "The MMU sets A on the first use.", zh = "头一次用到，MMU 就置位了。" } },
                },
                right = {
                    en = "All. A says: used since somebody cleared it, not when or how often. D says only what leaving costs.",
                    zh = "全是。A 只说：自从有人清掉以后用过；没说什么时候，也没说多少次。D 只说走一趟要花多少。",
                },
                hints = {
                    { en = "Who sets A, and who clears it?", zh = "A 由谁置位，由谁清掉？" },
                    { en = "Each of these pages was used when it came.", zh = "每一页来的时候都用过。" },
                    { en = "Nobody has cleared any of them.", zh = "一个也没人清过。" },
                },
            },
        },
        step {
            title = { en = "The race", zh = "赛一场" },
            view = "replace",
            prepare = function(m)
                raced = { gone = 0, writes = 0, n = #STRING }
                for _, policy in ipairs { "fifo", "lru", "lfu", "opt" } do
                    begin(m, policy, STRING)
                    local r = m.ref(#STRING)
                    raced[policy], raced.gone, raced.writes = r.faults, raced.gone + count(r, "victim_chosen"), raced.writes + count(r, "swap_write")
                end
                m.expect(raced.fifo, queue_faults(STRING), "FIFO is a queue")
                m.expect(raced.lru, queue_faults(STRING, true), "LRU is a queue in which a use renews the place")
                m.expect(raced.opt, opt_faults(STRING), "OPT evicts the page that is needed last")
            end,
            bind = function() return raced end,
            text = {
                en = [[All four have run the {n} references. Faults: FIFO {fifo}, LRU {lru}, LFU {lfu}, OPT {opt}. On another string LFU may
                    come last; OPT never loses.]],
                zh = [[四种策略都跑了这 {n} 次引用。缺页：FIFO {fifo}，LRU {lru}，LFU {lfu}，OPT {opt}。换一个串，LFU 也许垫底；OPT
                    不会输。]],
            },
            card = {
                claim = { en = "Swapping is page replacement.", zh = "交换就是页面置换。" },
                truth = {
                    en = "{gone} pages left, the swap device was written {writes} times: a file has them. Replacement says who goes, swap is one place to go.",
                    zh = "这几趟走了 {gone} 页，交换设备写了 {writes} 次：文件里都有。置换管谁走，交换空间只是去处之一。",
                },
            },
        },
        step {
            title = { en = "LRU at its worst", zh = "专治 LRU" },
            view = "replace",
            prepare = function(m) begin(m, "lru", { 0 }) end,
            bind = { base = BASE, longest = LONGEST, last = PAGES - 1, frames = FRAMES },
            text = {
                en = [[You write the string, of pages 0 to {last}. LRU, {frames} empty places. Press : and type, for example,

                    string {base:hex} 0,1,2

                    ref 3

                    Esc empties the places again.]],
                zh = [[串由你来写，页号 0 到 {last}。用 LRU，{frames} 个位子全空着。按 : 输入，例如

                    string {base:hex} 0,1,2

                    ref 3

                    按 Esc 清空位子再试。]],
            },
            task = {
                text = {
                    en = "Find at most {longest} references on which LRU faults more often than FIFO would.",
                    zh = "找一个不超过 {longest} 次引用的串，让 LRU 比 FIFO 缺页更多。",
                },
                goal = function(r)
                    local list, faults = last_run(r)
                    return r.m.pid() ~= 0 and r.m.resident().policy == "lru" and r.m.field("resident_limit") == FRAMES and
                        #list <= LONGEST and faults > queue_faults(list)
                end,
                solution = function() return { "string " .. hex(BASE) .. " 1,2,3,1,4,2", "ref 6" } end,
                hints = {
                    { en = "LRU trusts the last use. Deceive it.", zh = "LRU 相信最后一次使用。骗骗它。" },
                    { en = "Use the oldest page once more, and then never again: LRU keeps it, FIFO does not.", zh = "把最早来的页再用一次，以后再也不用：LRU 会留着它，FIFO 不会。" },
                    { en = "Three pages, the first again, a fourth, then the second.", zh = "先来三页，第一页再用一次，来第四页，再要第二页。" },
                },
            },
            after = {
                en = [[You can now name the victim of four policies, and what each is blind to. Take along: LRU needs a time for each use, and a
                    machine has one bit per page. How near to LRU can one bit get?]],
                zh = [[现在，四种策略各会赶走谁、各看不见什么，你都说得出来。带走一个问题：LRU 要记每次使用的时刻，机器里每页只有一位。靠这一位，
                    离 LRU 能有多近？]],
            },
        },
    },
}
