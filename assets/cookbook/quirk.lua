-- Change one rule of the machine for real, and compare: m.set takes tunables, control bits and quirks (`pagewalk list fields`). Set it back before
-- the page ends, or the rest of the lesson runs on the changed machine. `pagewalk run` checks the invariants after every operation, so a quirk
-- that breaks one (no-invalidate ...) belongs into a learner's task or a wrong choice, not onto the trunk.
return lesson {
  id = "quirk", part = "faults", machine = "x86-64", minutes = 2,
  title = { en = "Change one rule and compare", zh = "改一条规则，做个比较" },
  steps = {
    function(m)
      m.title { en = "A kernel that cannot wait", zh = "一个等不及的内核" }
      m.view "frames"
      m.spawn()

      -- Frames that mmap takes when `eager` is 0 or 1.
      local function frames_taken(eager)
        m.set("map-takes-frames", eager)
        local before = m.free()
        m.mmap(nil, "32K", "rw")
        m.set("map-takes-frames", 0)
        return before - m.free()
      end

      local lazy, eager = frames_taken(0), frames_taken(1)
      m.bind { lazy = lazy, eager = eager, bytes = 32 * 1024, page = m.geometry().page }
      m.say { en = "The program asks for {bytes:size} twice. The second time the kernel is of those that give everything at once.",
              zh = "程序两次要 {bytes:size}。第二次碰上的内核，什么都当场给足。" }
      m.after { en = "Frames taken: {lazy} by the patient kernel, {eager} by the other: one for each {page:size}, and page tables.",
                zh = "取走的页框：耐心的内核 {lazy} 个，另一个 {eager} 个：每 {page:size} 一个，外加页表。" }
      m.expect(lazy, 0, "a promise costs nothing")
      m.expect(eager >= 8, true, "32K are eight pages of 4K")
    end,
  },
}
