/* random_case.c - first a translation that works, then a blow to it.
 *
 * Purely random words would nearly all be "not present" at the first level. So a chain is built
 * whose rights suit the access, noise goes into every bit that should not matter, and a mutation
 * spoils one word. Whether a mutation matters is not asked: the judge of a case is the predictor.
 */
#include "support/random_case.h"

enum { LEVELS_MAX = 5 };
enum { P = 1, W = 2, U = 4, A = 0x20, D = 0x40, PS = 0x80 };
#define XD (UINT64_C(1) << 63)

/* How an address is cut up: entry i is chosen by `width` bits from `shift` up. `large` marks levels
 * that can map pages. */
struct shape {
    unsigned levels, shift[LEVELS_MAX], width[LEVELS_MAX], large, va_bits;
};

static const struct shape SHAPE[PREDICT_MODES] = {
    [PREDICT_X86_32] = {2, {22, 12}, {10, 10}, 1 << 0, 32},
    [PREDICT_PAE] = {3, {30, 21, 12}, {2, 9, 9}, 1 << 1, 32},
    [PREDICT_4LEVEL] = {4, {39, 30, 21, 12}, {9, 9, 9, 9}, 1 << 1 | 1 << 2, 48},
    [PREDICT_5LEVEL] = {5, {48, 39, 30, 21, 12}, {9, 9, 9, 9, 9}, 1 << 2 | 1 << 3, 57},
};

/* What is being made. word[] are the entries of the chain, in order; rights[] their P, W, U and XD
 * bits. */
struct making {
    struct random_source *r;
    struct case_x86 *c;
    const struct shape *shape;
    bool pse, nxe;
    unsigned leaf; /* the level whose entry maps the page */
    uint64_t rights[LEVELS_MAX];
    uint64_t table[LEVELS_MAX];
    struct case_word *word[LEVELS_MAX];
};

/* SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014). */
uint64_t
random_next(struct random_source *r)
{
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

unsigned
random_below(struct random_source *r, unsigned n)
{
    return (unsigned)((random_next(r) >> 32) * n >> 32);
}

bool
random_chance(struct random_source *r, unsigned percent)
{
    return random_below(r, 100) < percent;
}

static uint64_t
bits_between(unsigned high, unsigned low)
{
    return (UINT64_MAX >> (63 - high)) & (UINT64_MAX << low);
}

/* The bits of an entry that hold a frame number, for a table or a 4 KiB page. */
static uint64_t
frame_bits(const struct case_x86 *c)
{
    return bits_between(c->cpu.mode == PREDICT_X86_32 ? 31 : c->cpu.maxpa - 1, 12);
}

static uint64_t
table_frame(struct making *m)
{
    uint64_t low = m->r->table_bits ? bits_between(m->r->table_bits - 1, 0) : UINT64_MAX;
    return random_next(m->r) & frame_bits(m->c) & low;
}

static void
registers_make(struct making *m)
{
    static const unsigned maxpa[] = {36, 40, 40, 46, 50};
    struct predict_cpu *cpu = &m->c->cpu;
    uint64_t x = random_next(m->r);
    bool long_mode = cpu->mode == PREDICT_4LEVEL || cpu->mode == PREDICT_5LEVEL;
    cpu->maxpa = maxpa[random_below(m->r, 5)];
    cpu->cr0 = 0x80000031 | (x & 1) << 16;             /* PG NE ET PE, WP */
    cpu->cr4 = (x >> 1 & 1) << 7 | (x >> 2 & 3) << 20; /* PGE, SMEP and SMAP */
    m->pse = cpu->mode == PREDICT_X86_32 ? (x >> 4 & 7) != 0 : (x >> 4 & 1);
    m->nxe = x >> 7 & 1;
    cpu->cr4 |= m->pse ? 0x10 : 0;
    cpu->cr4 |= cpu->mode == PREDICT_X86_32 ? 0 : 0x20;
    cpu->cr4 |= cpu->mode == PREDICT_5LEVEL ? 0x1000 : 0;
    cpu->cr4 |= long_mode ? (x >> 8 & 1) << 17 : 0; /* PCIDE: then CR3's low 12 bits are a number */
    cpu->efer = (m->nxe ? 0x800 : 0) | (long_mode ? 0x501 : 0);
    uint64_t low = x >> 9 & 1 ? 0 : x >> 10 & 0xfff;
    cpu->cr3 = table_frame(m) | low;
    cpu->cr3 &= long_mode ? UINT64_MAX : UINT32_MAX;
    m->table[0] = cpu->cr3 & ~(cpu->mode == PREDICT_PAE ? UINT64_C(0x1f) : UINT64_C(0xfff));
}

static void
access_make(struct making *m)
{
    struct predict_access *acc = &m->c->acc;
    const struct shape *s = m->shape;
    uint64_t x = random_next(m->r), va = random_next(m->r);
    for (unsigned i = 0; i < s->levels;
         i++) { /* the ends of a table more often than chance has it */
        unsigned pick = x >> (8 + 4 * i) & 15;
        uint64_t field = bits_between(s->shift[i] + s->width[i] - 1, s->shift[i]);
        va = pick == 0 ? va & ~field : pick == 1 ? va | field : va;
    }
    va &= bits_between(s->va_bits - 1, 3);
    if (s->va_bits > 32 && va >> (s->va_bits - 1)) {
        va |= UINT64_MAX << s->va_bits;
    }
    acc->va = va;
    acc->op = "rwx"[random_below(m->r, 3)];
    acc->user = x & 1;
    acc->ac = x >> 1 & 1;
}

/* Rights that let the access through, whatever else they say. */
static void
rights_suit(struct making *m)
{
    const struct predict_cpu *cpu = &m->c->cpu;
    const struct predict_access *acc = &m->c->acc;
    uint64_t need = acc->user ? U : 0, bar = acc->op == 'x' || !m->nxe ? XD : 0;
    if (acc->op == 'w' && (acc->user || (cpu->cr0 >> 16 & 1))) {
        need |= W;
    }
    for (unsigned i = 0; i <= m->leaf; i++) {
        m->rights[i] = (m->rights[i] | need) & ~bar;
    }
    bool kept_out = acc->op == 'x' ? cpu->cr4 >> 20 & 1 : (cpu->cr4 >> 21 & 1) && !acc->ac;
    if (!acc->user && kept_out) {
        m->rights[random_below(m->r, m->leaf + 1)] &= ~(uint64_t)U;
    }
}

static void
rights_make(struct making *m)
{
    bool xd = m->nxe && m->c->cpu.mode != PREDICT_X86_32;
    for (unsigned i = 0; i <= m->leaf; i++) {
        uint64_t x = random_next(m->r);
        m->rights[i] = P | (x & 7 ? W : 0) | (x >> 4 & 7 ? U : 0) | (xd && !(x >> 8 & 7) ? XD : 0);
    }
    if (random_chance(m->r, 65)) {
        rights_suit(m);
    }
}

static void
leaf_choose(struct making *m)
{
    unsigned large = m->c->cpu.mode == PREDICT_X86_32 && !m->pse ? 0 : m->shape->large;
    m->leaf = m->shape->levels - 1;
    for (unsigned i = 0; i < m->shape->levels; i++) {
        if ((large >> i & 1) && random_chance(m->r, 40)) {
            m->leaf = i;
            return;
        }
    }
}

/* Bits that software may use as it likes, and that hardware reads without changing where an address
 * leads. */
static uint64_t
noise(struct making *m, unsigned level)
{
    enum predict_mode mode = m->c->cpu.mode;
    uint64_t x = random_next(m->r);
    if (mode == PREDICT_PAE && level == 0) {
        return x & 0xe18;
    }
    uint64_t free = 0xe00 | 0x18 | A | D | 0x100;
    if (level == m->shape->levels - 1 || (mode == PREDICT_X86_32 && !m->pse)) {
        free |= PS; /* PAT in a PTE; nothing in a PDE without CR4.PSE */
    }
    if (mode == PREDICT_4LEVEL || mode == PREDICT_5LEVEL) {
        free |= bits_between(62, 52);
    }
    return x & free & (x >> 12 & 1 ? UINT64_MAX : A | D);
}

static uint64_t
leaf_frame(struct making *m)
{
    uint64_t x = random_next(m->r);
    unsigned shift = m->shape->shift[m->leaf], maxpa = m->c->cpu.maxpa;
    if (shift == 12) {
        return x & frame_bits(m->c);
    }
    uint64_t frame = (x & frame_bits(m->c) & bits_between(63, shift)) | PS | (x & 0x1000);
    if (m->c->cpu.mode == PREDICT_X86_32) { /* PSE-36: bits 39:32 of the frame are kept in 20:13 */
        frame |= x >> 32 & bits_between((maxpa < 40 ? maxpa : 40) - 20, 13);
    }
    return frame;
}

static uint64_t
entry_make(struct making *m, unsigned level, uint64_t frame)
{
    uint64_t rights = m->c->cpu.mode == PREDICT_PAE && level == 0 ? P : m->rights[level];
    return frame | rights | noise(m, level);
}

/* The chain, root first. An address that already holds a word keeps it, and the chain goes where
 * that word leads. */
static void
chain_make(struct making *m)
{
    struct case_x86 *c = m->c;
    unsigned bytes = case_entry_bytes(c->cpu.mode);
    for (unsigned i = 0; i <= m->leaf; i++) {
        uint64_t index = c->acc.va >> m->shape->shift[i] & bits_between(m->shape->width[i] - 1, 0);
        uint64_t pa = m->table[i] + index * bytes, next = 0;
        m->word[i] = case_find(c, pa);
        if (!m->word[i]) {
            if (i < m->leaf) {
                next =
                    random_chance(m->r, 2) ? m->table[random_below(m->r, i + 1)] : table_frame(m);
                next &= frame_bits(c);
            }
            m->word[i] = &c->mem[c->nmem++];
            *m->word[i] =
                (struct case_word){pa, entry_make(m, i, i < m->leaf ? next : leaf_frame(m))};
        }
        if (i < m->leaf) {
            m->table[i + 1] = m->word[i]->value & frame_bits(c);
        }
    }
}

/* A bit that must be 0 in this entry, if there is one; else some bit of the address. */
static uint64_t
reserved_bit(struct making *m, unsigned level)
{
    struct random_source *r = m->r;
    unsigned shift = m->shape->shift[level], maxpa = m->c->cpu.maxpa;
    if (m->c->cpu.mode == PREDICT_X86_32) {
        unsigned low = maxpa < 40 ? maxpa - 19 : 21;
        return UINT64_C(1) << (low + random_below(r, 22 - low));
    }
    if (m->c->cpu.mode == PREDICT_PAE && level == 0 && random_chance(r, 50)) {
        static const unsigned char zeros[] = {1, 2, 5, 6, 7, 8, 63};
        return UINT64_C(1) << zeros[random_below(r, sizeof zeros)];
    }
    if (level == m->leaf && shift > 12 && random_chance(r, 50)) {
        return UINT64_C(1) << (13 + random_below(r, shift - 13));
    }
    unsigned top = m->c->cpu.mode == PREDICT_PAE ? 63 : 52;
    return UINT64_C(1) << (maxpa + random_below(r, top - maxpa));
}

static void
va_leave_canonical(struct making *m)
{
    if (m->shape->va_bits > 32) {
        unsigned sign = m->shape->va_bits - 1;
        m->c->acc.va ^= random_chance(m->r, 50)
                            ? UINT64_C(1) << (sign + random_below(m->r, 64 - sign))
                            : random_next(m->r) & bits_between(63, sign);
    }
}

/* One blow. `kind` 0..99 spreads them; a level is hit as often as any other. */
static void
mutate(struct making *m, unsigned kind)
{
    unsigned level = random_below(m->r, m->leaf + 1);
    uint64_t *word = &m->word[level]->value;
    uint64_t entry_mask = m->c->cpu.mode == PREDICT_X86_32 ? UINT32_MAX : UINT64_MAX;
    if (kind < 12) {
        *word &= ~(uint64_t)P;
    } else if (kind < 16) { /* what lies in an absent entry is nobody's business */
        *word = random_chance(m->r, 50) ? 0 : random_next(m->r) & entry_mask & ~(uint64_t)P;
    } else if (kind < 36) {
        *word |= reserved_bit(m, level);
    } else if (kind < 46) {
        *word = entry_mask & XD ? *word | XD : *word & ~(uint64_t)(U | W);
    } else if (kind < 56) {
        *word ^= PS;
    } else if (kind < 72) {
        *word &= ~(uint64_t)W;
    } else if (kind < 84) {
        *word ^= U;
    } else if (kind < 90) {
        va_leave_canonical(m);
    } else if (kind < 96) {
        *word ^= UINT64_C(1) << random_below(m->r, 8 * case_entry_bytes(m->c->cpu.mode));
    } else {
        *word = random_next(m->r) & entry_mask;
    }
}

/* Good-looking entries next to the true ones and where a wrong shift or table would look. */
static void
decoys_make(struct making *m)
{
    struct case_x86 *c = m->c;
    unsigned bytes = case_entry_bytes(c->cpu.mode), count = m->leaf + 1;
    for (unsigned i = 0; i < count; i++) {
        uint64_t base = m->table[i];
        uint64_t pick = random_next(m->r), span = bits_between(m->shape->width[i] - 1, 0);
        uint64_t index = (m->word[i]->pa - base) / bytes;
        for (unsigned j = 0; j < 3; j++) {
            unsigned bit = (unsigned)(pick >> 8 * j & 0xff) % m->shape->width[i];
            uint64_t other = j == 0 ? index + 1 : j == 1 ? index - 1 : index ^ UINT64_C(1) << bit;
            uint64_t pa = base + (other & span) * bytes;
            if ((pick >> (32 + j) & 1) && c->nmem < CASE_WORDS_MAX && !case_find(c, pa)) {
                c->mem[c->nmem++] = (struct case_word){pa, entry_make(m, i, table_frame(m))};
            }
        }
    }
}

void
random_case(struct random_source *r, enum predict_mode mode, struct case_x86 *out)
{
    struct making m = {.r = r, .c = out, .shape = &SHAPE[mode]};
    out->cpu.mode = mode;
    out->nmem = 0;
    registers_make(&m);
    access_make(&m);
    leaf_choose(&m);
    rights_make(&m);
    chain_make(&m);
    if (random_chance(r, 33)) {
        decoys_make(&m);
    }
    if (random_chance(r,
                      mode == PREDICT_X86_32 ? 95 : 70)) { /* 32-bit entries have little to spoil */
        mutate(&m, random_below(r, 100));
        if (random_chance(r, 15)) {
            mutate(&m, random_below(r, 100));
        }
    }
}
