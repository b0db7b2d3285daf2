/* file.h - whole files in, whole files out, and where a person's files live.
 *
 * Promises   Reading never blocks on a FIFO or device and never takes more than the cap. Saving
 *            leaves the old file or the new one, never a mix, whatever is interrupted: temp file
 *            beside it, write, fsync, rename, fsync of the directory. Directories come from XDG
 *            variables only when absolute, else from $HOME; they are created 0700 when asked
 *            for.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

/* Append a regular file to out. EXIT_OPEN: cannot be opened or no regular file; EXIT_DATA: more
 * than `cap` bytes. */
bool file_read(const char *path, size_t cap, struct buffer *out, struct error *err);

/* Replace the content of path atomically. A symlink's target is replaced, not the link; an
 * existing file keeps its mode.
 * EXIT_WRITE on failure, and then the old file is untouched and no temp file is left. */
bool file_save(const char *path, const void *bytes, size_t length, struct error *err);

/* Remove what killed saves left in a directory: temp files that nobody has written for a minute. */
void file_sweep(const char *dir);

/* The same where nothing may be there yet: an existing file is EXIT_WRITE and stays as it is. */
bool file_save_new(const char *path, const void *bytes, size_t length, struct error *err);

/* Hold a lock file for the milliseconds of a change; close() gives it back. -1 when somebody holds it for ten seconds (stopped, or dead on a
 * network drive): go on without. */
int file_lock(const char *path);

/* Give a damaged file another name: it may still be of use to somebody. False: it is where it was. */
bool file_put_aside(const char *path, char *moved, size_t size);

/* Write everything to a descriptor, through EINTR and short writes. False with errno set on
 * failure. */
bool file_write_all(int fd, const void *bytes, size_t length);

enum file_place { FILE_CONFIG, FILE_STATE, FILE_DATA };

/* pagewalk's directory of that kind, e.g. ~/.local/state/pagewalk. With `create` it exists
 * afterwards (EXIT_WRITE if it cannot). */
bool file_directory(enum file_place place, bool create, char *out, size_t size, struct error *err);

/* dir/name; false if it does not fit. */
bool file_join(char *out, size_t size, const char *dir, const char *name);
