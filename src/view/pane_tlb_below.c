/* pane_tlb_below.c - what belongs to a TLB and stands below its sets: the other TLBs, the walk caches, and the numbers that tell address spaces apart. */
#include "view/pane_tlb.h"

#include "base/json.h"
#include "base/lang.h"
#include "hw/tlb_parts.h"
#include "hw/walk_cache.h"
#include "os/os.h"

/* --- the walk caches --- */

struct walk_view {
    const struct walk_entry *e;
    unsigned level, way, link;
};

static struct walk_view
walk_look(const struct scene *s, unsigned level, unsigned way)
{
    unsigned cpu = scene_cpu(s);
    struct walk_view v = {walk_cache_at(&s->now->hw, cpu, level, way), level, way, 0};

    v.link = link_walk_entry(s, cpu, level, way);
    return v;
}

/* Calls `each` for what is kept or changed now, nearest to the page first; returns how many. */
static int
walk_each(const struct scene *s, void (*each)(void *, const struct scene *, const struct walk_view *), void *ctx)
{
    const struct hw *hw = &s->now->hw;
    int n = 0;

    for (unsigned level = hw->geo.format.levels - 1u; walk_cache_exists(hw) && level-- > 0;)
        for (unsigned way = 0; way < hw->geo.walk_cache[level]; way++) {
            struct walk_view v = walk_look(s, level, way);

            if (!v.e->valid && v.link != CELL_CHANGED)
                continue;
            n++;
            if (each)
                each(ctx, s, &v);
        }
    return n;
}

static int
walk_rows(const struct scene *s)
{
    return walk_cache_exists(&s->now->hw) ? 1 + walk_each(s, NULL, NULL) : 0;
}

static void
walk_row(void *ctx, const struct scene *s, const struct walk_view *v)
{
    struct pen *p = ctx;
    struct tlb_columns k = tlb_columns(s, p->r.w);
    char number[NUMBER_TEXT];

    if (pen_full(p))
        return;
    pen_put(p, scene_format(s)->level[v->level].name, ROLE_PAGE_TABLE, v->link);
    pen_to(p, k.page);
    if (!v->e->valid) {
        pen_glyph(p, GLYPH_DOT, ROLE_DIM, v->link);
    } else {
        pen_put(p, value_text(s, v->e->region, tlb_page_digits(scene_format(s)), number), ROLE_ADDRESS, v->link);
        pen_to(p, k.frame);
        pen_label(p, pfn_of(scene_format(s), v->e->table), v->link);
        if (k.asid) {
            pen_to(p, k.asid);
            pen_putf(p, ROLE_DIM, 0, "%u", v->e->asid);
        }
    }
    pen_to(p, k.note);
    if (v->link == CELL_CHANGED) {
        pen_glyph(p, GLYPH_POINT_LEFT, ROLE_ACCENT, CELL_BOLD);
        pen_rest(p, v->e->valid ? tr("kept") : tr("dropped"), ROLE_ACCENT, CELL_BOLD);
    } else if (v->link) {
        pen_glyph(p, GLYPH_CHECK, ROLE_TLB_HIT, CELL_BOLD);
        pen_rest(p, tr("hit"), ROLE_TLB_HIT, CELL_BOLD);
    }
    pen_line(p);
}

static void
walk_draw(const struct scene *s, struct canvas *c, struct rect r)
{
    struct pen p;

    pen_open(&p, c, r);
    pen_rest(&p, tr("walk caches: the table to go on at"), ROLE_DIM, 0);
    pen_line(&p);
    pen_more(&p, false, walk_each(s, walk_row, &p) + 1 > r.h);
    pen_close(&p);
}

static void
walk_entry_json(void *ctx, const struct scene *s, const struct walk_view *v)
{
    struct buffer *out = ctx;

    if (!v->e->valid)
        return;
    json_open(out, '{');
    json_key(out, "table");
    json_put_string(out, scene_format(s)->level[v->level].name);
    json_key(out, "way");
    json_put_uint(out, v->way);
    json_key(out, "region");
    json_put_hex(out, v->e->region);
    json_key(out, "frame");
    json_put_uint(out, pfn_of(scene_format(s), v->e->table));
    json_key(out, "asid");
    json_put_uint(out, v->e->asid);
    json_key(out, "event");
    json_put_string(out, v->link == CELL_CHANGED ? "changed" : v->link ? "read" : "");
    json_close(out, '}');
}

static void
walk_json(const struct scene *s, struct buffer *out)
{
    if (!walk_cache_exists(&s->now->hw))
        return;
    json_key(out, "walk_caches");
    json_open(out, '[');
    walk_each(s, walk_entry_json, out);
    json_close(out, ']');
}

/* --- the other TLBs --- */

struct part_view {
    const struct tlb_entry *e;
    enum tlb_part part;
    unsigned set, way, link;
};

static struct part_view
part_look(const struct scene *s, enum tlb_part part, unsigned n)
{
    unsigned cpu = scene_cpu(s), ways = s->now->hw.geo.tlb_part[part].ways;
    struct part_view v = {tlb_part_at(&s->now->hw, cpu, part, n / ways, n % ways), part, n / ways, n % ways, 0};
    const struct tlb_entry *before = tlb_part_at(&s->before->hw, cpu, part, v.set, v.way);

    if (!s->has_event)
        return v;
    if (v.e->page != before->page || v.e->flags != before->flags || v.e->filled != before->filled)
        v.link = CELL_CHANGED;
    else if (s->event.code == EV_TLB_PART_HIT && s->event.cpu == cpu && s->event.use == part && s->event.set == v.set &&
             s->event.way == v.way)
        v.link = CELL_READ;
    return v;
}

/* Calls `each` for what one of them holds, or has just lost; returns how many. */
static int
part_each(const struct scene *s, enum tlb_part part, void (*each)(void *, const struct scene *, const struct part_view *), void *ctx)
{
    const struct tlb_part_geometry *g = &s->now->hw.geo.tlb_part[part];
    int n = 0;

    for (unsigned i = 0; i < (unsigned)g->sets * g->ways; i++) {
        struct part_view v = part_look(s, part, i);

        if (!(v.e->flags & TLB_VALID) && v.link != CELL_CHANGED)
            continue;
        n++;
        if (each)
            each(ctx, s, &v);
    }
    return n;
}

static int
parts_rows(const struct scene *s)
{
    int rows = 0;

    for (unsigned i = 0; i < TLB_PARTS; i++)
        if (s->now->hw.geo.tlb_part[i].sets)
            rows += 1 + part_each(s, (enum tlb_part)i, NULL, NULL);
    return rows;
}

static void
part_row(void *ctx, const struct scene *s, const struct part_view *v)
{
    struct pen *p = ctx;
    struct tlb_columns k = tlb_columns(s, p->r.w);
    char number[NUMBER_TEXT], size[16];
    bool valid = v->e->flags & TLB_VALID;

    if (pen_full(p))
        return;
    pen_putf(p, ROLE_NUMBER, v->link, "%3u", v->set);
    pen_to(p, k.way);
    pen_putf(p, ROLE_DIM, 0, "%2u", v->way);
    pen_to(p, k.page);
    if (!valid) {
        pen_glyph(p, GLYPH_DOT, ROLE_DIM, v->link);
    } else {
        pen_put(p, value_text(s, v->e->page, tlb_page_digits(scene_format(s)), number), ROLE_ADDRESS, v->link);
        pen_to(p, k.frame);
        pen_label(p, v->e->pfn, v->link);
    }
    pen_to(p, k.note);
    if (valid && v->e->shift > scene_format(s)->page_shift)
        pen_putf(p, ROLE_DIM, 0, "%s ", size_text(UINT64_C(1) << v->e->shift, size));
    if (v->link == CELL_CHANGED) {
        pen_glyph(p, GLYPH_POINT_LEFT, ROLE_ACCENT, CELL_BOLD);
        pen_rest(p, valid ? tr("filled") : tr("dropped"), ROLE_ACCENT, CELL_BOLD);
    } else if (v->link) {
        pen_glyph(p, GLYPH_CHECK, ROLE_TLB_HIT, CELL_BOLD);
        pen_rest(p, tr("hit"), ROLE_TLB_HIT, CELL_BOLD);
    }
    pen_line(p);
}

static void
parts_draw(const struct scene *s, struct canvas *c, struct rect r)
{
    const char *const title[TLB_PARTS] = {tr("instruction TLB"), tr("TLB of large pages"), tr("second level")};
    struct pen p;

    pen_open(&p, c, r);
    for (unsigned i = 0; i < TLB_PARTS; i++) {
        const struct tlb_part_geometry *g = &s->now->hw.geo.tlb_part[i];

        if (!g->sets || pen_full(&p))
            continue;
        pen_putf(&p, ROLE_DIM, 0, "%s ", title[i]);
        pen_putf(&p, ROLE_NUMBER, 0, "%u", g->sets);
        pen_glyph(&p, GLYPH_TIMES, ROLE_DIM, 0);
        pen_putf(&p, ROLE_NUMBER, 0, "%u", g->ways);
        if (i == TLB_SECOND && !hw_tunable(&s->now->hw, TUNE_TLB_SECOND))
            pen_putf(&p, ROLE_DIM, 0, "  %s", tr("off"));
        pen_line(&p);
        part_each(s, (enum tlb_part)i, part_row, &p);
    }
    pen_more(&p, false, parts_rows(s) > r.h);
    pen_close(&p);
}

static void
part_entry_json(void *ctx, const struct scene *s, const struct part_view *v)
{
    struct buffer *out = ctx;

    (void)s;
    if (!(v->e->flags & TLB_VALID))
        return;
    json_open(out, '{');
    json_key(out, "set");
    json_put_uint(out, v->set);
    json_key(out, "way");
    json_put_uint(out, v->way);
    json_key(out, "page");
    json_put_hex(out, v->e->page);
    json_key(out, "size");
    json_put_uint(out, UINT64_C(1) << v->e->shift);
    json_key(out, "frame");
    json_put_uint(out, v->e->pfn);
    json_key(out, "asid");
    json_put_uint(out, v->e->asid);
    json_key(out, "event");
    json_put_string(out, v->link == CELL_CHANGED ? "changed" : v->link ? "read" : "");
    json_close(out, '}');
}

static void
parts_json(const struct scene *s, struct buffer *out)
{
    if (!tlb_parts_exist(&s->now->hw))
        return;
    json_key(out, "more");
    json_open(out, '[');
    for (unsigned i = 0; i < TLB_PARTS; i++) {
        const struct tlb_part_geometry *g = &s->now->hw.geo.tlb_part[i];

        if (!g->sets)
            continue;
        json_open(out, '{');
        json_key(out, "tlb");
        json_put_string(out, tlb_part_name[i]);
        json_key(out, "sets");
        json_put_uint(out, g->sets);
        json_key(out, "ways");
        json_put_uint(out, g->ways);
        json_key(out, "entries");
        json_open(out, '[');
        part_each(s, (enum tlb_part)i, part_entry_json, out);
        json_close(out, ']');
        json_close(out, '}');
    }
    json_close(out, ']');
}

/* --- the numbers that the kernel has handed out --- */

/* The address spaces that have, or had, an ASID. */
static uint32_t
next_with_asid(const struct scene *s, uint32_t mm)
{
    const struct asids *a = s->now->os.asids;

    for (mm++; mm < TASK_MAX; mm++)
        if (a->context[mm])
            return mm;
    return 0;
}

static int
asid_rows(const struct scene *s)
{
    int n = 0;

    if (!asid_exists(&s->now->os))
        return 0;
    for (uint32_t mm = next_with_asid(s, 0); mm; mm = next_with_asid(s, mm))
        n++;
    return 1 + n;
}

static void
asid_head(struct pen *p, const struct scene *s)
{
    const struct asids *a = s->now->os.asids;

    pen_putf(p, ROLE_DIM, 0, tr("ASIDs of %u bits, generation"), s->now->hw.geo.asid_bits);
    pen_putf(p, ROLE_NUMBER, link_state(s, &a->generation, sizeof a->generation), " %llu", (unsigned long long)a->generation);
    for (unsigned cpu = 0; cpu < s->now->hw.geo.cpus; cpu++)
        if (a->pending >> cpu & 1)
            pen_putf(p, ROLE_STALE, 0, tr("  cpu %u must flush"), cpu);
    pen_line(p);
}

static void
asid_row(struct pen *p, const struct scene *s, uint32_t mm)
{
    const struct asids *a = s->now->os.asids;
    bool holds = asid_of(&s->now->os, mm) != 0, old = asid_generation(a->context[mm]) != a->generation;
    unsigned link = link_state(s, &a->context[mm], sizeof a->context[mm]);

    pen_putf(p, ROLE_TEXT, link, tr("space %u"), mm);
    pen_to(p, 10);
    pen_putf(p, holds ? ROLE_NUMBER : ROLE_DIM, link, "asid %u", asid_number(a->context[mm]));
    pen_to(p, 20);
    pen_putf(p, ROLE_DIM, 0, "%s %llu", tr("generation"), (unsigned long long)asid_generation(a->context[mm]));
    if (old)
        pen_putf(p, holds ? ROLE_TEXT : ROLE_DIM, 0, "  %s", holds ? tr("reserved") : tr("too old"));
    pen_line(p);
}

static void
asid_draw(const struct scene *s, struct canvas *c, struct rect r)
{
    struct pen p;

    pen_open(&p, c, r);
    asid_head(&p, s);
    for (uint32_t mm = next_with_asid(s, 0); mm && !pen_full(&p); mm = next_with_asid(s, mm))
        asid_row(&p, s, mm);
    pen_more(&p, false, asid_rows(s) > r.h);
    pen_close(&p);
}

static void
asid_json(const struct scene *s, struct buffer *out)
{
    const struct asids *a = s->now->os.asids;

    if (!asid_exists(&s->now->os))
        return;
    json_key(out, "asid_bits");
    json_put_uint(out, s->now->hw.geo.asid_bits);
    json_key(out, "generation");
    json_put_uint(out, a->generation);
    json_key(out, "must_flush");
    json_open(out, '[');
    for (unsigned cpu = 0; cpu < s->now->hw.geo.cpus; cpu++)
        if (a->pending >> cpu & 1)
            json_put_uint(out, cpu);
    json_close(out, ']');
    json_key(out, "asids");
    json_open(out, '[');
    for (uint32_t mm = next_with_asid(s, 0); mm; mm = next_with_asid(s, mm)) {
        json_open(out, '{');
        json_key(out, "space");
        json_put_uint(out, mm);
        json_key(out, "asid");
        json_put_uint(out, asid_number(a->context[mm]));
        json_key(out, "generation");
        json_put_uint(out, asid_generation(a->context[mm]));
        json_key(out, "in_force");
        json_put_bool(out, asid_of(&s->now->os, mm));
        json_close(out, '}');
    }
    json_close(out, ']');
}

/* --- all of them, one below the other --- */

static const struct {
    int (*rows)(const struct scene *s);
    void (*draw)(const struct scene *s, struct canvas *c, struct rect r);
    void (*json)(const struct scene *s, struct buffer *out);
} part[] = {{parts_rows, parts_draw, parts_json}, {walk_rows, walk_draw, walk_json}, {asid_rows, asid_draw, asid_json}};

enum { PARTS = sizeof part / sizeof *part };

int
tlb_below_rows(const struct scene *s, int h)
{
    int rows = 0;

    for (int i = 0; i < PARTS; i++)
        rows += part[i].rows(s);
    return rows > h / 2 ? h / 2 : rows;
}

void
tlb_below_draw(const struct scene *s, struct canvas *c, struct rect r)
{
    for (int i = 0; i < PARTS && r.h > 0; i++) {
        int rows = part[i].rows(s);

        if (rows > r.h)
            rows = r.h;
        if (rows)
            part[i].draw(s, c, rect_of(r.x, r.y, r.w, rows));
        r.y += rows;
        r.h -= rows;
    }
}

void
tlb_below_json(const struct scene *s, struct buffer *out)
{
    for (int i = 0; i < PARTS; i++)
        part[i].json(s, out);
}
