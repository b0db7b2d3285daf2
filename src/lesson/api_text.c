/* The model for people: the reference as text, Markdown, JSON and as part of the manual page. */
#include <string.h>

#include "base/json.h"
#include "lesson/api.h"

/* --- what all shapes walk through ----------------------------------------------------------------- */

static const char *
class_heading(const struct api_class *c)
{
    return c->given ? "written by the lesson" : "given to the lesson";
}

static void
put_member_name(const struct api_member *m, struct buffer *out)
{
    buffer_printf(out, "%s%s", m->name, m->optional ? "?" : "");
}

/* --- text ----------------------------------------------------------------------------------------- */

static void
text_function(const struct api_function *f, struct buffer *out)
{
    buffer_puts(out, "  ");
    api_signature(f, out);
    if (f->returns[0])
        buffer_printf(out, " -> %s", f->returns);
    buffer_printf(out, "\n      %s\n", f->doc);
}

static void
text_class(const struct api_class *c, struct buffer *out)
{
    buffer_printf(out, "\n%s: %s\n", c->name, c->doc);
    for (unsigned i = 0; i < c->members; i++) {
        const struct api_member *m = &c->member[i];
        buffer_puts(out, "  ");
        put_member_name(m, out);
        buffer_printf(out, ": %s\n      %s\n", m->type, m->doc);
    }
}

void
api_text(struct buffer *out)
{
    const struct api *api = api_model();

    for (int s = 0; s < API_SECTIONS; s++) {
        buffer_printf(out, "%s%s\n", s ? "\n" : "", api_section_title[s]);
        for (unsigned i = 0; i < api->functions; i++)
            if (api->function[i].section == (enum api_section)s)
                text_function(&api->function[i], out);
    }
    buffer_puts(out, "\nTables (? may be left out)\n");
    for (unsigned i = 0; i < api->classes; i++)
        text_class(&api->class[i], out);
}

/* --- Markdown --------------------------------------------------------------------------------------- */

/* A bar would end the cell. */
static void
md_cell(const char *text, struct buffer *out)
{
    for (; *text; text++) {
        if (*text == '|')
            buffer_putc(out, '\\');
        buffer_putc(out, *text);
    }
}

static void
md_row(const char *a, const char *b, const char *c, struct buffer *out)
{
    buffer_puts(out, "| `");
    md_cell(a, out);
    buffer_puts(out, "` | `");
    md_cell(b, out);
    buffer_puts(out, "` | ");
    md_cell(c, out);
    buffer_puts(out, " |\n");
}

static void
md_function(const struct api_function *f, struct buffer *out)
{
    struct buffer signature = {0};

    api_signature(f, &signature);
    md_row(buffer_text(&signature), f->returns[0] ? f->returns : "-", f->doc, out);
    buffer_free(&signature);
}

static void
md_class(const struct api_class *c, struct buffer *out)
{
    buffer_printf(out, "\n### %s\n\n%s (%s)\n\n| member | type | |\n|---|---|---|\n", c->name,
                  c->doc, class_heading(c));
    for (unsigned i = 0; i < c->members; i++) {
        struct buffer name = {0};
        put_member_name(&c->member[i], &name);
        md_row(buffer_text(&name), c->member[i].type, c->member[i].doc, out);
        buffer_free(&name);
    }
}

void
api_markdown(struct buffer *out)
{
    const struct api *api = api_model();

    buffer_puts(out, "# What a lesson can call\n");
    for (int s = 0; s < API_SECTIONS; s++) {
        buffer_printf(out, "\n## %s\n\n| function | returns | |\n|---|---|---|\n",
                      api_section_title[s]);
        for (unsigned i = 0; i < api->functions; i++)
            if (api->function[i].section == (enum api_section)s)
                md_function(&api->function[i], out);
    }
    buffer_puts(out, "\n## Tables\n");
    for (unsigned i = 0; i < api->classes; i++)
        md_class(&api->class[i], out);
}

/* --- JSON ------------------------------------------------------------------------------------------- */

static void
json_member(const char *name, const char *value, struct buffer *out)
{
    json_key(out, name);
    json_put_string(out, value);
}

static void
json_named(const char *name, const char *type, bool optional, const char *help, struct buffer *out)
{
    json_open(out, '{');
    json_member("name", name, out);
    json_member("type", type, out);
    json_key(out, "optional");
    json_put_bool(out, optional);
    if (help)
        json_member("help", help, out);
    json_close(out, '}');
}

static void
json_function(const struct api_function *f, struct buffer *out)
{
    json_open(out, '{');
    json_member("name", f->name, out);
    json_member("section", api_section_title[f->section], out);
    json_member("kind", f->is_value ? "value" : "function", out);
    json_key(out, "parameters");
    json_open(out, '[');
    for (unsigned i = 0; i < f->params; i++)
        json_named(f->param[i].name, f->param[i].type, f->param[i].optional, NULL, out);
    json_close(out, ']');
    json_member(f->is_value ? "type" : "returns", f->returns, out);
    json_member("help", f->doc, out);
    json_close(out, '}');
}

static void
json_class(const struct api_class *c, struct buffer *out)
{
    json_open(out, '{');
    json_member("name", c->name, out);
    json_key(out, "given");
    json_put_bool(out, c->given);
    json_member("help", c->doc, out);
    json_key(out, "members");
    json_open(out, '[');
    for (unsigned i = 0; i < c->members; i++)
        json_named(c->member[i].name, c->member[i].type, c->member[i].optional, c->member[i].doc,
                   out);
    json_close(out, ']');
    json_close(out, '}');
}

void
api_json(struct buffer *out)
{
    const struct api *api = api_model();

    json_open(out, '{');
    json_member("schema", "pagewalk.api/1", out);
    json_key(out, "functions");
    json_open(out, '[');
    for (unsigned i = 0; i < api->functions; i++)
        json_function(&api->function[i], out);
    json_close(out, ']');
    json_key(out, "classes");
    json_open(out, '[');
    for (unsigned i = 0; i < api->classes; i++)
        json_class(&api->class[i], out);
    json_close(out, ']');
    json_close(out, '}');
    buffer_putc(out, '\n');
}

/* --- the manual page ---------------------------------------------------------------------------------- */

static void
mdoc_char(char c, struct buffer *out)
{
    if (c == '\\')
        buffer_puts(out, "\\e");
    else
        buffer_putc(out, c);
}

/* A sentence a line, as mdoc wants it; a sign at a line's beginning means something there. */
static void
mdoc_line(const char *text, struct buffer *out)
{
    bool begins = true;

    for (; *text; text++) {
        if (begins && (*text == '.' || *text == '\''))
            buffer_puts(out, "\\&");
        begins = strchr(".!?", *text) && text[1] == ' ' && text[2] >= 'A' && text[2] <= 'Z';
        mdoc_char(*text, out);
        if (begins) {
            buffer_putc(out, '\n');
            text++;
        }
    }
    buffer_putc(out, '\n');
}

/* One argument of a macro, whatever is in it. */
static void
mdoc_word(const char *text, struct buffer *out)
{
    buffer_putc(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            buffer_putc(out, '"');
        mdoc_char(*text, out);
    }
    buffer_putc(out, '"');
}

static void
mdoc_function(const struct api_function *f, struct buffer *out)
{
    struct buffer signature = {0};

    api_signature(f, &signature);
    buffer_puts(out, ".It Ic ");
    mdoc_word(buffer_text(&signature), out);
    buffer_putc(out, '\n');
    mdoc_line(f->doc, out);
    if (f->returns[0] && !f->is_value) {
        buffer_puts(out, "Returns\n.Vt ");
        mdoc_word(f->returns, out);
        buffer_puts(out, " .\n");
    }
    buffer_free(&signature);
}

static void
mdoc_class(const struct api_class *c, struct buffer *out)
{
    buffer_puts(out, ".Ss ");
    mdoc_word(c->name, out);
    buffer_putc(out, '\n');
    mdoc_line(c->doc, out);
    buffer_puts(out, ".Bl -tag -width Ds -compact\n");
    for (unsigned i = 0; i < c->members; i++) {
        const struct api_member *m = &c->member[i];
        buffer_puts(out, ".It Va ");
        mdoc_word(m->name, out);
        buffer_puts(out, " Pq Vt ");
        mdoc_word(m->type, out);
        buffer_puts(out, m->optional ? " , optional\n" : "\n");
        mdoc_line(m->doc, out);
    }
    buffer_puts(out, ".El\n");
}

void
api_mdoc(struct buffer *out)
{
    const struct api *api = api_model();

    buffer_puts(out, ".Sh FUNCTIONS\n");
    for (int s = 0; s < API_SECTIONS; s++) {
        buffer_printf(out, ".Ss %s\n.Bl -tag -width Ds\n", api_section_title[s]);
        for (unsigned i = 0; i < api->functions; i++)
            if (api->function[i].section == (enum api_section)s)
                mdoc_function(&api->function[i], out);
        buffer_puts(out, ".El\n");
    }
    buffer_puts(out, ".Sh TABLES\n");
    for (int given = 1; given >= 0; given--)
        for (unsigned i = 0; i < api->classes; i++)
            if (api->class[i].given == given)
                mdoc_class(&api->class[i], out);
}
