/* The seeds of fuzz_lesson, once each, in an ordinary build. */
#include "fuzz/fuzz_lesson.c"

int
main(void)
{
    return replay_seeds("lesson", LLVMFuzzerTestOneInput);
}
