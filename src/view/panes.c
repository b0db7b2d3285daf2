/* panes.c - the table of panes, and what a selection in each of them points at. */
#include "view/panes.h"

#include <string.h>

#include "base/buffer.h"
#include "hw/cache.h"
#include "hw/hashed.h"
#include "hw/segment.h"
#include "os/swap.h"

const struct pane_row pane_row[PANES] = {
#define PANE(code, name, title, draw, help) [PANE_##code] = {name, title, draw, draw##_json, help},
#include "view/panes.def"
#undef PANE
};

enum pane_id
pane_by_name(const char *name)
{
    for (int i = 1; i < PANES; i++)
        if (strcmp(pane_row[i].name, name) == 0)
            return (enum pane_id)i;
    return PANE_NONE;
}

const char *const *
pane_names(void)
{
    static const char *const names[] = {
#define PANE(code, name, title, draw, help) name,
#include "view/panes.def"
#undef PANE
        NULL,
    };

    return names;
}

bool
pane_belongs(const struct scene *s, enum pane_id pane)
{
    if (!s->now)
        return true;
    switch (pane) {
    case PANE_FRAMES:
    case PANE_LAYOUT:
    case PANE_REPLACE:
    case PANE_BUDDY:
        return s->now->preset.kernel;
    case PANE_SWAP:
        return s->now->preset.kernel && s->now->hw.geo.swap_slots;
    case PANE_CACHE:
        return cache_exists(&s->now->hw);
    case PANE_MEMTYPE:
        return cache_exists(&s->now->hw) && scene_format(s)->family == FAMILY_X86 && scene_format(s)->flag.cache_disable;
    case PANE_CPUS:
        return s->now->preset.kernel && s->now->hw.geo.cpus > 1;
    case PANE_TREE:
        return format_is_tree(&s->now->hw.geo.format);
    case PANE_CHAINS:
    case PANE_ENTRIES:
        return !format_is_tree(&s->now->hw.geo.format);
    case PANE_SEGMENTS:
        return segment_exists(&s->now->hw);
    case PANE_PARTITIONS:
        return s->now->preset.kernel && s->now->os.partitions;
    case PANE_BESIDE:
        return s->beside != NULL;
    case PANE_MODE: /* elsewhere there is nothing to choose */
        return s->now->hw.geo.switches;
    default:
        return true;
    }
}

void
pane_json(const struct scene *s, enum pane_id pane, struct buffer *out)
{
    struct scene still = *s;

    still.set.numbers = NUMBERS_HEX; /* programs read it */
    if (pane > PANE_NONE && pane < PANES)
        pane_row[pane].json(&still, out);
}

void
pane_focus(struct scene_settings *set, enum pane_id pane)
{
    enum { ROOM = sizeof set->recent };
    unsigned at = 0;

    if (pane <= PANE_NONE || pane >= PANES)
        return;
    if ((int)pane != set->focus)
        set->selected = false;
    set->focus = (int)pane;
    while (at < ROOM - 1 && set->recent[at] && set->recent[at] != pane)
        at++;
    memmove(set->recent + 1, set->recent, at);
    set->recent[0] = (uint8_t)pane;
}

bool
pane_selected(const struct scene *s, enum pane_id pane)
{
    return s->set.selected && s->set.focus == (int)pane;
}

/* Nothing was picked by hand: what the event marks in this pane. */
static bool
marked_subject(const struct scene *s, enum pane_id pane, struct subject *out)
{
    unsigned bytes = scene_format(s)->entry_bytes, level;
    paddr_t slot;

    if (pane == PANE_TREE && entry_subject(s, &slot, &level) && !link_hidden(s, slot, bytes))
        *out = (struct subject){.kind = SUBJECT_MEMORY, .a = slot, .n = bytes};
    else if (pane == PANE_CACHE && event_has(s, FIELD_TAG) && event_has(s, FIELD_WAY))
        *out = subject_line(scene_cpu(s), s->event.cache, s->event.set, s->event.way);
    else if (pane == PANE_TLB && event_has(s, FIELD_SET) && event_has(s, FIELD_WAY) && !event_has(s, FIELD_TAG))
        *out = (struct subject){.kind = SUBJECT_TLB, .a = scene_cpu(s), .b = s->event.set, .n = s->event.way};
    else if ((pane == PANE_FRAMES || pane == PANE_REPLACE || pane == PANE_BUDDY) && event_frame(s))
        *out = (struct subject){.kind = SUBJECT_FRAME, .a = event_frame(s)};
    else if (pane == PANE_SEGMENTS && s->has_event && segments_subject(s, s->event.index, &slot))
        *out = (struct subject){.kind = SUBJECT_MEMORY, .a = slot, .n = 8};
    else if (pane == PANE_PARTITIONS && event_has(s, FIELD_START))
        *out = (struct subject){.kind = SUBJECT_FRAME, .a = pfn_of(scene_format(s), s->event.start)};
    else if (pane == PANE_SWAP && event_has(s, FIELD_SLOT))
        *out = (struct subject){.kind = SUBJECT_SLOT, .a = s->event.slot};
    else
        return false;
    return true;
}

bool
pane_subject(const struct scene *s, enum pane_id pane, struct subject *out)
{
    paddr_t slot;
    unsigned level;

    if (pane == PANE_HEX) {
        *out = (struct subject){.kind = SUBJECT_MEMORY, .a = hex_cursor(s), .n = 1};
        return true;
    }
    if (pane == PANE_ENTRY && entry_subject(s, &slot, &level)) {
        *out = (struct subject){.kind = SUBJECT_MEMORY, .a = slot, .n = scene_format(s)->entry_bytes};
        return true;
    }
    if (!pane_selected(s, pane))
        return marked_subject(s, pane, out);
    if (pane == PANE_CHAINS || pane == PANE_ENTRIES)
        *out = (struct subject){.kind = SUBJECT_MEMORY, .a = s->set.select_a, .n = HASHED_ENTRY};
    else if (pane == PANE_TREE)
        *out = (struct subject){.kind = SUBJECT_MEMORY, .a = s->set.select_a, .n = scene_format(s)->entry_bytes};
    else if (pane == PANE_CACHE)
        *out = cache_selected(s);
    else if (pane == PANE_TLB)
        *out = (struct subject){.kind = SUBJECT_TLB, .a = scene_cpu(s), .b = s->set.select_a, .n = (uint32_t)s->set.select_b};
    else if (pane == PANE_FRAMES || pane == PANE_REPLACE || pane == PANE_BUDDY)
        *out = (struct subject){.kind = SUBJECT_FRAME, .a = s->set.select_a};
    else if (pane == PANE_SEGMENTS && segments_subject(s, s->set.select_a, &slot))
        *out = (struct subject){.kind = SUBJECT_MEMORY, .a = slot, .n = 8};
    else if (pane == PANE_PARTITIONS)
        *out = (struct subject){.kind = SUBJECT_FRAME, .a = pfn_of(scene_format(s), s->set.select_a)};
    else if (pane == PANE_SWAP)
        *out = (struct subject){.kind = SUBJECT_SLOT, .a = s->set.select_a};
    else
        return false;
    return true;
}

void
pane_select(enum pane_id pane, uint64_t a, uint64_t b, struct scene_settings *set)
{
    pane_focus(set, pane);
    set->hex_low_digit = false;
    if (pane == PANE_HEX) {
        set->hex_at = a;
        set->hex_follows = false;
        return;
    }
    set->selected = true;
    set->select_a = a;
    set->select_b = b;
}

/* The hex pane shows what is around its cursor. */
void
pane_scroll(const struct scene *s, enum pane_id pane, int dy, struct scene_settings *set)
{
    int *at = &set->scroll[pane];

    if (pane == PANE_HEX) {
        hex_move(s, 0, dy, set);
        return;
    }
    *at += dy;
    if (*at > 5000)
        *at = 5000;
    if (*at < -5000)
        *at = -5000;
}

void
pane_move(const struct scene *s, enum pane_id pane, int dx, int dy, struct scene_settings *set)
{
    switch (pane) {
    case PANE_TREE:
        tree_move(s, dy + dx, set);
        break;
    case PANE_CHAINS:
    case PANE_ENTRIES:
        chains_move(s, pane, dy + dx, set);
        break;
    case PANE_TLB:
        tlb_move(s, dx, dy, set);
        break;
    case PANE_CACHE:
        cache_move(s, dx, dy, set);
        break;
    case PANE_FRAMES:
        frames_move(s, dx, dy, set);
        break;
    case PANE_REPLACE:
        replace_move(s, dy + dx, set);
        break;
    case PANE_SWAP:
        swap_move(s, dy + dx, set);
        break;
    case PANE_BUDDY:
        buddy_move(s, dy + dx, set);
        break;
    case PANE_SEGMENTS:
        segments_move(s, dy + dx, set);
        break;
    case PANE_PARTITIONS:
        partitions_move(s, dy + dx, set);
        break;
    case PANE_HEX:
        hex_move(s, dx, dy, set);
        break;
    case PANE_ENTRY:
        entry_move(s, dy + dx, set);
        break;
    default:
        pane_scroll(s, pane, dy, set);
        break;
    }
}

/* --- questions of several panes ----------------------------------------------------------------- */

const struct format *
scene_format(const struct scene *s)
{
    return &s->now->hw.geo.format;
}

unsigned
scene_cpu(const struct scene *s)
{
    return s->set.cpu < s->now->hw.geo.cpus ? s->set.cpu : 0;
}

bool
scene_paging(const struct scene *s)
{
    return hw_pages(&s->now->hw, scene_cpu(s));
}

bool
scene_upper(const struct scene *s)
{
    return scene_format(s)->halves && (scene_va(s) >> 55 & 1);
}

paddr_t
scene_root(const struct scene *s)
{
    const struct cpu *c = &s->now->hw.s->cpu[scene_cpu(s)];

    return walker_root(&s->now->hw, scene_upper(s) ? c->ttbr1 : c->cr3);
}

pfn_t
scene_target(const struct scene *s, unsigned level, pte_t entry)
{
    const struct format *f = scene_format(s);
    bool leaf = walker_is_leaf(&s->now->hw, scene_cpu(s), level, entry);

    return pfn_of(f, leaf ? format_large_base(f, level, entry) : format_address(f, entry));
}

bool
scene_is_hashed_entry(const struct scene *s, paddr_t slot)
{
    paddr_t first = hashed_entry_pa(scene_root(s), 0);

    return !format_is_tree(scene_format(s)) && slot >= first && slot - first < (paddr_t)hashed_entries(&s->now->hw.geo) * HASHED_ENTRY &&
           slot % HASHED_ENTRY == HASHED_ENTRY / 2;
}

pte_t
scene_entry(const struct scene *s, paddr_t slot)
{
    const struct format *f = scene_format(s);
    pte_t stored = phys_read(&s->now->hw.phys, slot, f->entry_bytes);

    return scene_is_hashed_entry(s, slot) ? hashed_translation(f, hashed_index(&s->now->hw, scene_cpu(s), slot), stored) : stored;
}

unsigned
scene_index(const struct scene *s, unsigned level, paddr_t slot)
{
    const struct format *f = scene_format(s);

    if (!format_is_tree(f))
        return hashed_index(&s->now->hw, scene_cpu(s), slot);
    return (unsigned)((slot & low_bits(f->page_shift)) / f->entry_bytes & low_bits(f->level[level].bits));
}

uint32_t
scene_slot(const struct scene *s, unsigned level, pte_t entry)
{
    return s->now->preset.kernel && level + 1u == scene_format(s)->levels ? swap_entry_slot(&s->now->os, entry) : 0;
}

bool
scene_walks(const struct scene *s)
{
    return s->walk.active && (!s->op || s->op->cpu == scene_cpu(s));
}

/* What the entry translates that a hand has just changed. */
static bool
poked_va(const struct scene *s, vaddr_t *va)
{
    const struct format *f = scene_format(s);
    const struct frame *frame;
    unsigned index;

    if (!s->has_event || s->event.code != EV_POKED || !s->now->os.frame || event_frame(s) >= s->now->hw.geo.frames)
        return false;
    frame = &s->now->os.frame[event_frame(s)];
    if (frame->use != USE_TABLE || frame->level >= f->levels || !format_is_tree(f))
        return false;
    index = (unsigned)((s->event.pa & low_bits(f->page_shift)) / f->entry_bytes & low_bits(f->level[frame->level].bits));
    *va = format_extend(f, frame->offset | (vaddr_t)index << f->level[frame->level].shift);
    return true;
}

vaddr_t
scene_va(const struct scene *s)
{
    vaddr_t va;

    if (scene_walks(s))
        return s->walk.va;
    if (event_has(s, FIELD_VA) && s->event.cpu == scene_cpu(s))
        return s->event.va;
    if (poked_va(s, &va))
        return va;
    if (s->op && (s->op->code == OP_COLLAPSE || s->op->code == OP_SPLIT) && s->op->cpu == scene_cpu(s))
        return s->op->arg[0];
    return s->now->os.layout.code;
}

const struct mm *
scene_mm(const struct scene *s)
{
    const struct os *os = &s->now->os;
    const struct task *t = os->s ? os_current(os, scene_cpu(s)) : NULL;

    return t && t->mm ? &os->s->mm[t->mm] : NULL;
}
