/* data.h - where the program's own files are: machines, languages, lessons.
 *
 * Reads      $PAGEWALK_DATA, else the tree beside the binary (build/pagewalk in a work tree), else
 *            ../share/pagewalk as seen from it, else what was compiled in (PW_DATADIR). All of them
 *            hold assets/ and lessons/; a PAGEWALK_DATA may also hold machines/, lang/ and lessons/.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Path of "machines/i386.json", "lang/zh.json", "lessons", "lessons/lib" ... False if it does not
 * fit. */
bool data_path(char *out, size_t size, const char *name);

/* What data_path starts from, and why: for `doctor`. */
const char *data_root(void);
const char *data_root_source(void);
