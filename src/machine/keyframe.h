/* keyframe.h - a machine's state kept for later: a table of chunks, shared with the keyframe before
 * wherever nothing was touched.
 *
 * Promises   Restoring gives the bytes that were there, whatever the arena held. A keyframe costs
 * what changed since its base. It knows which bytes may have been written since the base, even
 * where they ended up equal, in slices of 64: what is in no such slice was not written.
 * Owns       Its chunks, counted, because several keyframes and both lines of history point to the
 * same ones; of a chunk that changed a little, the lines that did.
 */
#pragma once

#include "base/arena.h"

struct keyframe;

/* Save the arena. `base` is the keyframe the arena was last saved to or restored from (NULL: it has
 * never been). The arena is clean afterwards, with the result as its base. */
struct keyframe *keyframe_take(struct arena *a, struct keyframe *base);

/* Make the arena hold `to`; `base` as above. The arena is clean afterwards, with `to` as its base.
 */
void keyframe_restore(struct arena *a, const struct keyframe *base, const struct keyframe *to);

void keyframe_drop(struct keyframe *k);

/* May any of these n > 0 bytes of the arena have been written between the base and this keyframe?
 * Those of the hot part always may. */
bool keyframe_touched(const struct keyframe *k, size_t offset, size_t n);

/* Bytes of the arena as they were. */
void keyframe_read(const struct keyframe *k, size_t offset, size_t n, void *out);

/* Make `to` (last at `to_base`) equal `from` (last at `from_base`), copying only what differs.
 * `to`'s base is then from_base. */
void keyframe_sync(struct arena *to, const struct keyframe *to_base, const struct arena *from,
                   const struct keyframe *from_base);
