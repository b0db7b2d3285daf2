#include "support/ordinary.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/hash.h"

struct record {
    struct record *chain;       /* the next one in the same hash chain */
    struct record *prev, *next; /* in its list */
    uint64_t page;
    uint32_t uses;
    bool referenced;
    size_t key;  /* when it is used next */
    size_t slot; /* where it is in the heap */
};

/* A ring with a head that is no record: next is the oldest, prev the newest. */
struct list {
    struct record head;
};

struct memory {
    struct record **chain;
    unsigned bits;
    size_t frames, resident;
    struct list order;  /* fifo, lru, clock */
    struct list *level; /* lfu: [uses] */
    size_t levels, lowest;
    struct record **heap; /* opt: [1] is used last of all */
};

/* --- the table ----------------------------------------------------------------------------------
 */

static struct record **
chain_of(const struct memory *m, uint64_t page)
{
    return &m->chain[hash_word(page) >> (64 - m->bits)];
}

static struct record *
find(const struct memory *m, uint64_t page)
{
    struct record *r = *chain_of(m, page);

    while (r && r->page != page)
        r = r->chain;
    return r;
}

static struct record *
add(struct memory *m, uint64_t page)
{
    struct record *r = calloc(1, sizeof *r), **chain = chain_of(m, page);

    pw_assert(r);
    r->page = page;
    r->chain = *chain;
    *chain = r;
    m->resident++;
    return r;
}

static void
drop(struct memory *m, struct record *r)
{
    struct record **at = chain_of(m, r->page);

    while (*at != r)
        at = &(*at)->chain;
    *at = r->chain;
    m->resident--;
    free(r);
}

/* --- lists --------------------------------------------------------------------------------------
 */

static void
list_open(struct list *l)
{
    l->head.prev = l->head.next = &l->head;
}

static void
unlink_record(struct record *r)
{
    r->prev->next = r->next;
    r->next->prev = r->prev;
}

static void
append(struct list *l, struct record *r)
{
    r->prev = l->head.prev;
    r->next = &l->head;
    r->prev->next = l->head.prev = r;
}

static struct record *
oldest(struct list *l)
{
    return l->head.next == &l->head ? NULL : l->head.next;
}

/* --- the policies: a hit, a load, a victim ------------------------------------------------------
 */

static void
queue_load(struct memory *m, struct record *r)
{
    r->referenced = true;
    append(&m->order, r);
}

static struct record *
queue_victim(struct memory *m)
{
    struct record *r = oldest(&m->order);

    unlink_record(r);
    return r;
}

static void
fifo_hit(struct memory *m, struct record *r)
{
    (void)m, (void)r;
}

static void
lru_hit(struct memory *m, struct record *r)
{
    unlink_record(r);
    append(&m->order, r);
}

static void
clock_hit(struct memory *m, struct record *r)
{
    (void)m;
    r->referenced = true;
}

static struct record *
clock_victim(struct memory *m)
{
    struct record *r;

    while ((r = queue_victim(m))->referenced) {
        r->referenced = false;
        append(&m->order, r);
    }
    return r;
}

static void
lfu_enter(struct memory *m, struct record *r)
{
    while (r->uses >= m->levels) {
        size_t more = m->levels * 2;
        struct list *level = malloc(more * sizeof *level);
        pw_assert(level);
        for (size_t i = 0; i < more; i++)
            list_open(&level[i]);
        for (size_t i = 0; i < m->levels; i++)
            for (struct record *each; (each = oldest(&m->level[i])); append(&level[i], each))
                unlink_record(each);
        free(m->level);
        m->level = level;
        m->levels = more;
    }
    append(&m->level[r->uses], r);
}

static void
lfu_hit(struct memory *m, struct record *r)
{
    unlink_record(r);
    r->uses++;
    lfu_enter(m, r);
}

static void
lfu_load(struct memory *m, struct record *r)
{
    m->lowest = r->uses = 1;
    lfu_enter(m, r);
}

static struct record *
lfu_victim(struct memory *m)
{
    struct record *r;

    while (!(r = oldest(&m->level[m->lowest])))
        m->lowest++;
    unlink_record(r);
    return r;
}

static void
heap_put(struct memory *m, struct record *r, size_t slot)
{
    m->heap[slot] = r;
    r->slot = slot;
}

static void
heap_settle(struct memory *m, struct record *r, size_t slot)
{
    size_t child;

    for (; slot > 1 && m->heap[slot / 2]->key < r->key; slot /= 2)
        heap_put(m, m->heap[slot / 2], slot);
    while ((child = slot * 2) <= m->resident) {
        if (child < m->resident && m->heap[child + 1]->key > m->heap[child]->key)
            child++;
        if (m->heap[child]->key <= r->key)
            break;
        heap_put(m, m->heap[child], slot);
        slot = child;
    }
    heap_put(m, r, slot);
}

/* Its use is now; the next one is later. */
static void
opt_hit(struct memory *m, struct record *r)
{
    heap_settle(m, r, r->slot);
}

static void
opt_load(struct memory *m, struct record *r)
{
    m->heap[m->resident] = r;
    heap_settle(m, r, m->resident);
}

static struct record *
opt_victim(struct memory *m)
{
    struct record *victim = m->heap[1], *last = m->heap[m->resident];

    if (m->resident > 1 && victim != last) {
        m->resident--;
        heap_settle(m, last, 1);
        m->resident++;
    }
    return victim;
}

static const struct {
    void (*hit)(struct memory *m, struct record *r);
    void (*load)(struct memory *m, struct record *r);
    struct record *(*victim)(struct memory *m);
} how[POLICIES] = {
    [POLICY_FIFO] = {fifo_hit, queue_load, queue_victim},
    [POLICY_LRU] = {lru_hit, queue_load, queue_victim},
    [POLICY_CLOCK] = {clock_hit, queue_load, clock_victim},
    [POLICY_OPT] = {opt_hit, opt_load, opt_victim},
    [POLICY_LFU] = {lfu_hit, lfu_load, lfu_victim},
};

/* ------------------------------------------------------------------------------------------------
 */

static void
memory_open(struct memory *m, size_t frames, unsigned bits)
{
    *m = (struct memory){.bits = bits, .frames = frames, .levels = 16};
    m->chain = calloc((size_t)1 << bits, sizeof *m->chain);
    m->level = malloc(m->levels * sizeof *m->level);
    m->heap = malloc((frames + 2) * sizeof *m->heap);
    pw_assert(m->chain && m->level && m->heap);
    list_open(&m->order);
    for (size_t i = 0; i < m->levels; i++)
        list_open(&m->level[i]);
}

static void
memory_close(struct memory *m)
{
    for (size_t i = 0; i < (size_t)1 << m->bits; i++)
        while (m->chain[i])
            drop(m, m->chain[i]);
    free(m->chain);
    free(m->level);
    free(m->heap);
}

uint64_t
ordinary_faults(enum policy policy, size_t frames, unsigned bits, const uint64_t *page,
                const uint32_t *next_use, size_t n)
{
    struct memory m;
    uint64_t faults = 0;

    memory_open(&m, frames, bits);
    for (size_t i = 0; i < n; i++) {
        struct record *r = find(&m, page[i]);
        if (!r) {
            faults++;
            if (m.resident == m.frames)
                drop(&m, how[policy].victim(&m));
            r = add(&m, page[i]);
            r->key = next_use ? next_use[i] : 0;
            how[policy].load(&m, r);
        } else {
            r->key = next_use ? next_use[i] : 0;
            how[policy].hit(&m, r);
        }
    }
    memory_close(&m);
    return faults;
}

void
ordinary_next_uses(unsigned bits, const uint64_t *page, size_t n, uint32_t *next_use)
{
    struct memory m;

    memory_open(&m, 0, bits);
    for (size_t i = n; i-- > 0;) {
        struct record *r = find(&m, page[i]);
        next_use[i] = (uint32_t)(r ? r->key : n);
        if (!r)
            r = add(&m, page[i]);
        r->key = i;
    }
    memory_close(&m);
}

/* --- depths -------------------------------------------------------------------------------------
 * A splay tree of the pages, the longest unused leftmost.
 */

struct leaf {
    struct leaf *chain, *up, *child[2];
    uint64_t page;
    size_t size;
};

static size_t
size_of(const struct leaf *l)
{
    return l ? l->size : 0;
}

/* x takes its parent's place. */
static void
rotate(struct leaf *x)
{
    struct leaf *p = x->up, *g = p->up;
    int side = p->child[1] == x;

    p->child[side] = x->child[!side];
    if (p->child[side])
        p->child[side]->up = p;
    x->child[!side] = p;
    p->up = x;
    x->up = g;
    if (g)
        g->child[g->child[1] == p] = x;
    p->size = 1 + size_of(p->child[0]) + size_of(p->child[1]);
    x->size = 1 + size_of(x->child[0]) + size_of(x->child[1]);
}

static void
splay(struct leaf *x)
{
    while (x->up) {
        struct leaf *p = x->up, *g = p->up;
        if (g)
            rotate((g->child[1] == p) == (p->child[1] == x) ? p : x);
        rotate(x);
    }
}

/* The tree without its root. */
static struct leaf *
join(struct leaf *left, struct leaf *right)
{
    if (left)
        left->up = NULL;
    if (right)
        right->up = NULL;
    if (!left || !right)
        return left ? left : right;
    while (left->child[1])
        left = left->child[1];
    splay(left);
    left->child[1] = right;
    right->up = left;
    left->size += right->size;
    return left;
}

/* Most recent of all: the whole tree is on its left. */
static struct leaf *
put_last(struct leaf *root, struct leaf *x)
{
    x->up = x->child[1] = NULL;
    x->child[0] = root;
    x->size = 1 + size_of(root);
    if (root)
        root->up = x;
    return x;
}

static struct leaf *
leaf_of(struct leaf **chain, uint64_t page, bool *is_new)
{
    struct leaf *x = *chain;

    while (x && x->page != page)
        x = x->chain;
    *is_new = !x;
    if (*is_new) {
        x = calloc(1, sizeof *x);
        pw_assert(x);
        x->page = page;
        x->chain = *chain;
        *chain = x;
    }
    return x;
}

uint64_t
ordinary_depths(unsigned bits, const uint64_t *page, size_t n, uint64_t *hits)
{
    struct leaf **chain = calloc((size_t)1 << bits, sizeof *chain), *root = NULL, *x;
    uint64_t cold = 0;
    bool is_new;

    pw_assert(chain);
    for (size_t i = 0; i < n; i++) {
        x = leaf_of(&chain[hash_word(page[i]) >> (64 - bits)], page[i], &is_new);
        cold += is_new;
        if (!is_new) {
            splay(x);
            hits[1 + size_of(x->child[1])]++;
            root = join(x->child[0], x->child[1]);
        }
        root = put_last(root, x);
    }
    for (size_t i = 0; i < (size_t)1 << bits; i++)
        for (struct leaf *next; chain[i]; chain[i] = next) {
            next = chain[i]->chain;
            free(chain[i]);
        }
    free(chain);
    return cold;
}
