/* predictor.c - x86 paging as pictures and rules.
 *
 * Every kind of entry is drawn as in the Intel SDM, vol. 3A, figures 4-4, 4-7 and 4-11: one letter
 * a bit, bit 63 (or 31) first. The entries an access meets are collected into a chain; the answer
 * is then a matter of rules over the whole chain (4.6 rights, 4.7 error code, 4.8 accessed and
 * dirty), never of state carried from level to level.
 */
#include "support/predictor.h"

#include <string.h>

/* clang-format off */

/* F frame   H frame bits 39:32 (PSE-36)   X execute-disable   D dirty   A accessed
 * U user    W write    P present          0 reserved
 * 1 this bit tells the kind from its sibling   . ignored, or says nothing about the address */
#define F20 "FFFFFFFFFFFFFFFFFFFF"
#define F40 F20 F20
#define I11 "..........."
#define Z11 "00000000000"
#define TABLE "......A..UWP"
#define NO_PS "....0.A..UWP"
#define PAGE ".....DA..UWP"
#define LARGE "....1DA..UWP"

enum kind_name {
    PML5E, PML4E, PDPTE, PDPTE_1G, PDE, PDE_2M, PTE,
    PAE_PDPTE, PAE_PDE, PAE_PDE_2M, PAE_PTE,
    PDE32, PDE32_4M, PTE32,
    KINDS, NONE = KINDS,
};

static const char *const PICTURE[KINDS] = {
    [PML5E] = "X" I11 F40 NO_PS,
    [PML4E] = "X" I11 F40 NO_PS,
    [PDPTE] = "X" I11 F40 TABLE,
    [PDPTE_1G] = "X" I11 F20 "FF" "00000000000000000" "." LARGE,
    [PDE] = "X" I11 F40 TABLE,
    [PDE_2M] = "X" I11 F20 "FFFFFFFFFFF" "00000000" "." LARGE,
    [PTE] = "X" I11 F40 PAGE,
    [PAE_PDPTE] = "0" Z11 F40 "...0000..00P",
    [PAE_PDE] = "X" Z11 F40 TABLE,
    [PAE_PDE_2M] = "X" Z11 F20 "FFFFFFFFFFF" "00000000" "." LARGE,
    [PAE_PTE] = "X" Z11 F40 PAGE,
    [PDE32] = F20 TABLE,
    [PDE32_4M] = "FFFFFFFFFF" "0" "HHHHHHHH" "." LARGE,
    [PTE32] = F20 PAGE,
};

/* Which address bits choose the entry, and what it may turn out to be (the kind with a 1 in its
 * picture first). */
struct stage {
    unsigned high, low;
    enum kind_name kind[2];
};

struct paging {
    unsigned word_bytes, va_bits;
    uint64_t root; /* the bits of CR3 that locate the first table */
    unsigned depth;
    struct stage stage[5];
};

#define STAGES_39_TO_12 {38, 30, {PDPTE_1G, PDPTE}}, {29, 21, {PDE_2M, PDE}}, {20, 12, {PTE, NONE}}
#define ROOT_FRAME UINT64_C(0x000ffffffffff000)

static const struct paging PAGING[PREDICT_MODES] = {
    [PREDICT_X86_32] = {4, 32, 0xfffff000, 2,
                        {{31, 22, {PDE32_4M, PDE32}}, {21, 12, {PTE32, NONE}}}},
    [PREDICT_PAE] = {8, 32, 0xffffffe0, 3,
                     {{31, 30, {PAE_PDPTE, NONE}}, {29, 21, {PAE_PDE_2M, PAE_PDE}},
                      {20, 12, {PAE_PTE, NONE}}}},
    [PREDICT_4LEVEL] = {8, 48, ROOT_FRAME, 4, {{47, 39, {PML4E, NONE}}, STAGES_39_TO_12}},
    [PREDICT_5LEVEL] = {8, 57, ROOT_FRAME, 5,
                        {{56, 48, {PML5E, NONE}}, {47, 39, {PML4E, NONE}}, STAGES_39_TO_12}},
};

/* clang-format on */

/* A picture, letter by letter. */
struct kind {
    uint64_t frame, high_frame, zero, one, execute_disable, dirty, accessed, user, write, present;
};

struct link {
    uint64_t pa, word;
    const struct kind *kind;
};

struct chain {
    unsigned length;
    struct link link[5];
};

/* What the rules speak about: the access, the control registers, the whole chain. */
/* clang-format off */
enum {
    USER = 1 << 0, WRITE = 1 << 1, FETCH = 1 << 2, AC = 1 << 3,
    WP = 1 << 4, SMEP = 1 << 5, SMAP = 1 << 6, NXE = 1 << 7, PAE = 1 << 8, PSE = 1 << 9,
    U_PAGE = 1 << 10, W_PAGE = 1 << 11, X_OFF = 1 << 12,
};
/* clang-format on */

/* 4.6.1: an access is refused when all of `with` and none of `without` holds, for any row. */
static const struct {
    unsigned with, without;
} REFUSED[] = {
    {USER, U_PAGE},
    {USER | WRITE, W_PAGE},
    {WRITE | WP, W_PAGE},
    {SMAP | U_PAGE, USER | FETCH | AC},
    {SMEP | FETCH | U_PAGE, USER},
    {NXE | FETCH | X_OFF, 0},
};

static uint64_t
picture_bits(const char *picture, char letter)
{
    uint64_t bits = 0;
    for (; *picture; picture++) {
        bits = bits << 1 | (*picture == letter);
    }
    return bits;
}

static const struct kind *
kind_of(enum kind_name name)
{
    static struct kind kinds[KINDS];
    if (!kinds[KINDS - 1].present) {
        for (unsigned i = 0; i < KINDS; i++) {
            const char *p = PICTURE[i];
            kinds[i] = (struct kind){
                .frame = picture_bits(p, 'F'),
                .high_frame = picture_bits(p, 'H'),
                .zero = picture_bits(p, '0'),
                .one = picture_bits(p, '1'),
                .execute_disable = picture_bits(p, 'X'),
                .dirty = picture_bits(p, 'D'),
                .accessed = picture_bits(p, 'A'),
                .user = picture_bits(p, 'U'),
                .write = picture_bits(p, 'W'),
                .present = picture_bits(p, 'P'),
            };
        }
    }
    return &kinds[name];
}

static uint64_t
below_bit(unsigned n)
{
    return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

static unsigned
access_facts(const struct predict_cpu *cpu, const struct predict_access *a)
{
    return (a->user ? USER : 0) | (a->op == 'w' ? WRITE : 0) | (a->op == 'x' ? FETCH : 0) |
           (a->ac ? AC : 0) | (cpu->cr0 >> 16 & 1 ? WP : 0) | (cpu->cr4 >> 20 & 1 ? SMEP : 0) |
           (cpu->cr4 >> 21 & 1 ? SMAP : 0) | (cpu->efer >> 11 & 1 ? NXE : 0) |
           (cpu->mode != PREDICT_X86_32 ? PAE : 0) | (cpu->cr4 >> 4 & 1 ? PSE : 0);
}

/* The bits that must be 0 in an entry of this kind: drawn as 0, or meaningful only on a larger or
 * differently set CPU. */
static uint64_t
kind_reserved(const struct kind *k, const struct predict_cpu *cpu, unsigned facts)
{
    uint64_t high = k->high_frame ? (below_bit(40) & ~below_bit(cpu->maxpa)) >> 32 << 13 : 0;
    return k->zero | (k->frame & ~below_bit(cpu->maxpa)) | (k->high_frame & high) |
           (facts & NXE ? 0 : k->execute_disable);
}

static uint64_t
link_target(const struct link *l)
{
    return (l->word & l->kind->frame) | (l->word & l->kind->high_frame) >> 13 << 32;
}

static bool
link_absent(const struct link *l)
{
    return !(l->word & l->kind->present);
}

static bool
link_malformed(const struct link *l, const struct predict_cpu *cpu, unsigned facts)
{
    return !link_absent(l) && (l->word & kind_reserved(l->kind, cpu, facts));
}

static const struct kind *
kind_matching(const struct stage *s, uint64_t word, unsigned facts)
{
    const struct kind *first = kind_of(s->kind[0]);
    bool large_allowed = s->kind[0] != PDE32_4M || (facts & PSE);
    return s->kind[1] == NONE || ((word & first->one) && large_allowed) ? first
                                                                        : kind_of(s->kind[1]);
}

/* Every entry the address meets, the last being the page's, or one that is absent or malformed. */
static void
chain_collect(struct chain *c, const struct predict_cpu *cpu, const struct predict_access *a,
              unsigned facts, predict_read *read, void *ctx)
{
    const struct paging *p = &PAGING[cpu->mode];
    uint64_t table = cpu->cr3 & p->root & below_bit(cpu->maxpa);
    for (c->length = 0; c->length < p->depth;) {
        const struct stage *s = &p->stage[c->length];
        struct link *l = &c->link[c->length++];
        l->pa = table + (a->va >> s->low & below_bit(s->high - s->low + 1)) * p->word_bytes;
        l->word = read(ctx, l->pa, p->word_bytes);
        l->kind = kind_matching(s, l->word, facts);
        if (l->kind->dirty || link_absent(l) || link_malformed(l, cpu, facts)) {
            return;
        }
        table = link_target(l);
    }
}

/* A right is granted only if every entry that has the bit grants it; execution is off if any entry
 * says so. */
static unsigned
chain_facts(const struct chain *c)
{
    unsigned refusing_u = 0, refusing_w = 0, disabling_x = 0;
    for (unsigned i = 0; i < c->length; i++) {
        const struct link *l = &c->link[i];
        refusing_u += (l->kind->user & ~l->word) != 0;
        refusing_w += (l->kind->write & ~l->word) != 0;
        disabling_x += (l->kind->execute_disable & l->word) != 0;
    }
    return (refusing_u ? 0 : U_PAGE) | (refusing_w ? 0 : W_PAGE) | (disabling_x ? X_OFF : 0);
}

static bool
facts_refused(unsigned facts)
{
    for (unsigned i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        if ((facts & REFUSED[i].with) == REFUSED[i].with && !(facts & REFUSED[i].without)) {
            return true;
        }
    }
    return false;
}

/* 4.7: the error code but for P and RSVD, which depend on the entry at fault. I/D tells a fetch
 * only where it could matter. */
static unsigned
error_bits(unsigned facts)
{
    bool fetch_shown = (facts & FETCH) && ((facts & SMEP) || (facts & (PAE | NXE)) == (PAE | NXE));
    return (facts & WRITE ? 2 : 0) | (facts & USER ? 4 : 0) | (fetch_shown ? 16 : 0);
}

static void
change_add(struct predict_change *list, unsigned *n, const struct link *l, uint64_t set)
{
    for (unsigned i = 0; i < *n; i++) {
        if (list[i].pa == l->pa) { /* one word serving two levels */
            list[i].new_ |= set;
            return;
        }
    }
    if (set & ~l->word) {
        list[(*n)++] = (struct predict_change){l->pa, l->word, l->word | set};
    }
}

static void
result_page_fault(struct predict_result *r, const struct chain *c, unsigned err, uint64_t va,
                  unsigned links_used)
{
    r->vec = 14;
    r->err = err;
    r->cr2 = va;
    for (unsigned i = 0; i < links_used; i++) {
        change_add(r->optional, &r->noptional, &c->link[i], c->link[i].kind->accessed);
    }
}

static void
result_success(struct predict_result *r, const struct chain *c, const struct paging *p,
               unsigned facts, uint64_t va)
{
    unsigned last = c->length - 1;
    for (unsigned i = 0; i < c->length; i++) {
        const struct kind *k = c->link[i].kind;
        change_add(r->change, &r->nchanges, &c->link[i],
                   k->accessed | (facts & WRITE ? k->dirty : 0));
    }
    r->ok = true;
    r->pa = link_target(&c->link[last]) | (va & below_bit(p->stage[last].low));
}

static bool
pdptes_loadable(const struct predict_cpu *cpu, unsigned facts, predict_read *read, void *ctx)
{
    for (unsigned i = 0; i < 4; i++) {
        uint64_t pa = (cpu->cr3 & PAGING[PREDICT_PAE].root) + 8 * i;
        struct link l = {pa, read(ctx, pa, 8), kind_of(PAE_PDPTE)};
        if (link_malformed(&l, cpu, facts)) {
            return false;
        }
    }
    return true;
}

static bool
va_canonical(uint64_t va, unsigned bits)
{
    uint64_t top = va & ~below_bit(bits - 1);
    return bits == 32 || top == 0 || top == ~below_bit(bits - 1);
}

void
predict(const struct predict_cpu *cpu, const struct predict_access *access, predict_read *read,
        void *ctx, struct predict_result *result)
{
    const struct paging *p = &PAGING[cpu->mode];
    unsigned facts = access_facts(cpu, access);
    memset(result, 0, sizeof *result);
    if (!va_canonical(access->va, p->va_bits) ||
        (cpu->mode == PREDICT_PAE && !pdptes_loadable(cpu, facts, read, ctx))) {
        result->vec = 13;
        return;
    }
    struct chain chain;
    chain_collect(&chain, cpu, access, facts, read, ctx);
    for (unsigned i = cpu->mode == PREDICT_PAE; i < chain.length; i++) {
        result->read_pa[result->reads++] = chain.link[i].pa;
    }
    facts |= chain_facts(&chain);
    const struct link *last = &chain.link[chain.length - 1];
    unsigned err = error_bits(facts);
    if (link_absent(last)) {
        result_page_fault(result, &chain, err, access->va, chain.length - 1);
    } else if (link_malformed(last, cpu, facts)) {
        result_page_fault(result, &chain, err | 1 | 8, access->va, chain.length - 1);
    } else if (facts_refused(facts)) {
        result_page_fault(result, &chain, err | 1, access->va, chain.length);
    } else {
        result_success(result, &chain, p, facts, access->va);
    }
}
