/* do.h - what the functions of operations.def share; only do*.c include this. */
#pragma once

#include "machine/machine.h"

/* These say why not, and return false. */
bool do_refuse(struct error *e, const char *why);
bool do_somebody_runs(const struct machine *m, unsigned cpu, struct error *e);
/* ... and has an address space of pages (do_program.c). */
bool do_space_runs(const struct machine *m, unsigned cpu, struct error *e);
/* Is the CPU free to do something? Not while it waits for others in the middle of a call. */
bool do_may_run(const struct machine *m, unsigned cpu, struct error *e);

/* The process calls: first its CPU comes back from any interrupt. */
void do_syscall(struct machine *m, const struct operation *op);

/* The process that [PID] names: without it, the one that runs. 0: there is none, `e` says why. */
uint32_t do_living(const struct machine *m, const struct operation *op, struct error *e);

/* The kernel said no: an outcome, not a mistake. */
void do_call_error(struct outcome *out, enum call_error error);

/* How an access ended, as an outcome. */
void do_take_access(struct outcome *out, const struct access_end_result *r);

/* do_cache.c */
bool do_clflush(struct machine *m, const struct operation *op, struct outcome *out,
                struct error *e);
bool do_wbinvd(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);

/* do_kernel.c */
bool do_alloc(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);
bool do_release(struct machine *m, const struct operation *op, struct outcome *out,
                struct error *e);
bool do_sample(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);

/* do_huge.c */
bool do_collapse(struct machine *m, const struct operation *op, struct outcome *out,
                 struct error *e);
bool do_split(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);
/* mmap with huge=yes: `va` 0 lets the kernel choose. */
bool do_map_huge(struct machine *m, const struct operation *op, vaddr_t va, struct outcome *out,
                 struct error *e);

/* do_tlb.c */
bool do_invlpg(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);
bool do_invpcid(struct machine *m, const struct operation *op, struct outcome *out,
                struct error *e);
bool do_flush(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);
/* May `set` give this field this value, as far as the TLB's shape is concerned? */
bool do_fits_tlb(const struct machine *m, const struct set_field *f, uint64_t value,
                 struct error *e);

/* do_string.c */
bool do_string(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);
bool do_ref(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);

/* do_process.c */
bool do_spawn(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);
bool do_switch(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);
bool do_fork(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);
bool do_thread(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);
bool do_null_call(struct machine *m, const struct operation *op, struct outcome *out,
                  struct error *e);
bool do_exit(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);

/* do_program.c */
/* May the process be switched to? One in one piece must be in memory, and paging off. */
bool do_can_run(const struct machine *m, unsigned cpu, const struct task *t, struct error *e);

/* With paging off a write may hit what no page table guards: the kernel's own memory. Then, as after a
 * poke, invariants may be broken. */
void do_note_write(struct machine *m, unsigned cpu, const struct access *a,
                   const struct access_end_result *r);
bool do_load(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);
bool do_grow(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);
bool do_compact(struct machine *m, const struct operation *op, struct outcome *out,
                struct error *e);
bool do_swapout(struct machine *m, const struct operation *op, struct outcome *out,
                struct error *e);
/* do_set.c */
bool do_set(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);
