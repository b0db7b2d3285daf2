/* words.h - what CPUs beyond x86 call things: the bits of their entries, their registers, their faults.
 * English, for tr(). x86's own words stand where they are used. */
#pragma once

#include "base/buffer.h"
#include "base/event.h"
#include "hw/format.h"

/* A bit of an entry as its manual names it; what it says when it is 1 and when it is 0. */
struct entry_word {
    uint64_t bit;
    char letter;
    const char *name, *set, *clear;
};

enum { ENTRY_WORDS = 10 };

/* The bits of an entry that maps a page (`leaf`) or names a table; how many. Of x86 none. */
unsigned words_of_entry(const struct format *f, bool leaf, struct entry_word out[ENTRY_WORDS]);

/* Of x86 too: "CR3", "satp", "TTBR0"; the last by the half that va lies in. */
const char *words_root(const struct format *f, vaddr_t va);

/* What the cause of a fault means: "load page fault", "translation fault, level 2". */
void words_fault(const struct format *f, uint16_t code, struct buffer *out);
/* The same in as few letters as go on a line: "scause 13", "translation L2". */
void words_fault_short(const struct format *f, uint16_t code, struct buffer *out);

/* The sentence of an event where x86's does not fit; NULL: it does. */
const char *words_sentence(const struct format *f, enum event_code code);
