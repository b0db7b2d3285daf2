/* One function that reads raw bytes, and one each that gives them on plain, inflated by zlib or
 * decompressed by libzstd. The first bytes choose (RFC 1952 2.3.1: 1f 8b 08; RFC 8878 3.1.1:
 * 28 b5 2f fd): a name may lie, and a pipe has none. */
#include "replay/source.h"

#include "base/memory.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

enum { MAGIC = 4 };

struct source {
    int fd;
    const char *name;
    const volatile sig_atomic_t *stop;
    uint64_t taken, size;
    size_t (*read)(struct source *s, void *to, size_t room, struct error *e);
    z_stream gzip;
    ZSTD_DStream *zstd;
    bool inside; /* of a gzip member or zstd frame that has not ended */
    size_t at, have;
    uint8_t in[SOURCE_STEP];
};

static bool
stopped(const struct source *s)
{
    return s->stop && *s->stop;
}

/* A pipe somebody else made non-blocking says EAGAIN. */
static bool
try_again(const struct source *s)
{
    struct pollfd wait = {.fd = s->fd, .events = POLLIN};

    if (errno == EAGAIN)
        poll(&wait, 1, -1);
    return errno == EINTR || errno == EAGAIN;
}

static size_t
raw(struct source *s, void *to, size_t room, struct error *e)
{
    ssize_t n;

    do
        n = stopped(s) ? 0 : read(s->fd, to, room);
    while (n < 0 && try_again(s));
    if (n < 0) {
        error_at(e, EXIT_OPEN, s->name, 0, "cannot read: %s", strerror(errno));
        return 0;
    }
    s->taken += (uint64_t)n;
    return (size_t)n;
}

/* --- plain --- */

static size_t
read_plain(struct source *s, void *to, size_t room, struct error *e)
{
    size_t n = s->have - s->at;

    if (n == 0) /* past what was read to see how it begins */
        return raw(s, to, room, e);
    n = n < room ? n : room;
    memcpy(to, s->in + s->at, n);
    s->at += n;
    return n;
}

/* --- compressed --- */

/* More compressed bytes if there are none left. False: the end, or an error. */
static bool
refill(struct source *s, const char *what, struct error *e)
{
    if (s->at < s->have)
        return true;
    s->at = 0;
    s->have = raw(s, s->in, sizeof s->in, e);
    if (s->have == 0 && s->inside && !stopped(s) && !e->code)
        error_at(e, EXIT_DATA, s->name, 0, "cut short: the file ends in the middle of its %s data",
                 what);
    return s->have > 0;
}

static void
damaged(const struct source *s, const char *what, const char *why, struct error *e)
{
    error_at(e, EXIT_DATA, s->name, 0, "damaged %s data: %s", what, why);
}

/* One call of zlib; a member that ends may be followed by another. */
static bool
inflate_some(struct source *s, struct error *e)
{
    int code;

    if (!s->inside && inflateReset(&s->gzip) != Z_OK)
        return damaged(s, "gzip", "cannot start again", e), false;
    s->inside = true;
    s->gzip.next_in = s->in + s->at;
    s->gzip.avail_in = (uInt)(s->have - s->at);
    code = inflate(&s->gzip, Z_NO_FLUSH);
    s->at = s->have - s->gzip.avail_in;
    if (code == Z_STREAM_END)
        s->inside = false;
    else if (code != Z_OK && code != Z_BUF_ERROR)
        return damaged(s, "gzip", s->gzip.msg ? s->gzip.msg : "no gzip stream", e), false;
    return true;
}

static size_t
read_gzip(struct source *s, void *to, size_t room, struct error *e)
{
    s->gzip.next_out = to;
    s->gzip.avail_out = (uInt)room;
    while (s->gzip.avail_out == room) {
        /* Inside, zlib may hold more than fitted the last time: ask before reading on. */
        if ((s->inside || s->at < s->have) && !inflate_some(s, e))
            return 0;
        if (s->gzip.avail_out == room && !refill(s, "gzip", e))
            break;
    }
    return room - s->gzip.avail_out;
}

static size_t
read_zstd(struct source *s, void *to, size_t room, struct error *e)
{
    ZSTD_outBuffer out = {to, room, 0};

    /* As with zlib: it may hold more though all input is taken. */
    while (out.pos == 0) {
        ZSTD_inBuffer in = {s->in, s->have, s->at};
        size_t left = ZSTD_decompressStream(s->zstd, &out, &in);
        bool moved = in.pos > s->at || out.pos > 0;
        if (ZSTD_isError(left))
            return damaged(s, "zstd", ZSTD_getErrorName(left), e), 0;
        s->at = in.pos;
        if (moved)
            s->inside = left > 0;
        if (out.pos == 0 && !refill(s, "zstd", e))
            break;
    }
    return out.pos;
}

/* --- life --- */

static bool
begins(const struct source *s, const char *magic, size_t length)
{
    return s->have >= length && memcmp(s->in, magic, length) == 0;
}

static bool
choose(struct source *s, struct error *e)
{
    size_t n = 1;

    while (s->have < MAGIC && (n = raw(s, s->in + s->have, sizeof s->in - s->have, e)))
        s->have += n;
    s->read = read_plain;
    if (begins(s, "\x1f\x8b\x08", 3)) {
        s->read = read_gzip;
        if (inflateInit2(&s->gzip, 16 + MAX_WBITS) != Z_OK)
            return error_set(e, EXIT_LIMIT, "no memory for zlib");
    } else if (begins(s, "\x28\xb5\x2f\xfd", 4)) {
        s->read = read_zstd;
        s->zstd = ZSTD_createDStream();
        if (!s->zstd)
            return error_set(e, EXIT_LIMIT, "no memory for zstd");
    }
    return e->code == 0;
}

struct source *
source_open(int fd, const char *name, const volatile sig_atomic_t *stop, struct error *e)
{
    struct source *s = memory_new(1, sizeof *s);
    struct stat st;

    s->fd = fd;
    s->name = name;
    s->stop = stop;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        s->size = (uint64_t)st.st_size;
    if (choose(s, e))
        return s;
    source_close(s);
    return NULL;
}

void
source_close(struct source *s)
{
    if (!s)
        return;
    if (s->read == read_gzip)
        inflateEnd(&s->gzip);
    ZSTD_freeDStream(s->zstd);
    close(s->fd);
    free(s);
}

size_t
source_read(struct source *s, void *to, size_t room, struct error *e)
{
    return s->read(s, to, room, e);
}

uint64_t
source_taken(const struct source *s)
{
    return s->taken - (s->have - s->at);
}

uint64_t
source_size(const struct source *s)
{
    return s->size;
}
