/* tiny.h - hardware and kernel without the machine floor, for tests of src/os: an arena, a geometry
 * described here in C, recorded events.
 *
 * Promises   TINY_X86: 4 levels of 4 KiB pages, kernel half at 0xffff888000000000. TINY_64: 64
 *            frames of 256 bytes, two levels of 16 entries, no kernel half, no no_execute. Both
 *            booted, nobody runs, nobody watches.
 */
#pragma once

#include "os/trap.h"

enum tiny_kind { TINY_X86, TINY_64 };
enum { TINY_EVENTS = 16384 };

struct tiny {
    struct arena arena;
    struct hw_plan hw_plan;
    struct os_plan os_plan;
    struct hw hw;
    struct os os;
    struct watch watch;
    unsigned events;
    struct event event[TINY_EVENTS];
};

/* frames 0: the kind's own number (x86: 1024). */
struct tiny *tiny_open(enum tiny_kind kind, uint64_t frames, unsigned cpus);
void tiny_close(struct tiny *t);

/* A cmocka teardown: the machine must be right to the last count. */
int tiny_teardown(void **state);

/* Spawn a process and let CPU 0 run it. */
uint32_t tiny_run(struct tiny *t);

/* One byte, user mode, waiting for the disk, on CPU 0. */
struct access_end_result tiny_read(struct tiny *t, vaddr_t va);
struct access_end_result tiny_write(struct tiny *t, vaddr_t va, uint8_t value);
struct access_end_result tiny_access(struct tiny *t, unsigned cpu, vaddr_t va,
                                     enum access_kind kind, bool wait);

/* Private anonymous memory of the running process, at `va` or (0) anywhere. */
vaddr_t tiny_mmap(struct tiny *t, vaddr_t va, unsigned pages, uint8_t prot);

/* The frame mapped at va in an address space, 0 none; its entry. */
pfn_t tiny_frame(struct tiny *t, uint32_t mm, vaddr_t va);
pte_t tiny_entry(struct tiny *t, uint32_t mm, vaddr_t va);

/* Record from now on; forgets what was recorded. */
void tiny_record(struct tiny *t);
unsigned tiny_count(const struct tiny *t, enum event_code code);
const struct event *tiny_event(const struct tiny *t, enum event_code code, unsigned n);
/* Names of what the kernel and the disk did, with page_fault, trap, restart and tlb_drop, without
 * splits and merges; one blank between two. */
const char *tiny_story(const struct tiny *t);
/* Names of what the page allocator did. */
const char *tiny_blocks(const struct tiny *t);

/* Every invariant that the os headers state, or NULL and nothing wrong; else what is. */
const char *tiny_wrong(struct tiny *t);
