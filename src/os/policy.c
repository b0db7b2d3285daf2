#include "os/policy.h"

#include <string.h>

const struct policy_row policy_row[POLICIES] = {
#define POLICY(code, name, text) [POLICY_##code] = {name, text},
#include "os/policies.def"
#undef POLICY
};

enum policy
policy_by_name(const char *name)
{
    for (int i = 0; i < POLICIES; i++)
        if (strcmp(policy_row[i].name, name) == 0)
            return (enum policy)i;
    return POLICIES;
}
