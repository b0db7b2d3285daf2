#include "app/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
cannot(const char *name, const char *what, struct error *e)
{
    return error_at(e, EXIT_OPEN, name, 0, "cannot %s: %s", what, strerror(errno));
}

int
lines_descriptor(const char *path, struct error *e)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY); /* a FIFO would wait */

    if (fd < 0) {
        cannot(path, "open", e);
        return -1;
    }
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return fd;
    close(fd);
    error_at(e, EXIT_OPEN, path, 0, "not a regular file");
    return -1;
}

bool
lines_open(struct lines *l, const char *path, struct error *e)
{
    int fd;

    *l = (struct lines){.name = path};
    if (strcmp(path, "-") == 0) {
        l->name = "standard input";
        l->file = stdin;
        return true;
    }
    fd = lines_descriptor(path, e);
    if (fd < 0)
        return false;
    l->file = fdopen(fd, "r");
    return l->file || cannot(l->name, "open", e);
}

void
lines_close(struct lines *l)
{
    if (l->file && l->file != stdin)
        fclose(l->file);
    l->file = NULL;
}

static void
drop_mark(struct lines *l)
{
    if (l->number == 1 && strncmp(l->text, "\xef\xbb\xbf", 3) == 0)
        memmove(l->text, l->text + 3, strlen(l->text + 3) + 1);
}

bool
lines_next(struct lines *l, struct error *e)
{
    int n = 0, c;

    l->number++;
    while ((c = getc_unlocked(l->file)) != EOF && c != '\n') {
        if (c == '\0')
            return error_at(e, EXIT_DATA, l->name, l->number, "a NUL byte: this is no text");
        if (n > LINES_BYTES)
            return error_at(e, EXIT_DATA, l->name, l->number, "longer than %d bytes", LINES_BYTES);
        l->text[n++] = (char)c;
    }
    if (c == EOF && ferror(l->file))
        return cannot(l->name, "read", e);
    if (n > 0 && l->text[n - 1] == '\r')
        n--;
    l->text[n] = '\0';
    drop_mark(l);
    return c != EOF || n > 0;
}
