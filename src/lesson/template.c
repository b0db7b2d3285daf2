#include "lesson/template.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "machine/narrate.h"

const char *const template_formats[] = {"dec", "hex", "bin", "label", "size", "word", NULL};

/* --- numbers ------------------------------------------------------------------------------------ */

static void
put_binary(uint64_t value, unsigned digits, struct buffer *out)
{
    unsigned n = 1;

    while (n < 64 && value >> n)
        n++;
    for (unsigned i = n > digits ? n : digits; i > 0; i--)
        buffer_putc(out, i <= 64 && value >> (i - 1) & 1 ? '1' : '0');
}

/* "hex16" is "hex" and 16. */
static bool
split_format(const char *format, char name[8], unsigned *digits)
{
    size_t n = strcspn(format, "0123456789");

    *digits = 0;
    if (n == 0 || n >= 8)
        return false;
    memcpy(name, format, n);
    name[n] = '\0';
    if (!format[n])
        return true;
    if (strlen(format + n) > 2 || strspn(format + n, "0123456789") != strlen(format + n))
        return false;
    *digits = (unsigned)atoi(format + n);
    return *digits <= 64;
}

bool
template_number(int64_t value, const char *format, struct buffer *out)
{
    char name[8], text[24];
    unsigned digits;

    if (!split_format(format, name, &digits))
        return false;
    if (strcmp(name, "dec") == 0 || strcmp(name, "word") == 0)
        buffer_printf(out, "%" PRId64, value);
    else if (strcmp(name, "hex") == 0)
        buffer_printf(out, "0x%0*" PRIx64, (int)(digits > 16 ? 16 : digits), (uint64_t)value);
    else if (strcmp(name, "bin") == 0)
        put_binary((uint64_t)value, digits, out);
    else if (strcmp(name, "size") == 0)
        buffer_puts(out, number_size((uint64_t)value, text));
    else if (strcmp(name, "label") == 0)
        narrate_label((pfn_t)value, text), buffer_puts(out, text);
    else
        return false;
    return true;
}

/* --- names -------------------------------------------------------------------------------------- */

static const struct bound *
find_bound(const struct template_scope *s, const char *name)
{
    for (unsigned i = 0; i < s->bounds; i++)
        if (strcmp(s->bound[i].name, name) == 0)
            return &s->bound[i];
    return NULL;
}

static bool
complain_unknown(const struct template_scope *s, const char *name, struct error *why)
{
    const char *names[BOUND_MAX + EVENT_FIELDS + 8];
    unsigned n = 0;
    const char *near;

    for (unsigned i = 0; i < s->bounds && n < BOUND_MAX; i++)
        names[n++] = s->bound[i].name;
    for (unsigned i = 0; s->event && i < EVENT_FIELDS; i++)
        if (event_row[s->event->code].fields >> i & 1)
            names[n++] = field_row[i].member;
    if (s->answer)
        names[n++] = "answer";
    names[n] = NULL;
    near = error_nearest(name, names);
    if (near)
        return error_set(why, EXIT_DATA, "nothing is bound to {%s} (did you mean {%s}?)", name, near);
    return error_set(why, EXIT_DATA, "nothing is bound to {%s} at this place", name);
}

/* A member as a number, for {pa:hex}. */
static bool
member_number(const struct event *ev, const char *name, int64_t *value)
{
    for (unsigned i = 0; i < EVENT_FIELDS; i++) {
        if (!(event_row[ev->code].fields >> i & 1) || strcmp(field_row[i].member, name) != 0)
            continue;
        *value = (int64_t)event_get(ev, (enum event_field)i);
        return field_row[i].kind != FIELD_NAME;
    }
    return false;
}

static bool
put_member(const struct template_scope *s, const char *name, const char *format, enum lang lang, struct buffer *out)
{
    enum lang before = lang_now();
    int64_t value;
    bool done;

    if (!s->event)
        return false;
    if (format[0] && member_number(s->event, name, &value))
        return template_number(value, format, out);
    lang_use(lang);
    done = narrate_member(s->machine, s->event, name, out);
    lang_use(before);
    return done;
}

static bool
put_bound(const struct bound *b, const char *format, enum lang lang, struct buffer *out, struct error *why)
{
    if (b->is_text) {
        buffer_puts(out, b->text[lang]);
        return true;
    }
    if (template_number(b->number, format[0] ? format : "dec", out))
        return true;
    return error_set(why, EXIT_DATA, "{%s:%s}: the formats are dec, hex, bin, label and size", b->name, format);
}

static bool
put_name(const char *name, const char *format, enum lang lang, const struct template_scope *s, struct buffer *out,
         struct error *why)
{
    const struct bound *b = find_bound(s, name);

    if (b)
        return put_bound(b, format, lang, out, why);
    if (s->answer && strcmp(name, "answer") == 0) {
        buffer_puts(out, s->answer);
        return true;
    }
    if (s->choice && strcmp(name, "choice") == 0) {
        buffer_puts(out, s->choice);
        return true;
    }
    return put_member(s, name, format, lang, out) || complain_unknown(s, name, why);
}

/* --- the text ----------------------------------------------------------------------------------- */

/* One {...}; *at stands after the opening brace and is moved behind the closing one. */
static bool
fill_one(const char **at, enum lang lang, const struct template_scope *s, struct buffer *out, struct error *why)
{
    char name[BOUND_NAME] = "", format[16] = "";
    const char *end = strchr(*at, '}'), *colon;
    size_t n;

    if (!end || end - *at > 44)
        return error_set(why, EXIT_DATA, "a { without its } in a text (a brace itself is written {{)");
    colon = memchr(*at, ':', (size_t)(end - *at));
    n = (size_t)((colon ? colon : end) - *at);
    if (n == 0 || n >= sizeof name || (colon && (size_t)(end - colon) > sizeof format))
        return error_set(why, EXIT_DATA, "\"{%.*s}\" is no name: expected {name} or {name:format}", (int)(end - *at), *at);
    memcpy(name, *at, n);
    if (colon)
        memcpy(format, colon + 1, (size_t)(end - colon - 1));
    *at = end + 1;
    return put_name(name, format, lang, s, out, why);
}

static bool
ends_wide(const struct buffer *b)
{
    size_t i = b->length;
    uint32_t cp;

    while (i > 0 && ((unsigned char)b->data[i - 1] & 0xc0) == 0x80)
        i--;
    if (i == 0)
        return false;
    return text_decode(b->data + i - 1, b->length - i + 1, &cp) && text_cell_width(cp) == 2;
}

/* White space that holds a newline: two newlines are a paragraph, one is a blank or, between wide letters, nothing. */
static const char *
fold_space(const char *at, struct buffer *out)
{
    unsigned newlines = 0;
    uint32_t cp = 0;

    for (; *at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'; at++)
        newlines += *at == '\n';
    if (!*at || out->length == 0)
        return at;
    if (newlines > 1)
        buffer_puts(out, "\n\n");
    else if (newlines == 0 || !ends_wide(out) || !text_decode(at, strlen(at), &cp) || text_cell_width(cp) != 2)
        buffer_putc(out, ' ');
    return at;
}

bool
template_fill(const char *text, enum lang lang, const struct template_scope *scope, struct buffer *out, struct error *why)
{
    struct buffer raw = {0};
    bool good = true;

    for (const char *at = text; *at && good;) {
        if (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') {
            at = fold_space(at, &raw);
        } else if (*at != '{') {
            buffer_putc(&raw, *at++);
        } else if (at[1] == '{') {
            buffer_putc(&raw, '{');
            at += 2;
        } else {
            at++;
            good = fill_one(&at, lang, scope, &raw, why);
        }
    }
    if (good)
        text_clean(out, buffer_text(&raw), raw.length, TEXT_NEWLINES);
    buffer_free(&raw);
    return good;
}
