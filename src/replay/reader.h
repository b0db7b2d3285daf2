/* reader.h - a memory trace in any of the forms people have, as blocks of page numbers.
 *
 * Promises   Constant memory. One line of lackey's, one number of the others, is one reference, by
 *            its start address; lackey's M counts once and writes. A line that is no reference is
 *            counted and left out, the first few are kept with number and reason; it is the
 *            caller's to say how many are too many. A fast way through the usual line never
 *            changes what a line means.
 * Owns       The descriptor, the text, the blocks: a block is valid until the next call.
 *
 * Forms:
 *   lackey     "I  04001090,3", " L 1ffeffe7e8,8", " S ...", " M ...": what valgrind
 *              --tool=lackey --trace-mem=yes writes. Its own ==pid== lines are passed over.
 *   pages      page numbers, decimal or 0x, with blanks, commas or lines between: 7,0,1,2
 *   addresses  the same with addresses. If one in the first 64 KiB mixes digits with a-f, all that
 *              have no 0x are hexadecimal.
 *              In both # starts a comment, and a letter says read or write: 7w, 7 W, W 7, r.
 *   u64        little-endian page numbers of 8 bytes
 *
 * Left to itself a trace is, by its first 64 KiB: lackey if a line is one of lackey's; u64 if it
 * has a NUL byte and every 8 bytes are below 2^52; else, if most words are numbers, addresses
 * when one of them is above 0xfffff (2^20 pages are 4 GiB) or is hexadecimal without 0x, else pages.
 */
#pragma once

#include <signal.h>

#include "base/error.h"
#include "replay/block.h"

enum reader_form { READER_LACKEY, READER_PAGES, READER_ADDRESSES, READER_U64, READER_FORMS };

extern const char *const reader_form_name[]; /* ends with NULL */

enum { READER_BAD_KEPT = 5, READER_ANY = -1 };

struct reader_bad {
    uint64_t line;
    char what[120];
};

/* What is known so far. */
struct reader_facts {
    enum reader_form form;
    char assumed[160]; /* why it is read so, if it could be read otherwise; "" */
    uint64_t refs;
    uint64_t bad;
    struct reader_bad first[READER_BAD_KEPT];
};

struct reader_want {
    int form;                          /* enum reader_form or READER_ANY */
    unsigned page_shift;               /* for addresses; 0: blocks hold addresses, not pages */
    const volatile sig_atomic_t *stop; /* NULL, or: end the trace when this becomes true */
};

struct reader;

/* NULL: it cannot be read (EXIT_OPEN), or is none of the forms (EXIT_DATA). `name` must live as
 * long as the trace. */
struct reader *reader_open(int fd, const char *name, const struct reader_want *want,
                           struct error *e);
void reader_close(struct reader *r);

/* False: the end, or an error (e->code). A block may be empty. */
bool reader_next(struct reader *r, struct block *b, struct error *e);

const struct reader_facts *reader_facts(const struct reader *r);
/* Bytes of the file read, and its size; a pipe has size 0. */
uint64_t reader_taken(const struct reader *r);
uint64_t reader_size(const struct reader *r);
