-- A task. The learner acts on a branch; after each operation the goal is asked: r.events are the events since the branch began, r.m looks at the
-- machine. Every way that fits counts. The story goes on with the author's solution, so that later pages are the same for everybody.
return lesson {
  id = "task", part = "tlb", machine = "x86-64", minutes = 3,
  title = { en = "Let the learner do it", zh = "让学习者动手" },
  steps = {
    function(m)
      m.title { en = "Empty the TLB", zh = "清空 TLB" }
      m.view "tlb"
      m.spawn()
      for _, a in ipairs(m.process().areas) do
        if a.kind ~= "kernel" and a.kind ~= "stack" then m.read(a.start) end
      end
      m.bind { entries = #m.tlb() }
      m.say { en = "The TLB holds {entries} translations.", zh = "TLB 里有 {entries} 条翻译。" }
      m.task {
        text = { en = "Type : and make the TLB forget all of them, without a page fault.",
                 zh = "按 : 输入操作，让 TLB 把它们全部忘掉，而且不引起缺页。" },
        goal = function(r) return #r.m.tlb() == 0 and count(r, "page_fault") == 0 end,
        solution = { { "flush" } },
        hints = {
          { en = "Which operation speaks of the TLB?", zh = "哪个操作和 TLB 有关？" },
          { en = "There is one for a page and one for everything.", zh = "有一个管单页，有一个管全部。" },
          { en = "Type flush, or invlpg for each page.", zh = "输入 flush，或者对每一页用 invlpg。" },
        },
      }
      m.after { en = "Nothing is lost but time: the tables still know.", zh = "丢的只是时间：页表里都还在。" }
    end,
  },
}
