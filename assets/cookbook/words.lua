-- Words in both languages. Every text has en and zh, written, not translated word by word. An answer that is a word (or true, false) is the same in
-- both; `words` says how it is shown. Shared words go into a local at the top of the file, or a module beside it: use "name".
local WHO = {
  cpu = { en = "the CPU", zh = "CPU" },
  kernel = { en = "the kernel", zh = "内核" },
  program = { en = "the program", zh = "程序自己" },
}

return lesson {
  id = "words", part = "faults", machine = "x86-64", minutes = 2,
  title = { en = "Answers that are words", zh = "用词语作答" },
  steps = {
    function(m)
      m.title { en = "Who mends it?", zh = "谁来补救？" }
      m.spawn()
      local va = m.process().areas[1].start
      m.bind { va = va, actor = WHO.program }
      m.say { en = "{actor} reads {va:hex} for the first time.", zh = "{actor}第一次读 {va:hex}。" }
      m.ask {
        id = "who",
        op = { "read", va, { size = 1 } },
        before = "entry_write",
        text = { en = "The translation is missing. Who writes the entry?", zh = "缺少翻译。由谁来写页表项？" },
        answer = function(r) return r.event and r.event.actor end,
        words = WHO,
        wrong = {
          { value = "cpu", because = { en = "It only notices and jumps.", zh = "它只是发现，然后跳转。" } },
          { value = "program", because = { en = "It does not even know.", zh = "它连发生了什么都不知道。" } },
        },
        right = { en = "{answer}, in its page-fault handler.", zh = "{answer}，在缺页处理程序里。" },
        hints = {
          { en = "Who keeps page tables?", zh = "页表归谁管？" },
          { en = "A fault is a call for help. To whom?", zh = "缺页是在求助。向谁？" },
          { en = "The next event's actor.", zh = "看下一个事件的主角。" },
        },
      }
      m.ask {
        id = "alive",
        text = { en = "Did the program notice anything?", zh = "程序察觉到什么了吗？" },
        answer = function(r) return r.m.pid() == 0 end, -- shown as yes or no
        wrong = { { value = true, because = { en = "A fault that is mended is invisible.", zh = "补好的缺页是看不见的。" } } },
        right = { en = "{answer}: the same instruction simply ran again.", zh = "{answer}：同一条指令重新执行了一遍而已。" },
        hints = {
          { en = "Is it still running?", zh = "它还在运行吗？" },
          { en = "An instruction that faulted is restarted.", zh = "缺页的指令会重新开始。" },
          { en = "It has its byte and goes on.", zh = "它拿到字节，继续走。" },
        },
      }
    end,
  },
}
