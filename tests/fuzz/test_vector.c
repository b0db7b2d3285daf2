/* The seeds of fuzz_vector, once each, in an ordinary build. */
#include "fuzz/fuzz_vector.c"

int
main(void)
{
    return replay_seeds("vector", LLVMFuzzerTestOneInput);
}
