#include "machine/words.h"

#include <string.h>

#include "base/lang.h"

/* --- entries --- */

/* Privileged specification, Sv39. What has no R, W or X points to a table: U, A and D are reserved then. */
static unsigned
riscv_words(const struct format *f, bool leaf, struct entry_word out[ENTRY_WORDS])
{
    const struct format_flags *g = &f->flag;
    const struct entry_word all[] = {
        {g->present, 'V', "valid", "in force", "any use faults; the other bits are the kernel's"},
        {g->readable, 'R', "readable", "may be read", "a read faults"},
        {g->writable, 'W', "writable", "may be written", "a write faults"},
        {g->no_execute, 'X', "executable", "may be executed", "fetching faults"},
        {g->user, 'U', "user", "user mode may", "only the kernel may"},
        {g->global, 'G', "global", "in every address space", "in one address space"},
        {g->accessed, 'A', "accessed", "used since cleared", "not used since cleared"},
        {g->dirty, 'D', "dirty", "written since cleared", "not written since cleared"},
    };
    const struct entry_word pointer[] = {
        all[0],
        {g->readable, 'R', "readable", "may be read", "names a table"},
        {g->writable, 'W', "writable", "may be written", "names a table"},
        {g->no_execute, 'X', "executable", "may be executed", "names a table"},
        {g->user, 'U', "user", "must be 0 in a table's entry", "must be 0 in a table's entry"},
        {g->global, 'G', "global", "all pages below: in every address space",
         "each page below says"},
        {g->accessed, 'A', "accessed", "must be 0 in a table's entry",
         "must be 0 in a table's entry"},
        {g->dirty, 'D', "dirty", "must be 0 in a table's entry", "must be 0 in a table's entry"},
    };

    memcpy(out, leaf ? all : pointer, sizeof all);
    return sizeof all / sizeof *all;
}

/* Arm ARM, D8.3. A table's entry has other bits, and the walk's own (AF, nG, AP) only at its end. */
static unsigned
arm_words(const struct format *f, bool leaf, struct entry_word out[ENTRY_WORDS])
{
    const struct format_flags *g = &f->flag;
    const struct format_table *t = &f->table;
    const struct entry_word page[] = {
        {g->present, 'v', "valid", "in force", "any use faults; the other bits are the kernel's"},
        {g->large, 't', "type", "a table, or a page at L3", "a block: a large page"},
        {g->user, 'U', "AP[1]", "user mode may", "only the kernel may"},
        {g->writable, 'R', "AP[2]", "read-only", "may be written"},
        {g->accessed, 'A', "AF", "used since cleared", "the next use faults"},
        {g->global, 'n', "nG", "in one address space", "in every address space"},
        {g->kernel_no_execute, 'P', "PXN", "the kernel may not fetch", "the kernel may fetch"},
        {g->no_execute, 'X', "UXN", "user mode may not fetch", "user mode may fetch"},
    };
    const struct entry_word table[] = {
        page[0],
        page[1],
        {t->no_kernel_execute, 'P', "PXNTable", "below: the kernel may not fetch", "no limit"},
        {t->no_execute, 'X', "UXNTable", "below: user mode may not fetch", "no limit"},
        {t->no_user, 'U', "APTable[0]", "below: only the kernel may", "no limit"},
        {t->no_write, 'R', "APTable[1]", "below: read-only", "no limit"},
    };

    memcpy(out, leaf ? page : table, leaf ? sizeof page : sizeof table);
    return leaf ? sizeof page / sizeof *page : sizeof table / sizeof *table;
}

unsigned
words_of_entry(const struct format *f, bool leaf, struct entry_word out[ENTRY_WORDS])
{
    if (f->family == FAMILY_X86)
        return 0;
    return f->family == FAMILY_RISCV ? riscv_words(f, leaf, out) : arm_words(f, leaf, out);
}

/* --- registers --- */

const char *
words_root(const struct format *f, vaddr_t va)
{
    static const char *const name[FAMILIES] = {
        [FAMILY_X86] = "CR3", [FAMILY_RISCV] = "satp", [FAMILY_ARM] = "TTBR0"};

    return f->halves && (va >> 55 & 1) ? "TTBR1" : name[f->family];
}

/* --- faults --- */

static const char *const riscv_cause[16] = {
    [1] = "instruction access fault", [5] = "load access fault", [7] = "store access fault",
    [12] = "instruction page fault",  [13] = "load page fault",  [15] = "store page fault",
};

static const char *const arm_kind[4] = {"address size fault", "translation fault",
                                        "access flag fault", "permission fault"};

void
words_fault(const struct format *f, uint16_t code, struct buffer *out)
{
    if (f->family == FAMILY_ARM)
        buffer_printf(out, tr("%s, level %d"), tr(arm_kind[code >> 2 & 3]), code & 3);
    else
        buffer_puts(out, riscv_cause[code & 15] ? tr(riscv_cause[code & 15]) : "?");
}

void
words_fault_short(const struct format *f, uint16_t code, struct buffer *out)
{
    if (f->family == FAMILY_ARM)
        buffer_printf(out, "%s L%d", tr(arm_kind[code >> 2 & 3]), code & 3);
    else
        buffer_puts(out, riscv_cause[code & 15] ? tr(riscv_cause[code & 15]) : "?");
}

/* --- sentences --- */

static const struct {
    enum event_code code;
    const char *text[FAMILIES];
} sentence[] = {
    {EV_WALK_START,
     {[FAMILY_RISCV] = "{root} names the root table: frame {label}. The walk starts there.",
      [FAMILY_ARM] = "{root} names the root table: frame {label}. The walk starts there."}},
    {EV_CR3_LOAD,
     {[FAMILY_RISCV] = "{root} is loaded: the root table is now frame {label}.",
      [FAMILY_ARM] = "{root} is loaded: the root table is now frame {label}."}},
    {EV_PAGE_FAULT,
     {[FAMILY_RISCV] = "{errbits}: scause = {error}, stval = {va}.",
      [FAMILY_ARM] = "{errbits}: fault status {error} in ESR, FAR = {va}."}},
};

const char *
words_sentence(const struct format *f, enum event_code code)
{
    for (size_t i = 0; i < sizeof sentence / sizeof *sentence; i++)
        if (sentence[i].code == code)
            return sentence[i].text[f->family];
    return NULL;
}
