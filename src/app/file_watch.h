/* file_watch.h - has a lesson been saved?
 *
 * Promises   file_watch_saved is true once for each new state of the file, or of a module (*.lua) beside it, when it has been quiet for a moment:
 *            editors write in pieces, rename a new file over the old one, or delete and create it. A file that stays away is a new state too.
 * Owns       One inotify descriptor on the file's folder. It only wakes: what decides is what stat says, so it also works where no notice
 *            comes (network folders, no descriptors left), a little later.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct file_watch {
    char path[4096], folder[4096];
    int notices;         /* inotify, -1: none */
    uint64_t taken;      /* the state that was reported last */
    uint64_t seen;       /* the state at the last look */
    uint64_t changed_ms; /* when that came */
};

/* The state now counts as reported. */
void file_watch_open(struct file_watch *w, const char *path);
void file_watch_close(struct file_watch *w);

/* How long one may sleep before asking again, unless something can be read from `notices`. */
int file_watch_pause(const struct file_watch *w);
bool file_watch_saved(struct file_watch *w);
