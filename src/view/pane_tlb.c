/* pane_tlb.c - the TLB as it is built: sets of ways. Staleness is found by comparing an entry with the tables; the hardware never knows it.
 */
#include "view/pane_tlb.h"

#include "base/json.h"
#include "base/lang.h"
#include "hw/cache.h"
#include "hw/tlb_policy.h"
#include "os/tag.h"

struct tlb_view {
    const struct tlb_entry *e;
    unsigned set, way;
    bool valid, stale, oldest;   /* oldest: the next to be evicted from a full set */
    bool remembered;             /* invalid, but its page stands there */
    unsigned link;
};

/* Does an entry promise what the tables no longer say? A missing D bit is no promise. */
static bool
entry_is_stale(const struct scene *s, const struct tlb_entry *e)
{
    const uint8_t rights = TLB_W | TLB_U | TLB_NX;
    struct translation t;
    uint64_t mask = low_bits(e->shift) >> scene_format(s)->page_shift;

    if (!tag_root(&s->now->os, scene_cpu(s), e)) /* of nobody's: there is nothing to compare with */
        return false;
    if (!tag_peek(&s->now->os, scene_cpu(s), e, &t))
        return true;
    return (t.pfn & ~mask) != (e->pfn & ~mask) || (t.flags & rights) != (e->flags & rights);
}

/* Or does a quirk take the entries for another shape? */
static bool
has_sets(const struct hw *hw)
{
    return !hw_quirk(hw, QUIRK_TLB_ONE_SET) && !hw_quirk(hw, QUIRK_TLB_ONE_WAY);
}

static bool
set_is_full(const struct hw *hw, unsigned cpu, unsigned set)
{
    for (unsigned way = 0; way < hw->geo.tlb_ways; way++)
        if (!(tlb_at(hw, cpu, set, way)->flags & TLB_VALID))
            return false;
    return true;
}

static struct tlb_view
tlb_look(const struct scene *s, unsigned set, unsigned way)
{
    const struct hw *hw = &s->now->hw;
    unsigned cpu = scene_cpu(s);
    struct tlb_view v = {.e = tlb_at(hw, cpu, set, way), .set = set, .way = way};

    v.valid = v.e->flags & TLB_VALID;
    v.link = link_tlb(s, cpu, set, way);
    v.remembered = !v.valid && v.e->shift;
    v.stale = v.valid && entry_is_stale(s, v.e);
    v.oldest = !scene_asks(s) && has_sets(hw) && set_is_full(hw, cpu, set) && /* whose turn it is may be the question */
               tlb_policy_next(hw, tlb_at(hw, cpu, set, 0), hw->geo.tlb_ways) == (int)way;
    return v;
}

static const char *
rights_text(uint8_t flags, char out[5])
{
    out[0] = flags & TLB_W ? 'W' : '-';
    out[1] = flags & TLB_U ? 'U' : '-';
    out[2] = flags & TLB_D ? 'D' : '-';
    out[3] = flags & TLB_NX ? '-' : 'x';
    out[4] = 0;
    return out;
}

int
tlb_page_digits(const struct format *f)
{
    return f->va_bits > 32 ? 12 : va_digits(f);
}

/* A format without rights has only the valid bit to show. */
static bool
has_rights(const struct scene *s)
{
    const struct format_flags *flag = &scene_format(s)->flag;

    return flag->writable | flag->user | flag->dirty | flag->no_execute;
}

static uint64_t
tlb_tag(const struct scene *s, const struct tlb_entry *e)
{
    return (e->page & low_bits(scene_format(s)->va_bits)) >> e->shift >> __builtin_ctz(s->now->hw.geo.tlb_sets);
}

/* Cells of a page's address: of a user page in decimal; a kernel's pushes what follows to the right. */
static int
page_width(const struct scene *s)
{
    const struct format *f = scene_format(s);

    if (s->set.numbers == NUMBERS_DECIMAL)
        return f->va_bits > 32 ? 15 : f->va_bits > 16 ? 10 : 5;
    return tlb_page_digits(f) + 2;
}

static bool
is_tagged(const struct scene *s)
{
    return hw_has_pcids(&s->now->hw, scene_cpu(s)) || s->now->hw.s->cpu[scene_cpu(s)].asid;
}

struct tlb_columns
tlb_columns(const struct scene *s, int w)
{
    enum { REMARK = 9 };
    struct tlb_columns k = {.way = 4, .page = 8};

    k.frame = k.page + page_width(s) + 1;
    if (cache_exists(&s->now->hw) && scene_format(s)->va_bits <= 32) {
        k.tag = k.frame;
        k.frame += 5;
    }
    k.rights = k.frame + 6;
    k.note = k.rights + 5;
    if (k.note + 5 + REMARK <= w && (k.note + 10 + REMARK <= w || !is_tagged(s))) {
        k.age = k.note;
        k.note += 5;
    }
    if (k.note + 5 + REMARK <= w) {
        k.asid = k.note;
        k.note += 5;
    } else if (is_tagged(s)) { /* whose an entry is matters more than what it allows */
        k.asid = k.rights;
        k.rights = 0;
    }
    return k;
}

static void
tlb_head(struct pen *p, const struct scene *s)
{
    struct tlb_columns k = tlb_columns(s, p->r.w);

    pen_put(p, tr("set"), ROLE_DIM, 0);
    pen_to(p, k.way);
    pen_put(p, tr("way"), ROLE_DIM, 0);
    pen_to(p, k.page);
    pen_put(p, tr("page"), ROLE_DIM, 0);
    if (k.tag) {
        pen_to(p, k.tag);
        pen_put(p, tr("tag"), ROLE_DIM, 0);
    }
    pen_to(p, k.frame);
    pen_put(p, tr("frame"), ROLE_DIM, 0);
    if (k.rights) {
        pen_to(p, k.rights);
        pen_put(p, has_rights(s) ? "WUDx" : "V", ROLE_DIM, 0);
    }
    if (k.age) {
        pen_to(p, k.age);
        pen_put(p, tr("age"), ROLE_DIM, 0);
    }
    if (k.asid) {
        pen_to(p, k.asid);
        pen_put(p, "asid", ROLE_DIM, 0);
    }
    pen_line(p);
}

static void
tlb_note(struct pen *p, const struct scene *s, const struct tlb_view *v)
{
    if (v->stale) {
        pen_put(p, "! ", ROLE_STALE, 0);
        pen_rest(p, tr("stale"), ROLE_STALE, 0);
    } else if (v->link == CELL_CHANGED) {
        pen_glyph(p, GLYPH_POINT_LEFT, ROLE_ACCENT, CELL_BOLD);
        pen_rest(p, v->valid ? tr("filled") : tr("dropped"), ROLE_ACCENT, CELL_BOLD);
    } else if (v->link && v->valid && event_has(s, FIELD_WAY)) {
        pen_glyph(p, GLYPH_CHECK, ROLE_TLB_HIT, CELL_BOLD);
        pen_rest(p, tr("hit"), ROLE_TLB_HIT, CELL_BOLD);
    } else if (v->oldest) {
        pen_rest(p, tlb_policy_now(&s->now->hw) == TLB_PLRU ? tr("next out") : tr("oldest"), ROLE_DIM, 0);
    }
}

static void
tlb_tag_cell(struct pen *p, const struct scene *s, const struct tlb_view *v, const struct tlb_columns *k)
{
    char number[NUMBER_TEXT];

    if (!k->tag)
        return;
    pen_to(p, k->tag);
    pen_put(p, value_text(s, tlb_tag(s, v->e), 0, number), v->valid ? ROLE_ADDRESS : ROLE_DIM, v->link);
}

/* An entry of the initial state that is not in force: what page it was, and no frame. */
static void
tlb_invalid_cells(struct pen *p, const struct scene *s, const struct tlb_view *v, const struct tlb_columns *k, unsigned flags)
{
    char number[NUMBER_TEXT];

    pen_put(p, value_text(s, v->e->page, tlb_page_digits(scene_format(s)), number), ROLE_DIM, flags);
    tlb_tag_cell(p, s, v, k);
    pen_to(p, k->frame);
    pen_glyph(p, GLYPH_DOT, ROLE_DIM, 0);
    pen_to(p, k->rights);
    pen_put(p, has_rights(s) ? tr("invalid") : "0", ROLE_DIM, 0);
}

static void
tlb_row(struct pen *p, const struct scene *s, const struct tlb_view *v)
{
    struct tlb_columns k = tlb_columns(s, p->r.w);
    bool selected = pane_selected(s, PANE_TLB) && s->set.select_a == v->set && s->set.select_b == v->way;
    unsigned focus = selected ? CELL_FOCUS : 0;
    char rights[5], size[16], number[NUMBER_TEXT];

    pen_target(p, TARGET_ITEM, v->set, v->way);
    if (v->way == 0 || v->link || selected || p->y == 0)
        pen_putf(p, ROLE_NUMBER, v->link, "%3u", v->set);
    pen_to(p, k.way);
    pen_putf(p, ROLE_DIM, focus, "%2u", v->way);
    pen_to(p, k.page);
    if (v->remembered) {
        tlb_invalid_cells(p, s, v, &k, v->link | focus);
    } else if (!v->valid) {
        pen_glyph(p, GLYPH_DOT, ROLE_DIM, v->link | focus);
    } else {
        pen_putf(p, v->stale ? ROLE_STALE : ROLE_ADDRESS, v->link | focus, "%s",
                 value_text(s, v->e->page, tlb_page_digits(scene_format(s)), number));
        tlb_tag_cell(p, s, v, &k);
        pen_to(p, k.frame);
        pen_label(p, v->e->pfn, v->link);
        if (k.rights) {
            pen_to(p, k.rights);
            pen_put(p, has_rights(s) ? rights_text(v->e->flags, rights) : "1", ROLE_TEXT, 0);
        }
        if (k.age) {
            pen_to(p, k.age);
            if (scene_asks(s))
                pen_put(p, "?", ROLE_QUESTION, 0);
            else
                pen_putf(p, ROLE_DIM, 0, "%llu", (unsigned long long)(s->now->hw.s->tlb_clock - v->e->used));
        }
        if (k.asid) {
            pen_to(p, k.asid);
            pen_putf(p, ROLE_DIM, 0, "%u%s", v->e->asid, v->e->flags & TLB_G ? "G" : "");
        }
    }
    if (p->x < k.note && p->r.w > k.note)
        pen_to(p, k.note);
    else
        pen_put(p, " ", ROLE_TEXT, 0);
    if (v->valid && v->e->shift > scene_format(s)->page_shift)
        pen_putf(p, ROLE_DIM, 0, "%s ", size_text(UINT64_C(1) << v->e->shift, size));
    tlb_note(p, s, v);
    pen_target(p, TARGET_NONE, 0, 0);
    pen_line(p);
}

/* How much is listed: every way; one row for a set that holds nothing; or only what is used, and the set in question. */
enum tlb_detail { EVERY_WAY, EVERY_SET, USED_ONLY };

static bool
set_is_empty(const struct scene *s, unsigned set)
{
    for (unsigned way = 0; way < s->now->hw.geo.tlb_ways; way++)
        if (tlb_at(&s->now->hw, scene_cpu(s), set, way)->shift || link_tlb(s, scene_cpu(s), set, way) == CELL_CHANGED)
            return false;
    return true;
}

static bool
tlb_listed(const struct scene *s, unsigned set, unsigned way, enum tlb_detail detail)
{
    unsigned link = link_tlb(s, scene_cpu(s), set, way);

    if (detail == EVERY_WAY || tlb_at(&s->now->hw, scene_cpu(s), set, way)->shift || link == CELL_CHANGED ||
        (pane_selected(s, PANE_TLB) && s->set.select_a == set))
        return true;
    return way == 0 && (detail == EVERY_SET || link) && set_is_empty(s, set);
}

struct tlb_rows {
    enum tlb_detail detail;
    int total, interest;
};

static struct tlb_rows
tlb_count_rows(const struct scene *s, enum tlb_detail detail)
{
    const struct geometry *g = &s->now->hw.geo;
    struct tlb_rows n = {.detail = detail};

    for (unsigned set = 0; set < g->tlb_sets; set++) {
        for (unsigned way = 0; way < g->tlb_ways; way++) {
            if (!tlb_listed(s, set, way, detail))
                continue;
            if (pane_selected(s, PANE_TLB) ? s->set.select_a == set && s->set.select_b == way
                                           : link_tlb(s, scene_cpu(s), set, way) != 0)
                n.interest = n.total;
            n.total++;
        }
    }
    return n;
}

static struct tlb_rows
tlb_fit(const struct scene *s, int h)
{
    struct tlb_rows n = tlb_count_rows(s, EVERY_WAY);

    if (n.total > h)
        n = tlb_count_rows(s, EVERY_SET);
    return n.total > h ? tlb_count_rows(s, USED_ONLY) : n;
}

static void
tlb_foot(struct pen *p, const struct scene *s)
{
    const struct cpu *cpu = &s->now->hw.s->cpu[scene_cpu(s)];
    const struct geometry *g = &s->now->hw.geo;

    pen_putf(p, ROLE_DIM, 0, "cpu %u  ", scene_cpu(s));
    pen_putf(p, ROLE_NUMBER, 0, "%u", g->tlb_sets);
    pen_glyph(p, GLYPH_TIMES, ROLE_DIM, 0);
    pen_putf(p, ROLE_NUMBER, 0, "%u  ", g->tlb_ways);
    pen_putf(p, ROLE_TLB_HIT, link_state(s, &cpu->hits, sizeof cpu->hits), "%s %llu", tr("hits"), (unsigned long long)cpu->hits);
    pen_put(p, "  ", ROLE_DIM, 0);
    pen_putf(p, ROLE_TLB_MISS, link_state(s, &cpu->misses, sizeof cpu->misses), "%s %llu", tr("misses"),
             (unsigned long long)cpu->misses);
    if (is_tagged(s))
        pen_putf(p, ROLE_NUMBER, link_state(s, &cpu->asid, sizeof cpu->asid), "  %s %u",
                 scene_format(s)->family == FAMILY_X86 ? "PCID" : "ASID", cpu->asid);
}

void
pane_tlb(const struct scene *s, struct canvas *c, struct rect r)
{
    const struct geometry *g = &s->now->hw.geo;
    int below = tlb_below_rows(s, r.h), h = r.h > 2 + below ? r.h - 2 - below : 1;
    struct tlb_rows rows = tlb_fit(s, h);
    int skip = scroll_for(rows.total, h, rows.interest, s->set.scroll[PANE_TLB]), row = 0;
    struct pen p;

    pen_open(&p, c, r);
    tlb_head(&p, s);
    pen_close(&p);
    pen_open(&p, c, rect_of(r.x, r.y + 1, r.w, rect_cut(r, rect_of(r.x, r.y + 1, r.w, h)).h));
    p.y = -skip;
    for (unsigned set = 0; set < g->tlb_sets; set++)
        for (unsigned way = 0; way < g->tlb_ways; way++)
            if (tlb_listed(s, set, way, rows.detail)) {
                if (row++ >= skip && !pen_full(&p)) {
                    struct tlb_view v = tlb_look(s, set, way);

                    tlb_row(&p, s, &v);
                } else {
                    pen_line(&p);
                }
            }
    if (!rows.total)
        pen_rest(&p, tr("The TLB is empty."), ROLE_DIM, 0);
    if (r.h > 1)
        pen_more(&p, skip > 0, rows.total - skip > h);
    pen_close(&p);
    if (below && r.h > 2 + below)
        tlb_below_draw(s, c, rect_of(r.x, r.y + r.h - 1 - below, r.w, below));
    if (r.h < 3)
        return;
    pen_open(&p, c, rect_of(r.x, r.y + r.h - 1, r.w, 1));
    tlb_foot(&p, s);
    pen_close(&p);
}

static int
clamped(int64_t at, int most)
{
    return at < 0 ? 0 : at > most ? most : (int)at;
}

void
tlb_move(const struct scene *s, int dx, int dy, struct scene_settings *set)
{
    const struct geometry *g = &s->now->hw.geo;
    int ways = g->tlb_ways, at = 0;

    if (pane_selected(s, PANE_TLB))
        at = clamped((int64_t)s->set.select_a * ways + (int64_t)s->set.select_b + dy + (int64_t)dx * ways, g->tlb_sets * ways - 1);
    else if (event_has(s, FIELD_SET) && !event_has(s, FIELD_TAG))
        at = clamped((int64_t)s->event.set * ways + s->event.way, g->tlb_sets * ways - 1);
    set->selected = true;
    set->select_a = (uint64_t)(at / ways);
    set->select_b = (uint64_t)(at % ways);
}

static void
tlb_entry_json(const struct scene *s, const struct tlb_view *v, struct buffer *out)
{
    char rights[5];

    json_open(out, '{');
    json_key(out, "set");
    json_put_uint(out, v->set);
    json_key(out, "way");
    json_put_uint(out, v->way);
    json_key(out, "valid");
    json_put_bool(out, v->valid);
    json_key(out, "page");
    json_put_hex(out, v->e->page);
    json_key(out, "tag");
    json_put_hex(out, tlb_tag(s, v->e));
    json_key(out, "size");
    json_put_uint(out, UINT64_C(1) << v->e->shift);
    json_key(out, "frame");
    json_put_uint(out, v->e->pfn);
    json_key(out, "rights");
    json_put_string(out, rights_text(v->e->flags, rights));
    json_key(out, "asid");
    json_put_uint(out, v->e->asid);
    json_key(out, "global");
    json_put_bool(out, v->e->flags & TLB_G);
    if (!scene_asks(s)) {
        json_key(out, "age");
        json_put_uint(out, s->now->hw.s->tlb_clock - v->e->used);
    }
    json_key(out, "oldest");
    json_put_bool(out, v->oldest);
    json_key(out, "stale");
    json_put_bool(out, v->stale);
    json_key(out, "event");
    json_put_string(out, v->link == CELL_CHANGED ? "changed" : v->link ? "read" : "");
    json_close(out, '}');
}

void
pane_tlb_json(const struct scene *s, struct buffer *out)
{
    const struct geometry *g = &s->now->hw.geo;
    const struct cpu *cpu = &s->now->hw.s->cpu[scene_cpu(s)];

    json_key(out, "cpu");
    json_put_uint(out, scene_cpu(s));
    json_key(out, "sets");
    json_put_uint(out, g->tlb_sets);
    json_key(out, "ways");
    json_put_uint(out, g->tlb_ways);
    json_key(out, "hits");
    json_put_uint(out, cpu->hits);
    json_key(out, "misses");
    json_put_uint(out, cpu->misses);
    if (is_tagged(s)) {
        json_key(out, "pcid");
        json_put_uint(out, cpu->asid);
    }
    json_key(out, "entries");
    json_open(out, '[');
    for (unsigned set = 0; set < g->tlb_sets; set++)
        for (unsigned way = 0; way < g->tlb_ways; way++) {
            struct tlb_view v = tlb_look(s, set, way);

            if (v.valid || v.remembered)
                tlb_entry_json(s, &v, out);
        }
    json_close(out, ']');
    tlb_below_json(s, out);
}
