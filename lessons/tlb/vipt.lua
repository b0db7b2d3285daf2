-- vipt.lua - a cache looked up by virtual addresses: two names of one byte, one name of two bytes, and three cures (Hennessy and Patterson,
-- Computer Architecture, appendix B.3; Cekleov and Dubois, Virtual-address caches, IEEE Micro 17(5), 1997).
local A = 0x10000000        -- one name of a page
local HERE = 0x20           -- the byte in it
local OLD, NEW = 0x11, 0x77
local SECRET = 0x5a
local PHYSICAL, VIRTUAL_SET, VIRTUAL = 0, 1, 2 -- values of l1_index

-- The same page under another name, so many pages on.
local function name(m, pages) return A + pages * m.geometry().page + HERE end

-- Bits of the set that lie above the offset: what names of one byte can differ in.
local function colour_bits(m)
    local g = m.geometry()
    local n, reach = 0, g.cache_sets * g.cache_line
    while reach > g.page do n, reach = n + 1, reach // 2 end
    return n
end

local function set_bits(m)
    local n = 0
    while m.geometry().cache_sets >> n > 1 do n = n + 1 end
    return n
end

local function colours(m) return 1 << colour_bits(m) end

-- Lines of L1 with the byte of physical address pa.
local function copies(m, pa)
    local n = 0
    for _, l in ipairs(m.cache()) do
        if l.pa <= pa and pa < l.pa + m.geometry().cache_line then n = n + 1 end
    end
    return n
end

-- Two names, both in the cache, and a write by the first.
local function written(m)
    m.wbinvd()
    m.write(name(m, 0), OLD, { size = 1 })
    m.wbinvd()
    m.read(name(m, 0), { size = 1 })
    m.read(name(m, 1), { size = 1 })
    m.write(name(m, 0), NEW, { size = 1 })
end

local STALE = { en = "That was written by the other name, into the other line.", zh = "那是用另一个名字写的，写在另一行里。" }
local MIXED = { en = "A line holds one byte or the other, never a sum of them.", zh = "一行里不是这个字节就是那个，不会是两者之和。" }
local ZERO = { en = "The page was written long ago, and memory remembers.", zh = "这一页早就写过，内存记得。" }

return lesson {
    id = "vipt",
    part = "tlb",
    title = { en = "Two names for one byte", zh = "一个字节，两个名字" },
    rows = { "C12" },
    needs = { "locality", "tlb" },
    machine = "vipt",
    minutes = 11,
    steps = {
        step {
            title = { en = "Not waiting", zh = "等不及" },
            view = "cache",
            prepare = function(m)
                m.spawn()
                for _, n in ipairs { 0, 1, colours(m) } do m.mmap(A + n * m.geometry().page, m.geometry().page, "rw", "shared", { file = "box" }) end
                m.write(name(m, 0), OLD, { size = 1 })
                m.wbinvd()
            end,
            bind = function(m)
                local g = m.geometry()
                return { sets = g.cache_sets, line = g.cache_line, page = g.page, ways = g.cache_ways, all = set_bits(m) }
            end,
            text = {
                en = [[L1 answers in a few cycles; the TLB wants one of them first. So L1 does not wait: it picks the set by the virtual address while the TLB works,
                    and compares the frame as the tag. This L1 has {sets} sets of {ways} lines of {line} bytes. Pages have {page} bytes.]],
                zh = [[L1 几个周期就得答，TLB 还要先占一个。L1 等不及：TLB 还在查，它就按虚拟地址选好了组，页框出来再当标记来比。这个 L1 有 {sets} 组，每组
                    {ways} 行，每行 {line} 字节。一页 {page} 字节。]],
            },
            ask = {
                id = "colour-bits",
                text = { en = "How many bits that choose the set does translation change?", zh = "选组的位里，有几位是翻译会改的？" },
                answer = function(r) return colour_bits(r.m) end,
                wrong = {
                    { value = 0, because = { en = "Only where sets times line is no more than a page: 64 sets of 64 bytes, say.", zh = "组数乘行长不超过一页才是这样，比如 64 组、每行 64 字节。" } },
                    { value = function(r) return set_bits(r.m) end, because = { en = "Most of them lie within the page's offset, and that stays.", zh = "多半在页内偏移里，那是不变的。" } },
                    { value = 1, because = { en = "Sets times line is more than two pages.", zh = "组数乘行长不止两页。" } },
                },
                right = { en = "These bits are the page's colour. As long as the answer is 0, nobody notices anything.", zh = "这几位叫页的颜色。要是 0 位，就天下太平。" },
                hints = {
                    { en = "How many bytes does one way hold?", zh = "一路有多少字节？" },
                    { en = "{sets} x {line}. How many pages is that?", zh = "{sets} × {line}，是几页？" },
                    { en = "Count the bits above the offset of {page}.", zh = "数一数比 {page} 的偏移高出几位。" },
                },
            },
        },
        function(m)
            local a, b = name(m, 0), name(m, 1)
            local pa = m.walk(a).pa
            m.title { en = "The second name", zh = "第二个名字" }
            m.view "cache"
            m.bind { a = a, b = b, pa = pa }
            m.say {
                en = "The process has mapped one page of a file twice: {a:hex} and {b:hex} are the same byte, {pa:hex}. It has just read it by the first name, and now by the second.",
                zh = "进程把一个文件的同一页映射了两次：{a:hex} 和 {b:hex} 是同一个字节，在 {pa:hex}。刚用第一个名字读过，现在用第二个。",
            }
            m.read(a, { size = 1 })
            m.ask {
                id = "copies",
                op = { "read", b, { size = 1 } },
                text = { en = "How many lines of L1 hold this byte then?", zh = "读完，L1 里有几行装着这个字节？" },
                answer = function(r) return copies(r.m, pa) end,
                wrong = {
                    { value = 1, because = { en = "The tag would fit, but nobody looks into that set: the name points to another.", zh = "标记是对得上，可没人去看那一组：这个名字指着另一组。" } },
                    { value = 0, because = { en = "Both reads were misses, and misses fill.", zh = "两次都未命中，未命中就会装入。" } },
                    { value = function(r) return r.m.geometry().cache_ways end, because = { en = "Ways are places in one set. Here two sets are in play.", zh = "路是一组里的位置。这里牵涉的是两个组。" } },
                },
                right = { en = "Two: a synonym. As long as everybody only reads, no harm is done.", zh = "两行，这叫同义名。大家都只读，倒也无妨。" },
                hints = {
                    { en = "Does the second read hit?", zh = "第二次读命中了吗？" },
                    { en = "The names differ in a bit of the set.", zh = "两个名字在选组的位上不一样。" },
                    { en = "So each has brought its own line.", zh = "所以各自装了一行。" },
                },
            }
        end,
        function(m)
            written(m)
            local a, b = name(m, 0), name(m, 1)
            m.title { en = "And now a write", zh = "这时写一次" }
            m.view "cache"
            m.bind { a = a, b = b, new = NEW }
            m.say {
                en = "Both lines are there again. By the name {a:hex} the process has written {new:hex}. It reads {b:hex}.",
                zh = "两行都在。进程用 {a:hex} 这个名字写了 {new:hex}，再去读 {b:hex}。",
            }
            m.ask {
                id = "stale",
                op = { "read", b, { size = 1 } },
                format = "hex",
                text = { en = "What does it get?", zh = "读到什么？" },
                answer = function(r) return r.value end,
                wrong = { { value = NEW, because = STALE }, { value = OLD + NEW, because = MIXED }, { value = 0, because = ZERO } },
                right = { en = "The old byte. The tables are right, the TLB is right, and the program is deceived.", zh = "旧的。页表没错，TLB 没错，程序却上当了。" },
                hints = {
                    { en = "Into which line did the write go?", zh = "写到哪一行里去了？" },
                    { en = "Look at D and at the bytes of both lines.", zh = "看看两行的 D 和字节。" },
                    { en = "The second line was never touched.", zh = "第二行没人动过。" },
                },
            }
            m.card {
                claim = { en = "The TLB must have the same trouble with two names.", zh = "两个名字，TLB 也该有这麻烦。" },
                truth = {
                    en = "Two of its entries may name one frame; both are right, because nobody writes data into a TLB. Its trouble is one name with two meanings.",
                    zh = "TLB 里两项可以指同一个页框，两项都对，因为没人往 TLB 里写数据。它怕的是一个名字两种意思。",
                },
            }
        end,
        function(m)
            written(m)
            local a, b = name(m, 0), name(m, 1)
            m.title { en = "First cure: flush", zh = "药方一：刷" }
            m.view "cache"
            m.bind { a = a, b = b }
            m.say {
                en = "The same state. The kernel writes the line of {a:hex} back and drops it: clflush. Memory is new now.",
                zh = "还是那个局面。内核把 {a:hex} 那一行写回并清掉：clflush。现在内存是新的了。",
            }
            m.clflush(a)
            m.ask {
                id = "half-cured",
                op = { "read", b, { size = 1 } },
                format = "hex",
                text = { en = "What does {b:hex} read now?", zh = "这回从 {b:hex} 读到什么？" },
                answer = function(r) return r.value end,
                wrong = { { value = NEW, because = { en = "Memory has it, but L1 answers first, with its old line.", zh = "内存里是有了，可先答的是 L1，用的是那行旧的。" } }, { value = OLD + NEW, because = MIXED }, { value = 0, because = ZERO } },
                right = { en = "Still old: the other line must go too. Flushing means both names, every time.", zh = "还是旧的：另一行也得清。要刷就得两个名字都刷，次次如此。" },
                hints = {
                    { en = "Who is asked before memory?", zh = "问内存之前先问谁？" },
                    { en = "Is the second line still valid?", zh = "第二行还有效吗？" },
                    { en = "It hits, with what it held.", zh = "它命中，给的是它原来的字节。" },
                },
            }
        end,
        function(m)
            written(m)
            local a, c = name(m, 0), name(m, colours(m))
            m.title { en = "Second cure: colours", zh = "药方二：着色" }
            m.view "cache"
            m.bind { a = a, c = c, colours = colours(m) }
            m.say {
                en = "A kernel that minds colours gives the second name only where the bits agree: {colours} pages on. {c:hex} is such a name of the same byte.",
                zh = "讲究颜色的内核，第二个名字只给在颜色相同的地方，也就是隔 {colours} 页。{c:hex} 就是同一个字节的这样一个名字。",
            }
            m.ask {
                id = "coloured",
                op = { "read", c, { size = 1 } },
                text = { en = "How many lines does this read bring?", zh = "这次读要装入几行？" },
                answer = function(r) return count(r, "line_fill") end,
                wrong = {
                    { value = 1, because = { en = "The set is the same, and the tag is the frame: it hits.", zh = "组相同，标记又是页框：命中。" } },
                    { value = 2, because = { en = "Nothing is missing at all.", zh = "一行也不缺。" } },
                    { value = function(r) return colours(r.m) end, because = { en = "That is how many colours there are.", zh = "那是颜色的种数。" } },
                },
                right = { en = "None: one colour, one set, one line, and the new byte.", zh = "一行也不用：颜色相同，组就相同，行也是那一行，读到的是新字节。" },
                hints = {
                    { en = "Which set does the name point to?", zh = "这个名字指着哪一组？" },
                    { en = "The bits above the offset are the same two.", zh = "偏移上面那两位一样。" },
                    { en = "It is the line that was written.", zh = "就是刚写过的那一行。" },
                },
            }
        end,
        function(m)
            m.set("l1_index", PHYSICAL)
            written(m)
            local a, b = name(m, 0), name(m, 1)
            m.title { en = "Third cure: wait", zh = "药方三：等" }
            m.view "cache"
            m.bind { a = a, b = b }
            m.say {
                en = "The wiring is changed: L1 waits for the TLB and picks the set by the physical address. Then as before: both names read, a write by {a:hex}, and a read of {b:hex}.",
                zh = "换一种接法：L1 等 TLB 翻译完，按物理地址选组。然后照旧：两个名字都读过，用 {a:hex} 写一次，再读 {b:hex}。",
            }
            m.ask {
                id = "physical",
                op = { "read", b, { size = 1 } },
                format = "hex",
                text = { en = "What does it get?", zh = "读到什么？" },
                answer = function(r) return r.value end,
                wrong = { { value = OLD, because = { en = "There is one line only: both names lead to it.", zh = "只有一行了：两个名字都通到它。" } }, { value = OLD + NEW, because = MIXED }, { value = 0, because = ZERO } },
                right = { en = "The new byte. PIPT is simple and slow; so L1 is built with many ways and few sets, to have both.", zh = "新的。PIPT 简单却慢，所以 L1 都做成路多组少，两头都占。" },
                hints = {
                    { en = "How many lines can one physical address have?", zh = "一个物理地址能有几行？" },
                    { en = "One address, one set, one tag.", zh = "一个地址，一个组，一个标记。" },
                    { en = "The line that was written.", zh = "就是写过的那一行。" },
                },
            }
        end,
        function(m)
            local heap
            m.title { en = "One name, two bytes", zh = "一个名字，两个字节" }
            m.view "cache"
            m.set("l1_index", VIRTUAL)
            for _, a in ipairs(m.process().areas) do heap = a.kind == "heap" and a.start or heap end
            m.write(heap, SECRET, { size = 1 })
            local pid = m.spawn().value
            m.switch(pid)
            m.bind { heap = heap, pid = pid }
            m.say {
                en = "Now the tag is virtual too: VIVT. A process has written a secret to its own page at {heap:hex}. Then process {pid} runs. Its page at the same address is its own, and new: zeros.",
                zh = "现在标记也用虚拟地址：VIVT。一个进程往自己的 {heap:hex} 页写了个秘密。换进程 {pid} 运行，同一地址上是它自己的新页，全是零。",
            }
            m.ask {
                id = "homonym",
                op = { "read", heap, { size = 1 } },
                format = "hex",
                text = { en = "What does process {pid} read at {heap:hex}?", zh = "进程 {pid} 从 {heap:hex} 读到什么？" },
                answer = function(r) return r.value end,
                wrong = {
                    { value = 0, because = { en = "Its tables say so, but the cache compared only names.", zh = "它的页表是这么说的，可缓存只比了名字。" } },
                    { value = OLD, because = { en = "That is the file's byte, under another name.", zh = "那是文件里的字节，名字不同。" } },
                    { value = SECRET << 1, because = { en = "No line holds that.", zh = "哪一行里也没有这个。" } },
                },
                right = { en = "Somebody else's byte: a homonym. Such caches are emptied at every switch, or tags carry the address space.", zh = "别人的字节，这叫同音名。这种缓存每次切换都得清空，要不标记里就带上地址空间号。" },
                hints = {
                    { en = "What is compared in the set?", zh = "组里比的是什么？" },
                    { en = "The virtual address, and it is the same.", zh = "虚拟地址，而它一样。" },
                    { en = "The line of the first process hits.", zh = "第一个进程的那一行命中了。" },
                },
            }
        end,
        function(m)
            m.title { en = "You are the kernel", zh = "你来当内核" }
            m.view "cache"
            m.switch(m.pids()[1])
            m.set("l1_index", VIRTUAL_SET)
            written(m)
            m.bind { a = name(m, 0), b = name(m, 1), new = NEW }
            m.task {
                text = {
                    en = "VIPT again, two lines, {new:hex} written by {a:hex}. Make a read of {b:hex} give it, without writing anything.",
                    zh = "又是 VIPT，又是两行，用 {a:hex} 写了 {new:hex}。让读 {b:hex} 的人拿到它，不许再写。",
                },
                goal = function(r)
                    for _, e in ipairs(r.events) do
                        if e.event == "data_read" and e.va == name(r.m, 1) and e.value == NEW then return count(r, "data_write") == 0 end
                    end
                    return false
                end,
                solution = function(m) return { "clflush " .. hex(name(m, 0)), "clflush " .. hex(name(m, 1)), "read " .. hex(name(m, 1)) } end,
                hints = {
                    { en = "Which of the lines is wrong, and who has the new byte?", zh = "哪一行不对？新字节在谁那里？" },
                    { en = "First memory must become new, then the old line must go.", zh = "先让内存变新，再让旧行走。" },
                    { en = "clflush both names, then read.", zh = "两个名字都 clflush，再读。" },
                },
            }
            m.after {
                en = "You can now say of a cache, from its size and ways alone, whether it can deceive. Take along: who decides that some bytes may not be kept at all?",
                zh = "看看大小和路数，就知道一个缓存会不会骗人。带走一个问题：有些字节根本不许存，谁说了算？",
            }
        end,
    },
}
