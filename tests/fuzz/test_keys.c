/* The seeds of fuzz_keys, once each, in an ordinary build. */
#include "fuzz/fuzz_keys.c"

int
main(void)
{
    return replay_seeds("keys", LLVMFuzzerTestOneInput);
}
