#include "machine/line.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static void *
grow(void *array, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return array;
    *room = *room ? *room + *room / 2 : 64;
    return memory_resize(array, *room, size);
}

static const uint8_t *
keep_blob(const struct operation *op)
{
    uint8_t *copy;

    if (op->blob_size == 0)
        return NULL;
    copy = memory_new(1, op->blob_size);
    memcpy(copy, op->blob, op->blob_size);
    return copy;
}

uint64_t
line_total(const struct line *l)
{
    const struct entry *last = l->count ? &l->entry[l->count - 1] : NULL;

    return last ? last->first + last->events : l->events;
}

void
line_append(struct line *l, const struct operation *op, const struct outcome *out, uint32_t events)
{
    uint64_t first = line_total(l);
    struct entry *x;

    l->entry = grow(l->entry, &l->room, l->count, sizeof *l->entry);
    x = &l->entry[l->count++];
    *x = (struct entry){.op = *op, .outcome = *out, .first = first, .events = events};
    x->op.blob = keep_blob(op);
}

void
line_mark(struct line *l, uint64_t op, struct keyframe *k)
{
    l->mark = grow(l->mark, &l->mark_room, l->marks, sizeof *l->mark);
    l->mark[l->marks++] = (struct mark){op, k};
}

void
line_cut(struct line *l, uint64_t n)
{
    while (l->marks && l->mark[l->marks - 1].op > n)
        keyframe_drop(l->mark[--l->marks].keyframe);
    while (line_end(l) > n && l->count)
        free((void *)(uintptr_t)l->entry[--l->count].op.blob);
}

void
line_free(struct line *l)
{
    while (l->marks)
        keyframe_drop(l->mark[--l->marks].keyframe);
    line_cut(l, 0);
    free(l->entry);
    free(l->mark);
    *l = (struct line){0};
}

const struct mark *
line_mark_before(const struct line *l, uint64_t n)
{
    size_t low = 0, high = l->marks;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (l->mark[middle].op <= n)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &l->mark[low - 1] : NULL;
}
