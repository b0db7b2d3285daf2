/* The seeds of fuzz_preset, once each, in an ordinary build. */
#include "fuzz/fuzz_preset.c"

int
main(void)
{
    return replay_seeds("preset", LLVMFuzzerTestOneInput);
}
