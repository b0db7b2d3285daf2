/* The tables of what a lesson can call, as one model: rows are split once, operations become functions, events become a class. */
#include "lesson/api.h"

#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/event.h"
#include "machine/operation.h"

enum { FUNCTIONS_MAX = 192, CLASSES_MAX = 96, MEMBERS_MAX = 768 };

const char *const api_section_title[API_SECTIONS] = {
    [API_OPERATIONS] = "Operations", [API_TELLING] = "Telling", [API_ACTING] = "Acting and asking",
    [API_LOOKING] = "Looking",       [API_HELPERS] = "Helpers", [API_LANGUAGE] = "The language",
};

static const struct function_row {
    enum api_section section;
    bool is_value;
    const char *name, *params, *returns, *doc;
} function_row[] = {
#define API(section, function, name, params, returns, doc)                                         \
    {API_##section, false, name, params, returns, doc},
#include "lesson/api.def"
#undef API
#define BUILTIN(name, params, returns, doc) {API_LANGUAGE, false, name, params, returns, doc},
#define VALUE(name, type, doc) {API_LANGUAGE, true, name, "", type, doc},
#include "lesson/builtins.def"
#undef BUILTIN
#undef VALUE
};

/* A class and its members stand in one list, as they stand in the file. */
static const struct member_row {
    const char *class; /* NULL: a member of the class above */
    bool given;
    const char *name, *type, *doc;
} member_row[] = {
#define GIVEN true
#define GOT false
#define CLASS(kind, name, doc) {#name, kind, NULL, NULL, doc},
#define MEMBER(name, type, doc) {NULL, false, #name, type, doc},
#include "lesson/members.def"
#undef CLASS
#undef MEMBER
#undef GIVEN
#undef GOT
};

static struct api_function function[FUNCTIONS_MAX];
static struct api_class class[CLASSES_MAX];
static struct api_member member[MEMBERS_MAX];
static struct api model = {.function = function, .class = class};
static unsigned member_count;

/* --- parts -------------------------------------------------------------------------------------- */

static struct api_class *
add_class(const char *name, bool given, const char *doc)
{
    struct api_class *c = &class[model.classes++];

    pw_assert(model.classes <= CLASSES_MAX && strlen(name) < sizeof c->name);
    *c = (struct api_class){.given = given, .doc = doc, .member = &member[member_count]};
    snprintf(c->name, sizeof c->name, "%s", name);
    return c;
}

/* A type that ends in ? is optional. */
static void
add_member(struct api_class *c, const char *name, const char *type, const char *doc)
{
    struct api_member *m = &member[member_count++];
    size_t n = strlen(type);

    pw_assert(member_count <= MEMBERS_MAX && strlen(name) < sizeof m->name && n < sizeof m->type);
    m->optional = type[n - 1] == '?';
    snprintf(m->name, sizeof m->name, "%s", name);
    snprintf(m->type, sizeof m->type, "%.*s", (int)(n - m->optional), type);
    m->doc = doc;
    c->members++;
}

static struct api_param *
add_param(struct api_function *f, const char *name, size_t n, const char *type, size_t type_length)
{
    struct api_param *p = &f->param[f->params++];

    pw_assert(f->params <= API_PARAMS && n < sizeof p->name && type_length < sizeof p->type);
    snprintf(p->name, sizeof p->name, "%.*s", (int)n, name);
    snprintf(p->type, sizeof p->type, "%.*s", (int)type_length, type);
    return p;
}

/* Length up to the next comma that stands in no bracket. */
static size_t
until_comma(const char *text)
{
    int deep = 0;
    size_t n = 0;

    for (; text[n] && (deep || text[n] != ','); n++)
        deep += (strchr("(<{[", text[n]) != NULL) - (strchr(")>}]", text[n]) != NULL);
    return n;
}

/* "va: integer, options?: walk_options" */
static void
add_params(struct api_function *f, const char *text)
{
    while (*text) {
        size_t n = until_comma(text), name = strcspn(text, ":");
        bool optional = text[name - 1] == '?';
        add_param(f, text, name - optional, text + name + 2, n - name - 2)->optional = optional;
        text += n + (text[n] == ',');
        text += *text == ' ';
    }
}

/* --- operations --------------------------------------------------------------------------------- */

static void
words_type(const struct arg_row *a, char *out, size_t size)
{
    bool numbers = a->words[0][0] >= '0' && a->words[0][0] <= '9';
    size_t n = 0;

    out[0] = '\0';
    for (int w = 0; w < a->word_count; w++)
        n += (size_t)snprintf(out + n, size - n, numbers ? "%s%s" : "%s\"%s\"", w ? "|" : "",
                              a->words[w]);
    if (strcmp(a->words[0], "yes") == 0)
        snprintf(out, size, "boolean");
}

/* A number may also be written as the prompt takes it: "16K". */
static void
arg_type(const struct arg_row *a, char *out, size_t size)
{
    static const char *const type[] = {
        [ARG_VA] = "integer|string",
        [ARG_PA] = "integer|string",
        [ARG_LENGTH] = "integer|string",
        [ARG_VALUE] = "integer|string",
        [ARG_PROT] = "string",
        [ARG_PID] = "integer",
        [ARG_NUMBER] = "integer|string",
        [ARG_FIELD] = "field_name",
        [ARG_BYTES] = "string|integer[]",
        [ARG_NAME] = "string", [ARG_PAGES] = "string", [ARG_SIZE] = "integer",
        [ARG_WORD] = "string",
    };

    if (a->kind == ARG_WORD)
        words_type(a, out, size);
    else
        snprintf(out, size, "%s%s", type[a->kind], a->dash ? "|nil" : "");
}

/* What stands after the positions, as a class: m.read(va, { size = 8 }). */
static void
add_options(const struct operation_row *row)
{
    char name[24], type[112];
    struct api_class *c;

    snprintf(name, sizeof name, "%s_options", row->name);
    c = add_class(name, true, "The last argument of an operation.");
    c->options = true;
    for (int i = 0; i < row->arg_count; i++) {
        const struct arg_row *a = &row->arg[i];
        arg_type(a, type, sizeof type - 1);
        strcat(type, "?");
        if (a->keyword)
            add_member(c, a->name, type, row->args);
        else if (a->kind == ARG_WORD && !a->name[0])
            for (int w = 0; w < a->word_count; w++)
                add_member(c, a->words[w], "boolean?", row->args);
    }
    add_member(c, "cpu", "integer?", "which CPU does it (0)");
}

static void
add_operation(const struct operation_row *row)
{
    struct api_function *f = &function[model.functions++];
    char name[16], type[112];

    pw_assert(model.functions <= FUNCTIONS_MAX);
    *f = (struct api_function){.section = API_OPERATIONS, .returns = "result", .doc = row->help};
    snprintf(f->name, sizeof f->name, "m.%s", row->name);
    for (int i = 0; i < row->arg_count; i++) {
        const struct arg_row *a = &row->arg[i];
        if (a->keyword || !a->name[0])
            continue;
        size_t n = 0;
        for (; a->name[n]; n++)
            name[n] = (char)(a->name[n] | 0x20);
        arg_type(a, type, sizeof type);
        add_param(f, name, n, type, strlen(type))->optional = a->optional;
    }
    snprintf(type, sizeof type, "%s_options", row->name);
    add_param(f, "options", 7, type, strlen(type))->optional = true;
}

/* --- events ------------------------------------------------------------------------------------- */

/* "in tlb_fill, tlb_evict", or how many. */
static const char *
carriers(int field)
{
    static char text[EVENT_FIELDS][96];
    int total = 0, said = 0;
    size_t n = 0, size = sizeof text[field];

    for (int i = EV_NONE + 1; i < EVENT_CODES; i++)
        total += (int)(event_row[i].fields >> field & 1);
    for (int i = EV_NONE + 1; i < EVENT_CODES && total <= 4; i++)
        if (event_row[i].fields >> field & 1)
            n += (size_t)snprintf(text[field] + n, size - n, "%s%s", said++ ? ", " : "in ",
                                  event_row[i].name);
    if (total > 4)
        snprintf(text[field], size, "in %d kinds of events", total);
    return text[field];
}

/* Members every event has, and those some kinds have. */
static void
add_events(void)
{
    struct api_class *c = add_class(
        "event", false,
        "Something that happened; which members it has, pagewalk list events --format json says.");

    add_member(c, "event", "event_name", "its kind");
    add_member(c, "actor", "string", "who did it: \"cpu\", \"mmu\", \"kernel\" ...");
    add_member(c, "at", "integer", "its place among the operation's events, from 1");
    add_member(c, "cpu", "integer", "on which CPU");
    add_member(c, "pid", "integer", "the process that ran, 0 for none");
    add_member(c, "cycles", "integer", "what it cost, in the model");
    for (int i = 0; i < EVENT_FIELDS; i++)
        add_member(c, field_row[i].member, field_row[i].kind == FIELD_NAME ? "string?" : "integer?",
                   carriers(i));
    add_member(c, "table", "string?", "with level: the table's name");
    add_member(c, "errbits", "string?", "with error: its bits in words");
    add_member(c, "stop", "integer?", "with end: the same, as end is a word of Lua");
}

/* --- the model ---------------------------------------------------------------------------------- */

static void
add_rows(void)
{
    struct api_class *c = NULL;

    for (size_t i = 0; i < sizeof function_row / sizeof *function_row; i++) {
        const struct function_row *row = &function_row[i];
        struct api_function *f = &function[model.functions++];
        pw_assert(model.functions <= FUNCTIONS_MAX && strlen(row->name) < sizeof f->name);
        *f = (struct api_function){.section = row->section,
                                   .is_value = row->is_value,
                                   .returns = row->returns,
                                   .doc = row->doc};
        snprintf(f->name, sizeof f->name, "%s", row->name);
        add_params(f, row->params);
    }
    for (size_t i = 0; i < sizeof member_row / sizeof *member_row; i++) {
        const struct member_row *row = &member_row[i];
        if (row->class)
            c = add_class(row->class, row->given, row->doc);
        else
            add_member(c, row->name, row->type, row->doc);
    }
}

const struct api *
api_model(void)
{
    if (model.functions)
        return &model;
    for (int i = OP_NONE + 1; i < OPERATION_CODES; i++)
        add_operation(operation_row((enum operation_code)i));
    add_rows();
    add_events();
    for (int i = OP_NONE + 1; i < OPERATION_CODES; i++)
        add_options(operation_row((enum operation_code)i));
    return &model;
}

/* Of the rows, not of the model: a lesson is told without building it. */
const char *const *
api_members(const char *name)
{
    enum { ROWS = sizeof member_row / sizeof *member_row };
    static const char
        *names[ROWS + 1]; /* names[i]: of row i; NULL where a class begins, so that the lists end */

    for (size_t i = names[1] ? ROWS : 0; i < ROWS; i++)
        names[i] = member_row[i].name;
    for (size_t i = 0; i < ROWS; i++)
        if (member_row[i].class && strcmp(member_row[i].class, name) == 0)
            return names + i + 1;
    pw_assert(!"a class of members.def");
    return NULL;
}

void
api_signature(const struct api_function *f, struct buffer *out)
{
    buffer_puts(out, f->name);
    if (f->is_value)
        return;
    buffer_putc(out, '(');
    for (unsigned i = 0; i < f->params; i++) {
        const char *comma = i ? ", " : "";
        if (f->param[i].optional)
            buffer_printf(out, "%s[%s%s]", i ? " " : "", comma, f->param[i].name);
        else
            buffer_printf(out, "%s%s", comma, f->param[i].name);
    }
    buffer_putc(out, ')');
}
