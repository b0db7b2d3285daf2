#include "machine/vector_other.h"

#include <string.h>

/* --- RISC-V --- */

static bool
flag_bit(struct json o, const char *name, uint64_t bit, uint64_t *to, struct error *e)
{
    int64_t value;

    if (!json_get_int(o, name, 0, 1, &value, e))
        return false;
    *to |= value ? bit : 0;
    return true;
}

/* [from, to): whole pages, so that a table is inside or outside. */
static bool
load_ram(struct hw *hw, struct json ram, struct error *e)
{
    uint64_t page = format_page(&hw->geo.format);
    struct json from = json_first(ram);

    if (json_count(ram) != 2)
        return json_fail(ram, e, "expected [\"0x from\", \"0x to\"]");
    if (!json_as_hex(from, &hw->geo.open_from, e) ||
        !json_as_hex(json_next(from), &hw->geo.open_to, e))
        return false;
    return (hw->geo.open_from < hw->geo.open_to && hw->geo.open_from % page == 0 &&
            hw->geo.open_to % page == 0) ||
           json_fail(ram, e, "no range of whole pages");
}

bool
vector_load_riscv(struct hw *hw, struct json row, struct error *e)
{
    struct cpu *c = &hw->s->cpu[0];
    struct json status, ram;

    if (!json_get_hex(row, "satp", &c->satp, e) || !json_get_object(row, "status", &status, e) ||
        !flag_bit(status, "sum", SSTATUS_SUM, &c->sstatus, e) ||
        !flag_bit(status, "mxr", SSTATUS_MXR, &c->sstatus, e) ||
        !flag_bit(row, "adue", MENVCFG_ADUE, &c->menvcfg, e) ||
        !json_get_array(row, "ram", &ram, e) || !load_ram(hw, ram, e))
        return false;
    c->asid = c->satp >> 44 & 0xffff;
    return c->satp >> 60 == (hw->geo.format.levels == 3 ? SATP_MODE_SV39 : SATP_MODE_SV48) ||
           json_fail(json_find(row, "satp"), e, "its mode is not that of \"mode\"");
}

/* --- AArch64 --- */

static bool
load_features(struct hw *hw, struct json list, struct error *e)
{
    static const struct {
        const char *name;
        uint8_t feature;
    } row[] = {{"hpd", FEATURE_HPD},
               {"e0pd", FEATURE_E0PD},
               {"ttst", FEATURE_TTST},
               {"tbid", FEATURE_TBID}};

    for (struct json v = json_first(list); v.node; v = json_next(v)) {
        const char *name;
        size_t i = 0;

        if (!json_as_string(v, &name, e))
            return false;
        while (i < sizeof row / sizeof *row && strcmp(row[i].name, name) != 0)
            i++;
        if (i == sizeof row / sizeof *row)
            return json_fail(v, e, "\"%s\" is not hpd, e0pd, ttst or tbid", name);
        hw->geo.features |= row[i].feature;
    }
    return true;
}

/* Other granules than 4 KiB have other formats. */
static bool
has_small_pages(uint64_t tcr)
{
    return (tcr >> 14 & 3) == 0 && (tcr >> 30 & 3) == 2;
}

bool
vector_load_arm(struct hw *hw, struct json row, struct error *e)
{
    struct cpu *c = &hw->s->cpu[0];
    struct json features;
    int64_t pamax;

    if (!json_get_hex(row, "ttbr0", &c->ttbr0, e) || !json_get_hex(row, "ttbr1", &c->ttbr1, e) ||
        !json_get_hex(row, "tcr", &c->tcr, e) || !json_get_hex(row, "sctlr", &c->sctlr, e) ||
        !json_get_int(row, "pamax", 32, 52, &pamax, e) ||
        !json_get_array(row, "feat", &features, e) || !load_features(hw, features, e))
        return false;
    hw->geo.maxpa = (uint8_t)pamax;
    c->asid = c->ttbr0 >> 48;
    return has_small_pages(c->tcr) ||
           json_fail(json_find(row, "tcr"), e, "TG0 and TG1 must say 4 KiB");
}
