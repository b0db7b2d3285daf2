/* number.h - numbers as people write them: 4096, 0x1000, 1000h, 0b101, 0o17, 1_000, 4K, 2M, 1G.
 *
 * Promises   The whole string is the number: no blanks, no sign, no leftovers, overflow is an
 *            error. `_` may stand between two digits. K, M, G (either case) are 2^10, 2^20, 2^30
 *            and follow decimal digits only, because 0x1G would read two ways. A final h makes hex
 *            of all before it, as assemblers write it: 0b11h is 0xb11. A leading zero alone means
 *            nothing: 010 is ten, as on paper, and eight is written 0o10. Errors are
 *            EXIT_DATA; whoever parses a command line turns that into EXIT_USAGE.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

bool number_parse(const char *text, uint64_t *value, struct error *err);

/* The same, within min .. max; `what` names the thing in the message ("frames"). */
bool number_parse_range(const char *text, uint64_t min, uint64_t max, const char *what,
                        uint64_t *value, struct error *err);

/* Exactly 0x and one to sixteen lower-case hex digits: how 64-bit values stand in JSON. */
bool number_parse_hex(const char *text, uint64_t *value);

/* How addresses and values are written for people. Hex is told by its 0x, decimal has no sign of its own, so nothing in hex may then stand
 * without 0x. What is kept or read by programs is always hex: this is set around what is drawn, never left on. */
enum number_style { NUMBERS_HEX, NUMBERS_DECIMAL, NUMBER_STYLES };
extern const char *const number_style_word[NUMBER_STYLES];
enum { NUMBER_TEXT = 24 };

/* Use a style from now on, in this thread; returns the one before. */
enum number_style numbers_use(enum number_style style);
enum number_style numbers_now(void);

/* "0x1000" or "4096", in the style in use; `digits`: hex is filled up with zeros to so many. Returns out. */
char *number_show(uint64_t value, int digits, char out[NUMBER_TEXT]);

/* A size with the largest unit that divides it: 4096 -> "4K", 100 -> "100". Returns out. */
char *number_size(uint64_t bytes, char out[24]);
