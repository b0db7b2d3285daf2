/* pane_partitions.c - the memory for programs: a bar to scale, the pieces in order, who waits, and what is lost inside and outside.
 *
 *   |1111|......|22|3333333..|              one digit a process, dots are holes
 *   free 960K, largest 300K, wasted inside 512 B
 *    0x020000  100K  hole
 *    0x039000  212K  process 2  (212000 asked)
 *   queue: 5 (426K)
 */
#include "view/panes.h"

#include "base/json.h"
#include "base/lang.h"
#include "base/text.h"
#include "os/partition.h"

enum { AT_SIZE = 12, AT_WHO = 22 };

static const struct partitions *
partitions_of(const struct scene *s)
{
    return s->now->preset.kernel ? s->now->os.partitions : NULL;
}

static enum role
pid_role(uint32_t pid)
{
    return pid ? (enum role)(ROLE_FRAME1 + (pid - 1) % 8) : ROLE_FREE;
}

/* Did the current event change who has these bytes, or look at them? */
static unsigned
piece_link(const struct scene *s, const struct partition *x)
{
    pfn_t pfn = pfn_of(scene_format(s), x->start);

    if (!s->has_event)
        return 0;
    if (s->now->os.frame[pfn].owner != s->before->os.frame[pfn].owner || (event_has(s, FIELD_PA) && s->event.pa == x->start))
        return CELL_CHANGED;
    return event_has(s, FIELD_START) && s->event.start == x->start ? CELL_READ : 0;
}

/* --- the bar --- */

/* The piece that byte `at` of the memory for programs lies in. */
static const struct partition *
piece_at(const struct partitions *p, paddr_t at)
{
    for (uint32_t i = 0; i < p->count; i++)
        if (at - p->at[i].start < p->at[i].size)
            return &p->at[i];
    return &p->at[0];
}

/* A cell stands for the piece its middle lies in. */
static void
bar(struct pen *p, const struct scene *s)
{
    const struct partitions *all = partitions_of(s);
    uint64_t total = partition_total(&s->now->os), cells = (uint64_t)p->r.w;

    for (uint64_t i = 0; i < cells; i++) {
        const struct partition *x = piece_at(all, partition_base(&s->now->os) + total * (2 * i + 1) / (2 * cells));
        unsigned flags = piece_link(s, x) | (pane_selected(s, PANE_PARTITIONS) && s->set.select_a == x->start ? CELL_FOCUS : 0);

        pen_target(p, TARGET_ITEM, x->start, 0);
        if (x->pid)
            pen_putf(p, pid_role(x->pid), flags, "%c", x->pid < 10 ? (int)('0' + x->pid) : (int)('a' + (x->pid - 10) % 26));
        else
            pen_glyph(p, GLYPH_DOT, ROLE_FREE, flags);
    }
    pen_target(p, TARGET_NONE, 0, 0);
    pen_line(p);
}

/* --- figures --- */

static void
figure(struct pen *p, const char *name, uint64_t bytes)
{
    char size[16];

    if (pen_left(p) < (int)text_width(name) + 11)
        pen_line(p);
    pen_putf(p, ROLE_DIM, 0, "%s ", name);
    pen_putf(p, ROLE_NUMBER, 0, "%s  ", size_text(bytes, size));
}

static void
figures(struct pen *p, const struct scene *s)
{
    const struct os *os = &s->now->os;

    pen_putf(p, ROLE_DIM, 0, "%s ", tr("fit"));
    pen_putf(p, ROLE_TEXT, 0, "%s  ", fit_name[hw_tunable(&s->now->hw, TUNE_FIT)]);
    pen_putf(p, ROLE_DIM, 0, "%s ", tr("holes looked at"));
    pen_putf(p, ROLE_NUMBER, link_state(s, &os->partitions->examined, sizeof os->partitions->examined), "%llu",
             (unsigned long long)os->partitions->examined);
    pen_line(p);
    figure(p, tr("free"), partition_free(os));
    figure(p, tr("largest hole"), partition_largest(os));
    figure(p, tr("wasted inside"), partition_wasted(os));
    figure(p, tr("copied"), os->partitions->copied);
    pen_line(p);
}

/* --- the list --- */

static void
piece_row(struct pen *p, const struct scene *s, const struct partition *x)
{
    unsigned flags = piece_link(s, x) | (pane_selected(s, PANE_PARTITIONS) && s->set.select_a == x->start ? CELL_FOCUS : 0);
    char text[NUMBER_TEXT], size[16];

    pen_target(p, TARGET_ITEM, x->start, 0);
    pen_put(p, value_text(s, x->start, 6, text), ROLE_ADDRESS, flags);
    pen_to(p, AT_SIZE);
    pen_put(p, size_text(x->size, size), ROLE_NUMBER, flags);
    pen_to(p, AT_WHO);
    if (x->pid) {
        uint64_t asked = partitions_of(s)->program[x->pid].asked;

        pen_putf(p, pid_role(x->pid), flags, "%s %u", tr("process"), x->pid);
        if (asked != x->size)
            pen_putf(p, ROLE_DIM, 0, "  %s %llu", tr("asked"), (unsigned long long)asked);
    } else {
        pen_put(p, tr("hole"), ROLE_FREE, flags);
    }
    pen_target(p, TARGET_NONE, 0, 0);
    pen_line(p);
}

static void
queue_row(struct pen *p, const struct scene *s)
{
    const struct partitions *all = partitions_of(s);
    char size[16];

    pen_putf(p, ROLE_DIM, 0, "%s ", tr("queue"));
    if (!all->waiting)
        pen_glyph(p, GLYPH_DOT, ROLE_DIM, 0);
    for (uint32_t i = 0; i < all->waiting; i++) {
        const struct program *g = &all->program[all->queue[i]];

        pen_putf(p, ROLE_WARNING, 0, "%s %u ", tr("process"), all->queue[i]);
        pen_putf(p, ROLE_NUMBER, 0, "%s", size_text(g->asked, size));
        if (g->image)
            pen_putf(p, ROLE_DIM, 0, " (%s)", tr("on the swap device"));
        pen_put(p, "  ", ROLE_TEXT, 0);
    }
    pen_line(p);
}

/* Which row of the list is selected, or what the event is about. */
static int
interest_of(const struct scene *s)
{
    const struct partitions *all = partitions_of(s);
    paddr_t wanted = pane_selected(s, PANE_PARTITIONS) ? s->set.select_a : event_has(s, FIELD_START) ? s->event.start : 0;

    for (uint32_t i = 0; i < all->count; i++)
        if (wanted - all->at[i].start < all->at[i].size)
            return (int)i;
    return 0;
}

void
partitions_move(const struct scene *s, int dy, struct scene_settings *set)
{
    const struct partitions *all = partitions_of(s);
    int at;

    if (!all)
        return;
    at = interest_of(s) + (pane_selected(s, PANE_PARTITIONS) ? dy : 0);
    at = at < 0 ? 0 : at >= (int)all->count ? (int)all->count - 1 : at;
    set->selected = true;
    set->select_a = all->at[at].start;
}

void
pane_partitions(const struct scene *s, struct canvas *c, struct rect r)
{
    const struct partitions *all = partitions_of(s);
    int h, skip;
    struct pen p;

    pen_open(&p, c, r);
    if (!all) {
        pen_rest(&p, tr("This machine keeps no memory for programs in one piece."), ROLE_DIM, 0);
        pen_close(&p);
        return;
    }
    bar(&p, s);
    figures(&p, s);
    queue_row(&p, s);
    h = r.h - p.y;
    pen_close(&p);
    if (h <= 0)
        return;
    skip = scroll_for((int)all->count, h, interest_of(s), s->set.scroll[PANE_PARTITIONS]);
    pen_open(&p, c, rect_of(r.x, r.y + r.h - h, r.w, h));
    for (int i = skip; i < (int)all->count && i < skip + h; i++)
        piece_row(&p, s, &all->at[i]);
    pen_more(&p, skip > 0, (int)all->count - skip > h);
    pen_close(&p);
}

/* --- JSON --- */

static void
uint_json(struct buffer *out, const char *name, uint64_t value)
{
    json_key(out, name);
    json_put_uint(out, value);
}

static void
piece_json(const struct scene *s, const struct partition *x, struct buffer *out)
{
    json_open(out, '{');
    json_key(out, "start");
    json_put_hex(out, x->start);
    uint_json(out, "size", x->size);
    if (x->pid) {
        uint_json(out, "pid", x->pid);
        uint_json(out, "asked", partitions_of(s)->program[x->pid].asked);
    }
    json_close(out, '}');
}

void
pane_partitions_json(const struct scene *s, struct buffer *out)
{
    const struct partitions *all = partitions_of(s);
    const struct os *os = &s->now->os;

    if (!all)
        return;
    json_key(out, "fit");
    json_put_string(out, fit_name[hw_tunable(&s->now->hw, TUNE_FIT)]);
    uint_json(out, "examined", all->examined);
    uint_json(out, "free", partition_free(os));
    uint_json(out, "largest", partition_largest(os));
    uint_json(out, "wasted", partition_wasted(os));
    uint_json(out, "copied", all->copied);
    json_key(out, "pieces");
    json_open(out, '[');
    for (uint32_t i = 0; i < all->count; i++)
        piece_json(s, &all->at[i], out);
    json_close(out, ']');
    json_key(out, "queue");
    json_open(out, '[');
    for (uint32_t i = 0; i < all->waiting; i++) {
        json_open(out, '{');
        uint_json(out, "pid", all->queue[i]);
        uint_json(out, "asked", all->program[all->queue[i]].asked);
        json_key(out, "swapped");
        json_put_bool(out, all->program[all->queue[i]].image);
        json_close(out, '}');
    }
    json_close(out, ']');
}
