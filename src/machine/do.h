/* do.h - what the functions of operations.def share; only do*.c include this. */
#pragma once

#include "machine/machine.h"

/* Both say why not, and return false. */
bool do_refuse(struct error *e, const char *why);
bool do_somebody_runs(const struct machine *m, unsigned cpu, struct error *e);

/* The process that [PID] names: without it, the one that runs. 0: there is none, `e` says why. */
uint32_t do_living(const struct machine *m, const struct operation *op, struct error *e);

/* The kernel said no: an outcome, not a mistake. */
void do_call_error(struct outcome *out, enum call_error error);

/* How an access ended, as an outcome. */
void do_take_access(struct outcome *out, const struct access_end_result *r);

/* do_kernel.c */
bool do_alloc(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);
bool do_release(struct machine *m, const struct operation *op, struct outcome *out,
                struct error *e);
bool do_sample(struct machine *m, const struct operation *op, struct outcome *out,
               struct error *e);

/* do_string.c */
bool do_string(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);
bool do_ref(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);

/* do_set.c */
bool do_set(struct machine *m, const struct operation *op, struct outcome *out, struct error *e);
