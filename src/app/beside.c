/* beside.c - see beside.h. */
#include "app/beside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct beside {
    struct history *other;
    struct scene_beside shown;
    struct told told[2]; /* of the operation that is compared */
    char name[96];
    char refused[sizeof ((struct error *)0)->text];
};

/* --- opening --------------------------------------------------------------------------------------- */

/* The preset's name, and what was changed. */
static void
name_it(struct beside *b, const char *name, const struct option_list *set)
{
    size_t n = (size_t)snprintf(b->name, sizeof b->name, "%s", name);

    for (int i = 0; i < set->count && n < sizeof b->name; i++)
        n += (size_t)snprintf(b->name + n, sizeof b->name - n, " %s", set->item[i]);
}

struct beside *
beside_open(const struct beside_wish *wish, const char *machine, const struct option_list *set, uint64_t seed, struct error *e)
{
    const char *name = wish->machine ? wish->machine : machine;
    struct preset preset;
    struct beside *b;

    if (!wish->machine && !wish->set.count)
        return NULL;
    if (!preset_load(name, &preset, e) || !options_override(set, &preset, e) || !options_override(&wish->set, &preset, e))
        return NULL;
    b = memory_new(1, sizeof *b);
    if (!(b->other = history_open(&preset, seed, e))) {
        free(b);
        return NULL;
    }
    name_it(b, preset.name, &wish->set);
    b->shown.name[1] = b->name;
    b->shown.refused = b->refused;
    b->shown.grain = (enum compare_grain)wish->grain;
    return b;
}

void
beside_close(struct beside *b)
{
    if (!b)
        return;
    history_close(b->other);
    for (int i = 0; i < 2; i++) {
        told_free(&b->told[i]);
        told_free(&b->shown.told[i]);
    }
    free(b);
}

/* --- following -------------------------------------------------------------------------------------- */

static bool
same(const struct operation *a, const struct operation *b)
{
    return a->code == b->code && a->cpu == b->cpu && a->given == b->given && a->blob_size == b->blob_size &&
           memcmp(a->arg, b->arg, sizeof a->arg) == 0 && (!a->blob_size || memcmp(a->blob, b->blob, a->blob_size) == 0);
}

/* Operations that both lines have in common, from the first. */
static uint64_t
common(const struct history *a, const struct history *b)
{
    uint64_t n = 0;

    while (n < history_operations(a) && n < history_operations(b) && same(history_operation(a, n + 1), history_operation(b, n + 1)))
        n++;
    return n;
}

/* Operation n of h, on the other machine. */
static void
follow_one(struct beside *b, struct history *h, uint64_t n)
{
    struct history *both[2] = {h, b->other};
    struct outcome out;
    struct error e = {0};

    if (!history_do(b->other, history_operation(h, n), &out, &e)) {
        b->shown.first = (struct difference){.kind = DIFFER_REFUSED, .op = n, .at = {{n, 0}, history_end(b->other)}};
        snprintf(b->refused, sizeof b->refused, "%s", e.text);
        return;
    }
    for (int i = 0; i < 2; i++)
        told_read(&b->told[i], both[i], n, b->shown.grain);
    compare_operation(both, b->told, n, &b->shown.first);
}

void
beside_follow(struct beside *b, struct history *h)
{
    uint64_t kept = common(h, b->other);
    struct difference *first = &b->shown.first;

    if (kept < history_operations(b->other))
        history_truncate(b->other, kept);
    if (first->op > kept) /* a refusal too, which may be another one now */
        *first = (struct difference){0};
    for (uint64_t n = kept + 1; n <= history_operations(h) && !first->kind; n++)
        follow_one(b, h, n);
}

const struct difference *
beside_difference(const struct beside *b)
{
    return b->shown.first.kind ? &b->shown.first : NULL;
}

/* --- what is seen ------------------------------------------------------------------------------------ */

static uint32_t
up_to(const struct told *t, struct position at)
{
    uint32_t n = 0;

    while (n < t->n && t->at[n].event <= at.event)
        n++;
    return n;
}

void
beside_gather(struct beside *b, struct history *h, struct scene *s)
{
    struct scene_beside *x = &b->shown;
    const bool ended = s->at.event >= history_events(h, s->at.op);

    x->did = s->at.op <= history_operations(b->other);
    x->name[0] = s->now->preset.name;
    x->machine[0] = s->now;
    x->machine[1] = history_machine(b->other);
    told_read(&x->told[0], h, s->at.op, x->grain);
    x->shown[0] = up_to(&x->told[0], s->at);
    x->told[1].n = 0;
    if (x->did)
        told_read(&x->told[1], b->other, s->at.op, x->grain);
    x->shown[1] = ended || x->shown[0] > x->told[1].n ? x->told[1].n : x->shown[0];
    x->outcome = ended && x->did ? history_outcome(b->other, s->at.op) : NULL;
    s->beside = x;
}
