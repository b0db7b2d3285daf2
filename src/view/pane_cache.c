/* pane_cache.c - a cache of a CPU as it is built: sets of lines, each with tag, valid bit and bytes; the dirty ones hold what memory does not
 * have yet. Where there are several caches, the one that the event is about, or the one that was chosen by moving sideways. A line that holds
 * page-table entries nobody has read yet hides them while a question is open.
 */
#include "view/panes.h"

#include "base/json.h"
#include "base/lang.h"
#include "hw/cache.h"
#include "machine/narrate.h"

/* A selection is a line: its cache and set in one number, its way in the other. */
enum { SELECT_CACHE = 32 };

static enum cache_id
cache_shown(const struct scene *s)
{
    if (pane_selected(s, PANE_CACHE))
        return (enum cache_id)(s->set.select_a >> SELECT_CACHE);
    return event_has(s, FIELD_CACHE) ? (enum cache_id)s->event.cache : CACHE_L1;
}

static const struct cache *
the_cache(const struct scene *s)
{
    return &s->now->hw.cache[cache_shown(s)];
}

static bool
line_selected(const struct scene *s, unsigned set, unsigned way)
{
    return pane_selected(s, PANE_CACHE) && (uint32_t)s->set.select_a == set &&
           s->set.select_b == way;
}

struct subject
cache_selected(const struct scene *s)
{
    return subject_line(scene_cpu(s), cache_shown(s), (uint32_t)s->set.select_a,
                        (unsigned)s->set.select_b);
}

struct line_view {
    const struct cache_line *l;
    unsigned set, way;
    bool remembered; /* invalid, but a tag stands there */
    bool oldest;     /* the next to be evicted from a full set */
    unsigned link;
};

static bool
line_is_oldest(const struct scene *s, const struct line_view *v)
{
    const struct cache *c = the_cache(s);

    if (!v->l->valid || c->geo.ways == 1 ||
        scene_asks(s)) /* who must leave is a question of its own */
        return false;
    for (unsigned way = 0; way < c->geo.ways; way++) {
        const struct cache_line *other = cache_at(c, scene_cpu(s), v->set, way);

        if (!other->valid || other->used < v->l->used)
            return false;
    }
    return true;
}

static struct line_view
line_look(const struct scene *s, unsigned set, unsigned way)
{
    struct line_view v = {
        .l = cache_at(the_cache(s), scene_cpu(s), set, way), .set = set, .way = way};

    v.link = link_line(s, scene_cpu(s), cache_shown(s), set, way);
    v.remembered = !v.l->valid && v.l->pa;
    v.oldest = line_is_oldest(s, &v);
    return v;
}

static uint64_t
line_tag(const struct scene *s, const struct cache_line *l)
{
    return cache_tag_of(the_cache(s), l);
}

static int
tag_digits(const struct scene *s)
{
    const struct cache *c = the_cache(s);
    unsigned low = c->geo.line_shift + (unsigned)__builtin_ctz(c->geo.sets),
             bits = s->now->hw.geo.maxpa;

    if (cache_index(c) == INDEX_VIRTUAL)
        bits = scene_format(s)->va_bits;
    if (cache_index(c) == INDEX_VIRTUAL_SET)
        low -= cache_colour_bits(&c->geo, c->page_shift);
    return bits > low ? (int)(bits - low + 3) / 4 : 1;
}

/* Columns of a row; age only where a set has a choice, there is room for it and for a remark (0: not shown). A remark may cost bytes, but
 * not the first four. */
struct line_columns {
    int way, tag, valid, dirty, bytes, age, note;
};

static struct line_columns
line_columns(const struct scene *s, int w)
{
    enum { REMARK = 9, BYTES = 4 };
    const struct cache_geometry *g = &the_cache(s)->geo;
    struct line_columns k = {.way = g->ways > 1 ? 4 : 0};
    int bytes;

    k.tag = k.way ? 8 : 5;
    k.valid = k.tag + tag_digits(s) + 3;
    k.dirty = g->traits & CACHE_BACK ? k.valid + 2 : 0;
    k.bytes = (k.dirty ? k.dirty : k.valid) + 3;
    bytes = 1 << g->line_shift;
    if (k.bytes + 3 * bytes + 1 + REMARK > w && bytes > BYTES)
        bytes = (w - REMARK - 1 - k.bytes) / 3 > BYTES ? (w - REMARK - 1 - k.bytes) / 3 : BYTES;
    k.note = k.bytes + 3 * bytes + 1;
    if (g->ways > 1 && k.note + 5 + REMARK <= w) {
        k.age = k.note;
        k.note += 5;
    }
    return k;
}

static void
cache_head(struct pen *p, const struct scene *s)
{
    struct line_columns k = line_columns(s, p->r.w);

    pen_put(p, tr("set"), ROLE_DIM, 0);
    if (k.way) {
        pen_to(p, k.way);
        pen_put(p, tr("way"), ROLE_DIM, 0);
    }
    pen_to(p, k.tag);
    pen_put(p, tr("tag"), ROLE_DIM, 0);
    pen_to(p, k.valid);
    pen_put(p, "V", ROLE_DIM, 0);
    if (k.dirty) {
        pen_to(p, k.dirty);
        pen_put(p, "D", ROLE_DIM, 0);
    }
    pen_to(p, k.bytes);
    pen_put(p, tr("bytes"), ROLE_DIM, 0);
    if (k.age) {
        pen_to(p, k.age);
        pen_put(p, tr("age"), ROLE_DIM, 0);
    }
    pen_line(p);
}

/* As many whole bytes as fit before the next column. */
static void
line_bytes(struct pen *p, const struct scene *s, const struct line_view *v, int until)
{
    const unsigned char *at = cache_bytes(the_cache(s), v->l);
    unsigned n = 1u << the_cache(s)->geo.line_shift;

    for (unsigned i = 0; i < n && p->x + 2 < until; i++) {
        paddr_t pa = v->l->pa + i;

        if (link_hidden(s, pa, 1))
            pen_put(p, "??", ROLE_QUESTION, 0);
        else
            pen_putf(p, at[i] ? ROLE_NUMBER : ROLE_DIM, link_bytes(s, pa, 1), "%02x", at[i]);
        if (i + 1 < n)
            pen_put(p, " ", ROLE_TEXT, 0);
    }
}

static void
line_note(struct pen *p, const struct scene *s, const struct line_view *v)
{
    if (v->link == CELL_CHANGED) {
        pen_glyph(p, GLYPH_POINT_LEFT, ROLE_ACCENT, CELL_BOLD);
        pen_rest(p,
                 !v->l->valid ? tr(s->event.code == EV_LINE_DROP ? "dropped" : "evicted")
                 : s->event.code == EV_LINE_FILL ? tr("filled")
                                                 : tr("changed"),
                 ROLE_ACCENT, CELL_BOLD);
    } else if (v->link && s->event.code == EV_LINE_HIT) {
        pen_glyph(p, GLYPH_CHECK, ROLE_TLB_HIT, CELL_BOLD);
        pen_rest(p, tr("hit"), ROLE_TLB_HIT, CELL_BOLD);
    } else if (v->link && s->event.code == EV_LINE_MISS) {
        pen_glyph(p, GLYPH_CROSS, ROLE_TLB_MISS, CELL_BOLD);
        pen_rest(p, tr("miss"), ROLE_TLB_MISS, CELL_BOLD);
    } else if (v->oldest) {
        pen_rest(p, tr("oldest"), ROLE_DIM, 0);
    }
}

static void
line_age(struct pen *p, const struct scene *s, const struct line_view *v, int column)
{
    pen_to(p, column);
    if (scene_asks(s))
        pen_put(p, "?", ROLE_QUESTION, 0);
    else
        pen_putf(p, ROLE_DIM, 0, "%llu",
                 (unsigned long long)(s->now->hw.s->cache_clock - v->l->used));
}

static void
line_row(struct pen *p, const struct scene *s, const struct line_view *v)
{
    struct line_columns k = line_columns(s, p->r.w);
    unsigned flags = v->link | (line_selected(s, v->set, v->way) ? CELL_FOCUS : 0);
    char number[NUMBER_TEXT];

    pen_target(p, TARGET_ITEM, (uint64_t)cache_shown(s) << SELECT_CACHE | v->set, v->way);
    pen_putf(p, ROLE_NUMBER, flags, "%3u", v->set);
    if (k.way) {
        pen_to(p, k.way);
        pen_putf(p, ROLE_DIM, flags, "%2u", v->way);
    }
    pen_to(p, k.tag);
    if (!v->l->valid && !v->remembered) {
        pen_glyph(p, GLYPH_DOT, ROLE_DIM, flags);
    } else {
        pen_putf(p, v->l->valid ? ROLE_ADDRESS : ROLE_DIM, flags, "%s",
                 value_text(s, line_tag(s, v->l), tag_digits(s), number));
        pen_to(p, k.valid);
        pen_putf(p, v->l->valid ? ROLE_TEXT : ROLE_DIM, 0, "%d", v->l->valid);
        if (k.dirty) {
            pen_to(p, k.dirty);
            pen_putf(p, v->l->dirty ? ROLE_ACCENT : ROLE_DIM, v->l->dirty ? CELL_BOLD : 0, "%d",
                     v->l->dirty);
        }
    }
    pen_to(p, k.bytes);
    if (v->l->valid)
        line_bytes(p, s, v, k.age ? k.age : k.note);
    if (v->l->valid && k.age)
        line_age(p, s, v, k.age);
    if (p->x < k.note)
        pen_to(p, k.note);
    line_note(p, s, v);
    pen_target(p, TARGET_NONE, 0, 0);
    pen_line(p);
}

/* Every line; or, where that is too much, those that hold something or are in question. */
static bool
line_listed(const struct scene *s, unsigned set, unsigned way, bool all)
{
    struct line_view v = line_look(s, set, way);

    return all || v.l->valid || v.remembered || v.link == CELL_CHANGED || (v.link && way == 0) ||
           (pane_selected(s, PANE_CACHE) && (uint32_t)s->set.select_a == set);
}

struct line_rows {
    bool all;
    int total, interest;
};

static struct line_rows
cache_rows(const struct scene *s, bool all)
{
    const struct cache_geometry *g = &the_cache(s)->geo;
    struct line_rows n = {.all = all};

    for (unsigned set = 0; set < g->sets; set++)
        for (unsigned way = 0; way < g->ways; way++) {
            if (!line_listed(s, set, way, all))
                continue;
            if (pane_selected(s, PANE_CACHE)
                    ? line_selected(s, set, way)
                    : link_line(s, scene_cpu(s), cache_shown(s), set, way) != 0)
                n.interest = n.total;
            n.total++;
        }
    return n;
}

/* All there are, the one shown set off. */
static void
cache_names(struct pen *p, const struct scene *s)
{
    for (unsigned id = 0; id < CACHES; id++) {
        bool here = id == cache_shown(s);

        if (s->now->hw.geo.cache[id].sets)
            pen_putf(p, here ? ROLE_TITLE : ROLE_DIM, here ? CELL_BOLD : 0, here ? "[%s]" : " %s ",
                     narrate_cache(id));
    }
    pen_put(p, " ", ROLE_DIM, 0);
}

static void
cache_count(struct pen *p, const struct scene *s, const char *name, enum role role,
            const uint64_t *count)
{
    pen_putf(p, role, link_state(s, count, sizeof *count), "%s %llu", name,
             (unsigned long long)*count);
    pen_put(p, "  ", ROLE_DIM, 0);
}

static void
cache_foot(struct pen *p, const struct scene *s)
{
    const struct cpu *cpu = &s->now->hw.s->cpu[scene_cpu(s)];
    const struct cache_geometry *g = &the_cache(s)->geo;

    bool several = s->now->hw.geo.cache[CACHE_L2].sets || s->now->hw.geo.cache[CACHE_L1I].sets;

    if (!several || p->r.w >= 60)
        pen_putf(p, ROLE_DIM, 0, "cpu %u  ", scene_cpu(s));
    if (several)
        cache_names(p, s);
    pen_putf(p, ROLE_NUMBER, 0, "%u", g->sets);
    pen_glyph(p, GLYPH_TIMES, ROLE_DIM, 0);
    pen_putf(p, ROLE_NUMBER, 0, "%u", g->ways);
    pen_glyph(p, GLYPH_TIMES, ROLE_DIM, 0);
    pen_putf(p, ROLE_NUMBER, 0, "%u  ", 1u << g->line_shift);
    cache_count(p, s, tr("hits"), ROLE_TLB_HIT, &cpu->line_hits[cache_shown(s)]);
    cache_count(p, s, tr("misses"), ROLE_TLB_MISS, &cpu->line_misses[cache_shown(s)]);
}

static void
cache_list(struct pen *p, const struct scene *s, const struct line_rows *rows, int skip)
{
    const struct cache_geometry *g = &the_cache(s)->geo;
    int row = 0;

    for (unsigned set = 0; set < g->sets; set++)
        for (unsigned way = 0; way < g->ways && !pen_full(p); way++)
            if (line_listed(s, set, way, rows->all) && row++ >= skip) {
                struct line_view v = line_look(s, set, way);

                line_row(p, s, &v);
            }
}

void
pane_cache(const struct scene *s, struct canvas *c, struct rect r)
{
    int h = r.h > 2 ? r.h - 2 : 1, skip;
    struct line_rows rows;
    struct pen p;

    pen_open(&p, c, r);
    if (!cache_exists(&s->now->hw)) {
        pen_rest(&p, tr("This machine has no data cache."), ROLE_DIM, 0);
        pen_close(&p);
        return;
    }
    cache_head(&p, s);
    pen_close(&p);
    rows = cache_rows(s, true);
    if (rows.total > h)
        rows = cache_rows(s, false);
    skip = scroll_for(rows.total, h, rows.interest, s->set.scroll[PANE_CACHE]);
    pen_open(&p, c, rect_of(r.x, r.y + 1, r.w, rect_cut(r, rect_of(r.x, r.y + 1, r.w, h)).h));
    cache_list(&p, s, &rows, skip);
    if (!rows.total)
        pen_rest(&p, tr("The cache is empty."), ROLE_DIM, 0);
    if (r.h > 1)
        pen_more(&p, skip > 0, rows.total - skip > h);
    pen_close(&p);
    if (r.h < 3)
        return;
    pen_open(&p, c, rect_of(r.x, r.y + r.h - 1, r.w, 1));
    cache_foot(&p, s);
    pen_close(&p);
}

/* The next cache there is, to the right or left; the last one stays. */
static unsigned
cache_beside(const struct scene *s, unsigned id, int dx)
{
    for (int to = (int)id + dx; to >= 0 && to < CACHES; to += dx)
        if (s->now->hw.geo.cache[to].sets)
            return (unsigned)to;
    return id;
}

/* Up and down by a line; sideways to another cache, or, where there is one only, by a set. */
void
cache_move(const struct scene *s, int dx, int dy, struct scene_settings *set)
{
    unsigned id = cache_shown(s), to = dx ? cache_beside(s, id, dx) : id;
    const struct cache_geometry *g = &s->now->hw.geo.cache[id];
    bool only = cache_beside(s, CACHE_L1, 1) == CACHE_L1;
    int64_t at = 0, last;

    if (!g->sets)
        return;
    if (pane_selected(s, PANE_CACHE))
        at = (int64_t)(uint32_t)s->set.select_a * g->ways + (int64_t)s->set.select_b + dy;
    else if (event_has(s, FIELD_TAG))
        at = (int64_t)s->event.set * g->ways + s->event.way;
    if (pane_selected(s, PANE_CACHE) && only)
        at += (int64_t)dx * g->ways;
    if (to != id)
        at = 0;
    g = &s->now->hw.geo.cache[to];
    last = (int64_t)g->sets * g->ways - 1;
    at = at < 0 ? 0 : at > last ? last : at;
    set->selected = true;
    set->select_a = (uint64_t)to << SELECT_CACHE | (uint64_t)at / g->ways;
    set->select_b = (uint64_t)at % g->ways;
}

/* --- JSON --------------------------------------------------------------------------------------- */

static void
line_bytes_json(const struct scene *s, const struct line_view *v, struct buffer *out)
{
    static const char digit[] = "0123456789abcdef";
    const unsigned char *at = cache_bytes(the_cache(s), v->l);
    char text[2 * 256 + 1];
    unsigned n = 0;

    for (unsigned i = 0; i < 1u << the_cache(s)->geo.line_shift; i++) {
        bool hidden = link_hidden(s, v->l->pa + i, 1);

        text[n++] = hidden ? '?' : digit[at[i] >> 4];
        text[n++] = hidden ? '?' : digit[at[i] & 15];
    }
    json_key(out, "bytes");
    json_put_string_n(out, text, n);
}

static void
line_json(const struct scene *s, const struct line_view *v, struct buffer *out)
{
    json_open(out, '{');
    json_key(out, "set");
    json_put_uint(out, v->set);
    json_key(out, "way");
    json_put_uint(out, v->way);
    json_key(out, "tag");
    json_put_hex(out, line_tag(s, v->l));
    json_key(out, "valid");
    json_put_bool(out, v->l->valid);
    if (v->l->valid) {
        json_key(out, "pa");
        json_put_hex(out, v->l->pa);
        json_key(out, "dirty");
        json_put_bool(out, v->l->dirty);
        line_bytes_json(s, v, out);
        json_key(out, "oldest");
        json_put_bool(out, v->oldest);
    }
    if (v->l->valid && !scene_asks(s)) {
        json_key(out, "age");
        json_put_uint(out, s->now->hw.s->cache_clock - v->l->used);
    }
    json_key(out, "event");
    json_put_string(out, v->link == CELL_CHANGED ? "changed" : v->link ? "read" : "");
    json_close(out, '}');
}

void
pane_cache_json(const struct scene *s, struct buffer *out)
{
    const struct cache_geometry *g = &the_cache(s)->geo;
    const struct cpu *cpu = &s->now->hw.s->cpu[scene_cpu(s)];

    json_key(out, "cpu");
    json_put_uint(out, scene_cpu(s));
    json_key(out, "cache");
    json_put_string(out, narrate_cache(cache_shown(s)));
    json_key(out, "sets");
    json_put_uint(out, g->sets);
    json_key(out, "ways");
    json_put_uint(out, g->ways);
    json_key(out, "line");
    json_put_uint(out, g->sets ? 1u << g->line_shift : 0);
    json_key(out, "hits");
    json_put_uint(out, cpu->line_hits[cache_shown(s)]);
    json_key(out, "misses");
    json_put_uint(out, cpu->line_misses[cache_shown(s)]);
    json_key(out, "lines");
    json_open(out, '[');
    for (unsigned set = 0; set < g->sets; set++)
        for (unsigned way = 0; way < g->ways; way++) {
            struct line_view v = line_look(s, set, way);

            if (v.l->valid || v.remembered)
                line_json(s, &v, out);
        }
    json_close(out, ']');
}
