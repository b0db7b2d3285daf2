/* lesson_verbs.h - the one table of what `pagewalk lesson WORD` can be; argv[0] of each is its own name. */
#pragma once

#define VERB(function, name, arguments, help) int function(int argc, char **argv);
#include "app/lesson_verbs.def"
#undef VERB

/* What `lesson check FILE` prints of one file; returns its exit code. */
int lesson_verdict(const char *path);
/* The names of the cookbook's recipes, one a line. */
void recipes_print(void);
