/* mapping.h - the kernel's own record of the pages of every process, for machines whose page table
 * has no room for all of them.
 *
 * Promises   Behind table_find, table_next and their kin (os/space.h) where the format is no tree;
 *            a "slot" is then the number of a record. A page that is in memory has an entry in the
 *            hardware's table (hw/hashed.h) or waits for one; of what is not in memory only this
 *            record knows. Nothing here reads whose an entry is, or a link, from memory: a hand may
 *            have changed them.
 * Owns       os->mappings, mm.mappings; the bytes of the table.
 * Emits      ENTRY_WRITE TAG_WRITE ANCHOR_WRITE, ENTRY_NOTED, ENTRY_DISPLACED with TLB_DROP.
 * Simplifies Records cost no emulated time. A page-crossing access to two neighbouring pages that
 *            are one frame of an inverted table can never finish: the kernel gives up and kills.
 *            The machines that had such tables had no such accesses.
 * Invariant: the entries that an anchor leads to are those of the records with that hash that have a
 * place, each once.
 *
 * An inverted table has one entry a frame, so of two pages that are in one frame, one has the entry.
 * The other's next access faults, and the entry changes hands. So did Mach on the IBM RT PC, which
 * took the table for nothing but a large TLB (Rashid et al., Machine-Independent Virtual Memory
 * Management, ASPLOS 1987, 5.1). A full hashed table makes room the same way, as Linux does on
 * PowerPC.
 */
#pragma once

#include "hw/hashed.h"

struct os;
struct os_plan;

struct mapping {
    vaddr_t va;
    pte_t entry;         /* what the entry would say, while there is none */
    uint32_t mm;         /* 0: not in use */
    uint32_t chain;      /* next with the same hash; of the free list */
    uint32_t prev, next; /* of the same process, by address */
    uint32_t place;      /* the entry it has in the table; 0: none */
    uint32_t unused;
};

struct mapping_pool {
    uint32_t used, free; /* records: ever used, free list */
    uint32_t hand;       /* hashed: the entry that was taken last */
    uint32_t waiting;    /* records of pages in memory that have no entry */
};

struct mappings {
    struct mapping_pool *pool;
    struct mapping *at; /* [max + 1] */
    uint32_t *bucket;   /* [anchors]: records */
    uint32_t *holder;   /* [entries]: the record whose entry it is */
    uint32_t max;
};

struct mapping_plan {
    size_t pool, at, bucket, holder;
    uint32_t max;
};

/* Nothing where the format is a tree. `most`: pages that can be mapped at once. */
void mapping_plan(struct mapping_plan *plan, const struct geometry *geo, uint32_t most,
                  size_t *next);
void mapping_attach(struct mappings *m, unsigned char *base, const struct mapping_plan *plan);

/* Sets the first frames aside for the table and says which is the first after it; 0: too few. */
pfn_t mapping_boot(struct os *os);
paddr_t mapping_root(const struct os *os, uint32_t mm);

/* What table_find, table_slot, table_get, table_write, table_next, table_trim and table_free_all
 * promise. */
uint32_t mapping_find(const struct os *os, uint32_t mm, vaddr_t va);
uint32_t mapping_make(struct os *os, uint32_t mm, vaddr_t va);
pte_t mapping_get(const struct os *os, uint32_t record);
void mapping_set(struct os *os, unsigned cpu, uint32_t record, pte_t entry);
bool mapping_next(const struct os *os, uint32_t mm, vaddr_t *va, vaddr_t end, paddr_t *record);
void mapping_trim(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va);
void mapping_free_all(struct os *os, unsigned cpu, uint32_t mm);

/* The page of this record is in memory and has no entry: it gets one, if its process runs on this CPU
 * or nobody else has it. False when it has one. Emits ENTRY_RECALLED. */
bool mapping_recall(struct os *os, unsigned cpu, uint32_t record);
