/* vector.h - page-walk vectors: a machine, its tables and what is to be done, as one line of
 * JSON; what the MMU did, as another.
 *
 * Promises   Every vector runs on a machine that is fresh, and nothing is kept from one to the
 *            next. Bits beyond what a mode has, words that do not fit and members that are
 *            missing are refused with a reason. Unknown members are left alone: files carry
 *            notes.
 * Owns       One arena for all vectors; between two of them only what was touched is cleared.
 * Reads      The preset x86, on which the registers of a vector choose the mode; "mode" has to agree. For
 *            other CPUs the presets sv39, sv48 and aarch64.
 */
#pragma once

#include "base/buffer.h"
#include "base/error.h"
#include "hw/hw.h"

enum vector_machine { VECTOR_X86, VECTOR_SV39, VECTOR_SV48, VECTOR_ARM, VECTOR_MACHINES };

struct vector_rig {
    struct arena arena;
    struct hw_plan plan;
    struct geometry geo[VECTOR_MACHINES];
    struct hw hw;
    bool
        amd; /* the dialect in which a PAE root is read at use; rows say in "amd" where that differs */
};

enum vector_verdict {
    VECTOR_RAN, /* nothing was to be compared */
    VECTOR_PASSED,
    VECTOR_FAILED,   /* `difference` says how */
    VECTOR_NO_MODEL, /* well formed, but no such machine: `difference` says which */
};

struct vector_report {
    struct buffer line;       /* {"id":..,...}, without newline; empty when there is no model */
    struct buffer difference; /* lines of text, each ended by a newline */
    enum vector_verdict verdict;
};

/* EXIT_DATA or EXIT_OPEN when a preset is broken or missing, EXIT_LIMIT without memory. */
bool vector_open(struct vector_rig *rig, struct error *e);
/* With walk caches of so many entries: more may be stale, nothing else may differ. */
bool vector_open_with(struct vector_rig *rig, unsigned walk_cache, struct error *e);
void vector_close(struct vector_rig *rig);

/* Run one line. With `check` the result is compared with "exp" and "ad" (or the steps' "must" and
 * "may"), which must then be there. False: the line is no vector (EXIT_DATA, the reason alone:
 * the caller knows the file and the line). */
bool vector_run(struct vector_rig *rig, const char *json, size_t length, bool check,
                struct vector_report *report, struct error *e);
void vector_report_free(struct vector_report *report);
