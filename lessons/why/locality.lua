-- locality.lua - the same data, another order: how often a program comes back (time) and to what is near (space) decides what a cache is worth
-- (Denning, CACM 15(3), 1972; Bryant and O'Hallaron, Computer Systems, 6.2; Hennessy and Patterson, 2.1). Every reference is a real read.
local BASE = 0x10000000
local SMALL, LARGE = 8, 32 -- pages of a loop that the TLB can hold, and of one that it cannot
local ROUNDS = 4
local ROWS, COLUMNS = LARGE, 8 -- a matrix with a row on each page
local INT = 4
local SEED = 12345

local before = 0 -- misses of the TLB when a run begins

-- References, as `string` takes them.
local function loop(pages, rounds)
    local list = {}
    for _ = 1, rounds do
        for n = 0, pages - 1 do list[#list + 1] = n end
    end
    return list
end

local function by_rows()
    local list = {}
    for row = 0, ROWS - 1 do
        for _ = 1, COLUMNS do list[#list + 1] = row end
    end
    return list
end

local function by_columns() return loop(ROWS, COLUMNS) end

-- Dice of our own, so that everybody throws the same (Knuth, volume 2: a linear congruential sequence).
local function dice(n, below)
    local list, state = {}, SEED
    for i = 1, n do
        state = (state * 1103515245 + 12345) % 0x80000000
        list[i] = (state >> 16) % below
    end
    return list
end

-- Pages that are in memory, a string of references to them, and a TLB that knows none.
local function ready(m, list)
    for n = 0, LARGE - 1 do m.read(BASE + n * m.geometry().page, { size = 1 }) end
    m.string(BASE, list)
    m.flush()
    before = m.tlb().misses
end

local function entries(m) return m.geometry().tlb_sets * m.geometry().tlb_ways end

-- By the TLB's own counter: a long run has more events than a reply keeps.
local function misses(r) return r.m.tlb().misses - before end

-- Loads one after the other, so many bytes apart: how many did L1 answer?
local function stride(m, n, step)
    local hits = 0
    m.wbinvd()
    for i = 0, n - 1 do
        local r = m.read(BASE + i * step, { size = INT })
        if count(r, "line_miss") == 0 then hits = hits + 1 end
    end
    return hits
end

return lesson {
    id = "locality",
    part = "why",
    title = { en = "Near in time, near in space", zh = "时间上近，空间上近" },
    rows = { "A2" },
    needs = { "hierarchy" },
    machine = "hierarchy",
    minutes = 11,
    steps = {
        step {
            title = { en = "A small world", zh = "小圈子" },
            view = "tlb",
            prepare = function(m)
                m.spawn()
                m.mmap(BASE, LARGE * m.geometry().page, "rw")
                ready(m, loop(SMALL, ROUNDS))
            end,
            bind = function(m) return { pages = SMALL, rounds = ROUNDS, refs = SMALL * ROUNDS, entries = entries(m) } end,
            text = {
                en = "A cache is a bet that what was used will be used again. A program reads {pages} pages in order and does so {rounds} times: {refs} references. The TLB has {entries} entries, all empty.",
                zh = "缓存是在赌：用过的还会再用。有个程序按顺序读 {pages} 页，一共读 {rounds} 遍，{refs} 次访问。TLB 有 {entries} 项，全空着。",
            },
            ask = {
                id = "small",
                op = { "ref", SMALL * ROUNDS },
                text = { en = "How many of the {refs} miss in the TLB?", zh = "这 {refs} 次里，几次 TLB 未命中？" },
                answer = misses,
                wrong = {
                    { quirk = "tlb-remembers-nothing", because = { en = "As if nothing were kept between the rounds.", zh = "好像一遍读完什么也没留下。" } },
                    { value = 0, because = { en = "It cannot know a page it has never seen.", zh = "从没见过的页，它不会认得。" } },
                    { value = 1, because = { en = "A miss brings one page's translation, not the neighbours'.", zh = "一次未命中只带来一页的翻译，不带邻居。" } },
                },
                right = { en = "Each page once. What comes back soon is found: locality in time.", zh = "每页头一回。很快再用的都找得到：这叫时间局部性。" },
                hints = {
                    { en = "Does everything fit?", zh = "装得下吗？" },
                    { en = "{pages} pages, {entries} entries: nobody has to leave.", zh = "{pages} 页，{entries} 项：谁也不用走。" },
                    { en = "Only the first round misses.", zh = "只有头一遍未命中。" },
                },
            },
        },
        step {
            title = { en = "A world too large", zh = "圈子大了一点" },
            view = "tlb",
            prepare = function(m) ready(m, loop(LARGE, ROUNDS)) end,
            bind = function(m) return { pages = LARGE, rounds = ROUNDS, entries = entries(m) } end,
            text = {
                en = "The same loop over {pages} pages, {rounds} times. It still comes back to every page, only later.",
                zh = "还是这样的循环，这回是 {pages} 页，读 {rounds} 遍。每页照样会再用，只是隔得久些。",
            },
            ask = {
                id = "large",
                op = { "ref", LARGE * ROUNDS },
                text = { en = "How many misses now, in {entries} entries?", zh = "TLB 有 {entries} 项，这回几次未命中？" },
                answer = misses,
                wrong = {
                    { value = LARGE, because = { en = "The first round fills it, but by the second the beginning has gone.", zh = "头一遍是装进去了，可第二遍回到开头时，开头已经被挤走。" } },
                    {
                        value = function(r) return LARGE * ROUNDS - (ROUNDS - 1) * entries(r.m) end,
                        because = { en = "As if what is there stayed there. Least recently used throws out exactly what comes next.", zh = "好像先来的会一直待着。LRU 扔掉的，偏偏是马上要用的。" },
                    },
                    { value = LARGE * ROUNDS // 2, because = { en = "Half of the pages fit, but never the right half.", zh = "是装得下一半，可总不是要用的那一半。" } },
                },
                right = { en = "Every one. A cache that is somewhat too small for a loop may be worth nothing.", zh = "次次落空。缓存比循环小一点，就可能一点用也没有。" },
                hints = {
                    { en = "Who leaves when page number {entries} comes?", zh = "第 {entries} 号页来时，谁走？" },
                    { en = "The one used longest ago, and that is the one needed next.", zh = "最久没用的走，而它正是接下来要用的。" },
                    { en = "So it goes on: none of them is found.", zh = "一直如此：一次也找不到。" },
                },
            },
        },
        step {
            title = { en = "Thrown by dice", zh = "掷骰子" },
            view = "tlb",
            prepare = function(m) ready(m, dice(LARGE * ROUNDS, LARGE)) end,
            bind = function(m) return { pages = LARGE, refs = LARGE * ROUNDS, entries = entries(m) } end,
            text = {
                en = "No order at all now: {refs} references to the same {pages} pages, each thrown by dice.",
                zh = "这回毫无次序：同样 {pages} 页，访问 {refs} 次，每次掷骰子定。",
            },
            ask = {
                id = "random",
                op = { "ref", LARGE * ROUNDS },
                text = { en = "The loop never hit. And the dice?", zh = "循环一次也没命中，那骰子呢？" },
                answer = function(r)
                    if misses(r) < LARGE * ROUNDS then return { en = "now and then", zh = "有时命中" } end
                    return { en = "never either", zh = "也一次没有" }
                end,
                wrong = {
                    { value = function() return { en = "never either", zh = "也一次没有" } end, because = { en = "Chance comes back soon now and then; the loop never did.", zh = "碰运气有时很快就回来，循环却从不。" } },
                    { value = function() return { en = "almost always", zh = "几乎次次命中" } end, because = { en = "Only about every second page is there.", zh = "在里面的页差不多只有一半。" } },
                },
                right = { en = "About as often as the share of pages that fit. Order was worse than none.", zh = "装得下几成，大约就命中几成。有次序反倒不如没次序。" },
                hints = {
                    { en = "Which share of the pages is in the TLB at any moment?", zh = "随时在 TLB 里的页占几成？" },
                    { en = "{entries} of {pages}.", zh = "{pages} 页里的 {entries} 页。" },
                    { en = "The loop found none; dice find some.", zh = "循环一次找不到；骰子总能碰上几次。" },
                },
            },
            after = { en = "Fewer misses than the loop, without any plan.", zh = "没有任何打算，未命中却比循环少。" },
        },
        step {
            title = { en = "Along the rows", zh = "按行走" },
            view = "tlb",
            prepare = function(m) ready(m, by_rows()) end,
            bind = function() return { rows = ROWS, columns = COLUMNS, refs = ROWS * COLUMNS } end,
            text = {
                en = "A matrix of {rows} rows lies in memory row by row, one row a page. A program adds it up along the rows, {columns} elements each.",
                zh = "一个 {rows} 行的矩阵，按行存放，一行占一页。程序一行一行地加，每行取 {columns} 个元素。",
            },
            ask = {
                id = "rows",
                op = { "ref", ROWS * COLUMNS },
                text = { en = "TLB misses in {refs} references?", zh = "{refs} 次访问，TLB 未命中几次？" },
                answer = misses,
                wrong = {
                    { value = ROWS * COLUMNS, because = { en = "After the first element of a row its page is known.", zh = "一行取过头一个元素，这一页就认得了。" } },
                    { value = COLUMNS, because = { en = "Each row is on a page of its own.", zh = "每行各占一页。" } },
                    { value = function(r) return ROWS - entries(r.m) end, because = { en = "The TLB was empty, and no row comes twice.", zh = "TLB 本来是空的，哪一行也不会再来。" } },
                },
                right = { en = "One for each row: the neighbours come free. Locality in space.", zh = "一行一次，邻居都是白得的：这叫空间局部性。" },
                hints = {
                    { en = "When does the page change?", zh = "什么时候换页？" },
                    { en = "At the beginning of a row only.", zh = "只在每行开头。" },
                    { en = "{rows} rows.", zh = "{rows} 行。" },
                },
            },
        },
        step {
            title = { en = "Along the columns", zh = "按列走" },
            view = "tlb",
            prepare = function(m) ready(m, by_columns()) end,
            bind = function(m) return { rows = ROWS, columns = COLUMNS, entries = entries(m) } end,
            text = {
                en = "The two loops change places: the same elements, column by column.",
                zh = "两层循环对调：还是那些元素，改成一列一列地加。",
            },
            ask = {
                id = "columns",
                op = { "ref", ROWS * COLUMNS },
                text = { en = "TLB misses now?", zh = "这回 TLB 未命中几次？" },
                answer = misses,
                wrong = {
                    { value = ROWS, because = { en = "The same elements, but a row is left after one of them.", zh = "元素还是那些，可每行只取一个就走了。" } },
                    { value = COLUMNS, because = { en = "A column touches every row, so every page.", zh = "一列要碰每一行，也就是每一页。" } },
                    { value = function(r) return ROWS + (COLUMNS - 1) * (ROWS - entries(r.m)) end, because = { en = "Nobody waits in the TLB for the next column: {rows} pages pass through {entries} entries.", zh = "没有谁能在 TLB 里等到下一列：{rows} 页要轮流挤过 {entries} 项。" } },
                },
                right = { en = "All of them: the same sum, the same bytes, {columns} times the misses.", zh = "一次不漏：和一样，字节一样，未命中是 {columns} 倍。" },
                hints = {
                    { en = "How many pages lie between two elements of one row?", zh = "取同一行的两个元素，中间隔了几页？" },
                    { en = "All of them, and there are more than entries.", zh = "全部的页，比 TLB 的项还多。" },
                    { en = "It is the large loop again.", zh = "又成了那个大循环。" },
                },
            },
        },
        function(m)
            local size = m.geometry().cache_line
            local n = 2 * size // INT
            local ints, lines_ = stride(m, n, INT), stride(m, n, size)
            m.title { en = "The same inside a page", zh = "一页之内也一样" }
            m.view "cache"
            m.wbinvd()
            m.bind { n = n, ints = ints, far = lines_, size = size, int = INT, va = BASE }
            m.say {
                en = "{n} loads of {int} bytes, one behind the other: L1 answers {ints}. {n} loads, each {size} bytes on: it answers {far}. Now the caches are empty; the program reads the {int} bytes at {va:hex}.",
                zh = "{n} 次读，每次 {int} 字节，挨个读：L1 答上 {ints} 次。{n} 次读，每次跳 {size} 字节：答上 {far} 次。现在缓存清空，程序读 {va:hex} 处的 {int} 字节。",
            }
            m.ask {
                id = "line",
                op = { "read", BASE, { size = INT } },
                text = { en = "How many more such numbers come along with this miss?", zh = "这次未命中，还顺带捎来几个这样的数？" },
                answer = function(r) return find(r, "line_fill").size // INT - 1 end,
                wrong = {
                    { value = 0, because = { en = "Then the first pattern would have missed every time.", zh = "那样的话，头一种读法就该次次落空。" } },
                    { value = function(r) return r.m.geometry().page // INT - 1 end, because = { en = "A page is what the TLB remembers; a cache brings a line.", zh = "整页是 TLB 的事；缓存一次带来一行。" } },
                    { value = function(r) return r.m.geometry().cache_line // INT end, because = { en = "The one that was asked for is among them.", zh = "要的那个也算在里面了。" } },
                },
                right = { en = "The rest of its line. Who walks on finds them; who jumps has carried them for nothing.", zh = "一行里其余的。接着走就用得上，跳着走就白捎了。" },
                hints = {
                    { en = "What does a miss bring?", zh = "一次未命中带来什么？" },
                    { en = "{size} bytes.", zh = "{size} 字节。" },
                    { en = "{size} / {int}, less the one itself.", zh = "{size} / {int}，减去它自己。" },
                },
            }
            m.card {
                claim = { en = "Two programs that read the same bytes equally often are equally fast.", zh = "两个程序读同样的字节、读同样多遍，就一样快。" },
                truth = { en = "You have seen {ints} hits against {far}, from the same count of loads. Order decides.", zh = "读的次数一样，命中却是 {ints} 对 {far}。次序说了算。" },
            }
        end,
        function(m)
            m.title { en = "Be kind to the TLB", zh = "善待 TLB" }
            m.view "tlb"
            m.flush()
            m.bind { refs = entries(m), most = 2, base = BASE, pages = LARGE }
            m.task {
                text = {
                    en = "Load a string of references and make at least {refs} of them in one go, on at least two pages, with at most {most} TLB misses. Page 0 is at {base:hex}, and there are {pages}.",
                    zh = "装一串访问，一口气至少做 {refs} 次，至少用到两页，TLB 未命中不超过 {most} 次。0 号页在 {base:hex}，一共 {pages} 页。",
                },
                goal = function(r)
                    local seen, pages = {}, 0
                    for _, e in ipairs(r.events) do
                        if e.event == "reference" and not seen[e.page] then seen[e.page], pages = true, pages + 1 end
                    end
                    return count(r, "reference") >= entries(r.m) and pages >= 2 and count(r, "tlb_miss") <= 2
                end,
                solution = function(m)
                    local list = {}
                    for i = 1, entries(m) do list[i] = i % 2 end
                    return { "string " .. hex(BASE) .. " " .. table.concat(list, ","), "ref " .. entries(m) }
                end,
                hints = {
                    { en = "Few pages, often.", zh = "页要少，来要勤。" },
                    { en = "string {base:hex} 0,1,0,1 ... then ref.", zh = "string {base:hex} 0,1,0,1 ……然后 ref。" },
                    { en = "Two pages in turn, {refs} times in all.", zh = "两页轮着来，总共 {refs} 次。" },
                },
            }
            m.after {
                en = "You can now look at a loop and say what it will miss. Take along: all this held for one name of each byte. What if a byte has two?",
                zh = "看一眼循环，就能说出它会错过多少。带走一个问题：到此为止，每个字节只有一个名字。要是有两个呢？",
            }
        end,
    },
}
