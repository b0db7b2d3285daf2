-- tlb-sets.lua - the same sixteen entries in three shapes, and who leaves a full set: conflict misses (CS:APP 6.4, OSTEP 19).
local BASE, LAST = 0x10000000, 16 -- page 0 of the area falls into set 0; pages 0 to LAST are touched
local ROUNDS = 10

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

local function places(m) return m.geometry().tlb_sets * m.geometry().tlb_ways end

return lesson {
    id = "tlb-sets",
    part = "tlb",
    title = { en = "Full with twelve places empty", zh = "空着十二个位置也算满" },
    rows = { "C2" },
    needs = { "tlb" },
    machine = "x86-64",
    minutes = 10,
    steps = {
        step {
            title = { en = "A loop over five pages", zh = "五页转圈" },
            view = "tlb",
            prepare = function(m)
                m.spawn()
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
            m.title { en = "Mend the program", zh = "改程序" }
            m.view "tlb"
            m.set("tlb_policy", "lru")
            m.flush()
            local page, ways = m.geometry().page, m.geometry().tlb_ways
            m.bind { first = BASE, last = BASE + LAST * page, page = page, pages = ways + 1 }
            m.say {
                en = [[Sets of four again, LRU, an empty TLB. You cannot rewire it, but you may choose the pages: programmers pad the rows of a table so that a column does not fall
                    into one set. Pages with frames: {first:hex} to {last:hex}, every {page} bytes.]],
                zh = [[又是四路一组，LRU，TLB 空着。硬件改不了，页却可以挑：程序员给表格每行垫上几个字节，好让一列别全落进一组。有页框的页：{first:hex} 到 {last:hex}，
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
                en = [[You can tell a cold miss from a conflict, and say what each shape costs. The shapes of this lesson are fields of a machine: pagewalk play --set
                    tlb.sets=1 --set tlb.ways=16.]],
                zh = [[冷未命中和冲突未命中，你分得清了；每种形状的代价，你也说得出了。这一课的几种形状都是机器的参数：pagewalk play --set tlb.sets=1 --set tlb.ways=16。]],
            }
        end,
    },
}
