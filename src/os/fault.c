/* The page-fault handler.
 *
 * A fault is a question: "I have no entry that allows this; was it promised?" The areas answer. No:
 * a signal. Yes: the kernel keeps its promise now, as late and as cheaply as it can:
 *
 *   nothing there,  anonymous,  read      the zero page, read-only: everybody's
 *                               write     a frame of zeros
 *                   a file,     read, or shared     the cached page; if there is none,
 *                                                   one from the disk: a major fault
 *                               write, private      a copy of it
 *   read-only,      write, area private   the only owner: just allow it. Else copy on write
 *                          area shared    just allow it
 *
 * Linux arch/x86/mm/fault.c (do_user_addr_fault), mm/memory.c (handle_pte_fault, do_anonymous_page,
 * do_fault, do_wp_page). OSTEP 21 and 23; Silberschatz, Operating System Concepts, 10.2 and 10.3.
 */
#include "os/fault.h"

/* What must be at a page, and for whom. */
struct need {
    uint32_t mm;
    uint32_t area;
    vaddr_t va;    /* first byte of the page */
    uint64_t page; /* of the object */
    bool write;
    bool loaded;   /* the disk has just delivered it */
};

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

static bool
area_may_write(const struct os *os, const struct need *n)
{
    return os->area[n->area].prot & RIGHT_W;
}

/* --- was it promised? --- */

/* By the error code, which is all that a kernel has. Without FAULT_I (i386) a fetch looks like a
 * read. x86 cannot forbid reading what may be written or run, so only an area without any right
 * denies it. */
static bool
area_allows(const struct area *a, uint16_t error)
{
    if (error & FAULT_W)
        return a->prot & RIGHT_W;
    if (error & FAULT_I)
        return a->prot & RIGHT_X;
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

    if (index == 0)
        index = area_grow(os, cpu, task->mm, va);
    if (index == 0) {
        EMIT(os->hw, cpu, AREA_MISSING, .va = va);
        return SIGNAL_SEGV_MAPERR;
    }
    a = &os->area[index];
    if (area_allows(a, error)) {
        EMIT(os->hw, cpu, AREA_FOUND, .va = va, .start = a->start, .end = a->end, .area = a->kind,
             .prot = a->prot);
        return SIGNAL_NONE;
    }
    EMIT(os->hw, cpu, AREA_DENIES, .va = va, .area = a->kind, .prot = a->prot,
         .kind = kind_of(error));
    return SIGNAL_SEGV_ACCERR;
}

/* Do the tables allow it already? Then only this CPU's TLB was behind. */
static bool
is_spurious(struct os *os, unsigned cpu, const struct task *task)
{
    struct access a = task->fault.access;
    struct translation t;
    uint16_t error;

    a.va = task->fault.fault.va;
    if (!walker_peek(os->hw, os->s->mm[task->mm].root, a.va, &t) ||
        !walker_allows(os->hw, cpu, &a, t.flags, &error))
        return false;
    EMIT(os->hw, cpu, SPURIOUS, .va = a.va, .pa = t.slot[t.level], .new = t.entry[t.level]);
    return true;
}

/* --- room --- */

static bool
has_room(struct os *os, unsigned cpu, uint32_t mm)
{
    uint64_t limit = hw_tunable(os->hw, TUNE_RESIDENT_LIMIT);
    uint64_t pages = os->s->mm[mm].rss_anon + os->s->mm[mm].rss_file;

    if (limit == 0 || pages < limit)
        return true;
    EMIT(os->hw, cpu, NO_ROOM, .count = pages);
    return false;
}

/* Map a frame whose one new reference is ours; it goes back when that fails. */
static enum signal_kind
map_or_put(struct os *os, unsigned cpu, const struct need *n, pfn_t pfn, bool writable)
{
    if (page_map(os, cpu, n->mm, n->va, pfn, os->area[n->area].prot, writable))
        return SIGNAL_NONE;
    frame_put(os, cpu, pfn);
    return SIGNAL_KILL;
}

static pfn_t
anon_frame(struct os *os, unsigned cpu, uint32_t mm, bool zero)
{
    pfn_t pfn = frame_alloc(os, cpu, USE_ANON, zero);

    if (pfn)
        frame_edit(os, pfn)->owner = mm;
    return pfn;
}

/* A frame of our own with the bytes of another. Of the zero page, zeros are quicker than a copy. */
static pfn_t
copy_of(struct os *os, unsigned cpu, uint32_t mm, pfn_t from)
{
    bool zeros = from == os->s->zero_page;
    pfn_t pfn = anon_frame(os, cpu, mm, zeros);
    uint32_t cycles;

    if (pfn == 0 || zeros)
        return pfn;
    phys_copy_frame(&os->hw->phys, pfn, from);
    cycles = hw_spend(os->hw, hw_tunable(os->hw, TUNE_COPY_CYCLES));
    EMIT(os->hw, cpu, FRAME_COPIED, .frame = pfn, .frame2 = from, .cycles = cycles);
    return pfn;
}

/* --- nothing there: anonymous memory --- */

static enum signal_kind
map_anonymous(struct os *os, unsigned cpu, const struct need *n)
{
    pfn_t pfn = os->s->zero_page;

    if (!n->write && !hw_quirk(os->hw, QUIRK_NO_ZERO_PAGE)) {
        frame_get(os, cpu, pfn);
        return map_or_put(os, cpu, n, pfn, false);
    }
    if (!has_room(os, cpu, n->mm))
        return SIGNAL_KILL;
    pfn = anon_frame(os, cpu, n->mm, true);
    return pfn ? map_or_put(os, cpu, n, pfn, area_may_write(os, n)) : SIGNAL_KILL;
}

/* --- nothing there: files and shared memory --- */

static enum signal_kind
map_cached(struct os *os, unsigned cpu, const struct need *n, pfn_t pfn)
{
    const struct area *a = &os->area[n->area];
    pfn_t copy;

    if (a->shared || !n->write) {
        frame_get(os, cpu, pfn);
        return map_or_put(os, cpu, n, pfn, a->shared && area_may_write(os, n));
    }
    EMIT(os->hw, cpu, COW_COPY, .va = n->va, .frame = pfn, .count = os->frame[pfn].refs);
    copy = copy_of(os, cpu, n->mm, pfn);
    return copy ? map_or_put(os, cpu, n, copy, true) : SIGNAL_KILL;
}

/* A frame for a page that is in no frame yet; shared memory begins as zeros, a file waits for the
 * disk. */
static pfn_t
cache_frame(struct os *os, unsigned cpu, uint32_t object, uint64_t page)
{
    bool file = os->s->object[object].kind == OBJECT_FILE;
    pfn_t pfn = frame_alloc(os, cpu, USE_FILE, !file);

    if (pfn == 0)
        return 0;
    cache_add(os, pfn, object, page);
    if (file) {
        frame_edit(os, pfn)->locked = 1;
        EMIT(os->hw, cpu, IO_START, .frame = pfn, .offset = page, .object = object);
    }
    return pfn;
}

/* Who locked it knows when it will be done: two processes that want one page wait for one
 * transfer. */
static uint64_t
io_end(const struct os *os, pfn_t pfn)
{
    for (uint32_t pid = 1; pid < TASK_MAX; pid++)
        if (os->s->task[pid].fault.stage == STAGE_IO && os->s->task[pid].fault.frame == pfn)
            return os->s->task[pid].fault.io_done;
    return os->hw->s->cycles + hw_tunable(os->hw, TUNE_DISK_CYCLES);
}

/* The cached frame of the page needed, made if there was none; 0: out of memory. It may be locked:
 * its bytes are on their way. */
static pfn_t
find_page(struct os *os, unsigned cpu, const struct need *n)
{
    uint32_t object = os->area[n->area].object;
    pfn_t pfn = cache_find(os, object, n->page);

    if (pfn == 0)
        return cache_frame(os, cpu, object, n->page);
    if (!n->loaded)
        EMIT(os->hw, cpu, CACHE_HIT, .frame = pfn, .offset = n->page, .object = object);
    return pfn;
}

static void
load_page(struct os *os, unsigned cpu, pfn_t pfn, uint64_t cycles)
{
    struct frame *f = frame_edit(os, pfn);

    if (!f->locked)
        return;
    f->locked = 0;
    phys_pattern_frame(&os->hw->phys, pfn, object_page_tag(os, f->object, f->offset));
    EMIT(os->hw, cpu, FRAME_LOADED, .frame = pfn, .offset = f->offset, .object = f->object,
         .cycles = (uint32_t)cycles);
}

/* With a task to put to sleep the record remembers what is awaited; without one (populate) time
 * passes here. */
static enum signal_kind
map_object(struct os *os, unsigned cpu, const struct need *n, struct task *task)
{
    pfn_t pfn = find_page(os, cpu, n);

    if (pfn == 0)
        return SIGNAL_KILL;
    if (os->frame[pfn].locked && task) {
        uint64_t done = io_end(os, pfn);

        task->fault.stage = STAGE_IO;
        task->fault.frame = (uint32_t)pfn;
        task->fault.object = os->area[n->area].object;
        task->fault.offset = n->page;
        task->fault.io_done = done;
        return SIGNAL_NONE;
    }
    if (os->frame[pfn].locked)
        load_page(os, cpu, pfn, hw_spend(os->hw, hw_tunable(os->hw, TUNE_DISK_CYCLES)));
    return map_cached(os, cpu, n, pfn);
}

static enum signal_kind
map_absent(struct os *os, unsigned cpu, const struct need *n, struct task *task)
{
    if (os->area[n->area].object == 0)
        return map_anonymous(os, cpu, n); /* the zero page needs no room */
    return has_room(os, cpu, n->mm) ? map_object(os, cpu, n, task) : SIGNAL_KILL;
}

/* --- there, but read-only: copy on write --- */

static pte_t
writable(const struct os *os, pte_t entry)
{
    return entry | os->hw->geo.format.flag.writable;
}

/* Of a frame that two entries map: where it is mapped besides here. */
static const struct rmap *
other_mapping(const struct os *os, const struct need *n, pfn_t pfn)
{
    const struct rmap *r = &os->rmap[os->frame[pfn].rmap];

    return r->mm == n->mm && r->va == n->va ? &os->rmap[r->next] : r;
}

/* The belief that the one who did not write gets the copy: hand the frame to the writer and a copy
 * to the other. */
static enum signal_kind
give_other_the_copy(struct os *os, unsigned cpu, const struct need *n, paddr_t slot, pfn_t pfn)
{
    const struct format *f = &os->hw->geo.format;
    struct rmap other = *other_mapping(os, n, pfn);
    paddr_t other_slot = table_slot(os, cpu, other.mm, other.va, false);
    pfn_t copy = copy_of(os, cpu, other.mm, pfn);

    if (copy == 0)
        return SIGNAL_KILL;
    page_replace(os, cpu, other.mm, other.va, other_slot, copy,
                 (table_get(os, other_slot) & ~f->frame) | pa_of(f, copy));
    table_set(os, cpu, n->mm, n->va, slot, writable(os, table_get(os, slot)));
    return SIGNAL_NONE;
}

/* 0 when nothing is mapped there. */
static pte_t
entry_at(struct os *os, uint32_t mm, vaddr_t va)
{
    paddr_t slot = table_slot(os, 0, mm, va, false);
    pte_t entry = slot ? table_get(os, slot) : 0;

    return entry & os->hw->geo.format.flag.present ? entry : 0;
}

/* Exactly two entries, both as the kernel wrote them. */
static bool
other_can_copy(struct os *os, const struct need *n, pfn_t pfn)
{
    const struct frame *f = &os->frame[pfn];
    const struct rmap *r = other_mapping(os, n, pfn);

    if (!hw_quirk(os->hw, QUIRK_OTHER_COPIES) || f->use != USE_ANON || f->refs != 2 || f->maps != 2)
        return false;
    return page_is_known(os, r->mm, r->va, entry_at(os, r->mm, r->va));
}

static enum signal_kind
copy_on_write(struct os *os, unsigned cpu, const struct need *n, paddr_t slot, pfn_t pfn)
{
    pfn_t copy;

    EMIT(os->hw, cpu, COW_COPY, .va = n->va, .frame = pfn, .count = os->frame[pfn].refs);
    if (other_can_copy(os, n, pfn))
        return give_other_the_copy(os, cpu, n, slot, pfn);
    if (pfn == os->s->zero_page && !has_room(os, cpu, n->mm))
        return SIGNAL_KILL;
    copy = copy_of(os, cpu, n->mm, pfn);
    if (copy == 0)
        return SIGNAL_KILL;
    page_replace(os, cpu, n->mm, n->va, slot, copy,
                 table_entry(os, copy, os->area[n->area].prot, true));
    return SIGNAL_NONE;
}

/* The last owner needs no copy: nobody else can see the write. */
static bool
is_only_owner(const struct os *os, pfn_t pfn)
{
    return os->frame[pfn].use == USE_ANON && os->frame[pfn].refs == 1 &&
           !hw_quirk(os->hw, QUIRK_LAST_COPIES);
}

static enum signal_kind
allow_write(struct os *os, unsigned cpu, const struct need *n, paddr_t slot, pte_t entry)
{
    pfn_t pfn = table_pfn(&os->hw->geo.format, entry);
    bool shared = os->area[n->area].shared;

    if (!shared && !is_only_owner(os, pfn))
        return copy_on_write(os, cpu, n, slot, pfn);
    if (!shared)
        EMIT(os->hw, cpu, COW_REUSE, .va = n->va, .frame = pfn);
    table_set(os, cpu, n->mm, n->va, slot, writable(os, entry));
    return SIGNAL_NONE;
}

/* --- the handler --- */

/* A present entry that forbids what the area allows, other than a first write, was not written by
 * us: nothing the kernel can put right. */
static enum signal_kind
mend(struct os *os, unsigned cpu, const struct need *n, struct task *task)
{
    const struct format *f = &os->hw->geo.format;
    paddr_t slot = table_slot(os, cpu, n->mm, n->va, true);
    pte_t entry;

    if (slot == 0)
        return SIGNAL_KILL;
    entry = table_get(os, slot);
    if (!(entry & f->flag.present) || !page_is_known(os, n->mm, n->va, entry))
        return map_absent(os, cpu, n, task);
    if (n->write && !(entry & f->flag.writable))
        return allow_write(os, cpu, n, slot, entry);
    return SIGNAL_SEGV_ACCERR;
}

enum signal_kind
fault_handle(struct os *os, unsigned cpu, struct task *task)
{
    const struct fault *fault = &task->fault.fault;
    enum signal_kind signal = judge(os, cpu, task);
    struct need n;

    if (signal || is_spurious(os, cpu, task))
        return signal;
    n = need_of(os, task->mm, fault->va, fault->error & FAULT_W);
    return mend(os, cpu, &n, task);
}

void
fault_io_done(struct os *os, unsigned cpu, struct task *task, uint64_t cycles)
{
    load_page(os, cpu, task->fault.frame, cycles);
    task->fault.frame = 0;
    task->fault.stage = STAGE_MAP;
}

/* Much may have changed while the process slept. If the area no longer promises the access, nothing
 * is mapped: the instruction runs again, faults again, and is judged anew. */
enum signal_kind
fault_map(struct os *os, unsigned cpu, struct task *task)
{
    const struct fault *fault = &task->fault.fault;
    struct need n = need_of(os, task->mm, fault->va, fault->error & FAULT_W);

    n.loaded = true;
    if (n.area == 0 || !area_allows(&os->area[n.area], fault->error))
        return SIGNAL_NONE;
    return mend(os, cpu, &n, task);
}

void
fault_cancel(struct os *os, unsigned cpu, struct task *task)
{
    pfn_t pfn = task->fault.frame;
    bool waits = task->fault.stage == STAGE_IO;

    task->fault.stage = STAGE_NONE;
    if (!waits || !os->frame[pfn].locked)
        return;
    for (uint32_t pid = 1; pid < TASK_MAX; pid++)
        if (os->s->task[pid].fault.stage == STAGE_IO && os->s->task[pid].fault.frame == pfn)
            return;
    cache_remove(os, pfn);
    frame_put(os, cpu, pfn);
}

bool
fault_populate(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    struct need n = need_of(os, mm, va, false);

    if (os->area[n.area].prot == 0)
        return true;
    n.write = area_may_write(os, &n) && !os->area[n.area].shared;
    return mend(os, cpu, &n, NULL) == SIGNAL_NONE;
}
