/* The seeds of fuzz_text, once each, in an ordinary build. */
#include "fuzz/fuzz_text.c"

int
main(void)
{
    return replay_seeds("text", LLVMFuzzerTestOneInput);
}
