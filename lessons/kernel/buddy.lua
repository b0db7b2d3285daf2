-- The buddy system: blocks of 2^order pages, split in halves to be handed out, merged with the other half when they come back (Knuth, TAOCP 1,
-- 2.5; Silberschatz 10.8.1; Linux mm/page_alloc.c). The kernel itself fills the first of the largest blocks; the story plays in the second.

local ASKED = 100 * 1024 -- what the driver wants, in bytes
local BUFFER = 1         -- the order it gets
local LITTLE = 4 * 1024  -- what the one wants who keeps it
local MORE = 4           -- cards after the second

local function size(m, order)
  return m.geometry().page << order
end

-- The largest block there is, and where the second one begins.
local function whole(m)
  return size(m, m.geometry().max_order)
end

-- The nth block of an order in it.
local function at(m, nth, order)
  return whole(m) + nth * size(m, order or BUFFER)
end

-- Of the merges of an operation the last one says how far it went; without one the block stays what it was.
local function final_order(r)
  local order = find(r, "block_free").order
  for _, e in ipairs(r.events) do
    if e.event == "buddy_merge" then order = e.order end
  end
  return order
end

-- With whom did the first merge happen? The block's address, nil when it stayed alone.
local function partner(r)
  local e = find(r, "buddy_merge")
  return e and e.frame2 * r.m.geometry().page
end

local function largest(m)
  for order = m.geometry().max_order, 0, -1 do
    if m.blocks()[order + 1] > 0 then return size(m, order) end
  end
  return 0
end

local function free_bytes(m)
  return m.free() * m.geometry().page
end

return lesson {
  id = "buddy", part = "allocators",
  title = { en = "Halves that find each other", zh = "会认亲的两半" },
  rows = { "F1" }, machine = "toy64k", minutes = 14,
  steps = {
    function(m) -- 1
      m.title { en = "In a row", zh = "要连成一片" }
      m.view "buddy"
      m.bind { page = m.geometry().page, most = whole(m) }
      m.say {
        en = "Page tables hide that a program's frames are scattered. A network card has no page tables: it wants memory in one piece. How does a kernel find a piece quickly, while memory comes and goes? It keeps blocks of {page:size}, twice that, and so on up to {most:size}, a list for each size.",
        zh = "程序的页框东一个西一个，有页表遮着，看不出来。网卡可没有页表，它要的内存得连成一片。内存不停地借出去、还回来，内核怎么能马上找到一整片？它备着一种种大小的块：{page:size}、翻倍、再翻倍，直到 {most:size}，每种大小一条链表。",
      }
      for order = 1, m.geometry().max_order - 2 do m.alloc(size(m, order)) end
      local top = m.geometry().max_order - 1
      m.ask {
        id = "exact-fit",
        text = { en = "The kernel settles in at the bottom; a last piece of half the largest size is missing. How many blocks must be split for it?", zh = "内核先在低处安顿自己，还差最后一块，大小是最大块的一半。为它要拆几个块？" },
        op = { "alloc", size(m, top) },
        answer = function(r) return count(r, "buddy_split") end,
        wrong = {
          { value = 1, because = { en = "A larger block is cut only when no block of the size itself is on its list.", zh = "自己那条链表上有现成的，就不会去拆更大的块。" } },
          { value = function(r) return r.m.geometry().max_order end, because = { en = "Cut down to single pages and put together again? Blocks stay as large as they can.", zh = "先切成一页页再拼起来？块总是能大就大。" } },
        },
        right = { en = "None: its list holds a block of just that size. Look at the counts.", zh = "一个也不用：那条链表上正好有一块。看看各阶的计数。" },
        hints = {
          { en = "Is there a block of that size already?", zh = "有没有现成的、这么大的块？" },
          { en = "The pane counts the free blocks of each order.", zh = "面板上写着每一阶有几个空闲块。" },
          { en = "One is there. Nothing needs to be cut.", zh = "有一个。用不着拆。" },
        },
      }
      m.bind { free = free_bytes(m) }
      m.after { en = "One free block is left, {free:size} in one piece. Our story plays there.", zh = "现在只剩一个空闲块，{free:size}，完整一片。故事就在这里发生。" }
    end,

    function(m) -- 2
      m.title { en = "A hundred, please", zh = "来一百" }
      m.view "buddy"
      m.bind { asked = ASKED, most = whole(m), page = m.geometry().page, half = whole(m) // 2, top = m.geometry().max_order, order = BUFFER }
      m.say { en = "The card's driver asks for {asked:size}. The only free block has {most:size}.", zh = "网卡驱动来要 {asked:size}。空闲块只有一个，{most:size}。" }
      local r = m.ask {
        id = "how-large",
        text = { en = "How large a block will it get?", zh = "它会拿到多大的块？" },
        op = { "alloc", ASKED },
        format = "size",
        answer = function(q) return find(q, "block_alloc").granted end,
        wrong = {
          { value = ASKED, because = { en = "There is no list for {choice}: only for sizes that double.", zh = "没有哪条链表管 {choice}，大小只能一级级翻倍。" } },
          { value = function(q) return q.m.geometry().page end, because = { en = "One page is too small.", zh = "一页装不下。" } },
          { value = function(q) return whole(q.m) end, because = { en = "That is what is there, but a block can be cut in two, again and again.", zh = "现成的是这么大，可是块能对半切，切了还能再切。" } },
        },
        right = { en = "{answer}: the smallest size on the ladder that holds it.", zh = "{answer}：逐级翻倍的大小里，装得下它的最小一级。" },
        hints = {
          { en = "Which sizes are there at all?", zh = "一共有哪几种大小？" },
          { en = "The smallest that is large enough.", zh = "够用的里面挑最小的。" },
          { en = "One page holds {page:size}. Double it once.", zh = "一页 {page:size}，翻一倍试试。" },
        },
      }
      m.ask {
        id = "how-many-splits",
        text = { en = "How many times must a block be cut in half?", zh = "要对半切几次？" },
        about = r,
        before = { "buddy_split", 1 },
        answer = function(q) return count(q, "buddy_split") end,
        wrong = {
          { value = 1, because = { en = "One cut gives two halves of {half:size}, still far too large.", zh = "切一刀得到两个 {half:size}，还是太大。" } },
          { value = function(q) return q.m.geometry().max_order end, because = { en = "That many would end at a single page. One level less will do.", zh = "切这么多次就剩一页了。少一级就够。" } },
          { value = function(q) return whole(q.m) // size(q.m, BUFFER) - 1 end, because = { en = "So many cuts would mince the whole block. Only one half is cut further, the other stays whole.", zh = "那是把整块剁碎了。每次只切其中一半，另一半完整留着。" } },
        },
        right = { en = "{answer}. Each cut leaves an upper half on the list below: watch them appear.", zh = "{answer} 次。每切一刀，上半块就挂到低一阶的链表：接着看它们一个个出现。" },
        hints = {
          { en = "Cut, look at the size, cut again.", zh = "切一刀，看看大小，再切。" },
          { en = "Each cut goes down one order.", zh = "每切一刀，降一阶。" },
          { en = "From order {top} down to order {order}.", zh = "从 {top} 阶一路降到 {order} 阶。" },
        },
      }
      m.ask {
        id = "how-much-wasted",
        text = { en = "The driver asked for {asked:size}. How much of its block will nobody use?", zh = "驱动只要 {asked:size}。这一块里有多少没人用？" },
        about = r,
        before = "block_alloc",
        format = "size",
        answer = function(q) return find(q, "block_alloc").wasted end,
        wrong = {
          { value = 0, because = { en = "The tail of the block could serve somebody, but no list knows about it.", zh = "块尾那点也许有人要，可是没有一条链表知道它。" } },
          { value = function(q) return size(q.m, BUFFER) - q.m.geometry().page end, because = { en = "A second page was needed, and part of it is used.", zh = "第二页是非要不可的，而且用掉了一部分。" } },
          { value = function(q) return whole(q.m) - ASKED end, because = { en = "The halves that were cut off are not lost: they are on the lists.", zh = "切下来的那些半块没有丢，都在链表上。" } },
        },
        right = { en = "{answer}, inside a block in use: internal fragmentation. At worst it is nearly half.", zh = "{answer}，浪费在用着的块里面：这叫内部碎片。最坏时差不多是一半。" },
        hints = {
          { en = "What does it get, what did it ask for?", zh = "给了多少，要了多少？" },
          { en = "The block belongs to it as a whole.", zh = "整块都归它。" },
          { en = "The block's size minus {asked:size}.", zh = "块的大小减去 {asked:size}。" },
        },
      }
      m.expect(r.value, at(m, 0), "the lowest piece of the block")
    end,

    function(m) -- 3
      m.title { en = "Once more", zh = "再来一次" }
      m.view "buddy"
      m.bind { asked = ASKED, first = at(m, 0), a = at(m, 2), b = at(m, 4), pieces = MORE }
      m.say { en = "A second card wants {asked:size} too. The first block lies at {first:hex}.", zh = "第二块网卡也要 {asked:size}。头一块在 {first:hex}。" }
      m.ask {
        id = "second-block",
        text = { en = "Where will the second block begin?", zh = "第二块从哪里开始？" },
        op = { "alloc", ASKED },
        format = "hex",
        answer = function(r) return r.value end,
        wrong = {
          { value = at(m, 0) + ASKED, because = { en = "Right behind the bytes that were asked for? Blocks begin at multiples of their size.", zh = "紧跟在要来的字节后面？块只能从自身大小的倍数处开始。" } },
          { value = at(m, 1, BUFFER + 1), because = { en = "That one has twice the size: it is cut only when the list of the right size is empty.", zh = "那一块大一倍。合适的那条链表空了，才轮到切它。" } },
          { value = at(m, 1, m.geometry().max_order - 1), because = { en = "From the largest block? The smallest that fits is taken; large ones are precious.", zh = "从最大的里面切？够用就拿最小的，大块要留着。" } },
        },
        right = { en = "{answer}: the other half of the last cut, taken without any cut.", zh = "{answer}：最后一刀切下的另一半，这回一刀都不用。" },
        hints = {
          { en = "What did the last cut leave over?", zh = "最后那一刀剩下了什么？" },
          { en = "Its list has one block now.", zh = "那条链表上现在有一块。" },
          { en = "The neighbour of the first block, one block size on.", zh = "头一块的邻居，往后挪一个块的大小。" },
        },
      }
      for _ = 1, MORE do m.alloc(ASKED) end
      local one, two = m.release(at(m, 2)), m.release(at(m, 4))
      m.expect(count(one, "buddy_merge") + count(two, "buddy_merge"), 0, "their buddies are in use")
      m.after { en = "{pieces} more cards came, then the blocks at {a:hex} and {b:hex} went back. Each is free, and each stayed alone. Remember these two.", zh = "后来又来了 {pieces} 块网卡，接着 {a:hex} 和 {b:hex} 处的块还了回来。两块都空闲，却都独自待着。记住它们俩。" }
    end,

    function(m) -- 4
      m.title { en = "Left or right?", zh = "左邻还是右邻" }
      m.view "buddy"
      local mine = at(m, 3)
      m.bind { mine = mine, most = whole(m), inside = mine - whole(m), size = size(m, BUFFER) }
      m.say { en = "The block between the two, {mine:hex}, comes back. Its left and its right neighbour are free, and both have its size, {size:hex}. Counted from the start of the {most:size} block it lies at {inside:hex}.", zh = "夹在那两块中间的 {mine:hex} 还回来了。左邻右邻都空闲，大小也和它一样，都是 {size:hex}。从所在的 {most:size} 大块开头算起，它在 {inside:hex}。" }
      local r = m.ask {
        id = "which-buddy",
        text = { en = "With which one does it merge?", zh = "它和哪一块合并？" },
        op = { "release", mine },
        before = "block_free",
        format = "hex",
        answer = partner,
        wrong = {
          { quirk = "buddy-by-adding", because = { en = "Address plus size gives the right neighbour, but these two were never one block. Together they would begin at no multiple of their size.", zh = "地址加大小得到的是右邻，可它俩从来不是同一块切出来的。拼起来的开头也不是自身大小的倍数。" } },
          { value = { en = "both", zh = "两块都并" }, because = { en = "Three blocks of one size: no power of two, no list for that.", zh = "三块同样大小，不是 2 的幂，没有链表收它。" } },
          { value = { en = "neither", zh = "都不并" }, because = { en = "One of them is the other half of the cut that made it, and it is free.", zh = "其中一块正是当初切开时的另一半，而且空闲着。" } },
        },
        right = { en = "{answer}. Turn over the one bit that is the size: address XOR size. That finds the other half at once.", zh = "{answer}。把代表大小的那一位翻过来：地址异或大小，一步就找到另一半。" },
        hints = {
          { en = "Which two were cut out of one block? See the tree.", zh = "哪两块是同一块切出来的？看那棵树。" },
          { en = "A block of twice the size begins at a multiple of twice the size.", zh = "大一倍的块，开头是两倍大小的倍数。" },
          { en = "{inside:hex} XOR {size:hex}.", zh = "{inside:hex} 异或 {size:hex}。" },
        },
      }
      m.ask {
        id = "how-far",
        text = { en = "Which order does the block have in the end?", zh = "合并到最后是几阶？" },
        about = r,
        before = "buddy_merge",
        answer = final_order,
        wrong = {
          { quirk = "never-merges", because = { en = "As if nothing was put together. Then large blocks would be gone for good after one busy hour.", zh = "好像什么都没拼回去。那样忙上一阵，大块就永远没有了。" } },
          { value = function(q) return final_order(q) + 1 end, because = { en = "The buddy of the merged block is itself in pieces, and they are in use.", zh = "合并后那一块的伙伴自己还碎着，而且都在用。" } },
          { value = function(q) return q.m.geometry().max_order end, because = { en = "It stops at the first buddy that is not wholly free.", zh = "碰到第一个没有整块空闲的伙伴就停下。" } },
        },
        right = { en = "Order {answer}. The next buddy is in use: no further.", zh = "{answer} 阶。再上面的伙伴还有人用，到此为止。" },
        hints = {
          { en = "After a merge the kernel asks again, one order up.", zh = "合并一次，内核就在高一阶再问一次。" },
          { en = "Who is the buddy of the merged block, and is all of it free?", zh = "合并出来的块，伙伴是谁？整块都空着吗？" },
          { en = "The two blocks at the start are in use.", zh = "最前面的两块还在用。" },
        },
      }
      m.expect(partner(r), whole(m) + (mine - whole(m) ~ size(m, BUFFER)), "address XOR size, relative to the largest block")
    end,

    function(m) -- 5
      m.title { en = "All the way up", zh = "一路向上" }
      m.view "buddy"
      m.bind { last = at(m, 0) }
      m.say { en = "The others come back too. At last only {last:hex} is in use, then it is returned as well.", zh = "其余的也陆续还回来。最后只剩 {last:hex} 还在用，现在它也要还了。" }
      m.release(at(m, 5))
      m.release(at(m, 1))
      local r = m.ask {
        id = "up-to",
        text = { en = "Up to which order do the merges go?", zh = "一连串合并能到几阶？" },
        op = { "release", at(m, 0) },
        answer = final_order,
        wrong = {
          { quirk = "never-merges", because = { en = "It would stay what it was. But its buddy waits on the list.", zh = "那它就一直这么小。可它的伙伴正在链表上等着。" } },
          { value = BUFFER + 1, because = { en = "One merge, and then? The kernel asks again at every order.", zh = "并一次就完了？每升一阶，内核都会再问一遍。" } },
          { value = m.geometry().max_order - 1, because = { en = "The last half is free as well.", zh = "最后那一半也空着呢。" } },
        },
        right = { en = "Order {answer}, the largest: as many merges as there were cuts.", zh = "{answer} 阶，到顶了：当初切了几刀，现在就并几次。" },
        hints = {
          { en = "Is anybody else left in this block?", zh = "这一大块里还有别人吗？" },
          { en = "At every order the other half is free.", zh = "每一阶的另一半都是空闲的。" },
          { en = "It only stops where there is no larger order.", zh = "一直到没有更高的阶为止。" },
        },
      }
      m.ask {
        id = "bytes-moved",
        text = { en = "And how many bytes are copied for all these merges?", zh = "这一连串合并，一共要复制多少字节？" },
        about = r,
        before = "buddy_merge",
        format = "size",
        answer = function(q) return count(q, "frame_copied") * q.m.geometry().page end,
        wrong = {
          { value = function(q) return size(q.m, BUFFER) end, because = { en = "The block is free: nobody needs its bytes any more.", zh = "那一块已经空闲，里面的字节没人要了。" } },
          { value = function(q) return whole(q.m) // 2 end, because = { en = "The halves lie side by side already. Nothing has to be brought together.", zh = "两半本来就紧挨着，用不着搬到一起。" } },
          { value = function(q) return whole(q.m) end, because = { en = "That would be tidying up memory. Only entries of lists change.", zh = "那是整理内存。这里变的只是链表。" } },
        },
        right = { en = "{answer}. A merge takes two names off one list and writes one on the next.", zh = "{answer}。合并只是从一条链表划掉两个名字，在上一阶添一个。" },
        hints = {
          { en = "Who has bytes in a free block?", zh = "空闲块里有谁的字节？" },
          { en = "Buddies are neighbours. What would be carried where?", zh = "伙伴本来相邻，能从哪儿搬到哪儿？" },
          { en = "No event copies a frame.", zh = "没有一个事件是复制页框。" },
        },
      }
      m.expect(largest(m), whole(m), "one piece again")
      m.bind { merges = count(r, "buddy_merge") }
      m.after { en = "{merges} merges: nobody would guess that this block was ever in pieces.", zh = "并了 {merges} 次：谁也看不出它曾经碎过。" }
    end,

    function(m) -- 6
      m.title { en = "What moved?", zh = "搬了什么？" }
      m.view "log"
      m.bind { page = m.geometry().page, most = whole(m) }
      m.say { en = "The proof: a single page is cut out of the {most:size} and given back. Look for an event that copies anything.", zh = "证据：从 {most:size} 里切出一页，再还回去。找找看，哪个事件复制过东西。" }
      local taken = m.alloc(m.geometry().page)
      local r = m.release(taken.value)
      m.bind { merges = count(r, "buddy_merge"), copies = count(r, "frame_copied") }
      m.card {
        claim = { en = "Merging buddies into ever larger blocks is called compaction.", zh = "伙伴不断合并成大块，叫做 compaction。" },
        truth = {
          en = "It is coalescing: {merges} merges, {copies} copies, and only free blocks. Compaction moves pages in use out of the way. The buddy system never does.",
          zh = "那叫合并（coalescing）：合并 {merges} 次，复制 {copies} 次，动的只是空闲块。compaction 是规整，把在用的页搬开腾地方。伙伴系统从不这么做。",
        },
      }
    end,

    function(m) -- 7
      m.title { en = "Enough, and yet", zh = "明明够用" }
      m.view "buddy"
      local quarter = size(m, m.geometry().max_order - 2)
      local block = {}
      for i = 1, 4 do block[i] = m.alloc(quarter).value end
      m.release(block[1])
      m.release(block[3])
      m.bind { quarter = quarter, free = free_bytes(m), half = whole(m) // 2 }
      m.say { en = "Four requests of {quarter:size} fill the block; the first and the third come back. Free: {free:size}. Now somebody asks for {half:size}.", zh = "四个 {quarter:size} 的请求把它占满，第一块和第三块又还了回来。空闲：{free:size}。这时有人来要 {half:size}。" }
      local r = m.ask {
        id = "enough-and-yet",
        text = { en = "What does the kernel do?", zh = "内核会怎么办？" },
        op = { "alloc", whole(m) // 2 },
        answer = function(q) return q.kind == "error" and "fails" or "gives" end,
        words = {
          fails = { en = "it says: out of memory", zh = "回答：内存不足" },
          gives = { en = "it hands out both free pieces", zh = "把两块空闲的一起给出去" },
        },
        wrong = {
          { value = "gives", because = { en = "They do not touch. The card would run into somebody else's memory between them.", zh = "它们不挨着。网卡一路写过去，就写进了中间别人的内存。" } },
          { value = { en = "it moves a block to make room", zh = "挪走一块，腾出地方" }, because = { en = "A card already knows the block's physical address. The buddy system moves nothing.", zh = "网卡手里握着那块的物理地址，挪不得。伙伴系统什么也不搬。" } },
          { value = { en = "it merges the two free pieces", zh = "把两块空闲的合并" }, because = { en = "Each has another buddy, and that one is in use.", zh = "它们各有各的伙伴，而伙伴都在用。" } },
        },
        right = { en = "It fails with as much free as was asked for. That is external fragmentation.", zh = "空闲的和要的一样多，还是失败。这就是外部碎片。" },
        hints = {
          { en = "Is it one piece?", zh = "是完整的一片吗？" },
          { en = "Two buddies merge only if both are free.", zh = "两个伙伴都空闲才会合并。" },
          { en = "Each free piece sits beside a used one.", zh = "每块空闲的旁边都是在用的。" },
        },
      }
      m.expect(r.error, "ENOMEM", "no block of that order")
      m.release(block[2])
      m.release(block[4])
    end,

    function(m) -- 8
      m.title { en = "A single page", zh = "只占一页" }
      m.view "buddy"
      m.bind { most = whole(m), page = m.geometry().page, little = LITTLE }
      m.say { en = "All is back in one piece of {most:size}. Somebody asks for {little:size}, gets one page of {page:size}, and keeps it.", zh = "又是完整的一片 {most:size}。有人来要 {little:size}，拿走一页 {page:size}，迟迟不还。" }
      m.ask {
        id = "one-page",
        text = { en = "How large is the largest block that is left?", zh = "剩下的最大一块有多大？" },
        op = { "alloc", LITTLE },
        format = "size",
        answer = function(r) return largest(r.m) end,
        wrong = {
          { value = function(r) return free_bytes(r.m) end, because = { en = "So much is free, but not as one block: that is no power of two.", zh = "空闲的是这么多，但不是一块：它不是 2 的幂。" } },
          { value = function(r) return whole(r.m) end, because = { en = "A page less is a page less: the block had to be cut.", zh = "少一页也是少，整块不得不切开。" } },
          { value = function(r) return whole(r.m) // 4 end, because = { en = "The first cut already left a half that nobody touched.", zh = "第一刀切下的那一半，没有人碰过。" } },
        },
        right = { en = "{answer}: half of it, because of one page.", zh = "{answer}：就为一页，只剩一半。" },
        hints = {
          { en = "What does the first cut leave?", zh = "第一刀切完剩下什么？" },
          { en = "The upper halves stay whole, one of each size.", zh = "每次的上半块都完整，每种大小一块。" },
          { en = "The largest of them is half of {most:size}.", zh = "其中最大的是 {most:size} 的一半。" },
        },
      }
    end,

    function(m) -- 9
      m.title { en = "Bounded, not solved", zh = "压得住，除不掉" }
      m.view "buddy"
      m.bind { most = whole(m), free = m.free(), all = 1 << m.geometry().max_order }
      m.say { en = "The proof: with {free} of {all} pages free, somebody asks for {most:size}. Only then the one page is given back.", zh = "证据：{all} 页里空着 {free} 页，有人来要 {most:size}。那一页要到后来才还。" }
      local r = m.alloc(whole(m))
      m.expect(r.error, "ENOMEM", "one page in use defeats the largest order")
      m.release(at(m, 0))
      m.card {
        claim = { en = "The buddy system solves external fragmentation.", zh = "伙伴系统解决了外部碎片。" },
        truth = {
          en = "It keeps it in bounds. One page in use within every block of an order, and that order cannot be had, however much is free.",
          zh = "它只是把碎片压住。某一阶的每个块里只要各钉住一页，不管空着多少，这一阶就一块也要不到。",
        },
      }
    end,

    function(m) -- 10
      m.title { en = "Side by side", zh = "挨着就行吗" }
      m.view "buddy"
      for _ = 1, 4 do m.alloc(size(m, BUFFER)) end
      m.release(at(m, 1))
      m.bind { free = at(m, 1), mine = at(m, 2), next = at(m, 3), size = size(m, BUFFER) }
      m.say { en = "Four blocks of {size:size} in a row. The second, {free:hex}, is free. Now the third, {mine:hex}, comes back: two free blocks of one size, side by side.", zh = "四块 {size:size} 排成一排。第二块 {free:hex} 已经空闲，现在第三块 {mine:hex} 也还回来：两块一样大，紧挨着，都空闲。" }
      local r = m.ask {
        id = "side-by-side",
        text = { en = "With whom does it merge?", zh = "它和谁合并？" },
        op = { "release", at(m, 2) },
        answer = function(q)
          local pa = partner(q)
          return pa and hex(pa) or "alone"
        end,
        words = { alone = { en = "with nobody", zh = "谁也不" } },
        wrong = {
          { quirk = "wrong-buddy", because = { en = "The left neighbour is free, but it belongs to another pair. The union would begin where no block of its order may.", zh = "左邻是空闲，可它属于另一对。并起来的开头，不是这一阶的块可以开始的地方。" } },
          { value = hex(at(m, 3)), because = { en = "That is its buddy, but it is in use.", zh = "那是它的伙伴，可是还在用。" } },
        },
        right = { en = "With nobody. A buddy is one certain block; a free neighbour is not enough.", zh = "谁也不。伙伴是指定的那一块，光挨着不算。" },
        hints = {
          { en = "Which two were cut out of one?", zh = "谁和谁是一块切出来的？" },
          { en = "{mine:hex} XOR {size:hex}.", zh = "{mine:hex} 异或 {size:hex}。" },
          { en = "That gives {next:hex}. Is it free?", zh = "得到 {next:hex}。它空闲吗？" },
        },
      }
      m.expect(count(r, "buddy_merge"), 0, "its buddy is in use")
    end,

    function(m) -- 11
      m.title { en = "A broken kernel", zh = "坏掉的内核" }
      m.view "buddy"
      m.bind { size = size(m, BUFFER), mine = at(m, 2) }
      m.say {
        en = [[What if a kernel took any left neighbour? Press : and type in turn

          set wrong-buddy on

          alloc {size:size}

          release {mine:hex}

          check

          B2 is broken. Hunt it: [ goes an operation back, check again. Esc returns.]],
        zh = [[要是内核见了左邻就合并呢？按 : 依次输入

          set wrong-buddy on

          alloc {size:size}

          release {mine:hex}

          check

          B2 破了。往回追：[ 退一步操作，再 check。Esc 回来。]],
      }
    end,

    function(m) -- 12
      m.title { en = "Half free, and nothing to be had", zh = "空着一半，却给不出" }
      m.view "buddy"
      m.release(at(m, 0))
      m.release(at(m, 3))
      local order = m.geometry().max_order - 2
      m.bind { order = order, size = size(m, order), half = whole(m) // 2, free = free_bytes(m) }
      m.say { en = "In the story the kernel is sound. The last two blocks come back: {free:size} free in one piece. Your turn: alloc SIZE, release ADDRESS.", zh = "故事里的内核好好的。最后两块也还回来：{free:size}，完整空闲。轮到你了：alloc 大小，release 地址。" }
      m.task {
        text = { en = "Break memory up: {half:size} or more must be free while a request for {size:size} (order {order}) fails.", zh = "把内存弄碎：空闲的至少有 {half:size}，要 {size:size}（{order} 阶）却失败。" },
        goal = function(r)
          local failed = false
          for _, e in ipairs(r.events) do
            if e.event == "no_memory" and e.order == order then failed = true end
          end
          return failed and largest(r.m) < size(r.m, order) and free_bytes(r.m) * 2 >= whole(r.m)
        end,
        solution = function(q)
          local lines, piece = {}, size(q, order - 1)
          local pieces = whole(q) // piece
          for i = 1, pieces do lines[i] = "alloc " .. piece end
          for i = 0, pieces - 1, 2 do lines[#lines + 1] = "release " .. hex(at(q, i, order - 1)) end
          lines[#lines + 1] = "alloc " .. size(q, order)
          return lines
        end,
        hints = {
          { en = "Which free blocks cannot merge?", zh = "什么样的空闲块没法合并？" },
          { en = "Those whose buddy is in use. One used piece in every {size:size} is enough.", zh = "伙伴还在用的。每 {size:size} 里留一小块不还就够了。" },
          { en = "Fill memory with blocks of half that size, give every second one back, then ask.", zh = "用一半大小的块占满，隔一块还一块，然后再要。" },
        },
      }
    end,

    step { -- 13
      title = { en = "What you take along", zh = "带走什么" },
      view = "buddy",
      bind = function(m)
        return { free = free_bytes(m), largest = largest(m), page = m.geometry().page }
      end,
      text = {
        en = "{free:size} free, the largest block {largest:size}. You can now find any block's buddy with one XOR, and say what a request costs and why it fails.\n\nOne question to carry on: the kernel's own records have a hundred bytes or so. Does each of them really take {page:size}?",
        zh = "空闲 {free:size}，最大的块 {largest:size}。现在你能用一次异或找到任何一块的伙伴，说得出一个请求要付什么代价，又为什么会失败。\n\n带着一个问题继续：内核自己的记录只有百来个字节。难道每条都要占掉 {page:size}？",
      },
    },
  },
}
