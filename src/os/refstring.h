/* refstring.h - a string of references that is known in advance: what a textbook writes as
 * 7, 0, 1, 2, 0, 3, and what OPT needs to look ahead.
 *
 * Promises   Page i of the string is the page at base + i * page size of one process. The string is
 *            read in order; `at` of `length` references have been made. Other accesses do not move
 *            it.
 * Owns       os_state.string, os->refs[] (through its door).
 * Emits      STRING_LOADED, REFERENCE.
 */
#pragma once

#include "base/types.h"

struct os;

struct refstring {
    vaddr_t base;
    uint32_t mm; /* whose pages; 0: no string is loaded */
    uint32_t length;
    uint32_t at;     /* references made */
    uint32_t hits;   /* of these: the page was there */
    uint32_t faults; /* ... or was not */
    uint32_t unused;
};

struct reference {
    uint32_t page;
    bool write;
};

/* The one after those that were made: the caller checks that there is one. Emits REFERENCE and
 * moves on; *va is where the page is. */
struct reference refstring_take(struct os *os, unsigned cpu, vaddr_t *va);

/* Begin a new string for mm, or (mm 0) add to the one that is there. False, with nothing changed,
 * when it has no room for n more. */
bool refstring_load(struct os *os, unsigned cpu, uint32_t mm, vaddr_t base,
                    const struct reference *ref, uint32_t n);
/* Its process is gone. */
void refstring_forget(struct os *os, uint32_t mm);

/* The place in the string, from 1, where the page of mm at va is used next; 0: never again. */
uint64_t refstring_next_use(const struct os *os, uint32_t mm, vaddr_t va);
struct reference refstring_at(const struct os *os, uint32_t index);
