/* cmd_walk.c - `pagewalk walk [--check] FILE`: one JSON object a line in, one a line out.
 *
 * Exit codes: 0 all ran (and passed); 1 a difference; 2 usage; 65 a line is no vector, or
 * (without --check) needs a machine that does not exist; 66 the file cannot be opened; 74 the
 * output cannot be written.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "app/commands.h"
#include "app/lines.h"
#include "app/options.h"
#include "app/output.h"
#include "machine/vector.h"

enum { LINE_MAX_BYTES = 1 << 20, READ_BYTES = 1 << 16 };

static const char about[] =
    "Run page-walk vectors, one JSON object a line, and print what the MMU did, one a line:\n"
    "  "
    "{\"id\":\"a\",\"ok\":1,\"pa\":\"0x8190110\",\"ad\":[[\"0x4a7bfc60\",\"0x8001887\","
    "\"0x80018e7\"]]}\n"
    "  {\"id\":\"b\",\"vec\":14,\"err\":9,\"cr2\":\"0x673bcaef6b68\",\"ad\":[]}\n"
    "\n"
    "FILE may be gzipped; - reads standard input. Modes: x86_32, pae, 4level, 5level, sv39, "
    "sv48, aarch64.\n";

struct walk {
    const char *name; /* of the file, for messages */
    gzFile file;
    int line;
    bool check;
    unsigned passed, failed, no_model;
    struct buffer text; /* the line, without its newline */
    char block[READ_BYTES];
    unsigned at, filled; /* of block */
    struct vector_rig rig;
    struct vector_report report;
};

/* --- lines --- */

/* More bytes of the file into `block`: 1, 0 at its end, -1 (and an error). */
static int
next_block(struct walk *w, struct error *e)
{
    int code, n = gzread(w->file, w->block, sizeof w->block);

    gzerror(w->file, &code);
    if (n < 0 && code == Z_ERRNO)
        return error_at(e, EXIT_OPEN, w->name, 0, "cannot read: %s", strerror(errno)), -1;
    if (n < 0 || (code != Z_OK && code != Z_STREAM_END))
        return error_at(e, EXIT_DATA, w->name, w->line,
                        "the compressed file is cut off or damaged"),
               -1;
    w->at = 0;
    w->filled = (unsigned)n;
    return n > 0;
}

/* The line now in `text`, whatever bytes it has: 1, 0 at the end, -1 (and an error). */
static int
next_line(struct walk *w, struct error *e)
{
    buffer_truncate(&w->text, 0);
    w->line++;
    for (;;) {
        const char *from = w->block + w->at, *end = memchr(from, '\n', w->filled - w->at);
        unsigned n = end ? (unsigned)(end - from) : w->filled - w->at;
        int more;

        buffer_append(&w->text, from, n);
        w->at += n + (end != NULL);
        if (w->text.length > LINE_MAX_BYTES)
            return error_at(e, EXIT_DATA, w->name, w->line, "a line of more than %d bytes",
                            LINE_MAX_BYTES),
                   -1;
        if (end)
            return 1;
        more = next_block(w, e);
        if (more <= 0)
            return more < 0 ? -1 : w->text.length > 0;
    }
}

static bool
open_file(struct walk *w, const char *path, struct error *e)
{
    bool standard_input = strcmp(path, "-") == 0;
    int fd = standard_input ? dup(STDIN_FILENO) : lines_descriptor(path, e);

    w->name = standard_input ? "standard input" : path;
    if (e->code)
        return false;
    w->file = fd < 0 ? NULL : gzdopen(fd, "rb");
    if (!w->file)
        return error_at(e, EXIT_OPEN, w->name, 0, "cannot open: %s", strerror(errno));
    gzbuffer(w->file, READ_BYTES);
    return true;
}

/* --- results --- */

static void
report_vector(struct walk *w)
{
    const struct vector_report *r = &w->report;
    struct error what = {0};

    if (r->line.length && !w->check) {
        output_write(r->line.data, r->line.length);
        output_puts("\n");
    }
    if (r->verdict == VECTOR_PASSED)
        w->passed++;
    if (r->verdict == VECTOR_FAILED || (w->check && r->verdict == VECTOR_NO_MODEL))
        w->failed++;
    if (r->verdict == VECTOR_NO_MODEL)
        w->no_model++;
    if (!r->difference.length)
        return;
    if (w->check) {
        output_write(r->difference.data, r->difference.length);
        return;
    }
    error_at(&what, EXIT_DATA, w->name, w->line, "%.*s", (int)strcspn(r->difference.data, "\n"),
             r->difference.data);
    output_complain(&what);
}

static bool
run_file(struct walk *w, struct error *e)
{
    int more = 1;

    while (!output_broken() && (more = next_line(w, e)) > 0) {
        if (w->text.length == 0)
            continue;
        if (!vector_run(&w->rig, w->text.data, w->text.length, w->check, &w->report, e)) {
            snprintf(e->file, sizeof e->file, "%s", w->name);
            e->line = w->line;
            return false;
        }
        report_vector(w);
    }
    if (more == 0 && w->check && w->passed + w->failed == 0)
        return error_at(e, EXIT_DATA, w->name, 0, "no vector in it: nothing was checked");
    return more == 0;
}

static int
finish(struct walk *w, bool done, struct error *e)
{
    if (done && w->check)
        output_printf("%u passed, %u failed\n", w->passed, w->failed);
    output_flush();
    if (e->code)
        return output_complain(e);
    if (w->no_model && !w->check)
        return EXIT_DATA;
    return w->failed ? EXIT_ANSWER : EXIT_OK;
}

static int
walk_file(const char *path, bool check, bool amd)
{
    struct walk w = {.check = check};
    struct error e = {0};
    bool done = open_file(&w, path, &e) && vector_open(&w.rig, &e);
    int code;

    w.rig.amd = amd;
    done = done && run_file(&w, &e);
    code = finish(&w, done, &e);

    vector_report_free(&w.report);
    vector_close(&w.rig);
    buffer_free(&w.text);
    if (w.file)
        gzclose(w.file);
    return code;
}

int
cmd_walk(int argc, char **argv)
{
    bool check = false, amd = false;
    char **rest;
    const struct option_row rows[] = {
        {OPTION_FLAG, "check", NULL,
         "compare with what the file expects; exit 1 if something differs", &check, 0, 0, NULL},
        {OPTION_FLAG, "amd", NULL,
         "the dialect that reads a PAE root when it is used, and expects what rows say in \"amd\"",
         &amd, 0, 0, NULL},
        {0},
    };
    const struct usage u = {"walk", "FILE", about, rows, 1, 1};
    int code = options_read(&u, argc, argv, &rest);

    return code == OPTIONS_GO_ON ? walk_file(rest[0], check, amd) : code;
}
