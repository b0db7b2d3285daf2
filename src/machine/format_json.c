#include "machine/format_json.h"

#include <string.h>

#include "hw/hashed.h"

static const char *const large_name[] = {
    [LARGE_NEVER] = "never",
    [LARGE_RESERVED] = "reserved",
    [LARGE_ALWAYS] = "always",
    [LARGE_IF_PSE] = "if_pse",
    NULL,
};

static const char *const kind_name[] = {
    [TABLE_RADIX] = "radix",
    [TABLE_HASHED] = "hashed",
    [TABLE_INVERTED] = "inverted",
    NULL,
};
static const char *const family_name[FAMILIES + 1] = {
    [FAMILY_X86] = "x86", [FAMILY_RISCV] = "riscv", [FAMILY_ARM] = "arm", NULL};

/* An integer member into a byte. */
static bool
get_byte(struct json o, const char *name, int least, int most, uint8_t *out, struct error *e)
{
    int64_t value;

    if (!json_get_int(o, name, least, most, &value, e))
        return false;
    *out = (uint8_t)value;
    return true;
}

/* A short text into a fixed array. */
static bool
get_name(struct json o, const char *name, char *out, size_t size, struct error *e)
{
    const char *text;

    if (!json_get_string(o, name, &text, e))
        return false;
    if (!*text || strlen(text) >= size)
        return json_fail(json_find(o, name), e, "\"%s\" is not 1 to %zu bytes long", text,
                         size - 1);
    memcpy(out, text, strlen(text) + 1);
    return true;
}

/* Bit numbers by name: to[i] gets the mask of names[i], 0 where there is none. */
static bool
read_bits(struct json o, const char *const *names, uint64_t *const *to, struct error *e)
{
    for (unsigned i = 0; names[i]; i++) {
        int64_t bit = -1;

        if (o.node && !json_opt_int(o, names[i], 0, 63, &bit, e))
            return false;
        *to[i] = bit < 0 ? 0 : UINT64_C(1) << bit;
    }
    return true;
}

enum { FLAG_NAMES = 12 };

static const char *const flag_name[FLAG_NAMES + 1] = {
    "present", "writable", "user",       "write_through", "cache_disable",     "accessed", "dirty",
    "large",   "global",   "no_execute", "readable",      "kernel_no_execute", NULL};

static bool
read_flags(struct json o, struct format_flags *flag, struct error *e)
{
    uint64_t *const to[FLAG_NAMES] = {
        &flag->present,       &flag->writable,   &flag->user,     &flag->write_through,
        &flag->cache_disable, &flag->accessed,   &flag->dirty,    &flag->large,
        &flag->global,        &flag->no_execute, &flag->readable, &flag->kernel_no_execute};

    return json_only_members(o, flag_name, e) && read_bits(o, flag_name, to, e);
}

/* A list of flags by name, which must be there. */
static bool
read_when_zero(struct json list, struct json flags, uint64_t *out, struct error *e)
{
    for (struct json v = list.node ? json_first(list) : list; v.node; v = json_next(v)) {
        const char *name;
        int64_t bit = -1;

        if (!json_as_string(v, &name, e))
            return false;
        if (!json_find(flags, name).node)
            return json_fail(v, e, "\"%s\" is not among the flags", name);
        if (!json_opt_int(flags, name, 0, 63, &bit, e))
            return false;
        *out |= UINT64_C(1) << bit;
    }
    return true;
}

static bool
read_table(struct json o, struct format_table *t, struct error *e)
{
    static const char *const names[] = {"no_write",          "no_user", "no_execute",
                                        "no_kernel_execute", "global",  NULL};
    static const char *const members[] = {"no_write", "no_user",  "no_execute", "no_kernel_execute",
                                          "global",   "reserved", NULL};
    uint64_t *const to[] = {&t->no_write, &t->no_user, &t->no_execute, &t->no_kernel_execute,
                            &t->global};

    return !o.node || (json_only_members(o, members, e) && read_bits(o, names, to, e) &&
                       json_opt_hex(o, "reserved", &t->reserved, e));
}

static bool
read_family(struct json o, struct format *f, struct error *e)
{
    const char *name = family_name[FAMILY_X86], *near;

    if (!json_opt_string(o, "family", &name, e))
        return false;
    for (f->family = 0; family_name[f->family]; f->family++)
        if (strcmp(name, family_name[f->family]) == 0)
            return true;
    near = error_nearest(name, family_name);
    return json_fail(json_find(o, "family"), e, "\"%s\" is not x86, riscv or arm%s%s%s", name,
                     near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* What only formats beyond x86 have. */
static bool
read_others(struct json o, struct format *f, struct error *e)
{
    int64_t up = 0;

    if (!json_opt_bool(o, "halves", &f->halves, e) || !json_opt_int(o, "frame_up", 0, 20, &up, e) ||
        !json_opt_hex(o, "leaf", &f->leaf, e) || !json_opt_hex(o, "page_bits", &f->page_bits, e) ||
        !json_opt_hex(o, "table_bits", &f->table_bits, e) ||
        !read_table(json_find(o, "table"), &f->table, e))
        return false;
    f->frame_up = (uint8_t)up;
    return true;
}

static bool
read_large(struct json o, struct format_level *l, struct error *e)
{
    const char *rule = large_name[l->large];

    if (!json_opt_string(o, "large", &rule, e))
        return false;
    for (l->large = 0; large_name[l->large]; l->large++)
        if (strcmp(rule, large_name[l->large]) == 0)
            return true;
    return json_fail(json_find(o, "large"), e, "\"%s\" is not never, reserved, always or if_pse",
                     rule);
}

static bool
read_kind(struct json o, struct format *f, struct error *e)
{
    const char *kind = kind_name[TABLE_RADIX];

    if (!json_opt_string(o, "kind", &kind, e))
        return false;
    for (f->kind = 0; kind_name[f->kind]; f->kind++)
        if (strcmp(kind, kind_name[f->kind]) == 0)
            return true;
    return json_fail(json_find(o, "kind"), e, "\"%s\" is not radix, hashed or inverted", kind);
}

static bool
read_high(struct json o, struct format_level *l, struct error *e)
{
    static const char *const names[] = {"from", "bits", "to", NULL};

    if (json_kind(o) == JSON_NONE)
        return true;
    return json_only_members(o, names, e) && get_byte(o, "from", 0, 63, &l->high_from, e) &&
           get_byte(o, "bits", 1, 52, &l->high_bits, e) && get_byte(o, "to", 0, 51, &l->high_to, e);
}

static bool
read_level(struct json o, struct format_level *l, int most, struct error *e)
{
    static const char *const names[] = {"name",           "bits", "large",  "reserved",
                                        "large_reserved", "high", "rights", NULL};
    bool rights = true, ok;

    ok = json_only_members(o, names, e) && get_name(o, "name", l->name, sizeof l->name, e) &&
         get_byte(o, "bits", 1, most, &l->bits, e) && read_large(o, l, e) &&
         json_opt_hex(o, "reserved", &l->reserved, e) &&
         json_opt_hex(o, "large_reserved", &l->large_reserved, e) &&
         read_high(json_find(o, "high"), l, e) && json_opt_bool(o, "rights", &rights, e);
    l->bare = !rights;
    return ok;
}

/* Levels stand root first; shifts are counted from the last one up. */
static bool
read_levels(struct json array, struct format *f, struct error *e)
{
    unsigned shift = f->page_shift;
    int most = format_is_tree(f) ? 16 : HASHED_PAGE_BITS;

    if (json_count(array) < 1 || json_count(array) > LEVEL_MAX)
        return json_fail(array, e, "%u levels, expected 1..%d", json_count(array), LEVEL_MAX);
    for (struct json v = json_first(array); v.node; v = json_next(v))
        if (!read_level(v, &f->level[f->levels++], most, e))
            return false;
    for (unsigned i = f->levels; i-- > 0; shift += f->level[i].bits)
        f->level[i].shift = (uint8_t)shift;
    if (shift != f->va_bits)
        return json_fail(array, e, "their bits and page_shift make %u, va_bits is %d", shift,
                         f->va_bits);
    return true;
}

bool
format_from_json(struct json o, struct format *f, struct error *e)
{
    static const char *const names[] = {
        "name",      "va_bits",  "pa_bits",   "page_shift",     "entry_bytes",
        "kind",      "family",   "canonical", "halves",         "checks_maxpa",
        "frame",     "frame_up", "root",      "root_registers", "flags",
        "when_zero", "leaf",     "page_bits", "table",          "table_bits",
        "levels",    NULL};
    struct json flags, levels;
    struct error why = {0};

    memset(f, 0, sizeof *f);
    if (!json_only_members(o, names, e) || !get_name(o, "name", f->name, sizeof f->name, e) ||
        !get_byte(o, "va_bits", 5, 64, &f->va_bits, e) || !read_family(o, f, e) ||
        !get_byte(o, "pa_bits", 5, f->family == FAMILY_RISCV ? 56 : 52, &f->pa_bits, e) ||
        !get_byte(o, "page_shift", 3, 20, &f->page_shift, e) ||
        !get_byte(o, "entry_bytes", 1, 8, &f->entry_bytes, e) ||
        !json_opt_bool(o, "canonical", &f->canonical, e) ||
        !json_opt_bool(o, "checks_maxpa", &f->checks_maxpa, e) ||
        !json_opt_bool(o, "root_registers", &f->root_registers, e) ||
        !json_get_hex(o, "frame", &f->frame, e) || !read_kind(o, f, e))
        return false;
    if (!json_get_object(o, "flags", &flags, e) || !read_flags(flags, &f->flag, e) ||
        !read_when_zero(json_find(o, "when_zero"), flags, &f->when_zero, e) ||
        !read_others(o, f, e) || !json_get_array(o, "levels", &levels, e) ||
        !read_levels(levels, f, e))
        return false;
    f->root = format_address(f, f->frame);
    if (!json_opt_hex(o, "root", &f->root, e))
        return false;
    if (!format_check(f, &why))
        return json_fail(o, e, "%s", why.text);
    return true;
}
