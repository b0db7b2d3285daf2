/* replay_ask.c - the two lists of `pagewalk replay`: policies and numbers of frames. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/replay.h"
#include "base/memory.h"
#include "base/number.h"

/* The next word of a list with commas; false: there is none. An empty word is a word. */
static bool
next_word(const char **list, char *word, size_t size)
{
    size_t length;

    if (!*list)
        return false;
    length = strcspn(*list, ",");
    snprintf(word, size, "%.*s", (int)(length < size ? length : size - 1), *list);
    *list = (*list)[length] ? *list + length + 1 : NULL;
    return true;
}

/* --- policies --- */

static bool
no_policy(const char *word, struct error *e)
{
    const char *names[POLICIES + 2] = {NULL}, *near;

    for (int i = 0; i < POLICIES; i++)
        names[i] = policy_row[i].name;
    names[POLICIES] = "all";
    near = error_nearest(word, names);
    if (near)
        return error_set(e, EXIT_USAGE, "--policy: no \"%s\" (did you mean \"%s\"?)", word, near);
    return error_set(e, EXIT_USAGE, "--policy: no \"%s\"; see pagewalk list policies", word);
}

static bool
add_policy(struct replay_ask *ask, enum policy policy, struct error *e)
{
    for (unsigned i = 0; i < ask->policies; i++)
        if (ask->policy[i] == policy)
            return error_set(e, EXIT_USAGE, "--policy: %s stands there twice",
                             policy_row[policy].name);
    ask->policy[ask->policies++] = policy;
    return true;
}

bool
ask_policies(struct replay_ask *ask, const char *list, struct error *e)
{
    char word[32];

    ask->policies = 0;
    for (int i = 0; i < POLICIES && strcmp(list, "all") == 0; i++)
        ask->policy[ask->policies++] = (enum policy)i;
    if (ask->policies)
        return true;
    while (next_word(&list, word, sizeof word)) {
        enum policy policy = policy_by_name(word);
        if (policy == POLICIES)
            return no_policy(word, e);
        if (!add_policy(ask, policy, e))
            return false;
    }
    return true;
}

/* --- frames --- */

static bool
add_sizes(struct replay_ask *ask, uint64_t from, uint64_t to, struct error *e)
{
    if (to < from)
        return error_set(e, EXIT_USAGE, "--frames: %llu..%llu is empty: expected A..B, A below B",
                         (unsigned long long)from, (unsigned long long)to);
    if (to - from >= ASK_RUNS_MAX - ask->sizes)
        return error_set(e, EXIT_USAGE, "--frames: more than %d sizes", ASK_RUNS_MAX);
    ask->frames = memory_resize(ask->frames, (ask->sizes + (to - from) + 1), sizeof *ask->frames);
    for (uint64_t size = from; size <= to; size++)
        ask->frames[ask->sizes++] = size;
    return true;
}

static bool
read_size(const char *text, uint64_t *size, struct error *e)
{
    if (number_parse_range(text, 1, ASK_FRAMES_MAX, "--frames", size, e))
        return true;
    e->code = EXIT_USAGE;
    return false;
}

static bool
add_range(struct replay_ask *ask, char *word, struct error *e)
{
    char *dots = strstr(word, "..");
    uint64_t from, to;

    if (dots)
        *dots = '\0';
    if (!read_size(word, &from, e))
        return false;
    to = from;
    return (!dots || read_size(dots + 2, &to, e)) && add_sizes(ask, from, to, e);
}

static int
by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

bool
ask_frames(struct replay_ask *ask, const char *list, struct error *e)
{
    char word[64];
    size_t n = 1;

    ask->all = strcmp(list, "all") == 0;
    if (ask->all)
        return true;
    while (next_word(&list, word, sizeof word))
        if (!add_range(ask, word, e))
            return false;
    qsort(ask->frames, ask->sizes, sizeof *ask->frames, by_size);
    for (size_t i = 1; i < ask->sizes; i++)
        if (ask->frames[i] != ask->frames[n - 1])
            ask->frames[n++] = ask->frames[i];
    ask->sizes = n;
    return true;
}
