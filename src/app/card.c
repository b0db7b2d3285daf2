/* card.c - see card.h. */
#include "app/card.h"

#include <string.h>

#include "app/screen.h"
#include "base/lang.h"
#include "base/text.h"

bool
card_open(struct card *c, const enum term *terms, unsigned count)
{
    *c = (struct card){.open = count > 0, .terms = count < TERMS_HERE ? count : TERMS_HERE};
    memcpy(c->term, terms, c->terms * sizeof *terms);
    return c->open;
}

/* +1, -1, or 0: another key. */
static int
turns(const char *name)
{
    static const char *const forward[] = {"Right", "Tab", "Space", "i"}, *const back[] = {
                                                                             "Left", "BackTab",
                                                                             "Backspace"};

    for (size_t i = 0; i < sizeof forward / sizeof *forward; i++)
        if (strcmp(forward[i], name) == 0)
            return 1;
    for (size_t i = 0; i < sizeof back / sizeof *back; i++)
        if (strcmp(back[i], name) == 0)
            return -1;
    return 0;
}

enum card_end
card_key(struct card *c, const struct key *key)
{
    int turn = turns(key->name);

    if (turn) {
        c->at = (c->at + (turn > 0 ? 1 : c->terms - 1)) % c->terms;
        return CARD_GOES_ON;
    }
    if (strcmp(key->name, "Enter") == 0 && !key->pasted) {
        c->open = false;
        return CARD_LIST;
    }
    if (strcmp(key->name, "Escape") != 0 && strcmp(key->name, "q") != 0)
        return CARD_GOES_ON;
    c->open = false;
    return CARD_CLOSED;
}

/* --- drawing ------------------------------------------------------------------------------------- */

static void
put_wrapped(const char *text, unsigned width, struct buffer *out)
{
    const char *end = text + strlen(text);
    struct text_line line;

    while (text_wrap_next(&text, end, width, &line)) {
        buffer_append(out, line.start, line.length);
        buffer_putc(out, '\n');
    }
}

static void
where_line(enum term t, struct buffer *out)
{
    buffer_printf(out, "%s %s", tr("Shown in"), tr(term_row[t].where));
}

void
card_text(enum term t, unsigned width, struct buffer *out)
{
    struct buffer where = {0};

    where_line(t, &where);
    put_wrapped(tr(term_row[t].text), width, out);
    put_wrapped(buffer_text(&where), width, out);
    put_wrapped(term_row[t].source, width, out);
    buffer_free(&where);
}

/* The words that have a card here; as many as fit from the current one on. */
static void
draw_words(const struct card *c, struct canvas *to, struct rect r)
{
    unsigned first = 0;
    char name[TERM_NAME];
    int x = r.x, used = 0;

    for (unsigned i = 0; i <= c->at; i++) {
        term_name(c->term[i], 0, name);
        used += (int)text_width(name) + 3;
        if (used > r.w) {
            first = i;
            used = (int)text_width(name) + 3;
        }
    }
    for (unsigned i = first; i < c->terms && x < r.x + r.w; i++) {
        term_name(c->term[i], 0, name);
        if (x + (int)text_width(name) > r.x + r.w)
            break;
        if (i == c->at)
            canvas_put_glyph(to, x, r.y, GLYPH_POINT_RIGHT, ROLE_BORDER_FOCUS, CELL_BOLD);
        x += 1 +
             canvas_put(to, x + 1, r.y, name, i == c->at ? ROLE_CURSOR : ROLE_DIM,
                        i == c->at ? CELL_BOLD : 0) +
             2;
    }
}

static int
draw_body(const struct card *c, struct canvas *to, struct rect in)
{
    const struct term_row *row = &term_row[c->term[c->at]];
    struct buffer where = {0};
    int y;

    where_line(c->term[c->at], &where);
    y = in.y + canvas_put_wrapped(to, in, 0, tr(row->text), ROLE_TITLE, 0);
    y += canvas_put_wrapped(to, rect_of(in.x, y, in.w, in.h), 0, buffer_text(&where), ROLE_ACCENT,
                            0);
    y += canvas_put_wrapped(to, rect_of(in.x, y, in.w, in.h), 0, row->source, ROLE_DIM, 0);
    buffer_free(&where);
    return y;
}

static int
lines_of(enum term t, int w)
{
    struct buffer text = {0};
    int n = 0;

    card_text(t, (unsigned)(w > 1 ? w : 1), &text);
    for (size_t i = 0; i < text.length; i++)
        n += text.data[i] == '\n';
    buffer_free(&text);
    return n;
}

void
card_draw(const struct card *c, struct canvas *to)
{
    int w = to->w < CARD_WIDTH + 4 ? to->w : CARD_WIDTH + 4,
        h = 5 + lines_of(c->term[c->at], w - 4);
    struct rect box = rect_of((to->w - w) / 2, (to->h - h) / 2, w, h), in;
    char name[TERM_NAME];

    if (box.y < 0)
        box.y = 0;
    in = rect_of(box.x + 2, box.y + 1, box.w - 4, box.h - 2);
    term_name(c->term[c->at], 0, name);
    to->owner = SCREEN_OVERLAY;
    canvas_clip_push(to, box);
    canvas_fill(to, box, ROLE_TEXT, 0);
    canvas_box(to, box, name, ROLE_BORDER_FOCUS);
    draw_body(c, to, in);
    draw_words(c, to, rect_of(in.x, in.y + in.h - 2, in.w, 1));
    canvas_put_fit(to, in.x, in.y + in.h - 1, in.w,
                   tr("Left/Right other words    Enter all words    Esc closes"), ROLE_DIM, 0);
    canvas_clip_pop(to);
    to->owner = 0;
}
