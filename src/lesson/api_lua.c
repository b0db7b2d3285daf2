/* The model for tools that read Lua: annotations for language servers (LuaLS, EmmyLua) and the list of names for luacheck. */
#include <stdio.h>
#include <string.h>

#include "base/event.h"
#include "lesson/api.h"
#include "lesson/template.h"
#include "machine/machine.h"
#include "machine/operation.h"

static const char head[] =
    "-- Made by `pagewalk lesson api` from the program's own tables; do not edit.\n";

/* --- names --------------------------------------------------------------------------------------- */

static void
alias(struct buffer *out, const char *name, const char *const *words)
{
    buffer_printf(out, "---@alias %s", name);
    for (unsigned i = 0; words[i]; i++)
        buffer_printf(out, "%s\"%s\"", i ? "|" : " ", words[i]);
    buffer_puts(out, words[0] ? "\n" : " string\n");
}

static void
aliases(const struct api_names *names, struct buffer *out)
{
    enum { WORDS = 512 };
    const char *words[WORDS + 1];
    unsigned n = 0;

    for (int i = EV_NONE + 1; i < EVENT_CODES; i++)
        words[n++] = event_row[i].name;
    words[n] = NULL;
    alias(out, "event_name", words);
    for (n = 0; n < QUIRKS; n++)
        words[n] = quirk_row[n].name;
    words[n] = NULL;
    alias(out, "quirk_name", words);
    for (n = 0; n < set_field_count() && n < WORDS; n++)
        words[n] = set_field_at(n)->name;
    words[n] = NULL;
    alias(out, "field_name", words);
    alias(out, "format_name", template_formats);
    alias(out, "pane_name", names->panes);
    alias(out, "machine_name", names->machines);
    buffer_puts(out, "---@alias operation string|any[]\n\n");
}

/* --- classes and functions ------------------------------------------------------------------------ */

static void
annotate_class(const struct api_class *c, struct buffer *out)
{
    buffer_printf(out, "--- %s\n---@class %s\n", c->doc, c->name);
    for (unsigned i = 0; i < c->members; i++)
        buffer_printf(out, "---@field %s%s %s %s\n", c->member[i].name,
                      c->member[i].optional ? "?" : "", c->member[i].type, c->member[i].doc);
    buffer_putc(out, '\n');
}

static void
annotate_params(const struct api_function *f, struct buffer *out)
{
    for (unsigned i = 0; i < f->params; i++)
        buffer_printf(out, "---@param %s%s %s\n", f->param[i].name, f->param[i].optional ? "?" : "",
                      f->param[i].type);
    if (f->returns[0])
        buffer_printf(out, "---@return %s\n", f->returns);
}

/* The options may stand in the place of an argument that is left out: m.write(va, { size = 8 }). */
static void
annotate_short_form(const struct api_function *f, struct buffer *out)
{
    unsigned last = f->params - 1;

    if (f->section != API_OPERATIONS || f->params < 2 || !f->param[last - 1].optional)
        return;
    buffer_puts(out, "---@overload fun(");
    for (unsigned i = 0; i <= last; i++)
        if (i != last - 1)
            buffer_printf(out, "%s%s%s: %s", i ? ", " : "", f->param[i].name,
                          f->param[i].optional ? "?" : "", f->param[i].type);
    buffer_printf(out, "): %s\n", f->returns);
}

static void
annotate_function(const struct api_function *f, struct buffer *out)
{
    buffer_printf(out, "--- %s\n", f->doc);
    if (f->is_value) {
        buffer_printf(out, "---@type %s\n%s = nil\n\n", f->returns, f->name);
        return;
    }
    annotate_params(f, out);
    annotate_short_form(f, out);
    buffer_printf(out, "function %s(", f->name);
    for (unsigned i = 0; i < f->params; i++)
        buffer_printf(out, "%s%s", i ? ", " : "", f->param[i].name);
    buffer_puts(out, ") end\n\n");
}

/* A table that functions are put into, when a name of a new one comes. */
static void
open_library(const struct api_function *f, char last[16], struct buffer *out)
{
    const char *dot = strchr(f->name, '.');
    char library[16];

    if (!dot)
        return;
    snprintf(library, sizeof library, "%.*s", (int)(dot - f->name), f->name);
    if (strcmp(library, last) == 0)
        return;
    memcpy(last, library, sizeof library);
    if (strcmp(library, "m") == 0)
        buffer_puts(out, "--- The machine: operations change it, the rest looks at it or tells the "
                         "story.\n---@class machine\nm = {}\n\n");
    else
        buffer_printf(out, "%s = {}\n\n", library);
}

void
api_annotations(const struct api_names *names, struct buffer *out)
{
    const struct api *api = api_model();
    char library[16] = "";

    buffer_printf(out, "---@meta\n%s\n", head);
    aliases(names, out);
    for (unsigned i = 0; i < api->classes; i++)
        annotate_class(&api->class[i], out);
    for (unsigned i = 0; i < api->functions; i++) {
        open_library(&api->function[i], library, out);
        annotate_function(&api->function[i], out);
    }
}

/* --- luacheck ------------------------------------------------------------------------------------- */

/* Fields of a table that is global: what is not listed is warned about, as the sandbox refuses it. */
static void
check_library(const struct api *api, const char *library, struct buffer *out)
{
    size_t n = strlen(library);

    buffer_printf(out, "    %s = { fields = {", library);
    for (unsigned i = 0; i < api->functions; i++) {
        const char *name = api->function[i].name;
        if (strncmp(name, library, n) == 0 && name[n] == '.')
            buffer_printf(out, " \"%s\",", name + n + 1);
    }
    buffer_puts(out, " } },\n");
}

void
api_luacheckrc(struct buffer *out)
{
    static const char *const library[] = {"m", "string", "table", "math", "utf8"};
    const struct api *api = api_model();

    buffer_puts(out, head);
    buffer_puts(out,
                "std = \"none\"\nmax_line_length = false\nunused_args = false\nignore = { \"43.\" "
                "} -- an inner r or m is what lessons are written with\nread_globals = {\n");
    for (unsigned i = 0; i < api->functions; i++)
        if (!strchr(api->function[i].name, '.'))
            buffer_printf(out, "    \"%s\",\n", api->function[i].name);
    for (size_t i = 0; i < sizeof library / sizeof *library; i++)
        check_library(api, library[i], out);
    buffer_puts(out, "}\n");
}
