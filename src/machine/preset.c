/* Machine presets: JSON in, every member resolved and checked, so that nothing above needs a
 * default. */
#include "machine/preset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"
#include "hw/hashed.h"
#include "machine/operation.h"
#include "machine/preset_internal.h"
#include "os/policy.h"
#include "os/swap.h"

static const char *const members[] = {
    "schema", "name",    "title",  "format",    "control",    "maxpa",    "memory",   "tlb",
    "cpus",   "dialect", "layout", "tunables",  "quirks",     "kernel",   "cache",    "caches",
    "image",  "swap",    "string", "modes",     "walk_cache", "segments", "programs", "kpti",
    "asid_bits", NULL};

static bool
copy_string(struct json v, const char *member, char *out, size_t size, struct error *e)
{
    const char *text;

    if (!json_get_string(v, member, &text, e))
        return false;
    if (strlen(text) >= size)
        return json_fail(json_find(v, member), e, "longer than %zu bytes", size - 1);
    strcpy(out, text);
    return true;
}

static bool
read_title(struct json root, struct preset *p, struct error *e)
{
    static const char *const names[] = {"en", "zh", NULL};
    struct json title;

    return json_get_object(root, "title", &title, e) && json_only_members(title, names, e) &&
           copy_string(title, "en", p->title_en, sizeof p->title_en, e) &&
           copy_string(title, "zh", p->title_zh, sizeof p->title_zh, e);
}

/* Memory that no entry of a page table can name could be had, but never mapped; and what CR3 cannot
 * name can hold no root (under PAE, with its 32-bit CR3, all beyond 4 GiB). */
static uint64_t
frames_most(const struct format *f, unsigned maxpa)
{
    unsigned bits = 64 - (unsigned)__builtin_clzll(format_address(f, f->frame) & f->root);

    if (!format_is_tree(f)) /* and has to be named by a link */
        return UINT64_C(1) << HASHED_LINK_BITS;
    return UINT64_C(1) << ((maxpa < bits ? maxpa : bits) - f->page_shift);
}

/* Where a CPU has protection beside its tables, its firmware opens the memory there is. */
static void
set_frames(struct preset *p, uint64_t frames)
{
    p->geo.frames = frames;
    if (p->geo.format.family == FAMILY_RISCV)
        p->geo.open_to = pa_of(&p->geo.format, frames);
}

static bool
read_geometry(struct json root, struct preset *p, struct error *e)
{
    static const char *const memory_names[] = {"frames", "stored_pages", "max_order", NULL};
    struct json memory;
    int64_t frames, cpus = 1, maxpa = p->geo.format.pa_bits, pages = 0;
    int64_t max_order = BUDDY_ORDERS - 1;
    int64_t most = INT64_C(1) << (52 - p->geo.format.page_shift);

    if (!json_get_object(root, "memory", &memory, e) ||
        !json_only_members(memory, memory_names, e) || !preset_tlb(root, p, e))
        return false;
    if (!json_get_int(memory, "frames", 1, most < 1 << 24 ? most : 1 << 24, &frames, e) ||
        !json_opt_int(root, "cpus", 1, CPU_MAX, &cpus, e) ||
        !json_opt_int(root, "maxpa", p->geo.format.page_shift + 1, p->geo.format.pa_bits, &maxpa,
                      e) ||
        !json_opt_int(memory, "stored_pages", 1, 1 << 24, &pages, e) ||
        !json_opt_int(memory, "max_order", 0, BUDDY_ORDERS - 1, &max_order, e))
        return false;
    if ((uint64_t)frames << p->geo.format.page_shift > UINT64_C(1) << maxpa)
        return json_fail(json_find(memory, "frames"), e,
                         "%lld frames need more than maxpa = %lld address bits", (long long)frames,
                         (long long)maxpa);
    if ((uint64_t)frames > frames_most(&p->geo.format, (unsigned)maxpa))
        return json_fail(json_find(memory, "frames"), e,
                         "%lld frames are more than the frame field of an entry can name, %llu",
                         (long long)frames,
                         (unsigned long long)frames_most(&p->geo.format, (unsigned)maxpa));
    set_frames(p, (uint64_t)frames);
    p->geo.cpus = (uint8_t)cpus;
    p->geo.maxpa = (uint8_t)maxpa;
    p->geo.slot_max = (uint32_t)(pages ? pages : frames + 16);
    p->geo.far_max = 64;
    p->geo.max_order = (uint8_t)max_order;
    return true;
}

/* A table of the kernel's is one frame, any that there is. */
static bool
check_tables(struct json format, const struct preset *p, struct error *e)
{
    const struct format *f = &p->geo.format;

    if (!format_is_tree(f))
        return p->kernel ||
               json_fail(json_find(format, "kind"), e, "only a kernel fills a table that is no tree");
    if (p->kernel && !(f->root & format_page(f)))
        return json_fail(json_find(format, "root"), e,
                         "a machine with a kernel needs a root in any frame: bit %d",
                         f->page_shift);
    return !p->kernel || format_table_bytes(f, 0) <= format_page(f) ||
           json_fail(json_find(format, "levels"), e,
                     "a machine with a kernel needs a root table that fits into a page of %llu "
                     "bytes",
                     (unsigned long long)format_page(f));
}

static bool
read_image(struct json root, struct preset *p, struct error *e)
{
    struct json o = json_find(root, "image");

    if (!o.node)
        return true;
    if (p->kernel)
        return json_fail(o, e, "a machine with a kernel makes its own memory and tables");
    return json_get_object(root, "image", &o, e) && image_from_json(o, &p->geo, &p->image, e);
}

enum { STRING_USUAL = 4096, STRING_MOST = 1 << 20, SWAP_MOST = 1 << 22 };

/* As many as an entry can name, and the host can keep. */
static uint64_t
swap_most(const struct preset *p)
{
    uint64_t most = swap_slots_most(&p->geo.format);

    return most < SWAP_MOST ? most : SWAP_MOST;
}

/* The bytes of a page on the device are stored where those in memory are. */
static void
set_swap(struct preset *p, uint64_t slots)
{
    p->geo.slot_max += (uint32_t)slots - p->geo.swap_slots;
    p->geo.swap_slots = (uint32_t)slots;
}

/* A device for pages that have no file, and a string of references: a machine may do without. */
static bool
read_swap(struct json root, struct preset *p, struct error *e)
{
    static const char *const names[] = {"slots", NULL};
    struct json swap = json_find(root, "swap");
    int64_t slots = 0, string = STRING_USUAL;

    if (swap.node && (!json_only_members(swap, names, e) ||
                      !json_get_int(swap, "slots", 0, (int64_t)swap_most(p), &slots, e)))
        return false;
    if (!json_opt_int(root, "string", 0, STRING_MOST, &string, e))
        return false;
    set_swap(p, (uint64_t)slots);
    p->geo.string_max = (uint32_t)string;
    return true;
}

/* x86's registers when it is switched on. */
static bool
read_control_x86(struct json control, struct preset *p, struct error *e)
{
    static const char *const names[] = {"cr0", "cr4", "efer", NULL};
    const uint64_t paging = CR0_PE | CR0_PG;

    p->cr0 = paging | CR0_WP;
    if (!control.node)
        return true;
    if (!json_only_members(control, names, e) || !json_opt_hex(control, "cr0", &p->cr0, e) ||
        !json_opt_hex(control, "cr4", &p->cr4, e) || !json_opt_hex(control, "efer", &p->efer, e))
        return false;
    if ((p->cr4 & CR4_PCIDE) && (!(p->efer & EFER_LMA) || p->geo.format.page_shift < 12))
        return json_fail(json_find(control, "cr4"), e,
                         "PCIDE needs EFER.LMA, and pages that leave 12 bits of CR3 free");
    if ((p->cr4 & CR4_PCIDE) && !format_is_tree(&p->geo.format))
        return json_fail(json_find(control, "cr4"), e,
                         "PCIDE needs the bits of CR3 that name a process here");
    return !p->kernel || (p->cr0 & paging) == paging ||
           (p->geo.program_frames && !(p->cr0 & CR0_PG)) ||
           json_fail(json_find(control, "cr0"), e, "a machine with a kernel needs PE and PG");
}

static bool
read_control_riscv(struct json control, struct preset *p, struct error *e)
{
    static const char *const names[] = {"sstatus", "menvcfg", NULL};

    return !control.node ||
           (json_only_members(control, names, e) && json_opt_hex(control, "sstatus", &p->cr4, e) &&
            json_opt_hex(control, "menvcfg", &p->efer, e));
}

static bool
read_control_arm(struct json control, struct preset *p, struct error *e)
{
    static const char *const names[] = {"sctlr", "tcr", NULL};
    unsigned bits = p->geo.format.va_bits;

    if (!control.node)
        return json_fail(control, e, "an arm machine needs sctlr and tcr");
    if (!json_only_members(control, names, e) || !json_get_hex(control, "sctlr", &p->cr0, e) ||
        !json_get_hex(control, "tcr", &p->cr4, e))
        return false;
    if (p->kernel && !(p->cr0 & SCTLR_M))
        return json_fail(json_find(control, "sctlr"), e, "a machine with a kernel needs M");
    return !p->kernel || (TCR_T0SZ(p->cr4) == 64 - bits && TCR_T1SZ(p->cr4) == 64 - bits) ||
           json_fail(json_find(control, "tcr"), e,
                     "T0SZ and T1SZ of a machine with a kernel must be 64 - va_bits, %u",
                     64 - bits);
}

static bool
read_control(struct json root, struct preset *p, struct error *e)
{
    static bool (*const read[FAMILIES])(struct json, struct preset *,
                                        struct error *) = {[FAMILY_X86] = read_control_x86,
                                                           [FAMILY_RISCV] = read_control_riscv,
                                                           [FAMILY_ARM] = read_control_arm};

    return read[p->geo.format.family](json_find(root, "control"), p, e);
}

/* What lies where in a process, upwards; the kernel's half above it. Written so that nothing can
 * overflow: each end is compared with what is left above it. */
static bool
check_layout(struct json o, const struct preset *p, struct error *e)
{
    const struct layout *l = &p->layout;
    const struct format *f = &p->geo.format;
    uint64_t half = low_bits(f->va_bits - (f->canonical ? 1u : 0u));
    const struct {
        const char *name, *what;
        bool wrong;
    } rule[] = {
        {"code_size", "a program has code", l->code_size == 0},
        {"data_size", "a program has data", l->data_size == 0},
        {"stack_size", "a process has a stack", l->stack_size == 0},
        {"data", "lies inside the code", l->data < l->code || l->data - l->code < l->code_size},
        {"heap", "lies inside the data", l->heap < l->data || l->heap - l->data < l->data_size},
        {"mmap_top", "lies inside the heap",
         l->mmap_top < l->heap || l->mmap_top - l->heap < l->heap_size},
        {"stack_top", "the stack reaches below mmap_top",
         l->stack_top < l->mmap_top || l->stack_top - l->mmap_top < l->stack_size},
        {"user_end", "lies inside the stack", l->user_end < l->stack_top},
        {"user_end", "lies outside the user's half of the addresses", l->user_end - 1 > half},
        {"kernel", "is no address of this format", format_extend(f, l->kernel) != l->kernel},
        {"kernel", "lies below user_end", l->kernel && l->kernel < l->user_end},
        {"kernel", "a table that is no tree has no room for all of RAM once more",
         l->kernel && !format_is_tree(f)},
        {"kernel", "shares an entry of the root table with the user",
         (l->kernel & low_bits(f->level[0].shift)) != 0},
    };

    for (size_t i = 0; i < sizeof rule / sizeof *rule; i++)
        if (rule[i].wrong) {
            struct json at = json_find(o, rule[i].name);

            return json_fail(at.node ? at : o, e, at.node ? "%s" : "%s: not there, or 0",
                             at.node ? rule[i].what : rule[i].name);
        }
    return true;
}

/* One table for the members of "layout": where each goes. */
static bool
read_layout(struct json root, struct preset *p, struct error *e)
{
    struct layout *l = &p->layout;
    struct json o = json_find(root, "layout");
    const struct {
        const char *name;
        uint64_t *to;
    } member[] = {
        {"code", &l->code},           {"data", &l->data},           {"heap", &l->heap},
        {"code_size", &l->code_size}, {"data_size", &l->data_size}, {"heap_size", &l->heap_size},
        {"mmap_top", &l->mmap_top},   {"stack_top", &l->stack_top}, {"stack_size", &l->stack_size},
        {"user_end", &l->user_end},   {"kernel", &l->kernel},
    };
    const char *names[sizeof member / sizeof *member + 1] = {0};
    uint64_t page = format_page(&p->geo.format);

    if (!o.node)
        return !p->kernel || json_fail(root, e, "a machine with a kernel needs a \"layout\"");
    for (size_t i = 0; i < sizeof member / sizeof *member; i++) {
        names[i] = member[i].name;
        if (!json_opt_hex(o, member[i].name, member[i].to, e))
            return false;
        if (*member[i].to % page)
            return json_fail(json_find(o, member[i].name), e,
                             "not a multiple of the page size, %llu", (unsigned long long)page);
    }
    return json_only_members(o, names, e) && (!p->kernel || check_layout(o, p, e));
}

static const char no_future[] =
    "opt must know the future: load a string of references, then set policy opt";

static bool
needs_future(const struct set_field *f, uint64_t value)
{
    return f->index == TUNE_POLICY && value == POLICY_OPT;
}

/* A tunable may be given by its word. OPT needs a string of references, which no machine has from
 * the start. */
static bool
read_tunable(struct json v, const struct set_field *f, uint64_t *value, struct error *e)
{
    const struct tunable_row *row = &tunable_row[f->index];
    struct error unused = {0};
    int64_t number = 0;
    const char *word;

    if (!set_field_word(f, 0) || json_kind(v) != JSON_STRING) {
        if (!json_as_int(v, (int64_t)row->least, (int64_t)row->most, &number, e))
            return false;
        *value = (uint64_t)number;
    } else if (!json_as_string(v, &word, e)) {
        return false;
    } else if (!set_field_value(f, word, value, &unused)) {
        return json_fail(v, e, "%s cannot be \"%s\"", row->name, word);
    }
    return !needs_future(f, *value) || json_fail(v, e, "%s", no_future);
}

static bool
read_tunables(struct json root, struct preset *p, struct error *e)
{
    struct json o = json_find(root, "tunables");
    const char *names[TUNABLES + 1] = {0};

    for (int i = 0; i < TUNABLES; i++) {
        const struct set_field *f = set_field_at((unsigned)set_field_by_name(tunable_row[i].name));
        struct json v = {0};

        names[i] = tunable_row[i].name;
        p->tunable[i] = tunable_row[i].value;
        if (o.node)
            v = json_find(o, names[i]);
        if (v.node && !read_tunable(v, f, &p->tunable[i], e))
            return false;
    }
    if (o.node && !json_only_members(o, names, e))
        return false;
    return preset_tlb_fits(json_find(o, "tlb_policy"), p, e);
}

static bool
read_quirks(struct json root, struct preset *p, struct error *e)
{
    struct json list = json_find(root, "quirks");

    for (struct json v = list.node ? json_first(list) : list; v.node; v = json_next(v)) {
        const char *name;
        int field;
        if (!json_as_string(v, &name, e))
            return false;
        field = set_field_by_name(name);
        if (field < 0 || set_field_at((unsigned)field)->class != SET_QUIRK)
            return json_fail(v, e, "there is no quirk \"%s\"", name);
        p->quirks |= UINT64_C(1) << set_field_at((unsigned)field)->index;
    }
    return true;
}

static bool
resolve(struct json root, struct preset *p, struct error *e)
{
    p->kernel = true;
    strcpy(p->dialect, "intel");
    return json_only_members(root, members, e) &&
           copy_string(root, "name", p->name, sizeof p->name, e) && read_title(root, p, e) &&
           preset_read_format(root, p, e) && read_geometry(root, p, e) &&
           preset_read_asids(root, p, e) && read_swap(root, p, e) &&
           json_opt_bool(root, "kernel", &p->kernel, e) &&
           check_tables(json_find(root, "format"), p, e) && preset_read_cache(root, p, e) &&
           preset_walk_cache(root, p, e) && preset_read_segments(root, p, e) &&
           preset_read_programs(root, p, e) && read_control(root, p, e) &&
           preset_check_modes(root, p, e) &&
           (!json_find(root, "dialect").node ||
            copy_string(root, "dialect", p->dialect, sizeof p->dialect, e)) &&
           read_layout(root, p, e) && read_tunables(root, p, e) && read_quirks(root, p, e) &&
           read_image(root, p, e);
}

bool
preset_from_document(struct json_doc *doc, struct preset *out, struct error *e)
{
    bool ok;

    if (!doc)
        return false;
    memset(out, 0, sizeof *out);
    ok = json_schema(doc, "pagewalk.machine/1", e) && resolve(json_root(doc), out, e);
    json_free(doc);
    return ok;
}

bool
preset_parse(const char *json, size_t length, const char *file, struct preset *out, struct error *e)
{
    return preset_from_document(json_parse(json, length, file, e), out, e);
}

/* --- play --set key=value -----------------------------------------------------------------------
 */

bool
preset_number(const char *key, const char *text, uint64_t least, uint64_t most, uint64_t *to,
                 struct error *e)
{
    return number_parse_range(text, least, most, key, to, e);
}

/* Address bits that the memory there is needs at least. */
static unsigned
bits_for(const struct preset *p)
{
    unsigned bits = p->geo.format.page_shift + 1u;

    while (UINT64_C(1) << (bits - p->geo.format.page_shift) < p->geo.frames)
        bits++;
    return bits;
}

bool
preset_power(const char *key, const char *text, uint64_t least, uint64_t most, uint64_t *to,
                struct error *e)
{
    if (!preset_number(key, text, least, most, to, e))
        return false;
    return !(*to & (*to - 1)) ||
           error_set(e, EXIT_USAGE, "%s: %llu is not a power of two", key, (unsigned long long)*to);
}

const char *const preset_sizes[] = {
    "frames",     "swap",       "string", "tlb.sets", "tlb.ways",  "cache.sets", "cache.ways",
    "cache.line", "walk_cache", "cpus",   "maxpa",    "asid_bits", NULL};

static bool
override_cache(struct preset *p, const char *key, const char *text, struct error *e)
{
    struct cache_geometry *c = &p->geo.cache[CACHE_L1];
    uint64_t v = 0;

    if (strcmp(key, "cache.sets") == 0 && preset_power(key, text, 0, 4096, &v, e))
        c->sets = (uint16_t)v;
    else if (strcmp(key, "cache.ways") == 0 && preset_number(key, text, 1, 16, &v, e))
        c->ways = (uint16_t)v;
    else if (strcmp(key, "cache.line") == 0 &&
             preset_power(key, text, 1, preset_line_most(&p->geo.format), &v, e))
        c->line_shift = (uint8_t)__builtin_ctzll(v);
    else
        return e->code != EXIT_OK;
    return true;
}

static bool
override_geometry(struct preset *p, const char *key, const char *text, bool *known, struct error *e)
{
    uint64_t v = 0, most = frames_most(&p->geo.format, p->geo.maxpa);
    uint64_t least = p->geo.program_frames + UINT64_C(1);

    *known = true;
    if (p->geo.program_frames && most > preset_programs_most(p))
        most = preset_programs_most(p);
    if (override_cache(p, key, text, e) || preset_set_tlb(p, key, text, e))
        return e->code == EXIT_OK;
    if (strcmp(key, "frames") == 0 &&
        preset_number(key, text, least, most < 1 << 24 ? most : 1 << 24, &v, e)) {
        set_frames(p, v);
        p->geo.slot_max = (uint32_t)v + 16 + p->geo.swap_slots;
    } else if (strcmp(key, "swap") == 0 && preset_number(key, text, 0, swap_most(p), &v, e)) {
        set_swap(p, v);
    } else if (strcmp(key, "string") == 0 && preset_number(key, text, 0, STRING_MOST, &v, e)) {
        p->geo.string_max = (uint32_t)v;
    } else if (strcmp(key, "cpus") == 0 && preset_number(key, text, 1, CPU_MAX, &v, e)) {
        p->geo.cpus = (uint8_t)v;
    } else if (strcmp(key, "maxpa") == 0 &&
               preset_number(key, text, bits_for(p), p->geo.format.pa_bits, &v, e)) {
        p->geo.maxpa = (uint8_t)v;
    } else {
        *known = e->code != EXIT_OK;
    }
    return e->code == EXIT_OK;
}

static bool
unknown_setting(const char *key, struct error *e)
{
    char sizes[160] = "";

    for (int i = 0; preset_sizes[i]; i++)
        snprintf(sizes + strlen(sizes), sizeof sizes - strlen(sizes), "%s, ", preset_sizes[i]);
    return error_set(e, EXIT_USAGE, "--set knows %stunables and quirks, not \"%s\"", sizes, key);
}

static bool
override_field(struct preset *p, const char *key, const char *text, struct error *e)
{
    int found = set_field_by_name(key);
    const struct set_field *f = found < 0 ? NULL : set_field_at((unsigned)found);
    uint64_t v;

    if (!f || (f->class != SET_TUNABLE && f->class != SET_QUIRK))
        return unknown_setting(key, e);
    if (f->class == SET_QUIRK) {
        if (!preset_number(key, text, 0, 1, &v, e))
            return false;
        p->quirks = (p->quirks & ~(UINT64_C(1) << f->index)) | v << f->index;
        return true;
    }
    if (set_field_word(f, 0) ? !set_field_value(f, text, &v, e)
                             : !preset_number(key, text, tunable_row[f->index].least,
                                              tunable_row[f->index].most, &v, e))
        return false;
    if (v > tunable_row[f->index].most)
        return error_set(e, EXIT_USAGE, "%s: %s is too large", key, text);
    if (needs_future(f, v))
        return error_set(e, EXIT_USAGE, "%s", no_future);
    p->tunable[f->index] = v;
    return true;
}

/* An initial state was checked against the geometry it was made for; only more CPUs do not matter. */
static bool
image_still_fits(struct preset *p, const struct geometry *before, struct error *e)
{
    struct geometry now = p->geo;

    now.cpus = before->cpus;
    if (!p->image.given || memcmp(&now, before, sizeof now) == 0)
        return true;
    p->geo = *before;
    return error_set(e, EXIT_USAGE, "%s begins with an image that fits its own geometry only",
                     p->name);
}

bool
preset_override(struct preset *p, const char *assignment, struct error *e)
{
    char key[64];
    const char *equals = strchr(assignment, '=');
    struct geometry before;
    uint64_t policy = p->tunable[TUNE_TLB_POLICY];
    bool known, ok;

    if (!equals || (size_t)(equals - assignment) >= sizeof key)
        return error_set(e, EXIT_USAGE, "--set takes key=value, not \"%.60s\"", assignment);
    snprintf(key, sizeof key, "%.*s", (int)(equals - assignment), assignment);
    before = p->geo;
    ok = override_geometry(p, key, equals + 1, &known, e) &&
         (known || override_field(p, key, equals + 1, e)) && image_still_fits(p, &before, e) &&
         preset_tlb_still_fits(p, &before, policy, e);
    if (!ok)
        e->code = EXIT_USAGE;
    return ok;
}
