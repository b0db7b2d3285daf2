/* Areas: what an address space promises.
 *
 * mmap, brk and the loader make promises, not pages: "these addresses are yours, with these rights,
 * showing this file". The page tables are filled later, by faults, and the fault handler asks here
 * whether an access was promised. So the list of areas is the truth about an address space and the
 * tables are only a cache of it.
 *
 *   code r-x  | data rw-  | heap rw- | ...gap... | mmap rw- | ...gap... | stack rw-
 *   program 0 | program 3 |          |           |          |           | grows down
 *
 * Linux: struct vm_area_struct, mm/mmap.c and mm/vma.c (there in a maple tree; a sorted list is
 * enough for what fits on a screen).
 */
#include "base/assert.h"
#include "os/os.h"

_Static_assert(sizeof(struct area) == 40, "no padding: a state is compared byte by byte");

const char *const area_kind_name[AREA_KIND_COUNT] = {
#define X(code, text) text,
    AREA_KINDS(X)
#undef X
};

/* --- records and the list --- */

struct area *
area_edit(struct os *os, uint32_t index)
{
    struct area *a = &os->area[index];

    arena_touch(os->hw->arena, a, sizeof *a);
    return a;
}

/* Cannot fail: the pool holds AREA_MAX for every address space, and has_room was asked. */
static uint32_t
area_new(struct os *os, const struct area *like)
{
    uint32_t index = os->s->area_free;

    if (index)
        os->s->area_free = os->area[index].next;
    else
        index = ++os->s->area_used;
    pw_assert(index <= os->area_max);
    *area_edit(os, index) = *like;
    os->area[index].used = 1;
    return index;
}

/* The first area that ends above va, or 0; *prev is the one before it. */
static uint32_t
first_above(const struct os *os, uint32_t mm, vaddr_t va, uint32_t *prev)
{
    uint32_t index = os->s->mm[mm].area;

    *prev = 0;
    while (index && os->area[index].end <= va) {
        *prev = index;
        index = os->area[index].next;
    }
    return index;
}

static void
list_link(struct os *os, uint32_t mm, uint32_t prev, uint32_t index)
{
    if (prev)
        area_edit(os, prev)->next = index;
    else
        os->s->mm[mm].area = index;
}

static void
list_insert(struct os *os, uint32_t mm, uint32_t prev, uint32_t index)
{
    area_edit(os, index)->next = prev ? os->area[prev].next : os->s->mm[mm].area;
    list_link(os, mm, prev, index);
    os->s->mm[mm].areas++;
}

/* Off the list and back to the pool, with its reference of the object. */
static void
list_remove(struct os *os, unsigned cpu, uint32_t mm, uint32_t prev, uint32_t index)
{
    uint32_t object = os->area[index].object;

    list_link(os, mm, prev, os->area[index].next);
    *area_edit(os, index) = (struct area){.next = os->s->area_free};
    os->s->area_free = index;
    os->s->mm[mm].areas--;
    object_put(os, cpu, object);
}

/* --- questions --- */

uint32_t
area_find(const struct os *os, uint32_t mm, vaddr_t va)
{
    uint32_t prev, index = first_above(os, mm, va, &prev);

    return index && os->area[index].start <= va ? index : 0;
}

bool
area_range_is_free(const struct os *os, uint32_t mm, vaddr_t start, vaddr_t end)
{
    uint32_t prev, index = first_above(os, mm, start, &prev);

    return index == 0 || os->area[index].start >= end;
}

bool
area_covers(const struct os *os, uint32_t mm, vaddr_t start, vaddr_t end)
{
    uint32_t index = area_find(os, mm, start);

    while (index && os->area[index].end < end) {
        uint32_t next = os->area[index].next;

        if (next == 0 || os->area[next].start != os->area[index].end)
            return false;
        index = next;
    }
    return index != 0;
}

uint64_t
area_page(const struct os *os, uint32_t index, vaddr_t va)
{
    const struct area *a = &os->area[index];

    return a->offset + vpn_of(&os->hw->geo.format, va - a->start);
}

/* Where an area begins for others: a stack keeps a page of nothing below it, so that running over
 * faults instead of writing into a neighbour. */
static vaddr_t
start_with_guard(const struct os *os, uint32_t index)
{
    const struct area *a = &os->area[index];

    return a->kind == AREA_STACK ? a->start - format_page(&os->hw->geo.format) : a->start;
}

/* Top down, as Linux does: mappings gather below the stack and the heap has the room in the middle.
 * Page 0 is never given. */
vaddr_t
area_gap(const struct os *os, uint32_t mm, uint64_t length)
{
    vaddr_t low = format_page(&os->hw->geo.format), top = os->layout.mmap_top, found = 0;

    for (uint32_t i = os->s->mm[mm].area; i && low < top; i = os->area[i].next) {
        vaddr_t high = start_with_guard(os, i) < top ? start_with_guard(os, i) : top;

        if (high > low && high - low >= length)
            found = high - length;
        low = os->area[i].end;
    }
    if (low < top && top - low >= length)
        found = top - length;
    return found;
}

/* --- splitting and merging --- */

static bool
is_inside(const struct os *os, uint32_t mm, vaddr_t va)
{
    uint32_t index = area_find(os, mm, va);

    return index && os->area[index].start < va;
}

static bool
has_room(const struct os *os, uint32_t mm, unsigned more)
{
    return os->s->mm[mm].areas + more <= AREA_MAX;
}

static unsigned
splits_needed(const struct os *os, uint32_t mm, vaddr_t start, vaddr_t end)
{
    return is_inside(os, mm, start) + is_inside(os, mm, end);
}

/* Make va a border: two areas where one went across. */
static void
split(struct os *os, uint32_t mm, vaddr_t va)
{
    uint32_t index = area_find(os, mm, va);
    struct area right;

    if (index == 0 || os->area[index].start == va)
        return;
    right = os->area[index];
    right.start = va;
    right.offset = right.object ? area_page(os, index, va) : 0;
    right.waste = (uint32_t)(right.waste < right.end - va ? right.waste : right.end - va);
    object_get(os, right.object);
    area_edit(os, index)->waste -= right.waste; /* what is left of it lies below va */
    area_edit(os, index)->end = va;
    list_insert(os, mm, index, area_new(os, &right));
}

static bool
can_join(const struct os *os, uint32_t left, uint32_t right)
{
    const struct area *a = &os->area[left], *b = &os->area[right];

    return left && right && a->end == b->start && a->prot == b->prot && a->kind == b->kind &&
           a->shared == b->shared && a->object == b->object && a->waste == 0 &&
           (a->object == 0 || b->offset == area_page(os, left, b->start));
}

static bool
join(struct os *os, unsigned cpu, uint32_t mm, uint32_t left)
{
    uint32_t right = os->area[left].next;

    if (!can_join(os, left, right))
        return false;
    area_edit(os, left)->end = os->area[right].end;
    os->area[left].waste = os->area[right].waste;
    list_remove(os, cpu, mm, left, right);
    return true;
}

/* --- changes --- */

bool
area_add(struct os *os, unsigned cpu, uint32_t mm, const struct area *like)
{
    uint32_t prev, index;

    if (!has_room(os, mm, 1))
        return false;
    first_above(os, mm, like->start, &prev);
    index = area_new(os, like);
    list_insert(os, mm, prev, index);
    join(os, cpu, mm, index);
    if (prev)
        join(os, cpu, mm, prev);
    EMIT(os->hw, cpu, AREA_ADDED, .start = like->start, .end = like->end, .area = like->kind,
         .prot = like->prot);
    return true;
}

bool
area_cut(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end)
{
    uint32_t prev, index;

    if (!has_room(os, mm, splits_needed(os, mm, start, end)))
        return false;
    split(os, mm, start);
    split(os, mm, end);
    while ((index = first_above(os, mm, start, &prev)) != 0 && os->area[index].start < end) {
        struct area gone = os->area[index];

        list_remove(os, cpu, mm, prev, index);
        EMIT(os->hw, cpu, AREA_REMOVED, .start = gone.start, .end = gone.end, .area = gone.kind);
    }
    return true;
}

/* Neighbours in and around [start, end) that have become alike become one. */
static void
join_around(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end)
{
    uint32_t prev, index = first_above(os, mm, start, &prev);

    for (index = prev ? prev : index; index && os->area[index].start < end;)
        if (!join(os, cpu, mm, index))
            index = os->area[index].next;
}

bool
area_protect(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end, uint8_t prot)
{
    uint32_t prev;

    if (!has_room(os, mm, splits_needed(os, mm, start, end)))
        return false;
    split(os, mm, start);
    split(os, mm, end);
    for (uint32_t i = first_above(os, mm, start, &prev); i && os->area[i].start < end;
         i = os->area[i].next) {
        struct area *a = area_edit(os, i);

        a->prot = prot;
        EMIT(os->hw, cpu, AREA_CHANGED, .start = a->start, .end = a->end, .area = a->kind,
             .prot = prot);
    }
    join_around(os, cpu, mm, start, end);
    return true;
}

/* A fault just below the stack is the stack wanting to grow (Linux mm/mmap.c, expand_downwards). It
 * may, down to its limit, as long as a guard page stays free below it. */
uint32_t
area_grow(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    uint64_t page = format_page(&os->hw->geo.format);
    uint64_t most = hw_tunable(os->hw, TUNE_STACK_PAGES) * page;
    uint32_t prev, index = first_above(os, mm, va, &prev);
    vaddr_t start = va & ~(page - 1), floor = prev ? os->area[prev].end : 0;

    if (index == 0 || os->area[index].kind != AREA_STACK ||
        os->s->mm[mm].stack_top - start > most || start < floor + page)
        return 0;
    area_edit(os, index)->start = start;
    EMIT(os->hw, cpu, AREA_GROWN, .va = va, .start = start, .end = os->area[index].end,
         .area = AREA_STACK);
    return index;
}
