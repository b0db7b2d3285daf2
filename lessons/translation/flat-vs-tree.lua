-- What a flat table would cost, and what the tree costs the same process: by where its pages lie, not by how many they are (OSTEP 20.1 to 20.3;
-- SDM vol. 3A, 4.5). The Cost pane holds both figures of the process that runs.
local W = use "walks"

local LOW, HIGH = 0x400000, 0x7ffffffde000 -- near the bottom, and where the stack grows down to
local FAR, REGIONS = 0x8000000000, 8       -- pages as far from each other as can be
local NEAR, NEIGHBOURS = 0x600000, 64      -- pages side by side

local function tables_made(r) return count(r, "table_alloc") end

-- Bytes that one entry of a level stands for.
local function reach(m, level) return 1 << m.geometry().levels[level + 1].shift end

-- The tree with every page in use: of each level as many tables as the level above has entries.
local function full_tree(m)
  local tables, all = 1, 0
  for _, level in ipairs(m.geometry().levels) do
    all, tables = all + tables, tables << level.bits
  end
  return all * m.geometry().page
end

-- A string of references to n pages that lie `step` pages apart.
local function apart(n, step)
  local list = {}
  for i = 1, n do list[i] = (i - 1) * step end
  return list
end

local function bytes_of_tables(m) return m.process().tables * m.geometry().page end

return lesson {
  id = "flat-vs-tree", part = "translation",
  title = { en = "Paying for emptiness", zh = "为空地付钱" },
  rows = { "B7" }, needs = { "four-level" }, machine = "x86-64", minutes = 10,
  steps = {
    step { -- 1
      title = { en = "The bill for one table", zh = "一张大表的账单" },
      view = "cost",
      prepare = function(m)
        m.spawn()
        m.mmap(LOW, m.geometry().page, "rw")
      end,
      bind = W.flat_words,
      text = {
        en = "Why is a page table a tree? A flat one would be simpler: the page number is the index, one read, done. Let us see its price before we laugh. Addresses have {bits} bits, pages {page} bytes, entries {entry}.",
        zh = "页表何必做成树？平平一张多简单：页号就是下标，读一次完事。别忙着笑，先看看价钱。地址 {bits} 位，一页 {page} 字节，一项 {entry} 字节。",
      },
      ask = W.ask_flat {
        id = "flat-size",
        text = { en = "How much memory would each process need for it?", zh = "每个进程要为它花多少内存？" },
        wrong = {
          { value = function(r) return r.m.geometry().frames * r.m.geometry().entry_bytes end, because = { en = "An entry for each frame? It is looked up by page, and far more pages have names.", zh = "给每个页框一项？查表用的是页号，有名字的页可多得多。" } },
        },
        right = { en = "{page_bits} bits name a page: {lines} entries of {entry} bytes, used or not.", zh = "页号有 {page_bits} 位：{lines} 项，每项 {entry} 字节，用不用都得有。" },
      },
      after = { en = "And that for each process, before it has done anything. Cost has the figure, below the tree's.", zh = "每个进程都要这么多，还什么都没干呢。“花费”面板里有这个数，和树的并排。" },
    },

    function(m) -- 2
      m.title { en = "Two pages, far apart", zh = "两页，天各一方" }
      m.view "tree"
      m.bind { low = LOW, high = HIGH, levels = #m.geometry().levels }
      m.say {
        en = "The process has nothing but its root. It writes one page near the bottom, {low:hex}; that took a table on each level below. Then one near the top, {high:hex}.",
        zh = "进程只有一张根表。它先写靠底部的一页 {low:hex}，下面每级添一张表。再写靠顶部的一页 {high:hex}。",
      }
      m.write(LOW, 1, { size = 1 })
      local r = m.ask {
        id = "seven",
        op = { "write", HIGH, 2, { size = 1 } },
        before = "trap",
        text = { en = "How many tables has the process after that?", zh = "写完之后，这个进程一共有几张表？" },
        answer = function(q) return q.m.process().tables end,
        wrong = {
          { value = function(q) return 2 * #q.m.geometry().levels end, because = { en = "They share the root: CR3 names only one.", zh = "根表是合用的：CR3 只指一张。" } },
          { value = function(q) return #q.m.geometry().levels end, because = { en = "That is the way of the first page. The second turns off at the root.", zh = "那是头一页的路。第二页在根表就分了岔。" } },
          { value = 2, because = { en = "One for each page? On each level below the root a table is needed.", zh = "一页一张？根表下面每级都得有一张。" } },
        },
        right = { en = "The root, and on each of the other levels two.", zh = "一张根表，其余每级两张。" },
        hints = {
          { en = "Do the two ways have anything in common?", zh = "这两条路有公共的部分吗？" },
          { en = "Already the first index differs, so only the root is shared.", zh = "第一个索引就不同，合用的只有根表。" },
          { en = "1, and 2 for each of the remaining levels.", zh = "1，再加剩下每级 2 张。" },
        },
      }
      m.expect(tables_made(r), #m.geometry().levels - 1, "all but the root")
      m.bind { bytes = bytes_of_tables(m), flat = W.flat(m), rss = m.process().rss }
      m.after { en = "{bytes:size} of tables for {rss} pages; the flat table would be {flat:size}.", zh = "{rss} 页数据，表占 {bytes:size}；大平表要 {flat:size}。" }
    end,

    function(m) -- 3
      local g = m.geometry()
      local va = LOW + reach(m, 1)
      m.title { en = "How far is far?", zh = "多远才算远？" }
      m.view "tree"
      m.mmap(va, g.page, "rw")
      m.bind { va = va, low = LOW, pt = reach(m, 2), pd = reach(m, 1), pdpt = reach(m, 0) }
      m.say {
        en = "One PT serves {pt:size} of addresses, one PD {pd:size}, one PDPT {pdpt:size}. Now a page just {pd:size} above the first: {va:hex}.",
        zh = "一张 PT 管 {pt:size} 的地址，一张 PD 管 {pd:size}，一张 PDPT 管 {pdpt:size}。现在写一页，恰好比头一页高 {pd:size}：{va:hex}。",
      }
      m.ask {
        id = "one-gib-on",
        op = { "write", va, 3, { size = 1 } },
        before = "trap",
        text = { en = "How many new tables?", zh = "要添几张新表？" },
        answer = tables_made,
        wrong = {
          { value = 1, because = { en = "A new PT, yes; but the PD of the first page ends below this address.", zh = "新 PT 要一张，可头一页的 PD 也管不到这里。" } },
          { value = 3, because = { en = "The PDPT reaches this far: {pdpt:size}.", zh = "PDPT 还管得着：它管 {pdpt:size}。" } },
          { value = 0, because = { en = "The existing PT serves only {pt:size}.", zh = "现有的 PT 只管 {pt:size}。" } },
        },
        right = { en = "A PD and a PT. The price of a page is set by its distance to the nearest other.", zh = "一张 PD，一张 PT。一页贵不贵，看它离最近的邻居有多远。" },
        hints = {
          { en = "Which indices differ from those of {low:hex}?", zh = "和 {low:hex} 相比，哪几个索引变了？" },
          { en = "The second index grew by one; the first is the same.", zh = "第二个索引加了一，第一个没变。" },
          { en = "Shared: root and PDPT. Missing: the two below.", zh = "合用的是根表和 PDPT，缺的是下面两级。" },
        },
      }
    end,

    function(m) -- 4
      m.title { en = "Your turn: exactly five", zh = "你来：恰好五张" }
      m.view "cost"
      m.bind { tables = m.process().tables, pd = reach(m, 1), pdpt = reach(m, 0), pt = reach(m, 2) }
      m.say {
        en = "{tables} tables so far. mmap ADDRESS 4K rw promises a page anywhere, write ADDRESS touches it. Reach of a PT {pt:size}, a PD {pd:size}, a PDPT {pdpt:size}.",
        zh = "眼下 {tables} 张表。mmap 地址 4K rw 能在任何地方要一页，write 地址 碰它一下。PT 管 {pt:size}，PD 管 {pd:size}，PDPT 管 {pdpt:size}。",
      }
      m.task {
        text = { en = "Write three new pages that cost exactly five tables.", zh = "写三页新的，恰好多花五张表。" },
        goal = function(r)
          return tables_made(r) == 5 and count(r, "data_write") == 3 and count(r, "page_fault") == 3 and count(r, "spawned") + count(r, "forked") == 0
        end,
        solution = function(q)
          local step = q.geometry().page
          local first = FAR * 32
          local list = { first, first + step, first + reach(q, 1) }
          local out = {}
          for _, va in ipairs(list) do out[#out + 1] = "mmap " .. hex(va) .. " 4K rw" end
          for _, va in ipairs(list) do out[#out + 1] = "write " .. hex(va) .. " 1" end
          return out
        end,
        hints = {
          { en = "What can one page cost? Nothing, one, two or three tables.", zh = "一页能花几张表？零张、一张、两张或三张。" },
          { en = "Five is 3 + 2 + 0, or 3 + 1 + 1, or 2 + 2 + 1.", zh = "五是 3 + 2 + 0，或 3 + 1 + 1，或 2 + 2 + 1。" },
          { en = "Try 0x100000000000 (three), its next page (none), and {pd:size} further (two).", zh = "试试 0x100000000000（三张）、它的下一页（零张），再往后 {pd:size}（两张）。" },
        },
      }
    end,

    function(m) -- 5
      local g = m.geometry()
      m.title { en = "Side by side", zh = "挨着住" }
      m.view "cost"
      m.mmap(NEAR, NEIGHBOURS * g.page, "r")
      m.string(NEAR, apart(NEIGHBOURS, 1))
      m.bind { near = NEAR, n = NEIGHBOURS, pt = reach(m, 2), slots = W.slots(m) }
      m.say {
        en = "A dense process: {n} pages in a row from {near:hex} on, read one after the other. They lie within {pt:size} that no page has used so far.",
        zh = "住得密的进程：从 {near:hex} 起连着 {n} 页，一页接一页地读。它们都落在一段还没人用过的 {pt:size} 里。",
      }
      m.ask {
        id = "dense",
        op = { "ref", NEIGHBOURS },
        text = { en = "How many new tables for the {n} pages?", zh = "这 {n} 页要添几张新表？" },
        answer = tables_made,
        wrong = {
          { value = NEIGHBOURS, because = { en = "A table holds entries for many pages; these stand in one.", zh = "一张表能装许多页的项，这些页都在同一张里。" } },
          { value = 0, because = { en = "The PT of {pt:size} below ends before this address.", zh = "下面那段 {pt:size} 的 PT 管不到这里。" } },
          { value = 3, because = { en = "The PDPT and the PD have served neighbours for long.", zh = "PDPT 和 PD 早就有了，邻居在用。" } },
        },
        right = { en = "One, and it has room for {slots}: full, it costs one page for {slots} of data.", zh = "一张，它装得下 {slots} 页：装满时，{slots} 页数据只摊一页表。" },
        hints = {
          { en = "How many pages does one PT serve?", zh = "一张 PT 能管多少页？" },
          { en = "{slots}, and the stretch below it is in use, so PD and PDPT are there.", zh = "{slots} 页；紧挨着的下面那段已在用，PD 和 PDPT 都有了。" },
          { en = "Only the PT is missing.", zh = "只缺一张 PT。" },
        },
      }
    end,

    function(m) -- 6
      local g = m.geometry()
      local step = reach(m, 0) // g.page
      m.title { en = "Each on its own star", zh = "一页一颗星" }
      m.view "cost"
      m.mmap(FAR, REGIONS * reach(m, 0), "r")
      m.string(FAR, apart(REGIONS, step))
      m.bind { far = FAR, n = REGIONS, pdpt = reach(m, 0), rss = m.process().rss }
      m.say {
        en = "And the worst: {n} pages, each {pdpt:size} from the next, from {far:hex} on.",
        zh = "再看最糟的：从 {far:hex} 起 {n} 页，每页和下一页相隔 {pdpt:size}。",
      }
      local r = m.ask {
        id = "sparse",
        op = { "ref", REGIONS },
        text = { en = "How many new tables for the {n} pages?", zh = "这 {n} 页要添几张新表？" },
        answer = tables_made,
        wrong = {
          { value = REGIONS, because = { en = "A PT each, but what names those PTs? They share nothing below the root.", zh = "每页一张 PT，那谁来指这些 PT？根表以下它们毫无共用。" } },
          { value = function(q) return REGIONS * #q.m.geometry().levels end, because = { en = "The root is there already, and serves all.", zh = "根表早就有了，大家合用。" } },
          { value = 1, because = { en = "So it was when they lay side by side.", zh = "那是挨着住的时候。" } },
        },
        right = { en = "A PDPT, a PD and a PT for each page: more memory for tables than for data.", zh = "每页一张 PDPT、一张 PD、一张 PT：表占的内存比数据还多。" },
        hints = {
          { en = "Which tables can two of these pages share?", zh = "其中任意两页，能合用哪些表？" },
          { en = "Their first indices differ: only the root.", zh = "第一个索引就不同：只有根表。" },
          { en = "Three tables a page.", zh = "每页三张。" },
        },
      }
      m.expect(tables_made(r), REGIONS * (#g.levels - 1), "three a page")
    end,

    function(m) -- 7
      m.title { en = "When the tree is full", zh = "树长满的时候" }
      m.view "cost"
      local g = m.geometry()
      m.bind { flat = W.flat(m), full = full_tree(m), more = full_tree(m) - W.flat(m), levels = #g.levels, bytes = bytes_of_tables(m), tables = m.process().tables }
      m.say {
        en = "Even now the tree takes {bytes:size} for {tables} tables, nothing beside the flat one. But suppose a process used every page there is.",
        zh = "就算这样，{tables} 张表也只占 {bytes:size}，和大平表比不值一提。可要是有个进程把所有的页全用上呢？",
      }
      m.ask {
        id = "full",
        text = { en = "Which would be smaller then?", zh = "那时哪一个更小？" },
        op = { "read", LOW, { size = 1 } },
        before = "access",
        answer = function(q)
          local tree, flat = full_tree(q.m), W.flat(q.m)
          return tree < flat and "tree" or tree > flat and "flat" or "same"
        end,
        words = {
          tree = { en = "the tree", zh = "树" },
          flat = { en = "the flat table", zh = "平表" },
          same = { en = "both the same", zh = "一样大" },
        },
        wrong = {
          { value = "tree", because = { en = "It saves only by leaving things out, and now nothing is left out.", zh = "树省钱全靠省掉空处，这时已没有空处可省。" } },
          { value = "same", because = { en = "The last level alone is as large as the flat table; the levels above come on top.", zh = "光最后一级就和平表一样大，上面几级是额外的。" } },
        },
        right = { en = "The flat one: {full:size} against {flat:size}. The upper levels are {more:size} on top.", zh = "平表：树要 {full:size}，平表 {flat:size}。上面几级多花 {more:size}。" },
        hints = {
          { en = "How large is the last level of a full tree?", zh = "满树的最后一级有多大？" },
          { en = "It has an entry for each page, as the flat table has.", zh = "每页一项，和平表一样。" },
          { en = "Then count the levels above it.", zh = "再加上它上面的几级。" },
        },
      }
      m.after {
        en = "And the flat one needs one read where the tree takes {levels}. The tree wins because address spaces are nearly empty.",
        zh = "而且平表只读一次，树要读 {levels} 次。树能赢，只因为地址空间几乎是空的。",
      }
    end,

    function(m) -- 8
      m.title { en = "Not how much, but where", zh = "不看多少，看在哪里" }
      m.view "cost"
      local g = m.geometry()
      local r = m.munmap(FAR, REGIONS * reach(m, 0))
      local far = count(r, "table_free")
      local near = m.munmap(NEAR, NEIGHBOURS * g.page)
      m.expect(far, REGIONS * (#g.levels - 1), "all tables of the far pages come back")
      m.bind { far = far, near = count(near, "table_free"), regions = REGIONS, neighbours = NEIGHBOURS }
      m.say {
        en = "Take both back again: first the {regions} far pages, then the {neighbours} neighbours. Watch how many tables go each time.",
        zh = "再把两批都收回：先是远的 {regions} 页，再是挨着的 {neighbours} 页。看看每次还掉几张表。",
      }
      m.card {
        claim = { en = "Page tables grow with the memory a program uses.", zh = "程序用多少内存，页表就占多少。" },
        truth = {
          en = "{regions} pages gave back {far} tables, {neighbours} pages only {near}. What counts is how many different regions are touched. Step back through the events and see them return.",
          zh = "{regions} 页还回 {far} 张表，{neighbours} 页只还 {near} 张。要紧的是碰了多少个不同的区段。一步步往回走，看它们又回来。",
        },
      }
    end,

    function(m) -- 9
      m.title { en = "Turn the scale", zh = "把秤压过来" }
      m.view "cost"
      local p = m.process()
      m.bind { tables = p.tables, rss = p.rss, pt = reach(m, 2) }
      m.say {
        en = "This process pays {tables} tables for {rss} pages of data. brk, mmap, munmap, write: all is yours.",
        zh = "这个进程为 {rss} 页数据养着 {tables} 张表。brk、mmap、munmap、write，随你用。",
      }
      m.task {
        text = {
          en = "Bring it to more pages of data than tables, with at most four writes.",
          zh = "最多写四次，让数据页比页表还多。",
        },
        goal = function(r)
          local now = r.m.process()
          return count(r, "data_write") <= 4 and count(r, "spawned") + count(r, "forked") == 0 and now.rss ~= nil and now.rss > now.tables
        end,
        solution = function(q)
          local out = {}
          for _, area in ipairs(q.process().areas) do
            if area.start >= FAR and area.kind == "mmap" then out[#out + 1] = "munmap " .. hex(area.start) .. " " .. hex(area.size) end
          end
          out[#out + 1] = "munmap " .. hex(LOW + reach(q, 1)) .. " 4K"
          out[#out + 1] = "munmap " .. hex(HIGH) .. " 4K"
          for n = 0, 3 do out[#out + 1] = "write " .. hex(W.inside(q, "heap", n)) .. " 1" end
          return out
        end,
        hints = {
          { en = "Four pages alone will not do: some tables must go.", zh = "光添四页不够，得让一些表走人。" },
          { en = "See Page tables: which of them hold one lonely page? munmap that page. Then write neighbours of what stays.", zh = "看“页表”面板：哪些表只为一页孤零零地留着？munmap 那一页。再写留下那页的邻居。" },
          { en = "Unmap all but the lowest region, then write the four pages of the heap.", zh = "只留最低的那一带，其余全 munmap，再把堆里的四页各写一次。" },
        },
      }
    end,

    step { -- 10
      title = { en = "What you take along", zh = "带走什么" },
      view = "cost",
      bind = function(m)
        local p = m.process()
        return { tables = p.tables, rss = p.rss, bytes = bytes_of_tables(m), flat = W.flat(m) }
      end,
      text = {
        en = "{rss} pages, {tables} tables, {bytes:size}: and never {flat:size}. You can now tell from addresses alone what a page will cost.\n\nOne question to carry on: tables per process, by page. Could one table for the whole machine, by frame, do it?",
        zh = "{rss} 页，{tables} 张表，{bytes:size}，而不是 {flat:size}。现在只看地址，你就说得出一页要花多少。\n\n带走一个问题：每个进程一套表，按页来查。要是整台机器只用一张表，按页框来排，行不行？",
      },
    },
  },
}
