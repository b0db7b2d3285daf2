/* pane_buddy.c - the page allocator: for each order its size, how many free blocks there are and (where there is room) which, in the order in
 * which they will be handed out; and beside them one of the largest blocks as a tree. A row is an order in both, so a block stands in the
 * tree beside the list it is on or would be on.
 *
 *    5 2M     0  |---------------+----------------      split
 *    4 1M     1  |-------+-------|f30.............      split; free
 *    3 512K   1  |f20 400K##::|f28.............         400K of 512K were asked for; free
 */
#include "view/panes.h"

#include <stdio.h>

#include "base/json.h"
#include "base/lang.h"
#include "base/number.h"
#include "base/text.h"

enum { LEFT = 12, LIST_LEAST = 6, SCALE_MOST = 4 };

/* What the pane has room for. */
struct buddy_shape {
    unsigned order; /* of the block drawn as a tree */
    pfn_t first;    /* its first frame */
    int scale;      /* cells a frame takes; 0: no room for a tree */
    int list, tree; /* where they begin; list 0: none */
};

enum piece_kind { PIECE_FREE, PIECE_USED, PIECE_IN_HAND };

/* A block as it stands now: free, in use, or taken off its list and not handed out yet. */
struct piece {
    enum piece_kind kind;
    pfn_t first;
    unsigned order;
    uint64_t asked; /* bytes; in use */
};

static const struct geometry *
geometry_of(const struct scene *s)
{
    return &s->now->hw.geo;
}

/* --- blocks ------------------------------------------------------------------------------------- */

/* The largest block that memory can hold. */
static unsigned
whole_order(const struct scene *s)
{
    unsigned order = 0;

    while (order < geometry_of(s)->max_order && UINT64_C(1) << order < geometry_of(s)->frames)
        order++;
    return order;
}

static pfn_t
whole_end(const struct scene *s, pfn_t first, unsigned order)
{
    pfn_t end = first + (UINT64_C(1) << order);

    return end < geometry_of(s)->frames ? end : geometry_of(s)->frames;
}

/* Off its list and nobody's: as far as the frames say so, and a power of two. */
static unsigned
hand_order(const struct scene *s, pfn_t first, pfn_t end)
{
    unsigned order = 0;
    pfn_t at = first;

    while (at < end && s->now->os.frame[at].use == USE_TAIL)
        at++;
    while (first % (UINT64_C(2) << order) == 0 && first + (UINT64_C(2) << order) <= at)
        order++;
    return order;
}

static struct piece
piece_at(const struct scene *s, pfn_t first, pfn_t end)
{
    const struct frame *f = &s->now->os.frame[first];
    struct piece p = {.kind = PIECE_USED, .first = first, .asked = format_page(scene_format(s))};

    if (f->use == USE_FREE) {
        p.kind = PIECE_FREE;
        p.order = f->order;
    } else if (f->use == USE_BLOCK) {
        p.order = f->order;
        p.asked = f->offset;
    } else if (f->use == USE_TAIL) {
        p.kind = PIECE_IN_HAND;
        p.order = hand_order(s, first, end);
    }
    return p;
}

/* The block after this one; a wrong allocator's blocks may reach over the end. */
static pfn_t
piece_end(const struct piece *p)
{
    return p->first + (UINT64_C(1) << p->order);
}

static uint64_t
piece_bytes(const struct scene *s, const struct piece *p)
{
    return format_page(scene_format(s)) << p->order;
}

static unsigned
piece_link(const struct scene *s, const struct piece *p)
{
    const struct frame *now = &s->now->os.frame[p->first], *old = &s->before->os.frame[p->first];

    if (s->has_event && (now->use != old->use || now->order != old->order))
        return CELL_CHANGED;
    return link_frame(s, p->first);
}

/* The block selected, or of the event; else the one that the largest free block lies in. */
static pfn_t
whole_wanted(const struct scene *s, unsigned order)
{
    pfn_t at = pane_selected(s, PANE_BUDDY) ? s->set.select_a : event_frame(s);

    for (unsigned k = geometry_of(s)->max_order + 1u; k-- > 0 && !at;)
        at = s->now->os.s->free_head[k];
    return at < geometry_of(s)->frames ? at >> order << order : 0;
}

static struct buddy_shape
buddy_fit(const struct scene *s, int w)
{
    struct buddy_shape b = {.order = whole_order(s), .list = LEFT, .tree = w};
    int cells;

    b.scale = w > LEFT && b.order ? (w - LEFT) >> b.order : 0;
    if (b.scale == 0)
        return b;
    b.scale = b.scale < SCALE_MOST ? b.scale : SCALE_MOST;
    cells = b.scale << b.order;
    b.first = whole_wanted(s, b.order);
    b.tree = w - LEFT - cells > LIST_LEAST ? w - cells : LEFT;
    b.list = b.tree > LEFT ? LEFT : 0;
    return b;
}

/* --- the tree ----------------------------------------------------------------------------------- */

static enum role
piece_role(const struct scene *s, const struct piece *p)
{
    if (p->first % (UINT64_C(1) << p->order) != 0)
        return ROLE_ERROR; /* no block of its order begins there */
    if (p->kind == PIECE_FREE)
        return ROLE_FREE;
    if (p->kind == PIECE_IN_HAND)
        return ROLE_ACCENT;
    return s->now->os.frame[p->first].use == USE_ANON || s->now->os.frame[p->first].use == USE_FILE ? ROLE_USER : ROLE_KERNEL;
}

/* Its name, and what was asked for, as far as there is room; then filled up. The wasted end of a block in use is drawn lighter. */
static void
piece_draw(struct pen *p, const struct scene *s, const struct buddy_shape *b, const struct piece *q)
{
    static const enum glyph fill[] = {GLYPH_DOT, GLYPH_LOCK, GLYPH_SHADE};
    int x = b->tree + (int)(q->first - b->first) * b->scale, w = b->scale << q->order;
    uint64_t bytes = piece_bytes(s, q), wasted = q->kind == PIECE_USED ? bytes - q->asked : 0;
    int light = x + w - (int)(wasted * (unsigned)w / bytes);
    enum role role = piece_role(s, q);
    unsigned link = piece_link(s, q) | (pane_selected(s, PANE_BUDDY) && s->set.select_a == q->first ? CELL_FOCUS : 0);
    char label[24], asked[28];

    snprintf(label, sizeof label, "f%llx", (unsigned long long)q->first);
    snprintf(asked, sizeof asked, " %s", number_size(q->asked, (char[24]){0}));
    canvas_target(p->c, TARGET_ITEM, q->first, 0);
    p->x = x;
    if (q->first % (UINT64_C(1) << q->order) != 0)
        pen_glyph(p, GLYPH_CROSS, role, link);
    else if (w > 1) /* a label that leaves no room for the sign has it in front */
        pen_glyph(p, (int)text_width(label) + 1 == w ? fill[q->kind] : GLYPH_TREE_DOWN, ROLE_DIM, 0);
    if ((int)text_width(label) < w)
        pen_put(p, label, theme_frame_role(q->first), link | (q->first == s->now->os.s->free_head[q->order] ? CELL_BOLD : 0));
    if (q->kind == PIECE_USED && (int)text_width(label) + (int)text_width(asked) < w)
        pen_put(p, asked, ROLE_TEXT, link);
    for (int i = p->x; i < x + w; i++)
        pen_glyph(p, i < light ? fill[q->kind] : GLYPH_LIGHT, role, link);
    canvas_target(p->c, TARGET_NONE, 0, 0);
}

/* A block that is cut in two: a line over both halves. */
static void
split_draw(struct pen *p, const struct buddy_shape *b, pfn_t first, unsigned order)
{
    int x = b->tree + (int)(first - b->first) * b->scale, w = b->scale << order;

    p->x = x;
    pen_glyph(p, GLYPH_TREE_BRANCH, ROLE_DIM, 0);
    for (int i = 1; i < w; i++)
        pen_glyph(p, i == w / 2 ? GLYPH_TREE_FORK : GLYPH_TREE_ACROSS, ROLE_DIM, 0);
}

/* What of the tree stands in the row of an order: the blocks that have it, and those cut into smaller ones. */
static void
tree_row(struct pen *p, const struct scene *s, const struct buddy_shape *b, unsigned order)
{
    pfn_t end = whole_end(s, b->first, b->order), drawn = b->first;
    struct piece q;

    for (pfn_t at = b->first; at < end; at = piece_end(&q)) {
        q = piece_at(s, at, end);
        if (q.order < order && at % (UINT64_C(1) << order) == 0 && at >= drawn)
            split_draw(p, b, at, order);
        if (q.order != order)
            continue;
        piece_draw(p, s, b, &q);
        drawn = piece_end(&q);
    }
}

/* What the signs mean, and how much of what is in use nobody asked for. */
static void
tree_foot(struct pen *p, const struct scene *s, const struct buddy_shape *b)
{
    pfn_t end = whole_end(s, b->first, b->order);
    uint64_t taken = 0, asked = 0;
    struct piece q;

    for (pfn_t at = b->first; at < end; at = piece_end(&q)) {
        q = piece_at(s, at, end);
        taken += q.kind == PIECE_USED ? piece_bytes(s, &q) : 0;
        asked += q.kind == PIECE_USED ? q.asked : 0;
    }
    pen_glyph(p, GLYPH_LOCK, ROLE_KERNEL, 0);
    pen_putf(p, ROLE_DIM, 0, " %s ", tr("in use"));
    pen_put(p, number_size(taken, (char[24]){0}), ROLE_NUMBER, 0);
    pen_put(p, "  ", ROLE_TEXT, 0);
    pen_glyph(p, GLYPH_LIGHT, ROLE_KERNEL, 0);
    pen_putf(p, ROLE_DIM, 0, " %s ", tr("wasted"));
    pen_put(p, number_size(taken - asked, (char[24]){0}), ROLE_NUMBER, 0);
    pen_put(p, "  ", ROLE_TEXT, 0);
    pen_glyph(p, GLYPH_DOT, ROLE_FREE, 0);
    pen_putf(p, ROLE_DIM, 0, " %s", tr("free"));
    pen_line(p);
}

/* --- the lists ---------------------------------------------------------------------------------- */

/* Which orders the event touched: what was split or merged, and where it went. */
static unsigned
order_link(const struct scene *s, unsigned order)
{
    const struct os_state *now = s->now->os.s, *old = s->before->os.s;

    if (!s->has_event)
        return 0;
    if (now->free_count[order] != old->free_count[order] || now->free_head[order] != old->free_head[order])
        return CELL_CHANGED;
    return event_has(s, FIELD_ORDER) && s->event.order == order ? CELL_READ : 0;
}

static void
list_row(struct pen *p, const struct scene *s, const struct buddy_shape *b, unsigned order)
{
    const struct os *os = &s->now->os;
    uint32_t at = os->s->free_head[order];

    pen_to(p, b->list);
    if (!at)
        pen_glyph(p, GLYPH_DOT, ROLE_DIM, 0);
    for (; at && b->tree - p->x > 5; at = os->frame[at].next) {
        canvas_target(p->c, TARGET_ITEM, at, 0);
        pen_label(p, at, link_frame(s, at) | (pane_selected(s, PANE_BUDDY) && s->set.select_a == at ? CELL_FOCUS : 0));
        canvas_target(p->c, TARGET_NONE, 0, 0);
        pen_put(p, " ", ROLE_TEXT, 0);
    }
    if (at)
        pen_glyph(p, GLYPH_ELLIPSIS, ROLE_DIM, 0);
}

static void
order_row(struct pen *p, const struct scene *s, const struct buddy_shape *b, unsigned order)
{
    uint32_t count = s->now->os.s->free_count[order];
    unsigned link = order_link(s, order);

    pen_putf(p, ROLE_NUMBER, CELL_BOLD | link, "%2u", order);
    pen_putf(p, ROLE_DIM, 0, " %-4s ", number_size(format_page(scene_format(s)) << order, (char[24]){0}));
    pen_putf(p, count ? ROLE_TEXT : ROLE_DIM, link, "%3u", count);
    if (b->list)
        list_row(p, s, b, order);
    if (b->scale && order <= b->order)
        tree_row(p, s, b, order);
    pen_line(p);
}

static bool
order_shown(const struct scene *s, const struct buddy_shape *b, unsigned order, bool all)
{
    return all || s->now->os.s->free_count[order] || order_link(s, order) || (b->scale && order <= b->order);
}

/* --- the pane ----------------------------------------------------------------------------------- */

static void
head_event(struct pen *p, const struct scene *s)
{
    bool split = s->event.code == EV_BUDDY_SPLIT;

    if (!s->has_event || (!split && s->event.code != EV_BUDDY_MERGE))
        return;
    pen_label(p, s->event.frame, link_frame(s, s->event.frame));
    pen_put(p, split ? " | " : " + ", ROLE_ACCENT, CELL_BOLD);
    pen_label(p, s->event.frame2, link_frame(s, s->event.frame2));
    pen_put(p, " ", ROLE_TEXT, 0);
    pen_rest(p, split ? tr("split") : tr("merged"), ROLE_ACCENT, CELL_BOLD);
}

/* The block selected, also where there is no tree to show it in. */
static void
head_selected(struct pen *p, const struct scene *s)
{
    struct piece q = piece_at(s, s->set.select_a, geometry_of(s)->frames);

    canvas_target(p->c, TARGET_ITEM, q.first, 0);
    pen_label(p, q.first, CELL_FOCUS);
    canvas_target(p->c, TARGET_NONE, 0, 0);
    pen_putf(p, ROLE_NUMBER, 0, " %s ", number_size(piece_bytes(s, &q), (char[24]){0}));
    pen_rest(p, tr(frame_use_name[s->now->os.frame[q.first].use]), ROLE_TEXT, 0);
}

static void
buddy_head(struct pen *p, const struct scene *s)
{
    const struct os_state *os = s->now->os.s;

    pen_putf(p, ROLE_DIM, 0, "%s ", tr("free frames"));
    pen_putf(p, ROLE_NUMBER, s->has_event && os->free_frames != s->before->os.s->free_frames ? CELL_CHANGED : 0, "%u", os->free_frames);
    pen_putf(p, ROLE_DIM, 0, "/%llu   ", (unsigned long long)geometry_of(s)->frames);
    if (pane_selected(s, PANE_BUDDY))
        head_selected(p, s);
    else
        head_event(p, s);
    pen_line(p);
}

static void
buddy_columns(struct pen *p, const struct buddy_shape *b)
{
    pen_put(p, tr("order"), ROLE_DIM, 0);
    pen_to(p, 7);
    pen_put(p, tr("free"), ROLE_DIM, 0);
    if (b->scale) {
        pen_to(p, b->tree);
        pen_putf(p, ROLE_DIM, 0, "%s ", tr("memory from"));
        pen_label(p, b->first, 0);
    }
    pen_line(p);
}

/* Rows from the largest order down to, and with, this one. */
static int
rows_to(const struct scene *s, const struct buddy_shape *b, bool all, unsigned order)
{
    int rows = 0;

    for (unsigned k = order; k <= geometry_of(s)->max_order; k++)
        rows += order_shown(s, b, k, all);
    return rows;
}

static unsigned
order_wanted(const struct scene *s)
{
    if (pane_selected(s, PANE_BUDDY))
        return piece_at(s, s->set.select_a, geometry_of(s)->frames).order;
    return event_has(s, FIELD_ORDER) ? s->event.order : geometry_of(s)->max_order;
}

static void
buddy_rows(const struct scene *s, struct canvas *c, struct rect r, const struct buddy_shape *b, bool all)
{
    int interest = rows_to(s, b, all, order_wanted(s)) - 1;
    struct pen p;

    pen_open(&p, c, r);
    p.y = -scroll_for(rows_to(s, b, all, 0), r.h, interest, s->set.scroll[PANE_BUDDY]);
    for (unsigned k = geometry_of(s)->max_order + 1u; k-- > 0;)
        if (order_shown(s, b, k, all))
            order_row(&p, s, b, k);
    if (b->scale)
        tree_foot(&p, s, b);
    pen_close(&p);
}

/* Where it is tight a tree goes without the line that names the columns. */
void
pane_buddy(const struct scene *s, struct canvas *c, struct rect r)
{
    bool all = r.h - 2 > geometry_of(s)->max_order;
    struct buddy_shape b;
    struct pen p;

    pen_open(&p, c, r);
    if (s->now->preset.kernel) {
        b = buddy_fit(s, r.w);
        buddy_head(&p, s);
        if (!b.scale || r.h >= rows_to(s, &b, all, 0) + 2)
            buddy_columns(&p, &b);
    } else {
        pen_rest(&p, tr("No kernel, no allocator."), ROLE_DIM, 0);
    }
    pen_close(&p);
    if (s->now->preset.kernel && r.h > p.y)
        buddy_rows(s, c, rect_of(r.x, r.y + p.y, r.w, r.h - p.y), &b, all);
}

/* From block to block in the order of memory. */
void
buddy_move(const struct scene *s, int by, struct scene_settings *set)
{
    pfn_t end = s->now->preset.kernel ? geometry_of(s)->frames : 0, before = 0, at = 0;
    struct piece q = {0};

    if (!end)
        return;
    if (!pane_selected(s, PANE_BUDDY)) {
        at = whole_wanted(s, whole_order(s));
    } else {
        for (; at < end && at < s->set.select_a; at = piece_end(&q)) {
            before = at;
            q = piece_at(s, at, end);
        }
        q = piece_at(s, s->set.select_a, end);
        at = by < 0 ? before : piece_end(&q) < end ? piece_end(&q) : s->set.select_a;
    }
    set->selected = true;
    set->select_a = at;
}

/* --- JSON --------------------------------------------------------------------------------------- */

static void
json_number(struct buffer *out, const char *name, uint64_t value)
{
    json_key(out, name);
    json_put_uint(out, value);
}

static void
order_json(const struct scene *s, unsigned order, struct buffer *out)
{
    const struct os *os = &s->now->os;

    json_open(out, '{');
    json_number(out, "order", order);
    json_number(out, "bytes", format_page(scene_format(s)) << order);
    json_number(out, "count", os->s->free_count[order]);
    json_key(out, "blocks");
    json_open(out, '[');
    for (uint32_t at = os->s->free_head[order]; at; at = os->frame[at].next)
        json_put_uint(out, at);
    json_close(out, ']');
    json_close(out, '}');
}

static void
piece_json(const struct scene *s, const struct piece *q, struct buffer *out)
{
    static const char *const kind[] = {"free", "in use", "in hand"};

    json_open(out, '{');
    json_number(out, "frame", q->first);
    json_number(out, "order", q->order);
    json_key(out, "state");
    json_put_string(out, kind[q->kind]);
    if (q->kind == PIECE_USED) {
        json_number(out, "asked", q->asked);
        json_number(out, "wasted", piece_bytes(s, q) - q->asked);
    }
    json_close(out, '}');
}

/* The block that is drawn as a tree when there is room. */
static void
tree_json(const struct scene *s, struct buffer *out)
{
    unsigned order = whole_order(s);
    pfn_t first = whole_wanted(s, order), end = whole_end(s, first, order);
    uint64_t taken = 0, asked = 0;
    struct piece q;

    json_open(out, '{');
    json_number(out, "frame", first);
    json_number(out, "order", order);
    json_key(out, "blocks");
    json_open(out, '[');
    for (pfn_t at = first; at < end; at = piece_end(&q)) {
        q = piece_at(s, at, end);
        piece_json(s, &q, out);
        taken += q.kind == PIECE_USED ? piece_bytes(s, &q) : 0;
        asked += q.kind == PIECE_USED ? q.asked : 0;
    }
    json_close(out, ']');
    json_number(out, "in_use", taken);
    json_number(out, "wasted", taken - asked);
    json_close(out, '}');
}

void
pane_buddy_json(const struct scene *s, struct buffer *out)
{
    if (!s->now->preset.kernel)
        return;
    json_number(out, "free", s->now->os.s->free_frames);
    json_number(out, "frames", geometry_of(s)->frames);
    json_key(out, "orders");
    json_open(out, '[');
    for (unsigned k = geometry_of(s)->max_order + 1u; k-- > 0;)
        order_json(s, k, out);
    json_close(out, ']');
    json_key(out, "tree");
    tree_json(s, out);
}
