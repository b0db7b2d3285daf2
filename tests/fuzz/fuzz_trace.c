/* Bytes as a memory trace, read in the form they seem to have and in one that their size picks. Nothing
 * makes the reader crash, loop or give more than there is; the same bytes give the same references;
 * and the fast way through lackey's lines gives what sscanf makes of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "replay/reader.h"
#include "support/fuzz.h"

struct seen {
    uint64_t refs, bad, sum;
    int form;
    enum exit_code code;
};

static int
file_of(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    pw_assert(fd >= 0 && file_write_all(fd, data, size) && lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

static uint64_t
mix(uint64_t sum, uint64_t page, unsigned kind)
{
    return (sum ^ page ^ (uint64_t)kind << 62) * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

static void
check_facts(const struct reader_facts *f, size_t size, bool compressed)
{
    for (int i = 0; i < READER_BAD_KEPT; i++) {
        const struct reader_bad *bad = &f->first[i];
        pw_assert((bad->line > 0) == (f->bad > (uint64_t)i) && (bad->line > 0) == !!bad->what[0]);
        pw_assert(i == 0 || !bad->line || bad->line >= f->first[i - 1].line);
    }
    if (!compressed) /* a number and what separates it, or a line of nothing */
        pw_assert(f->refs + f->bad <= (size + 1) / (f->form == READER_U64 ? 8 : 2) + 1);
}

static struct seen
read_as(const uint8_t *data, size_t size, int form)
{
    const struct reader_want want = {form, 12, NULL};
    const bool compressed = size > 2 && (memcmp(data, "\x1f\x8b", 2) == 0 || data[0] == 0x28);
    struct error e = {0};
    struct seen s = {.form = -1};
    struct reader *r = reader_open(file_of(data, size), "input", &want, &e);
    struct block b;

    while (r && reader_next(r, &b, &e))
        for (size_t i = 0; i < b.n; i++, s.refs++) {
            pw_assert(!b.kind || b.kind[i] <= ACCESS_FETCH);
            s.sum = mix(s.sum, b.page[i], b.kind ? b.kind[i] : ACCESS_READ);
        }
    if (r) {
        s.bad = reader_facts(r)->bad;
        s.form = (int)reader_facts(r)->form;
        pw_assert(reader_facts(r)->refs == s.refs || e.code);
        check_facts(reader_facts(r), size, compressed);
    }
    s.code = e.code;
    pw_assert((r != NULL) || (e.code == EXIT_DATA && e.text[0]));
    reader_close(r);
    return s;
}

/* --- lackey by sscanf ----------------------------------------------------------------------------- */

/* The usual line only: a head, up to 13 digits, a size below 100. */
static bool
usual(const char *line, uint64_t *page, unsigned *kind)
{
    static const char *const heads[] = {"I  ", " L ", " S ", " M "};
    static const uint8_t kinds[] = {ACCESS_FETCH, ACCESS_READ, ACCESS_WRITE, ACCESS_WRITE};
    char head[4], digits[14], bytes[3], more;

    if (sscanf(line, "%3[ ILSM]%13[0-9a-fA-F],%2[0-9]%c", head, digits, bytes, &more) != 3 ||
        bytes[0] == '0')
        return false;
    for (int i = 0; i < 4; i++)
        if (strcmp(head, heads[i]) == 0) {
            *page = strtoull(digits, NULL, 16) >> 12;
            *kind = kinds[i];
            return true;
        }
    return false;
}

/* Every line is usual: then the reader must agree to the last bit. */
static void
compare_usual(const uint8_t *data, size_t size, const struct seen *got)
{
    char *text = fuzz_text(data, size), *rest = text, *line;
    uint64_t refs = 0, sum = 0, page;
    unsigned kind;
    bool all = !memchr(data, 0, size);

    while (all && (line = fuzz_line(&rest))) {
        if (!*line)
            continue;
        all = usual(line, &page, &kind);
        refs++;
        sum = all ? mix(sum, page, kind) : 0;
    }
    if (all && refs)
        pw_assert(got->form == READER_LACKEY && got->code == 0 && got->bad == 0 &&
                  got->refs == refs && got->sum == sum);
    free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const int form = (int)(size % READER_FORMS);
    struct seen own = read_as(data, size, READER_ANY), as = read_as(data, size, form);

    if (form == own.form)
        pw_assert(as.refs == own.refs && as.bad == own.bad && as.sum == own.sum);
    compare_usual(data, size, &own);
    return 0;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    return fuzz_mutate(data, size, most, seed);
}
