-- tlb-sets.lua - the same sixteen entries in three shapes, and who leaves a full set: conflict misses (CS:APP 6.4, OSTEP 19). Then what real
-- processors put beside them: TLBs for instructions and for large pages, and a second level (Hennessy and Patterson, 2.6).
local BASE, LAST = 0x10000000, 16 -- page 0 of the area falls into set 0; pages 0 to LAST are touched
local ROUNDS = 10
local KERNEL = 0xffff888000000000 -- where the kernel maps all of memory with large pages

-- Pages a stride apart, as many as one more than a set has ways, round after round.
local function loop(m)
    local list = {}
    for _ = 1, ROUNDS do
        for n = 0, m.geometry().tlb_ways do list[#list + 1] = n * m.geometry().tlb_sets end
    end
    return list
end

local function begin(m)
    m.flush()
    m.string(BASE, loop(m))
end

local function misses(r) return count(r, "tlb_miss") end

local function code(m)
    for _, a in ipairs(m.process().areas) do
        if a.kind == "code" then return a.start end
    end
end

local WHERE = {
    first = { en = "in the sets of this lesson", zh = "这一课的那几组里" },
    instruction = { en = "in the instruction TLB", zh = "指令 TLB 里" },
    ["large-page"] = { en = "in the TLB of large pages", zh = "大页的 TLB 里" },
    ["second-level"] = { en = "in the second level", zh = "第二级里" },
}

local function places(m) return m.geometry().tlb_sets * m.geometry().tlb_ways end

return lesson {
    id = "tlb-sets",
    part = "tlb",
    title = { en = "Full with twelve places empty", zh = "空着十二个位置也算满" },
    rows = { "C2", "C13" },
    needs = { "tlb" },
    machine = "tlb-levels",
    minutes = 14,
    steps = {
        step {
            title = { en = "A loop over five pages", zh = "五页转圈" },
            view = "tlb",
            prepare = function(m)
                m.spawn()
                m.set("tlb_second", 0)
                m.mmap(BASE, (LAST + 1) * m.geometry().page, "rw")
                for n = 0, LAST do m.write(BASE + n * m.geometry().page, n, { size = 1 }) end
                begin(m)
            end,
            bind = function(m)
                local g = m.geometry()
                return { pages = g.tlb_ways + 1, places = places(m), apart = g.tlb_sets * g.page, all = ROUNDS * (g.tlb_ways + 1), rounds = ROUNDS }
            end,
            text = {
                en = [[A program adds up one column of a table: {pages} pages, {apart} bytes from one to the next, {rounds} times over. {all} reads. The TLB has
                    {places} entries, all free. Surely {pages} pages fit?]],
                zh = [[程序给表格的一列求和：{pages} 页，每隔 {apart} 字节一页，来回 {rounds} 遍，共 {all} 次读。TLB 有 {places} 项，全空着。{pages} 页总放得下吧？]],
            },
            ask = {
                id = "conflict",
                op = function(m) return { "ref", #loop(m) } end,
                before = { "tlb_miss", 1 },
                text = { en = "How many of the {all} reads miss?", zh = "{all} 次读里，几次未命中？" },
                answer = misses,
                wrong = {
                    { quirk = "tlb-one-set", because = { en = "Once each, if they could stand anywhere. Look which set they ask.", zh = "要是放哪儿都行，确实每页一次。看看它们问的是哪一组。" } },
                    { quirk = "tlb-one-way", because = { en = "That is another shape, with one place for each page.", zh = "那是另一种形状：每页只有一个位置。" } },
                    { value = 0, because = { en = "The first time each page is new.", zh = "头一回，每页都是新的。" } },
                },
                right = { en = "All {answer}. Every page is thrown out just before it is needed again.", zh = "{answer} 次全未命中：每一页都在又要用到的前一刻被赶走。" },
                hints = {
                    { en = "Which bits of the page number choose the set?", zh = "页号的哪几位选组？" },
                    { en = "All {pages} pages have the same ones, and a set has one place too few.", zh = "这 {pages} 页的那几位全相同，而一组恰好少一个位置。" },
                    { en = "The one used longest ago leaves, and that is the one needed next. It never ends.", zh = "走的是最久没用的，偏偏下一个就用它。没完没了。" },
                },
            },
        },
        step {
            title = { en = "Where is everybody?", zh = "都挤在哪儿？" },
            view = "tlb",
            bind = function(m) return { places = places(m), sets = m.geometry().tlb_sets, ways = m.geometry().tlb_ways } end,
            text = {
                en = [[{sets} sets of {ways} ways. The lowest bits of the page number choose the set, so that one need not compare with all. Pages {sets} apart have the same
                    lowest bits. Look at the pane.]],
                zh = [[{sets} 组，每组 {ways} 路。页号的最低几位选组，这样就不必和所有项比对。相隔 {sets} 页的，最低几位相同。看看面板。]],
            },
            ask = {
                id = "used",
                text = { en = "How many of the {places} entries has the loop ever used?", zh = "这个循环用到过 {places} 项里的几项？" },
                answer = function(r) return #r.m.tlb() end,
                wrong = {
                    { value = function(r) return places(r.m) end, because = { en = "The other sets were never asked.", zh = "别的组没人问过。" } },
                    { value = function(r) return r.m.geometry().tlb_ways + 1 end, because = { en = "There are that many pages; one always had to leave.", zh = "页有这么多，可总有一页得走。" } },
                    { value = 1, because = { en = "One set. It has several ways.", zh = "一组是一组，但有好几路。" } },
                },
                right = { en = "{answer}: one set. A conflict miss: there was room, but not there.", zh = "{answer} 项，就一组。这叫冲突未命中：有地方，但不在那儿。" },
                hints = {
                    { en = "Count the rows with a page.", zh = "数数有页的行。" },
                    { en = "Only set 0 has any.", zh = "只有 0 组有。" },
                    { en = "As many as a set has ways.", zh = "一组有几路，就几项。" },
                },
            },
            card = {
                claim = { en = "A TLB throws an entry out only when it is full.", zh = "TLB 满了才会赶走条目。" },
                truth = { en = "When the *set* is full. Here most entries were empty all the time.", zh = "是那一*组*满了就赶。这里大半条目始终空着。" },
            },
        },
        function(m)
            m.title { en = "One big set", zh = "合成一组" }
            m.view "tlb"
            m.set("tlb-one-set", 1)
            begin(m)
            m.bind { places = places(m), pages = m.geometry().tlb_ways + 1, ways = m.geometry().tlb_ways }
            m.say {
                en = [[The same {places} entries, wired as one set: fully associative. Any page may stand in any of them. The same loop.]],
                zh = [[还是这 {places} 项，接成一组：全相联。哪一页放哪项都行。循环照旧。]],
            }
            m.ask {
                id = "fully",
                op = { "ref", #loop(m) },
                before = { "tlb_miss", 1 },
                text = { en = "How many misses?", zh = "未命中几次？" },
                answer = misses,
                wrong = {
                    { value = function(r) return #loop(r.m) end, because = { en = "Nobody has to leave now.", zh = "现在谁也不用走。" } },
                    { value = 0, because = { en = "The first visit is always a miss: a cold one.", zh = "头一次来总是未命中，叫冷未命中。" } },
                    { value = ROUNDS, because = { en = "Once a page, not once a round.", zh = "是每页一次，不是每轮一次。" } },
                },
                right = { en = "{answer}, one for each page. The price: {places} comparers at work on every access, instead of {ways}.", zh = "{answer} 次，每页一次。代价是每次访问要开动 {places} 个比较器，而不是 {ways} 个。" },
                hints = {
                    { en = "Do {pages} pages fit into {places} places now?", zh = "现在 {pages} 页放得进 {places} 个位置吗？" },
                    { en = "They do. Only the first visit of each is a miss.", zh = "放得下。只有每页头一次未命中。" },
                    { en = "{pages} pages.", zh = "{pages} 页。" },
                },
            }
        end,
        function(m)
            m.title { en = "One place each", zh = "一页一个坑" }
            m.view "tlb"
            m.flush()
            m.set("tlb-one-set", 0)
            m.set("tlb-one-way", 1)
            begin(m)
            m.bind { places = places(m), last = LAST, rounds = ROUNDS, sets = m.geometry().tlb_sets, pages = m.geometry().tlb_ways + 1 }
            m.say {
                en = [[The other end: {places} sets of one way, direct-mapped. Page n can stand in entry n modulo {places} and nowhere else: one comparer. The loop visits pages 0,
                    {sets}, ... {last}.]],
                zh = [[另一个极端：{places} 组，每组一路，直接映射。第 n 页只能放在 n 除以 {places} 余几的那一项，一个比较器就够。循环访问 0、{sets}……{last} 号页。]],
            }
            m.ask {
                id = "direct",
                op = { "ref", #loop(m) },
                before = { "tlb_miss", 1 },
                text = { en = "How many misses now?", zh = "这回几次？" },
                answer = misses,
                wrong = {
                    { quirk = "tlb-one-set", because = { en = "Two of the pages have the same place.", zh = "有两页的位置是同一个。" } },
                    { value = function(r) return #loop(r.m) end, because = { en = "Most of the pages are alone in their place.", zh = "大多数页独占自己的位置。" } },
                    { value = function(r) return 2 * ROUNDS end, because = { en = "Those of the quarrel. The others miss once each, too.", zh = "这是争位置的次数。其余几页也各有一次。" } },
                },
                right = { en = "{answer}: pages 0 and {last} throw each other out in all {rounds} rounds, the others miss once.", zh = "{answer} 次：0 号和 {last} 号每一轮都互相赶走，{rounds} 轮都如此；其余各一次。" },
                hints = {
                    { en = "Which entries do the pages fall into?", zh = "这几页各落在哪一项？" },
                    { en = "{last} modulo {places} is 0: like page 0.", zh = "{last} 除以 {places} 余 0，和 0 号页一样。" },
                    { en = "Two pages miss {rounds} times, the rest once.", zh = "两页各 {rounds} 次，其余各一次。" },
                },
            }
        end,
        function(m)
            m.title { en = "Who leaves?", zh = "该谁走？" }
            m.view "tlb"
            m.flush()
            m.set("tlb-one-way", 0)
            m.set("tlb_policy", "random")
            begin(m)
            local all = #loop(m)
            m.bind { all = all, sets = m.geometry().tlb_sets, ways = m.geometry().tlb_ways }
            m.say {
                en = [[Back to {sets} sets of {ways}. Under LRU the loop missed {all} times of {all}: the worst victim every time. Real TLBs often save the bookkeeping and throw
                    dice.]],
                zh = [[回到 {sets} 组，每组 {ways} 路。按 LRU，这个循环 {all} 次里未命中 {all} 次：每次都赶走最不该走的。真实的 TLB 常常懒得记账，掷骰子决定。]],
            }
            m.ask {
                id = "random",
                op = { "ref", all },
                before = { "tlb_miss", 1 },
                text = { en = "With a random victim, how does the number of misses change?", zh = "随机挑一项赶走，未命中的次数怎么变？" },
                answer = function(r) return misses(r) < all and "fewer" or misses(r) == all and "same" or "more" end,
                words = {
                    fewer = { en = "fewer", zh = "更少" },
                    same = { en = "as many", zh = "一样" },
                    more = { en = "more", zh = "更多" },
                },
                wrong = {
                    { quirk = "tlb-fifo", because = { en = "First in, first out makes the same mistake as LRU here. Dice sometimes spare the one needed next.", zh = "先进先出在这里和 LRU 错得一样。骰子有时会放过马上要用的那项。" } },
                    { value = "more", because = { en = "There are no more reads than that.", zh = "总共才读这么多次。" } },
                },
                right = { en = "Fewer: chance cannot be wrong every time. LRU is good for programs that come back soon, not for loops a little too large.", zh = "更少：碰运气总不会次次都错。LRU 适合很快回头的程序，不适合稍嫌大的循环。" },
                hints = {
                    { en = "Can it be worse than all?", zh = "还能比全部未命中更糟吗？" },
                    { en = "Under LRU the victim is always the page needed next.", zh = "按 LRU，赶走的总是下一个要用的。" },
                    { en = "Dice hit another one now and then.", zh = "骰子时不时会掷中别的。" },
                },
            }
        end,
        function(m)
            m.title { en = "Code on one side, data on the other", zh = "代码一边，数据一边" }
            m.view "tlb"
            m.set("tlb_policy", "lru")
            m.flush()
            m.fetch(code(m))
            m.bind { code = code(m) }
            m.say {
                en = [[A processor fetches the next instruction while it loads for this one: two translations at once. So most have two TLBs. Below the sets you see the other one, of
                    instructions. The program has just fetched at {code:hex}. Now it reads a constant from the same page.]],
                zh = [[处理器一边给这条指令取数据，一边去取下一条指令：同时要翻译两个地址。所以多半有两个 TLB。各组下面的就是另一个，管指令。程序刚在 {code:hex}
                    取过指令，现在从同一页读一个常数。]],
            }
            m.ask {
                id = "split",
                op = { "read", code(m), { size = 1 } },
                before = { "tlb_miss", 1 },
                text = { en = "Does it find the translation?", zh = "这翻译找得到吗？" },
                answer = function(r) return count(r, "tlb_miss") == 0 and "hit" or "miss" end,
                words = { hit = { en = "yes, a hit", zh = "找得到，命中" }, miss = { en = "no, a walk", zh = "找不到，要走表" } },
                wrong = {
                    { value = "hit", because = { en = "It stands in the other TLB, and a load does not ask there.", zh = "它在另一个 TLB 里，取数据不问那边。" } },
                },
                right = { en = "The page is in both now. In return, no loop over data can throw the code out.", zh = "这一页现在两边都有。好处是：数据循环再大，也挤不走代码。" },
                hints = {
                    { en = "Which TLB noted the fetch?", zh = "取指令记在哪个 TLB？" },
                    { en = "The one of instructions. This is data.", zh = "指令的那个。这次是数据。" },
                    { en = "The sets above are empty.", zh = "上面那几组是空的。" },
                },
            }
        end,
        function(m)
            m.title { en = "Large ones elsewhere", zh = "大页另放" }
            m.view "tlb"
            m.flush()
            local levels = m.geometry().levels
            m.bind { page = m.geometry().page, large = 1 << levels[#levels - 1].shift, kernel = KERNEL }
            m.say {
                en = [[The set is chosen by the page number, and where that begins depends on the page's size, which is not known before the entry is found. One way out: a TLB for
                    each size, asked at the same moment. The kernel reads at {kernel:hex}, in a page of {large:size}.]],
                zh = [[选组要用页号，而页号从哪一位起，要看页多大；可找到那一项之前，谁也不知道页多大。一个办法是：每种大小各备一个 TLB，同时去问。内核在 {kernel:hex} 读，
                    那是 {large:size} 的页。]],
            }
            m.ask {
                id = "by-size",
                op = { "read", KERNEL, { size = 1, as = "kernel" } },
                before = { "tlb_miss", 1 },
                text = { en = "Where is the translation kept?", zh = "翻译记在哪里？" },
                answer = function(r)
                    local fill = find(r, "tlb_part_fill")
                    return fill and fill.tlb or "first"
                end,
                words = WHERE,
                wrong = {
                    { value = "first", because = { en = "Those are for pages of {page:size}: their sets are chosen by bits that lie inside this page.", zh = "那里只放 {page:size} 的页：选组的那几位，在这一页里是页内偏移。" } },
                    { value = "instruction", because = { en = "Nothing was fetched.", zh = "没有取指令。" } },
                    { value = "second-level", because = { en = "That is switched off still.", zh = "第二级还没开。" } },
                },
                right = { en = "In its own, small one. A few entries are enough where each answers for {large:size}.", zh = "记在它自己那个小的里。一项就管 {large:size}，几项就够了。" },
                hints = {
                    { en = "How large is the page?", zh = "这一页多大？" },
                    { en = "Look at the titles below the sets.", zh = "看各组下面的标题。" },
                    { en = "Large pages have one of their own.", zh = "大页有自己的 TLB。" },
                },
            }
        end,
        function(m)
            m.title { en = "A second chance", zh = "还有第二级" }
            m.view "tlb"
            m.set("tlb_second", 1)
            begin(m)
            local look, more, dram = m.field("tlb_cycles"), m.field("tlb2_cycles"), m.field("dram_cycles")
            m.bind {
                pages = m.geometry().tlb_ways + 1, all = #loop(m), rounds = ROUNDS, look = look, more = more, dram = dram, second = look + more + dram,
                levels = #m.geometry().levels,
            }
            m.say {
                en = [[Sixteen entries answer in {look} cycle because they are few. Behind them real processors have hundreds more, slower: the second level is asked before any table
                    is read, and takes {more} cycles. It is on now. The loop of the first page again, all {all} reads.]],
                zh = [[十六项之所以 {look} 个周期就答得出，正因为少。真实的处理器后面还有几百上千项，慢一些：读表之前先问这第二级，多花 {more} 个周期。现在打开它。再来一遍第一页的循环，
                    {all} 次读。]],
            }
            m.ask {
                id = "walks-left",
                op = { "ref", #loop(m) },
                before = { "tlb_first_miss", 1 },
                text = { en = "The first level misses all {all} times, as before. How often must the MMU still walk?", zh = "第一级照旧 {all} 次全未命中。MMU 还得走几次表？" },
                answer = misses,
                wrong = {
                    { value = function(r) return #loop(r.m) end, because = { en = "What the first level loses the second still has.", zh = "第一级丢掉的，第二级还有。" } },
                    { value = 0, because = { en = "Once each page is new to both.", zh = "每页总有头一回，两级都没有。" } },
                    { value = ROUNDS, because = { en = "Once a page, not once a round.", zh = "每页一次，不是每轮一次。" } },
                },
                right = { en = "{answer}, once a page. The others cost {more} cycles more than a hit, not {levels} table reads.", zh = "{answer} 次，每页一次。其余的只比命中多 {more} 个周期，不必读 {levels} 张表。" },
                hints = {
                    { en = "Does the second level have room for {pages} pages?", zh = "{pages} 页，第二级放得下吗？" },
                    { en = "It does, and it keeps what every walk finds.", zh = "放得下；每次走表的结果它都记。" },
                    { en = "One walk for each of the {pages} pages.", zh = "{pages} 页，各走一次。" },
                },
            }
            local before = m.tlb().access_cycles
            m.ask {
                id = "second-hit",
                op = { "read", BASE, { size = 1 } },
                before = { "tlb_first_miss", 1 },
                text = { en = "Page 0 once more: not in the first level, but in the second. What does the read take, in cycles?", zh = "再读一次 0 号页：第一级没有，第二级有。这次读花几个周期？" },
                answer = function(r) return r.m.tlb().access_cycles - before end,
                wrong = {
                    { value = function(r) return r.m.field("tlb_cycles") + r.m.field("dram_cycles") end, because = { en = "So it would with a hit on the first level.", zh = "那是第一级命中。" } },
                    {
                        value = function(r) return r.m.field("tlb_cycles") + (#r.m.geometry().levels + 1) * r.m.field("dram_cycles") end,
                        because = { en = "No table is read.", zh = "一张表也没读。" },
                    },
                    { value = function(r) return r.m.field("tlb_cycles") + r.m.field("tlb2_cycles") end, because = { en = "The byte itself must be read, too.", zh = "字节本身也得读。" } },
                },
                right = { en = "{look} and {more} for the two lookups, {dram} for the byte.", zh = "两次查 TLB 是 {look} 加 {more}，读字节是 {dram}。" },
                hints = {
                    { en = "Three things take time.", zh = "花时间的有三件事。" },
                    { en = "First level, second level, memory.", zh = "第一级、第二级、内存。" },
                    { en = "{look} + {more} + {dram}.", zh = "{look} + {more} + {dram}。" },
                },
            }
        end,
        function(m)
            m.title { en = "Mend the program", zh = "改程序" }
            m.view "tlb"
            m.set("tlb_second", 0)
            m.flush()
            local page, ways = m.geometry().page, m.geometry().tlb_ways
            m.bind { first = BASE, last = BASE + LAST * page, page = page, pages = ways + 1 }
            m.say {
                en = [[The second level off again, an empty TLB. You cannot rewire it, but you may choose the pages: programmers pad the rows of a table so that a column does not fall
                    into one set. Pages with frames: {first:hex} to {last:hex}, every {page} bytes.]],
                zh = [[第二级又关了，TLB 空着。硬件改不了，页却可以挑：程序员给表格每行垫上几个字节，好让一列别全落进一组。有页框的页：{first:hex} 到 {last:hex}，
                    每 {page} 字节一页。]],
            }
            m.task {
                text = {
                    en = "Read {pages} different pages, and then the same ones again, all hits the second time.",
                    zh = "读 {pages} 个不同的页，然后把它们再读一遍，第二遍全部命中。",
                },
                goal = function(r)
                    local missed, hit, hits = {}, {}, 0
                    for _, e in ipairs(r.events) do
                        if e.event == "tlb_miss" then
                            if missed[page * (e.va // page)] then return false end
                            missed[page * (e.va // page)] = true
                        elseif e.event == "tlb_hit" and missed[page * (e.va // page)] and not hit[page * (e.va // page)] then
                            hit[page * (e.va // page)] = true
                            hits = hits + 1
                        end
                    end
                    return hits > ways
                end,
                solution = function()
                    local list = {}
                    for n = 0, 2 * ways + 1 do list[#list + 1] = "read " .. hex(BASE + n % (ways + 1) * page) .. " size=1" end
                    return list
                end,
                hints = {
                    { en = "Neighbouring pages fall into neighbouring sets.", zh = "相邻的页落在相邻的组。" },
                    { en = "At most as many pages of one set as it has ways.", zh = "同一组的页，别超过路数。" },
                    { en = "Take {pages} pages in a row, twice.", zh = "挑连续的 {pages} 页，读两遍。" },
                },
            }
            m.after {
                en = [[You can tell a cold miss from a conflict, say what each shape costs, and which TLB is asked for what. The shapes of this lesson are fields of a machine: pagewalk play --set
                    tlb.sets=1 --set tlb.ways=16.]],
                zh = [[冷未命中和冲突未命中，你分得清了；每种形状的代价、什么时候问哪个 TLB，你也说得出了。这一课的几种形状都是机器的参数：pagewalk play --set tlb.sets=1 --set tlb.ways=16。]],
            }
        end,
    },
}
