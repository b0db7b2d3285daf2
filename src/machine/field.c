/* Fields that `set` takes, one list made of three: control registers with their bits, tunables,
 * quirks. */
#include <string.h>

#include "base/number.h"
#include "base/tunable.h"
#include "hw/hw.h"
#include "hw/tlb_policy.h"
#include "machine/operation.h"
#include "os/partition.h"
#include "os/policy.h"
#include "os/shootdown.h"

#define ALL (~UINT64_C(0))

static const struct set_field fixed[] = {
    {"cr0", SET_REGISTER, 0, 0, "CR0"},
    {"cr2", SET_REGISTER, 2, 0, "CR2: the address of the last page fault"},
    {"cr3", SET_REGISTER, 3, 0, "CR3: where the root table is (loading it flushes the TLB)"},
    {"cr4", SET_REGISTER, 4, 0, "CR4"},
    {"efer", SET_REGISTER, 5, 0, "EFER"},
    {"cr0.pe", SET_BIT, 0, 0, "CR0.PE: protected mode, without which there is no paging"},
    {"cr0.wp", SET_BIT, 0, 16, "CR0.WP: the kernel, too, obeys read-only pages"},
    {"cr0.cd", SET_BIT, 0, 30, "CR0.CD: nothing new comes into the caches"},
    {"cr0.pg", SET_BIT, 0, 31, "CR0.PG: paging is on"},
    {"cr4.pse", SET_BIT, 4, 4, "CR4.PSE: 4 MiB pages (32-bit paging)"},
    {"cr4.pae", SET_BIT, 4, 5, "CR4.PAE: entries of 8 bytes (PAE, and all of long mode)"},
    {"cr4.pge", SET_BIT, 4, 7, "CR4.PGE: global pages survive MOV CR3"},
    {"cr4.la57", SET_BIT, 4, 12, "CR4.LA57: long mode has five levels, not four"},
    {"cr4.pcide", SET_BIT, 4, 17,
     "CR4.PCIDE: TLB entries carry the process's PCID (long mode only)"},
    {"cr4.smep", SET_BIT, 4, 20, "CR4.SMEP: the kernel may not fetch from user pages"},
    {"cr4.smap", SET_BIT, 4, 21, "CR4.SMAP: the kernel may not touch user pages"},
    {"efer.lme", SET_BIT, 5, 8, "EFER.LME: the next time paging begins, so does long mode"},
    {"efer.lma", SET_BIT, 5, 10, "EFER.LMA: long mode is active; the CPU sets it"},
    {"efer.nxe", SET_BIT, 5, 11, "EFER.NXE: bit 63 of an entry means no-execute"},
};

static const struct set_field riscv[] = {
    {"satp", SET_REGISTER, 3, 0, "satp: mode, address space and root table (drops nothing)"},
    {"stval", SET_REGISTER, 2, 0, "stval: the address of the last page fault"},
    {"sstatus", SET_REGISTER, 4, 0, "sstatus"},
    {"menvcfg", SET_REGISTER, 5, 0, "menvcfg"},
    {"sstatus.sum", SET_BIT, 4, 18, "sstatus.SUM: the kernel may touch user pages"},
    {"sstatus.mxr", SET_BIT, 4, 19, "sstatus.MXR: what may be executed may be read"},
    {"menvcfg.adue", SET_BIT, 5, 61, "menvcfg.ADUE: the hardware sets A and D; else they fault"},
};

static const struct set_field arm[] = {
    {"ttbr0", SET_REGISTER, 3, 0, "TTBR0: the root of the lower half (loading it drops nothing)"},
    {"ttbr1", SET_REGISTER, 5, 0, "TTBR1: the root of the upper half, the kernel's"},
    {"far", SET_REGISTER, 2, 0, "FAR: the address of the last abort"},
    {"sctlr", SET_REGISTER, 0, 0, "SCTLR"},
    {"tcr", SET_REGISTER, 4, 0, "TCR"},
    {"sctlr.m", SET_BIT, 0, 0, "SCTLR.M: translation is on"},
    {"sctlr.wxn", SET_BIT, 0, 19, "SCTLR.WXN: what may be written is not executed"},
    {"tcr.tbi0", SET_BIT, 4, 37, "TCR.TBI0: the top byte of a program's address is not looked at"},
    {"tcr.epd0", SET_BIT, 4, 7, "TCR.EPD0: the lower half is not walked"},
};

enum {
    RISCV_AT = sizeof fixed / sizeof *fixed,
    ARM_AT = RISCV_AT + sizeof riscv / sizeof *riscv,
    FIXED = ARM_AT + sizeof arm / sizeof *arm
};

static struct set_field field[FIXED + TUNABLES + QUIRKS];
static bool made;

static void
make(void)
{
    memcpy(field, fixed, sizeof fixed);
    memcpy(field + RISCV_AT, riscv, sizeof riscv);
    memcpy(field + ARM_AT, arm, sizeof arm);
    for (int i = 0; i < TUNABLES; i++)
        field[FIXED + i] = (struct set_field){tunable_row[i].name, SET_TUNABLE, (uint16_t)i, 0,
                                              tunable_row[i].text};
    for (int i = 0; i < QUIRKS; i++)
        field[FIXED + TUNABLES + i] =
            (struct set_field){quirk_row[i].name, SET_QUIRK, (uint16_t)i, 0, quirk_row[i].text};
    made = true;
}

unsigned
set_field_count(void)
{
    return FIXED + TUNABLES + QUIRKS;
}

const struct set_field *
set_field_at(unsigned index)
{
    if (!made)
        make();
    return index < set_field_count() ? &field[index] : NULL;
}

int
set_field_by_name(const char *name)
{
    for (unsigned i = 0; i < set_field_count(); i++)
        if (strcmp(set_field_at(i)->name, name) == 0)
            return (int)i;
    return -1;
}

/* Tunables whose values have names. */
static const char *
policy_word(uint64_t value)
{
    return value < POLICIES ? policy_row[value].name : NULL;
}

static const char *
tlb_policy_word(uint64_t value)
{
    return value < TLB_POLICIES ? tlb_policy_name[value] : NULL;
}

static const char *
fit_word(uint64_t value)
{
    return value < FIT_COUNT ? fit_name[value] : NULL;
}

static const char *
shootdown_word(uint64_t value)
{
    return value < SHOOTDOWNS ? shootdown_name[value] : NULL;
}

static const char *(*const words_of[TUNABLES])(uint64_t value) = {
    [TUNE_POLICY] = policy_word,
    [TUNE_FIT] = fit_word,
    [TUNE_TLB_POLICY] = tlb_policy_word,
    [TUNE_SHOOTDOWN] = shootdown_word,
};

static enum format_family
family_of_field(const struct set_field *f)
{
    if (f < field + RISCV_AT)
        return FAMILY_X86;
    return f < field + ARM_AT ? FAMILY_RISCV : FAMILY_ARM;
}

bool
set_field_is_of(const struct set_field *f, enum format_family family, uint64_t old, uint64_t value,
                struct error *e)
{
    static const uint64_t free_bits[FAMILIES][6] = {
        [FAMILY_X86] = {ALL, ALL, ALL, ALL, ALL, ALL}, /* its modes are judged elsewhere */
        [FAMILY_RISCV] =
            {[2] = ALL, [3] = ALL, [4] = SSTATUS_SUM | SSTATUS_MXR, [5] = MENVCFG_ADUE},
        [FAMILY_ARM] = {[0] = SCTLR_M | SCTLR_WXN,
                        [2] = ALL,
                        [3] = ALL,
                        [4] = TCR_TBI(0) | TCR_EPD(0),
                        [5] = ALL},
    };
    uint64_t fixed_bits;

    if (f->class == SET_TUNABLE || f->class == SET_QUIRK)
        return true;
    if (family_of_field(f) != family)
        return error_set(e, EXIT_DATA, "the CPU of this machine has no %s", f->name);
    fixed_bits = f->class == SET_REGISTER ? (old ^ value) & ~free_bits[family][f->index] : 0;
    return !fixed_bits || error_set(e, EXIT_DATA, "%s: bits 0x%llx cannot change on this machine",
                                    f->name, (unsigned long long)fixed_bits);
}

const char *
set_field_word(const struct set_field *f, uint64_t value)
{
    return f && f->class == SET_TUNABLE && words_of[f->index] ? words_of[f->index](value) : NULL;
}

enum { WORDS = 8 };
_Static_assert((int)POLICIES < WORDS && (int)TLB_POLICIES < WORDS, "all words of a field fit");

bool
set_field_value(const struct set_field *f, const char *word, uint64_t *value, struct error *e)
{
    const char *words[WORDS + 1] = {0}, *near;

    for (uint64_t v = 0; (words[v] = set_field_word(f, v)) != NULL; v++)
        if (strcmp(word, words[v]) == 0) {
            *value = v;
            return true;
        }
    if (!words[0] || (*word >= '0' && *word <= '9'))
        return number_parse(word, value, e);
    near = error_nearest(word, words);
    return error_set(e, EXIT_DATA, "%s cannot be \"%s\": it is one of %s, %s, %s ...%s%s%s",
                     f->name, word, words[0], words[1], words[2], near ? " (did you mean \"" : "",
                     near ? near : "", near ? "\"?)" : "");
}
