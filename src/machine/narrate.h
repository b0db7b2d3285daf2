/* narrate.h - events as sentences and as JSON lines; made from events.def and fields.def, with the
 * names only a machine knows (tables, files).
 *
 * Promises   A sentence holds only what the event carries. Output has passed the cleaning gate.
 *            JSON members come in the order n, op, event, actor, cpu, pid, asid, then the event's
 *            fields in table order, cycles, text.
 */
#pragma once

#include "base/buffer.h"
#include "base/lang.h"
#include "machine/history.h"

/* The event's sentence in the language in use. */
void narrate_event(const struct machine *m, const struct event *ev, struct buffer *out);

/* One member of an event as it is shown to people ("0x401000", "f3a", "PML4", "write", "rw-");
 * `member` as in fields.def, or label, label2, table, errbits, bits, why ... False when the event does not
 * carry it. */
bool narrate_member(const struct machine *m, const struct event *ev, const char *member,
                    struct buffer *out);

/* One line of JSON, no newline. */
void narrate_json(const struct machine *m, uint64_t number, uint64_t op, const struct event *ev,
                  struct buffer *out);

/* "L1", "L1I", "L2", "L3", "memory": enum cache_id, CACHES. */
const char *narrate_cache(unsigned id);
/* "f3a". */
void narrate_label(pfn_t pfn, char out[20]);
/* "r-x". */
void narrate_prot(uint8_t prot, char out[4]);
/* "P W U" for an x86 error code, "-" for 0. */
void narrate_error_bits(uint16_t error, struct buffer *out);
/* An entry's flags as letters in a fixed order, absent ones as '-': "P W U A D S G X". */
void narrate_flags(const struct format *f, unsigned level, pte_t entry, struct buffer *out);
