/* The page-fault handler.
 *
 * A fault is a question: "I have no entry that allows this; was it promised?" The areas answer. No:
 * a signal. Yes: the kernel keeps its promise now (mend.c).
 *
 * Linux arch/x86/mm/fault.c (do_user_addr_fault); Silberschatz, Operating System Concepts, 10.2.
 */
#include "os/fault.h"

#include "os/mend.h"

static struct need
need_of(const struct os *os, uint32_t mm, vaddr_t va, bool write)
{
    vaddr_t page = va & ~(format_page(&os->hw->geo.format) - 1);
    uint32_t area = area_find(os, mm, page);

    return (struct need){
        .mm = mm,
        .area = area,
        .va = page,
        .page = area ? area_page(os, area, page) : 0,
        .write = write,
    };
}

/* --- was it promised? --- */

/* By the error code, which is all that a kernel has. Without FAULT_I (i386) a fetch looks like a
 * read. x86 cannot forbid reading what may be written or run, so only an area without any right
 * denies it. */
static bool
area_allows(const struct os *os, const struct area *a, uint16_t error)
{
    if (error & FAULT_W)
        return a->prot & RIGHT_W;
    if (error & FAULT_I)
        return a->prot & RIGHT_X;
    if (os->hw->geo.format.flag.readable)
        return a->prot & (RIGHT_R | RIGHT_W);
    return a->prot != 0;
}

static uint8_t
kind_of(uint16_t error)
{
    return error & FAULT_W ? ACCESS_WRITE : error & FAULT_I ? ACCESS_FETCH : ACCESS_READ;
}

static enum signal_kind
judge(struct os *os, unsigned cpu, const struct task *task)
{
    vaddr_t va = task->fault.fault.va;
    uint16_t error = task->fault.fault.error;
    uint32_t index = area_find(os, task->mm, va);
    const struct area *a;

    if (index == 0 && (index = area_grow(os, cpu, task->mm, va)) != 0)
        shootdown_settle(os, task->mm, os->area[index].start, va + 1);
    if (index == 0) {
        EMIT(os->hw, cpu, AREA_MISSING, .va = va);
        return SIGNAL_SEGV_MAPERR;
    }
    a = &os->area[index];
    if (area_allows(os, a, error)) {
        EMIT(os->hw, cpu, AREA_FOUND, .va = va, .start = a->start, .end = a->end, .area = a->kind,
             .prot = a->prot);
        return SIGNAL_NONE;
    }
    EMIT(os->hw, cpu, AREA_DENIES, .va = va, .area = a->kind, .prot = a->prot,
         .kind = kind_of(error));
    return SIGNAL_SEGV_ACCERR;
}

/* Do the tables allow it already? */
static bool
is_allowed(struct os *os, unsigned cpu, const struct task *task, struct translation *t)
{
    struct access a = task->fault.access;
    uint16_t error;

    a.va = task->fault.fault.va;
    return walker_peek(os->hw, os->s->mm[task->mm].root, a.va, t) &&
           walker_allows(os->hw, cpu, &a, t->flags, &error) &&
           walker_is_marked(os->hw, cpu, &a, t->entry[t->level]);
}

/* Then only this CPU's TLB was behind. */
static bool
is_spurious(struct os *os, unsigned cpu, const struct task *task)
{
    vaddr_t va = task->fault.fault.va;
    struct translation t;

    if (!is_allowed(os, cpu, task, &t))
        return false;
    EMIT(os->hw, cpu, SPURIOUS, .va = va, .pa = t.slot[t.level], .new = t.entry[t.level]);
    return true;
}

/* --- transfers --- */

/* Its bytes are there: from the slot, or the file's. */
static void
frame_filled(struct os *os, unsigned cpu, pfn_t pfn, uint64_t cycles)
{
    struct frame *f = frame_edit(os, pfn);

    f->locked = UNLOCKED;
    if (f->slot) {
        swap_load(os, pfn);
        os->s->swap_reads++;
        EMIT(os->hw, cpu, SWAP_READ, .frame = pfn, .slot = f->slot, .cycles = (uint32_t)cycles);
        return;
    }
    phys_pattern_frame(&os->hw->phys, pfn, object_page_tag(os, f->object, f->offset));
    EMIT(os->hw, cpu, FRAME_LOADED, .frame = pfn, .offset = f->offset, .object = f->object,
         .cycles = (uint32_t)cycles);
}

/* The first of those who wait for the frame finishes for all; one that was finished may be on its
 * way again, for somebody else. */
static void
finish_transfer(struct os *os, unsigned cpu, pfn_t pfn, uint64_t cycles)
{
    uint8_t lock = os->frame[pfn].locked;

    if (lock == UNLOCKED || mend_io_end(os, pfn) > os->hw->s->cycles) {
        if (cycles) /* the wait must be told all the same */
            EMIT(os->hw, cpu, TICKED, .count = cycles, .cycles = (uint32_t)cycles);
        return;
    }
    if (lock == LOCK_WRITE)
        evict_written(os, cpu, pfn, cycles);
    else
        frame_filled(os, cpu, pfn, cycles);
}

void
fault_io_done(struct os *os, unsigned cpu, struct task *task, uint64_t cycles)
{
    pfn_t pfn = task->fault.frame;

    task->fault.reads += task->fault.stage == STAGE_IO;
    finish_transfer(os, cpu, pfn, cycles);
    task->fault.frame = 0;
    task->fault.stage = STAGE_MAP;
}

/* --- the handler --- */

static enum signal_kind
mend(struct os *os, unsigned cpu, struct task *task)
{
    const struct fault *fault = &task->fault.fault;
    struct need n = need_of(os, task->mm, fault->va, fault->error & FAULT_W);
    enum signal_kind signal;

    n.loaded = task->fault.reads != 0;
    /* Only the marks may be missing: then there is nothing else to mend. */
    if ((fault->error & FAULT_UNMARKED) && table_mark(os, cpu, n.mm, n.va, n.write))
        return SIGNAL_NONE;
    signal = mend_page(os, cpu, &n, task);
    if (signal == SIGNAL_NONE && task->fault.stage == STAGE_TRAP)
        table_mark(os, cpu, n.mm, n.va, n.write);
    return signal;
}

enum signal_kind
fault_handle(struct os *os, unsigned cpu, struct task *task)
{
    enum signal_kind signal = judge(os, cpu, task);

    if (signal || is_spurious(os, cpu, task))
        return signal;
    return mend(os, cpu, task);
}

/* Much may have changed while the process slept. If the area no longer promises the access, nothing
 * is mapped: the instruction runs again, faults again, and is judged anew. Nor is anything where
 * another thread was quicker. */
enum signal_kind
fault_map(struct os *os, unsigned cpu, struct task *task)
{
    uint32_t area = area_find(os, task->mm, task->fault.fault.va);
    enum signal_kind signal = SIGNAL_NONE;
    struct translation t;

    task->fault.stage = STAGE_TRAP;
    if (area && area_allows(os, &os->area[area], task->fault.fault.error) &&
        !is_allowed(os, cpu, task, &t))
        signal = mend(os, cpu, task);
    if (task->fault.stage == STAGE_TRAP)
        mend_drop_hand(os, cpu, task);
    return signal;
}

/* --- the end of a sleeper --- */

static struct task *
other_waiter(struct os *os, const struct task *task, pfn_t pfn)
{
    for (uint32_t pid = 1; pid < TASK_MAX; pid++) {
        struct task *other = &os->s->task[pid];

        if (other != task && other->fault.stage == STAGE_IO && other->fault.frame == pfn)
            return other;
    }
    return NULL;
}

/* What it owned: a page on its way out is written all the same, for entries name its slot; one on
 * its way in passes to another who waits for it. */
static void
cancel_hand(struct os *os, unsigned cpu, struct task *task)
{
    pfn_t pfn = task->fault.hand;
    struct task *heir = pfn ? other_waiter(os, task, pfn) : NULL;

    if (pfn && os->frame[pfn].locked == LOCK_WRITE)
        evict_written(os, cpu, pfn, 0);
    if (heir && os->frame[pfn].locked == LOCK_READ) {
        mend_drop_hand(os, cpu, heir);
        heir->fault.hand = (uint32_t)pfn;
        task->fault.hand = 0;
    }
    mend_drop_hand(os, cpu, task);
}

void
fault_cancel(struct os *os, unsigned cpu, struct task *task)
{
    pfn_t pfn = task->fault.frame;
    bool waits = task->fault.stage == STAGE_IO && pfn != task->fault.hand;

    cancel_hand(os, cpu, task);
    task->fault.stage = STAGE_NONE;
    if (!waits || os->frame[pfn].locked != LOCK_READ || os->frame[pfn].slot ||
        other_waiter(os, task, pfn))
        return;
    cache_remove(os, pfn);
    frame_put(os, cpu, pfn);
}

/* --- a page nobody touched --- */

/* The kernel waits on the spot; a transfer that another began may have ended long ago. */
static void
wait_here(struct os *os, unsigned cpu, struct task *task)
{
    uint64_t now = os->hw->s->cycles, done = task->fault.io_done;

    fault_io_done(os, cpu, task, done > now ? hw_spend(os->hw, done - now) : 0);
}

bool
fault_populate(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    struct need n = need_of(os, mm, va, false);
    struct task nobody = {.mm = mm, .fault.stage = STAGE_TRAP};
    enum signal_kind signal;

    if (os->area[n.area].prot == 0)
        return true;
    n.write = mend_may_write(os, &n) && !os->area[n.area].shared;
    while ((signal = mend_page(os, cpu, &n, &nobody)) == SIGNAL_NONE &&
           nobody.fault.stage != STAGE_TRAP) {
        if (nobody.fault.stage != STAGE_MAP)
            wait_here(os, cpu, &nobody);
        n.loaded = nobody.fault.reads != 0;
        nobody.fault.stage = STAGE_TRAP;
    }
    mend_drop_hand(os, cpu, &nobody);
    return signal == SIGNAL_NONE;
}
