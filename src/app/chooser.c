/* chooser.c - see chooser.h. */
#include "app/chooser.h"

#include <stdio.h>
#include <string.h>

#include "app/screen.h"
#include "base/lang.h"
#include "base/text.h"

/* --- rows ---------------------------------------------------------------------------------------- */

static bool
passes(const struct chooser_row *r, const char *filter)
{
    size_t n;

    for (; sieve_word(&filter, &n); filter += n)
        if (!sieve_finds(r->text, filter, n) && !sieve_finds(r->note, filter, n))
            return false;
    return true;
}

static void
sift(struct chooser *c)
{
    c->count = 0;
    for (unsigned i = 0; i < c->rows; i++)
        if (passes(&c->row[i], c->sieve.filter))
            c->shown[c->count++] = i;
    sieve_fit(&c->sieve, c->count);
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

/* The row whose letter was pressed becomes the highlighted one. */
static bool
finds_letter(struct chooser *c, const char *name)
{
    for (unsigned i = 0; i < c->count && !c->filters; i++)
        if (strcmp(c->row[c->shown[i]].key, name) == 0) {
            c->sieve.picked = i;
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
    if (sieve_move(&c->sieve, key->name, c->count))
        return CHOOSER_GOES_ON;
    if (enter || removes || finds_letter(c, key->name)) {
        if (!c->count)
            return CHOOSER_GOES_ON;
        *value = c->row[c->shown[c->sieve.picked]].value;
        c->open = false;
        return removes ? CHOOSER_REMOVED : CHOOSER_CHOSEN;
    }
    if (c->filters && sieve_type(&c->sieve, key))
        sift(c);
    return CHOOSER_GOES_ON;
}

/* --- drawing ------------------------------------------------------------------------------------- */

static void
draw_row(const struct chooser *c, struct canvas *to, struct rect r, unsigned i)
{
    const struct chooser_row *row = &c->row[c->shown[i]];
    bool picked = i == c->sieve.picked;
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

void
chooser_draw(const struct chooser *c, struct canvas *to)
{
    struct rect box = box_of(c, to), in = rect_of(box.x + 2, box.y + 1, box.w - 4, box.h - 2);
    int head = c->filters ? 2 : 0, rows = in.h - head - 1,
        top = (int)sieve_top(&c->sieve, rows);

    to->owner = SCREEN_OVERLAY;
    canvas_clip_push(to, box);
    canvas_fill(to, box, ROLE_TEXT, 0);
    canvas_box(to, box, c->title, ROLE_BORDER_FOCUS);
    if (c->filters)
        sieve_draw(&c->sieve, to, in, c->count ? NULL : tr("Nothing here has this in it."));
    for (int y = 0; y < rows && top + y < (int)c->count; y++) {
        canvas_target(to, TARGET_ROW, (uint64_t)(top + y), 0);
        draw_row(c, to, rect_of(in.x, in.y + head + y, in.w, 1), (unsigned)(top + y));
    }
    canvas_target(to, TARGET_NONE, 0, 0);
    canvas_put_fit(to, in.x, in.y + in.h - 1, in.w, c->hint, ROLE_DIM, 0);
    canvas_clip_pop(to);
    to->owner = 0;
}
