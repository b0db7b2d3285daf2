/* lang.h - the language the program speaks. English stands in the source and the tables; other
 * languages are catalogues from English to the other text (assets/lang/zh.json), switchable while
 * running, complete by test.
 */
#pragma once

#include "base/error.h"

enum lang { LANG_EN, LANG_ZH, LANGS };

extern const char *const lang_code[LANGS]; /* "en", "zh" */

/* Read the catalogues from `directory`. A missing catalogue is an error of EXIT_OPEN; English
 * always works. */
bool lang_load(const char *directory, struct error *e);
void lang_use(enum lang lang);
enum lang lang_now(void);
/* -1 when there is no such language. */
int lang_by_code(const char *code);

/* The text in the language in use, the English itself when the catalogue lacks it. Never NULL. */
const char *tr(const char *english) __attribute__((format_arg(1)));
const char *tr_in(enum lang lang, const char *english);
