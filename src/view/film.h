/* film.h - many pictures of one size as one web page, in which one goes forwards and backwards.
 *
 * Promises   One HTML file that needs nothing else: no network, no fonts. A row that looks the same in
 *            several pictures is stored once, and a picture only says which rows differ from the one
 *            before. What a picture hides is not in the file before that picture shows it.
 */
#pragma once

#include "base/buffer.h"
#include "base/error.h"
#include "view/canvas.h"
#include "view/scene.h"

struct film;

/* `pace`: milliseconds that a picture stands when the page plays by itself. */
struct film *film_open(enum theme theme, const char *title, const char *lang, unsigned pace);
void film_close(struct film *f);

/* The next picture, drawn from that scene; all have the size of the first. For those who do not see it, it
 * gets a caption: the open question, the event, or the story. Each page of the story is a chapter. */
void film_add(struct film *f, const struct scene *scene, const struct canvas *c);

/* The page. EXIT_OPEN when its template (assets/film.html) is not where it should be. */
bool film_html(const struct film *f, struct buffer *out, struct error *e);
