#include "app/tape.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "view/cast.h"

struct tape {
    char *path;
    int fd;
    int failed; /* errno of the first write that failed */
    uint64_t start_ms;
    struct cast cast;
};

struct tape *
tape_open(const char *path, struct error *e)
{
    struct tape *t;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);

    if (fd < 0) {
        error_at(e, EXIT_WRITE, path, 0, "cannot record there: %s", strerror(errno));
        return NULL;
    }
    t = memory_new(1, sizeof *t);
    t->path = memory_text(path);
    t->fd = fd;
    t->start_ms = clock_ms();
    return t;
}

void
tape_picture(struct tape *t, const struct canvas *c, enum theme theme)
{
    struct buffer out = {0};

    if (!t || t->failed)
        return;
    t->cast.theme = theme;
    cast_picture(&t->cast, c, clock_ms() - t->start_ms, "pagewalk", &out);
    if (!file_write_all(t->fd, out.data, out.length))
        t->failed = errno;
    buffer_free(&out);
}

bool
tape_close(struct tape *t, struct error *e)
{
    bool ok = true;

    if (!t)
        return true;
    if (close(t->fd) != 0 && !t->failed)
        t->failed = errno;
    if (t->failed)
        ok = error_at(e, EXIT_WRITE, t->path, 0, "the recording is cut off: %s",
                      strerror(t->failed));
    cast_close(&t->cast);
    free(t->path);
    free(t);
    return ok;
}
