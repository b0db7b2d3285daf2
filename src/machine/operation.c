/* Operations as text. The argument grammar is read from the same string that documents it, so the
 * two cannot drift apart. */
#include "machine/operation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/number.h"

static struct operation_row row[OPERATION_CODES] = {
#define OPERATION(code, op_name, op_args, does, op_help)                                           \
    [OP_##code] = {.name = op_name, .args = op_args, .help = op_help},
#include "machine/operations.def"
#undef OPERATION
};
static bool compiled;

static const char *names[OPERATION_CODES + 1];

/* --- the table ----------------------------------------------------------------------------------
 */

static enum arg_kind
kind_of(const char *word)
{
    static const struct {
        const char *word;
        enum arg_kind kind;
    } kinds[] = {{"VA", ARG_VA},       {"PA", ARG_PA},       {"LENGTH", ARG_LENGTH},
                 {"VALUE", ARG_VALUE}, {"PROT", ARG_PROT},   {"PID", ARG_PID},
                 {"N", ARG_NUMBER},    {"FIELD", ARG_FIELD}, {"BYTES", ARG_BYTES},
                 {"NAME", ARG_NAME},   {"PAGES", ARG_PAGES}, {"SIZE", ARG_SIZE},
                 {"PCID", ARG_NUMBER}, {"TYPE", ARG_NUMBER}};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].word, word) == 0)
            return kinds[i].kind;
    return ARG_WORD;
}

static void
compile_words(struct arg_row *a, char *text)
{
    char *save = NULL;

    for (char *w = strtok_r(text, "|", &save); w; w = strtok_r(NULL, "|", &save)) {
        if (strcmp(w, "-") == 0) {
            a->dash = true;
            continue;
        }
        a->kind = kind_of(w);
        if (a->kind != ARG_WORD) {
            if (!a->keyword)
                snprintf(a->name, sizeof a->name, "%s", w);
            continue;
        }
        pw_assert(a->word_count < 4 && strlen(w) < sizeof a->words[0]);
        strcpy(a->words[a->word_count++], w);
    }
}

static void
compile_arg(struct arg_row *a, char *text)
{
    char *equals;

    if (text[0] == '[') {
        a->optional = true;
        text++;
        text[strlen(text) - 1] = '\0';
    }
    equals = strchr(text, '=');
    if (equals) {
        *equals = '\0';
        a->keyword = true;
        snprintf(a->name, sizeof a->name, "%s", text);
        text = equals + 1;
    }
    compile_words(a, text);
}

static void
compile(void)
{
    for (int i = 1; i < OPERATION_CODES; i++) {
        char text[128], *save = NULL;

        snprintf(text, sizeof text, "%s", row[i].args);
        for (char *w = strtok_r(text, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
            pw_assert(row[i].arg_count < OPERATION_ARGS);
            compile_arg(&row[i].arg[row[i].arg_count++], w);
        }
        names[i - 1] = row[i].name;
    }
    compiled = true;
}

const struct operation_row *
operation_row(enum operation_code code)
{
    if (!compiled)
        compile();
    return &row[code];
}

enum operation_code
operation_by_name(const char *name)
{
    for (int i = 1; i < OPERATION_CODES; i++)
        if (strcmp(row[i].name, name) == 0)
            return (enum operation_code)i;
    return OP_NONE;
}

/* --- text to values -----------------------------------------------------------------------------
 */

static bool
parse_prot(const char *text, uint64_t *value, struct error *e)
{
    *value = 0;
    for (const char *c = text; *c; c++) {
        if (*c == 'r')
            *value |= RIGHT_R;
        else if (*c == 'w')
            *value |= RIGHT_W;
        else if (*c == 'x')
            *value |= RIGHT_X;
        else if (*c != '-')
            return error_set(e, EXIT_DATA, "\"%s\" are no rights: expected letters of rwx, or -",
                             text);
    }
    return true;
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum { BYTES_MAX = 255 };

/* Pairs of hex digits in memory order, added to what is there: "de ad" and "dead" are two bytes. */
static bool
parse_bytes(const char *text, struct operation *op, uint8_t *blob, struct error *e)
{
    size_t n = strlen(text);

    if (n == 0 || (n % 2 && n > 1) || strspn(text, "0123456789abcdefABCDEF") != n)
        return error_set(e, EXIT_DATA,
                         "\"%s\" are no bytes: expected pairs of hex digits, as in 07 00 a0", text);
    for (size_t i = 0; i < n; i += 2) {
        int high = n == 1 ? 0 : hex_digit(text[i]), low = hex_digit(text[n == 1 ? i : i + 1]);
        if (op->blob_size == BYTES_MAX)
            return error_set(e, EXIT_DATA, "too many bytes: at most %d at once", BYTES_MAX);
        blob[op->blob_size++] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* References as textbooks write them, 7,0,1,2w: page numbers, w where the page is written. Words
 * go on where the last one ended. */
static bool
parse_pages(const char *text, struct operation *op, uint8_t *blob, struct error *e)
{
    size_t n = strlen(text), from = op->blob_size ? op->blob_size + 1u : 0;

    if (from + n >= OPERATION_BLOB)
        return error_set(e, EXIT_DATA,
                         "too many references: at most %d bytes at once; go on with -",
                         OPERATION_BLOB - 1);
    if (from)
        blob[op->blob_size] = ',';
    memcpy(blob + from, text, n);
    op->blob_size = (uint32_t)(from + n);
    return true;
}

static bool
check_pages(const struct operation *op, struct error *e)
{
    uint32_t at = 0, page;
    bool write;

    while (operation_page(op, &at, &page, &write))
        ;
    return at == op->blob_size ||
           error_set(e, EXIT_DATA,
                     "\"%.*s\" are no references: expected page numbers as in 7,0,1,2w",
                     (int)(op->blob_size - at < 40 ? op->blob_size - at : 40), op->blob + at);
}

bool
operation_page(const struct operation *op, uint32_t *at, uint32_t *page, bool *write)
{
    uint32_t i = *at, digits = 0;
    uint64_t n = 0;

    for (; i < op->blob_size && op->blob[i] >= '0' && op->blob[i] <= '9' && digits < 10; digits++)
        n = n * 10 + (uint64_t)(op->blob[i++] - '0');
    *write = i < op->blob_size && op->blob[i] == 'w';
    i += *write;
    if (digits == 0 || n > INT32_MAX || (i < op->blob_size && op->blob[i] != ',') ||
        i + 1 == op->blob_size)
        return false;
    *page = (uint32_t)n;
    *at = i < op->blob_size ? i + 1 : i;
    return true;
}

static bool
parse_field(const char *text, uint64_t *value, struct error *e)
{
    static const char *field_names[256];
    int found = set_field_by_name(text);
    const char *near;

    if (found >= 0) {
        *value = (uint64_t)found;
        return true;
    }
    for (unsigned i = 0; i < set_field_count() && i < 255; i++)
        field_names[i] = set_field_at(i)->name;
    near = error_nearest(text, field_names);
    if (near)
        return error_set(e, EXIT_DATA, "no field \"%s\" (did you mean \"%s\"?)", text, near);
    return error_set(e, EXIT_DATA, "no field \"%s\": see `list fields`", text);
}

static bool
parse_word(const struct arg_row *a, const char *text, uint64_t *value, struct error *e)
{
    char expected[64] = "";

    for (int i = 0; i < a->word_count; i++) {
        if (strcmp(a->words[i], text) == 0) {
            *value = a->words[i][0] >= '0' && a->words[i][0] <= '9' ? strtoull(text, NULL, 10)
                                                                    : (uint64_t)i;
            return true;
        }
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s%s",
                 i ? ", " : "", a->words[i]);
    }
    return error_set(e, EXIT_DATA, "\"%s\" is not one of %s", text, expected);
}

static bool
parse_value(const struct arg_row *a, const char *text, struct operation *op, uint64_t *value,
            uint8_t *blob, struct error *e)
{
    switch (a->kind) {
    case ARG_PROT:
        return parse_prot(text, value, e);
    case ARG_FIELD:
        return parse_field(text, value, e);
    case ARG_BYTES:
        return parse_bytes(text, op, blob, e);
    case ARG_WORD:
        return parse_word(a, text, value, e);
    case ARG_PAGES:
        return parse_pages(text, op, blob, e);
    case ARG_NAME:
        if (strlen(text) == 0 || strlen(text) > 23)
            return error_set(e, EXIT_DATA, "a name has 1 to 23 characters");
        for (const char *c = text; *c; c++)
            if (*c < '!' || *c > '~')
                return error_set(e, EXIT_DATA, "a name is printable ASCII without blanks");
        op->blob_size = (uint32_t)strlen(text);
        memcpy(blob, text, op->blob_size);
        return true;
    case ARG_VALUE:
        if (strcmp(text, "on") == 0 || strcmp(text, "off") == 0) {
            *value = text[1] == 'n';
            return true;
        }
        if (op->code == OP_SET)
            return set_field_value(set_field_at((unsigned)op->arg[0]), text, value, e);
        /* fall through */
    default:
        return number_parse(text, value, e);
    }
}

/* --- a line -------------------------------------------------------------------------------------
 */

enum { WORDS_MAX = 2100 };

struct words {
    char text[2 * OPERATION_BLOB];
    char *word[WORDS_MAX];
    int count;
};

static bool
split(const char *line, struct words *w, struct error *e)
{
    char *save = NULL, *hash;

    w->count = 0;
    if (strlen(line) >= sizeof w->text)
        return error_set(e, EXIT_DATA, "the line is longer than %zu bytes", sizeof w->text - 1);
    strcpy(w->text, line);
    hash = strchr(w->text, '#');
    if (hash)
        *hash = '\0';
    for (char *t = strtok_r(w->text, " \t\r\n", &save); t; t = strtok_r(NULL, " \t\r\n", &save)) {
        if (w->count == WORDS_MAX)
            return error_set(e, EXIT_DATA, "more than %d words in one line", WORDS_MAX);
        w->word[w->count++] = t;
    }
    return true;
}

static bool
unknown_operation(const char *word, struct error *e)
{
    const char *near = error_nearest(word, names);

    if (near)
        return error_set(e, EXIT_DATA, "no operation \"%s\" (did you mean \"%s\"?)", word, near);
    return error_set(e, EXIT_DATA, "no operation \"%s\": see `list operations`", word);
}

static bool
parse_cpu(const char *text, struct operation *op, struct error *e)
{
    uint64_t cpu;

    if (!number_parse_range(text, 0, CPU_MAX - 1, "cpu", &cpu, e))
        return false;
    op->cpu = (uint8_t)cpu;
    return true;
}

static bool
parse_keyword(const struct operation_row *r, char *word, char *equals, struct operation *op,
              uint8_t *blob, struct error *e)
{
    const char *known[OPERATION_ARGS + 2] = {"cpu"};
    int n = 1;
    const char *near;

    *equals = '\0';
    if (strcmp(word, "cpu") == 0)
        return parse_cpu(equals + 1, op, e);
    for (int i = 0; i < r->arg_count; i++) {
        if (!r->arg[i].keyword)
            continue;
        known[n++] = r->arg[i].name;
        if (strcmp(r->arg[i].name, word) == 0) {
            op->given |= (uint8_t)(1 << i);
            return parse_value(&r->arg[i], equals + 1, op, &op->arg[i], blob, e);
        }
    }
    known[n] = NULL;
    near = error_nearest(word, known);
    return error_set(e, EXIT_DATA, "%s has no \"%s=\"%s%s%s", r->name, word,
                     near ? " (did you mean \"" : "", near ? near : "", near ? "=\"?)" : "");
}

/* Does this word fit the next positional argument? An optional bare choice may be left out. */
static bool
word_fits(const struct arg_row *a, const char *word)
{
    for (int i = 0; i < a->word_count; i++)
        if (strcmp(a->words[i], word) == 0)
            return true;
    return a->kind != ARG_WORD || !a->optional;
}

static int
next_positional(const struct operation_row *r, int from, const char *word)
{
    while (from < r->arg_count && (r->arg[from].keyword || !word_fits(&r->arg[from], word)))
        from++;
    return from;
}

static bool
parse_arguments(const struct operation_row *r, struct words *w, struct operation *op, uint8_t *blob,
                struct error *e)
{
    int at = 0;

    for (int i = 1; i < w->count; i++) {
        char *equals = strchr(w->word[i], '=');
        const struct arg_row *a;

        if (equals) {
            if (!parse_keyword(r, w->word[i], equals, op, blob, e))
                return false;
            continue;
        }
        at = next_positional(r, at, w->word[i]);
        if (at == r->arg_count)
            return error_set(e, EXIT_DATA, "%s: \"%s\" is one argument too many (expected: %s %s)",
                             r->name, w->word[i], r->name, r->args);
        a = &r->arg[at];
        if (a->dash && strcmp(w->word[i], "-") == 0) {
            at++;
            continue;
        }
        if (!parse_value(a, w->word[i], op, &op->arg[at], blob, e))
            return false;
        op->given |= (uint8_t)(1 << at);
        if (a->kind != ARG_BYTES && a->kind != ARG_PAGES)
            at++;
    }
    return true;
}

static bool
all_there(const struct operation_row *r, const struct operation *op, struct error *e)
{
    for (int i = 0; i < r->arg_count; i++)
        if (!r->arg[i].optional && !r->arg[i].dash && !(op->given >> i & 1))
            return error_set(e, EXIT_DATA, "%s needs %s (expected: %s %s)", r->name, r->arg[i].name,
                             r->name, r->args);
    return true;
}

bool
operation_parse(const char *line, struct operation *op, uint8_t blob[OPERATION_BLOB],
                struct error *e)
{
    struct words w;
    const struct operation_row *r;

    *op = (struct operation){.blob = blob};
    if (!compiled)
        compile();
    if (!split(line, &w, e))
        return false;
    if (w.count == 0)
        return true;
    op->code = (uint8_t)operation_by_name(w.word[0]);
    if (op->code == OP_NONE)
        return unknown_operation(w.word[0], e);
    r = &row[op->code];
    return parse_arguments(r, &w, op, blob, e) && all_there(r, op, e) &&
           (op->code != OP_STRING || check_pages(op, e));
}

/* --- values to text -----------------------------------------------------------------------------
 */

static void
format_value(const struct arg_row *a, const struct operation *op, uint64_t value,
             struct buffer *out)
{
    char number[NUMBER_TEXT];

    switch (a->kind) {
    case ARG_VA:
    case ARG_PA:
        buffer_puts(out, number_show(value, 0, number));
        break;
    case ARG_PROT:
        buffer_printf(out, "%s%s%s%s", value & RIGHT_R ? "r" : "", value & RIGHT_W ? "w" : "",
                      value & RIGHT_X ? "x" : "", value ? "" : "-");
        break;
    case ARG_SIZE:
        buffer_puts(out, number_size(value, (char[24]){0}));
        break;
    case ARG_FIELD:
        buffer_puts(out, set_field_at((unsigned)value)->name);
        break;
    case ARG_BYTES:
        for (uint32_t i = 0; i < op->blob_size; i++)
            buffer_printf(out, "%s%02x", i ? " " : "", op->blob[i]);
        break;
    case ARG_NAME:
    case ARG_PAGES:
        buffer_append(out, op->blob, op->blob_size);
        break;
    case ARG_WORD:
        if (a->words[0][0] >= '0' && a->words[0][0] <= '9')
            buffer_printf(out, "%llu", (unsigned long long)value);
        else
            buffer_puts(out, a->words[value]);
        break;
    case ARG_VALUE:
        if (op->code == OP_SET && set_field_word(set_field_at((unsigned)op->arg[0]), value)) {
            buffer_puts(out, set_field_word(set_field_at((unsigned)op->arg[0]), value));
            break;
        }
        if (value > 9)
            buffer_puts(out, number_show(value, 0, number));
        else
            buffer_printf(out, "%llu", (unsigned long long)value);
        break;
    default:
        buffer_printf(out, "%llu", (unsigned long long)value);
    }
}

void
operation_format(const struct operation *op, struct buffer *out)
{
    const struct operation_row *r = operation_row((enum operation_code)op->code);

    buffer_puts(out, r->name);
    for (int i = 0; i < r->arg_count; i++) {
        const struct arg_row *a = &r->arg[i];
        bool given = op->given >> i & 1;

        if (!given && !a->dash)
            continue;
        buffer_putc(out, ' ');
        if (!given) {
            buffer_putc(out, '-');
            continue;
        }
        if (a->keyword)
            buffer_printf(out, "%s=", a->name);
        format_value(a, op, op->arg[i], out);
    }
    if (op->cpu)
        buffer_printf(out, " cpu=%u", op->cpu);
}

/* --- completion ---------------------------------------------------------------------------------
 */

static void
offer(const char *candidate, const char *begun, void (*each)(void *, const char *), void *ctx)
{
    if (strncmp(candidate, begun, strlen(begun)) == 0)
        each(ctx, candidate);
}

static void
complete_arguments(const struct operation_row *r, const char *begun,
                   void (*each)(void *, const char *), void *ctx)
{
    char text[32];

    for (int i = 0; i < r->arg_count; i++) {
        const struct arg_row *a = &r->arg[i];
        for (int j = 0; j < a->word_count; j++) {
            snprintf(text, sizeof text, "%s%s%s", a->keyword ? a->name : "", a->keyword ? "=" : "",
                     a->words[j]);
            offer(text, begun, each, ctx);
        }
        if (a->keyword && a->word_count == 0) {
            snprintf(text, sizeof text, "%s=", a->name);
            offer(text, begun, each, ctx);
        }
        if (a->kind == ARG_FIELD)
            for (unsigned f = 0; f < set_field_count(); f++)
                offer(set_field_at(f)->name, begun, each, ctx);
    }
    offer("cpu=", begun, each, ctx);
}

/* `set policy `: the words of that field. */
static void
complete_word(const char *line, const char *begun, void (*each)(void *, const char *), void *ctx)
{
    char name[32] = "";
    int field;

    sscanf(line, "set %31s ", name);
    field = set_field_by_name(name);
    for (uint64_t v = 0; field >= 0 && set_field_word(set_field_at((unsigned)field), v); v++)
        offer(set_field_word(set_field_at((unsigned)field), v), begun, each, ctx);
}

void
operation_complete(const char *line, void (*each)(void *ctx, const char *word), void *ctx)
{
    const char *begun = strrchr(line, ' ');
    char first[16];
    enum operation_code code;

    if (!compiled)
        compile();
    if (!begun) {
        for (int i = 1; i < OPERATION_CODES; i++)
            offer(row[i].name, line, each, ctx);
        return;
    }
    snprintf(first, sizeof first, "%.*s", (int)strcspn(line, " "), line);
    code = operation_by_name(first);
    if (code == OP_SET)
        complete_word(line, begun + 1, each, ctx);
    if (code != OP_NONE)
        complete_arguments(operation_row(code), begun + 1, each, ctx);
}
