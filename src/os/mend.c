/* Mending: the kernel keeps its promise, as late and as cheaply as it can.
 *
 *   nothing there,  anonymous,  read      the zero page, read-only: everybody's
 *                               write     a frame of zeros
 *                   a file,     read, or shared     the cached page; if there is none,
 *                                                   one from the disk: a major fault
 *                               write, private      a copy of it
 *   the entry names a slot,               the page of the slot; if no frame holds it,
 *                                         from the disk: a major fault
 *   read-only,      write                 see cow.c
 *
 * Where there is no room a page leaves first, which may take a transfer of its own; then all is
 * looked at anew. Linux mm/memory.c (handle_pte_fault, do_anonymous_page, do_fault, do_swap_page).
 * OSTEP 21 and 23; Silberschatz, Operating System Concepts, 10.2 to 10.4.
 */
#include "os/mend.h"

#include "os/device.h"

bool
mend_may_write(const struct os *os, const struct need *n)
{
    return os->area[n->area].prot & RIGHT_W;
}

/* --- room --- */

static bool
at_limit(const struct os *os, uint32_t mm)
{
    uint64_t limit = hw_tunable(os->hw, TUNE_RESIDENT_LIMIT);

    return limit != 0 && os->s->mm[mm].rss_anon + os->s->mm[mm].rss_file >= limit;
}

void
mend_drop_hand(struct os *os, unsigned cpu, struct task *task)
{
    pfn_t pfn = task->fault.hand;

    task->fault.hand = 0;
    if (pfn)
        frame_put(os, cpu, pfn);
}

/* A page of mm (0: of anybody) goes; its frame is in hand, now or when the disk has written. */
static enum room
make_room(struct os *os, unsigned cpu, uint32_t mm, struct task *task)
{
    struct fault_record *r = &task->fault;
    enum evicted done;
    pfn_t pfn;

    mend_drop_hand(os, cpu, task);
    done = evict_page(os, cpu, mm, &pfn);
    if (done == EVICT_NONE)
        return ROOM_NONE;
    r->hand = (uint32_t)pfn;
    r->frame = done == EVICT_WRITES ? (uint32_t)pfn : 0;
    r->stage = done == EVICT_WRITES ? STAGE_OUT : STAGE_MAP;
    r->io_done = os->hw->s->cycles + device_cycles(os, TUNE_SWAP_ON);
    return ROOM_LATER;
}

enum room
mend_room(struct os *os, unsigned cpu, const struct need *n, struct task *task, unsigned wants)
{
    enum room room;

    if ((wants & ROOM_RESIDENT) && at_limit(os, n->mm)) {
        EMIT(os->hw, cpu, NO_ROOM, .count = os->s->mm[n->mm].rss_anon + os->s->mm[n->mm].rss_file);
        return make_room(os, cpu, n->mm, task);
    }
    if ((wants & ROOM_FRAME) && !task->fault.hand && !os->s->free_frames)
        shootdown_reclaim(os);
    if (!(wants & ROOM_FRAME) || task->fault.hand || os->s->free_frames)
        return ROOM_THERE;
    EMIT(os->hw, cpu, NO_FRAME);
    room = make_room(os, cpu, 0, task);
    if (room == ROOM_NONE)
        EMIT(os->hw, cpu, NO_MEMORY, .order = 0);
    return room;
}

enum room
mend_room_beside(struct os *os, unsigned cpu, const struct need *n, struct task *task,
                 unsigned wants, pfn_t source)
{
    enum room room;

    frame_edit(os, source)->refs++; /* an owner more than it has mappings: it is no candidate */
    room = mend_room(os, cpu, n, task, wants);
    frame_edit(os, source)->refs--;
    return room;
}

enum signal_kind
mend_without_room(enum room room)
{
    return room == ROOM_LATER ? SIGNAL_NONE : SIGNAL_KILL;
}

pfn_t
mend_frame(struct os *os, unsigned cpu, struct task *task, enum frame_use use, bool zero)
{
    pfn_t pfn = task->fault.hand;

    if (pfn == 0)
        return frame_alloc(os, cpu, use, zero);
    task->fault.hand = 0;
    frame_reuse(os, cpu, pfn, use, zero);
    return pfn;
}

/* --- frames of one's own --- */

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
anon_frame(struct os *os, unsigned cpu, struct task *task, uint32_t mm, bool zero)
{
    pfn_t pfn = mend_frame(os, cpu, task, USE_ANON, zero);

    if (pfn)
        frame_edit(os, pfn)->owner = mm;
    return pfn;
}

/* A frame of our own with the bytes of another. Of the zero page, zeros are quicker than a copy. */
pfn_t
mend_copy(struct os *os, unsigned cpu, struct task *task, uint32_t mm, pfn_t from)
{
    bool zeros = from == os->s->zero_page;
    pfn_t pfn = anon_frame(os, cpu, task, mm, zeros);
    uint32_t cycles;

    if (pfn == 0 || zeros)
        return pfn;
    phys_copy_frame(&os->hw->phys, pfn, from);
    cycles = hw_spend(os->hw, hw_tunable(os->hw, TUNE_COPY_CYCLES));
    EMIT(os->hw, cpu, FRAME_COPIED, .frame = pfn, .frame2 = from, .cycles = cycles);
    return pfn;
}

/* --- waiting --- */

/* Who began it knows when it will be done: two processes that want one page wait for one
 * transfer. */
uint64_t
mend_io_end(const struct os *os, pfn_t pfn)
{
    uint64_t end = 0;

    for (uint32_t pid = 1; pid < TASK_MAX; pid++) {
        const struct fault_record *r = &os->s->task[pid].fault;

        if ((r->stage == STAGE_IO || r->stage == STAGE_OUT) && r->frame == pfn && r->io_done > end)
            end = r->io_done;
    }
    return end;
}

static enum signal_kind
wait_for(struct task *task, pfn_t pfn, uint64_t done)
{
    task->fault.stage = STAGE_IO;
    task->fault.frame = (uint32_t)pfn;
    task->fault.io_done = done;
    return SIGNAL_NONE;
}

static uint64_t
io_done(const struct os *os, enum tunable device)
{
    return os->hw->s->cycles + device_cycles(os, device);
}

/* --- nothing there: anonymous memory --- */

/* The one entry of an inverted table would wander through all who read zeros. */
static bool
shares_zeros(const struct os *os)
{
    return os->hw->geo.format.kind != TABLE_INVERTED && !hw_quirk(os->hw, QUIRK_NO_ZERO_PAGE);
}

static enum signal_kind
map_anonymous(struct os *os, unsigned cpu, const struct need *n, struct task *task)
{
    pfn_t pfn = os->s->zero_page;
    enum room room;

    if (!n->write && shares_zeros(os)) {
        frame_get(os, cpu, pfn);
        return map_or_put(os, cpu, n, pfn, false); /* it needs no room */
    }
    room = mend_room(os, cpu, n, task, ROOM_RESIDENT | ROOM_FRAME);
    if (room != ROOM_THERE)
        return mend_without_room(room);
    pfn = anon_frame(os, cpu, task, n->mm, true);
    return pfn ? map_or_put(os, cpu, n, pfn, mend_may_write(os, n)) : SIGNAL_KILL;
}

/* --- nothing there: files and shared memory --- */

static enum signal_kind
map_cached(struct os *os, unsigned cpu, const struct need *n, struct task *task, pfn_t pfn)
{
    const struct area *a = &os->area[n->area];
    enum room room;
    pfn_t copy;

    if (a->shared || !n->write) {
        frame_get(os, cpu, pfn);
        return map_or_put(os, cpu, n, pfn, a->shared && mend_may_write(os, n));
    }
    room = mend_room_beside(os, cpu, n, task, ROOM_FRAME, pfn);
    if (room != ROOM_THERE)
        return mend_without_room(room);
    EMIT(os->hw, cpu, COW_COPY, .va = n->va, .frame = pfn, .count = os->frame[pfn].refs);
    copy = mend_copy(os, cpu, task, n->mm, pfn);
    if (copy && n->loaded) /* what came into the victim's frame only to be copied */
        resident_follow(os, copy, pfn);
    return copy ? map_or_put(os, cpu, n, copy, true) : SIGNAL_KILL;
}

/* A frame for a page that is in no frame yet; shared memory begins as zeros, a file waits for the
 * disk. */
static pfn_t
cache_frame(struct os *os, unsigned cpu, struct task *task, uint32_t object, uint64_t page)
{
    bool file = os->s->object[object].kind == OBJECT_FILE;
    pfn_t pfn = mend_frame(os, cpu, task, USE_FILE, !file);

    if (pfn == 0)
        return 0;
    cache_add(os, pfn, object, page);
    if (file) {
        frame_edit(os, pfn)->locked = LOCK_READ;
        EMIT(os->hw, cpu, IO_START, .frame = pfn, .offset = page, .object = object);
    }
    return pfn;
}

/* A page of an object that is in no frame. */
static enum signal_kind
read_page(struct os *os, unsigned cpu, const struct need *n, struct task *task)
{
    uint32_t object = os->area[n->area].object;
    enum room room = mend_room(os, cpu, n, task, ROOM_RESIDENT | ROOM_FRAME);
    pfn_t pfn;

    if (room != ROOM_THERE)
        return mend_without_room(room);
    pfn = cache_frame(os, cpu, task, object, n->page);
    if (pfn == 0)
        return SIGNAL_KILL;
    if (!os->frame[pfn].locked)
        return map_cached(os, cpu, n, task, pfn);
    task->fault.object = object;
    task->fault.offset = n->page;
    return wait_for(task, pfn, io_done(os, TUNE_FILES_ON));
}

static enum signal_kind
map_object(struct os *os, unsigned cpu, const struct need *n, struct task *task)
{
    uint32_t object = os->area[n->area].object;
    pfn_t pfn = cache_find(os, object, n->page);
    enum room room;

    if (pfn == 0)
        return read_page(os, cpu, n, task);
    room = mend_room(os, cpu, n, task, ROOM_RESIDENT);
    if (room != ROOM_THERE)
        return mend_without_room(room);
    if (!n->loaded)
        EMIT(os->hw, cpu, CACHE_HIT, .frame = pfn, .offset = n->page, .object = object);
    if (os->frame[pfn].locked)
        return wait_for(task, pfn, mend_io_end(os, pfn));
    return map_cached(os, cpu, n, task, pfn);
}

/* --- not there: the entry names a slot --- */

static enum signal_kind
read_slot(struct os *os, unsigned cpu, const struct need *n, struct task *task, uint32_t slot)
{
    enum room room = mend_room(os, cpu, n, task, ROOM_RESIDENT | ROOM_FRAME);
    pfn_t pfn;

    if (room != ROOM_THERE)
        return mend_without_room(room);
    pfn = anon_frame(os, cpu, task, n->mm, false);
    if (pfn == 0)
        return SIGNAL_KILL;
    swap_attach(os, cpu, slot, pfn);
    frame_edit(os, pfn)->locked = LOCK_READ;
    task->fault.hand = (uint32_t)pfn;
    EMIT(os->hw, cpu, PAGE_IN, .va = n->va, .frame = pfn, .slot = slot);
    return wait_for(task, pfn, io_done(os, TUNE_SWAP_ON));
}

/* Nobody else has the page, in memory or on the disk: it may be written in place. */
static bool
is_exclusive(const struct os *os, pfn_t pfn, uint32_t slot)
{
    return os->frame[pfn].refs == 1 && os->swap[slot].refs == 2; /* this entry, and the frame */
}

static enum signal_kind
map_slot(struct os *os, unsigned cpu, const struct need *n, struct task *task, uint32_t slot)
{
    pfn_t pfn = os->swap[slot].frame;
    enum signal_kind signal;

    if (pfn == task->fault.hand) {
        task->fault.hand = 0;
    } else {
        frame_get(os, cpu, pfn);
        EMIT(os->hw, cpu, SWAP_HIT, .frame = pfn, .slot = slot);
    }
    signal = map_or_put(os, cpu, n, pfn, mend_may_write(os, n) && is_exclusive(os, pfn, slot));
    if (!signal && hw_quirk(os->hw, QUIRK_SLOT_GIVEN_UP) && os->swap[slot].refs == 1)
        swap_detach(os, cpu, pfn);
    return signal;
}

static enum signal_kind
map_swapped(struct os *os, unsigned cpu, const struct need *n, struct task *task, uint32_t slot)
{
    pfn_t pfn = os->swap[slot].frame;
    enum room room;

    if (pfn == 0)
        return read_slot(os, cpu, n, task, slot);
    room = mend_room(os, cpu, n, task, ROOM_RESIDENT);
    if (room != ROOM_THERE)
        return mend_without_room(room);
    if (os->frame[pfn].locked)
        return wait_for(task, pfn, mend_io_end(os, pfn));
    return map_slot(os, cpu, n, task, slot);
}

/* --- the page --- */

static enum signal_kind
map_absent(struct os *os, unsigned cpu, const struct need *n, struct task *task, pte_t entry)
{
    uint32_t slot = swap_entry_slot(os, entry);

    if (slot)
        return map_swapped(os, cpu, n, task, slot);
    if (os->area[n->area].object == 0)
        return map_anonymous(os, cpu, n, task);
    return map_object(os, cpu, n, task);
}

/* A present entry that forbids what the area allows, other than a first write, was not written by
 * us: nothing the kernel can put right. */
enum signal_kind
mend_page(struct os *os, unsigned cpu, const struct need *n, struct task *task)
{
    const struct format *f = &os->hw->geo.format;
    paddr_t slot;
    pte_t entry;

    if (!huge_split(os, cpu, n->mm, n->va)) /* what is wrong is wrong with one page of it */
        return SIGNAL_KILL;
    slot = table_slot(os, cpu, n->mm, n->va, true);
    if (slot == 0)
        return SIGNAL_KILL;
    entry = table_get(os, slot);
    if (!(entry & f->flag.present) || !page_is_known(os, n->mm, n->va, entry))
        return map_absent(os, cpu, n, task, entry);
    if (n->write && !format_has(f, entry, f->flag.writable))
        return cow_write(os, cpu, n, task, slot, entry);
    if (!format_is_tree(f) && mapping_recall(os, cpu, (uint32_t)slot))
        return SIGNAL_NONE;
    return SIGNAL_SEGV_ACCERR;
}
