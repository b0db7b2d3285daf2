/* bookmark.h - places people marked, kept in the state directory.
 *
 * Promises   A change is read, changed and written under a lock, atomically: two instances lose nothing of each other. A damaged file is put
 *            aside, one of a newer version left alone; then bookmarks are in memory only, and that is said once. At most
 *            BOOKMARKS_LESSON in a lesson and BOOKMARKS_MOST in all.
 *            Those of no lesson (id "") are never written: a playground ends with its sitting.
 * Owns       bookmarks.json and its lock.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"

enum { BOOKMARK_NAME = 61, BOOKMARKS_LESSON = 64, BOOKMARKS_MOST = 2048 };

struct bookmark {
    char lesson[65];
    unsigned step;            /* 1-based; 0: of no lesson */
    uint32_t event;           /* after so many events of the step */
    char name[BOOKMARK_NAME]; /* "": none */
};

struct bookmarks;

/* A note is no failure: what there is to say about the file. */
struct bookmarks *bookmarks_open(struct error *note);
void bookmarks_close(struct bookmarks *b);

/* Those of a lesson, in order; returns how many. */
unsigned bookmarks_of(const struct bookmarks *b, const char *lesson,
                      struct bookmark out[BOOKMARKS_LESSON]);

/* Keep one, or give the one that is there this name. False: not kept (there are too many), or kept in memory only; `e` says why. */
bool bookmarks_keep(struct bookmarks *b, const struct bookmark *mark, struct error *e);
/* Take the one at this place away. */
bool bookmarks_drop(struct bookmarks *b, const struct bookmark *mark, struct error *e);
