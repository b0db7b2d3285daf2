/* The seeds of fuzz_json, once each, in an ordinary build. */
#include "fuzz/fuzz_json.c"

int
main(void)
{
    return replay_seeds("json", LLVMFuzzerTestOneInput);
}
