/* statefile.h - a JSON file of ours in the state directory, which several instances read, change and write in turn.
 *
 * Promises   A damaged file is put aside, one of a newer version left alone. What cannot be kept is in memory only, and that is said once.
 *            A lock is held from statefile_begin to statefile_end.
 * Owns       NAME.json and NAME.lock.
 */
#pragma once

#include "base/buffer.h"
#include "base/json.h"

struct statefile {
    const char *name;   /* "progress" */
    const char *schema; /* "pagewalk.progress/1" */
    char path[512], lock[512];
    bool blocked; /* a newer version, or nowhere to save: memory only */
    bool said;    /* that it cannot be saved */
    int held;     /* the lock, -1: not held */
};

/* A note is no failure: what there is to say about the file. */
void statefile_open(struct statefile *f, const char *name, const char *schema, struct error *note);

/* What the file holds, given to `read`. False: there is none, or it could not be used; then `note` says why. */
bool statefile_read(struct statefile *f,
                    bool (*read)(const struct json_doc *doc, void *ctx, struct error *e), void *ctx,
                    struct error *note);

/* Before a change: the directory is made, the lock is taken. False: it is not to be read or saved, `why` says why if that is news. */
bool statefile_begin(struct statefile *f, struct error *why);
bool statefile_save(const struct statefile *f, const struct buffer *text, struct error *why);
void statefile_end(struct statefile *f);

/* It was not saved: false with `e` the first time, then true. */
bool statefile_say(struct statefile *f, const struct error *why, struct error *e);
