/* Lua patterns by backtracking, one continuation at a time.
 *
 * match_here() answers "where does the rest of the pattern end if it starts at s?". Items without
 * a choice are walked in a loop; only a quantifier or a capture recurses, because only there may we
 * have to come back. Steps are counted at every item and every byte that an item looks at, so the
 * count bounds the time whatever the pattern. R. Ierusalimschy, "Programming in Lua", ch. 10.
 */
#include "lesson/pattern.h"

#include <string.h>

struct matcher {
    const char *subject, *subject_end;
    const char *pattern_end;
    struct pattern_match *m;
    bool open[PATTERN_CAPTURES];
    unsigned steps_left;
    unsigned depth;
    enum pattern_result verdict; /* PATTERN_YES while nothing is wrong */
};

static const char *match_here(struct matcher *k, const char *s, const char *p);

static const char *
give_up(struct matcher *k, enum pattern_result verdict, const char *complaint)
{
    if (k->verdict == PATTERN_YES) {
        k->verdict = verdict;
        k->m->complaint = complaint;
    }
    return NULL;
}

static bool
pay(struct matcher *k)
{
    if (k->steps_left == 0) {
        give_up(k, PATTERN_TOO_DEAR, "too many steps");
        return false;
    }
    k->steps_left--;
    return k->verdict == PATTERN_YES;
}

static bool
is_between(unsigned char c, unsigned char low, unsigned char high)
{
    return low <= c && c <= high;
}

static bool
is_alnum(unsigned char c)
{
    return is_between(c, '0', '9') || is_between(c, 'a', 'z') || is_between(c, 'A', 'Z');
}

/* %a and its family; another character stands for itself. */
static bool
in_class(unsigned char c, unsigned char class)
{
    bool in;

    switch (class | 0x20) {
    case 'a':
        in = is_alnum(c) && !is_between(c, '0', '9');
        break;
    case 'c':
        in = c < 0x20 || c == 0x7f;
        break;
    case 'd':
        in = is_between(c, '0', '9');
        break;
    case 'g':
        in = is_between(c, 0x21, 0x7e);
        break;
    case 'l':
        in = is_between(c, 'a', 'z');
        break;
    case 'p':
        in = is_between(c, 0x21, 0x7e) && !is_alnum(c);
        break;
    case 's':
        in = c == ' ' || is_between(c, '\t', '\r');
        break;
    case 'u':
        in = is_between(c, 'A', 'Z');
        break;
    case 'w':
        in = is_alnum(c);
        break;
    case 'x':
        in = is_between(c, '0', '9') || is_between(c | 0x20, 'a', 'f');
        break;
    default:
        return c == class;
    }
    return is_between(class, 'A', 'Z') ? !in : in;
}

/* The end of the single-character item at p ("x", "%d", "[a-z]"), or NULL. */
static const char *
item_end(struct matcher *k, const char *p)
{
    if (*p == '%') {
        if (p + 1 == k->pattern_end)
            return give_up(k, PATTERN_MALFORMED, "ends with '%'");
        return p + 2;
    }
    if (*p != '[')
        return p + 1;
    p++;
    if (p < k->pattern_end && *p == '^')
        p++;
    for (bool first = true; p < k->pattern_end && (first || *p != ']'); first = false) {
        if (!pay(k))
            return NULL;
        p += *p == '%' ? 2 : 1;
    }
    if (p >= k->pattern_end)
        return give_up(k, PATTERN_MALFORMED, "'[' without ']'");
    return p + 1;
}

/* Is c in the set whose '[' is at p and whose ']' is at end - 1? */
static bool
in_set(struct matcher *k, unsigned char c, const char *p, const char *end)
{
    bool inverted = p[1] == '^';

    p += inverted ? 2 : 1;
    for (end--; p < end;) {
        if (!pay(k))
            return false;
        if (*p == '%') {
            if (in_class(c, (unsigned char)p[1]))
                return !inverted;
            p += 2;
        } else if (p + 2 < end && p[1] == '-') {
            if (is_between(c, (unsigned char)p[0], (unsigned char)p[2]))
                return !inverted;
            p += 3;
        } else if (c == (unsigned char)*p++) {
            return !inverted;
        }
    }
    return inverted;
}

static bool
item_matches(struct matcher *k, const char *s, const char *p, const char *end)
{
    if (s == k->subject_end || !pay(k))
        return false;
    unsigned char c = (unsigned char)*s;
    switch (*p) {
    case '.':
        return true;
    case '%':
        return in_class(c, (unsigned char)p[1]);
    case '[':
        return in_set(k, c, p, end);
    default:
        return c == (unsigned char)*p;
    }
}

/* x*, x+: as many as there are, then give back one by one. */
static const char *
repeat_longest(struct matcher *k, const char *s, const char *p, const char *end, size_t least)
{
    size_t n = 0;

    while (item_matches(k, s + n, p, end))
        n++;
    for (; k->verdict == PATTERN_YES && n >= least; n--) {
        const char *e = match_here(k, s + n, end + 1);
        if (e || n == 0)
            return e;
    }
    return NULL;
}

/* x-: as few as will do. */
static const char *
repeat_shortest(struct matcher *k, const char *s, const char *p, const char *end)
{
    for (;; s++) {
        const char *e = match_here(k, s, end + 1);
        if (e)
            return e;
        if (!item_matches(k, s, p, end))
            return NULL;
    }
}

static const char *
open_capture(struct matcher *k, const char *s, const char *p)
{
    unsigned n = k->m->captures;

    if (n == PATTERN_CAPTURES)
        return give_up(k, PATTERN_MALFORMED, "more than 32 captures");
    bool is_position = p + 1 < k->pattern_end && p[1] == ')';
    k->m->capture[n] = (struct pattern_capture){(size_t)(s - k->subject), 0, is_position};
    k->open[n] = !is_position;
    k->m->captures = n + 1;
    const char *e = match_here(k, s, p + (is_position ? 2 : 1));
    if (!e)
        k->m->captures = n;
    return e;
}

static const char *
close_capture(struct matcher *k, const char *s, const char *p)
{
    unsigned n = k->m->captures;

    while (n > 0 && !k->open[n - 1])
        n--;
    if (n == 0)
        return give_up(k, PATTERN_MALFORMED, "')' without '('");
    n--;
    k->open[n] = false;
    k->m->capture[n].length = (size_t)(s - k->subject) - k->m->capture[n].start;
    const char *e = match_here(k, s, p + 1);
    if (!e)
        k->open[n] = true;
    return e;
}

/* %b(): from an opening byte to the closing one that balances it. */
static const char *
match_balance(struct matcher *k, const char *s, const char *p)
{
    size_t nesting = 1;

    if (k->pattern_end - p < 4)
        return give_up(k, PATTERN_MALFORMED, "'%b' needs two characters");
    if (s == k->subject_end || *s != p[2])
        return NULL;
    for (s++; s < k->subject_end && pay(k); s++) {
        if (*s == p[3]) {
            if (--nesting == 0)
                return s + 1;
        } else if (*s == p[2]) {
            nesting++;
        }
    }
    return NULL;
}

/* %f[set]: between a byte outside the set and one inside; beyond both ends stands a zero byte. */
static bool
match_frontier(struct matcher *k, const char *s, const char *set, const char *end)
{
    unsigned char before = s == k->subject ? 0 : (unsigned char)s[-1];
    unsigned char after = s == k->subject_end ? 0 : (unsigned char)*s;

    return !in_set(k, before, set, end) && in_set(k, after, set, end);
}

/* %1: the same bytes once more. */
static const char *
match_back(struct matcher *k, const char *s, unsigned n)
{
    if (n >= k->m->captures || k->open[n])
        return give_up(k, PATTERN_MALFORMED, "'%1'..'%9' before its capture is closed");
    const struct pattern_capture *c = &k->m->capture[n];
    if (c->is_position)
        return NULL;
    for (size_t i = 0; i < c->length; i++) {
        if (s + i == k->subject_end || !pay(k) || s[i] != k->subject[c->start + i])
            return NULL;
    }
    return s + c->length;
}

/* The %-items that are not a single character. Moves *s and *p past one; false: it does not match.
 */
static bool
special_item(struct matcher *k, const char **s, const char **p, bool *taken)
{
    char kind = *p + 1 < k->pattern_end ? (*p)[1] : '\0';

    *taken = true;
    if (kind == 'b') {
        *s = match_balance(k, *s, *p);
        *p += 4;
    } else if (kind == 'f') {
        if (*p + 2 >= k->pattern_end || (*p)[2] != '[')
            return give_up(k, PATTERN_MALFORMED, "'%f' needs a set") != NULL;
        const char *set = *p + 2, *end = item_end(k, set);
        *p = end;
        return end && match_frontier(k, *s, set, end);
    } else if (kind >= '1' && kind <= '9') {
        *s = match_back(k, *s, (unsigned)(kind - '1'));
        *p += 2;
    } else {
        *taken = false;
    }
    return *s != NULL;
}

static const char *
match_rest(struct matcher *k, const char *s, const char *p)
{
    while (p < k->pattern_end) {
        bool taken = false;
        if (!pay(k))
            return NULL;
        if (*p == '(')
            return open_capture(k, s, p);
        if (*p == ')')
            return close_capture(k, s, p);
        if (*p == '$' && p + 1 == k->pattern_end)
            return s == k->subject_end ? s : NULL;
        if (*p == '%' && !special_item(k, &s, &p, &taken))
            return NULL;
        if (taken)
            continue;
        const char *end = item_end(k, p);
        if (!end)
            return NULL;
        char quantifier = end < k->pattern_end ? *end : '\0';
        if (quantifier == '*' || quantifier == '+')
            return repeat_longest(k, s, p, end, quantifier == '+');
        if (quantifier == '-')
            return repeat_shortest(k, s, p, end);
        bool fits = item_matches(k, s, p, end);
        if (quantifier == '?') {
            const char *e = fits ? match_here(k, s + 1, end + 1) : NULL;
            if (e || k->verdict != PATTERN_YES)
                return e;
            p = end + 1;
            continue;
        }
        if (!fits)
            return NULL;
        s++;
        p = end;
    }
    return s;
}

static const char *
match_here(struct matcher *k, const char *s, const char *p)
{
    if (k->verdict != PATTERN_YES)
        return NULL;
    if (k->depth == PATTERN_DEPTH)
        return give_up(k, PATTERN_TOO_DEAR, "nested too deep");
    k->depth++;
    const char *e = match_rest(k, s, p);
    k->depth--;
    return k->verdict == PATTERN_YES ? e : NULL;
}

static bool
captures_closed(struct matcher *k)
{
    for (unsigned i = 0; i < k->m->captures; i++) {
        if (k->open[i]) {
            give_up(k, PATTERN_MALFORMED, "'(' without ')'");
            return false;
        }
    }
    return true;
}

enum pattern_result
pattern_find(const char *subject, size_t subject_length, const char *pattern, size_t pattern_length,
             size_t from, unsigned steps_max, struct pattern_match *match)
{
    struct matcher k = {.subject = subject,
                        .subject_end = subject + subject_length,
                        .pattern_end = pattern + pattern_length,
                        .m = match,
                        .steps_left = steps_max,
                        .verdict = PATTERN_YES};
    bool anchored = pattern_length > 0 && pattern[0] == '^';
    const char *end = NULL;

    memset(match, 0, sizeof *match);
    for (size_t at = from; at <= subject_length; at++) {
        match->captures = 0;
        match->start = at;
        end = match_here(&k, subject + at, pattern + anchored);
        if (end || anchored || k.verdict != PATTERN_YES)
            break;
    }
    match->steps = steps_max - k.steps_left;
    if (!end)
        return k.verdict == PATTERN_YES ? PATTERN_NO : k.verdict;
    match->end = (size_t)(end - subject);
    return captures_closed(&k) ? PATTERN_YES : k.verdict;
}
