/* replay.h - what `pagewalk replay` was asked, how it gets the answer, and how it prints it.
 *
 * Promises   A run is one function. What was asked for is read once and in constant memory, but for
 *            `--frames all` of a policy that is not lru: that runs every size, so it is done for
 *            small traces only, which are kept.
 */
#pragma once

#include "base/buffer.h"
#include "base/hash.h"
#include "machine/preset.h"
#include "replay/replay.h"
#include "replay/reader.h"
#include "view/canvas.h"

enum {
    ASK_RUNS_MAX = 4096, /* policies times sizes */
    ASK_FRAMES_MAX = 1 << 30,
    KEEP_REFS_MAX = 1 << 20, /* --frames all without lru: a trace that is small enough */
    KEEP_PAGES_MAX = 4096,
};

struct replay_ask {
    const char *path; /* - is standard input */
    const char *name; /* for messages */
    enum policy policy[POLICIES];
    unsigned policies;
    uint64_t *frames; /* rising, each once */
    size_t sizes;
    bool all; /* every size from 1 to as many as there are pages */
    int form; /* enum reader_form or READER_ANY */
    uint64_t page, limit, seed;
    bool load_r0;
    const struct preset *machine; /* NULL: page replacement only */
};

/* "lru,fifo" or "all"; "8,16,32", "1..8", both, or "all". EXIT_USAGE. */
bool ask_policies(struct replay_ask *ask, const char *list, struct error *e);
bool ask_frames(struct replay_ask *ask, const char *list, struct error *e);

/* What else a machine counted in a run. */
struct replay_machine {
    uint64_t tlb_hits, tlb_misses, walks;
    uint64_t minor_faults, major_faults, evictions, swap_reads, swap_writes;
    uint64_t cycles; /* emulated time */
    struct hash128 state; /* at the end */
};

struct replay_answer {
    struct reader_facts facts;
    uint64_t refs, pages;
    struct replay_run *run; /* by policy in the order asked, then by frames */
    size_t runs;
    struct replay_machine *machine; /* with ask.machine: one a run */
    uint64_t *curve; /* lru with 1, 2 ... frames */
    size_t sizes;
    bool interrupted;
};

/* False: nothing may be believed. What was passed over is told on stderr, with progress when that is
 * a terminal. SIGINT ends the trace early. */
bool replay_answer(const struct replay_ask *ask, struct replay_answer *a, struct error *e);
void replay_answer_free(struct replay_answer *a);

void replay_json(const struct replay_ask *ask, const struct replay_answer *a, struct buffer *out);
void replay_text(const struct replay_ask *ask, const struct replay_answer *a, struct buffer *out);
/* The fault curve, or NULL if there is only one size. */
struct canvas *replay_picture(const struct replay_ask *ask, const struct replay_answer *a,
                              int width, int height, enum glyph_set glyphs);
