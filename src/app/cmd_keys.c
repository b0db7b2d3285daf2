/* cmd_keys.c - `pagewalk keys`: which key does what, as one's own file of keys has it, on a sheet of 80 columns, as Markdown or as JSON. */
#include <string.h>

#include "app/commands.h"
#include "app/keymap.h"
#include "app/options.h"
#include "app/output.h"
#include "base/json.h"
#include "base/lang.h"
#include "base/text.h"

enum { WIDTH = 80, KEYS_CELLS = 20, NAME_CELLS = 13, INDENT = 2 + KEYS_CELLS + 1 + NAME_CELLS + 1 };

enum sheet { SHEET_TEXT, SHEET_JSON, SHEET_MARKDOWN };

/* --- groups --- */

static const char *const group_title[] = {"Everywhere", "In a lesson and in the playground",
                                          "At a question or a task, and on a branch",
                                          "On the course map"};
enum { GROUPS = sizeof group_title / sizeof *group_title };

static unsigned
group_of(enum action_code a)
{
    unsigned where = action_row[a].where, any = SITUATION_LESSON | SITUATION_PLAY;

    return where & any ? where & SITUATION_MAP ? 0 : 1 : where & SITUATION_MAP ? 3 : 2;
}

/* What one presses; what has no key is typed. */
static void
put_keys(enum action_code a, struct buffer *out)
{
    char key[16];

    for (unsigned i = 0; action_key(a, i, key); i++)
        buffer_printf(out, "%s%s", i ? " " : "", key);
    if (!*keymap_keys(a))
        buffer_printf(out, ":%s", action_row[a].name);
}

/* --- text --- */

static void
put_column(struct buffer *out, const char *text, unsigned cells)
{
    unsigned width = text_width(text);

    buffer_puts(out, text);
    buffer_repeat(out, ' ', width < cells ? cells - width + 1 : 1);
}

/* Wrapped at the right margin; the lines after the first begin at `indent`. */
static void
put_wrapped(struct buffer *out, const char *text, unsigned indent)
{
    const char *end = text + strlen(text);
    struct text_line line;

    for (unsigned n = 0; text_wrap_next(&text, end, WIDTH - indent, &line); n++) {
        buffer_repeat(out, ' ', n ? indent : 0);
        buffer_append(out, line.start, line.length);
        buffer_putc(out, '\n');
    }
}

static void
text_row(enum action_code a, struct buffer *out)
{
    struct buffer keys = {0};

    put_keys(a, &keys);
    buffer_puts(out, keymap_is_changed(a) ? "* " : "  ");
    put_column(out, buffer_text(&keys), KEYS_CELLS);
    if (text_width(buffer_text(&keys)) > KEYS_CELLS) {
        buffer_putc(out, '\n');
        buffer_repeat(out, ' ', 2 + KEYS_CELLS + 1);
    }
    put_column(out, action_row[a].name, NAME_CELLS);
    put_wrapped(out, tr(action_row[a].help), INDENT);
    buffer_free(&keys);
}

/* --- Markdown --- */

/* A bar would end the cell, inside code too. */
static void
put_cell(struct buffer *out, const char *text)
{
    for (; *text; text++)
        buffer_printf(out, "%s%c", *text == '|' ? "\\" : "", *text);
}

static void
markdown_row(enum action_code a, struct buffer *out)
{
    char key[16];

    buffer_puts(out, "| ");
    for (unsigned i = 0; action_key(a, i, key); i++) {
        const char *quote = strchr(key, '`') ? "``" : "`";
        buffer_printf(out, "%s%s%s", i ? " " : "", quote, *quote && quote[1] ? " " : "");
        put_cell(out, key);
        buffer_printf(out, "%s%s", *quote && quote[1] ? " " : "", quote);
    }
    buffer_printf(out, " | `%s` | ", action_row[a].name);
    put_cell(out, tr(action_row[a].help));
    buffer_puts(out, " |\n");
}

/* --- JSON --- */

static void
put_where(unsigned where, struct buffer *out)
{
    static const struct {
        unsigned bit;
        const char *name;
    } row[] = {
        {SITUATION_MAP, "map"},      {SITUATION_LESSON, "lesson"}, {SITUATION_PLAY, "playground"},
        {SITUATION_ASK, "question"}, {SITUATION_TASK, "task"},     {SITUATION_BRANCH, "branch"},
    };

    json_key(out, "where");
    json_open(out, '[');
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (where & row[i].bit)
            json_put_string(out, row[i].name);
    json_close(out, ']');
}

static void
json_row(enum action_code a, struct buffer *out)
{
    char key[16];

    json_open(out, '{');
    json_key(out, "name");
    json_put_string(out, action_row[a].name);
    json_key(out, "keys");
    json_open(out, '[');
    for (unsigned i = 0; action_key(a, i, key); i++)
        json_put_string(out, key);
    json_close(out, ']');
    json_key(out, "changed");
    json_put_bool(out, keymap_is_changed(a));
    put_where(action_row[a].where, out);
    json_key(out, "help");
    json_put_string(out, tr(action_row[a].help));
    json_close(out, '}');
}

/* --- the sheet --- */

static void
put_group(unsigned group, enum sheet sheet, struct buffer *out)
{
    if (sheet == SHEET_TEXT)
        buffer_printf(out, "%s%s\n", group ? "\n" : "", tr(group_title[group]));
    else
        buffer_printf(out, "%s## %s\n\n| %s | %s | %s |\n| --- | --- | --- |\n", group ? "\n" : "",
                      tr(group_title[group]), tr("Keys"), tr("Command"), tr("What it does"));
    for (int a = ACTION_NONE + 1; a < ACTIONS; a++) {
        if (group_of((enum action_code)a) != group)
            continue;
        if (sheet == SHEET_TEXT)
            text_row((enum action_code)a, out);
        else
            markdown_row((enum action_code)a, out);
    }
}

/* Where all this can be changed. */
static void
put_foot(enum sheet sheet, struct buffer *out)
{
    char path[1024] = "";

    buffer_puts(out, "\n");
    put_wrapped(out,
                tr("The letters of an open question and the hex digits of the memory pane come "
                   "first where they are asked for."),
                0);
    if (!keymap_path(path, sizeof path))
        return;
    put_wrapped(out, tr("Changed by lines of \"key action\" (* here) in the file"), 0);
    buffer_puts(out, sheet == SHEET_MARKDOWN ? "`" : "");
    text_clean(out, path, strlen(path), 0);
    buffer_puts(out, sheet == SHEET_MARKDOWN ? "`\n" : "\n");
}

static void
put_json(struct buffer *out)
{
    char path[1024];

    json_open(out, '{');
    json_key(out, "schema");
    json_put_string(out, "pagewalk.keys/1");
    json_key(out, "file");
    if (keymap_path(path, sizeof path))
        json_put_string(out, path);
    else
        json_put_null(out);
    json_key(out, "actions");
    json_open(out, '[');
    for (int a = ACTION_NONE + 1; a < ACTIONS; a++)
        json_row((enum action_code)a, out);
    json_close(out, ']');
    json_close(out, '}');
    buffer_putc(out, '\n');
}

static void
on_complaint(void *ctx, const struct error *e)
{
    *(int *)ctx = output_complain(e);
}

int
cmd_keys(int argc, char **argv)
{
    struct buffer out = {0};
    int format = SHEET_TEXT, lang = LANG_EN, code, wrong = EXIT_OK;
    char **rest;
    const struct option_row rows[] = {
        {OPTION_WORD, "format", NULL, "how it is printed (text)", &format, 0, 0, option_sheets},
        {OPTION_WORD, "lang", NULL, "language of the texts (en)", &lang, 0, 0, option_langs},
        {0},
    };
    const struct usage u = {"keys",
                            "",
                            "Print which key does what, changed as the file "
                            "$XDG_CONFIG_HOME/pagewalk/keys says: lines of\n"
                            "\"key action\", # begins a comment. A key is a letter or sign, or a "
                            "name: Space, Enter, Left, F5,\n"
                            "Ctrl-L, Hash (#) ... An action is a name from this list, or none. "
                            "What is wrong in the file is\n"
                            "told on stderr, with exit status 65; the rest of it counts.\n",
                            rows,
                            0,
                            0};

    if ((code = options_read(&u, argc, argv, &rest)) != OPTIONS_GO_ON)
        return code;
    options_speak(lang);
    keymap_load(on_complaint, &wrong);
    if (format == SHEET_JSON)
        put_json(&out);
    for (unsigned g = 0; g < GROUPS && format != SHEET_JSON; g++)
        put_group(g, (enum sheet)format, &out);
    if (format != SHEET_JSON)
        put_foot((enum sheet)format, &out);
    output_buffer(&out);
    buffer_free(&out);
    return wrong;
}
