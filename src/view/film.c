/* The page is assets/film.html; what it needs to know is one JSON document in it:
 *
 *   {"lang", "title", "pace" (milliseconds), "back" and "ink" (colours), "width", "height" (pixels), "top" (of each row),
 *    "rows": [SVG of one row, ...],  "chapters": [[first picture, title], ...],
 *    "pictures": [{"caption", "set": [y, row, y, row, ...]}, ...]}
 */
#include "view/film.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/data.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/memory.h"
#include "view/draw.h"
#include "view/out_svg.h"

enum { TEMPLATE_BYTES = 1 << 20 };

/* A row that was seen: its text lies in `rows`, the JSON array. */
struct seen {
    struct hash128 hash;
    unsigned id;
    bool used;
};

struct film {
    enum theme theme;
    unsigned pace;
    char *title, *lang;
    char *chapter;       /* of the last picture */
    struct canvas *last; /* what the last picture showed */
    struct buffer rows, pictures, chapters, row;
    struct seen *seen; /* a hash table, a power of two large */
    unsigned room, ids, count;
};

struct film *
film_open(enum theme theme, const char *title, const char *lang, unsigned pace)
{
    struct film *f = memory_new(1, sizeof *f);

    f->theme = theme;
    f->pace = pace;
    f->title = memory_text(title);
    f->lang = memory_text(lang);
    f->room = 1024;
    f->seen = memory_new(f->room, sizeof *f->seen);
    json_open(&f->rows, '[');
    json_open(&f->pictures, '[');
    json_open(&f->chapters, '[');
    return f;
}

void
film_close(struct film *f)
{
    canvas_destroy(f->last);
    buffer_free(&f->rows);
    buffer_free(&f->pictures);
    buffer_free(&f->chapters);
    buffer_free(&f->row);
    free(f->seen);
    free(f->title);
    free(f->lang);
    free(f->chapter);
    free(f);
}

/* --- rows --- */

static struct seen *
find(struct seen *table, unsigned room, struct hash128 hash)
{
    unsigned at = (unsigned)hash.lo & (room - 1);

    while (table[at].used && !hash_equal(table[at].hash, hash))
        at = (at + 1) & (room - 1);
    return &table[at];
}

static void
grow(struct film *f)
{
    struct seen *larger = memory_new(2u * f->room, sizeof *larger);

    for (unsigned i = 0; i < f->room; i++)
        if (f->seen[i].used)
            *find(larger, 2 * f->room, f->seen[i].hash) = f->seen[i];
    free(f->seen);
    f->seen = larger;
    f->room *= 2;
}

static unsigned
row_id(struct film *f, const struct canvas *c, int y)
{
    struct seen *s;

    buffer_truncate(&f->row, 0);
    out_svg_row(c, f->theme, y, &f->row);
    s = find(f->seen, f->room, hash_bytes(f->row.data, f->row.length, 0));
    if (!s->used) {
        *s = (struct seen){hash_bytes(f->row.data, f->row.length, 0), f->ids, true};
        json_put_string(&f->rows, buffer_text(&f->row));
        if (++f->ids * 2 > f->room)
            grow(f);
        return f->ids - 1;
    }
    return s->id;
}

/* --- pictures --- */

static void
open_chapter(struct film *f, const char *chapter)
{
    chapter = chapter ? chapter : "";
    if (f->chapter && strcmp(f->chapter, chapter) == 0)
        return;
    free(f->chapter);
    f->chapter = memory_text(chapter);
    json_open(&f->chapters, '[');
    json_put_uint(&f->chapters, f->count);
    json_put_string(&f->chapters, chapter);
    json_close(&f->chapters, ']');
}

static const char *
caption_of(const struct scene *scene)
{
    if (scene_asks(scene))
        return scene->page.question.text;
    if (scene->has_event && !scene->page.begins)
        return sentence_text(scene, &scene->event);
    return scene->page.text ? scene->page.text : "";
}

void
film_add(struct film *f, const struct scene *scene, const struct canvas *c)
{
    bool first = f->last == NULL;

    if (first)
        f->last = canvas_create(c->w, c->h, c->glyphs);
    pw_assert(c->w == f->last->w && c->h == f->last->h);
    open_chapter(f, scene->page.title);
    json_open(&f->pictures, '{');
    json_key(&f->pictures, "caption");
    json_put_string(&f->pictures, caption_of(scene));
    json_key(&f->pictures, "set");
    json_open(&f->pictures, '[');
    for (int y = 0; y < c->h; y++) {
        if (!first && canvas_same_row(c, f->last, y))
            continue;
        json_put_int(&f->pictures, y);
        json_put_uint(&f->pictures, row_id(f, c, y));
    }
    json_close(&f->pictures, ']');
    json_close(&f->pictures, '}');
    memcpy(f->last->cells, c->cells, (size_t)c->w * (size_t)c->h * sizeof *c->cells);
    f->count++;
}

/* --- the page --- */

static void
put_colour(struct buffer *out, const char *name, uint32_t rgb)
{
    char text[8];

    snprintf(text, sizeof text, "#%06x", rgb & 0xffffff);
    json_key(out, name);
    json_put_string(out, text);
}

static void
put_array(struct buffer *out, const char *name, const struct buffer *elements)
{
    json_key(out, name);
    buffer_append(out, elements->data, elements->length);
    json_close(out, ']');
}

static void
put_document(const struct film *f, struct buffer *out)
{
    struct rect place = out_svg_place(f->last, 0);

    json_open(out, '{');
    json_key(out, "lang");
    json_put_string(out, f->lang);
    json_key(out, "title");
    json_put_string(out, f->title);
    json_key(out, "pace");
    json_put_uint(out, f->pace);
    put_colour(out, "back", theme_background(f->theme));
    put_colour(out, "ink", theme_foreground(f->theme));
    json_key(out, "width");
    json_put_int(out, place.w);
    json_key(out, "height");
    json_put_int(out, place.h);
    json_key(out, "top");
    json_open(out, '[');
    for (int y = 0; y < f->last->h; y++)
        json_put_int(out, out_svg_place(f->last, y).y);
    json_close(out, ']');
    put_array(out, "rows", &f->rows);
    put_array(out, "chapters", &f->chapters);
    put_array(out, "pictures", &f->pictures);
    json_close(out, '}');
}

/* Two things in a script element are not what they seem: "</" may end it, and between "<!--" and "-->" a
 * "<script>" keeps its end from being one (HTML, 4.12.1.3). JSON may write both otherwise. */
static void
put_script_safe(const struct buffer *json, struct buffer *out)
{
    for (const char *at = json->data; *at; at++)
        if (at[0] == '<' && at[1] == '/')
            buffer_puts(out, "<\\");
        else if (at[0] == '<' && at[1] == '!')
            buffer_puts(out, "\\u003c");
        else
            buffer_putc(out, *at);
}

bool
film_html(const struct film *f, struct buffer *out, struct error *e)
{
    static const char mark[] = "<!--FILM-->";
    struct buffer page = {0}, json = {0};
    char path[1024];
    const char *at = NULL;
    bool ok = false;

    pw_assert(f->last);
    if (!data_path(path, sizeof path, "film.html"))
        error_set(e, EXIT_OPEN, "the path to film.html is too long");
    else if (file_read(path, TEMPLATE_BYTES, &page, e) && !(at = strstr(buffer_text(&page), mark)))
        error_at(e, EXIT_DATA, path, 0, "there is no %s in it", mark);
    else if (!e->code) {
        buffer_append(out, page.data, (size_t)(at - page.data));
        put_document(f, &json);
        put_script_safe(&json, out);
        buffer_puts(out, at + sizeof mark - 1);
        ok = true;
    }
    buffer_free(&page);
    buffer_free(&json);
    return ok;
}
