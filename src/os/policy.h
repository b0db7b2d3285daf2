/* policy.h - whom to evict: the names that the kernel, the replay of traces and the screen share. */
#pragma once

#include "base/types.h"

enum policy {
#define POLICY(code, name, text) POLICY_##code,
#include "os/policies.def"
#undef POLICY
    POLICIES
};

struct policy_row {
    const char *name;
    const char *text; /* whom it evicts, exactly */
};

extern const struct policy_row policy_row[POLICIES];

/* POLICIES when there is none of that name. */
enum policy policy_by_name(const char *name);
