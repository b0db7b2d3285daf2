/* A line as a page-walk vector. It is refused with a reason, or runs: the same line gives the same
 * answer twice, and the answer is one line of JSON. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "machine/vector.h"
#include "support/fuzz.h"

static struct vector_rig *
the_rig(void)
{
    static struct vector_rig rig;
    static bool open;
    struct error e = {0};

    if (!open)
        pw_assert(vector_open(&rig, &e));
    open = true;
    return &rig;
}

static bool
run(const char *line, size_t length, bool check, struct vector_report *report)
{
    struct error e = {0};

    if (vector_run(the_rig(), line, length, check, report, &e)) {
        pw_assert(report->verdict <= VECTOR_NO_MODEL);
        return true;
    }
    pw_assert((e.code == EXIT_DATA || e.code == EXIT_LIMIT) && e.text[0]);
    return false;
}

static void
is_one_line_of_json(const struct buffer *line)
{
    struct error e = {0};
    struct json_doc *doc = json_parse(buffer_text(line), line->length, "answer", &e);

    pw_assert(doc && !strchr(buffer_text(line), '\n'));
    json_free(doc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *line = fuzz_text(data, size);
    struct vector_report first = {0}, second = {0};

    if (run(line, size, false, &first)) {
        if (first.verdict != VECTOR_NO_MODEL)
            is_one_line_of_json(&first.line);
        pw_assert(run(line, size, false, &second));
        pw_assert(strcmp(buffer_text(&first.line), buffer_text(&second.line)) == 0);
        run(line, size, true, &second);
    } else {
        pw_assert(!run(line, size, true, &second));
    }
    vector_report_free(&first);
    vector_report_free(&second);
    free(line);
    return 0;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    return fuzz_mutate(data, size, most, seed);
}
