/* Frames: taken for a use, owned by somebody, given back with the last owner.
 *
 * The count of owners is what makes sharing safe: fork, the page cache and the zero page all hand
 * out the same frame many times, and it may be reused only when nobody is left. Linux: struct page,
 * _refcount and _mapcount (include/linux/mm_types.h); get_page, put_page.
 */
#include "os/frame.h"

#include "base/assert.h"
#include "os/evict.h"
#include "os/os.h"

_Static_assert(sizeof(struct frame) == 48, "no padding: a state is compared byte by byte");

const char *const frame_use_name[FRAME_USE_COUNT] = {
#define X(code, text) text,
    FRAME_USES(X)
#undef X
};

struct frame *
frame_edit(struct os *os, pfn_t pfn)
{
    struct frame *f = &os->frame[pfn];

    pw_assert(pfn < os->hw->geo.frames);
    arena_touch(os->hw->arena, f, sizeof *f);
    return f;
}

/* A freed frame keeps its bytes; what the last owner left must not reach the next one. A table is
 * always cleared, quirk or not: what it holds is not read by a process but obeyed by the MMU. */
static void
clear(struct os *os, unsigned cpu, pfn_t pfn, enum frame_use use)
{
    uint32_t cycles;

    if (phys_is_blank(&os->hw->phys, pfn) ||
        (use != USE_TABLE && hw_quirk(os->hw, QUIRK_NO_ZEROING)))
        return;
    phys_zero_frame(&os->hw->phys, pfn);
    cycles = hw_spend(os->hw, hw_tunable(os->hw, TUNE_ZERO_CYCLES));
    EMIT(os->hw, cpu, FRAME_ZEROED, .frame = pfn, .cycles = cycles);
}

pfn_t
frame_alloc(struct os *os, unsigned cpu, enum frame_use use, bool zero)
{
    struct frame *f;
    pfn_t pfn;

    if (os->s->free_frames == 0)
        evict_now(os, cpu);
    pfn = buddy_take(os, cpu, 0);
    if (pfn == 0)
        return 0;
    f = frame_edit(os, pfn);
    f->use = (uint8_t)use;
    f->refs = 1;
    if (use == USE_ANON || use == USE_FILE)
        resident_add(os, pfn);
    EMIT(os->hw, cpu, FRAME_ALLOC, .frame = pfn, .order = 0, .use = (uint8_t)use);
    if (zero)
        clear(os, cpu, pfn, use);
    return pfn;
}

void
frame_reuse(struct os *os, unsigned cpu, pfn_t pfn, enum frame_use use, bool zero)
{
    struct frame *f = frame_edit(os, pfn);

    f->use = (uint8_t)use;
    f->owner = 0;
    f->dirty = 0;
    resident_load(os, pfn);
    EMIT(os->hw, cpu, FRAME_REUSED, .frame = pfn, .use = (uint8_t)use);
    if (zero)
        clear(os, cpu, pfn, use);
}

/* Nobody has it any more. */
static void
give_back(struct os *os, unsigned cpu, pfn_t pfn)
{
    swap_detach(os, cpu, pfn);
    resident_remove(os, pfn);
    buddy_give(os, cpu, pfn, 0);
}

void
frame_get(struct os *os, unsigned cpu, pfn_t pfn)
{
    struct frame *f = frame_edit(os, pfn);

    f->refs++;
    EMIT(os->hw, cpu, FRAME_SHARED, .frame = pfn, .count = f->refs);
}

void
frame_put(struct os *os, unsigned cpu, pfn_t pfn)
{
    struct frame *f = frame_edit(os, pfn);

    pw_assert(f->refs > 0);
    if (--f->refs == 0)
        give_back(os, cpu, pfn);
    else
        EMIT(os->hw, cpu, FRAME_DROPPED, .frame = pfn, .count = f->refs);
}
