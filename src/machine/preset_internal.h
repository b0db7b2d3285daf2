/* preset_internal.h - what the files of the preset share. Nobody else includes this. */
#pragma once

#include "base/json.h"
#include "machine/preset.h"

/* "cache" or "caches", and the longest line a machine of this format may have. */
bool preset_read_cache(struct json root, struct preset *p, struct error *e);
unsigned preset_line_most(const struct format *f);

/* Resolve a document and free it; NULL: false, its reader has said why. */
bool preset_from_document(struct json_doc *doc, struct preset *out, struct error *e);

/* Shared by the parts of a preset. */
bool preset_power_of_two(struct json v, int64_t n, struct error *e);
bool preset_number(const char *key, const char *text, uint64_t least, uint64_t most, uint64_t *to,
                   struct error *e);
bool preset_power(const char *key, const char *text, uint64_t least, uint64_t most, uint64_t *to,
                  struct error *e);

/* preset_tlb.c: "tlb", "walk_cache", and whether the policy suits the shape. */
bool preset_tlb(struct json root, struct preset *p, struct error *e);
bool preset_tlb_fits(struct json policy, const struct preset *p, struct error *e);
bool preset_read_asids(struct json root, struct preset *p, struct error *e);
bool preset_walk_cache(struct json root, struct preset *p, struct error *e);
/* True when `key` was one of ours, or `e` says what is wrong with its value. */
bool preset_set_tlb(struct preset *p, const char *key, const char *text, struct error *e);
/* After any `--set`; puts geometry and policy back when they no longer suit each other. */
bool preset_tlb_still_fits(struct preset *p, const struct geometry *before, uint64_t policy,
                           struct error *e);

/* "segments" and "programs" (preset_program.c); geometry, control and kernel are known. */
bool preset_read_segments(struct json root, struct preset *p, struct error *e);
bool preset_read_programs(struct json root, struct preset *p, struct error *e);
/* Frames that memory may have at most with programs in one piece. */
uint64_t preset_programs_most(const struct preset *p);
/* "format", or "modes". */
bool preset_read_format(struct json root, struct preset *p, struct error *e);
/* Does the rest fit a machine that changes its mode (one CPU, no kernel)? And its format is that of the
 * registers it is switched on with. */
bool preset_check_modes(struct json root, struct preset *p, struct error *e);
