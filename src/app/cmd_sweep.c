/* cmd_sweep.c - `pagewalk sweep FILE`: the same operations on one machine after another, a field of the preset another each time, and what
 * the last operation cost on each. Every point of the picture is a run.
 *
 *   for each --with            one curve
 *     for each value of --over one machine: all lines of FILE; the last one is measured
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/lines.h"
#include "app/options.h"
#include "app/output.h"
#include "app/picture.h"
#include "base/json.h"
#include "base/lang.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "machine/machine.h"
#include "view/curve.h"

enum { POINTS = 64, COLUMN = 14, COLUMN_LEAST = 10 };
enum sweep_format { SWEEP_TEXT, SWEEP_JSON, SWEEP_SVG };
static const char *const formats[] = {"text", "json", "svg", NULL};

enum { MEASURE_CYCLES, MEASURE_EVENTS, MEASURE_COUNT }; /* of one kind of event: .code */

struct sweep {
    const char *machine, *file;
    struct option_list set, with; /* for every machine; one curve each */
    char key[40];                 /* the field that changes */
    uint64_t value[POINTS];
    size_t values;
    int measure;
    enum event_code code;
    const char *measured; /* as it was asked for */
    uint64_t seed;
    uint64_t found[CURVE_SERIES_MAX][POINTS];
};

/* --- what is asked -------------------------------------------------------------------------------- */

static bool
add_value(struct sweep *s, uint64_t value, struct error *e)
{
    if (s->values == POINTS)
        return error_set(e, EXIT_USAGE, "--over: more than %d values", POINTS);
    if (s->values && value <= s->value[s->values - 1])
        return error_set(e, EXIT_USAGE, "--over: values have to rise");
    s->value[s->values++] = value;
    return true;
}

/* "4", or "1..8". */
static bool
add_values(struct sweep *s, char *word, struct error *e)
{
    char *dots = strstr(word, "..");
    uint64_t from, to;
    struct error why = {0};

    if (dots)
        *dots = '\0';
    if (!number_parse(word, &from, &why) || (dots && !number_parse(dots + 2, &to, &why)))
        return error_set(e, EXIT_USAGE, "--over: expected a number, or two with .. between them");
    if (!dots)
        return add_value(s, from, e);
    if (to < from || to - from >= POINTS)
        return error_set(e, EXIT_USAGE, "--over: more than %d values, or none", POINTS);
    for (; from <= to; from++)
        if (!add_value(s, from, e))
            return false;
    return true;
}

/* KEY=A..B or KEY=V,V,V. */
static bool
read_over(struct sweep *s, const char *text, struct error *e)
{
    const char *equals = strchr(text, '=');
    char list[512], *rest = list, *word;
    size_t n = equals ? (size_t)(equals - text) : 0;

    if (!n || n >= sizeof s->key || strlen(equals + 1) >= sizeof list)
        return error_set(e, EXIT_USAGE, "--over: expected KEY=A..B or KEY=V,V,V, for example cpus=1..8");
    memcpy(s->key, text, n);
    s->key[n] = '\0';
    memcpy(list, equals + 1, strlen(equals + 1) + 1);
    while ((word = strsep(&rest, ",")))
        if (!add_values(s, word, e))
            return false;
    return s->values >= 2 || error_set(e, EXIT_USAGE, "--over: one value makes no curve");
}

static bool
read_measure(struct sweep *s, struct error *e)
{
    s->code = event_by_name(s->measured);
    s->measure = strcmp(s->measured, "cycles") == 0   ? MEASURE_CYCLES
                 : strcmp(s->measured, "events") == 0 ? MEASURE_EVENTS
                                                      : MEASURE_COUNT;
    return s->measure != MEASURE_COUNT || s->code != EV_NONE ||
           error_set(e, EXIT_USAGE, "--measure: cycles, events, or an event (pagewalk list events), not \"%.40s\"", s->measured);
}

/* --- a run ------------------------------------------------------------------------------------------ */

struct run {
    struct machine machine;
    const struct sweep *sweep;
    uint64_t counted, cycles; /* of the operation under way; the clock when it began */
};

static void
count(void *context, const struct event *ev)
{
    struct run *r = context;

    r->counted += r->sweep->measure == MEASURE_EVENTS || ev->code == r->sweep->code;
}

static bool
run_line(struct run *r, const struct lines *in, struct error *e)
{
    struct operation op;
    struct outcome out;
    uint8_t blob[OPERATION_BLOB];

    if (!operation_parse(in->text, &op, blob, e))
        return error_place(e, in->name, in->number);
    if (op.code == OP_NONE || op.cpu >= r->machine.preset.geo.cpus)
        return true; /* what a CPU does that this machine has not is left out */
    r->counted = 0;
    r->cycles = r->machine.hw.s->cycles;
    return machine_do(&r->machine, &op, &out, e) || error_place(e, in->name, in->number);
}

static bool
run_file(struct run *r, struct error *e)
{
    struct watch watch = {count, r};
    struct lines in = {0};

    if (!lines_open(&in, r->sweep->file, e))
        return false;
    machine_watch(&r->machine, &watch);
    while (lines_next(&in, e) && run_line(r, &in, e))
        continue;
    lines_close(&in);
    return !e->code;
}

/* The machine of curve k with the field at `value`. */
static bool
make_preset(const struct sweep *s, unsigned k, uint64_t value, struct preset *p, struct error *e)
{
    char over[80];

    snprintf(over, sizeof over, "%s=%" PRIu64, s->key, value);
    return preset_load(s->machine, p, e) && options_override(&s->set, p, e) &&
           (!s->with.count || preset_override(p, s->with.item[k], e)) && preset_override(p, over, e);
}

static bool
measure(struct sweep *s, unsigned k, size_t i, struct error *e)
{
    static struct run r;
    struct preset preset;
    bool good;

    if (!make_preset(s, k, s->value[i], &preset, e) || !machine_open(&r.machine, &preset, s->seed, e))
        return false;
    r.sweep = s;
    r.counted = r.cycles = 0;
    good = run_file(&r, e);
    s->found[k][i] = s->measure == MEASURE_CYCLES ? r.machine.hw.s->cycles - r.cycles : r.counted;
    machine_close(&r.machine);
    return good;
}

static unsigned
curves(const struct sweep *s)
{
    return s->with.count ? (unsigned)s->with.count : 1;
}

static bool
measure_all(struct sweep *s, struct error *e)
{
    for (unsigned k = 0; k < curves(s); k++)
        for (size_t i = 0; i < s->values; i++)
            if (!measure(s, k, i, e))
                return false;
    return true;
}

/* --- how it is told ----------------------------------------------------------------------------------- */

static const char *
curve_name(const struct sweep *s, unsigned k)
{
    return s->with.count ? s->with.item[k] : s->machine;
}

static unsigned
column(const struct sweep *s, unsigned k)
{
    unsigned w = text_width(curve_name(s, k)) + 2;

    return w > COLUMN ? w : COLUMN;
}

static void
put_table(const struct sweep *s, struct buffer *out)
{
    buffer_printf(out, tr("Machine %s: %s of the last operation, by %s.\n\n"), s->machine, s->measured, s->key);
    buffer_printf(out, "%*s", COLUMN_LEAST, s->key);
    for (unsigned k = 0; k < curves(s); k++)
        buffer_printf(out, "%*s", (int)column(s, k), curve_name(s, k));
    buffer_putc(out, '\n');
    for (size_t i = 0; i < s->values; i++) {
        buffer_printf(out, "%*" PRIu64, COLUMN_LEAST, s->value[i]);
        for (unsigned k = 0; k < curves(s); k++)
            buffer_printf(out, "%*" PRIu64, (int)column(s, k), s->found[k][i]);
        buffer_putc(out, '\n');
    }
    buffer_putc(out, '\n');
}

static void
put_curve(const struct sweep *s, unsigned k, struct buffer *out)
{
    json_open(out, '{');
    json_key(out, "with");
    if (s->with.count)
        json_put_string(out, s->with.item[k]);
    else
        json_put_null(out);
    json_key(out, "points");
    json_open(out, '[');
    for (size_t i = 0; i < s->values; i++) {
        json_open(out, '{');
        json_key(out, "value");
        json_put_uint(out, s->value[i]);
        json_key(out, "measured");
        json_put_uint(out, s->found[k][i]);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_close(out, '}');
}

static void
put_json(const struct sweep *s, struct buffer *out)
{
    json_open(out, '{');
    json_key(out, "schema");
    json_put_string(out, "pagewalk.sweep/1");
    json_key(out, "machine");
    json_put_string(out, s->machine);
    json_key(out, "over");
    json_put_string(out, s->key);
    json_key(out, "measure");
    json_put_string(out, s->measured);
    json_key(out, "curves");
    json_open(out, '[');
    for (unsigned k = 0; k < curves(s); k++)
        put_curve(s, k, out);
    json_close(out, ']');
    json_close(out, '}');
    buffer_putc(out, '\n');
}

static void
put_picture(const struct sweep *s, bool svg, int theme, int glyphs, struct buffer *out)
{
    struct canvas *c = canvas_create(picture_width(svg), PICTURE_HEIGHT, picture_glyphs(glyphs, svg));
    struct curve_series series[CURVE_SERIES_MAX];

    for (unsigned k = 0; k < curves(s); k++)
        series[k] = (struct curve_series){curve_name(s, k), s->value, s->found[k], s->values, true};
    curve_draw(series, curves(s), s->key, s->measured, c, rect_of(0, 0, picture_width(svg), PICTURE_HEIGHT));
    picture_put(c, theme, svg, s->machine, out);
    canvas_destroy(c);
}

/* --- the command ---------------------------------------------------------------------------------------- */

static int
sweep(const struct usage *u, struct sweep *s, int format, int theme, int glyphs)
{
    struct buffer out = {0};
    struct error e = {0};

    if (!measure_all(s, &e))
        return e.code == EXIT_USAGE ? options_refuse(u, "%s", e.text) : output_complain(&e);
    if (format == SWEEP_JSON)
        put_json(s, &out);
    if (format == SWEEP_TEXT)
        put_table(s, &out);
    if (format != SWEEP_JSON)
        put_picture(s, format == SWEEP_SVG, theme, glyphs, &out);
    output_buffer(&out);
    buffer_free(&out);
    return EXIT_OK;
}

int
cmd_sweep(int argc, char **argv)
{
    static struct sweep s;
    const char *over = NULL;
    int format = SWEEP_TEXT, lang = LANG_EN, theme = -1, glyphs = -1, code;
    struct error e = {0};
    char **rest;
    const struct option_row rows[] = {
        {OPTION_TEXT, "over", "KEY=A..B", "the field that changes, and its values; or KEY=V,V,V", &over, 0, 0, NULL},
        {OPTION_LIST, "with", "KEY=VALUE", "a curve of machines with this field; may be repeated", &s.with, 0, 0, NULL},
        {OPTION_TEXT, "measure", "WHAT", "cycles, events, or the name of an event to count (cycles)", &s.measured, 0, 0, NULL},
        {OPTION_TEXT, "machine", "NAME", "a preset's name or a .json file (x86-64)", &s.machine, 0, 0, NULL},
        {OPTION_LIST, "set", "KEY=VALUE", "change a field of all of them; may be repeated", &s.set, 0, 0, NULL},
        {OPTION_NUMBER, "seed", "N", "the machines' own randomness (1)", &s.seed, 0, UINT64_MAX, NULL},
        {OPTION_WORD, "format", NULL, "a table and a picture, or one of them (text)", &format, 0, 0, formats},
        {OPTION_WORD, "lang", NULL, "language (en)", &lang, 0, 0, option_langs},
        {OPTION_WORD, "theme", NULL, "colours", &theme, 0, 0, option_themes},
        {OPTION_WORD, "glyphs", NULL, "what is drawn with", &glyphs, 0, 0, option_glyphs},
        {0},
    };
    const struct usage u = {"sweep",
                            "FILE",
                            "Run the operations of a file on one machine after another, a field of it another each time, and draw\n"
                            "what the last operation cost on each. What a CPU would do that a machine has not is left out.\n",
                            rows,
                            1,
                            1};

    s = (struct sweep){.machine = "x86-64", .measured = "cycles", .seed = 1};
    if ((code = options_read(&u, argc, argv, &rest)) != OPTIONS_GO_ON)
        return code;
    options_speak(lang);
    s.file = rest[0];
    if (!over)
        return options_refuse(&u, "expected --over KEY=A..B: the field that changes");
    if (s.with.count > CURVE_SERIES_MAX)
        return options_refuse(&u, "--with: more than %d curves", CURVE_SERIES_MAX);
    if (strcmp(s.file, "-") == 0)
        return options_refuse(&u, "FILE has to be a file: it is read once for every machine");
    if (!read_over(&s, over, &e) || !read_measure(&s, &e))
        return options_refuse(&u, "%s", e.text);
    return sweep(&u, &s, format, theme, glyphs);
}
