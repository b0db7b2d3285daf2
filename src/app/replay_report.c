/* replay_report.c - the numbers of a replay as a document, as a table, as a picture. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/replay.h"
#include "base/json.h"
#include "base/lang.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "view/curve.h"

/* --- lru at every size --- */

static bool
asked(const struct replay_ask *ask, enum policy policy)
{
    for (unsigned k = 0; k < ask->policies; k++)
        if (ask->policy[k] == policy)
            return true;
    return false;
}

/* The number of frames from which more hardly help: the point farthest below the straight line from
 * the first point of the curve to the last (V. Satopaa et al., "Finding a 'Kneedle' in a Haystack",
 * 2011). 0: the curve has no bend. */
static uint64_t
knee(const struct replay_answer *a)
{
    const double fall = (double)a->curve[0] - (double)a->curve[a->sizes - 1];
    double best = 0;
    uint64_t at = 0;

    for (size_t i = 1; i + 1 < a->sizes; i++) {
        double below =
            ((double)a->curve[0] - (double)a->curve[i]) / fall - (double)i / (double)(a->sizes - 1);
        if (below > best) {
            best = below;
            at = i + 1;
        }
    }
    return at;
}

/* --- JSON --- */

static void
put_count(struct buffer *out, const char *name, uint64_t value)
{
    json_key(out, name);
    json_put_uint(out, value);
}

static void
put_text(struct buffer *out, const char *name, const char *value)
{
    json_key(out, name);
    json_put_string(out, value);
}

static void
put_run(struct buffer *out, const struct replay_run *run)
{
    json_open(out, '{');
    put_text(out, "policy", policy_row[run->policy].name);
    put_count(out, "frames", run->frames);
    put_count(out, "faults", run->faults);
    put_count(out, "hits", run->hits);
    put_count(out, "writebacks", run->writebacks);
    json_close(out, '}');
}

static void
put_curve(struct buffer *out, const struct replay_answer *a)
{
    json_key(out, "curve");
    json_open(out, '{');
    put_text(out, "policy", policy_row[POLICY_LRU].name);
    put_count(out, "knee", a->sizes ? knee(a) : 0);
    json_key(out, "faults");
    json_open(out, '[');
    for (size_t i = 0; i < a->sizes; i++)
        json_put_uint(out, a->curve[i]);
    json_close(out, ']');
    json_close(out, '}');
}

static void
put_machine_run(struct buffer *out, const struct replay_run *run, const struct replay_machine *m)
{
    char state[33];

    json_open(out, '{');
    put_text(out, "policy", policy_row[run->policy].name);
    put_count(out, "frames", run->frames);
    put_count(out, "tlb_hits", m->tlb_hits);
    put_count(out, "tlb_misses", m->tlb_misses);
    put_count(out, "walks", m->walks);
    put_count(out, "minor_faults", m->minor_faults);
    put_count(out, "major_faults", m->major_faults);
    put_count(out, "evictions", m->evictions);
    put_count(out, "swap_reads", m->swap_reads);
    put_count(out, "swap_writes", m->swap_writes);
    put_count(out, "cycles", m->cycles);
    put_text(out, "state", hash_hex(m->state, state));
    json_close(out, '}');
}

static void
put_machines(struct buffer *out, const struct replay_ask *ask, const struct replay_answer *a)
{
    json_key(out, "machine");
    json_open(out, '{');
    put_text(out, "name", ask->machine->name);
    json_key(out, "runs");
    json_open(out, '[');
    for (size_t i = 0; i < a->runs; i++)
        put_machine_run(out, &a->run[i], &a->machine[i]);
    json_close(out, ']');
    json_close(out, '}');
}

void
replay_json(const struct replay_ask *ask, const struct replay_answer *a, struct buffer *out)
{
    json_open(out, '{');
    put_text(out, "schema", "pagewalk.replay/1");
    put_count(out, "refs", a->refs);
    put_count(out, "pages", a->pages);
    json_key(out, "runs");
    json_open(out, '[');
    for (size_t i = 0; i < a->runs; i++)
        put_run(out, &a->run[i]);
    json_close(out, ']');
    if (ask->all && asked(ask, POLICY_LRU))
        put_curve(out, a);
    if (ask->machine)
        put_machines(out, ask, a);
    put_text(out, "input", reader_form_name[a->facts.form]);
    if (ask->load_r0)
        put_text(out, "dialect", "load-leaves-r-0");
    put_count(out, "bad_lines", a->facts.bad);
    json_key(out, "interrupted");
    json_put_bool(out, a->interrupted);
    json_close(out, '}');
    buffer_putc(out, '\n');
}

/* --- text --- */

/* To the right in a column; Chinese letters are two cells wide. */
static void
put_right(struct buffer *out, unsigned width, const char *text)
{
    unsigned used = text_width(text);

    buffer_repeat(out, ' ', used < width ? width - used : 1);
    buffer_puts(out, text);
}

static void put_cell(struct buffer *out, unsigned width, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
put_cell(struct buffer *out, unsigned width, const char *fmt, ...)
{
    char text[64];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    put_right(out, width, text);
}

enum { SIZES_TOLD = 16, W_POLICY = 8, W_FRAMES = 11, W_COUNT = 13, W_RATE = 11 };

static void
put_machine_words(const struct replay_ask *ask, struct buffer *out)
{
    if (ask->sizes)
        buffer_printf(out, tr("Machine %s: one process, with this many frames at most.\n"),
                      ask->machine->name);
    else
        buffer_printf(out, tr("Machine %s: one process, with all of its memory.\n"),
                      ask->machine->name);
}

static void
put_head(const struct replay_ask *ask, const struct replay_answer *a, struct buffer *out)
{
    const char *form = reader_form_name[a->facts.form];
    char size[24];

    text_clean(out, ask->name, strlen(ask->name), 0);
    buffer_putc(out, '\n');
    buffer_printf(out, tr("%llu references to %llu pages"), (unsigned long long)a->refs,
                  (unsigned long long)a->pages);
    if (a->facts.form == READER_LACKEY || a->facts.form == READER_ADDRESSES)
        buffer_printf(out, tr(" (read as %s, pages of %s)"), form, number_size(ask->page, size));
    else
        buffer_printf(out, tr(" (read as %s)"), form);
    buffer_putc(out, '\n');
    if (ask->machine)
        put_machine_words(ask, out);
    if (a->interrupted)
        buffer_printf(out, "%s\n", tr("Interrupted: this is what came before."));
    if (ask->load_r0)
        buffer_printf(out, "%s\n",
                      tr("Dialect load-leaves-r-0: a page that clock loads begins with R = 0."));
    buffer_putc(out, '\n');
}

static void
put_name_titles(struct buffer *out)
{
    const char *policy = tr("policy");

    buffer_puts(out, policy);
    put_right(out, W_POLICY + W_FRAMES - text_width(policy), tr("frames"));
}

static void
put_titles(struct buffer *out)
{
    put_name_titles(out);
    put_right(out, W_COUNT, tr("faults"));
    put_right(out, W_COUNT, tr("hits"));
    put_right(out, W_RATE, tr("fault rate"));
    put_right(out, W_COUNT, tr("written back"));
    buffer_putc(out, '\n');
}

static void
put_rate(struct buffer *out, uint64_t part, uint64_t whole)
{
    put_cell(out, W_RATE, "%.2f %%", whole ? 100.0 * (double)part / (double)whole : 0.0);
}

static void
put_counts(struct buffer *out, enum policy policy, uint64_t frames, uint64_t faults, uint64_t refs)
{
    buffer_printf(out, "%-*s", W_POLICY, policy_row[policy].name);
    put_cell(out, W_FRAMES, "%" PRIu64, frames);
    put_cell(out, W_COUNT, "%" PRIu64, faults);
    put_cell(out, W_COUNT, "%" PRIu64, refs - faults);
    put_rate(out, faults, refs);
}

static bool
is_power_of_two(uint64_t n)
{
    return (n & (n - 1)) == 0;
}

/* Of every size there is: all of a short list, else powers of two and the last. */
static bool
is_told(const struct replay_answer *a, uint64_t frames)
{
    return is_power_of_two(frames) || frames == a->pages || a->pages <= SIZES_TOLD;
}

static void
put_curve_table(const struct replay_answer *a, struct buffer *out)
{
    const uint64_t bend = a->sizes ? knee(a) : 0;

    for (uint64_t n = 1; n <= a->sizes; n++) {
        if (!is_told(a, n) && n != bend)
            continue;
        put_counts(out, POLICY_LRU, n, a->curve[n - 1], a->refs);
        put_right(out, W_COUNT, "-"); /* the curve counts faults only */
        buffer_printf(out, "%s%s\n", n == bend ? "   " : "", n == bend ? tr("the knee") : "");
    }
}

static void
put_runs_table(const struct replay_ask *ask, const struct replay_answer *a, enum policy policy,
               struct buffer *out)
{
    for (size_t i = 0; i < a->runs; i++) {
        const struct replay_run *run = &a->run[i];
        if (run->policy != policy || (ask->all && !is_told(a, run->frames)))
            continue;
        put_counts(out, run->policy, run->frames, run->faults, a->refs);
        put_cell(out, W_COUNT, "%" PRIu64, run->writebacks);
        buffer_putc(out, '\n');
    }
}

/* --- text: what a machine has besides --- */

enum { W_FAULTS = 11 };

static void
put_run_name(const struct replay_run *run, struct buffer *out)
{
    buffer_printf(out, "%-*s", W_POLICY, policy_row[run->policy].name);
    put_cell(out, W_FRAMES, "%" PRIu64, run->frames);
}

static void
put_tlb_table(const struct replay_answer *a, struct buffer *out)
{
    put_name_titles(out);
    put_right(out, W_COUNT, tr("TLB hits"));
    put_right(out, W_COUNT, tr("TLB misses"));
    put_right(out, W_RATE, tr("miss rate"));
    put_right(out, W_COUNT, tr("walks"));
    buffer_putc(out, '\n');
    for (size_t i = 0; i < a->runs; i++) {
        const struct replay_machine *m = &a->machine[i];

        put_run_name(&a->run[i], out);
        put_cell(out, W_COUNT, "%" PRIu64, m->tlb_hits);
        put_cell(out, W_COUNT, "%" PRIu64, m->tlb_misses);
        put_rate(out, m->tlb_misses, m->tlb_hits + m->tlb_misses);
        put_cell(out, W_COUNT, "%" PRIu64, m->walks);
        buffer_putc(out, '\n');
    }
}

static void
put_faults_table(const struct replay_answer *a, struct buffer *out)
{
    put_name_titles(out);
    put_right(out, W_FAULTS, tr("minor"));
    put_right(out, W_FAULTS, tr("major"));
    put_right(out, W_COUNT, tr("evictions"));
    put_right(out, W_COUNT, tr("swapped in"));
    put_right(out, W_COUNT, tr("cycles"));
    buffer_putc(out, '\n');
    for (size_t i = 0; i < a->runs; i++) {
        const struct replay_machine *m = &a->machine[i];

        put_run_name(&a->run[i], out);
        put_cell(out, W_FAULTS, "%" PRIu64, m->minor_faults);
        put_cell(out, W_FAULTS, "%" PRIu64, m->major_faults);
        put_cell(out, W_COUNT, "%" PRIu64, m->evictions);
        put_cell(out, W_COUNT, "%" PRIu64, m->swap_reads);
        put_cell(out, W_COUNT, "%" PRIu64, m->cycles);
        buffer_putc(out, '\n');
    }
}

void
replay_text(const struct replay_ask *ask, const struct replay_answer *a, struct buffer *out)
{
    put_head(ask, a, out);
    put_titles(out);
    for (unsigned k = 0; k < ask->policies; k++)
        if (ask->all && ask->policy[k] == POLICY_LRU)
            put_curve_table(a, out);
        else
            put_runs_table(ask, a, ask->policy[k], out);
    if (!ask->machine)
        return;
    buffer_putc(out, '\n');
    put_tlb_table(a, out);
    buffer_putc(out, '\n');
    put_faults_table(a, out);
}

/* --- picture --- */

/* The runs of one policy as a series; `frames` and `faults` have room. */
static struct curve_series
series_of(const struct replay_answer *a, enum policy policy, uint64_t *frames, uint64_t *faults)
{
    struct curve_series s = {policy_row[policy].name, frames, faults, 0, policy == POLICY_RANDOM};

    for (size_t i = 0; i < a->runs; i++)
        if (a->run[i].policy == policy) {
            frames[s.n] = a->run[i].frames;
            faults[s.n++] = a->run[i].faults;
        }
    return s;
}

struct canvas *
replay_picture(const struct replay_ask *ask, const struct replay_answer *a, int width, int height,
               enum glyph_set glyphs)
{
    struct curve_series series[POLICIES];
    uint64_t *room = memory_new(2 * a->runs + 1, sizeof *room), *at = room;
    struct canvas *c;

    if ((ask->all ? a->sizes : ask->sizes) < 2) {
        free(room);
        return NULL;
    }
    for (unsigned k = 0; k < ask->policies; k++) {
        if (ask->all && ask->policy[k] == POLICY_LRU) {
            series[k] =
                (struct curve_series){policy_row[POLICY_LRU].name, NULL, a->curve, a->sizes, false};
            continue;
        }
        series[k] = series_of(a, ask->policy[k], at, at + a->runs);
        at += series[k].n;
    }
    c = canvas_create(width, height, glyphs);
    curve_draw(series, ask->policies, tr("frames"), tr("faults"), c, rect_of(0, 0, width, height));
    free(room);
    return c;
}
