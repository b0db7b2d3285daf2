/* Breaking text into lines of cells. Latin breaks at blanks, CJK nearly everywhere; what matters
 * to a Chinese reader is the
 * exceptions (GB/T 15834, UAX 14): closing marks never begin a line, opening marks never end one.
 */
#include <string.h>

#include "base/text.h"

/* Each list is one string; a code point is searched in it by its UTF-8 form. */
static const char never_first[] = "。，、；：？！）》」』”】〕〉〗’…—·％～ー々"
                                  "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ"
                                  ",.;:?!)]}%";
static const char never_last[] = "（《「『“【〔〈〖‘￥＄([{$";

static bool
listed(const char *list, uint32_t cp)
{
    char bytes[5] = {0};

    return text_encode(cp, bytes) && cp && strstr(list, bytes);
}

/* May a line end after a and the next one begin with b? Blanks belong to the line before. */
static bool
may_break(uint32_t a, uint32_t b)
{
    if (b == ' ')
        return false;
    if (a == ' ')
        return true;
    if (text_cell_width(a) != 2 && text_cell_width(b) != 2)
        return false;
    return !listed(never_last, a) && !listed(never_first, b);
}

/* Inside an overlong word any place will do that keeps the rules for marks. */
static bool
may_split(uint32_t a, uint32_t b)
{
    return !listed(never_last, a) && !listed(never_first, b);
}

static void
finish_line(struct text_line *line, const char *start, const char *stop)
{
    while (stop > start && stop[-1] == ' ')
        stop--;
    line->start = start;
    line->length = (size_t)(stop - start);
    line->width = text_width_n(start, line->length);
}

bool
text_wrap_next(const char **at, const char *end, unsigned cells, struct text_line *line)
{
    const char *start = *at, *p = start, *good = NULL, *poor = NULL;
    uint32_t cp, before = 0;
    unsigned width = 0;
    bool hanging = false;
    size_t n;

    if (start >= end)
        return false;
    if (cells < 2) /* a wide letter has to fit */
        cells = 2;
    for (; p < end && *p != '\n'; p += n) {
        unsigned w;
        n = text_step(p, (size_t)(end - p), &cp);
        w = (unsigned)text_cell_width(cp);
        if (w && before) {
            if (may_break(before, cp))
                good = p;
            else if (may_split(before, cp) && cp != ' ')
                poor = p;
        }
        if (cp != ' ' && (width + w > cells || hanging)) {
            *at = hanging ? p : good ? good : poor ? poor : p;
            finish_line(line, start, *at);
            return true;
        }
        if (width + w <= cells)
            width += w;
        else /* blanks may hang over the edge, they are cut off */
            hanging = true;
        if (w)
            before = cp;
    }
    finish_line(line, start, p);
    *at = p < end ? p + 1 : p;
    return true;
}

unsigned
text_wrap_count(const char *s, unsigned cells)
{
    const char *end = s + strlen(s);
    struct text_line line;
    unsigned count = 0;

    while (text_wrap_next(&s, end, cells, &line))
        count++;
    return count;
}
