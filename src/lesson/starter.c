#include "lesson/starter.h"

#include <string.h>

static const char head[] =
    "-- A lesson: look at it with `pagewalk learn FILE`, prove it with `pagewalk lesson check FILE`.\n"
    "return lesson {\n"
    "  id = \"";

static const char rest[] =
    "\", part = \"translation\", machine = \"x86-64\", minutes = 5, rows = { \"B10\" },\n"
    "  title = { en = \"My first lesson\", zh = \"我的第一课\" },\n"
    "  steps = {\n"
    "    step {\n"
    "      title = { en = \"A process\", zh = \"一个进程\" }, view = \"layout\",\n"
    "      run = function(m)\n"
    "        m.spawn()\n"
    "        m.bind { va = m.process().areas[1].start }\n"
    "      end,\n"
    "      text = { en = \"A process was made. Its code begins at {va:hex}. Where is that in memory?\",\n"
    "               zh = \"一个进程诞生了，它的代码从 {va:hex} 开始。这在内存的什么地方？\" },\n"
    "      after = { en = \"Nowhere yet: nobody has touched it.\", zh = \"哪儿都还不在：还没有人碰过它。\" },\n"
    "    },\n"
    "\n"
    "    function(m) -- the same through functions: for what must be computed\n"
    "      local va = m.process().areas[1].start\n"
    "      m.title { en = \"Touch it\", zh = \"碰一下\" }\n"
    "      m.bind { va = va }\n"
    "      m.say { en = \"Now the program reads one byte at {va:hex}.\", zh = \"现在程序读 {va:hex} 处的一个字节。\" }\n"
    "      local r = m.ask {\n"
    "        id = \"faults\", op = { \"read\", va, { size = 1 } }, before = { \"tlb_miss\", 1 },\n"
    "        text = { en = \"How many page faults will it take?\", zh = \"要经过几次缺页？\" },\n"
    "        answer = function(r) return r.faults end, -- the machine answers, here and in every clone\n"
    "        wrong = {\n"
    "          { value = 0, because = { en = \"Zero would need a frame that is already there.\", zh = \"零次，就得页框已经在那儿。\" } },\n"
    "          { value = 2, because = { en = \"Once the entry is there, the instruction simply runs again.\",\n"
    "                                   zh = \"页表项一旦写好，指令重来一遍就成了。\" } },\n"
    "        },\n"
    "        right = { en = \"{answer}: a promise is kept when it is first used.\", zh = \"{answer} 次：承诺在第一次使用时兑现。\" },\n"
    "        hints = { { en = \"Has anybody used this page?\", zh = \"有人用过这一页吗？\" },\n"
    "                  { en = \"A first touch finds no entry.\", zh = \"第一次碰，找不到页表项。\" },\n"
    "                  { en = \"One touch, one missing page.\", zh = \"碰一次，缺一页。\" } },\n"
    "      }\n"
    "      m.expect(r.kind, \"done\", \"the read succeeds\")\n"
    "    end,\n"
    "  },\n"
    "}\n";

bool
starter_text(const char *id, struct buffer *out, struct error *e)
{
    size_t n = strlen(id);

    if (n < 1 || n > 64 || strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != n)
        return error_set(e, EXIT_DATA, "\"%.64s\" is no lesson id: 1 to 64 of a-z, 0-9 and - are expected", id);
    buffer_puts(out, head);
    buffer_puts(out, id);
    buffer_puts(out, rest);
    return true;
}
