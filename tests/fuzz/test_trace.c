/* The seeds of fuzz_trace, once each, in an ordinary build. */
#include "fuzz/fuzz_trace.c"

int
main(void)
{
    return replay_seeds("trace", LLVMFuzzerTestOneInput);
}
