/* chooser.c - see chooser.h. */
#include "app/chooser.h"

#include <stdio.h>
#include <string.h>

#include "app/screen.h"
#include "base/lang.h"
#include "base/text.h"

/* --- rows ---------------------------------------------------------------------------------------- */

static bool
contains(const char *text, const char *word, size_t n)
{
    for (; *text; text++)
        if (strncasecmp(text, word, n) == 0)
            return true;
    return false;
}

static bool
passes(const struct chooser_row *r, const char *filter)
{
    while (*(filter += strspn(filter, " "))) {
        size_t n = strcspn(filter, " ");

        if (!contains(r->text, filter, n) && !contains(r->note, filter, n))
            return false;
        filter += n;
    }
    return true;
}

static void
sift(struct chooser *c)
{
    c->count = 0;
    for (unsigned i = 0; i < c->rows; i++)
        if (passes(&c->row[i], c->filter))
            c->shown[c->count++] = i;
    if (c->picked >= c->count)
        c->picked = c->count ? c->count - 1 : 0;
}

void
chooser_open(struct chooser *c, bool filters, const char *title, const char *hint)
{
    memset(c, 0, sizeof *c);
    c->open = true;
    c->filters = filters;
    snprintf(c->title, sizeof c->title, "%s", title);
    snprintf(c->hint, sizeof c->hint, "%s", hint);
}

void
chooser_add(struct chooser *c, const char *key, int value, const char *text, const char *note)
{
    struct chooser_row *r = &c->row[c->rows];

    if (c->rows == CHOOSER_ROWS)
        return;
    *r = (struct chooser_row){.value = value};
    snprintf(r->key, sizeof r->key, "%s", key);
    text_clean_to(r->text, sizeof r->text, text, 0);
    text_clean_to(r->note, sizeof r->note, note, 0);
    c->rows++;
    sift(c);
}

/* --- keys ---------------------------------------------------------------------------------------- */

static void
pick(struct chooser *c, int delta)
{
    int to = (int)c->picked + delta, last = (int)c->count - 1;

    if (last < 0)
        return;
    if (to < 0)
        to = delta == -1 ? last : 0;
    if (to > last)
        to = delta == 1 ? 0 : last;
    c->picked = (unsigned)to;
}

static bool
picks(struct chooser *c, const char *name)
{
    static const struct {
        const char *name;
        int delta;
    } keys[] = {{"Up", -1}, {"BackTab", -1}, {"Down", 1},
                {"Tab", 1}, {"PageUp", -10}, {"PageDown", 10}};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i].name, name) == 0) {
            pick(c, keys[i].delta);
            return true;
        }
    return false;
}

static void
type(struct chooser *c, const struct key *key)
{
    size_t n = strlen(c->filter);
    char bytes[4];
    size_t more = key->cp ? text_encode(key->cp, bytes) : 0;

    if (more && n + more < sizeof c->filter) {
        memcpy(c->filter + n, bytes, more);
        c->filter[n + more] = '\0';
    } else if (strcmp(key->name, "Backspace") == 0 && n) {
        while (n && (c->filter[--n] & 0xc0) == 0x80)
            continue;
        c->filter[n] = '\0';
    } else if (strcmp(key->name, "Ctrl-U") == 0) {
        c->filter[0] = '\0';
    } else {
        return;
    }
    c->picked = 0;
    sift(c);
}

/* The row whose letter was pressed becomes the highlighted one. */
static bool
finds_letter(struct chooser *c, const char *name)
{
    for (unsigned i = 0; i < c->count && !c->filters; i++)
        if (strcmp(c->row[c->shown[i]].key, name) == 0) {
            c->picked = i;
            return true;
        }
    return false;
}

enum chooser_end
chooser_key(struct chooser *c, const struct key *key, int *value)
{
    bool enter = strcmp(key->name, "Enter") == 0 && !key->pasted,
         removes = c->removes && strcmp(key->name, "Delete") == 0;

    if (strcmp(key->name, "Escape") == 0) {
        c->open = false;
        return CHOOSER_CANCELLED;
    }
    if (picks(c, key->name))
        return CHOOSER_GOES_ON;
    if (enter || removes || finds_letter(c, key->name)) {
        if (!c->count)
            return CHOOSER_GOES_ON;
        *value = c->row[c->shown[c->picked]].value;
        c->open = false;
        return removes ? CHOOSER_REMOVED : CHOOSER_CHOSEN;
    }
    if (c->filters)
        type(c, key);
    return CHOOSER_GOES_ON;
}

/* --- drawing ------------------------------------------------------------------------------------- */

static void
draw_row(const struct chooser *c, struct canvas *to, struct rect r, unsigned i)
{
    const struct chooser_row *row = &c->row[c->shown[i]];
    bool picked = i == c->picked;
    enum role role = picked ? ROLE_CURSOR : ROLE_TEXT;
    int x = r.x + 2, left;

    canvas_fill(to, r, role, 0);
    canvas_put_glyph(to, r.x, r.y, picked ? GLYPH_POINT_RIGHT : GLYPH_DOT, picked ? role : ROLE_DIM,
                     0);
    if (row->key[0])
        x += canvas_put(to, x, r.y, row->key, picked ? role : ROLE_KEY, CELL_BOLD) + 2;
    canvas_put_fit(to, x, r.y, r.x + r.w - x, row->text, role, 0);
    x += (int)text_width(row->text) + 2;
    left = r.x + r.w - x;
    if (left > 8 && row->note[0])
        canvas_put_fit(to, x, r.y, left, row->note, picked ? role : ROLE_DIM, 0);
}

static struct rect
box_of(const struct chooser *c, const struct canvas *to)
{
    int w = to->w > 84 ? 80 : to->w - 4, h = (int)c->rows + (c->filters ? 5 : 3),
        most = to->h > 30 ? to->h * 2 / 3 : to->h - 4;

    if (h < 6)
        h = 6;
    if (h > most)
        h = most;
    return rect_of((to->w - w) / 2, (to->h - h) / 2, w, h);
}

static void
draw_filter(const struct chooser *c, struct canvas *to, struct rect in)
{
    int x = in.x;

    x += canvas_put(to, x, in.y, tr("Type to filter: "), ROLE_DIM, 0);
    x += canvas_put(to, x, in.y, c->filter, ROLE_TITLE, CELL_BOLD);
    canvas_put(to, x, in.y, "_", ROLE_ACCENT, 0);
    if (!c->count)
        canvas_put_fit(to, in.x, in.y + 2, in.w, tr("Nothing here has this in it."), ROLE_WARNING,
                       0);
}

void
chooser_draw(const struct chooser *c, struct canvas *to)
{
    struct rect box = box_of(c, to), in = rect_of(box.x + 2, box.y + 1, box.w - 4, box.h - 2);
    int head = c->filters ? 2 : 0, rows = in.h - head - 1, top = 0;

    to->owner = SCREEN_OVERLAY;
    canvas_clip_push(to, box);
    canvas_fill(to, box, ROLE_TEXT, 0);
    canvas_box(to, box, c->title, ROLE_BORDER_FOCUS);
    if (c->filters)
        draw_filter(c, to, in);
    if (rows > 0 && (int)c->picked >= rows)
        top = (int)c->picked - rows + 1;
    for (int y = 0; y < rows && top + y < (int)c->count; y++) {
        canvas_target(to, TARGET_ROW, (uint64_t)(top + y), 0);
        draw_row(c, to, rect_of(in.x, in.y + head + y, in.w, 1), (unsigned)(top + y));
    }
    canvas_target(to, TARGET_NONE, 0, 0);
    canvas_put_fit(to, in.x, in.y + in.h - 1, in.w, c->hint, ROLE_DIM, 0);
    canvas_clip_pop(to);
    to->owner = 0;
}
