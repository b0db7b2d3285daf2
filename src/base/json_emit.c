/* JSON out, straight into a buffer: event streams are too many for a tree (a tree makes a
 * million events a second at best). */
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/assert.h"
#include "base/text.h"

/* A value needs a comma unless it stands first in its container, after a key, or at the start of
 * a line. */
static void
separate(struct buffer *b)
{
    char last = b->length ? b->data[b->length - 1] : '\n';

    if (!strchr("{[:\n", last))
        buffer_putc(b, ',');
}

void
json_open(struct buffer *b, char bracket)
{
    pw_assert(bracket == '{' || bracket == '[');
    separate(b);
    buffer_putc(b, bracket);
}

void
json_close(struct buffer *b, char bracket)
{
    pw_assert(bracket == '}' || bracket == ']');
    buffer_putc(b, bracket);
}

void
json_key(struct buffer *b, const char *name)
{
    json_put_string(b, name);
    buffer_putc(b, ':');
}

void
json_put_int(struct buffer *b, int64_t value)
{
    pw_assert(value >= -JSON_INTEGER_MAX && value <= JSON_INTEGER_MAX);
    separate(b);
    buffer_printf(b, "%" PRId64, value);
}

void
json_put_uint(struct buffer *b, uint64_t value)
{
    pw_assert(value <= (uint64_t)JSON_INTEGER_MAX);
    json_put_int(b, (int64_t)value);
}

void
json_put_hex(struct buffer *b, uint64_t value)
{
    separate(b);
    buffer_printf(b, "\"0x%" PRIx64 "\"", value);
}

void
json_put_bool(struct buffer *b, bool value)
{
    separate(b);
    buffer_puts(b, value ? "true" : "false");
}

void
json_put_null(struct buffer *b)
{
    separate(b);
    buffer_puts(b, "null");
}

/* Most strings are names and sentences of ours: printable ASCII that needs neither cleaning nor
 * escapes. */
static bool
is_plain(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
            return false;
    }
    return true;
}

static void
escape(struct buffer *b, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n') {
            buffer_puts(b, "\\n");
            continue;
        }
        if (text[i] == '"' || text[i] == '\\')
            buffer_putc(b, '\\');
        buffer_putc(b, text[i]);
    }
}

void
json_put_string_n(struct buffer *b, const char *text, size_t length)
{
    struct buffer clean = {0};

    separate(b);
    buffer_putc(b, '"');
    if (is_plain(text, length)) {
        buffer_append(b, text, length);
    } else {
        text_clean(&clean, text, length, TEXT_NEWLINES);
        escape(b, buffer_text(&clean), clean.length);
        buffer_free(&clean);
    }
    buffer_putc(b, '"');
}

void
json_put_string(struct buffer *b, const char *text)
{
    json_put_string_n(b, text, strlen(text));
}
