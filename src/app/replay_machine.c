/* replay_machine.c - the machines of `pagewalk replay --machine`. */
#include "app/replay_machine.h"

#include <stdlib.h>

#include "base/memory.h"

/* Texts that are page numbers already; all others are addresses. */
static bool
has_addresses(enum reader_form form)
{
    return form == READER_LACKEY || form == READER_ADDRESSES;
}

bool
machines_open(struct machines *m, const struct replay_ask *ask, const struct replay_answer *a,
              struct error *e)
{
    m->s = memory_new(a->runs, sizeof *m->s);
    for (size_t i = 0; i < a->runs; i++, m->n++) {
        const struct stepwise_want want = {
            .preset = ask->machine,
            .policy = a->run[i].policy,
            .frames = ask->sizes ? a->run[i].frames : 0,
            .seed = ask->seed,
            .load_r0 = ask->load_r0,
            .addresses = has_addresses(a->facts.form),
        };
        if (!stepwise_open(&m->s[i], &want, e))
            return false;
    }
    return true;
}

void
machines_close(struct machines *m)
{
    while (m->n > 0)
        stepwise_close(&m->s[--m->n]);
    free(m->s);
}

bool
machines_feed(struct machines *m, const struct block *b, struct error *e)
{
    for (size_t i = 0; i < m->n; i++)
        if (!stepwise_feed(&m->s[i], b, e))
            return false;
    return true;
}

uint64_t
machines_fed(const struct machines *m)
{
    return m->s[0].fed;
}

static struct replay_machine
facts_of(const struct stepwise *s)
{
    const struct hw_state *hw = s->m.hw.s;
    const struct os_state *os = s->m.os.s;
    const struct task *t = os_current(&s->m.os, 0);

    return (struct replay_machine){
        .tlb_hits = hw->cpu[0].hits,
        .tlb_misses = hw->cpu[0].misses,
        .walks = hw->cpu[0].walks,
        .minor_faults = t->minor,
        .major_faults = t->major,
        .evictions = os->evictions,
        .swap_reads = os->swap_reads,
        .swap_writes = os->swap_writes,
        .cycles = hw->cycles,
        .state = machine_hash(&s->m),
    };
}

void
machines_end(const struct machines *m, struct replay_answer *a)
{
    a->machine = memory_new(m->n, sizeof *a->machine);
    a->refs = m->s[0].refs;
    a->pages = pages_count(&m->s[0].pages);
    for (size_t i = 0; i < m->n; i++) {
        const struct stepwise *s = &m->s[i];

        a->run[i].faults = s->faults;
        a->run[i].hits = s->refs - s->faults;
        a->run[i].writebacks = s->m.os.s->swap_writes;
        a->machine[i] = facts_of(s);
    }
}
