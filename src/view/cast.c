#include "view/cast.h"

#include <string.h>

#include "base/json.h"
#include "view/out_ansi.h"

#define HOME_AND_CLEAR "\033[0m\033[H\033[2J"

static void
put_header(const struct canvas *c, const char *title, struct buffer *out)
{
    json_open(out, '{');
    json_key(out, "version");
    json_put_int(out, 2);
    json_key(out, "width");
    json_put_int(out, c->w);
    json_key(out, "height");
    json_put_int(out, c->h);
    if (title) {
        json_key(out, "title");
        json_put_string(out, title);
    }
    json_key(out, "env");
    buffer_puts(out, "{\"TERM\":\"xterm-256color\"}");
    json_close(out, '}');
    buffer_putc(out, '\n');
}

/* What a terminal gets, as a JSON string: unlike other strings of ours it has control characters. */
static void
put_terminal_string(const struct buffer *bytes, struct buffer *out)
{
    buffer_putc(out, '"');
    for (size_t i = 0; i < bytes->length; i++) {
        unsigned char b = (unsigned char)bytes->data[i];

        if (b < 0x20 || b == 0x7f)
            buffer_printf(out, "\\u%04x", b);
        else if (b == '"' || b == '\\')
            buffer_printf(out, "\\%c", b);
        else
            buffer_putc(out, (char)b);
    }
    buffer_putc(out, '"');
}

static void
put_event(uint64_t milliseconds, const char *code, const struct buffer *data, struct buffer *out)
{
    buffer_printf(out, "[%llu.%03llu, \"%s\", ", (unsigned long long)(milliseconds / 1000),
                  (unsigned long long)(milliseconds % 1000), code);
    put_terminal_string(data, out);
    buffer_puts(out, "]\n");
}

/* A fresh canvas of that size; what was shown is gone, as it is on a terminal that was cleared. */
static void
take_size(struct cast *cast, const struct canvas *c)
{
    canvas_destroy(cast->shown);
    cast->shown = canvas_create(c->w, c->h, c->glyphs);
}

/* Rows are written whole, from their first cell, so half a wide character is never left. */
static void
put_rows(struct cast *cast, const struct canvas *c, struct buffer *bytes)
{
    for (int y = 0; y < c->h; y++) {
        if (canvas_same_row(c, cast->shown, y))
            continue;
        buffer_printf(bytes, "\033[%d;1H\033[K", y + 1);
        out_ansi_row(c, y, cast->theme, 256, bytes);
    }
    memcpy(cast->shown->cells, c->cells, (size_t)c->w * (size_t)c->h * sizeof *c->cells);
}

void
cast_picture(struct cast *cast, const struct canvas *c, uint64_t milliseconds, const char *title,
             struct buffer *out)
{
    bool first = cast->shown == NULL,
         resized = !first && (cast->shown->w != c->w || cast->shown->h != c->h);
    struct buffer bytes = {0};

    if (first)
        put_header(c, title, out);
    if (resized) {
        buffer_printf(&bytes, "%dx%d", c->w, c->h);
        put_event(milliseconds, "r", &bytes, out);
        buffer_truncate(&bytes, 0);
    }
    if (first || resized) {
        take_size(cast, c);
        buffer_puts(&bytes, HOME_AND_CLEAR "\033[?25l");
    }
    put_rows(cast, c, &bytes);
    if (bytes.length)
        put_event(milliseconds, "o", &bytes, out);
    buffer_free(&bytes);
}

void
cast_close(struct cast *cast)
{
    canvas_destroy(cast->shown);
    cast->shown = NULL;
}
