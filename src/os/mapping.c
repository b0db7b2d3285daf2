/* Records, and which of them have an entry.
 *
 *   bucket --> record --> record --> record --> record          the kernel's, all pages with this hash
 *                 |                     |
 *   anchor --> entry   ----------->   entry                     in memory, what the MMU follows
 *
 * Both lists have the same order, so the neighbours of an entry are those of its record that have
 * one. Silberschatz, Operating System Concepts, 9.4.3, calls the upper half the external page table.
 */
#include "os/mapping.h"

#include "base/assert.h"
#include "os/os.h"
#include "os/tag.h"

_Static_assert(sizeof(struct mapping) == 40 && sizeof(struct mapping_pool) == 16,
               "no padding: a state is compared byte by byte");

static const struct geometry *
geo_of(const struct os *os)
{
    return &os->hw->geo;
}

static const struct format *
format_of(const struct os *os)
{
    return &os->hw->geo.format;
}

/* --- where it lies --- */

void
mapping_plan(struct mapping_plan *plan, const struct geometry *geo, uint32_t most, size_t *next)
{
    *plan = (struct mapping_plan){0};
    if (format_is_tree(&geo->format))
        return;
    plan->max = most;
    plan->pool = arena_plan(next, 1, sizeof(struct mapping_pool), true);
    plan->at = arena_plan(next, (size_t)most + 1, sizeof(struct mapping), true);
    plan->bucket = arena_plan(next, hashed_anchors(geo), sizeof(uint32_t), true);
    plan->holder = arena_plan(next, hashed_entries(geo), sizeof(uint32_t), true);
}

void
mapping_attach(struct mappings *m, unsigned char *base, const struct mapping_plan *plan)
{
    *m = (struct mappings){
        .pool = (struct mapping_pool *)(base + plan->pool),
        .at = (struct mapping *)(base + plan->at),
        .bucket = (uint32_t *)(base + plan->bucket),
        .holder = (uint32_t *)(base + plan->holder),
        .max = plan->max,
    };
}

/* The table lies after frame 0, at the same place for good. */
pfn_t
mapping_boot(struct os *os)
{
    uint64_t page = format_page(format_of(os));
    pfn_t end = 1 + (hashed_bytes(geo_of(os)) + page - 1) / page;

    if (end >= geo_of(os)->frames)
        return 0;
    for (pfn_t pfn = 1; pfn < end; pfn++) {
        struct frame *f = frame_edit(os, pfn);

        f->use = USE_TABLE;
        f->refs = 1;
    }
    os->s->kernel_root = mapping_root(os, 0);
    return end;
}

paddr_t
mapping_root(const struct os *os, uint32_t mm)
{
    return pa_of(format_of(os), 1) | mm;
}

/* --- doors --- */

static struct mapping *
edit(struct os *os, uint32_t record)
{
    struct mapping *m = &os->mappings.at[record];

    arena_touch(os->hw->arena, m, sizeof *m);
    return m;
}

static struct mapping_pool *
pool(struct os *os)
{
    arena_touch(os->hw->arena, os->mappings.pool, sizeof *os->mappings.pool);
    return os->mappings.pool;
}

static void
set(struct os *os, uint32_t *cell, uint32_t value)
{
    arena_touch(os->hw->arena, cell, sizeof *cell);
    *cell = value;
}

static uint32_t
slot_of(const struct os *os, uint32_t mm, vaddr_t va)
{
    return hashed_slot(geo_of(os), mm, vpn_of(format_of(os), va));
}

static uint32_t *
bucket_of(const struct os *os, uint32_t mm, vaddr_t va)
{
    return &os->mappings.bucket[slot_of(os, mm, va)];
}

static bool
is_waiting(const struct os *os, const struct mapping *m)
{
    return m->place == 0 && (m->entry & format_of(os)->flag.present);
}

/* --- records --- */

uint32_t
mapping_find(const struct os *os, uint32_t mm, vaddr_t va)
{
    const struct mapping *at = os->mappings.at;
    uint32_t i = *bucket_of(os, mm, va);

    while (i && (at[i].mm != mm || at[i].va != va))
        i = at[i].chain;
    return i;
}

/* The last record of mm below va, or 0. Most pages come after their neighbour. */
static uint32_t
before(const struct os *os, uint32_t mm, vaddr_t va)
{
    uint32_t i = va ? mapping_find(os, mm, va - format_page(format_of(os))) : 0;

    if (i)
        return i;
    for (uint32_t n = os->s->mm[mm].mappings; n && os->mappings.at[n].va < va;
         n = os->mappings.at[n].next)
        i = n;
    return i;
}

static void
list_add(struct os *os, uint32_t record)
{
    struct mapping *m = edit(os, record);

    m->prev = before(os, m->mm, m->va);
    m->next = m->prev ? os->mappings.at[m->prev].next : os->s->mm[m->mm].mappings;
    if (m->prev)
        edit(os, m->prev)->next = record;
    else
        os->s->mm[m->mm].mappings = record;
    if (m->next)
        edit(os, m->next)->prev = record;
}

static uint32_t
record_new(struct os *os)
{
    struct mapping_pool *p = pool(os);
    uint32_t record = p->free;

    if (record)
        p->free = os->mappings.at[record].chain;
    else if (p->used < os->mappings.max)
        record = ++p->used;
    else
        os->s->limit_hit = 1;
    return record;
}

uint32_t
mapping_make(struct os *os, uint32_t mm, vaddr_t va)
{
    uint32_t record = mapping_find(os, mm, va), *bucket = bucket_of(os, mm, va);

    if (record || (record = record_new(os)) == 0)
        return record;
    *edit(os, record) = (struct mapping){.va = va, .mm = mm, .chain = *bucket};
    set(os, bucket, record);
    list_add(os, record);
    return record;
}

/* It has no entry any more. */
static void
record_free(struct os *os, uint32_t record)
{
    struct mapping m = os->mappings.at[record];
    uint32_t *link = bucket_of(os, m.mm, m.va);

    while (*link != record)
        link = &os->mappings.at[*link].chain;
    set(os, link, m.chain);
    if (m.prev)
        edit(os, m.prev)->next = m.next;
    else if (os->s->mm[m.mm].mappings == record)
        os->s->mm[m.mm].mappings = m.next;
    if (m.next)
        edit(os, m.next)->prev = m.prev;
    *edit(os, record) = (struct mapping){.chain = os->mappings.pool->free};
    pool(os)->free = record;
}

/* --- the table in memory --- */

static paddr_t
word_pa(const struct os *os, uint32_t place)
{
    return hashed_entry_pa(mapping_root(os, 0), place);
}

static paddr_t
translation_pa(const struct os *os, uint32_t place)
{
    return word_pa(os, place) + HASHED_ENTRY / 2;
}

static void
write_translation(struct os *os, unsigned cpu, vaddr_t va, uint32_t place, pte_t entry)
{
    unsigned size = format_of(os)->entry_bytes;
    paddr_t pa = translation_pa(os, place);
    uint64_t old = phys_read(&os->hw->phys, pa, size), new = hashed_stored(format_of(os), entry);

    phys_write(&os->hw->phys, pa, size, new);
    EMIT(os->hw, cpu, ENTRY_WRITE, .va = va, .index = place, .pa = pa, .old = old, .new = new);
}

static void
write_word(struct os *os, unsigned cpu, vaddr_t va, uint32_t place, uint64_t new)
{
    paddr_t pa = word_pa(os, place);
    uint64_t old = phys_read(&os->hw->phys, pa, 8);

    phys_write(&os->hw->phys, pa, 8, new);
    EMIT(os->hw, cpu, TAG_WRITE, .va = va, .index = place, .pa = pa, .old = old, .new = new);
}

static uint64_t
word_of(const struct os *os, const struct mapping *m, uint32_t next)
{
    return hashed_word(m->mm, vpn_of(format_of(os), m->va), next);
}

/* The entry of the first record from here on that has one, or 0. */
static uint32_t
next_place(const struct os *os, uint32_t record)
{
    while (record && os->mappings.at[record].place == 0)
        record = os->mappings.at[record].chain;
    return os->mappings.at[record].place; /* record 0 has none */
}

/* What leads to the record's entry leads to `place` from now on. */
static void
link_to(struct os *os, unsigned cpu, uint32_t record, uint32_t place)
{
    const struct mapping *at = os->mappings.at, *m = &at[record];
    uint32_t slot = slot_of(os, m->mm, m->va), last = 0;
    paddr_t pa = hashed_anchor_pa(geo_of(os), mapping_root(os, 0), slot);
    uint64_t old;

    for (uint32_t i = os->mappings.bucket[slot]; i != record; i = at[i].chain)
        if (at[i].place)
            last = i;
    if (last) {
        write_word(os, cpu, at[last].va, at[last].place, word_of(os, &at[last], place));
        return;
    }
    old = phys_read(&os->hw->phys, pa, HASHED_ANCHOR);
    phys_write(&os->hw->phys, pa, HASHED_ANCHOR, place);
    EMIT(os->hw, cpu, ANCHOR_WRITE, .va = m->va, .index = slot, .pa = pa, .old = old, .new = place);
}

/* The translation first: a chain never leads to an entry that is not ready. */
static void
enter(struct os *os, unsigned cpu, uint32_t record, uint32_t place, pte_t entry)
{
    struct mapping *m = edit(os, record);

    pool(os)->waiting -= is_waiting(os, m);
    write_translation(os, cpu, m->va, place, entry);
    write_word(os, cpu, m->va, place, word_of(os, m, next_place(os, m->chain)));
    link_to(os, cpu, record, place);
    m->entry = 0;
    m->place = place;
    set(os, &os->mappings.holder[place], record);
}

static void
leave(struct os *os, unsigned cpu, uint32_t record)
{
    struct mapping *m = edit(os, record);
    uint32_t place = m->place;

    link_to(os, cpu, record, next_place(os, m->chain));
    write_word(os, cpu, m->va, place, 0);
    write_translation(os, cpu, m->va, place, 0);
    m->place = 0;
    set(os, &os->mappings.holder[place], 0);
}

/* --- who has an entry --- */

/* The page keeps its frame and its rights; the next access to it faults. */
static void
displace(struct os *os, unsigned cpu, uint32_t place)
{
    uint32_t record = os->mappings.holder[place];
    pte_t entry = mapping_get(os, record);
    struct mapping *m = edit(os, record);

    leave(os, cpu, record);
    m->entry = entry;
    pool(os)->waiting += is_waiting(os, m);
    EMIT(os->hw, cpu, ENTRY_DISPLACED, .va = m->va, .other = m->mm, .index = place,
         .frame = table_pfn(format_of(os), entry));
    tag_invalidate(os, m->mm, m->va);
}

/* The next entry that is free, or, when none is, the next one. */
static uint32_t
next_entry(const struct os *os)
{
    uint32_t n = hashed_entries(geo_of(os)) - 1, hand = os->mappings.pool->hand;

    for (uint32_t k = 0; k < n; k++)
        if (os->mappings.holder[(hand + k) % n + 1] == 0)
            return (hand + k) % n + 1;
    return hand % n + 1;
}

/* The entry that a page in this frame may have: 0 when it is another's, who keeps it unless the page
 * is needed now. */
static uint32_t
place_for(struct os *os, unsigned cpu, uint32_t mm, pfn_t pfn)
{
    bool inverted = format_of(os)->kind == TABLE_INVERTED;
    const struct task *task = os_current(os, cpu);
    uint32_t place = inverted ? (uint32_t)pfn : next_entry(os);

    if (pfn >= geo_of(os)->frames)
        return 0;
    if (os->mappings.holder[place]) {
        if (!task || task->mm != mm)
            return 0;
        displace(os, cpu, place);
    }
    if (!inverted)
        pool(os)->hand = place;
    return place;
}

static void
note(struct os *os, unsigned cpu, uint32_t record, pte_t entry)
{
    struct mapping *m = edit(os, record);
    pte_t old = m->entry;

    pool(os)->waiting -= is_waiting(os, m);
    m->entry = entry;
    pool(os)->waiting += is_waiting(os, m);
    if (old != entry)
        EMIT(os->hw, cpu, ENTRY_NOTED, .va = m->va, .other = m->mm, .old = old, .new = entry);
}

static bool
stays(const struct os *os, const struct mapping *m, pte_t entry)
{
    return m->place && (entry & format_of(os)->flag.present) &&
           (format_of(os)->kind != TABLE_INVERTED || table_pfn(format_of(os), entry) == m->place);
}

/* --- entries --- */

pte_t
mapping_get(const struct os *os, uint32_t record)
{
    const struct mapping *m = &os->mappings.at[record];

    if (m->place == 0)
        return m->entry;
    return hashed_translation(
        format_of(os), m->place,
        phys_read(&os->hw->phys, translation_pa(os, m->place), format_of(os)->entry_bytes));
}

void
mapping_set(struct os *os, unsigned cpu, uint32_t record, pte_t entry)
{
    struct mapping m = os->mappings.at[record];
    uint32_t place = 0;

    if (stays(os, &m, entry)) {
        write_translation(os, cpu, m.va, m.place, entry);
        return;
    }
    if (m.place)
        leave(os, cpu, record);
    if (entry & format_of(os)->flag.present)
        place = place_for(os, cpu, m.mm, table_pfn(format_of(os), entry));
    if (place)
        enter(os, cpu, record, place, entry);
    else
        note(os, cpu, record, entry);
    if (entry == 0)
        record_free(os, record);
}

bool
mapping_next(const struct os *os, uint32_t mm, vaddr_t *va, vaddr_t end, paddr_t *record)
{
    const struct mapping *at = os->mappings.at;
    uint32_t i = mapping_find(os, mm, *va);

    if (i == 0) {
        i = before(os, mm, *va);
        i = i ? at[i].next : os->s->mm[mm].mappings;
    }
    while (i && at[i].va < end && mapping_get(os, i) == 0)
        i = at[i].next;
    if (i == 0 || at[i].va >= end)
        return false;
    *va = at[i].va;
    *record = i;
    return true;
}

void
mapping_trim(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    uint32_t record = mapping_find(os, mm, va);

    if (record && mapping_get(os, record) == 0)
        mapping_set(os, cpu, record, 0);
}

void
mapping_free_all(struct os *os, unsigned cpu, uint32_t mm)
{
    while (os->s->mm[mm].mappings)
        mapping_set(os, cpu, os->s->mm[mm].mappings, 0);
}

bool
mapping_recall(struct os *os, unsigned cpu, uint32_t record)
{
    struct mapping m = os->mappings.at[record];
    uint32_t place;

    if (!is_waiting(os, &m))
        return false;
    EMIT(os->hw, cpu, ENTRY_RECALLED, .va = m.va, .frame = table_pfn(format_of(os), m.entry));
    place = place_for(os, cpu, m.mm, table_pfn(format_of(os), m.entry));
    if (place)
        enter(os, cpu, record, place, m.entry);
    return true;
}
