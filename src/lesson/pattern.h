/* pattern.h - Lua patterns with a price.
 *
 * A backtracking matcher is exponential on a hostile pattern ("a?a?a?...aaa"), and no hook runs
 * inside one C call. This one counts: every comparison is a step, and the caller sets how many
 * there are.
 *
 * Promises   Same subject, pattern and budget: same result and same number of steps. Never
 *            allocates, never recurses deeper than PATTERN_DEPTH, reads only the bytes given.
 * Reads      The syntax of the Lua 5.4 manual, section 6.4.1, whole: classes, sets, * + - ?,
 *            captures, position captures, %1..%9, %b, %f, ^ and $. Classes know ASCII only,
 *            whatever the locale.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
    PATTERN_CAPTURES = 32,
    PATTERN_DEPTH = 200,
    PATTERN_STEPS = 10000, /* what lessons get per call */
};

enum pattern_result {
    PATTERN_NO,
    PATTERN_YES,
    PATTERN_MALFORMED, /* `complaint` says why */
    PATTERN_TOO_DEAR,  /* the steps or the depth ran out */
};

struct pattern_capture {
    size_t start;
    size_t length;
    bool is_position; /* "()": start is the answer, counted from 0 */
};

struct pattern_match {
    size_t start, end; /* bytes [start, end) of the subject */
    unsigned captures;
    struct pattern_capture capture[PATTERN_CAPTURES];
    unsigned steps; /* used */
    const char *complaint;
};

/* The first match at or after byte `from` of the subject. */
enum pattern_result pattern_find(const char *subject, size_t subject_length, const char *pattern,
                                 size_t pattern_length, size_t from, unsigned steps_max,
                                 struct pattern_match *match);
