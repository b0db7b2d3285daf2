/* pane_tlb.h - what the two files of the TLB pane share: its columns, and what stands below its sets. Nobody else includes this. */
#pragma once

#include "view/panes.h"

/* Columns of a row; age and asid only where there is room for them and for a remark (0: not shown). A machine with a data cache shows tags:
 * there the ways of cutting an address are compared. */
struct tlb_columns {
    int way, page, tag, frame, rights, age, asid, note;
};


struct tlb_columns tlb_columns(const struct scene *s, int w);
int tlb_page_digits(const struct format *f);

/* Rows they may take of a pane of h rows: all they need, but no more than half. */
int tlb_below_rows(const struct scene *s, int h);
void tlb_below_draw(const struct scene *s, struct canvas *c, struct rect r);
void tlb_below_json(const struct scene *s, struct buffer *out);
