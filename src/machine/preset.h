/* preset.h - a machine described in JSON (assets/machines/NAME.json), resolved: every member has a
 * value.
 */
#pragma once

#include "base/error.h"
#include "machine/image.h"
#include "os/os.h"

struct preset {
    char name[32];
    char title_en[96], title_zh[96];
    char dialect[24];
    struct geometry geo;
    struct layout layout;
    uint64_t cr0, cr4, efer;    /* power-on values of every CPU */
    uint64_t tunable[TUNABLES]; /* initial */
    uint64_t quirks;
    bool kernel;        /* false: bare hardware, no processes */
    struct image image; /* what it holds when switched on; given: only without a kernel */
};

/* By name from the data directory's machines/, or by path when it contains a '/' or ends in .json.
 */
bool preset_load(const char *name_or_path, struct preset *out, struct error *e);
bool preset_parse(const char *json, size_t length, const char *file, struct preset *out,
                  struct error *e);
/* `play --set key=value`: one of preset_sizes, a tunable or a quirk. */
extern const char *const preset_sizes[]; /* ends with NULL */
bool preset_override(struct preset *p, const char *assignment, struct error *e);
/* Names of the presets that are there, sorted; calls `each`. */
void preset_list(void (*each)(void *ctx, const char *name), void *ctx);
