/* Each invariant fires, alone, when the state is broken in its way: through a quirk, or by a write
 * into the state. */
#include <stdio.h>
#include <string.h>

#include "hw/cache.h"
#include "hw/segment.h"
#include "hw/walk_cache.h"
#include "machine/invariant.h"
#include "os/partition.h"
#include "os/swap.h"
#include "support/drive.h"
#include "test.h"

/* A parent (1, running) with a child (2); code, heap, stack and two mappings touched, one page of
 * the heap written after the fork. */
static void
set_scene(struct machine *m, const char *preset, bool kernel_map)
{
    static const char *const line[] = {"spawn",
                                       "read 0x401000",
                                       "write 0x406000",
                                       "write 0x407008",
                                       "read 0x404000",
                                       "write 0x7fffffffe000",
                                       "mmap 0x10000000 16K rw",
                                       "write 0x10000000",
                                       "write 0x10001000",
                                       "mmap 0x20000000 8K rw shared",
                                       "write 0x20000000",
                                       "mmap 0x30000000 8K r",
                                       "fork",
                                       "write 0x406000"};
    struct preset p;
    struct error e = {0};

    drive_preset(preset, &p);
    p.geo.frames = 256;
    p.geo.cpus = 2;
    memset(p.geo.walk_cache, 4, 3);
    p.geo.cache[CACHE_L1] =
        (struct cache_geometry){.sets = 16, .ways = 2, .line_shift = 6, .traits = CACHE_BACK};
    p.geo.cpus = 2;
    if (!kernel_map)
        p.layout.kernel = 0;
    assert_true(machine_open(m, &p, 1, &e));
    for (size_t i = 0; i < sizeof line / sizeof *line; i++)
        drive_machine(m, line[i]);
}

/* Two programs in one piece with a hole between them. */
static void
set_programs(struct machine *m)
{
    static const char *const line[] = {"load 8K", "load 5000", "load 4K", "exit 2"};
    struct preset p;
    struct error e = {0};

    drive_preset("partitions", &p);
    assert_true(machine_open(m, &p, 1, &e));
    for (size_t i = 0; i < sizeof line / sizeof *line; i++)
        drive_machine(m, line[i]);
}

static struct translation
walk(struct machine *m, vaddr_t va)
{
    struct translation t;

    assert_true(walker_peek(&m->hw, m->os.s->mm[1].root, va, &t));
    return t;
}

static void
change_entry(struct machine *m, paddr_t slot, pte_t value)
{
    phys_write(&m->hw.phys, slot, 8, value);
}

static pfn_t
free_frame(struct machine *m)
{
    for (pfn_t i = 1; i < m->preset.geo.frames; i++)
        if (m->os.frame[i].use == USE_FREE)
            return i;
    fail_msg("no frame is free");
    return 0;
}

static struct tlb_entry *
entry_of(struct machine *m, vaddr_t va)
{
    struct tlb_entry *x = tlb_find(&m->hw, 0, va);

    assert_non_null(x);
    return x;
}

/* --- one way to break each ----------------------------------------------------------------------
 */

static void
break_F1(struct machine *m)
{
    m->os.frame[0].use = 200;
    m->os.frame[0].refs = 0;
}

static void
break_F2(struct machine *m)
{
    m->os.frame[m->os.s->mm[1].root >> 12].refs++;
}

static void
break_F3(struct machine *m)
{
    m->os.rmap[m->os.frame[walk(m, 0x10000000).pfn].rmap].va += 0x1000;
}

static void
break_F4(struct machine *m)
{
    m->os.frame[free_frame(m)].refs = 1;
}

static void
break_F5(struct machine *m)
{
    pfn_t table = m->os.s->mm[2].root >> 12;

    frame_get(&m->os, 0, table);
    assert_true(page_map(&m->os, 0, 1, 0x20001000, table, RIGHT_R | RIGHT_W, true));
}

static void
break_F6(struct machine *m)
{
    phys_write(&m->hw.phys, (paddr_t)m->os.s->zero_page << 12, 1, 7);
}

static void
break_B1(struct machine *m)
{
    for (pfn_t i = 1; i < m->preset.geo.frames; i++)
        if (m->os.frame[i].use == USE_TAIL) {
            m->os.frame[i].use = USE_FREE;
            return;
        }
}

/* Four frames in a row, aligned: their second and third are given back; the wrong buddy merges
 * these two. */
static pfn_t
take_four(struct machine *m)
{
    pfn_t four = buddy_take(&m->os, 0, 2);

    assert_int_not_equal(four, 0);
    for (int i = 0; i < 4; i++) {
        m->os.frame[four + (pfn_t)i].use = USE_RESERVED;
        m->os.frame[four + (pfn_t)i].refs = 1;
    }
    return four;
}

static void
give_back(struct machine *m, pfn_t pfn)
{
    m->os.frame[pfn].refs = 0;
    buddy_give(&m->os, 0, pfn, 0);
}

static void
break_B2(struct machine *m)
{
    pfn_t four = take_four(m);

    drive_machine(m, "set wrong-buddy on");
    give_back(m, four + 1);
    give_back(m, four + 2);
}

static void
break_B3(struct machine *m)
{
    pfn_t four = take_four(m);

    drive_machine(m, "set wrong-buddy on");
    give_back(m, four + 3);
    give_back(m, four + 2);
}

static void
break_B4(struct machine *m)
{
    m->os.s->free_count[3]++;
}

static void
break_B5(struct machine *m)
{
    pfn_t pfn = block_alloc(&m->os, 0, 3 * 4096);

    m->os.frame[pfn + 1].use = USE_BLOCK;
    m->os.frame[pfn + 1].refs = 1;
}

static void
break_T3(struct machine *m)
{
    struct translation t = walk(m, 0x10000000);

    change_entry(m, t.slot[3] + 8 * 100, 0x1000);
}

static void
break_T4(struct machine *m)
{
    struct translation t = walk(m, 0x10000000);

    change_entry(m, t.slot[2] + 8 * 50, t.entry[2]);
}

static void
break_T5(struct machine *m)
{
    drive_machine(m, "set exit-leaks on");
    drive_machine(m, "exit 2");
}

static void
break_T7(struct machine *m)
{
    pfn_t pfn = frame_alloc(&m->os, 0, USE_ANON, true);

    assert_true(page_map(&m->os, 0, 1, 0x800000000000, pfn, RIGHT_R, false));
}

static void
break_T8(struct machine *m)
{
    struct translation t = walk(m, 0x406000);

    change_entry(m, t.slot[3], t.entry[3] & ~m->preset.geo.format.flag.accessed);
}

/* An anchor forgets its chain. */
static void
break_T9(struct machine *m)
{
    uint32_t slot = hashed_slot(&m->preset.geo, 1, 0x406);

    tlb_flush(&m->hw, 0, true);
    phys_write(&m->hw.phys, hashed_anchor_pa(&m->preset.geo, m->os.s->kernel_root, slot), 4, 0);
}

static void
break_L1(struct machine *m)
{
    drive_machine(m, "set no-invalidate on");
    drive_machine(m, "write 0x10000000"); /* in the TLB, writable again after its copy */
    drive_machine(m, "mprotect 0x10000000 4096 r");
}

static void
break_L3(struct machine *m)
{
    struct tlb_entry *x = entry_of(m, 0x406000);
    unsigned set = tlb_set(&m->hw, 0x406000, 12);

    for (unsigned way = 0; way < m->preset.geo.tlb_ways; way++) {
        struct tlb_entry *y = tlb_at(&m->hw, 0, set, way);
        if (y == x)
            continue;
        *y = *x;
        y->used += 1000;
        return;
    }
}

static void
break_L4(struct machine *m)
{
    struct tlb_entry *x = entry_of(m, 0x406000);
    unsigned other = (tlb_set(&m->hw, 0x406000, 12) + 1) % m->preset.geo.tlb_sets;

    *tlb_at(&m->hw, 0, other, 0) = *x;
    x->flags = 0;
}

/* A table that is given back while a walk cache still leads to it. */
static void
break_L5(struct machine *m)
{
    struct translation t = walk(m, 0x406000);
    struct walk_entry *x = walk_cache_find(&m->hw, 0, 0x406000);

    assert_non_null(x);
    assert_int_equal(x->level, 2);
    x->table = t.slot[2] & ~UINT64_C(0xfff);
}

static void
break_L9(struct machine *m)
{
    m->hw.s->cpu[0].misses += 100;
}

static struct cache_line *
valid_line(struct machine *m)
{
    for (unsigned i = 0; i < 32; i++)
        if (m->hw.cache[CACHE_L1].line[i].valid && !m->hw.cache[CACHE_L1].line[i].dirty)
            return &m->hw.cache[CACHE_L1].line[i];
    fail_msg("no clean line is valid");
    return NULL;
}

static void
break_D1(struct machine *m)
{
    cache_bytes(&m->hw.cache[CACHE_L1], valid_line(m))[5] ^= 1;
}

static void
break_D2(struct machine *m)
{
    struct cache *c = &m->hw.cache[CACHE_L1];
    struct cache_line *from = valid_line(m), *to = from < c->line + 16 ? from + 16 : from - 16;

    memcpy(cache_bytes(c, to), cache_bytes(c, from), 64);
    *to = *from;
    from->valid = 0;
}

/* The set has the second CPU's line too. */
static void
break_D3(struct machine *m)
{
    struct cache *c = &m->hw.cache[CACHE_L1];
    struct cache_line *l = valid_line(m), *other = cache_at(c, 1, cache_set_of(c, l), 0);

    memcpy(cache_bytes(c, other), cache_bytes(c, l), 64);
    *other = *l;
    l->dirty = 1;
}

static void
break_V1(struct machine *m)
{
    m->os.area[area_find(&m->os, 1, 0x30000000)].end++;
}

static void
break_V2(struct machine *m)
{
    m->os.area[area_find(&m->os, 1, 0x406000)].prot = RIGHT_R;
}

static void
break_C1(struct machine *m)
{
    drive_machine(m, "set fork-leaves-writable on");
    drive_machine(m, "fork");
}

static void
break_A1(struct machine *m)
{
    m->os.s->mm[1].rss_anon++;
}

static void
break_P1(struct machine *m)
{
    pfn_t stored = walk(m, 0x406000).pfn;

    m->hw.phys.content[free_frame(m)].slot = m->hw.phys.content[stored].slot;
}

static void
break_O1(struct machine *m)
{
    m->os.frame[walk(m, 0x401000).pfn].offset += 1000;
}

static void
break_O2(struct machine *m)
{
    m->os.s->object[m->os.area[area_find(&m->os, 1, 0x401000)].object].refs++;
}

/* A third process with two pages in memory and one in a slot; the first of the two came from one. */
static pfn_t
swap_out(struct machine *m)
{
    static const char *const line[] = {"spawn",
                                       "switch 3",
                                       "set policy fifo",
                                       "set resident_limit 2",
                                       "mmap 0x50000000 16K rw",
                                       "write 0x50000000",
                                       "write 0x50001000",
                                       "write 0x50002000",
                                       "read 0x50000000"};

    for (size_t i = 0; i < sizeof line / sizeof *line; i++)
        drive_machine(m, line[i]);
    assert_int_equal(m->os.s->mm[3].swapped, 1);
    return rmap_frame(&m->os, 3, 0x50000000);
}

static void
break_W1(struct machine *m)
{
    m->os.swap[m->os.frame[swap_out(m)].slot].refs++;
}

static void
break_W2(struct machine *m)
{
    m->os.swap[m->os.frame[swap_out(m)].slot].content = (struct content){.tag = 77};
}

static void
break_W3(struct machine *m)
{
    swap_out(m);
    m->os.s->swap_used++;
}

static void
break_W4(struct machine *m)
{
    swap_out(m);
    m->os.s->mm[3].swapped++;
}

static void
break_W5(struct machine *m)
{
    swap_out(m);
    for (uint32_t i = 1; i <= m->os.s->swap_ever; i++)
        m->os.swap[i].kept &= m->os.swap[i].frame != 0;
}

static void
break_R1(struct machine *m)
{
    m->os.s->ring_pages++;
}

static void
break_R2(struct machine *m)
{
    m->os.s->mm[2].hand = m->os.s->zero_page;
}

static void
break_R3(struct machine *m)
{
    m->os.resident[walk(m, 0x406000).pfn].used = m->os.s->references + 2;
}

/* CPU 0 waits for an acknowledgement of CPU 1, whose interrupt is lost. */
static void
break_S1(struct machine *m)
{
    struct outcome out;

    out = drive_machine(m, "thread");
    assert_int_equal(out.value, 3);
    drive_machine(m, "switch 3 cpu=1");
    drive_machine(m, "munmap 0x10001000 4K wait=no");
    assert_true(shootdown_waits(&m->os, 0));
    memset(m->hw.ipi, 0, CPU_MAX * CPU_MAX * sizeof *m->hw.ipi);
}

/* A frame too much at the end, nobody's. */
static void
break_M1(struct machine *m)
{
    struct partitions *p = m->os.partitions;

    p->at[p->count - 1].size -= 1024;
}

/* The last hole is cut in two. */
static void
break_M2(struct machine *m)
{
    struct partitions *p = m->os.partitions;
    struct partition *last = &p->at[p->count - 1];

    last[1] = (struct partition){.start = last->start + 1024, .size = last->size - 1024};
    last->size = 1024;
    p->count++;
}

/* It is in memory and waits for it too. */
static void
break_M3(struct machine *m)
{
    m->os.partitions->queue[m->os.partitions->waiting++] = 3;
}

static void
break_M4(struct machine *m)
{
    m->os.frame[m->preset.geo.frames - 1].owner = 1;
}

/* Moved without telling the hardware. */
static void
break_M5(struct machine *m)
{
    phys_write(&m->hw.phys, partition_descriptor(1), 1, 0x80);
}

static void
break_K1(struct machine *m)
{
    tlb_flush(&m->hw, 0, true);
    m->hw.s->cpu[0].cr3 = m->os.s->mm[2].root;
}

/* Two that never met, one number. */
static void
break_K2(struct machine *m)
{
    m->os.asids->context[2] = m->os.asids->context[1];
}

/* --- the table ----------------------------------------------------------------------------------
 */

static void (*const break_row[INVARIANTS])(struct machine *) = {
#define INVARIANT(code, id, check, text) [INV_##code] = break_##code,
#include "machine/invariants.def"
#undef INVARIANT
};

static void
each_breaks_alone(void **state)
{
    (void)state;
    for (int i = 0; i < INVARIANTS; i++) {
        struct machine m;
        struct violation v[INVARIANTS];
        unsigned n;

        if (i >= INV_M1 && i <= INV_M5)
            set_programs(&m);
        else
            set_scene(&m, i == INV_T9 ? "hashed" : i == INV_K2 ? "asid" : "x86-64", i != INV_T7);
        assert_int_equal(invariant_check(&m, v, INVARIANTS), 0);
        break_row[i](&m);
        n = invariant_check(&m, v, INVARIANTS);
        if (n != 1 || v[0].invariant != (enum invariant_code)i) {
            printf("%s: %u fired:\n", invariant_row[i].id, n);
            for (unsigned j = 0; j < n; j++)
                printf("  %s: %s\n", invariant_row[v[j].invariant].id, v[j].where);
            fail();
        }
        assert_string_not_equal(v[0].where, "");
        machine_close(&m);
    }
    printf("COUNT invariants %d\n", INVARIANTS);
}

/* --- what one sentence says can break in more than one way --------------------------------------- */

/* The slot went to somebody else, and the frame was not told. */
static void
frame_keeps_a_slot(struct machine *m)
{
    m->os.frame[rmap_frame(&m->os, 1, 0x407000)].slot = m->os.frame[swap_out(m)].slot;
    m->os.frame[rmap_frame(&m->os, 1, 0x407000)].dirty = 1;
}

/* What the last page left in a slot would be read by the next one. */
static void
free_slot_keeps_bytes(struct machine *m)
{
    swap_out(m);
    drive_machine(m, "exit 3");
    m->os.swap[m->os.s->swap_free].content.tag = 77;
}

static void
zero_page_miscounted(struct machine *m)
{
    m->os.s->mm[1].zeros++;
}

static void
never_loaded(struct machine *m)
{
    m->os.resident[walk(m, 0x406000).pfn].loaded = 0;
}

static void
second_ways(void **state)
{
    static const struct {
        enum invariant_code invariant;
        void (*break_it)(struct machine *);
    } row[] = {{INV_W1, frame_keeps_a_slot},
               {INV_W3, free_slot_keeps_bytes},
               {INV_A1, zero_page_miscounted},
               {INV_R3, never_loaded}};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct machine m;
        struct violation v[INVARIANTS];

        set_scene(&m, "x86-64", true);
        row[i].break_it(&m);
        assert_int_equal(invariant_check(&m, v, INVARIANTS), 1);
        assert_int_equal(v[0].invariant, row[i].invariant);
        machine_close(&m);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_breaks_alone),
                                       cmocka_unit_test(second_ways)};

    return RUN_TESTS(tests);
}
