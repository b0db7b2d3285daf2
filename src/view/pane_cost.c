/* pane_cost.c - what it cost: cycles of the current operation by what they were for, the total, and how well the TLB does. */
#include "view/panes.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/lang.h"
#include "hw/cache.h"
#include "hw/tlb.h"
#include "machine/narrate.h"

static const char *const cost_text[SCENE_COST_KINDS] = {
#define X(code, text) text,
    SCENE_COSTS(X)
#undef X
};

/* A bar of at most w cells, in proportion; never empty for what is not nothing. */
static void
cost_bar(struct pen *p, uint64_t part, uint64_t whole, int w)
{
    int n = whole ? (int)(part * (uint64_t)w / whole) : 0;

    if (part && !n)
        n = 1;
    for (int i = 0; i < n; i++)
        pen_glyph(p, GLYPH_FULL, ROLE_ACCENT, 0);
}

static void
cost_row(struct pen *p, const struct scene *s, const char *text, uint64_t cycles, bool bar)
{
    pen_put(p, text, bar ? ROLE_TEXT : ROLE_TITLE, bar ? 0 : CELL_BOLD);
    pen_to(p, 22);
    pen_putf(p, ROLE_NUMBER, bar ? 0 : CELL_BOLD, "%10llu", (unsigned long long)cycles);
    if (bar && pen_left(p) > 6) {
        pen_put(p, "  ", ROLE_TEXT, 0);
        cost_bar(p, cycles, s->walk.cycles, pen_left(p) - 1);
    }
    pen_line(p);
}

static void
cost_tlb(struct pen *p, const struct scene *s)
{
    const struct cpu *cpu = &s->now->hw.s->cpu[scene_cpu(s)];
    uint64_t lookups = cpu->hits + cpu->misses, permille = lookups ? cpu->hits * 1000 / lookups : 0;

    pen_putf(p, ROLE_TLB_HIT, 0, "%s %llu", tr("hits"), (unsigned long long)cpu->hits);
    pen_putf(p, ROLE_TLB_MISS, 0, "  %s %llu", tr("misses"), (unsigned long long)cpu->misses);
    pen_putf(p, ROLE_TEXT, 0, "  %s %llu", tr("walks"), (unsigned long long)cpu->walks);
    if (lookups)
        pen_putf(p, ROLE_NUMBER, 0, "  %llu.%llu %%", (unsigned long long)permille / 10,
                 (unsigned long long)permille % 10);
    pen_line(p);
}

/* What the TLB can translate by itself: now, and full of pages of each size. */
static void
cost_reach(struct pen *p, const struct scene *s)
{
    const struct hw *hw = &s->now->hw;
    const struct format *f = scene_format(s);
    bool asks = scene_asks(s);
    char bytes[16], page[16], item[48];

    pen_putf(p, ROLE_TEXT, 0, "%s ", tr("TLB reach"));
    pen_put(p, asks ? "?" : size_text(tlb_reach(hw, scene_cpu(s)), bytes), asks ? ROLE_QUESTION : ROLE_NUMBER, CELL_BOLD);
    pen_line(p);
    pen_putf(p, ROLE_DIM, 0, "  %s", tr("full of pages of"));
    for (unsigned level = f->levels; level-- > 0;) {
        if (!tlb_holds(f, level))
            continue;
        size_text(UINT64_C(1) << f->level[level].shift, page);
        size_text(tlb_reach_most(hw, f->level[level].shift), bytes);
        snprintf(item, sizeof item, " %s: %s", page, asks ? "?" : bytes);
        if (level + 1 < f->levels)
            pen_put(p, ",", ROLE_DIM, 0);
        if (pen_left(p) < (int)strlen(item) + 1) {
            pen_line(p);
            pen_put(p, " ", ROLE_DIM, 0);
        }
        pen_put(p, item, ROLE_DIM, 0);
    }
    pen_line(p);
}

/* Time over accesses. */
static void
cost_average(struct pen *p, const struct scene *s)
{
    const struct cpu *cpu = &s->now->hw.s->cpu[scene_cpu(s)];
    uint64_t tenths = cpu->accesses ? cpu->access_cycles * 10 / cpu->accesses : 0;

    pen_putf(p, ROLE_TEXT, 0, tr("average access: %llu.%llu cycles (%llu so far)"),
             (unsigned long long)tenths / 10, (unsigned long long)tenths % 10,
             (unsigned long long)cpu->accesses);
    pen_line(p);
}

static bool
has_levels(const struct scene *s)
{
    return s->now->hw.geo.cache[CACHE_L1].traits & CACHE_FIRST;
}

/* The same cycles by who took them. */
static void
cost_levels(struct pen *p, const struct scene *s)
{
    for (unsigned id = 0; id <= CACHES; id++)
        if (id == CACHES || s->now->hw.geo.cache[id].sets)
            pen_putf(p, s->walk.level[id] ? ROLE_NUMBER : ROLE_DIM, 0, "%s %llu  ",
                     narrate_cache(id), (unsigned long long)s->walk.level[id]);
    pen_line(p);
}

/* One table with an entry for each page an address can name. */
static uint64_t
flat_table_bytes(const struct format *f)
{
    return (UINT64_C(1) << (f->va_bits - f->page_shift)) * f->entry_bytes;
}

static uint64_t
tree_bytes(const struct scene *s, const struct mm *mm)
{
    return mm->tables * format_page(scene_format(s));
}

/* What translation costs in memory: the tables of this process, and the one it does without, which lessons like to ask for. */
static void
cost_tables(struct pen *p, const struct scene *s, const struct mm *mm)
{
    char tree[16], flat[16];

    pen_putf(p, ROLE_TEXT, 0, "%s %u: ", tr("page tables"), mm->tables);
    pen_putf(p, ROLE_NUMBER, CELL_BOLD, "%s", size_text(tree_bytes(s, mm), tree));
    pen_putf(p, ROLE_DIM, 0, "  %s %s", tr("one flat table"), scene_asks(s) ? "?" : size_text(flat_table_bytes(scene_format(s)), flat));
    pen_line(p);
}

void
pane_cost(const struct scene *s, struct canvas *c, struct rect r)
{
    struct pen p;

    pen_open(&p, c, r);
    p.y = s->set.scroll[PANE_COST] > 0 ? -s->set.scroll[PANE_COST] : 0;
    cost_row(&p, s, tr("this operation"), s->walk.cycles, false);
    for (int i = 0; i < SCENE_COST_KINDS; i++)
        if (s->walk.cost[i])
            cost_row(&p, s, tr(cost_text[i]), s->walk.cost[i], true);
    if (has_levels(s) && !scene_asks(s))
        cost_levels(&p, s);
    cost_row(&p, s, tr("all so far"), s->now->hw.s->cycles, false);
    cost_tlb(&p, s);
    if (!scene_asks(s) && s->now->hw.s->cpu[scene_cpu(s)].accesses)
        cost_average(&p, s);
    if (hw_pages(&s->now->hw, scene_cpu(s)))
        cost_reach(&p, s);
    if (scene_mm(s))
        cost_tables(&p, s, scene_mm(s));
    pen_rest(&p, tr("cycles of a model, not of a real machine"), ROLE_DIM, 0);
    pen_close(&p);
}

static void
levels_json(const struct scene *s, struct buffer *out)
{
    json_key(out, "levels");
    json_open(out, '[');
    for (unsigned id = 0; id <= CACHES; id++) {
        if (id < CACHES && !s->now->hw.geo.cache[id].sets)
            continue;
        json_open(out, '{');
        json_key(out, "name");
        json_put_string(out, narrate_cache(id));
        json_key(out, "cycles");
        json_put_uint(out, s->walk.level[id]);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void
reach_json(const struct scene *s, struct buffer *out)
{
    const struct format *f = scene_format(s);

    json_key(out, "reach");
    json_put_uint(out, tlb_reach(&s->now->hw, scene_cpu(s)));
    json_key(out, "reach_when_full");
    json_open(out, '[');
    for (unsigned level = f->levels; level-- > 0;) {
        if (!tlb_holds(f, level))
            continue;
        json_open(out, '{');
        json_key(out, "page");
        json_put_uint(out, UINT64_C(1) << f->level[level].shift);
        json_key(out, "bytes");
        json_put_uint(out, tlb_reach_most(&s->now->hw, f->level[level].shift));
        json_close(out, '}');
    }
    json_close(out, ']');
}

void
pane_cost_json(const struct scene *s, struct buffer *out)
{
    const struct cpu *cpu = &s->now->hw.s->cpu[scene_cpu(s)];

    json_key(out, "operation");
    json_put_uint(out, s->walk.cycles);
    json_key(out, "parts");
    json_open(out, '[');
    for (int i = 0; i < SCENE_COST_KINDS; i++) {
        json_open(out, '{');
        json_key(out, "for");
        json_put_string(out, cost_text[i]);
        json_key(out, "cycles");
        json_put_uint(out, s->walk.cost[i]);
        json_close(out, '}');
    }
    json_close(out, ']');
    if (has_levels(s) && !scene_asks(s))
        levels_json(s, out);
    json_key(out, "total");
    json_put_uint(out, s->now->hw.s->cycles);
    json_key(out, "hits");
    json_put_uint(out, cpu->hits);
    json_key(out, "misses");
    json_put_uint(out, cpu->misses);
    json_key(out, "walks");
    json_put_uint(out, cpu->walks);
    if (!scene_asks(s)) {
        json_key(out, "accesses");
        json_put_uint(out, cpu->accesses);
        json_key(out, "access_cycles");
        json_put_uint(out, cpu->access_cycles);
        json_key(out, "average_access"); /* whole cycles */
        json_put_uint(out, cpu->accesses ? cpu->access_cycles / cpu->accesses : 0);
        if (hw_pages(&s->now->hw, scene_cpu(s)))
            reach_json(s, out);
    }
    if (scene_mm(s)) {
        json_key(out, "tables");
        json_put_uint(out, scene_mm(s)->tables);
        json_key(out, "table_bytes");
        json_put_uint(out, tree_bytes(s, scene_mm(s)));
        if (!scene_asks(s)) {
            json_key(out, "flat_bytes");
            json_put_uint(out, flat_table_bytes(scene_format(s)));
        }
    }
    json_key(out, "model");
    json_put_bool(out, true);
}
