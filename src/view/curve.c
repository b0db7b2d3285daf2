/* From points to cells:
 *
 *     faults   o fifo  x lru      legend
 *      12 |o
 *         | *!                    the curves; ! where more frames fault more
 *       0 +-------------
 *          1    3    5   frames   ticks
 *     ! fifo: 3 > 4 ...           the anomalies in words
 */
#include "view/curve.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/lang.h"
#include "base/text.h"

enum { TICKS_MAX = 64, NOTES_MAX = 3, LOG_X = 12, LOG_Y = 64 };

struct axis {
    double least, most; /* what the first and the last cell stand for */
    int cells;
    bool logarithmic;
};

struct plot {
    const struct curve_series *series;
    unsigned count;
    const char *across, *up; /* what the axes are called */
    struct canvas *c;
    struct rect r, area; /* all of it; where the curves are */
    struct axis x, y;
    unsigned anomalies;
};

static uint64_t
x_at(const struct curve_series *s, size_t i)
{
    return s->x ? s->x[i] : i + 1;
}

static bool
is_anomaly(const struct curve_series *s, size_t i)
{
    return i > 0 && s->y[i] > s->y[i - 1] && !s->may_rise;
}

/* --- axes --- */

static double
scaled(const struct axis *a, double value)
{
    return a->logarithmic ? log2(value) : value;
}

static int
cell_of(const struct axis *a, double value)
{
    double low = scaled(a, a->least), span = scaled(a, a->most) - low;

    if (span <= 0 || a->cells < 2)
        return 0;
    return (int)lround((scaled(a, value) - low) / span * (a->cells - 1));
}

static void
axis_set(struct axis *a, double least, double most, int cells, double log_from)
{
    a->logarithmic = least >= 1 && most / least > log_from;
    a->least = least;
    a->most = most;
    a->cells = cells < 1 ? 1 : cells;
}

/* 1, 2 or 5 times a power of ten, so that at most `most` of them cover the span. */
static double
nice_step(double span, int most)
{
    static const double factor[] = {1, 2, 5};

    for (double power = 1;; power *= 10)
        for (int i = 0; i < 3; i++)
            if (span / (power * factor[i]) <= most)
                return power * factor[i];
}

/* Round values: multiples of a nice step, or powers of `base`. */
static int
ticks(const struct axis *a, double base, int most, double out[TICKS_MAX])
{
    double step = a->logarithmic ? base : nice_step(a->most - a->least, most < 1 ? 1 : most);
    int n = 0;

    if (a->logarithmic)
        while (log(a->most / a->least) / log(step) > most)
            step *= base;
    for (double v = a->logarithmic ? 1 : ceil(a->least / step) * step;
         v <= a->most && n < TICKS_MAX; v = a->logarithmic ? v * step : v + step)
        if (v >= a->least)
            out[n++] = v;
    return n;
}

/* At most five characters: 850, 9909, 12k, 5M, 1.5M. */
static const char *
short_number(double v, char out[16])
{
    static const char units[] = {'\0', 'k', 'M', 'G', 'T'};
    unsigned unit = 0;

    for (bool large = v >= 10000; large && v >= 1000 && unit < 4; v /= 1000)
        unit++;
    snprintf(out, 16, unit && v < 100 && fmod(v, 1) != 0 ? "%.1f%.1s" : "%.0f%.1s", v,
             &units[unit]);
    return out;
}

static void
draw_y_axis(struct plot *p)
{
    double at[TICKS_MAX];
    char text[16];
    int n = ticks(&p->y, 10, p->area.h / 3, at);

    canvas_vline(p->c, p->area.x - 1, p->area.y, p->area.h + 1, ROLE_BORDER);
    for (int i = 0; i < n; i++) {
        int y = p->area.y + p->area.h - 1 - cell_of(&p->y, at[i]);
        const char *label = short_number(at[i], text);
        canvas_put(p->c, p->area.x - 2 - (int)text_width(label), y, label, ROLE_NUMBER, 0);
        canvas_hline(p->c, p->area.x - 1, y, 1, ROLE_BORDER);
    }
}

static void
draw_x_axis(struct plot *p)
{
    double at[TICKS_MAX];
    char text[24];
    int n = ticks(&p->x, 2, p->area.w / 9, at), y = p->area.y + p->area.h;

    canvas_hline(p->c, p->area.x - 1, y, p->area.w + 1, ROLE_BORDER);
    for (int i = 0; i < n; i++) {
        int x = p->area.x + cell_of(&p->x, at[i]), left;
        snprintf(text, sizeof text, "%.0f", at[i]);
        left = x - (int)text_width(text) / 2;
        if (left + (int)text_width(text) > p->r.x + p->r.w)
            left = p->r.x + p->r.w - (int)text_width(text);
        canvas_vline(p->c, x, y, 1, ROLE_BORDER);
        canvas_put(p->c, left, y + 1, text, ROLE_NUMBER, 0);
    }
}

/* --- curves --- */

static enum glyph
sign(unsigned k)
{
    return (enum glyph)(GLYPH_SERIES1 + k);
}

static enum role
colour(unsigned k)
{
    return (enum role)(ROLE_SERIES1 + k);
}

static bool
shows(const struct plot *p, int x, int y, enum glyph g)
{
    char text[16];
    const struct cell *cell = canvas_cell(p->c, x, y);
    const char *want = glyph_text(p->c->glyphs, g),
               *have = cell ? canvas_cell_text(cell, text) : "";

    while (*want && *want == *have)
        want++, have++;
    return *want == *have;
}

static bool
is_free(const struct plot *p, int x, int y)
{
    const struct cell *cell = canvas_cell(p->c, x, y);

    return cell && (cell->cp == ' ' || shows(p, x, y, GLYPH_DOT));
}

static void
place(const struct plot *p, const struct curve_series *s, size_t i, int *x, int *y)
{
    *x = p->area.x + cell_of(&p->x, (double)x_at(s, i));
    *y = p->area.y + p->area.h - 1 - cell_of(&p->y, (double)s->y[i]);
}

/* Dots from one point towards the next, in the cells that nothing else needs. */
static void
draw_between(struct plot *p, unsigned k, int x0, int y0, int x1, int y1)
{
    int dx = abs(x1 - x0), dy = abs(y1 - y0), steps = dx > dy ? dx : dy;

    for (int i = 1; i < steps; i++) {
        int x = x0 + (int)lround((double)(x1 - x0) * i / steps);
        int y = y0 + (int)lround((double)(y1 - y0) * i / steps);
        if (is_free(p, x, y))
            canvas_put_glyph(p->c, x, y, GLYPH_DOT, colour(k), 0);
    }
}

static void
draw_point(struct plot *p, unsigned k, int x, int y)
{
    if (is_free(p, x, y))
        canvas_put_glyph(p->c, x, y, sign(k), colour(k), 0);
    else if (!shows(p, x, y, sign(k)))
        canvas_put_glyph(p->c, x, y, GLYPH_SERIES_MANY, ROLE_TEXT, 0);
}

static void
draw_lines(struct plot *p, unsigned k)
{
    const struct curve_series *s = &p->series[k];
    int x0, y0, x, y;

    for (size_t i = 0; i < s->n; i++, x0 = x, y0 = y) {
        place(p, s, i, &x, &y);
        if (i > 0)
            draw_between(p, k, x0, y0, x, y);
    }
}

static void
draw_points(struct plot *p, unsigned k)
{
    const struct curve_series *s = &p->series[k];
    int x0 = -1, y0 = -1, x, y;

    for (size_t i = 0; i < s->n; i++, x0 = x, y0 = y) {
        place(p, s, i, &x, &y);
        if (x != x0 || y != y0)
            draw_point(p, k, x, y);
    }
}

/* Above the point, or below it where another curve is. */
static void
mark_anomalies(struct plot *p, unsigned k)
{
    const struct curve_series *s = &p->series[k];
    int x, y;

    for (size_t i = 0; i < s->n; i++) {
        if (!is_anomaly(s, i))
            continue;
        p->anomalies++;
        place(p, s, i, &x, &y);
        if (!is_free(p, x, y - 1) || y == p->area.y)
            y += 2;
        canvas_put(p->c, x, y - 1, "!", ROLE_WARNING, CELL_BOLD);
    }
}

/* --- words --- */

static void
draw_legend(struct plot *p)
{
    int x = p->r.x, y = p->r.y;

    x += canvas_put(p->c, x, y, p->up, ROLE_TITLE, 0);
    if (p->y.logarithmic)
        x += canvas_put(p->c, x, y, tr(" (log scale)"), ROLE_DIM, 0);
    x += 3;
    for (unsigned k = 0; k < p->count; k++) {
        canvas_put_glyph(p->c, x, y, sign(k), colour(k), 0);
        x += 2 + canvas_put(p->c, x + 2, y, p->series[k].name, ROLE_TEXT, 0) + 2;
    }
    if (p->count > 1) {
        canvas_put_glyph(p->c, x, y, GLYPH_SERIES_MANY, ROLE_TEXT, 0);
        canvas_put(p->c, x + 2, y, tr("several"), ROLE_TEXT, 0);
    }
}

static void
draw_x_name(struct plot *p, int y)
{
    const char *name = p->across, *scale = p->x.logarithmic ? tr(" (log scale)") : "";
    int x = p->r.x + p->r.w - (int)(text_width(name) + text_width(scale));

    x += canvas_put(p->c, x, y, name, ROLE_TITLE, 0);
    canvas_put(p->c, x, y, scale, ROLE_DIM, 0);
}

static void
note_anomaly(struct plot *p, const struct curve_series *s, size_t i, int y)
{
    char text[200];

    snprintf(text, sizeof text,
             tr("%s: %llu frames, %llu faults; %llu frames, %llu faults: Belady's anomaly"),
             s->name, (unsigned long long)x_at(s, i - 1), (unsigned long long)s->y[i - 1],
             (unsigned long long)x_at(s, i), (unsigned long long)s->y[i]);
    canvas_put(p->c, p->r.x, y, "! ", ROLE_WARNING, CELL_BOLD);
    canvas_put_fit(p->c, p->r.x + 2, y, p->r.w - 2, text, ROLE_TEXT, 0);
}

/* The first few; the last line says how many more there are. */
static void
draw_notes(struct plot *p, int y, int rows)
{
    unsigned told = 0, room = (unsigned)rows - (p->anomalies > (unsigned)rows);

    for (unsigned k = 0; k < p->count; k++)
        for (size_t i = 0; i < p->series[k].n && told < room; i++)
            if (is_anomaly(&p->series[k], i))
                note_anomaly(p, &p->series[k], i, y + (int)told++);
    if (told < p->anomalies)
        canvas_putf(p->c, p->r.x, y + (int)told, ROLE_DIM, 0, tr("! and %u more"),
                    p->anomalies - told);
}

/* --- the picture --- */

static unsigned
count_anomalies(const struct curve_series *s, unsigned count)
{
    unsigned n = 0;

    for (unsigned k = 0; k < count; k++)
        for (size_t i = 0; i < s[k].n; i++)
            n += is_anomaly(&s[k], i);
    return n;
}

/* False: there is not a single point. */
static bool
find_range(struct plot *p, double least[2], double most[2])
{
    bool any = false;

    for (unsigned k = 0; k < p->count; k++)
        for (size_t i = 0; i < p->series[k].n; i++, any = true) {
            double at[2] = {(double)x_at(&p->series[k], i), (double)p->series[k].y[i]};
            for (int d = 0; d < 2; d++) {
                least[d] = any && least[d] < at[d] ? least[d] : at[d];
                most[d] = any && most[d] > at[d] ? most[d] : at[d];
            }
        }
    return any;
}

void
curve_draw(const struct curve_series *series, unsigned count, const char *across, const char *up, struct canvas *c,
           struct rect r)
{
    struct plot p = {.series = series, .count = count, .across = across, .up = up, .c = c, .r = r};
    const unsigned anomalies = count_anomalies(series, count);
    const int notes = anomalies > NOTES_MAX ? NOTES_MAX : (int)anomalies;
    double least[2] = {0}, most[2] = {0};

    if (count > CURVE_SERIES_MAX || r.w < CURVE_WIDTH_LEAST || r.h < CURVE_HEIGHT_LEAST ||
        !find_range(&p, least, most))
        return;
    p.area = rect_of(r.x + 8, r.y + 1, r.w - 10, r.h - 4 - notes);
    axis_set(&p.x, least[0], most[0], p.area.w, LOG_X);
    axis_set(&p.y, least[1], most[1], p.area.h, LOG_Y);
    if (!p.y.logarithmic)
        p.y.least = 0;
    canvas_clip_push(c, r);
    draw_y_axis(&p);
    draw_x_axis(&p);
    draw_legend(&p);
    draw_x_name(&p, p.area.y + p.area.h + 2);
    for (unsigned k = 0; k < count; k++)
        draw_lines(&p, k);
    for (unsigned k = 0; k < count; k++)
        draw_points(&p, k);
    for (unsigned k = 0; k < count; k++)
        mark_anomalies(&p, k);
    draw_notes(&p, p.area.y + p.area.h + 3, notes);
    canvas_clip_pop(c);
}
