/* play_trace.c - from a trace to the string of a session's machine. */
#include "app/play_trace.h"

#include <stdio.h>
#include <string.h>

#include "app/lines.h"
#include "base/buffer.h"
#include "base/lang.h"
#include "replay/reader.h"
#include "replay/stepwise.h"

/* A `string` of a screen or so: longer traces take several. */
enum { STRING_BYTES = 2048, WORD_BYTES = 16 };

struct loader {
    struct history *history;
    const struct preset *preset;
    const char *name;
    unsigned page_shift; /* from the numbers of a block to pages: 0 for page numbers */
    uint64_t base;       /* address of the string's page 0 */
    uint64_t taken;      /* references of the trace */
    uint64_t made;       /* of the string */
    bool cut, begun;
    struct buffer text; /* of the next `string` */
};

/* --- operations --- */

static bool
operate(void *ctx, const char *line, struct error *e)
{
    uint8_t blob[OPERATION_BLOB];
    struct operation op;
    struct outcome out;

    if (!operation_parse(line, &op, blob, e) || !history_do(ctx, &op, &out, e))
        return false;
    return out.kind == OUT_DONE ||
           error_set(e, EXIT_DATA, "%s: %s", line, call_error_name[out.error]);
}

static bool
load_waiting(struct loader *l, struct error *e)
{
    struct buffer line = {0};
    bool done;

    if (l->text.length == 0)
        return true;
    if (l->begun)
        buffer_puts(&line, "string -");
    else
        buffer_printf(&line, "string 0x%llx", (unsigned long long)l->base);
    buffer_printf(&line, " %s", buffer_text(&l->text));
    done = operate(l->history, buffer_text(&line), e);
    buffer_free(&line);
    buffer_truncate(&l->text, 0);
    l->begun = true;
    return done;
}

/* --- references --- */

/* As a word of `string`; the first for which there is no room cuts the trace. */
static bool
add(struct loader *l, uint64_t page, uint8_t kind, struct error *e)
{
    if (l->made == l->preset->geo.string_max) {
        l->cut = true;
        return true;
    }
    if (l->text.length + WORD_BYTES > STRING_BYTES && !load_waiting(l, e))
        return false;
    buffer_printf(&l->text, "%s%llu%s", l->text.length ? "," : "", (unsigned long long)page,
                  kind == ACCESS_WRITE ? "w" : "");
    l->made++;
    return true;
}

static bool
has_place(const struct loader *l, uint64_t page)
{
    const struct format *f = &l->preset->geo.format;
    uint64_t first = vpn_of(f, l->base), end = vpn_of(f, l->preset->layout.user_end);

    return page <= INT32_MAX && first + page >= 1 && first + page < end;
}

static bool
no_place(const struct loader *l, uint64_t number, struct error *e)
{
    return error_at(e, EXIT_DATA, l->name, 0,
                    "reference %llu: a string on machine %s has no place for %s 0x%llx",
                    (unsigned long long)l->taken + 1, l->preset->name,
                    l->page_shift ? "address" : "page", (unsigned long long)number);
}

static bool
add_range(struct loader *l, uint64_t number, uint64_t size, uint8_t kind, struct error *e)
{
    uint64_t page = number >> l->page_shift, last = (number + size - 1) >> l->page_shift;

    for (; page <= last && !l->cut; page++) {
        if (!has_place(l, page))
            return no_place(l, number, e);
        if (!add(l, page, kind, e))
            return false;
    }
    l->taken++;
    return true;
}

static bool
add_block(struct loader *l, const struct block *b, struct error *e)
{
    for (size_t i = 0; i < b->n && !l->cut; i++) {
        uint64_t size = l->page_shift && b->size && b->size[i] ? b->size[i] : 1;

        if (!add_range(l, b->page[i], size, b->kind ? b->kind[i] : ACCESS_READ, e))
            return false;
    }
    return true;
}

/* --- the trace --- */

static struct reader *
open_reader(const char *name, struct error *e)
{
    const struct reader_want want = {.form = READER_ANY};
    int fd = lines_descriptor(name, e);

    return fd < 0 ? NULL : reader_open(fd, name, &want, e);
}

/* Addresses name their pages themselves; page 0 of a list of pages is the first that can be mapped. */
static void
set_numbers(struct loader *l, enum reader_form form)
{
    const struct format *f = &l->preset->geo.format;

    if (form == READER_LACKEY || form == READER_ADDRESSES)
        l->page_shift = f->page_shift;
    else
        l->base = format_page(f);
}

static bool
check_facts(const struct loader *l, const struct reader_facts *f, struct error *e)
{
    if (f->bad > (f->bad + f->refs) / 100)
        return error_at(e, EXIT_DATA, l->name, (int)f->first[0].line, "%s", f->first[0].what);
    return l->made > 0 || error_at(e, EXIT_DATA, l->name, 0, "there is no memory reference in it");
}

static bool
load(struct loader *l, struct reader *r, struct error *e)
{
    struct block b;

    set_numbers(l, reader_facts(r)->form);
    while (!l->cut && reader_next(r, &b, e))
        if (!add_block(l, &b, e))
            return false;
    return e->code == 0 && check_facts(l, reader_facts(r), e) && load_waiting(l, e);
}

/* After the string: opt must find it. */
static bool
set_up(const struct loader *l, const struct play_trace *ask, struct error *e)
{
    char policy[64], limit[64];

    snprintf(policy, sizeof policy, "set policy %s",
             ask->policy < 0 ? "" : policy_row[ask->policy].name);
    snprintf(limit, sizeof limit, "set resident_limit %llu", (unsigned long long)ask->frames);
    return (ask->policy < 0 || operate(l->history, policy, e)) &&
           (!ask->frames || operate(l->history, limit, e));
}

static void
say_loaded(struct session *s, const struct loader *l)
{
    const char *slash = strrchr(l->name, '/'), *name = slash ? slash + 1 : l->name;
    const unsigned n = (unsigned)l->made;

    if (l->cut)
        session_say(
            s,
            session_words(s,
                          tr("Press {step} for the next reference. The string: the first %u of %s "
                             "(--set string=N: more)"),
                          tr("step: the next reference. The string: the first %u of %s (--set "
                             "string=N: more)")),
            n, name);
    else
        session_say(
            s,
            session_words(s, tr("Press {step} for the next reference. The string: all %u of %s"),
                          tr("step: the next reference. The string: all %u of %s")),
            n, name);
}

bool
play_trace_load(struct session *s, const struct play_trace *ask, struct error *e)
{
    const struct preset preset = history_machine(s->history)->preset;
    struct loader l = {.history = s->history, .preset = &preset, .name = ask->path};
    struct reader *r;
    bool done;

    r = open_reader(l.name, e);
    done =
        r && stepwise_map(&preset, operate, s->history, e) && load(&l, r, e) && set_up(&l, ask, e);
    reader_close(r);
    buffer_free(&l.text);
    if (!done)
        return false;
    session_done(s);
    pane_focus(&s->scene.set, PANE_REPLACE);
    say_loaded(s, &l);
    return true;
}
