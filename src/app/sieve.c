/* sieve.c - see sieve.h. */
#include "app/sieve.h"

#include <string.h>

#include "base/lang.h"
#include "base/text.h"

/* --- what passes --- */

bool
sieve_word(const char **at, size_t *length)
{
    *at += strspn(*at, " ");
    *length = strcspn(*at, " ");
    return *length > 0;
}

bool
sieve_finds(const char *text, const char *word, size_t length)
{
    for (; *text; text++)
        if (strncasecmp(text, word, length) == 0)
            return true;
    return false;
}

/* --- keys --- */

static void
pick(struct sieve *s, int delta, int last)
{
    int to = (int)s->picked + delta;

    if (last < 0)
        return;
    if (to < 0)
        to = delta == -1 ? last : 0;
    if (to > last)
        to = delta == 1 ? 0 : last;
    s->picked = (unsigned)to;
}

bool
sieve_move(struct sieve *s, const char *key, unsigned count)
{
    static const struct {
        const char *name;
        int delta;
    } keys[] = {{"Up", -1}, {"BackTab", -1}, {"Down", 1},
                {"Tab", 1}, {"PageUp", -10}, {"PageDown", 10}};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i].name, key) == 0) {
            pick(s, keys[i].delta, (int)count - 1);
            return true;
        }
    return false;
}

bool
sieve_type(struct sieve *s, const struct key *key)
{
    size_t n = strlen(s->filter);
    char bytes[4];
    size_t more = key->cp ? text_encode(key->cp, bytes) : 0;

    if (more && n + more < sizeof s->filter) {
        memcpy(s->filter + n, bytes, more);
        s->filter[n + more] = '\0';
    } else if (strcmp(key->name, "Backspace") == 0 && n) {
        while (n && (s->filter[--n] & 0xc0) == 0x80)
            continue;
        s->filter[n] = '\0';
    } else if (strcmp(key->name, "Ctrl-U") == 0) {
        s->filter[0] = '\0';
    } else {
        return false;
    }
    s->picked = 0;
    return true;
}

void
sieve_fit(struct sieve *s, unsigned count)
{
    if (s->picked >= count)
        s->picked = count ? count - 1 : 0;
}

/* --- drawing --- */

unsigned
sieve_top(const struct sieve *s, int rows)
{
    return rows > 0 && (int)s->picked >= rows ? s->picked - (unsigned)rows + 1 : 0;
}

void
sieve_draw(const struct sieve *s, struct canvas *c, struct rect in, const char *nothing)
{
    int x = in.x;

    x += canvas_put(c, x, in.y, tr("Type to filter: "), ROLE_DIM, 0);
    x += canvas_put(c, x, in.y, s->filter, ROLE_TITLE, CELL_BOLD);
    canvas_put(c, x, in.y, "_", ROLE_ACCENT, 0);
    if (nothing)
        canvas_put_fit(c, in.x, in.y + 2, in.w, nothing, ROLE_WARNING, 0);
}
