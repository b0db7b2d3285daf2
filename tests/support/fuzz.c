#include "support/fuzz.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "machine/invariant.h"

char *
fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    pw_assert(text);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

char *
fuzz_line(char **rest)
{
    char *line = *rest, *end;

    if (!line)
        return NULL;
    end = strchr(line, '\n');
    *rest = end ? end + 1 : NULL;
    if (end)
        *end = '\0';
    return line;
}

void
fuzz_check(const struct machine *m)
{
#ifdef PW_DEBUG
    (void)m;
#else
    struct violation wrong;

    pw_assert(m->s->tampered || invariant_check(m, &wrong, 1) == 0);
#endif
}

/* --- numbers ------------------------------------------------------------------------------------ */

/* libFuzzer's own; not there in a replay. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most) __attribute__((weak));

/* Where the next number at or after `at` begins, and its length; false: none. */
static bool
next_number(const uint8_t *data, size_t size, size_t *at, size_t *length)
{
    while (*at < size && !(isdigit(data[*at]) && (*at == 0 || !isalnum(data[*at - 1]))))
        ++*at;
    *length = 0;
    while (*at + *length < size && isalnum(data[*at + *length]))
        ++*length;
    return *length > 0;
}

static uint64_t
other_number(struct rng *r, uint64_t old)
{
    uint64_t power = UINT64_C(1) << rng_below(r, 64), which = rng_below(r, 6);

    if (which < 2)
        return old + (which ? 1 : UINT64_MAX);
    if (which < 4)
        return power - (which == 3);
    return which == 4 ? rng_below(r, 70) : old ^ power;
}

static size_t
replace(uint8_t *data, size_t size, size_t most, size_t at, size_t length, struct rng *r)
{
    char text[32] = "";
    int n;

    memcpy(text, data + at, length < 20 ? length : 20);
    uint64_t number = other_number(r, strtoull(text, NULL, 0));
    n = snprintf(text, sizeof text, text[1] == 'x' ? "0x%llx" : "%llu", (unsigned long long)number);
    if (size - length + (size_t)n > most)
        return size;
    memmove(data + at + n, data + at + length, size - at - length);
    memcpy(data + at, text, (size_t)n);
    return size - length + (size_t)n;
}

size_t
fuzz_mutate(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    size_t at = 0, length, count = 0;
    struct rng r;

    rng_seed(&r, seed);
    while (next_number(data, size, &at, &length)) {
        at += length;
        count++;
    }
    if (count == 0 || rng_below(&r, 3) == 0)
        return LLVMFuzzerMutate(data, size, most);
    at = 0;
    for (count = rng_below(&r, count); next_number(data, size, &at, &length) && count; count--)
        at += length;
    return replace(data, size, most, at, length, &r);
}

/* --- replay ------------------------------------------------------------------------------------- */

/* Names the seed first: after a crash the last line of the log says which it was. */
static void
replay_file(const char *path, fuzzer *one)
{
    static uint8_t bytes[1 << 20];
    FILE *f = fopen(path, "rb");
    size_t size;

    printf("# %s\n", path);
    fflush(stdout);
    pw_assert(f);
    size = fread(bytes, 1, sizeof bytes, f);
    pw_assert(size < sizeof bytes);
    fclose(f);
    one(bytes, size);
}

static unsigned
replay_folder(const char *folder, fuzzer *one)
{
    struct dirent **found;
    int count = scandir(folder, &found, NULL, alphasort);
    unsigned seeds = 0;

    pw_assert(count > 0);
    for (int i = 0; i < count; i++) {
        char path[512];

        snprintf(path, sizeof path, "%s/%s", folder, found[i]->d_name);
        if (found[i]->d_name[0] != '.') {
            replay_file(path, one);
            seeds++;
        }
        free(found[i]);
    }
    free(found);
    return seeds;
}

int
replay_seeds(const char *name, fuzzer *one)
{
    FILE *list = fopen("tests/fuzz/seeds", "r");
    char line[512], *save;
    unsigned seeds = 0;

    pw_assert(list);
    while (fgets(line, sizeof line, list)) {
        char *word = strtok_r(line, " \n", &save);

        if (!word || strcmp(word, name) != 0)
            continue;
        while ((word = strtok_r(NULL, " \n", &save)))
            seeds += replay_folder(word, one);
    }
    fclose(list);
    printf("COUNT seeds %u\n%s 1 - the seeds of fuzz_%s\n1..1\n", seeds, seeds ? "ok" : "not ok",
           name);
    return seeds == 0;
}
