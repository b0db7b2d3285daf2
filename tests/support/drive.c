#include "support/drive.h"

#include <string.h>

#include "os/huge.h"
#include "os/partition.h"
#include "test.h"

void
drive_preset(const char *name, struct preset *out)
{
    struct error e = {0};

    if (!preset_load(name, out, &e))
        fail_msg("%s: %s", e.file, e.text);
}

static void
parse(const char *line, struct operation *op, uint8_t *blob)
{
    struct error e = {0};

    if (!operation_parse(line, op, blob, &e))
        fail_msg("%s: %s", line, e.text);
}

struct outcome
drive_machine(struct machine *m, const char *line)
{
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct error e = {0};

    parse(line, &op, blob);
    if (!machine_do(m, &op, &out, &e))
        fail_msg("%s: %s", line, e.text);
    return out;
}

struct outcome
drive_history(struct history *h, const char *line)
{
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct error e = {0};

    parse(line, &op, blob);
    if (!history_do(h, &op, &out, &e))
        fail_msg("%s: %s", line, e.text);
    return out;
}

/* An address the running process was promised, so that it lives; else 0. */
static vaddr_t
promised_address(struct rng *r, const struct machine *m, unsigned cpu)
{
    const struct task *t = m->preset.kernel ? os_current(&m->os, cpu) : NULL;
    const struct mm *mm = t ? &m->os.s->mm[t->mm] : NULL;
    uint64_t page = format_page(&m->preset.geo.format), which, pages, size;
    uint32_t area;

    if (!mm || !mm->areas)
        return 0;
    which = rng_below(r, mm->areas);
    pages = rng_below(r, 6);
    for (area = mm->area; which; which--)
        area = m->os.area[area].next;
    size = m->os.area[area].end - m->os.area[area].start;
    return m->os.area[area].start + pages * page % size + rng_below(r, page / 8) * 8;
}

/* An address near something: one of the areas of a process, or anything at all. */
static vaddr_t
some_address(struct rng *r, const struct machine *m, unsigned cpu)
{
    const struct layout *l = &m->preset.layout;
    uint64_t page = format_page(&m->preset.geo.format);
    vaddr_t base[] = {l->code,
                      l->data,
                      l->heap,
                      l->mmap_top - 8 * page,
                      l->stack_top - 4 * page,
                      l->mmap_top - 64 * page};

    uint64_t wild = rng_below(r, 40), which = rng_below(r, 6), pages = rng_below(r, 8), word;

    /* One draw a statement: the order in which an expression's parts are evaluated is the
     * compiler's choice. */
    word = rng_below(r, page / 8);
    if (wild % 5 && (base[0] = promised_address(r, m, cpu)) != 0)
        return base[0];
    base[0] = l->code;
    if (wild == 0)
        return format_extend(&m->preset.geo.format, rng_next(r));
    return base[which] + pages * page + word * 8;
}

static vaddr_t
some_page(struct rng *r, const struct machine *m, unsigned cpu)
{
    return some_address(r, m, cpu) & ~(format_page(&m->preset.geo.format) - 1);
}

/* What makes pages leave: a limit, a policy, a string of references, an access that does not wait. */
static void
crowd(struct rng *r, const struct machine *m, struct operation *op, uint8_t *blob)
{
    static const char *const word[] = {"resident_limit", "policy", "disk_cycles", "tlb_policy"};
    uint64_t dice = rng_below(r, 10), field = rng_below(r, 4);

    if (dice < 3) {
        op->code = OP_SET;
        op->arg[0] = (uint64_t)set_field_by_name(word[field]);
        op->arg[1] = field == 0   ? rng_below(r, 8)
                     : field == 1 ? rng_below(r, 6)
                     : field == 2 ? rng_below(r, 3000)
                                  : rng_below(r, 4);
        op->given = 3;
    } else if (dice < 5) {
        op->code = OP_STRING;
        op->arg[0] = some_page(r, m, op->cpu);
        op->given = (uint8_t)(2 | rng_below(r, 2));
        while (op->blob_size < 20) {
            blob[op->blob_size++] = (uint8_t)('0' + rng_below(r, 6));
            blob[op->blob_size++] = rng_below(r, 3) ? ',' : 'w';
            if (blob[op->blob_size - 1] == 'w')
                blob[op->blob_size++] = ',';
        }
        op->blob_size -= 1; /* the last comma */
    } else if (dice < 8) {
        op->code = OP_REF;
        op->arg[0] = 1 + rng_below(r, 5);
        op->arg[1] = rng_below(r, 2);
        op->given = 3;
    } else {
        op->code = rng_below(r, 2) ? OP_READ : OP_WRITE;
        op->arg[0] = some_address(r, m, op->cpu);
        op->arg[op->code == OP_READ ? 3 : 4] = 1; /* wait=no */
        op->given = op->code == OP_READ ? 9 : 17;
    }
}

/* Mostly where a block of the kernel begins, if there is one; sometimes anywhere. */
static paddr_t
some_block(struct rng *r, const struct machine *m)
{
    uint64_t frames = m->preset.geo.frames, at = rng_below(r, frames), wild = rng_below(r, 8);

    for (uint64_t i = 0; wild && i < frames; i++, at = (at + 1) % frames)
        if (m->os.frame[at].use == USE_BLOCK)
            break;
    return pa_of(&m->preset.geo.format, at);
}

/* What several CPUs do besides: threads, calls that do not wait, and ways of telling each other. */
static void
many_cpus(struct rng *r, const struct machine *m, struct operation *op)
{
    static const char *const word[] = {"shootdown", "flush_above", "lazy_tlb", "early_ack"};
    uint64_t dice = rng_below(r, 10), field = rng_below(r, 4), page = rng_below(r, 4);

    if (dice < 3) {
        op->code = OP_THREAD;
        op->given = 0;
    } else if (dice < 5) {
        op->code = OP_SET;
        op->arg[0] = (uint64_t)set_field_by_name(word[field]);
        op->arg[1] = rng_below(r, field == 0 ? 3 : field == 1 ? 4 : 2);
        op->given = 3;
    } else if (dice < 7) {
        op->code = OP_SWITCH;
        op->arg[0] = rng_below(r, 8);
    } else {
        op->code = rng_below(r, 2) ? OP_MUNMAP : OP_MPROTECT;
        op->arg[0] = some_page(r, m, op->cpu);
        op->arg[1] = (1 + page) * format_page(&m->preset.geo.format);
        op->arg[2] = op->code == OP_MPROTECT ? rng_below(r, 8) : 1;
        op->arg[3] = 1; /* wait=no */
        op->given = op->code == OP_MPROTECT ? 15 : 7;
    }
}

void
drive_huge(struct rng *r, const struct machine *m, struct operation *op,
           uint8_t blob[OPERATION_BLOB])
{
    static const uint8_t code[] = {OP_MMAP, OP_MMAP,     OP_WRITE,    OP_WRITE,    OP_WRITE,
                                   OP_READ, OP_COLLAPSE, OP_COLLAPSE, OP_COLLAPSE, OP_SPLIT,
                                   OP_SET,  OP_MUNMAP,   OP_MPROTECT, OP_FORK};
    uint64_t size = huge_size(&m->os), page = format_page(&m->preset.geo.format);
    uint64_t which = rng_below(r, 14), block = rng_below(r, 3), at = rng_below(r, 4);
    uint64_t n = rng_below(r, 3), part = rng_below(r, 2);
    vaddr_t base = ((m->preset.layout.mmap_top - 8 * size) & ~(size - 1)) + block * size;

    *op = (struct operation){.blob = blob, .given = 1};
    op->code = code[which];
    op->arg[0] = base + (at == 3 ? size - page : at * page);
    op->given = 1;
    if (op->code == OP_MMAP) {
        op->arg[0] = base;
        op->arg[1] = size * (1 + n) - (part ? page : 0);
        op->arg[2] = RIGHT_R | RIGHT_W;
        op->given = (uint8_t)(n ? 7 : 39); /* huge=yes */
    } else if (op->code == OP_WRITE) {
        op->arg[1] = n;
        op->given = 3;
    } else if (op->code == OP_SET) {
        op->arg[0] = (uint64_t)set_field_by_name("huge_pages");
        op->arg[1] = n;
        op->given = 3;
    } else if (op->code == OP_MUNMAP || op->code == OP_MPROTECT) {
        op->arg[0] = part ? op->arg[0] : base;
        op->arg[1] = part ? page : size;
        op->arg[2] = op->code == OP_MPROTECT ? RIGHT_R | n : 0;
        op->given = op->code == OP_MPROTECT ? 7 : 3;
    } else if (op->code == OP_FORK) {
        op->given = 0;
    }
}

/* Without a kernel there are only accesses, the MMU's instructions, hands, and beginning again. Most
 * addresses lie in the first pages, where an initial state has its own. */
static void
random_on_bare(struct rng *r, const struct machine *m, struct operation *op)
{
    static const uint8_t code[] = {OP_READ,  OP_READ,  OP_READ,  OP_READ,   OP_WRITE,
                                   OP_WRITE, OP_FETCH, OP_FETCH, OP_INVLPG, OP_FLUSH};
    const struct format *f = &m->preset.geo.format;
    uint64_t which = rng_below(r, 40), bits = rng_below(r, 8) ? f->page_shift + 4u : f->va_bits;
    uint64_t where = rng_next(r) & low_bits(bits), value = rng_below(r, 256);

    op->code = which == 39   ? OP_RESET
               : which == 38 ? OP_CLFLUSH
               : which == 37 ? OP_WBINVD
                             : code[which % 10];
    op->arg[0] = f->canonical ? format_extend(f, where) : where & low_bits(f->va_bits);
    op->arg[1] = op->code == OP_WRITE ? value : 0;
    op->given = op->code == OP_WRITE                                                    ? 3
                : op->code == OP_FLUSH || op->code == OP_RESET || op->code == OP_WBINVD ? 0
                                                                                        : 1;
}

/* Programs in one piece: loaded, ended, moved, used. Refused now and then. */
static void
in_one_piece(struct rng *r, const struct machine *m, struct operation *op)
{
    static const uint8_t code[] = {OP_LOAD,   OP_LOAD,  OP_LOAD,    OP_EXIT,   OP_EXIT,  OP_GROW,
                                   OP_GROW,   OP_READ,  OP_WRITE,   OP_WRITE,  OP_WRITE, OP_SWITCH,
                                   OP_SWITCH, OP_FETCH, OP_SWAPOUT, OP_COMPACT};
    uint64_t which = rng_below(r, 16), value = rng_below(r, 256);
    uint64_t size = 1 + rng_below(r, partition_total(&m->os) / 6), pid = rng_below(r, 16);
    uint32_t runs = m->hw.s->cpu[0].task;
    uint64_t asked = runs ? m->os.partitions->program[runs].asked : 0;

    op->code = code[which];
    op->arg[0] = op->code == OP_LOAD   ? size
                 : op->code == OP_GROW ? asked + size / 16
                 : op->code == OP_READ || op->code == OP_WRITE || op->code == OP_FETCH
                     ? value * asked / 255 /* now and then the first byte beyond */
                     : pid;
    op->arg[1] = op->code == OP_WRITE ? value : 0;
    op->given = op->code == OP_WRITE ? 3 : op->code == OP_COMPACT ? 0 : 1;
}

/* One weighted choice of what to do; arguments by position in operations.def. */
void
drive_random(struct rng *r, const struct machine *m, struct operation *op,
             uint8_t blob[OPERATION_BLOB])
{
    uint64_t page = format_page(&m->preset.geo.format), dice = rng_below(r, 100);

    *op = (struct operation){.blob = blob, .given = 1};
    if (!m->preset.kernel) {
        random_on_bare(r, m, op);
        return;
    }
    if (m->preset.geo.cpus > 1)
        op->cpu = (uint8_t)rng_below(r, m->preset.geo.cpus);
    if (m->os.partitions && rng_below(r, 8)) {
        in_one_piece(r, m, op);
        return;
    }
    if (m->preset.geo.cpus > 1 && rng_below(r, 5) == 0) {
        many_cpus(r, m, op);
        return;
    }
    if (huge_size(&m->os) && m->preset.geo.frames >= 2048 && m->hw.s->cpu[0].task &&
        rng_below(r, 12) == 0) {
        drive_huge(r, m, op, blob);
        return;
    }
    if (rng_below(r, 6) == 0) {
        crowd(r, m, op, blob);
        return;
    }
    if (!m->hw.s->cpu[op->cpu].task && rng_below(r, 2)) /* somebody should run most of the time */
        dice = 86 + rng_below(r, 11);
    if (dice < 24) {
        op->code = OP_READ;
        op->arg[0] = some_address(r, m, op->cpu);
    } else if (dice < 27) {
        op->code = OP_ALLOC;
        op->arg[0] = rng_below(r, 5);
        op->arg[0] = 1 + rng_below(r, page << op->arg[0]);
    } else if (dice < 30) {
        op->code = OP_RELEASE;
        op->arg[0] = some_block(r, m);
    } else if (dice < 60) {
        op->code = OP_WRITE;
        op->arg[0] = some_address(r, m, op->cpu);
        op->arg[1] = rng_below(r, 256);
        op->given = 3;
    } else if (dice < 64) {
        op->code = OP_FETCH;
        op->arg[0] = some_address(r, m, op->cpu);
    } else if (dice < 74) {
        op->code = OP_MMAP;
        op->arg[0] = some_page(r, m, op->cpu);
        op->arg[1] = (1 + rng_below(r, 6)) * page;
        op->arg[2] = rng_below(r, 8);
        op->arg[3] = rng_below(r, 2);
        op->given = (uint8_t)(6 | rng_below(r, 2));
        op->given |= (uint8_t)(rng_below(r, 2) << 3);
        if (rng_below(r, 4) == 0) {
            blob[0] = (uint8_t)('a' + rng_below(r, 5));
            op->blob_size = 1;
            op->given |= 16;
        }
    } else if (dice < 80) {
        op->code = rng_below(r, 2) ? OP_MUNMAP : OP_MPROTECT;
        op->arg[0] = some_page(r, m, op->cpu);
        op->arg[1] = (1 + rng_below(r, 4)) * page;
        op->arg[2] = rng_below(r, 8);
        op->given = 7;
        if (op->code == OP_MUNMAP) { /* its third is whether it waits */
            op->arg[2] = 0;
            op->given = 3;
        }
    } else if (dice < 83) {
        op->code = OP_BRK;
        op->arg[0] = m->preset.layout.heap + rng_below(r, 16) * page;
    } else if (dice < 86) {
        op->code = OP_FORK;
    } else if (dice < 92) {
        op->code = OP_SWITCH;
        op->arg[0] = rng_below(r, 6);
    } else if (dice < 94) {
        op->code = OP_EXIT;
        op->given = 0;
    } else if (dice < 97) {
        op->code = OP_SPAWN;
    } else if (dice < 98) {
        op->code =
            m->preset.geo.cache[CACHE_L1].sets && rng_below(r, 2) == 0 ? OP_CLFLUSH : OP_INVLPG;
        op->arg[0] = some_page(r, m, op->cpu);
    } else if (dice < 99) {
        op->code = rng_below(r, 2) ? OP_FLUSH : OP_INVPCID;
        if (m->preset.geo.cache[CACHE_L1].sets && rng_below(r, 3) == 0)
            op->code = OP_WBINVD;
        op->arg[0] = op->code == OP_INVPCID ? rng_below(r, 4) : 0;
        op->given = op->code == OP_INVPCID;
    } else if (rng_below(r, 2)) {
        op->code = OP_SAMPLE;
        op->given = 0;
    } else {
        op->code = OP_TICK;
        op->arg[0] = 1 + rng_below(r, 1000);
    }
}
