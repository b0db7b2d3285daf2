/* options.c - rows to getopt_long and back. getopt's own messages are switched off: they would
 * print what was typed as it stands, and do not name what was expected. */
#include "app/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/output.h"
#include "base/data.h"
#include "base/lang.h"
#include "base/number.h"
#include "base/text.h"

enum { FIRST_ROW = 256 }; /* above every letter */

const char *const option_langs[] = {"en", "zh", NULL};
const char *const option_glyphs[] = {"unicode", "ascii", NULL};
const char *const option_themes[] = {
#define THEME(CODE, name, help) name,
#include "view/themes.def"
#undef THEME
    NULL};
const char *const option_text_json[] = {"text", "json", NULL};
const char *const option_sheets[] = {"text", "json", "markdown", NULL};

static void (*listener)(void *ctx, const struct usage *u);
static void *listener_ctx;

void
options_listen(void (*hear)(void *ctx, const struct usage *u), void *ctx)
{
    listener = hear;
    listener_ctx = ctx;
}

/* `pagewalk` alone has no command's name. */
static const char *
gap(const struct usage *u)
{
    return *u->command ? " " : "";
}

int
options_refuse(const struct usage *u, const char *fmt, ...)
{
    char text[512], clean[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fprintf(stderr, "pagewalk%s%s: %s\n", gap(u), u->command,
            text_clean_to(clean, sizeof clean, text, 0));
    return EXIT_USAGE;
}

/* --- help --- */

static void
join_words(const char *const *words, const char *gap, char *out, size_t size)
{
    size_t n = 0;

    out[0] = '\0';
    for (int i = 0; words[i] && n < size; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%s", i ? gap : "", words[i]);
}

static void
print_row(const struct option_row *row)
{
    char value[128] = "", left[160];

    if (row->value)
        snprintf(value, sizeof value, " %s", row->value);
    else if (row->kind == OPTION_WORD)
        value[0] = ' ', join_words(row->words, "|", value + 1, sizeof value - 1);
    snprintf(left, sizeof left, "--%s%s", row->name, value);
    if (strlen(left) > 24)
        output_printf("  %s\n  %-24s  %s\n", left, "", row->help);
    else
        output_printf("  %-24s  %s\n", left, row->help);
}

static void
print_usage(const struct usage *u)
{
    output_printf("usage: pagewalk%s%s [options]%s%s\n\n%s\n", gap(u), u->command,
                  *u->arguments ? " " : "", u->arguments, u->text);
    for (const struct option_row *row = u->rows; row->kind != OPTION_END; row++)
        print_row(row);
    output_printf("  %-24s  %s\n", "--help, -h", "this text");
}

/* --- values --- */

static bool
read_size(const char *text, const struct option_row *row, struct option_size *to)
{
    char left[16];
    const char *x = strchr(text, 'x');
    uint64_t w, h;
    struct error e = {0};

    if (!x || (size_t)(x - text) >= sizeof left)
        return false;
    snprintf(left, sizeof left, "%.*s", (int)(x - text), text);
    if (!number_parse_range(left, 1, row->most, "", &w, &e) ||
        !number_parse_range(x + 1, 1, row->least, "", &h, &e))
        return false;
    *to = (struct option_size){(int)w, (int)h};
    return true;
}

static int
refuse_word(const struct usage *u, const struct option_row *row, const char *text)
{
    char all[160];
    const char *near = error_nearest(text, row->words);

    if (near)
        return options_refuse(u, "--%s: no \"%.60s\" (did you mean \"%s\"?)", row->name, text,
                              near);
    join_words(row->words, ", ", all, sizeof all);
    return options_refuse(u, "--%s: \"%.60s\" is not one of %s", row->name, text, all);
}

static int
read_word(const struct usage *u, const struct option_row *row, const char *text)
{
    for (int i = 0; row->words[i]; i++)
        if (strcmp(row->words[i], text) == 0) {
            *(int *)row->to = i;
            return OPTIONS_GO_ON;
        }
    return refuse_word(u, row, text);
}

static int
read_number(const struct usage *u, const struct option_row *row, const char *text)
{
    struct error e = {0};

    if (number_parse_range(text, row->least, row->most, row->name, row->to, &e))
        return OPTIONS_GO_ON;
    if (strstr(e.text, ".."))
        return options_refuse(u, "--%s", e.text);
    return options_refuse(u, "--%s (expected %llu..%llu)", e.text, (unsigned long long)row->least,
                          (unsigned long long)row->most);
}

static int
add_to_list(const struct usage *u, const struct option_row *row, const char *text)
{
    struct option_list *list = row->to;

    if (list->count == OPTION_LIST_MAX)
        return options_refuse(u, "--%s: more than %d times", row->name, OPTION_LIST_MAX);
    list->item[list->count++] = text;
    return OPTIONS_GO_ON;
}

static int
take_value(const struct usage *u, const struct option_row *row, const char *text)
{
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)row->to = true;
        break;
    case OPTION_TEXT:
        *(const char **)row->to = text;
        break;
    case OPTION_NUMBER:
        return read_number(u, row, text);
    case OPTION_WORD:
        return read_word(u, row, text);
    case OPTION_LIST:
        return add_to_list(u, row, text);
    case OPTION_SIZE:
        if (!read_size(text, row, row->to))
            return options_refuse(
                u, "--%s: \"%.40s\" is no size: expected WxH within 1x1..%llux%llu", row->name,
                text, (unsigned long long)row->most, (unsigned long long)row->least);
        break;
    case OPTION_END:
        break;
    }
    return OPTIONS_GO_ON;
}

/* --- the line --- */

/* What getopt did not take: it is said here, because only here is it known what there is. */
static int
refuse_option(const struct usage *u, char **argv, int code)
{
    const char *names[OPTION_ROWS_MAX + 2], *near;
    char word[64];
    int n = 0;

    if (optopt >= FIRST_ROW && code == ':')
        return options_refuse(u, "--%s needs a value", u->rows[optopt - FIRST_ROW].name);
    if (optopt >= FIRST_ROW)
        return options_refuse(u, "--%s takes no value", u->rows[optopt - FIRST_ROW].name);
    if (optopt && optopt != 'h')
        return options_refuse(u, "no option -%c; see pagewalk%s%s --help", optopt, gap(u),
                              u->command);
    for (const struct option_row *row = u->rows; row->kind != OPTION_END; row++)
        names[n++] = row->name;
    names[n++] = "help";
    names[n] = NULL;
    snprintf(word, sizeof word, "%s", argv[optind - 1] + strspn(argv[optind - 1], "-"));
    word[strcspn(word, "=")] = '\0';
    near = error_nearest(word, names);
    if (near)
        return options_refuse(u, "no option --%s (did you mean --%s?)", word, near);
    return options_refuse(u, "no option --%s; see pagewalk%s%s --help", word, gap(u), u->command);
}

static void
fill_options(const struct usage *u, struct option *out)
{
    int n = 0;

    for (const struct option_row *row = u->rows; row->kind != OPTION_END; row++, n++)
        out[n] =
            (struct option){row->name, row->kind == OPTION_FLAG ? no_argument : required_argument,
                            NULL, FIRST_ROW + n};
    out[n++] = (struct option){"help", no_argument, NULL, 'h'};
    out[n] = (struct option){0};
}

static int
count_arguments(const struct usage *u, int argc, char **argv)
{
    int n = argc - optind;

    if (n < u->least)
        return options_refuse(u, "expected %s; see pagewalk%s%s --help", u->arguments, gap(u),
                              u->command);
    if (n > u->most)
        return options_refuse(u, "one argument too many: \"%.60s\"; see pagewalk%s%s --help",
                              argv[optind + u->most], gap(u), u->command);
    return OPTIONS_GO_ON;
}

int
options_read(const struct usage *u, int argc, char **argv, char ***rest)
{
    struct option options[OPTION_ROWS_MAX + 2];
    int code, done = OPTIONS_GO_ON;

    if (listener) {
        listener(listener_ctx, u);
        return EXIT_OK;
    }
    fill_options(u, options);
    optind = 0; /* start again: main has looked at the line before */
    opterr = 0;
    while ((code = getopt_long(argc, argv, ":h", options, NULL)) != -1 && done == OPTIONS_GO_ON) {
        if (code == 'h') {
            print_usage(u);
            return EXIT_OK;
        }
        if (code == '?' || code == ':')
            done = refuse_option(u, argv, code);
        else
            done = take_value(u, &u->rows[code - FIRST_ROW], optarg);
    }
    if (done == OPTIONS_GO_ON)
        done = count_arguments(u, argc, argv);
    *rest = argv + optind;
    return done;
}

bool
options_override(const struct option_list *set, struct preset *p, struct error *e)
{
    for (int i = 0; i < set->count; i++)
        if (!preset_override(p, set->item[i], e))
            return false;
    return true;
}

/* --- languages --- */

void
options_speak(int lang)
{
    char path[1024];
    struct error e = {0};

    if (lang != LANG_EN && data_path(path, sizeof path, "lang") && !lang_load(path, &e))
        output_complain(&e);
    lang_use((enum lang)lang); /* lessons bring their own texts */
}

int
options_own_lang(void)
{
    static const char *const names[] = {"PAGEWALK_LANG", "LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strncmp(value, "zh", 2) == 0 ? LANG_ZH : LANG_EN;
    }
    return LANG_EN;
}
