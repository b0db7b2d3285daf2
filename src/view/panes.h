/* panes.h - what the files of the panes share beside the pen: their functions, and small questions several of them ask of a scene. */
#pragma once

#include "view/draw.h"
#include "view/link.h"
#include "view/pane.h"

#define PANE(code, name, title, draw, help)                                                        \
    void draw(const struct scene *s, struct canvas *c, struct rect r);                             \
    void draw##_json(const struct scene *s, struct buffer *out);
#include "view/panes.def"
#undef PANE

/* Is this pane focused and something selected in it? Then set.select_a and select_b mean what the pane says. */
bool pane_selected(const struct scene *s, enum pane_id pane);

/* The format of the machine's page tables. */
const struct format *scene_format(const struct scene *s);
/* Is there an access to follow on the CPU shown? */
bool scene_walks(const struct scene *s);
/* The address a walk is shown for: the current access's or event's; else where the program's code begins. */
vaddr_t scene_va(const struct scene *s);
/* The address space that runs on the CPU shown, NULL when nobody runs. */
const struct mm *scene_mm(const struct scene *s);
unsigned scene_cpu(const struct scene *s);
bool scene_paging(const struct scene *s);
/* Does the current address lie in the half of a second root? */
bool scene_upper(const struct scene *s);
paddr_t scene_root(const struct scene *s);
/* The frame an entry names: of the next table, of a page, or the first one of a large page. */
pfn_t scene_target(const struct scene *s, unsigned level, pte_t entry);

/* What the entry at `slot` says: its bytes, and of an inverted table the frame that its place stands for; its number in its table. */
pte_t scene_entry(const struct scene *s, paddr_t slot);
unsigned scene_index(const struct scene *s, unsigned level, paddr_t slot);
/* Does an entry of a page table that is no tree lie there, and not whose it is? */
bool scene_is_hashed_entry(const struct scene *s, paddr_t slot);

/* The slot of the swap device that an absent entry names, 0 none. */
uint32_t scene_slot(const struct scene *s, unsigned level, pte_t entry);

/* --- pane_tree.c: the entries that the tree shows, in order --- */

struct tree_row {
    unsigned level, index;
    paddr_t slot;
    pte_t entry;       /* what a walk would find: of a root that the CPU holds, the register */
    pte_t memory;      /* what stands at slot */
    vaddr_t va;        /* first address the entry translates */
    bool present, leaf;
    bool path;         /* on the way of scene_va */
    bool hidden;
    bool last;         /* of its table */
    unsigned skipped;  /* not an entry: stands for so many present entries */
};

/* Calls `each` for every row; of each table at most `around` entries before and after the one on the path. Returns the rows. */
unsigned tree_each(const struct scene *s, unsigned around, void (*each)(void *ctx, const struct tree_row *row), void *ctx);

/* The register in which this CPU holds the entry at `slot`; NULL where walks read it from memory. */
const pte_t *root_register(const struct scene *s, unsigned level, paddr_t slot);
/* How the current event concerns that register: CELL_CHANGED, CELL_READ or 0. */
unsigned root_link(const struct scene *s, unsigned level, paddr_t slot);

/* --- pane_entry.c: the entry that is decoded --- */
bool entry_subject(const struct scene *s, paddr_t *slot, unsigned *level);
void entry_move(const struct scene *s, int dy, struct scene_settings *set);

/* --- pane_hex.c --- */
paddr_t hex_cursor(const struct scene *s);

/* In PANE_CHAINS or PANE_ENTRIES. */
void chains_move(const struct scene *s, enum pane_id pane, int dy, struct scene_settings *set);
void tree_move(const struct scene *s, int dy, struct scene_settings *set);
struct subject cache_selected(const struct scene *s); /* of the cache pane */
void cache_move(const struct scene *s, int dx, int dy, struct scene_settings *set);
void tlb_move(const struct scene *s, int dx, int dy, struct scene_settings *set);
void replace_move(const struct scene *s, int dy, struct scene_settings *set);
void swap_move(const struct scene *s, int dy, struct scene_settings *set);
void buddy_move(const struct scene *s, int by, struct scene_settings *set);
void frames_move(const struct scene *s, int dx, int dy, struct scene_settings *set);
void segments_move(const struct scene *s, int dy, struct scene_settings *set);
/* Where descriptor `number` of the table on screen stands; false when there is none. */
bool segments_subject(const struct scene *s, uint64_t number, paddr_t *pa);
void partitions_move(const struct scene *s, int dy, struct scene_settings *set);
void hex_move(const struct scene *s, int dx, int dy, struct scene_settings *set);
