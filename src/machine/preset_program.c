/* The members of a preset for the time before paging: "segments" and "programs". */
#include "base/json.h"
#include "hw/segment.h"
#include "machine/preset_internal.h"

/* With the member "segments" the user's addresses have segments while paging is off. */
bool
preset_read_segments(struct json root, struct preset *p, struct error *e)
{
    static const char *const names[] = {"bits", "table", "count", NULL};
    struct segment_geometry *g = &p->geo.segment;
    struct json o = json_find(root, "segments");
    int64_t bits = 0, count = 0;

    if (!o.node)
        return true;
    if (!json_get_object(root, "segments", &o, e) || !json_only_members(o, names, e) ||
        !json_get_int(o, "bits", 0, p->geo.format.va_bits - 1, &bits, e) ||
        !json_opt_hex(o, "table", &g->table, e) ||
        !json_opt_int(o, "count", 0, INT64_C(1) << (bits < 16 ? bits : 16), &count, e))
        return false;
    if (p->geo.format.va_bits - bits > 24)
        return json_fail(o, e, "offsets of %lld bits are wider than a limit, 24",
                         (long long)(p->geo.format.va_bits - bits));
    if (g->table % DESCRIPTOR_BYTES || g->table >> 32)
        return json_fail(json_find(o, "table"), e, "not a multiple of 8 below 4 GiB");
    g->given = 1;
    g->bits = (uint8_t)bits;
    g->count = (uint32_t)count;
    return true;
}

/* A descriptor names no program beyond 4 GiB. */
uint64_t
preset_programs_most(const struct preset *p)
{
    return p->geo.segment.given ? SEGMENT_BASE_MAX >> p->geo.format.page_shift : UINT64_MAX;
}

/* The last frames of RAM, for programs in one piece. */
bool
preset_read_programs(struct json root, struct preset *p, struct error *e)
{
    static const char *const names[] = {"frames", NULL};
    struct json o = json_find(root, "programs");
    int64_t frames = 0;

    if (!o.node)
        return true;
    if (!json_get_object(root, "programs", &o, e) || !json_only_members(o, names, e) ||
        !json_get_int(o, "frames", 1, 1 << 16, &frames, e))
        return false;
    if (!p->kernel)
        return json_fail(o, e, "nobody loads programs on a machine without a kernel");
    if ((uint64_t)frames + 2 > p->geo.frames)
        return json_fail(json_find(o, "frames"), e, "%lld of %llu frames leave none for the kernel",
                         (long long)frames, (unsigned long long)p->geo.frames);
    if (p->geo.frames > preset_programs_most(p))
        return json_fail(o, e, "a descriptor names no program beyond frame %llu",
                         (unsigned long long)preset_programs_most(p));
    if (p->geo.segment.given && format_page(&p->geo.format) < TASK_MAX * DESCRIPTOR_BYTES)
        return json_fail(o, e, "a page must hold the descriptors of all processes, %d bytes",
                         TASK_MAX * DESCRIPTOR_BYTES);
    p->geo.program_frames = (uint32_t)frames;
    return true;
}
