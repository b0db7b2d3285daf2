/* assert.h - a broken promise inside pagewalk itself.
 *
 * Promises   Stays on in release builds. Calls the hook (the screen restores the terminal, the
 *            program says how to replay), then aborts.
 */
#pragma once

typedef void pw_assert_hook(const char *file, int line, const char *expression);

/* Called before abort(); NULL restores the default, which prints one line to stderr. */
void pw_assert_set_hook(pw_assert_hook *hook);

_Noreturn void pw_assert_failed(const char *file, int line, const char *expression);

#define pw_assert(x) ((x) ? (void)0 : pw_assert_failed(__FILE__, __LINE__, #x))
