/* A string of references.
 *
 * The optimal policy evicts the page that is needed last, so it must know the future (Belady 1966;
 * Silberschatz, Operating System Concepts, 10.4.3). No machine does; but a string that is loaded
 * beforehand is as good as one, and the other policies can be run on it too, and compared.
 */
#include "os/refstring.h"

#include "base/assert.h"
#include "os/os.h"

_Static_assert(sizeof(struct refstring) == 32, "no padding: a state is compared byte by byte");

struct reference
refstring_at(const struct os *os, uint32_t index)
{
    uint32_t word = os->refs[index];

    return (struct reference){.page = word >> 1, .write = word & 1};
}

bool
refstring_load(struct os *os, unsigned cpu, uint32_t mm, vaddr_t base, const struct reference *ref,
               uint32_t n)
{
    struct refstring *s = &os->s->string;
    uint32_t from = mm ? 0 : s->length;

    if (n > os->hw->geo.string_max - from)
        return false;
    if (mm)
        *s = (struct refstring){.base = base, .mm = mm};
    for (uint32_t i = 0; i < n; i++) {
        uint32_t *to = &os->refs[from + i];

        arena_touch(os->hw->arena, to, sizeof *to);
        *to = ref[i].page << 1 | ref[i].write;
    }
    s->length = from + n;
    EMIT(os->hw, cpu, STRING_LOADED, .start = s->base, .count = s->length);
    return true;
}

void
refstring_forget(struct os *os, uint32_t mm)
{
    if (os->s->string.mm == mm)
        os->s->string = (struct refstring){0};
}

struct reference
refstring_take(struct os *os, unsigned cpu, vaddr_t *va)
{
    struct refstring *s = &os->s->string;
    struct reference ref = refstring_at(os, s->at);

    pw_assert(s->at < s->length);
    *va = s->base + ref.page * format_page(&os->hw->geo.format);
    s->at++;
    EMIT(os->hw, cpu, REFERENCE, .index = s->at, .offset = ref.page, .va = *va,
         .kind = ref.write ? ACCESS_WRITE : ACCESS_READ);
    return ref;
}

uint64_t
refstring_next_use(const struct os *os, uint32_t mm, vaddr_t va)
{
    const struct refstring *s = &os->s->string;
    vpn_t page = vpn_of(&os->hw->geo.format, va - s->base);

    if (s->mm != mm || va < s->base)
        return 0;
    for (uint32_t i = s->at; i < s->length; i++)
        if (os->refs[i] >> 1 == page)
            return i + 1;
    return 0;
}
