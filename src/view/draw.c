/* draw.c - pens and signs. Scrolling is nothing but a pen that starts above its rectangle: the clip does the rest. */
#include "view/draw.h"

#include <stdio.h>

#include "base/lang.h"
#include "base/text.h"
#include "machine/narrate.h"
#include "machine/words.h"

void
pen_open(struct pen *p, struct canvas *c, struct rect r)
{
    *p = (struct pen){.c = c, .r = r};
    canvas_clip_push(c, r);
}

void
pen_close(struct pen *p)
{
    canvas_clip_pop(p->c);
}

static bool
pen_draws(const struct pen *p)
{
    return !p->dry && p->y >= 0 && p->y < p->r.h;
}

void
pen_put(struct pen *p, const char *text, enum role role, unsigned flags)
{
    if (pen_draws(p))
        p->x += canvas_put(p->c, p->r.x + p->x, p->r.y + p->y, text, role, flags);
}

void
pen_putf(struct pen *p, enum role role, unsigned flags, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    if (!pen_draws(p))
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    pen_put(p, text, role, flags);
}

void
pen_glyph(struct pen *p, enum glyph g, enum role role, unsigned flags)
{
    if (pen_draws(p))
        p->x += canvas_put_glyph(p->c, p->r.x + p->x, p->r.y + p->y, g, role, flags);
}

void
pen_label(struct pen *p, pfn_t pfn, unsigned flags)
{
    pen_putf(p, theme_frame_role(pfn), flags, "f%llx", (unsigned long long)pfn);
}

void
pen_rest(struct pen *p, const char *text, enum role role, unsigned flags)
{
    int left = pen_left(p);

    if (!pen_draws(p) || left <= 0)
        return;
    if ((int)text_width(text) <= left)
        pen_put(p, text, role, flags);
    else
        p->x += canvas_put_fit(p->c, p->r.x + p->x, p->r.y + p->y, left, text, role, flags);
}

void
pen_wrap(struct pen *p, int indent, const char *text, enum role role, unsigned flags)
{
    int w = p->r.w - indent;

    if (w < 1)
        w = 1;
    if (p->dry)
        p->y += (int)text_wrap_count(text, (unsigned)w);
    else
        p->y += canvas_put_wrapped(p->c, rect_of(p->r.x + indent, p->r.y + p->y, w, CANVAS_HEIGHT_MAX * 4),
                                   0, text, role, flags);
    p->x = 0;
}

void
pen_to(struct pen *p, int column)
{
    p->x = p->x == 0 || p->x < column ? column : p->x + 1;
}

void
pen_line(struct pen *p)
{
    p->y++;
    p->x = 0;
}

int
pen_left(const struct pen *p)
{
    return p->r.w - p->x;
}

bool
pen_full(const struct pen *p)
{
    return p->y >= p->r.h;
}

void
pen_target(struct pen *p, enum target_kind kind, uint64_t a, uint64_t b)
{
    if (p->dry)
        return;
    canvas_target(p->c, pen_draws(p) ? kind : TARGET_NONE, a, b);
    if (p->c->target)
        canvas_target_fill(p->c, rect_of(p->r.x, p->r.y + p->y, p->r.w, 1));
}

void
pen_more(struct pen *p, bool above, bool below)
{
    canvas_target(p->c, TARGET_SCROLL, 0, 0);
    if (above)
        canvas_put_glyph(p->c, p->r.x + p->r.w - 1, p->r.y, GLYPH_POINT_UP, ROLE_ACCENT, 0);
    canvas_target(p->c, TARGET_SCROLL, 1, 0);
    if (below)
        canvas_put_glyph(p->c, p->r.x + p->r.w - 1, p->r.y + p->r.h - 1, GLYPH_POINT_DOWN, ROLE_ACCENT, 0);
    canvas_target(p->c, TARGET_NONE, 0, 0);
}

int
scroll_for(int total, int h, int interest, int scrolled)
{
    int skip = total > h && interest > h / 2 ? interest - h / 2 : 0;
    int most = total > h ? total - h : 0;

    if (skip > most)
        skip = most;
    skip += scrolled;
    return skip < 0 ? 0 : skip > most ? most : skip;
}

/* --- signs -------------------------------------------------------------------------------------- */

const char *
entry_letters(const struct format *f, unsigned level, pte_t entry, char out[16])
{
    const struct format_flags *g = &f->flag;
    /* On the last level the bit that elsewhere means "large" is the PAT bit: no S there. */
    uint64_t large = level + 1 < f->levels && f->level[level].large != LARGE_NEVER ? g->large : 0;
    const struct { uint64_t bit; char letter; bool has; } row[] = {
        {g->present, 'P', g->present},     {g->writable, 'W', g->writable}, {g->user, 'U', g->user},
        {g->accessed, 'A', g->accessed},   {g->dirty, 'D', g->dirty},       {large, 'S', g->large},
        {g->global, 'G', g->global},       {g->no_execute, 'X', g->no_execute},
    };
    struct entry_word word[ENTRY_WORDS];
    unsigned words = words_of_entry(f, level + 1u == f->levels || !format_names_table(f, entry), word);
    int n = 0;

    if (f->level[level].bare)
        entry &= g->present;
    for (unsigned i = 0; i < words; i++)
        out[n++] = entry & word[i].bit ? word[i].letter : '-';
    for (size_t i = 0; words == 0 && i < sizeof row / sizeof *row; i++)
        if (row[i].has)
            out[n++] = entry & row[i].bit ? row[i].letter : '-';
    out[n] = 0;
    return out;
}

enum role
class_role(enum event_class class)
{
    switch (class) {
    case CLASS_HIT:
        return ROLE_TLB_HIT;
    case CLASS_MISS:
        return ROLE_TLB_MISS;
    case CLASS_READ:
        return ROLE_ACCENT;
    case CLASS_WRITE:
        return ROLE_WARNING;
    case CLASS_FAULT:
        return ROLE_ERROR;
    case CLASS_PLAIN:
        break;
    }
    return ROLE_TEXT;
}

enum glyph
class_glyph(enum event_class class)
{
    switch (class) {
    case CLASS_HIT:
        return GLYPH_CHECK;
    case CLASS_MISS:
        return GLYPH_TIMES;
    case CLASS_READ:
        return GLYPH_POINT_LEFT;
    case CLASS_WRITE:
        return GLYPH_LOCK;
    case CLASS_FAULT:
        return GLYPH_CROSS;
    case CLASS_PLAIN:
        break;
    }
    return GLYPH_DOT;
}

const char *
size_text(uint64_t bytes, char out[16])
{
    static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    unsigned u = 0;
    uint64_t whole = bytes, rest = 0;

    while (whole >= 1024 && u < 5) {
        rest = whole % 1024;
        whole /= 1024;
        u++;
    }
    if (rest && whole < 100)
        snprintf(out, 16, "%u.%u %s", (unsigned)whole, (unsigned)(rest * 10 / 1024), unit[u]);
    else
        snprintf(out, 16, "%u %s", (unsigned)whole, unit[u]);
    return out;
}

int
va_digits(const struct format *f)
{
    return format_has_rule(f) ? 16 : (f->va_bits + 3) / 4;
}

/* One scratch for all sentences: it grows to the longest and stays, so that drawing does not allocate. */
static struct buffer *
scratch(void)
{
    static _Thread_local struct buffer b;

    buffer_truncate(&b, 0);
    return &b;
}

const char *
outcome_text(const struct outcome *o)
{
    static const char *const end[] = {
        [OUT_DONE] = "done",
        [OUT_SIGNAL] = "the process got a signal",
        [OUT_BLOCKED] = "the process sleeps",
        [OUT_WAITS] = "waits for other CPUs",
        [OUT_CALL_ERROR] = "the call failed",
        [OUT_SKIPPED] = "skipped",
        [OUT_FAULT] = "faulted: no kernel mends it",
    };
    struct buffer *b = scratch();

    buffer_puts(b, tr(end[o->kind]));
    if (o->kind == OUT_SIGNAL)
        buffer_printf(b, " %s", signal_name[o->signal]);
    if (o->kind == OUT_CALL_ERROR)
        buffer_printf(b, " %s", call_error_name[o->error]);
    return buffer_text(b);
}

void
pen_outcome(struct pen *p, const struct outcome *o)
{
    const bool done = o->kind == OUT_DONE;

    pen_glyph(p, done ? GLYPH_CHECK : GLYPH_CROSS, done ? ROLE_CORRECT : ROLE_WARNING, 0);
    pen_put(p, " ", ROLE_TEXT, 0);
    pen_rest(p, outcome_text(o), o->kind == OUT_SIGNAL || o->kind == OUT_CALL_ERROR ? ROLE_ERROR : ROLE_TEXT, 0);
}

const char *
sentence_text(const struct scene *s, const struct event *ev)
{
    enum number_style before = numbers_use(s->set.numbers);
    struct buffer *b = scratch();

    narrate_event(s->now, ev, b);
    numbers_use(before);
    return buffer_text(b);
}

const char *
value_text(const struct scene *s, uint64_t value, int digits, char out[NUMBER_TEXT])
{
    enum number_style before = numbers_use(s->set.numbers);

    number_show(value, digits, out);
    numbers_use(before);
    return out;
}

void
pen_frame_number(struct pen *p, const struct scene *s, pfn_t pfn)
{
    if (s->set.numbers == NUMBERS_DECIMAL)
        pen_putf(p, ROLE_NUMBER, 0, " (%llu)", (unsigned long long)pfn);
}

const char *
operation_text(const struct scene *s, const struct operation *op)
{
    enum number_style before = numbers_use(s->set.numbers);
    struct buffer *b = scratch();

    operation_format(op, b);
    numbers_use(before);
    return buffer_text(b);
}

const char *
actor_title(enum actor a)
{
    static const char *const title[] = {"CPU", "MMU", "kernel", "disk", "clock", "you"};

    return tr(title[a]);
}
