/* palette.c - see palette.h. Drawn over whatever is on the canvas. */
#include "app/palette.h"

#include <stdio.h>
#include <string.h>

#include "app/keymap.h"
#include "app/screen.h"
#include "base/lang.h"
#include "base/text.h"
#include "machine/operation.h"

enum { KEY_CELLS = 10, NAME_CELLS = 14, ROOM_MIN = 20 };

/* --- filtering ----------------------------------------------------------------------------------- */

static const char *
item_name(const struct palette_item *i)
{
    return i->action ? action_row[i->action].name : operation_row((enum operation_code)i->operation)->name;
}

static const char *
item_keys(const struct palette_item *i)
{
    return i->action ? keymap_keys(i->action) : "";
}

static const char *
item_help(const struct palette_item *i)
{
    return i->action ? action_row[i->action].help : operation_row((enum operation_code)i->operation)->help;
}

static bool
is_a_key(const char *keys, const char *word, size_t n)
{
    while (*keys) {
        size_t length = strcspn(keys, " ");
        if (length == n && strncmp(keys, word, n) == 0)
            return true;
        keys += length + (keys[length] == ' ');
    }
    return false;
}

static bool
matches(const struct palette_item *i, const char *filter)
{
    size_t n;

    for (; sieve_word(&filter, &n); filter += n)
        if (!sieve_finds(item_name(i), filter, n) && !is_a_key(item_keys(i), filter, n) && !sieve_finds(item_help(i), filter, n) &&
            !sieve_finds(tr(item_help(i)), filter, n) && !(n > 1 && sieve_finds(item_keys(i), filter, n)))
            return false;
    return true;
}

static void
offer(struct palette *p, struct palette_item item)
{
    if (p->items < PALETTE_ITEMS && matches(&item, p->sieve.filter))
        p->item[p->items++] = item;
}

/* A name or key that is exactly what was typed comes first. */
static void
best_first(struct palette *p)
{
    size_t n = strlen(p->sieve.filter);

    for (unsigned i = 1; i < p->items && n; i++) {
        struct palette_item best = p->item[i];
        if (strcmp(item_name(&best), p->sieve.filter) != 0 && !is_a_key(item_keys(&best), p->sieve.filter, n))
            continue;
        memmove(p->item + 1, p->item, i * sizeof p->item[0]);
        p->item[0] = best;
    }
}

static void
gather(struct palette *p, const struct session *s)
{
    unsigned now = action_situation(s);

    p->items = 0;
    for (int a = ACTION_NONE + 1; a < ACTIONS; a++)
        if (action_works((enum action_code)a, now) && a != ACTION_HELP)
            offer(p, (struct palette_item){.action = (enum action_code)a});
    for (int o = OP_NONE + 1; o < OPERATION_CODES && s; o++)
        offer(p, (struct palette_item){.operation = o});
    best_first(p);
    sieve_fit(&p->sieve, p->items);
}

void
palette_open(struct palette *p, const struct session *s)
{
    *p = (struct palette){.open = true};
    gather(p, s);
}

/* --- keys ---------------------------------------------------------------------------------------- */

static enum palette_end
choose(struct palette *p, enum action_code *action, char *line, unsigned size)
{
    const struct palette_item *i = &p->item[p->sieve.picked];

    if (!p->items)
        return PALETTE_GOES_ON;
    p->open = false;
    *action = i->action;
    if (i->action && !action_wants_argument(i->action))
        return PALETTE_RUNS;
    snprintf(line, size, "%s ", item_name(i));
    return PALETTE_TYPES;
}

enum palette_end
palette_key(struct palette *p, const struct key *key, const struct session *s, enum action_code *action, char *line, unsigned size)
{
    *action = ACTION_NONE;
    if (strcmp(key->name, "Escape") == 0 || (strcmp(key->name, "F1") == 0)) {
        p->open = false;
        return PALETTE_CANCELLED;
    }
    if (strcmp(key->name, "Enter") == 0)
        return key->pasted ? PALETTE_GOES_ON : choose(p, action, line, size);
    if (!sieve_move(&p->sieve, key->name, p->items) && sieve_type(&p->sieve, key))
        gather(p, s);
    return PALETTE_GOES_ON;
}

/* --- drawing ------------------------------------------------------------------------------------- */

static void
draw_item(const struct palette *p, struct canvas *c, struct rect r, unsigned i, int y)
{
    const struct palette_item *item = &p->item[i];
    bool picked = i == p->sieve.picked;
    enum role role = picked ? ROLE_CURSOR : ROLE_TEXT;
    char keys[64] = "";
    int x = r.x;

    if (item->action) {
        char key[16];
        for (unsigned k = 0; k < 2 && action_key(item->action, k, key); k++)
            snprintf(keys + strlen(keys), sizeof keys - strlen(keys), "%s%s", k ? " " : "", action_key_text(key, c->glyphs));
    } else {
        snprintf(keys, sizeof keys, ":");
    }
    if (text_width(keys) > KEY_CELLS)
        *strchrnul(keys, ' ') = '\0';
    canvas_fill(c, rect_of(r.x, y, r.w, 1), role, 0);
    canvas_put_glyph(c, x, y, picked ? GLYPH_POINT_RIGHT : GLYPH_DOT, picked ? role : ROLE_DIM, 0);
    canvas_put_fit(c, x + 2, y, KEY_CELLS, keys, picked ? role : ROLE_KEY, CELL_BOLD);
    canvas_put_fit(c, x + 3 + KEY_CELLS, y, NAME_CELLS, item_name(item), role, CELL_BOLD);
    x += 4 + KEY_CELLS + NAME_CELLS;
    if (r.x + r.w - x >= ROOM_MIN)
        canvas_put_fit(c, x, y, r.x + r.w - x, tr(item_help(item)), picked ? role : ROLE_TEXT, 0);
}

static struct rect
box_of(const struct canvas *c)
{
    int w = c->w > 110 ? 104 : c->w - 4, h = c->h > 46 ? 40 : c->h - 4;

    if (w < 1 || h < 5)
        return rect_of(0, 0, c->w, c->h);
    return rect_of((c->w - w) / 2, (c->h - h) / 2, w, h);
}

void
palette_draw(const struct palette *p, struct canvas *c)
{
    struct rect box = box_of(c), in = rect_of(box.x + 2, box.y + 1, box.w - 4, box.h - 2);
    int rows = in.h - 3, top = (int)sieve_top(&p->sieve, rows);

    c->owner = SCREEN_OVERLAY;
    canvas_clip_push(c, box);
    canvas_fill(c, box, ROLE_TEXT, 0);
    canvas_box(c, box, tr("What works here"), ROLE_BORDER_FOCUS);
    sieve_draw(&p->sieve, c, in, p->items ? NULL : tr("Nothing here has this in its name, key or help."));
    canvas_put_fit(c, in.x, in.y + in.h - 1, in.w, tr("Enter runs it    Up/Down choose    Esc closes"), ROLE_DIM, 0);
    for (int y = 0; y < rows && top + y < (int)p->items; y++) {
        canvas_target(c, TARGET_ROW, (uint64_t)(top + y), 0);
        draw_item(p, c, in, (unsigned)(top + y), in.y + 2 + y);
    }
    canvas_target(c, TARGET_NONE, 0, 0);
    canvas_clip_pop(c);
    c->owner = 0;
}
