-- Copy on write: fork shares every page and takes the right to write from both; the first to write gets a copy (OSTEP 23; SDM vol. 3A, 4.7 for
-- the error code). The pages lie at the start of the heap, so every step finds them again.

local SHOWN = 0x41 -- what the parent writes before fork

-- A few bytes into the nth page of the heap.
local function inside(m, nth, pid)
  for _, a in ipairs(m.process(pid).areas) do
    if a.kind == "heap" then return a.start + nth * m.geometry().page + 0x10 end
  end
end

-- The two of the first fork: the eldest process and its child.
local function family(m)
  local all = m.pids()
  return all[1], all[2]
end

local function frame_of(m, va, pid)
  return m.walk(va, { pid = pid }).frame
end

local function data_frames(r)
  local n = 0
  for _, e in ipairs(r.events) do
    if e.event == "frame_alloc" and e.use ~= "a page table" then n = n + 1 end
  end
  return n
end

local WHO = {
  parent = { en = "the parent", zh = "父进程" },
  child = { en = "the child", zh = "子进程" },
  both = { en = "both", zh = "两者都是" },
  neither = { en = "neither", zh = "两者都不" },
}

return lesson {
  id = "cow", part = "faults",
  title = { en = "Whoever writes gets the copy", zh = "谁写，谁得副本" },
  rows = { "D9", "B18", "A7" }, gifts = { "uniform", "protection" }, needs = { "demand-paging" }, machine = "x86-64", minutes = 12,
  steps = {
    function(m) -- 1
      m.title { en = "Too cheap", zh = "便宜得可疑" }
      m.view "layout"
      m.say {
        en = "A process of many gigabytes calls fork, and in a moment there are two of it. Copying would have taken seconds, and the memory was not even free. What is the trick? First, somebody with something to lose.",
        zh = "一个占着许多内存的进程调用 fork，转眼就变成两个。真要复制，得花上好几秒，空闲内存也未必够。诀窍在哪里？先造一个有点家底的进程。",
      }
      m.spawn()
      for nth = 0, 2 do m.write(inside(m, nth), SHOWN + nth) end
      m.bind { rss = m.process().rss, pid = m.pid() }
      m.after { en = "Process {pid} owns {rss} pages of data.", zh = "进程 {pid} 有 {rss} 页自己的数据。" }
    end,

    function(m) -- 2
      m.title { en = "Now fork", zh = "现在 fork" }
      m.view "frames"
      local rss, va, parent = m.process().rss, inside(m, 0), m.pid()
      m.bind { rss = rss, va = va }
      m.say { en = "The process calls fork: a child shall have the same {rss} pages at the same addresses.", zh = "进程调用 fork：子进程在同样的地址上要有同样的 {rss} 页。" }
      local r = m.ask {
        id = "frames-for-data",
        text = { en = "How many frames of data does the child get?", zh = "子进程得到几个存数据的页框？" },
        op = { "fork" },
        answer = data_frames,
        wrong = {
          { quirk = "fork-copies-all", because = { en = "The first Unixes did that. But a child often calls exec at once and throws the copies away.", zh = "最早的 Unix 确实如此。可子进程常常马上就 exec，副本全白做了。" } },
          { value = function(q) return count(q, "frame_alloc") end, because = { en = "That many frames are taken, but for page tables, not for data.", zh = "内核的确会取这么多页框，但那是页表，不是数据。" } },
          { value = 1, because = { en = "One to start with? Nobody knows yet which page will be needed.", zh = "先给一个？谁也不知道以后会用到哪一页。" } },
        },
        right = { en = "{answer}. Only page tables are new; their entries name the parent's frames.", zh = "{answer} 个。新的只有页表，里面写的是父进程的页框。" },
        hints = {
          { en = "What differs between parent and child now?", zh = "此刻父子之间有什么不同？" },
          { en = "Equal bytes can stay in one place.", zh = "内容相同，放一处就够。" },
          { en = "Only the tables are copied.", zh = "复制的只有页表。" },
        },
      }
      m.ask {
        id = "who-may-write",
        text = { en = "The kernel now changes the parent's entry. After fork, who may write the page directly?", zh = "内核正要改父进程的页表项。fork 之后，谁可以直接写这一页？" },
        about = r,
        before = "entry_write",
        answer = function(q)
          local p, c = q.m.walk(va, { pid = parent }).flags.writable, q.m.walk(va, { pid = q.value }).flags.writable
          return p and c and "both" or p and "parent" or c and "child" or "neither"
        end,
        words = WHO,
        wrong = {
          { quirk = "fork-leaves-writable", because = { en = "Then each would see what the other writes: that is a thread, not a process.", zh = "那样彼此会看见对方写的东西，那是线程，不是进程。" } },
          { value = "parent", because = { en = "Older rights do not help: the child would see the parent's writes.", zh = "先来也没有特权：否则子进程会看见父进程写的东西。" } },
          { value = "child", because = { en = "And the parent would find the child's bytes in its memory.", zh = "那父进程的内存里就会冒出子进程写的字节。" } },
        },
        right = { en = "Neither. The areas still say rw, the entries only r: the kernel wants to be asked.", zh = "谁都不行。区域里仍是可读可写，页表项却只读：内核要等人来问。" },
        hints = {
          { en = "What may never be seen by the other one?", zh = "什么东西绝不能让对方看见？" },
          { en = "A fault is how the kernel learns of a write in time.", zh = "只有缺页，才能让内核及时知道有人要写。" },
          { en = "The W bit goes off on both sides.", zh = "两边的 W 位都会清掉。" },
        },
      }
      m.expect(data_frames(r), 0, "fork takes no frame for data")
      m.bind { tables = count(r, "table_alloc") }
      m.after { en = "The price of fork: {tables} page tables.", zh = "fork 的价钱：{tables} 张页表。" }
    end,

    function(m) -- 3
      m.title { en = "Same number", zh = "同一个地址" }
      m.view "tree"
      local va = inside(m, 0)
      local _, child = family(m)
      m.bind { va = va, frame = m.walk(va).frame }
      m.say { en = "In the parent, {va:hex} lies in frame {frame:label}. Now the child runs and reads the same {va:hex}.", zh = "在父进程里，{va:hex} 位于页框 {frame:label}。现在换子进程运行，也读 {va:hex}。" }
      m.switch(child)
      m.ask {
        id = "same-number",
        text = { en = "Which physical address answers?", zh = "回应它的是哪个物理地址？" },
        op = { "read", va },
        before = "translated",
        answer = function(r) return r.pa end,
        format = "hex",
        wrong = {
          { value = function(r) return r.m.process().root + offset(va) end, because = { en = "That is the child's own root table. Tables are its own, data is not.", zh = "那是子进程自己的根表。页表归自己，数据还不是。" } },
          { value = function(r) return r.pa + r.m.geometry().page end, because = { en = "A frame of its own, you think. Nobody has written yet: one is enough.", zh = "你以为它有了自己的页框。还没有人写过，一个就够。" } },
          { value = va, because = { en = "A virtual address is no place in memory, whoever uses it.", zh = "虚拟地址不是内存里的位置，谁用都一样。" } },
        },
        right = { en = "{answer}, the parent's. Same virtual address, same frame, two trees that lead to it.", zh = "{answer}，和父进程一样。同一个虚拟地址，同一个页框，两棵页表树都通到这里。" },
        hints = {
          { en = "What did fork copy, and what not?", zh = "fork 复制了什么，没复制什么？" },
          { en = "The child's tables are new, their last entries are not.", zh = "子进程的页表是新的，最后一级的内容却不是。" },
          { en = "Frame {frame:label}, then the last three digits of {va:hex}.", zh = "页框 {frame:label}，后面接 {va:hex} 的最后三位。" },
        },
      }
      m.bind { maps = m.frame(m.walk(va).frame).maps }
      m.after { en = "{maps} entries name this frame.", zh = "有 {maps} 个页表项指向这个页框。" }
    end,

    function(m) -- 4
      m.title { en = "The parent writes", zh = "父进程来写" }
      m.view "tree"
      local va = inside(m, 0)
      local parent, child = family(m)
      local old = frame_of(m, va, parent)
      m.bind { va = va, old = old }
      m.say { en = "The parent again. It writes one byte at {va:hex}; both still use frame {old:label}.", zh = "轮到父进程。它往 {va:hex} 写一个字节；眼下两边都用页框 {old:label}。" }
      m.switch(parent)
      local r = m.ask {
        id = "error-code",
        text = { en = "The write faults. With which error code?", zh = "这次写会缺页。错误码是多少？" },
        op = { "write", va, 0x58, { size = 1 } },
        before = "page_fault",
        answer = function(q) return q.event and q.event.error end,
        wrong = {
          { value = 6, because = { en = "P is missing in {choice}: it says nothing is there. But the page is there.", zh = "{choice} 缺了 P 位，意思是什么都没有。可是页在那里。" } },
          { value = 5, because = { en = "W is missing in {choice}: that is a read, and reading is allowed.", zh = "{choice} 缺了 W 位，那是读。读是允许的。" } },
          { value = 3, because = { en = "U is missing in {choice}: the kernel did not write here, the program did.", zh = "{choice} 缺了 U 位，那是内核在写。这里写的是程序。" } },
        },
        right = { en = "{error} = {errbits}: present, a write, by the user. No right, though the page is there.", zh = "{error} = {errbits}：页存在，是写，来自用户态。页在，权限不在。" },
        hints = {
          { en = "Is the page there or not?", zh = "这一页在不在？" },
          { en = "P counts 1, write 2, user 4.", zh = "P 是 1，写是 2，用户态是 4。" },
          { en = "All three hold: add them.", zh = "三条都成立，加起来。" },
        },
      }
      m.ask {
        id = "who-gets-the-copy",
        text = { en = "The frame has two owners. Who will move to the new frame?", zh = "这个页框有两个使用者。谁会搬到新页框去？" },
        about = r,
        before = "cow_copy",
        answer = function(q)
          local p, c = frame_of(q.m, va, parent) ~= old, frame_of(q.m, va, child) ~= old
          return p and c and "both" or p and "parent" or c and "child" or "neither"
        end,
        words = WHO,
        wrong = {
          { quirk = "other-gets-the-copy", because = { en = "Many texts say so: the parent keeps, the child gets the copy. But the kernel would have to change the tables of one who did nothing.", zh = "不少文章这么写：父进程留原来的，子进程得副本。可那样内核就得去改一个什么都没做的进程的页表。" } },
          { value = "both", because = { en = "One copy is enough to part two.", zh = "要分开两个，一份副本就够。" } },
          { value = "neither", because = { en = "Then the child would read what the parent wrote.", zh = "那子进程就会读到父进程写的东西。" } },
        },
        right = { en = "Whoever writes. Here that is the parent; the child notices nothing.", zh = "谁写谁搬。这次是父进程；子进程毫无察觉。" },
        hints = {
          { en = "Who is stopped in the middle of an instruction?", zh = "是谁停在了一条指令中间？" },
          { en = "The kernel mends the entry that faulted.", zh = "内核修的是引起缺页的那一项。" },
          { en = "The fault came from the writer.", zh = "缺页来自写的那一方。" },
        },
      }
      m.expect(find(r, "page_fault").error, 7, "a write to a present page by the user")
      m.expect(count(r, "frame_copied"), 1, "one copy")
      m.bind { mine = frame_of(m, va, parent), theirs = frame_of(m, va, child) }
      m.after { en = "Parent: {mine:label}. Child: {theirs:label}.", zh = "父进程：{mine:label}。子进程：{theirs:label}。" }
    end,

    function(m) -- 5
      m.title { en = "The one left behind", zh = "留下的那一个" }
      m.view "tree"
      local va = inside(m, 0)
      local _, child = family(m)
      local frame = frame_of(m, va, child)
      m.bind { va = va, frame = frame }
      m.say { en = "Now the child writes the same page. Its frame {frame:label} has only one owner left.", zh = "现在子进程也来写这一页。它的页框 {frame:label} 只剩一个使用者了。" }
      m.switch(child)
      local r = m.ask {
        id = "faults-of-the-last",
        text = { en = "How many page faults?", zh = "会缺页几次？" },
        op = { "write", va, 0x59, { size = 1 } },
        answer = function(q) return q.faults end,
        wrong = {
          { value = 0, because = { en = "The MMU reads entries, not owners. Nobody told this entry that the other has left.", zh = "MMU 只看页表项，不看使用者。另一方走了，这一项并不知道。" } },
          { value = 2, because = { en = "A fault, a mended entry, a second try: it succeeds.", zh = "缺页一次，修好页表项，再试就成功了。" } },
        },
        right = { en = "{answer}. The entry is read-only until somebody asks.", zh = "{answer} 次。没人来问，页表项就一直只读。" },
        hints = {
          { en = "What does the entry say?", zh = "页表项上写着什么？" },
          { en = "The parent's fault mended the parent's entry only.", zh = "父进程的那次缺页，只修了父进程的页表项。" },
          { en = "W is off, so the write must stop.", zh = "W 位还没开，写就得停下。" },
        },
      }
      m.ask {
        id = "copies-of-the-last",
        text = { en = "And how many copies will the kernel make?", zh = "那内核会复制几次？" },
        about = r,
        before = "cow_reuse",
        answer = function(q) return count(q, "frame_copied") end,
        wrong = {
          { quirk = "last-owner-copies", because = { en = "For whom would the old one be kept? Nobody else reads it.", zh = "旧的那份留给谁？已经没有别人在读它了。" } },
          { value = 2, because = { en = "One for each write so far, you think. That first one is done.", zh = "你想的是每写一次就复制一次。第一次那份早就做完了。" } },
        },
        right = { en = "{answer}. The last owner just gets its right to write back.", zh = "{answer} 次。最后的使用者直接拿回写的权限。" },
        hints = {
          { en = "Whom would a copy protect?", zh = "复制一份，是为了保护谁？" },
          { en = "The kernel counts the owners of each frame.", zh = "内核记着每个页框有几个使用者。" },
          { en = "One owner: nothing to part.", zh = "只剩一个使用者，没有什么要分开。" },
        },
      }
      m.expect(r.faults, 1, "the last owner faults once")
      m.expect(count(r, "frame_copied"), 0, "and copies nothing")
    end,

    function(m) -- 6
      m.title { en = "Your hands", zh = "你来动手" }
      m.view "frames"
      local parent, child = family(m)
      m.bind { a = inside(m, 1), b = inside(m, 2), parent = parent, child = child }
      m.say { en = "Two pages are still shared: at {a:hex} and at {b:hex}. switch {parent} lets the parent run, switch {child} the child.", zh = "还有两页是共享的：{a:hex} 和 {b:hex}。switch {parent} 让父进程运行，switch {child} 让子进程运行。" }
      m.task {
        text = { en = "Make exactly one more copy, and then a write that faults but copies nothing.", zh = "再造成恰好一次复制，然后让另一次写缺页却不复制。" },
        goal = function(r)
          return count(r, "frame_copied") == 1 and count(r, "page_fault") == 2 and count(r, "cow_reuse") == 1
        end,
        solution = function(q)
          local va = hex(inside(q, 1))
          return { "write " .. va .. " 1", "switch " .. family(q), "write " .. va .. " 2" }
        end,
        hints = {
          { en = "Who copies, and who comes second?", zh = "谁复制？谁是后来的？" },
          { en = "The first writer of a shared page copies; the second is alone.", zh = "共享页的第一个写者要复制，第二个已经是独自一人。" },
          { en = "write {a:hex}, switch to the other, write {a:hex} again.", zh = "write {a:hex}，switch 到另一个，再 write {a:hex}。" },
        },
      }
    end,

    function(m) -- 7
      m.title { en = "The other way round", zh = "反过来" }
      m.view "frames"
      local va = inside(m, 2)
      local parent, child = family(m)
      local old = frame_of(m, va, parent)
      m.bind { va = va, old = old }
      m.say { en = "A page that both still share: {va:hex}, frame {old:label}. This time the child writes first.", zh = "还有一页两边共享：{va:hex}，页框 {old:label}。这一次，子进程先写。" }
      m.switch(child)
      m.ask {
        id = "child-first",
        text = { en = "Who keeps the old frame?", zh = "旧页框留给谁？" },
        op = { "write", va, 0x5a, { size = 1 } },
        before = "cow_copy",
        answer = function(q) return frame_of(q.m, va, parent) == old and "parent" or "child" end,
        words = WHO,
        wrong = {
          { quirk = "other-gets-the-copy", because = { en = "The writer is the one who moves, parent or child.", zh = "搬走的是写的那一方，不论父子。" } },
          { value = { en = "nobody: it becomes free", zh = "谁也不留，它变成空闲" }, because = { en = "Somebody still reads it: it keeps an owner.", zh = "还有人要读它，它还有一个使用者。" } },
        },
        right = { en = "The parent: it did not write. Parent and child play no role, only writing does.", zh = "父进程：它没有写。与父子身份无关，只看谁写。" },
        hints = {
          { en = "Whose instruction stops this time?", zh = "这次停下的是谁的指令？" },
          { en = "The writer moves out.", zh = "谁写，谁搬走。" },
          { en = "The other one stays where it was.", zh = "另一个留在原处。" },
        },
      }
      m.expect(frame_of(m, va, parent), old, "the parent keeps the frame")
    end,

    step { -- 8
      title = { en = "Both ways", zh = "两种情形" },
      view = "log",
      text = { en = "You have seen two writes to two shared pages. In a book you may find this sentence:", zh = "两个共享页，两次写，你都看过了。书上却可能这样写：" },
      card = {
        claim = { en = "After fork the parent keeps its pages and the child gets the copies.", zh = "fork 之后，父进程保留原来的页，子进程用副本。" },
        truth = { en = "Page by page, whoever writes moves out. F goes back fault by fault: to the child's turn, on to the parent's.", zh = "一页一页来，谁写谁搬。按 F 逐次缺页往回看：先是子进程那次，再往前是父进程那次。" },
      },
    },

    function(m) -- 9
      m.title { en = "Meant to be shared", zh = "存心共享" }
      m.view "layout"
      local parent = family(m)
      m.switch(parent)
      local r = m.mmap(nil, m.geometry().page, "rw", "shared")
      local va = r.value
      m.write(va, 0x61, { size = 1 })
      local kid = m.fork().value
      m.bind { va = va, kid = kid, old = m.word(m.walk(va).pa, 1) }
      m.say { en = "A shared mapping at {va:hex}, holding {old:hex}; then fork, a new child {kid}. The parent overwrites the byte, and the child reads it.", zh = "{va:hex} 处是共享映射，里面是 {old:hex}；然后 fork 出子进程 {kid}。父进程改写这个字节，子进程再来读。" }
      local w = m.write(va, 0x62, { size = 1 })
      m.switch(kid)
      m.ask {
        id = "shared-mapping",
        text = { en = "What does the child read?", zh = "子进程读到什么？" },
        op = { "read", va, { size = 1 } },
        answer = function(q) return q.value == w.value and "new" or q.value == 0 and "zero" or "old" end,
        words = {
          new = { en = "the parent's new byte", zh = "父进程新写的字节" },
          old = { en = "the byte from before fork", zh = "fork 之前的字节" },
          zero = { en = "zero", zh = "零" },
        },
        wrong = {
          { value = "old", because = { en = "That would be copy on write. It is for private pages only.", zh = "那是写时复制的结果。它只用于私有页。" } },
          { value = "zero", because = { en = "Zeros are for memory nobody wrote. This page is the parent's, too.", zh = "没人写过的内存才是零。这一页同时也是父进程的。" } },
        },
        right = { en = "Shared means that a write is meant to be seen. fork left its W bit on.", zh = "共享，就是写了要让对方看见。fork 没有动它的 W 位。" },
        hints = {
          { en = "Why would anybody ask for a shared mapping?", zh = "为什么有人要申请共享映射？" },
          { en = "fork takes the right to write only from private pages.", zh = "fork 只收走私有页的写权限。" },
          { en = "One frame, two tables, no copy.", zh = "一个页框，两套页表，不复制。" },
        },
      }
      m.expect(w.faults, 0, "writing a shared page after fork does not fault")
      m.bind { maps = m.frame(m.walk(va).frame).maps, faults = w.faults }
      m.after { en = "The parent's write caused {faults} faults; {maps} entries name the frame.", zh = "父进程那次写缺页 {faults} 次；有 {maps} 个页表项指向这个页框。" }
    end,

    function(m) -- 10
      m.title { en = "Two names", zh = "一处内存，两个地址" }
      m.view "frames"
      local page = m.geometry().page
      local a = m.mmap(nil, page, "rw", "shared", { file = "notes" }).value
      local b = m.mmap(nil, page, "rw", "shared", { file = "notes" }).value
      m.bind { a = a, b = b, pid = m.pid() }
      m.say { en = "Sharing needs no second process. Process {pid} maps the same page of a file twice, at {a:hex} and at {b:hex}. It writes at {a:hex} and reads at {b:hex}.", zh = "共享不一定要有第二个进程。进程 {pid} 把文件的同一页映射了两次，在 {a:hex} 和 {b:hex}。它从 {a:hex} 写，从 {b:hex} 读。" }
      local w = m.write(a, 0x63, { size = 1 })
      m.ask {
        id = "two-names",
        text = { en = "What does it read?", zh = "读到什么？" },
        op = { "read", b, { size = 1 } },
        answer = function(q) return q.value == w.value and "new" or "old" end,
        words = {
          new = { en = "the byte just written", zh = "刚写的那个字节" },
          old = { en = "what the file holds on the disk", zh = "磁盘上文件里的内容" },
        },
        wrong = {
          { value = "old", because = { en = "A file's page is in memory at most once; both addresses lead there.", zh = "文件的一页在内存里最多一份，两个地址都通到那里。" } },
          { value = { en = "zero", zh = "零" }, because = { en = "Zeros are for memory without a file behind it.", zh = "背后没有文件的内存才是零。" } },
        },
        right = { en = "Two virtual pages, one frame. The frame knows both: see its list of mappings.", zh = "两个虚拟页，一个页框。页框认得它们俩：看它的映射清单。" },
        hints = {
          { en = "How many copies of a file's page does memory need?", zh = "文件的一页，内存里要存几份？" },
          { en = "The second fault finds the page in the page cache.", zh = "第二次缺页会在页缓存里找到它。" },
          { en = "Both entries name the same frame.", zh = "两个页表项指向同一个页框。" },
        },
      }
      m.expect(m.walk(a).frame, m.walk(b).frame, "two addresses, one frame")
      m.expect(m.frame(m.walk(a).frame).maps, 2, "the reverse map lists both")
    end,

    function(m) -- 11
      m.title { en = "Three writers, two copies", zh = "三个写者，两份副本" }
      m.view "frames"
      local parent = family(m)
      m.say { en = "All is yours now: fork, switch, read, write. The first process runs.", zh = "现在全交给你：fork、switch、read、write。正在运行的是最早的那个进程。" }
      m.switch(parent)
      m.task {
        text = { en = "Let three processes write the same page, each with one fault, and have the kernel make only two copies.", zh = "让三个进程都写同一页，各缺页一次，而内核只复制两次。" },
        goal = function(r)
          local writers, who, where = 0, {}, nil
          for _, e in ipairs(r.events) do
            if e.event == "page_fault" then
              if e.error ~= 7 or where and where ~= page(e.va) or who[e.pid] then return false end
              where, who[e.pid], writers = page(e.va), true, writers + 1
            end
          end
          return writers == 3 and count(r, "frame_copied") == 2
        end,
        solution = function(q)
          local all = q.pids()
          local va = hex(inside(q, 1))
          return { "fork", "write " .. va .. " 1", "switch " .. all[#all], "write " .. va .. " 2",
                   "switch " .. all[#all] + 1, "write " .. va .. " 3" }
        end,
        hints = {
          { en = "First a page must have three owners.", zh = "先得让某一页有三个使用者。" },
          { en = "Each fork adds an owner; each writer but the last takes a copy.", zh = "每次 fork 多一个使用者；除了最后一个，每个写者都拿走一份副本。" },
          { en = "fork; write a heap page; switch to each of the other owners and write it there.", zh = "fork；写堆里的一页；再 switch 到另外两个使用者，各写一次。" },
        },
      }
    end,

    step { -- 12
      title = { en = "What you take along", zh = "带走什么" },
      view = "frames",
      bind = function(m)
        local all = m.pids()
        return { processes = #all, used = m.geometry().frames - m.free() }
      end,
      text = {
        en = "{processes} processes, {used} frames in use, kernel included. You can now say of any write after fork: does it fault, does it copy, and who moves.\n\nOne question to carry on: a database forks to save a snapshot, then goes on writing everywhere. What does that cost?",
        zh = "{processes} 个进程，连内核在内一共用了 {used} 个页框。现在，对 fork 之后的任何一次写，你都能说出：会不会缺页，要不要复制，谁搬走。\n\n带着一个问题继续：数据库用 fork 做快照，自己却继续到处写。这要付出多少？",
      },
    },
  },
}
