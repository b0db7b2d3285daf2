/* pane_buddy.c - the page allocator's lists: for each order, the free blocks in the order in which they will be handed out. */
#include "view/panes.h"

#include "base/json.h"
#include "base/lang.h"

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
order_row(struct pen *p, const struct scene *s, unsigned order)
{
    const struct os *os = &s->now->os;
    unsigned link = order_link(s, order), shown = 0;
    char size[16];

    pen_putf(p, ROLE_NUMBER, CELL_BOLD | link, "%2u", order);
    pen_to(p, 4);
    pen_putf(p, ROLE_DIM, 0, "%s", size_text(format_page(scene_format(s)) << order, size));
    pen_to(p, 13);
    pen_putf(p, os->s->free_count[order] ? ROLE_TEXT : ROLE_DIM, link, "%u", os->s->free_count[order]);
    pen_to(p, 18);
    for (uint32_t at = os->s->free_head[order]; at && pen_left(p) > 5 && shown < 64; at = os->frame[at].next, shown++) {
        pen_label(p, at, link_frame(s, at));
        pen_put(p, " ", ROLE_TEXT, 0);
    }
    if (shown < os->s->free_count[order])
        pen_glyph(p, GLYPH_ELLIPSIS, ROLE_DIM, 0);
    else if (!shown)
        pen_glyph(p, GLYPH_DOT, ROLE_DIM, 0);
    pen_line(p);
}

static void
buddy_head(struct pen *p, const struct scene *s)
{
    const struct os_state *os = s->now->os.s;

    pen_putf(p, ROLE_DIM, 0, "%s ", tr("free frames"));
    pen_putf(p, ROLE_NUMBER, s->has_event && os->free_frames != s->before->os.s->free_frames ? CELL_CHANGED : 0, "%u", os->free_frames);
    pen_putf(p, ROLE_DIM, 0, "/%llu   ", (unsigned long long)s->now->hw.geo.frames);
    if (s->has_event && (s->event.code == EV_BUDDY_SPLIT || s->event.code == EV_BUDDY_MERGE)) {
        pen_label(p, s->event.frame, link_frame(s, s->event.frame));
        pen_put(p, s->event.code == EV_BUDDY_SPLIT ? " | " : " + ", ROLE_ACCENT, CELL_BOLD);
        pen_label(p, s->event.frame2, link_frame(s, s->event.frame2));
        pen_put(p, " ", ROLE_TEXT, 0);
        pen_rest(p, s->event.code == EV_BUDDY_SPLIT ? tr("split") : tr("merged"), ROLE_ACCENT, CELL_BOLD);
    }
    pen_line(p);
    pen_put(p, tr("order"), ROLE_DIM, 0);
    pen_to(p, 13);
    pen_put(p, tr("blocks"), ROLE_DIM, 0);
    pen_line(p);
}

void
pane_buddy(const struct scene *s, struct canvas *c, struct rect r)
{
    int h = r.h > 2 ? r.h - 2 : 0, rows = 0;
    bool all = h >= BUDDY_ORDERS;
    struct pen p;

    pen_open(&p, c, r);
    if (!s->now->preset.kernel) {
        pen_rest(&p, tr("No kernel, no allocator."), ROLE_DIM, 0);
        pen_close(&p);
        return;
    }
    buddy_head(&p, s);
    pen_close(&p);
    if (!h)
        return;
    for (unsigned k = 0; k < BUDDY_ORDERS; k++)
        rows += all || s->now->os.s->free_count[k] || order_link(s, k);
    pen_open(&p, c, rect_of(r.x, r.y + 2, r.w, h));
    p.y = -scroll_for(rows, h, 0, s->set.scroll[PANE_BUDDY]);
    for (unsigned k = BUDDY_ORDERS; k-- > 0;)
        if (all || s->now->os.s->free_count[k] || order_link(s, k))
            order_row(&p, s, k);
    pen_close(&p);
}

void
pane_buddy_json(const struct scene *s, struct buffer *out)
{
    const struct os *os = &s->now->os;

    if (!s->now->preset.kernel)
        return;
    json_key(out, "free");
    json_put_uint(out, os->s->free_frames);
    json_key(out, "frames");
    json_put_uint(out, s->now->hw.geo.frames);
    json_key(out, "orders");
    json_open(out, '[');
    for (unsigned k = BUDDY_ORDERS; k-- > 0;) {
        json_open(out, '{');
        json_key(out, "order");
        json_put_uint(out, k);
        json_key(out, "bytes");
        json_put_uint(out, format_page(scene_format(s)) << k);
        json_key(out, "count");
        json_put_uint(out, os->s->free_count[k]);
        json_key(out, "blocks");
        json_open(out, '[');
        for (uint32_t at = os->s->free_head[k]; at; at = os->frame[at].next)
            json_put_uint(out, at);
        json_close(out, ']');
        json_close(out, '}');
    }
    json_close(out, ']');
}
