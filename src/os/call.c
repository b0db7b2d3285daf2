/* The calls by which a process changes what it was promised: mmap, munmap, mprotect, brk.
 *
 * They work on areas and, where pages are already there, take entries away. None of them brings a
 * page into memory; that is what faults are for. Linux mm/mmap.c, mm/mprotect.c, mmap(2), brk(2).
 */
#include "base/assert.h"
#include "os/fault.h"
#include "os/os.h"

/* A quirky mmap fills in at most this many pages, so that one operation stays watchable. */
enum { EAGER_PAGES_MAX = 4096 };

static uint32_t
mm_of(const struct os *os, unsigned cpu)
{
    const struct task *task = os_current(os, cpu);

    pw_assert(task);
    return task->mm;
}

static uint64_t
page_size(const struct os *os)
{
    return format_page(&os->hw->geo.format);
}

/* Up to whole pages; 0 when there is nothing or no such number. */
static uint64_t
round_length(const struct os *os, uint64_t length)
{
    uint64_t page = page_size(os);

    return (length + page - 1) & ~(page - 1);
}

/* A page-aligned range of the user's half, not empty. */
static bool
is_user_range(const struct os *os, vaddr_t va, uint64_t length)
{
    return va % page_size(os) == 0 && length != 0 && length <= os->layout.user_end &&
           va <= os->layout.user_end - length;
}

/* --- mmap --- */

/* The belief that mmap takes memory. */
static void
populate(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, uint64_t length)
{
    for (uint64_t n = 0; n < EAGER_PAGES_MAX && n * page_size(os) < length; n++)
        if (!fault_populate(os, cpu, mm, va + n * page_size(os)))
            return;
}

static enum call_error
place(const struct os *os, uint32_t mm, vaddr_t *va, uint64_t length)
{
    if (*va == 0) {
        *va = area_gap(os, mm, length);
        return *va ? CALL_OK : CALL_ENOMEM;
    }
    if (!is_user_range(os, *va, length))
        return CALL_EINVAL;
    return area_range_is_free(os, mm, *va, *va + length) ? CALL_OK : CALL_EEXIST;
}

/* A wished address is taken literally and must be free, as with MAP_FIXED_NOREPLACE. */
enum call_error
os_mmap(struct os *os, unsigned cpu, vaddr_t *va, uint64_t length, uint8_t prot, bool shared,
        uint32_t object)
{
    uint32_t mm = mm_of(os, cpu);
    struct area like = {.prot = prot, .kind = AREA_MMAP, .shared = shared, .object = object};
    enum call_error error;

    length = round_length(os, length);
    if (length == 0 || prot > (RIGHT_R | RIGHT_W | RIGHT_X))
        return CALL_EINVAL;
    shootdown_lock(os, mm);
    if ((error = place(os, mm, va, length)) != CALL_OK)
        return error;
    shootdown_settle(os, mm, *va, *va + length);
    if (shared && object == 0 && (like.object = object_shared(os)) == 0)
        return CALL_ENOMEM;
    like.start = *va;
    like.end = *va + length;
    object_get(os, like.object);
    if (!area_add(os, cpu, mm, &like)) {
        object_put(os, cpu, like.object);
        return CALL_ENOMEM;
    }
    if (hw_quirk(os->hw, QUIRK_EAGER_MAP))
        populate(os, cpu, mm, *va, length);
    return CALL_OK;
}

/* --- munmap, mprotect --- */

static void
unmap(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end)
{
    shootdown_begin(os, cpu, mm, false);
    page_unmap_range(os, cpu, mm, start, end);
    shootdown_end(os, cpu);
}

/* A gap with room to spare holds a multiple of the size. */
static enum call_error
place_huge(const struct os *os, uint32_t mm, vaddr_t *va, uint64_t length)
{
    uint64_t size = huge_size(os);

    if (*va)
        return *va % size ? CALL_EINVAL : place(os, mm, va, length);
    *va = area_gap(os, mm, length + size);
    *va = (*va + size - 1) & ~(size - 1);
    return *va ? CALL_OK : CALL_ENOMEM;
}

enum call_error
os_mmap_huge(struct os *os, unsigned cpu, vaddr_t *va, uint64_t asked, uint8_t prot)
{
    uint32_t mm = mm_of(os, cpu);
    uint64_t size = huge_size(os), length = size ? (asked + size - 1) & ~(size - 1) : 0;
    struct area like = {.prot = prot, .kind = AREA_MMAP};
    enum call_error error;

    if (length == 0 || prot == 0 || prot > (RIGHT_R | RIGHT_W | RIGHT_X))
        return CALL_EINVAL;
    shootdown_lock(os, mm);
    if ((error = place_huge(os, mm, va, length)) != CALL_OK)
        return error;
    shootdown_settle(os, mm, *va, *va + length);
    like.start = *va;
    like.end = *va + length;
    like.waste = (uint32_t)(length - asked);
    if (!huge_in_pool(os, cpu, length / size) || !area_add(os, cpu, mm, &like))
        return CALL_ENOMEM;
    if (!huge_map(os, cpu, mm, *va, length / size)) {
        area_cut(os, cpu, mm, *va, *va + length);
        unmap(os, cpu, mm, *va, *va + length);
        return CALL_ENOMEM;
    }
    EMIT(os->hw, cpu, HUGE_MAPPED, .va = *va, .count = asked, .new = length, .old = length - asked);
    return CALL_OK;
}

/* First the promise, so that a range that cannot be split is refused with nothing changed, but for
 * huge pages that are small ones now. */
enum call_error
os_munmap(struct os *os, unsigned cpu, vaddr_t va, uint64_t length)
{
    uint32_t mm = mm_of(os, cpu);

    length = round_length(os, length);
    if (!is_user_range(os, va, length))
        return CALL_EINVAL;
    shootdown_lock(os, mm);
    if (!huge_split_edges(os, cpu, mm, va, va + length) || !area_cut(os, cpu, mm, va, va + length))
        return CALL_ENOMEM;
    unmap(os, cpu, mm, va, va + length);
    return CALL_OK;
}

enum call_error
os_mprotect(struct os *os, unsigned cpu, vaddr_t va, uint64_t length, uint8_t prot)
{
    uint32_t mm = mm_of(os, cpu);

    length = round_length(os, length);
    if (!is_user_range(os, va, length) || prot > (RIGHT_R | RIGHT_W | RIGHT_X))
        return CALL_EINVAL;
    shootdown_lock(os, mm);
    if (!area_covers(os, mm, va, va + length) || !huge_split_range(os, cpu, mm, va, va + length) ||
        !area_protect(os, cpu, mm, va, va + length, prot))
        return CALL_ENOMEM;
    shootdown_begin(os, cpu, mm, true);
    page_protect_range(os, cpu, mm, va, va + length, prot);
    shootdown_end(os, cpu);
    return CALL_OK;
}

/* --- brk --- */

static bool
grow_heap(struct os *os, unsigned cpu, uint32_t mm, vaddr_t from, vaddr_t to)
{
    struct area like = {.start = from, .end = to, .prot = RIGHT_R | RIGHT_W, .kind = AREA_HEAP};

    return to <= os->layout.user_end && area_range_is_free(os, mm, from, to + page_size(os)) &&
           area_add(os, cpu, mm, &like);
}

/* The break is a byte; the area ends with the page it is in. A page stays free above, as before a
 * stack. */
enum call_error
os_brk(struct os *os, unsigned cpu, vaddr_t brk)
{
    uint32_t mm = mm_of(os, cpu);
    struct mm *space = &os->s->mm[mm];
    vaddr_t from = round_length(os, space->brk), to = round_length(os, brk);

    if (space->brk_start == 0 || brk > os->layout.user_end)
        return CALL_ENOMEM;
    if (brk < space->brk_start)
        return CALL_EINVAL;
    shootdown_lock(os, mm);
    if (to > from)
        shootdown_settle(os, mm, from, to);
    if (to > from && !grow_heap(os, cpu, mm, from, to))
        return CALL_ENOMEM;
    if (to < from && (!huge_split_edges(os, cpu, mm, to, from) || !area_cut(os, cpu, mm, to, from)))
        return CALL_ENOMEM;
    if (to < from)
        unmap(os, cpu, mm, to, from);
    shootdown_wait(os, cpu);
    space->brk = brk;
    return CALL_OK;
}
