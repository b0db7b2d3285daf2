/* The seeds of fuzz_operation, once each, in an ordinary build. */
#include "fuzz/fuzz_operation.c"

int
main(void)
{
    return replay_seeds("operation", LLVMFuzzerTestOneInput);
}
