/* Where the kernel's records lie in the arena, and how it boots.
 *
 * Booting is short because zero is a valid state: an untouched frame record says "inside a free
 * block", so only the first frame of each block is written, however much memory there is. Linux
 * fills in a struct page for every frame (mm/mm_init.c, memmap_init).
 */
#include "os/os.h"

#include "base/assert.h"
#include "os/partition.h"
#include "os/swap.h"

/* No padding: a state is compared byte by byte. */
_Static_assert(sizeof(struct access) == 24 && sizeof(struct fault) == 16, "no padding");
_Static_assert(sizeof(struct fault_record) == 88 && sizeof(struct task) == 120, "no padding");
_Static_assert(sizeof(struct mm) == 96, "no padding");
_Static_assert(sizeof(struct asids) == 8 * (1 + TASK_MAX + 2 * CPU_MAX + 64) + 2 * 4, "no padding");
_Static_assert(sizeof(struct os_state) ==
                   TASK_MAX * (sizeof(struct task) + sizeof(struct mm)) +
                       OBJECT_MAX * sizeof(struct object) +
                       (CACHE_BUCKETS + 2 * BUDDY_ORDERS + 16 + HUGE_POOL_MAX) * sizeof(uint32_t) +
                       5 * sizeof(uint64_t) + sizeof(struct refstring) + sizeof(struct rng),
               "no padding");

const char *const signal_name[SIGNAL_COUNT] = {
#define X(code, text) text,
    SIGNALS(X)
#undef X
};

enum {
    RMAP_MIN = 4096,    /* nodes, even on a machine of a few frames: the zero page needs many */
    RMAP_PER_FRAME = 4, /* on average; fork and the zero page share */
};

static unsigned
bits_for(uint64_t n)
{
    unsigned bits = 0;

    while (bits < 31 && (UINT64_C(1) << bits) < n)
        bits++;
    return bits;
}

void
os_plan_hot(struct os_plan *plan, const struct geometry *geo, size_t *next)
{
    plan->state = arena_plan(next, 1, sizeof(struct os_state), false);
    plan->shoot = arena_plan(next, geo->cpus > 1, sizeof(struct shoot_state), false);
    plan->partitions = arena_plan(next, geo->program_frames != 0, sizeof(struct partitions), false);
    plan->isolation = arena_plan(next, geo->kpti, sizeof(struct isolation), false);
    plan->asids = arena_plan(next, geo->asid_bits != 0, sizeof(struct asids), false);
}

void
os_plan_large(struct os_plan *plan, const struct geometry *geo, size_t *next)
{
    uint64_t nodes = geo->frames * RMAP_PER_FRAME, most = UINT32_MAX / 2;

    pw_assert(geo->frames <= UINT32_MAX);                        /* links are 32 bits wide */
    pw_assert(geo->swap_slots <= swap_slots_most(&geo->format)); /* an entry must hold the number */
    plan->rmap_max = (uint32_t)(nodes < RMAP_MIN ? RMAP_MIN : nodes < most ? nodes : most);
    plan->rmap_bits = bits_for(plan->rmap_max / 2);
    plan->area_max = TASK_MAX * AREA_MAX;
    plan->frame = arena_plan(next, geo->frames, sizeof(struct frame), true);
    plan->rmap = arena_plan(next, (size_t)plan->rmap_max + 1, sizeof(struct rmap), true);
    plan->rmap_bucket = arena_plan(next, (size_t)1 << plan->rmap_bits, sizeof(uint32_t), true);
    plan->area = arena_plan(next, (size_t)plan->area_max + 1, sizeof(struct area), true);
    plan->resident = arena_plan(next, geo->frames, sizeof(struct resident), true);
    plan->swap = arena_plan(next, (size_t)geo->swap_slots + 1, sizeof(struct swap_slot), true);
    plan->refs = arena_plan(next, geo->string_max, sizeof(uint32_t), true);
    plan->held = 0; /* one CPU: a place that nobody uses */
    if (geo->cpus > 1)
        plan->held = arena_plan(next, (size_t)plan->rmap_max + 1, sizeof(struct held), true);
    mapping_plan(&plan->mappings, geo, plan->rmap_max + geo->swap_slots, next);
    plan->image_next = arena_plan(next, geo->program_frames ? (size_t)geo->swap_slots + 1 : 0,
                                  sizeof(uint32_t), true);
}

void
os_attach(struct os *os, struct hw *hw, const struct os_plan *plan, const struct layout *layout)
{
    unsigned char *base = hw->arena->base;

    *os = (struct os){
        .hw = hw,
        .s = (struct os_state *)(base + plan->state),
        .frame = (struct frame *)(base + plan->frame),
        .rmap = (struct rmap *)(base + plan->rmap),
        .rmap_bucket = (uint32_t *)(base + plan->rmap_bucket),
        .area = (struct area *)(base + plan->area),
        .resident = (struct resident *)(base + plan->resident),
        .swap = (struct swap_slot *)(base + plan->swap),
        .refs = (uint32_t *)(base + plan->refs),
        .shoot = (struct shoot_state *)(base + plan->shoot),
        .held = (struct held *)(base + plan->held),
        .image_next = (uint32_t *)(base + plan->image_next),
        .asids = (struct asids *)(base + plan->asids),
        .isolation = (struct isolation *)(base + plan->isolation),
        .rmap_max = plan->rmap_max,
        .rmap_bits = plan->rmap_bits,
        .area_max = plan->area_max,
        .layout = *layout,
    };
    mapping_attach(&os->mappings, base, &plan->mappings);
    if (hw->geo.program_frames)
        os->partitions = (struct partitions *)(base + plan->partitions);
}

/* Frame 0 is the kernel's for good, so that 0 can mean "none" everywhere. */
static void
reserve_frame_0(struct os *os)
{
    struct frame *f = frame_edit(os, 0);

    f->use = USE_RESERVED;
    f->refs = 1;
}

/* No process yet. Where the kernel's half has a root of its own, this is the only time it is loaded. */
static void
set_roots(struct os *os, unsigned cpu)
{
    struct cpu *c = &os->hw->s->cpu[cpu];

    c->cr3 = walker_root_value(os->hw, os->s->kernel_root);
    if (os->hw->geo.format.halves)
        c->ttbr1 = c->ttbr0;
}

bool
os_boot(struct os *os)
{
    pfn_t first = 1;

    if (os->hw->geo.frames < 2)
        return false;
    reserve_frame_0(os);
    if (!format_is_tree(&os->hw->geo.format) && (first = mapping_boot(os)) == 0)
        return false;
    buddy_add_range(os, first, os->hw->geo.frames - os->hw->geo.program_frames);
    partition_boot(os);
    asid_boot(os);
    os->s->zero_page = (uint32_t)frame_alloc(os, 0, USE_ZERO, false);
    if (os->s->zero_page == 0 || (os->layout.kernel && !table_map_ram(os)))
        return false;
    for (unsigned cpu = 0; cpu < os->hw->geo.cpus; cpu++) {
        set_roots(os, cpu);
        walker_load_root(os->hw, cpu);
    }
    return true;
}
