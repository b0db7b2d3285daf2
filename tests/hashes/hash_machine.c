/* The same operations give the same bytes whatever compiled the machine: hashes of states along
 * seeded sessions, watched and not. */
#include <stdio.h>

#include "support/drive.h"
#include "test.h"

enum { OPERATIONS = 3000, EVERY = 500 };

static uint64_t events;

static void
count(void *ctx, const struct event *ev)
{
    (void)ctx;
    events += ev->cycles + 1u;
}

static void
session(const char *name, bool watched)
{
    struct preset p;
    struct machine m;
    struct rng r;
    struct error e = {0};
    struct watch watch = {count, NULL};
    char hex[33];

    drive_preset(name, &p);
    if (!machine_open(&m, &p, 7, &e))
        return;
    machine_watch(&m, watched ? &watch : NULL);
    rng_seed(&r, 20260102);
    for (int i = 1; i <= OPERATIONS; i++) {
        struct operation op;
        uint8_t blob[OPERATION_BLOB];
        struct outcome out;
        struct error refused = {0};

        drive_random(&r, &m, &op, blob);
        machine_do(&m, &op, &out, &refused);
        if (i % EVERY == 0)
            printf("HASH %s%s-%d %s\n", name, watched ? "-watched" : "", i,
                   hash_hex(machine_hash(&m), hex));
    }
    machine_close(&m);
}

int
main(void)
{
    static const char *const name[] = {"x86-64", "i386", "toy16", "la57", "toy64k", "csapp", "pae"};

    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        session(name[i], false);
        session(name[i], true);
        printf("HASH %s-events %llu\n", name[i], (unsigned long long)events);
    }
    return 0;
}
