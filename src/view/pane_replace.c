/* pane_replace.c - page replacement: the ring of resident pages of the process that runs (of everybody when nobody does), what each policy
 * would look at, the hand, who would have to go now, and the string of references with the place reached.
 */
#include "view/panes.h"

#include "base/json.h"
#include "base/lang.h"
#include "os/evict.h"

enum { NARROW = 56, LOW = 8 };

/* Where the columns begin, in a wide pane and in a narrow one. */
struct columns {
    int page, frame, bits, times, step;
};

static struct columns
columns_of(int width)
{
    return width > NARROW ? (struct columns){3, 18, 25, 30, 7} : (struct columns){3, 16, 21, 25, 6};
}

/* Whose ring. */
static uint32_t
ring_mm(const struct scene *s)
{
    const struct mm *mm = scene_mm(s);

    return mm ? (uint32_t)(mm - s->now->os.s->mm) : 0;
}

static enum policy
policy_now(const struct scene *s)
{
    return (enum policy)hw_tunable(&s->now->hw, TUNE_POLICY);
}

static bool
is_chosen(const struct scene *s)
{
    return s->has_event && s->event.code == EV_VICTIM_CHOSEN;
}

/* In a story the next question may be who has to go; on a branch the learner tries things out. */
static bool
tells_victim(const struct scene *s)
{
    return !scene_asks(s) && (s->page.steps == 0 || s->on_branch);
}

/* Who has just been chosen, or would have to go. */
static pfn_t
victim_now(const struct scene *s)
{
    if (is_chosen(s))
        return s->event.frame;
    return tells_victim(s) ? choose_peek(&s->now->os, ring_mm(s)) : 0;
}

/* The page's number in the string, if it is one of its pages. */
static bool
string_page(const struct scene *s, uint32_t mm, vaddr_t va, uint64_t *page)
{
    const struct refstring *r = &s->now->os.s->string;

    *page = vpn_of(scene_format(s), va - r->base);
    return r->mm && r->mm == mm && va >= r->base;
}

static bool
was_on_ring(const struct scene *s, pfn_t pfn)
{
    return s->before->os.resident[pfn].on_ring;
}

/* --- the head --- */

static void
resident_put(struct pen *p, const struct scene *s, uint32_t mm)
{
    const struct os_state *os = s->now->os.s;
    uint64_t limit = hw_tunable(&s->now->hw, TUNE_RESIDENT_LIMIT);
    uint64_t pages = mm ? os->mm[mm].rss_anon + os->mm[mm].rss_file : os->ring_pages;

    pen_putf(p, ROLE_NUMBER, 0, "%llu", (unsigned long long)pages);
    if (limit && mm)
        pen_putf(p, ROLE_DIM, 0, "/%llu", (unsigned long long)limit);
}

static void
head_row(struct pen *p, const struct scene *s, uint32_t mm)
{
    const struct os_state *os = s->now->os.s;

    if (mm)
        pen_putf(p, ROLE_TITLE, CELL_BOLD, "%s %u", tr("pid"), s->now->hw.s->cpu[scene_cpu(s)].task);
    else
        pen_put(p, tr("everybody"), ROLE_TITLE, CELL_BOLD);
    pen_putf(p, ROLE_DIM, 0, "  %s ", tr("policy"));
    pen_put(p, policy_row[policy_now(s)].name, ROLE_ACCENT, CELL_BOLD);
    pen_putf(p, ROLE_DIM, 0, "  %s ", tr("resident"));
    resident_put(p, s, mm);
    if (pen_left(p) >= 16) {
        pen_putf(p, ROLE_DIM, 0, "  %s ", tr("evictions"));
        pen_putf(p, ROLE_NUMBER, link_state(s, &os->evictions, sizeof os->evictions), "%llu", (unsigned long long)os->evictions);
    }
    pen_line(p);
}

/* In a low pane the ring needs the row more: the policy and the pages stand before the counts of the string. */
static void
brief_put(struct pen *p, const struct scene *s, uint32_t mm)
{
    pen_put(p, policy_row[policy_now(s)].name, ROLE_ACCENT, CELL_BOLD);
    pen_put(p, " ", ROLE_TEXT, 0);
    resident_put(p, s, mm);
    pen_put(p, "  ", ROLE_TEXT, 0);
}

static void
string_counts(struct pen *p, const struct scene *s, const struct refstring *r)
{
    pen_putf(p, ROLE_DIM, 0, "%s ", tr("string"));
    pen_putf(p, ROLE_NUMBER, link_state(s, &r->at, sizeof r->at), "%u", r->at);
    pen_putf(p, ROLE_DIM, 0, "/%u  %s ", r->length, tr("hits"));
    pen_putf(p, ROLE_NUMBER, link_state(s, &r->hits, sizeof r->hits), "%u", r->hits);
    pen_putf(p, ROLE_DIM, 0, "  %s ", tr("faults"));
    pen_putf(p, ROLE_NUMBER, link_state(s, &r->faults, sizeof r->faults), "%u", r->faults);
    pen_line(p);
}

/* The references around the one made last, which is marked. */
static void
string_row(struct pen *p, const struct scene *s, const struct refstring *r)
{
    uint32_t i = r->at > 12 ? r->at - 12 : 0;

    if (i)
        pen_glyph(p, GLYPH_ELLIPSIS, ROLE_DIM, 0);
    for (; i < r->length && pen_left(p) > 8; i++) {
        struct reference ref = refstring_at(&s->now->os, i);
        bool here = i + 1 == r->at;

        pen_put(p, here ? "[" : " ", ROLE_ACCENT, CELL_BOLD);
        pen_putf(p, i < r->at && !here ? ROLE_DIM : ROLE_TEXT, here ? CELL_BOLD : 0, "%u%s", ref.page, ref.write ? "w" : "");
        if (here)
            pen_put(p, "]", ROLE_ACCENT, CELL_BOLD);
    }
    if (i < r->length)
        pen_glyph(p, GLYPH_ELLIPSIS, ROLE_DIM, 0);
    pen_line(p);
}

/* "next" only where the future is known. */
static bool
shows_next(const struct scene *s, int width)
{
    return s->now->os.s->string.length && width > NARROW;
}

static void
column_row(struct pen *p, const struct scene *s, int width)
{
    const char *const title[] = {tr("loaded"), tr("used"), tr("uses"), tr("next use")};
    struct columns at = columns_of(width);

    pen_to(p, at.page);
    pen_put(p, tr("page"), ROLE_DIM, 0);
    pen_to(p, at.frame);
    pen_put(p, tr("frame"), ROLE_DIM, 0);
    pen_to(p, at.bits);
    pen_put(p, "R D", ROLE_DIM, 0);
    for (int i = 0; i < 3 + shows_next(s, width); i++) {
        pen_to(p, at.times + i * at.step);
        pen_put(p, title[i], ROLE_DIM, 0);
    }
    pen_line(p);
}

/* --- the ring --- */

struct row {
    uint32_t mm;
    pfn_t hand, victim;
    int width;
};

static void
bit_put(struct pen *p, const struct scene *s, pfn_t pfn, bool (*is_set)(const struct os *, pfn_t), char letter)
{
    bool now = is_set(&s->now->os, pfn);
    bool changed = s->has_event && was_on_ring(s, pfn) && is_set(&s->before->os, pfn) != now;

    pen_putf(p, now ? ROLE_TEXT : ROLE_DIM, (changed ? CELL_CHANGED : 0) | (now ? CELL_BOLD : 0), "%c", now ? letter : '-');
}

static void
number_put(struct pen *p, const struct scene *s, pfn_t pfn, uint64_t now, uint64_t before)
{
    bool changed = s->has_event && was_on_ring(s, pfn) && now != before;

    pen_putf(p, ROLE_NUMBER, changed ? CELL_CHANGED : 0, "%llu", (unsigned long long)now);
}

static void
next_put(struct pen *p, const struct scene *s, pfn_t pfn)
{
    uint64_t next = choose_next_use(&s->now->os, pfn);

    if (scene_keeps(s) && policy_now(s) == POLICY_OPT)
        pen_put(p, "?", ROLE_QUESTION, 0);
    else if (next)
        pen_putf(p, ROLE_NUMBER, 0, "%llu", (unsigned long long)next);
    else
        pen_put(p, tr("never"), ROLE_DIM, 0);
}

static void
page_put(struct pen *p, const struct scene *s, uint32_t mm, vaddr_t va, unsigned link)
{
    uint64_t page;
    char number[NUMBER_TEXT];

    if (string_page(s, mm, va, &page))
        pen_putf(p, ROLE_TITLE, CELL_BOLD | link, "%llu", (unsigned long long)page);
    else if (va)
        pen_putf(p, ROLE_ADDRESS, link, "%s", value_text(s, va, 0, number));
    else
        pen_put(p, tr("cached"), ROLE_DIM, link);
}

static void
ring_row(struct pen *p, const struct scene *s, const struct row *row, pfn_t pfn)
{
    const struct resident *r = &s->now->os.resident[pfn], *old = &s->before->os.resident[pfn];
    struct columns at = columns_of(row->width);
    unsigned link = link_frame(s, pfn) | (pane_selected(s, PANE_REPLACE) && s->set.select_a == pfn ? CELL_FOCUS : 0);

    pen_target(p, TARGET_ITEM, pfn, 0);
    pen_glyph(p, GLYPH_POINT_RIGHT, ROLE_ACCENT, CELL_BOLD);
    if (pfn != row->hand) {
        p->x = 0;
        pen_put(p, " ", ROLE_TEXT, 0);
    }
    if (pfn == row->victim)
        pen_glyph(p, GLYPH_CROSS, ROLE_WARNING, CELL_BOLD);
    pen_to(p, at.page);
    page_put(p, s, row->mm, rmap_address(&s->now->os, row->mm, pfn), link);
    pen_to(p, at.frame);
    pen_label(p, pfn, link);
    pen_to(p, at.bits);
    bit_put(p, s, pfn, choose_referenced, 'R');
    pen_put(p, " ", ROLE_TEXT, 0);
    bit_put(p, s, pfn, evict_is_dirty, 'D');
    pen_to(p, at.times);
    number_put(p, s, pfn, r->loaded, old->loaded);
    pen_to(p, at.times + at.step);
    number_put(p, s, pfn, r->used, old->used);
    pen_to(p, at.times + 2 * at.step);
    number_put(p, s, pfn, r->uses, old->uses);
    if (shows_next(s, row->width)) {
        pen_to(p, at.times + 3 * at.step);
        next_put(p, s, pfn);
    }
    pen_target(p, TARGET_NONE, 0, 0);
    pen_line(p);
}

/* Rows of the ring; *interest is the row of the frame selected, else of the event's, else the hand's. */
static int
ring_count(const struct scene *s, const struct row *row, int *interest)
{
    pfn_t wanted = pane_selected(s, PANE_REPLACE) ? s->set.select_a : event_frame(s);
    int n = 0;

    *interest = 0;
    for (pfn_t pfn = resident_next(&s->now->os, row->mm, 0); pfn; pfn = resident_next(&s->now->os, row->mm, pfn), n++)
        if (pfn == wanted || (pfn == row->hand && !*interest))
            *interest = n;
    return n;
}

static void
ring_draw(const struct scene *s, struct canvas *c, struct rect r)
{
    struct row row = {.mm = ring_mm(s), .victim = victim_now(s), .width = r.w};
    int total, interest, skip;
    struct pen p;

    row.hand = policy_now(s) == POLICY_CLOCK ? resident_hand(&s->now->os, row.mm) : 0;
    total = ring_count(s, &row, &interest);
    skip = scroll_for(total, r.h, interest, s->set.scroll[PANE_REPLACE]);
    pen_open(&p, c, r);
    p.y = -skip;
    for (pfn_t pfn = resident_next(&s->now->os, row.mm, 0); pfn; pfn = resident_next(&s->now->os, row.mm, pfn))
        ring_row(&p, s, &row, pfn);
    if (!total)
        pen_rest(&p, tr("No page is in memory."), ROLE_DIM, 0);
    pen_more(&p, skip > 0, total - skip > r.h);
    pen_close(&p);
}

/* What the two signs before a row mean. */
static void
legend_row(struct pen *p, const struct scene *s)
{
    if (policy_now(s) == POLICY_CLOCK) {
        pen_glyph(p, GLYPH_POINT_RIGHT, ROLE_ACCENT, CELL_BOLD);
        pen_putf(p, ROLE_DIM, 0, " %s   ", tr("the hand"));
    }
    if (!resident_next(&s->now->os, ring_mm(s), 0)) {
        pen_line(p); /* nobody to choose from */
        return;
    }
    if (scene_keeps(s)) {
        pen_rest(p, tr("Not shown: who has to go."), ROLE_DIM, 0);
    } else if (is_chosen(s) || (tells_victim(s) && policy_now(s) != POLICY_RANDOM)) {
        pen_glyph(p, GLYPH_CROSS, ROLE_WARNING, CELL_BOLD);
        pen_putf(p, ROLE_DIM, 0, " %s", is_chosen(s) ? tr("has to go") : tr("would have to go now"));
    }
    pen_line(p);
}

void
pane_replace(const struct scene *s, struct canvas *c, struct rect r)
{
    const struct refstring *string = &s->now->os.s->string;
    int top, legend = r.h > 8;
    struct pen p;

    pen_open(&p, c, r);
    if (!s->now->preset.kernel) {
        pen_rest(&p, tr("No kernel, nobody to choose."), ROLE_DIM, 0);
        pen_close(&p);
        return;
    }
    if (r.h < LOW && string->length)
        brief_put(&p, s, ring_mm(s));
    else
        head_row(&p, s, ring_mm(s));
    if (string->length) {
        string_counts(&p, s, string);
        string_row(&p, s, string);
    }
    column_row(&p, s, r.w);
    top = p.y;
    pen_close(&p);
    if (r.h <= top)
        return;
    ring_draw(s, c, rect_of(r.x, r.y + top, r.w, r.h - top - legend));
    if (!legend)
        return;
    pen_open(&p, c, rect_of(r.x, r.y + r.h - 1, r.w, 1));
    legend_row(&p, s);
    pen_close(&p);
}

void
replace_move(const struct scene *s, int dy, struct scene_settings *set)
{
    const struct os *os = &s->now->os;
    uint32_t mm = s->now->preset.kernel ? ring_mm(s) : 0;
    pfn_t at = pane_selected(s, PANE_REPLACE) ? s->set.select_a : 0, before = 0, to = 0;

    if (!s->now->preset.kernel)
        return;
    for (pfn_t pfn = resident_next(os, mm, 0); pfn && !to; before = pfn, pfn = resident_next(os, mm, pfn))
        if (!at)
            to = pfn;
        else if (pfn == at)
            to = dy < 0 ? before : resident_next(os, mm, pfn);
    to = to ? to : before && dy > 0 ? before : resident_next(os, mm, 0);
    set->selected = to != 0;
    set->select_a = to;
}

/* --- JSON --- */

static void
uint_json(struct buffer *out, const char *name, uint64_t value)
{
    json_key(out, name);
    json_put_uint(out, value);
}

static void
bool_json(struct buffer *out, const char *name, bool value)
{
    json_key(out, name);
    json_put_bool(out, value);
}

static void
page_json(const struct scene *s, uint32_t mm, pfn_t pfn, struct buffer *out)
{
    const struct resident *r = &s->now->os.resident[pfn];
    vaddr_t va = rmap_address(&s->now->os, mm, pfn);
    uint64_t page, next = choose_next_use(&s->now->os, pfn);

    json_open(out, '{');
    uint_json(out, "frame", pfn);
    json_key(out, "va");
    json_put_hex(out, va);
    if (string_page(s, mm, va, &page))
        uint_json(out, "page", page);
    bool_json(out, "referenced", choose_referenced(&s->now->os, pfn));
    bool_json(out, "dirty", evict_is_dirty(&s->now->os, pfn));
    uint_json(out, "loaded", r->loaded);
    uint_json(out, "used", r->used);
    uint_json(out, "uses", r->uses);
    if (next && !(scene_keeps(s) && policy_now(s) == POLICY_OPT))
        uint_json(out, "next_use", next);
    if (s->now->os.frame[pfn].slot)
        uint_json(out, "slot", s->now->os.frame[pfn].slot);
    json_close(out, '}');
}

static void
string_json(const struct scene *s, const struct refstring *r, struct buffer *out)
{
    json_key(out, "string");
    json_open(out, '{');
    uint_json(out, "pid", r->mm);
    uint_json(out, "at", r->at);
    uint_json(out, "length", r->length);
    uint_json(out, "hits", r->hits);
    uint_json(out, "faults", r->faults);
    json_key(out, "pages");
    json_open(out, '[');
    for (uint32_t i = 0; i < r->length; i++)
        json_put_uint(out, refstring_at(&s->now->os, i).page);
    json_close(out, ']');
    json_close(out, '}');
}

void
pane_replace_json(const struct scene *s, struct buffer *out)
{
    const struct os_state *os = s->now->os.s;
    uint32_t mm = s->now->preset.kernel ? ring_mm(s) : 0;

    if (!s->now->preset.kernel)
        return;
    uint_json(out, "pid", mm ? s->now->hw.s->cpu[scene_cpu(s)].task : 0);
    json_key(out, "policy");
    json_put_string(out, policy_row[policy_now(s)].name);
    uint_json(out, "resident", mm ? os->mm[mm].rss_anon + os->mm[mm].rss_file : os->ring_pages);
    uint_json(out, "limit", hw_tunable(&s->now->hw, TUNE_RESIDENT_LIMIT));
    uint_json(out, "evictions", os->evictions);
    if (policy_now(s) == POLICY_CLOCK && resident_hand(&s->now->os, mm))
        uint_json(out, "hand", resident_hand(&s->now->os, mm));
    if (victim_now(s))
        uint_json(out, "victim", victim_now(s));
    json_key(out, "pages");
    json_open(out, '[');
    for (pfn_t pfn = resident_next(&s->now->os, mm, 0); pfn; pfn = resident_next(&s->now->os, mm, pfn))
        page_json(s, mm, pfn, out);
    json_close(out, ']');
    if (os->string.length)
        string_json(s, &os->string, out);
}
