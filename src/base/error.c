#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 0))) static void
fill(struct error *e, enum exit_code code, const char *fmt, va_list ap)
{
    e->code = code;
    vsnprintf(e->text, sizeof e->text, fmt, ap);
}

bool
error_set(struct error *e, enum exit_code code, const char *fmt, ...)
{
    va_list ap;

    if (e->code)
        return false;
    e->file[0] = '\0';
    e->line = 0;
    va_start(ap, fmt);
    fill(e, code, fmt, ap);
    va_end(ap);
    return false;
}

bool
error_at(struct error *e, enum exit_code code, const char *file, int line, const char *fmt, ...)
{
    va_list ap;

    if (e->code)
        return false;
    snprintf(e->file, sizeof e->file, "%s", file);
    e->line = line;
    va_start(ap, fmt);
    fill(e, code, fmt, ap);
    va_end(ap);
    return false;
}

bool
error_place(struct error *e, const char *file, int line)
{
    if (e->file[0] == '\0') {
        snprintf(e->file, sizeof e->file, "%s", file);
        e->line = line;
    }
    return false;
}

void
error_format(const struct error *e, char *out, unsigned size)
{
    if (e->file[0] && e->line)
        snprintf(out, size, "%s:%d: %s", e->file, e->line, e->text);
    else if (e->file[0])
        snprintf(out, size, "%s: %s", e->file, e->text);
    else
        snprintf(out, size, "%s", e->text);
}

/* Levenshtein distance over bytes, two rows; words longer than the rows are never near. */
static unsigned
distance(const char *a, const char *b)
{
    enum { LONGEST = 63 };
    unsigned row[LONGEST + 1], la = (unsigned)strlen(a), lb = (unsigned)strlen(b);

    if (la > LONGEST || lb > LONGEST)
        return LONGEST;
    for (unsigned j = 0; j <= lb; j++)
        row[j] = j;
    for (unsigned i = 1; i <= la; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= lb; j++) {
            unsigned above = row[j];
            unsigned best = diagonal + (a[i - 1] != b[j - 1]);
            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = above;
            row[j] = best;
        }
    }
    return row[lb];
}

const char *
error_nearest(const char *word, const char *const *names)
{
    unsigned limit = (unsigned)strlen(word) / 3 + 1, best = limit + 1;
    const char *found = NULL;

    for (; *names; names++) {
        unsigned d = distance(word, *names);
        if (d < best) {
            best = d;
            found = *names;
        }
    }
    return found;
}
