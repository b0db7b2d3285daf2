-- belady.lua - more memory, more faults: Belady's anomaly, and the inclusion that forbids it (Belady, Nelson, Shedler, CACM 12(6), 1969;
-- Mattson and others, IBM Systems Journal 9(2), 1970, on stack algorithms; Silberschatz, Operating System Concepts, 10.4.2).
local refs = use "references"
local name, victim = refs.name, refs.victim

local STRING, FEW, MANY = refs.BELADY, 3, 4
local NEW = 7                                        -- the reference to a page that nobody has: from here on the runs differ for good
local MOST = 5                                       -- frames at the end of the curve: one for each page
local POLICIES = { "fifo", "clock", "lru", "lfu", "opt" }
local GAP = 2                                        -- what the last task asks for

local measured = {} -- runs made while the stage is set

-- Nobody but a process with so many frames; the string is loaded and nothing of it read.
local function alone(m, policy, frames)
    for _, pid in ipairs(m.pids()) do m.exit(pid) end
    refs.open(m, "frames-" .. frames, STRING, policy, frames)
end

-- Two processes, one with few frames and one with many, that have made the first n references; the second runs.
local function pair(m, policy, n)
    alone(m, policy, FEW)
    if n > 0 then m.ref(n) end
    refs.open(m, "frames-" .. MANY, STRING, policy, MANY)
    if n > 0 then m.ref(n) end
end

-- Of a pair: the process with few frames, the one with many.
local function both(m)
    local all = m.pids()
    return all[1], all[2]
end

-- The pages that a process has in memory, in rising order. Not by m.resident's own numbers: those are of the loaded string's process only.
local function pages(m, pid)
    local list = {}
    for _, page in ipairs(m.resident(pid)) do list[#list + 1] = (page.va - refs.BASE) // m.geometry().page end
    table.sort(list)
    return list
end

local function has(list, page)
    for _, one in ipairs(list) do
        if one == page then return true end
    end
    return false
end

-- How many references fault in one run and not in the other, and which is the first.
local function only(faults, hits)
    local n, first = 0, nil
    for i = 1, #STRING do
        if faults[i] and not hits[i] then n, first = n + 1, first or i end
    end
    return n, first
end

local function first_only(faults, hits) return (select(2, only(faults, hits))) end

local function row(marks)
    local line = {}
    for i = 1, #STRING do line[i] = marks[i] and "F" or "." end
    return table.concat(line, " ")
end

-- The n pages used last, before the reference after `at`.
local function recent(at, n)
    local list = {}
    for i = at, 1, -1 do
        if not has(list, STRING[i]) and #list < n then list[#list + 1] = STRING[i] end
    end
    table.sort(list)
    return list
end

local function equal(a, b) return table.concat(a, " ") == table.concat(b, " ") end

local function contains(large, small)
    for _, page in ipairs(small) do
        if not has(large, page) then return false end
    end
    return true
end

-- A pair reads the string in step: after how many references does the larger memory hold all that the smaller holds?
local function moments(m, policy)
    pair(m, policy, 0)
    local small, large = both(m)
    local n = 0
    for _, page in ipairs(STRING) do
        for _, one in ipairs { { small, FEW }, { large, MANY } } do
            m.switch(one[1])
            m.set("resident_limit", one[2])
            m.read(refs.va(m, page), { size = 1 })
        end
        n = n + (contains(pages(m, large), pages(m, small)) and 1 or 0)
    end
    return n
end

-- The policies for which both runs were measured and more frames made more faults.
local function worse()
    local list = {}
    for _, policy in ipairs(POLICIES) do
        if measured[policy][2] > measured[policy][1] then list[#list + 1] = policy end
    end
    return list
end

return lesson {
    id = "belady",
    part = "replacement",
    title = { en = "More memory, more faults?", zh = "内存多了，缺页反而多？" },
    rows = { "E2" },
    needs = { "clock" },
    machine = "i386",
    minutes = 14,
    steps = {
        step {
            title = { en = "Is it worth buying?", zh = "值得加内存吗？" },
            view = "replace",
            prepare = function(m)
                measured.few = refs.run(m, STRING, "fifo", FEW)
                alone(m, "fifo", FEW)
            end,
            bind = function() return { few = FEW, refs = #STRING, count = measured.few.faults } end,
            text = {
                en = [[A program makes the {refs} references in the pane. It has {few} frames, and the kernel replaces pages by FIFO. Its owner thinks of
                    buying memory. First: what is there to save?]],
                zh = [[有个程序要做面板上的 {refs} 次访问。它有 {few} 个页框，内核按 FIFO 换页。机主想加内存。先算算：眼下缺页几次？]],
            },
            ask = {
                id = "few",
                op = { "ref", #STRING },
                text = { en = "How many faults with {few} frames?", zh = "{few} 个页框，缺页几次？" },
                answer = function(r) return r.m.refs().faults end,
                wrong = {
                    {
                        quirk = "fifo-renewed-by-use",
                        because = { en = "You let a hit renew a page. FIFO counts from loading only.", zh = "你让命中给页续了期。FIFO 只从装入算起。" },
                    },
                    {
                        value = function(r)
                            local seen = {}
                            for _, page in ipairs(STRING) do
                                if not has(seen, page) then seen[#seen + 1] = page end
                            end
                            return #seen
                        end,
                        because = { en = "Once for each page? Some leave and come again.", zh = "每页一次？有的页走了还会再来。" },
                    },
                    { value = #STRING, because = { en = "Now and then a page is still there.", zh = "总有几次页还在。" } },
                },
                right = { en = "{answer} of {refs}.", zh = "{refs} 次访问，缺页 {answer} 次。" },
                hints = {
                    { en = "Keep a queue of {few} pages.", zh = "排一个 {few} 页的队。" },
                    { en = "A fault: the head leaves, the new page joins the tail. A hit changes nothing.", zh = "缺页：队头走，新页排到队尾。命中：什么也不变。" },
                    { en = "{count}.", zh = "{count} 次。" },
                },
            },
        },
        step {
            title = { en = "One frame more", zh = "多一个页框" },
            view = "replace",
            prepare = function(m)
                measured.few = refs.run(m, STRING, "fifo", FEW)
                measured.many = refs.run(m, STRING, "fifo", MANY)
                alone(m, "fifo", MANY)
            end,
            bind = function() return { few = FEW, many = MANY, before = measured.few.faults, count = measured.many.faults } end,
            text = {
                en = "The memory is bought. A new process, {many} frames, empty; the same string, the same FIFO. With {few} frames it was {before} faults.",
                zh = "内存加上了。新开一个进程，{many} 个页框，空的；同一个串，同样的 FIFO。{few} 个页框时缺页 {before} 次。",
            },
            ask = {
                id = "many",
                op = { "ref", #STRING },
                text = { en = "And with {many}?", zh = "{many} 个页框呢？" },
                answer = function(r) return r.m.refs().faults end,
                wrong = {
                    {
                        quirk = "fifo-renewed-by-use",
                        because = {
                            en = "Fewer, as one hopes. So it would be if a hit renewed a page; FIFO does not look.",
                            zh = "变少了，正合心意。命中能续期才会这样，可 FIFO 看都不看。",
                        },
                    },
                    { value = function() return measured.few.faults end, because = { en = "Neither better nor worse? Keep the queue once more.", zh = "不好也不坏？再排一遍队看看。" } },
                    { value = function() return measured.few.faults - 2 end, because = { en = "More memory must help, you think. Count.", zh = "你想，多了总该有用。数数看。" } },
                },
                right = {
                    en = "{answer}. With {few} frames it was {before}. Nothing is broken: this is Belady's anomaly, found in 1969.",
                    zh = "{answer} 次。{few} 个页框时是 {before} 次。机器没坏：这就是 1969 年发现的 Belady 异常。",
                },
                hints = {
                    { en = "Do not guess, queue.", zh = "别猜，排队。" },
                    { en = "The first {many} pages fit. When they come back they are hits, and the queue stays as it is.", zh = "头 {many} 页都放得下。它们回来时命中，队伍不变。" },
                    { en = "{count}.", zh = "{count} 次。" },
                },
            },
        },
        step {
            title = { en = "Where they part", zh = "在哪里分道" },
            view = "replace",
            prepare = function(m)
                measured.few = refs.run(m, STRING, "fifo", FEW)
                measured.many = refs.run(m, STRING, "fifo", MANY)
                alone(m, "fifo", MANY)
            end,
            bind = function()
                return { few = FEW, many = MANY, pages = table.concat(STRING, " "), row_few = row(measured.few), row_many = row(measured.many),
                         gain = first_only(measured.few, measured.many), loss = first_only(measured.many, measured.few),
                         won = only(measured.few, measured.many), lost = only(measured.many, measured.few) }
            end,
            text = {
                en = [[The string, and its faults (F) with {few} frames:

                    {pages}

                    {row_few}]],
                zh = [[这个串，和 {few} 个页框时的缺页（F）：

                    {pages}

                    {row_few}]],
            },
            ask = {
                {
                    id = "gain",
                    text = { en = "With {many} frames, which is the first reference that is better off?", zh = "{many} 个页框时，最先得到好处的是第几次访问？" },
                    answer = function() return first_only(measured.few, measured.many) end,
                    wrong = {
                        { value = MANY, because = { en = "A page never seen before faults in any memory.", zh = "从没来过的页，内存再大也要缺页。" } },
                        { value = function() return first_only(measured.many, measured.few) end, because = { en = "Earlier: at first the larger memory still holds everything.", zh = "更早：一开始，大内存里谁也没走。" } },
                        { value = NEW, because = { en = "That page is new to both.", zh = "那一页对两边都是新的。" } },
                    },
                    right = { en = "A hit instead of a fault: as hoped. The next one too.", zh = "缺页变成命中，如愿以偿。下一次也是。" },
                    hints = {
                        { en = "When does a page come back for the first time?", zh = "什么时候有页头一次回来？" },
                        { en = "With {many} frames nothing has left by then.", zh = "{many} 个页框，那时谁也没走。" },
                        { en = "Reference {gain}.", zh = "第 {gain} 次。" },
                    },
                },
                {
                    id = "loss",
                    text = { en = "And the first that is worse off?", zh = "最先吃亏的呢？" },
                    answer = function() return first_only(measured.many, measured.few) end,
                    wrong = {
                        { value = NEW, because = { en = "New to both: a fault in both.", zh = "对两边都是新页，都缺页。" } },
                        { value = #STRING, because = { en = "It begins long before the end.", zh = "早就开始了，不用等到末尾。" } },
                        { value = function() return first_only(measured.few, measured.many) end, because = { en = "There the larger memory gains.", zh = "那里大内存是赚的。" } },
                    },
                    right = {
                        en = "{row_many} is the row for {many} frames. Faults saved: {won}; new ones: {lost}.",
                        zh = "{many} 个页框的那一行是 {row_many}。省下的缺页：{won} 次；新添的：{lost} 次。",
                    },
                    hints = {
                        { en = "Look for hits in the row above.", zh = "看上面那行里的命中。" },
                        { en = "After the new page, the queue has lost just what comes next.", zh = "新页一来，队里走掉的正是下一个要用的。" },
                        { en = "Reference {loss}.", zh = "第 {loss} 次。" },
                    },
                },
            },
        },
        step {
            title = { en = "The head of the queue", zh = "排在队头的" },
            view = "replace",
            prepare = function(m) pair(m, "fifo", NEW - 1) end,
            bind = { many = MANY, new = NEW, want = STRING[NEW], one = STRING[NEW - 2], two = STRING[NEW - 1] },
            text = {
                en = [[Stop the process with {many} frames before reference {new}. Its last references, pages {one} and {two}, were hits. Now page
                    {want} is wanted.]],
                zh = [[让 {many} 个页框的进程停在第 {new} 次访问之前。它刚访问过 {one}、{two} 号页，都命中了。现在要 {want} 号页。]],
            },
            ask = {
                id = "head",
                op = { "ref" },
                text = { en = "Whom does FIFO evict?", zh = "FIFO 换出谁？" },
                answer = function(r) return name(victim(r)) end,
                wrong = {
                    {
                        quirk = "fifo-renewed-by-use",
                        because = { en = "As if hits counted. FIFO never hears of a hit.", zh = "好像命中算数似的。FIFO 根本不知道有命中。" },
                    },
                    { value = name(STRING[2]), because = { en = "It was loaded second.", zh = "它是第二个装入的。" } },
                    { value = name(STRING[4]), because = { en = "The last that was loaded: FIFO starts at the other end.", zh = "它最后装入，FIFO 从另一头开始。" } },
                },
                right = {
                    en = "Loaded first. But read a moment ago, and, as the string shows, wanted next.",
                    zh = "它最早装入，可刚刚才读过，而且看看串，下一个就要它。",
                },
                hints = {
                    { en = "Which column does FIFO look at?", zh = "FIFO 看的是哪一列？" },
                    { en = "Only when it was loaded.", zh = "只看什么时候装入。" },
                    { en = "Page {one} has the smallest number there.", zh = "那一列里 {one} 号页的数最小。" },
                },
            },
        },
        step {
            title = { en = "Who holds what", zh = "谁手里有什么" },
            view = "replace",
            prepare = function(m) pair(m, "fifo", NEW) end,
            bind = function(m)
                local small, large = both(m)
                return { few = FEW, many = MANY, new = NEW, large = table.concat(pages(m, large), " "), want = STRING[NEW + 1],
                         small = table.concat(pages(m, small), " ") }
            end,
            text = {
                en = "After {new} references the process with {many} frames holds pages {large}. The other made the same references with {few}.",
                zh = "{new} 次访问之后，{many} 个页框的进程手里是 {large} 号页。另一个只有 {few} 个页框，访问完全一样。",
            },
            ask = {
                {
                    id = "missing",
                    text = { en = "Does the other hold a page that this one has not?", zh = "另一个手里，有没有这一个没有的页？" },
                    answer = function(r)
                        local small, large = both(r.m)
                        for _, page in ipairs(pages(r.m, small)) do
                            if not has(pages(r.m, large), page) then return name(page) end
                        end
                        return { en = "no", zh = "没有" }
                    end,
                    wrong = {
                        {
                            value = { en = "no: the larger memory holds all that the smaller holds", zh = "没有：小内存里有的，大内存都有" },
                            because = { en = "That is what everybody assumes. FIFO does not promise it.", zh = "人人都这么以为，FIFO 可没这么保证。" },
                        },
                        { value = name(STRING[NEW]), because = { en = "It has just come to both.", zh = "它刚到，两边都有。" } },
                        { value = name(STRING[NEW - 1]), because = { en = "Both hold it; look at the pane.", zh = "两边都有，看面板。" } },
                    },
                    right = {
                        en = "The smaller memory holds {small}. There that page had left and was loaded anew; here it was a hit, grew old, and left.",
                        zh = "小内存里是 {small}。在那里，这一页走过一趟又重新装入；在这里，它只是命中，越排越靠前，就走了。",
                    },
                    hints = {
                        { en = "FIFO with {few} frames holds the last {few} that were loaded.", zh = "{few} 个页框的 FIFO，留着最后装入的 {few} 页。" },
                        { en = "There, every one of the {new} references was a fault.", zh = "在它那里，这 {new} 次访问次次缺页。" },
                        { en = "It holds {small}.", zh = "它手里是 {small}。" },
                    },
                },
                {
                    id = "next",
                    op = { "ref" },
                    text = { en = "The next reference is page {want}. Where is it a fault?", zh = "下一次访问 {want} 号页。谁会缺页？" },
                    answer = function(r)
                        local small = has(pages(r.m, (both(r.m))), STRING[NEW + 1])
                        return r.faults > 0 and (small and "many" or "both") or (small and "none" or "few")
                    end,
                    words = {
                        many = { en = "only with more frames", zh = "只有页框多的" },
                        few = { en = "only with fewer frames", zh = "只有页框少的" },
                        both = { en = "in both", zh = "两边都缺" },
                        none = { en = "in neither", zh = "两边都不缺" },
                    },
                    wrong = {
                        { value = "few", because = { en = "It still holds the page.", zh = "它手里还有这一页。" } },
                        { value = "both", because = { en = "One of them holds it.", zh = "有一边还留着它。" } },
                        { value = "none", because = { en = "This one lost it a moment ago.", zh = "这一个刚把它换出去。" } },
                    },
                    right = { en = "And each such fault throws out the page that is wanted next. So it goes on.", zh = "而每缺一次页，换出的又正是接下来要用的。就这样一路错下去。" },
                    hints = {
                        { en = "Who holds page {want}?", zh = "{want} 号页在谁手里？" },
                        { en = "Here it is not in the pane.", zh = "这边面板上没有它。" },
                        { en = "The other holds {small}.", zh = "另一个手里是 {small}。" },
                    },
                },
            },
        },
        step {
            title = { en = "What LRU holds", zh = "LRU 手里有什么" },
            view = "replace",
            prepare = function(m)
                measured.fifo = moments(m, "fifo")
                measured.lru = moments(m, "lru")
                pair(m, "lru", NEW)
            end,
            bind = function(m)
                local small, large = both(m)
                return { few = FEW, many = MANY, new = NEW, fifo = measured.fifo, lru = measured.lru, refs = #STRING,
                         small = table.concat(pages(m, small), " "), large = table.concat(pages(m, large), " ") }
            end,
            text = {
                en = "The same {new} references, now under LRU. With {few} frames the process holds {small}, with {many} it holds {large}.",
                zh = "同样 {new} 次访问，这回用 LRU。{few} 个页框时手里是 {small}，{many} 个页框时是 {large}。",
            },
            ask = {
                {
                    id = "holds",
                    text = { en = "What does LRU with n frames always hold?", zh = "n 个页框的 LRU，手里总是哪些页？" },
                    answer = function(r)
                        local small, large = both(r.m)
                        return equal(pages(r.m, small), recent(NEW, FEW)) and equal(pages(r.m, large), recent(NEW, MANY)) and "recent" or "loaded"
                    end,
                    words = {
                        recent = { en = "the n pages used last", zh = "最近用过的 n 页" },
                        loaded = { en = "the n pages loaded last", zh = "最近装入的 n 页" },
                        often = { en = "the n pages used most", zh = "用得最多的 n 页" },
                    },
                    wrong = {
                        { value = "loaded", because = { en = "That is FIFO.", zh = "那是 FIFO。" } },
                        { value = "often", because = { en = "LRU does not count.", zh = "LRU 不计数。" } },
                    },
                    right = {
                        en = "And the {few} used last are among the {many} used last, on every string.",
                        zh = "而最近用过的 {few} 页，必定在最近用过的 {many} 页之中，什么串都一样。",
                    },
                    hints = {
                        { en = "Who is evicted: whoever was unused for longest.", zh = "换出的，是最久没用的。" },
                        { en = "Then those who stay were used since.", zh = "那留下的，都是之后用过的。" },
                        { en = "Go back from reference {new} and collect pages.", zh = "从第 {new} 次访问往回收集，就是它们。" },
                    },
                },
                {
                    id = "contained",
                    text = {
                        en = "Under FIFO the smaller memory was contained in the larger after {fifo} of {refs} references. Under LRU?",
                        zh = "用 FIFO，{refs} 次访问之后，小内存含在大内存里的有 {fifo} 次。用 LRU 呢？",
                    },
                    answer = function() return measured.lru end,
                    wrong = {
                        { value = function() return measured.fifo end, because = { en = "Under FIFO a hit leaves the order alone. Under LRU it renews the page, in both.", zh = "FIFO 命中不动次序。LRU 一命中就续期，两边都续。" } },
                        { value = function() return measured.fifo + 1 end, because = { en = "What is always so leaves no exception.", zh = "总是成立的，就没有例外。" } },
                        { value = 0, because = { en = "Even FIFO does better: at first nothing has left.", zh = "FIFO 都不至于：一开始谁也没走。" } },
                    },
                    right = {
                        en = "Always. So a hit with {few} frames is a hit with {many}: no anomaly. It is called inclusion, and OPT has it too.",
                        zh = "次次都是。所以 {few} 个页框命中的，{many} 个也命中，不会有异常。这叫包含性质，OPT 也有。",
                    },
                    hints = {
                        { en = "Use what you have just said of n frames.", zh = "用你刚说的那句话。" },
                        { en = "The {few} used last are always among the {many} used last.", zh = "最近用过的 {few} 页，总在最近用过的 {many} 页里。" },
                        { en = "All {refs}.", zh = "{refs} 次都是。" },
                    },
                },
            },
        },
        step {
            title = { en = "LRU with one frame more", zh = "LRU 多一个页框" },
            view = "replace",
            prepare = function(m)
                measured.fifo = refs.run(m, STRING, "fifo", FEW)
                measured.few = refs.run(m, STRING, "lru", FEW)
                measured.many = refs.run(m, STRING, "lru", MANY)
                alone(m, "lru", MANY)
            end,
            bind = function()
                return { few = FEW, many = MANY, before = measured.few.faults, count = measured.many.faults, fifo = measured.fifo.faults }
            end,
            text = {
                en = "With {few} frames LRU made {before} faults on this string (FIFO {fifo}). Now it gets {many}.",
                zh = "{few} 个页框时，LRU 在这个串上缺页 {before} 次（FIFO 是 {fifo} 次）。现在给它 {many} 个。",
            },
            ask = {
                id = "lru",
                op = { "ref", #STRING },
                text = { en = "How many faults?", zh = "缺页几次？" },
                answer = function(r) return r.m.refs().faults end,
                wrong = {
                    {
                        quirk = "lru-by-loading",
                        because = { en = "That is FIFO's number: you counted from loading.", zh = "那是 FIFO 的数：你从装入算起了。" },
                    },
                    { value = function() return measured.few.faults + 1 end, because = { en = "Inclusion forbids it.", zh = "包含性质不许这样。" } },
                    { value = function() return measured.few.faults - 1 end, because = { en = "Fewer, yes, but more than one fault is saved.", zh = "少了，没错；可省下的不止一次。" } },
                },
                right = { en = "{answer} after {before}: memory that helps.", zh = "从 {before} 次到 {answer} 次：这内存加得值。" },
                hints = {
                    { en = "More than before it cannot be.", zh = "不可能比原来多。" },
                    { en = "A hit is a page among the {many} used last.", zh = "最近用过的 {many} 页里有，就命中。" },
                    { en = "{count}.", zh = "{count} 次。" },
                },
            },
        },
        step {
            title = { en = "Does a second chance help?", zh = "再给一次机会，管用吗？" },
            view = "replace",
            prepare = function(m)
                measured.few = refs.run(m, STRING, "clock", FEW)
                measured.many = refs.run(m, STRING, "clock", MANY)
                alone(m, "clock", MANY)
            end,
            bind = function() return { few = FEW, many = MANY, before = measured.few.faults, count = measured.many.faults, want = STRING[NEW] } end,
            text = {
                en = "The clock looks at use, as LRU does, with one bit a page (loaded with R = 1). With {few} frames it made {before} faults.",
                zh = "时钟和 LRU 一样看使用，只是每页一个比特（装入时 R = 1）。{few} 个页框时缺页 {before} 次。",
            },
            ask = {
                id = "clock",
                op = { "ref", #STRING },
                text = { en = "And with {many}?", zh = "{many} 个呢？" },
                answer = function(r) return r.m.refs().faults end,
                wrong = {
                    {
                        quirk = "load-leaves-r-0",
                        because = { en = "Loaded with R = 0 it would be so, on this string. This machine loads with R = 1.", zh = "装入时 R = 0，在这个串上会这样。这台机器装入时 R = 1。" },
                    },
                    { value = function() return measured.few.faults end, because = { en = "Nothing gained, nothing lost? Look where the hand finds R = 0.", zh = "不赚不赔？看看指针在哪儿碰上 R = 0。" } },
                    { value = function() return measured.few.faults - 2 end, because = { en = "Then its bits would have to tell who was used last.", zh = "那 R 就得说得出谁用得最近。" } },
                },
                right = {
                    en = "When page {want} comes, all R are 1: a full round, and the clock is FIFO. It has the anomaly too.",
                    zh = "{want} 号页来时，R 全是 1：转满一圈，时钟就成了 FIFO。异常它也有。",
                },
                hints = {
                    { en = "Which bits are set when page {want} comes?", zh = "{want} 号页来时，哪些 R 是 1？" },
                    { en = "All of them: then it does what FIFO does.", zh = "全是：那就和 FIFO 一样。" },
                    { en = "{count}.", zh = "{count} 次。" },
                },
            },
        },
        step {
            title = { en = "Your choice", zh = "你来挑" },
            view = "replace",
            prepare = function(m)
                for _, policy in ipairs(POLICIES) do measured[policy] = refs.run(m, STRING, policy, FEW) end
                alone(m, "fifo", MANY)
            end,
            bind = function()
                local t = { few = FEW, many = MANY, refs = #STRING }
                for _, policy in ipairs(POLICIES) do t[policy] = measured[policy].faults end
                return t
            end,
            text = {
                en = [[An empty process with {many} frames; the string is loaded. With {few} frames the faults were: fifo {fifo}, clock {clock}, lru {lru},
                    lfu {lfu}, opt {opt}.]],
                zh = [[一个空进程，{many} 个页框，串已装好。{few} 个页框时的缺页数：fifo {fifo}，clock {clock}，lru {lru}，lfu {lfu}，opt {opt}。]],
            },
            task = {
                text = {
                    en = "Choose a policy that makes fewer faults with {many} frames than it did with {few}, and run the whole string.",
                    zh = "挑一个策略，让它用 {many} 个页框比用 {few} 个缺页更少，再把整个串跑完。",
                },
                goal = function(r)
                    local s, before = r.m.refs(), measured[r.m.resident().policy]
                    return s.at == #STRING and s.at == #s and r.m.field("resident_limit") == MANY and before ~= nil and s.faults < before.faults
                end,
                solution = { "set policy opt", "ref " .. #STRING },
                hints = {
                    { en = "Who has inclusion?", zh = "谁有包含性质？" },
                    { en = "set policy NAME, before the first reference.", zh = "先 set policy 加名字，再开始访问。" },
                    { en = "set policy lru, then ref {refs}.", zh = "set policy lru，然后 ref {refs}。" },
                },
            },
        },
        step {
            title = { en = "All of them", zh = "全都比一遍" },
            view = "replace",
            prepare = function(m)
                for _, policy in ipairs(POLICIES) do
                    measured[policy] = { refs.run(m, STRING, policy, FEW).faults, refs.run(m, STRING, policy, MANY).faults }
                end
                measured.curve = {}
                for frames = 1, MOST do measured.curve[frames] = refs.run(m, STRING, "fifo", frames).faults end
                alone(m, "fifo", MANY)
            end,
            bind = function()
                local t = { few = FEW, many = MANY, most = MOST, all = #POLICIES, curve = table.concat(measured.curve, ", "), worse = table.concat(worse(), ", ") }
                for _, policy in ipairs(POLICIES) do t[policy], t[policy .. "_more"] = measured[policy][1], measured[policy][2] end
                return t
            end,
            text = {
                en = "Meanwhile the machine has run the string with fifo, clock, lru, lfu and opt, with {few} frames and with {many}.",
                zh = "这会儿，机器已经用 fifo、clock、lru、lfu、opt 各跑了两遍：{few} 个页框一遍，{many} 个一遍。",
            },
            ask = {
                id = "worse",
                text = { en = "How many of the {all} got worse with the frame more?", zh = "这 {all} 个策略里，多一个页框反而更差的有几个？" },
                answer = function() return #worse() end,
                wrong = {
                    { value = 1, because = { en = "FIFO alone? You have seen another.", zh = "只有 FIFO？你见过另一个。" } },
                    { value = 0, because = { en = "You have seen it happen.", zh = "你亲眼见过。" } },
                    { value = #POLICIES, because = { en = "LRU and OPT cannot.", zh = "LRU 和 OPT 不可能。" } },
                },
                right = {
                    en = "{few} and {many} frames: fifo {fifo}, {fifo_more}; clock {clock}, {clock_more}; lru {lru}, {lru_more}; lfu {lfu}, {lfu_more}; opt {opt}, {opt_more}.",
                    zh = "{few} 和 {many} 个页框：fifo {fifo}，{fifo_more}；clock {clock}，{clock_more}；lru {lru}，{lru_more}；lfu {lfu}，{lfu_more}；opt {opt}，{opt_more}。",
                },
                hints = {
                    { en = "You have counted three of them.", zh = "其中三个你数过。" },
                    { en = "LRU and OPT have inclusion, and LFU was lucky.", zh = "LRU 和 OPT 有包含性质，LFU 走了运。" },
                    { en = "These: {worse}.", zh = "就是 {worse}。" },
                },
            },
            after = {
                en = "LFU has no inclusion: here it was lucky. Only lru and opt can promise it. FIFO's whole curve, 1 to {most} frames: {curve}.",
                zh = "LFU 没有包含性质，这回是走运。敢打包票的只有 lru 和 opt。FIFO 的整条曲线，1 到 {most} 个页框：{curve}。",
            },
        },
        step {
            title = { en = "Side by side", zh = "摆在一起看" },
            view = "replace",
            prepare = function(m) pair(m, "fifo", NEW) end,
            run = function(m)
                local small, large = both(m)
                local va = refs.va(m, STRING[NEW + 1])
                m.switch(small)
                local few = m.read(va, { size = 1 }).faults
                m.switch(large)
                local many = m.read(va, { size = 1 }).faults
                m.expect(few, 0, "the smaller memory holds the page")
                m.expect(many, 1, "the larger one does not")
            end,
            bind = function(m)
                local small, large = both(m)
                local want = STRING[NEW + 1]
                return { few = FEW, many = MANY, want = want, small = small, large = large,
                         in_few = has(pages(m, small), want) and 0 or 1, in_many = has(pages(m, large), want) and 0 or 1 }
            end,
            text = {
                en = "FIFO again, after the same references: process {small} with {few} frames, process {large} with {many}. Each reads page {want}.",
                zh = "又是 FIFO，访问完全一样：进程 {small} 有 {few} 个页框，进程 {large} 有 {many} 个。各读一次 {want} 号页。",
            },
            card = {
                claim = { en = "More memory, fewer faults: that can only help.", zh = "内存越多，缺页越少，加内存总没坏处。" },
                truth = {
                    en = "Faults with {few} frames: {in_few}, with {many}: {in_many}. It helps for certain only if the smaller memory is always contained in the larger.",
                    zh = "{few} 个页框缺页 {in_few} 次，{many} 个缺页 {in_many} 次。只有小内存始终含在大内存里，才保证有好处。",
                },
            },
        },
        step {
            title = { en = "Make it worse", zh = "让它更糟" },
            view = "replace",
            prepare = function(m)
                pair(m, "fifo", 0)
                m.switch((both(m)))
                m.set("resident_limit", FEW)
            end,
            bind = function(m)
                local small, large = both(m)
                return { few = FEW, many = MANY, gap = GAP, small = small, large = large, base = refs.BASE, pages = table.concat(STRING, ",") }
            end,
            text = {
                en = [[Processes {small} (running, {few} frames) and {large} are empty. FIFO.

                    string {base:hex} 1,2,3

                    ref 999

                    Then switch {large}; set resident_limit {many}; the same.]],
                zh = [[进程 {small}（正在运行，{few} 个页框）和 {large} 都空着。策略是 FIFO。

                    string {base:hex} 1,2,3

                    ref 999

                    然后 switch {large}，set resident_limit {many}，再跑同样的串。]],
            },
            task = {
                text = {
                    en = "Find a string on which {many} frames make at least {gap} faults more than {few}.",
                    zh = "找一个串，让 {many} 个页框比 {few} 个至少多缺页 {gap} 次。",
                },
                goal = function(r)
                    local small, large = both(r.m)
                    local run = { [small] = { faults = 0 }, [large] = { faults = 0 } }
                    for _, e in ipairs(r.events) do
                        local mine = run[e.pid]
                        if mine and e.event == "reference" then mine[#mine + 1] = e.page end
                        if mine and e.event == "page_fault" then mine.faults = mine.faults + 1 end
                    end
                    return equal(run[small], run[large]) and run[large].faults >= run[small].faults + GAP and
                        r.m.process(small).rss == FEW and r.m.process(large).rss == MANY and r.m.resident().policy == "fifo"
                end,
                solution = function(q)
                    local _, large = both(q)
                    local twice = "string " .. hex(refs.BASE) .. " " .. table.concat(STRING, ",") .. "," .. table.concat(STRING, ",")
                    return { twice, "ref 999", "switch " .. large, "set resident_limit " .. MANY, twice, "ref 999" }
                end,
                hints = {
                    { en = "What does the string of this lesson do when it comes again?", zh = "这一课的串再来一遍，会怎样？" },
                    { en = "It can lose as much in the second round as in the first.", zh = "第二遍亏的，和第一遍一样多。" },
                    { en = "Twice {pages}, with a comma between.", zh = "{pages} 写两遍，中间加逗号。" },
                },
            },
            after = {
                en = [[You can now say when memory is sure to help. One question to take along: your own program's string is none of these. Which policy
                    would win on it, and by how much?]],
                zh = [[现在你能说清，什么时候加内存一定有用。带走一个问题：你自己程序的访问串，和这些都不一样。换了它，哪个策略会赢，赢多少？]],
            },
        },
    },
}
