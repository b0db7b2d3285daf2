/* vector_answer.h - what the MMU answered to one step of a vector, and how it compares with what
 * the file expects. (vector.c's own.) */
#pragma once

#include "base/json.h"
#include "hw/walker.h"
#include "machine/vector.h"

enum { MARKS_MAX = 16 };

struct marked {
    paddr_t pa;
    pte_t old, new;
};

struct answer {
    struct fault fault;
    paddr_t pa;
    uint8_t family; /* enum format_family: how a fault is told */
    unsigned marks;
    struct marked mark[MARKS_MAX];
};

/* Members of an object that is open: ok and pa, or vec, err and cr2 (RISC-V cause and tval; AArch64
 * fsc, level and kind); a control step has no address. */
void answer_put(struct buffer *b, const struct answer *o, bool control);
/* "ad":[[pa,old,new],..] */
void answer_put_marks(struct buffer *b, const struct answer *o);

/* Is the answer the expected one ({"ok":1,"pa":..} or {"vec":..,"err":..,"cr2":..}, or what its CPU tells)? False: the
 * expectation itself is wrong. */
bool answer_is(const struct answer *o, struct json expected, bool *same, struct error *e);
/* Are the marks those of the row's "ad", on a fault with any part of "ad_opt" besides? */
bool answer_marks_are(const struct answer *o, struct json row, bool *same, struct error *e);

/* Add a line about a difference to the report; step -1: the vector has only one. `ad` may be
 * nothing. */
void answer_differs(struct vector_report *r, const char *id, int step, const struct answer *o,
                    struct json expected, struct json ad);
