/* types.h - the numbers that must not be mixed, and the limits every floor shares.
 *
 * A frame's label on the screen is "f" and its number in hex; its physical address is that number
 * followed by the offset's digits.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t vaddr_t; /* virtual address, sign-extended where the format says so */
typedef uint64_t paddr_t; /* physical address */
typedef uint64_t vpn_t;   /* virtual page number */
typedef uint64_t pfn_t;   /* physical frame number; 0 is never handed out and means "none" */
typedef uint64_t pte_t;   /* a page-table entry of any width */
typedef uint32_t asid_t;  /* address-space tag (x86: PCID) */
typedef uint32_t pnum_t;  /* process number (pid); 0 means "none". pid_t belongs to the host */

enum {
    CPU_MAX = 8,
    TASK_MAX = 64,   /* pids 1..63 */
    AREA_MAX = 1024, /* areas of one process */
    LEVEL_MAX = 5,
};

enum access_kind { ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH };

enum right { RIGHT_R = 1, RIGHT_W = 2, RIGHT_X = 4 };

static inline uint64_t
low_bits(unsigned n)
{
    return n >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << n) - 1;
}
