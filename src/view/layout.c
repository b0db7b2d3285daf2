/* layout.c - the layouts as data. A screen begins with one area, the body; each cut takes a piece off a side of an area and gives it to a pane,
 * or makes it an area of its own to be cut further. What is left goes to the cut with side REST.
 *
 *   standard   story | address          large   story | address              tab: the last pane looked at
 *                    | tree | tlb                log   | tree | tlb | layout       that has no place of its own
 *                    |      | tab                      | hex  | ...
 */
#include "view/layout.h"

#include <string.h>

#include "hw/segment.h"
#include "view/panes.h"

enum { WIDTH_LEAST = 60, HEIGHT_LEAST = 18 };

enum side { LEFT, RIGHT, TOP, BOTTOM, REST };

/* What a piece is given to, beside the panes by their number. */
enum { AREA_A = 100, AREA_B, AREA_C, AREA_D, TAB = 200, FOCUSED };

enum { BODY = AREA_A - 1, AREAS = AREA_D - BODY + 1 };

struct cut {
    int from;
    enum side side;
    int percent, least, most; /* of the area's width or height */
    int to;
};

static const struct cut cut_zoom[] = {
    {BODY, REST, 0, 0, 0, FOCUSED},
    {0},
};

static const struct cut cut_present[] = {
    {BODY, LEFT, 38, 30, 70, PANE_STORY},
    {BODY, REST, 0, 0, 0, FOCUSED},
    {0},
};

static const struct cut cut_stacked[] = {
    {BODY, TOP, 50, 7, 16, PANE_STORY},
    {BODY, REST, 0, 0, 0, TAB},
    {0},
};

static const struct cut cut_small[] = {
    {BODY, LEFT, 0, 34, 34, PANE_STORY},
    {BODY, TOP, 0, 7, 7, PANE_ADDRESS},
    {BODY, REST, 0, 0, 0, TAB},
    {0},
};

static const struct cut cut_standard[] = {
    {BODY, LEFT, 30, 34, 44, PANE_STORY},
    {BODY, TOP, 0, 8, 8, PANE_ADDRESS},
    {BODY, BOTTOM, 34, 9, 16, AREA_A},
    {AREA_A, LEFT, 44, 34, 60, PANE_FRAMES},
    {AREA_A, REST, 0, 0, 0, TAB},
    {BODY, LEFT, 46, 34, 60, PANE_TREE},
    {BODY, REST, 0, 0, 0, PANE_TLB},
    {0},
};

/* Several CPUs: their lanes in the middle of everything. */
static const struct cut cut_cpus[] = {
    {BODY, LEFT, 30, 34, 44, PANE_STORY},
    {BODY, TOP, 0, 8, 8, PANE_ADDRESS},
    {BODY, TOP, 45, 12, 16, PANE_CPUS},
    {BODY, LEFT, 44, 34, 60, PANE_FRAMES},
    {BODY, REST, 0, 0, 0, TAB},
    {0},
};

/* A bare machine with a data cache: what its CPU holds, side by side. */
static const struct cut cut_cached[] = {
    {BODY, LEFT, 30, 34, 48, PANE_STORY},
    {BODY, TOP, 0, 8, 8, PANE_ADDRESS},
    {BODY, LEFT, 54, 42, 70, AREA_A},
    {AREA_A, TOP, 0, 20, 20, PANE_TLB},
    {AREA_A, REST, 0, 0, 0, TAB},
    {BODY, REST, 0, 0, 0, PANE_CACHE},
    {0},
};

static const struct cut cut_cached_large[] = {
    {BODY, LEFT, 27, 42, 54, PANE_STORY},
    {BODY, TOP, 0, 8, 8, PANE_ADDRESS},
    {BODY, LEFT, 50, 50, 74, AREA_A},
    {AREA_A, TOP, 0, 20, 20, PANE_TLB},
    {AREA_A, BOTTOM, 40, 7, 14, TAB},
    {AREA_A, REST, 0, 0, 0, PANE_TREE},
    {BODY, TOP, 0, 20, 20, PANE_CACHE},
    {BODY, REST, 0, 0, 0, PANE_LOG},
    {0},
};

static const struct cut cut_large[] = {
    {BODY, LEFT, 27, 42, 54, AREA_A},
    {AREA_A, BOTTOM, 34, 12, 20, PANE_LOG},
    {AREA_A, REST, 0, 0, 0, PANE_STORY},
    {BODY, TOP, 0, 8, 8, PANE_ADDRESS},
    {BODY, RIGHT, 50, 58, 74, AREA_B},
    {AREA_B, TOP, 27, 9, 20, PANE_TLB},
    {AREA_B, BOTTOM, 45, 12, 15, TAB},
    {AREA_B, REST, 0, 0, 0, PANE_LAYOUT},
    {BODY, BOTTOM, 24, 9, 14, PANE_HEX},
    {BODY, BOTTOM, 40, 10, 18, PANE_FRAMES},
    {BODY, REST, 0, 0, 0, PANE_TREE},
    {0},
};

static const struct cut cut_huge[] = {
    {BODY, LEFT, 25, 48, 60, AREA_A},
    {AREA_A, BOTTOM, 38, 16, 30, PANE_LOG},
    {AREA_A, REST, 0, 0, 0, PANE_STORY},
    {BODY, TOP, 0, 8, 8, AREA_D},
    {AREA_D, LEFT, 55, 80, 90, PANE_ADDRESS},
    {AREA_D, REST, 0, 0, 0, PANE_COST},
    {BODY, RIGHT, 48, 66, 90, AREA_B},
    {AREA_B, TOP, 43, 12, 22, PANE_TLB},
    {AREA_B, BOTTOM, 34, 15, 17, TAB},
    {AREA_B, REST, 0, 0, 0, PANE_LAYOUT},
    {BODY, BOTTOM, 26, 10, 18, PANE_HEX},
    {BODY, BOTTOM, 42, 12, 24, PANE_FRAMES},
    {BODY, REST, 0, 0, 0, PANE_TREE},
    {0},
};

/* Before paging: segments, or programs in one piece, instead of tables and a TLB. */
static const struct cut cut_segments[] = {
    {BODY, LEFT, 30, 34, 54, PANE_STORY},
    {BODY, TOP, 0, 8, 8, PANE_ADDRESS},
    {BODY, TOP, 45, 11, 14, PANE_SEGMENTS},
    {BODY, LEFT, 55, 40, 80, PANE_HEX},
    {BODY, REST, 0, 0, 0, TAB},
    {0},
};

static const struct cut cut_partitions[] = {
    {BODY, LEFT, 30, 34, 54, PANE_STORY},
    {BODY, TOP, 0, 8, 8, PANE_ADDRESS},
    {BODY, TOP, 58, 14, 28, PANE_PARTITIONS},
    {BODY, LEFT, 50, 34, 70, PANE_LOG},
    {BODY, REST, 0, 0, 0, TAB},
    {0},
};

/* The first row that is not larger than the screen is taken. */
static const struct {
    int w, h;
    const struct cut *cut;
} layouts[] = {
    {190, 50, cut_huge}, {160, 45, cut_large}, {110, 34, cut_standard}, {80, 24, cut_small}, {WIDTH_LEAST, HEIGHT_LEAST, cut_stacked},
};

/* Is this a machine for the time before paging, and paging off? */
static bool
before_paging(const struct scene *s)
{
    return !scene_paging(s) && (s->now->os.partitions || segment_exists(&s->now->hw));
}

static const struct cut *
layout_choose(const struct scene *s, int w, int h)
{
    if (s->set.zoomed)
        return cut_zoom;
    if (s->set.present && w >= 80)
        return cut_present;
    if (s->now && s->now->hw.geo.cache[CACHE_L1].sets && !s->now->preset.kernel && w >= 110 && h >= 34)
        return w >= 160 && h >= 45 ? cut_cached_large : cut_cached;
    if (s->now && before_paging(s) && w >= 110 && h >= 34)
        return s->now->os.partitions ? cut_partitions : cut_segments;
    if (s->now && s->now->preset.kernel && s->now->hw.geo.cpus > 1 && w >= 110 && h >= 34 && (w < 160 || h < 45))
        return cut_cpus;
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        if (w >= layouts[i].w && h >= layouts[i].h)
            return layouts[i].cut;
    return cut_stacked;
}

/* Where the page table is no tree, its chains take the tree's place, and the tree theirs among the tabs. */
static int
pane_here(const struct scene *s, int pane)
{
    if (!s->now || format_is_tree(&s->now->hw.geo.format))
        return pane;
    return pane == PANE_TREE ? PANE_CHAINS : pane == PANE_CHAINS ? PANE_TREE : pane;
}

static bool
has_place(const struct scene *s, const struct cut *cut, int pane)
{
    for (; cut->from; cut++)
        if (cut->to == pane_here(s, pane))
            return true;
    return false;
}

/* The pane that the tab shows: the last one looked at that has no other place here. */
static enum pane_id
tab_pane(const struct scene *s, const struct cut *cut)
{
    static const enum pane_id paged[] = {PANE_CPUS,   PANE_TREE,  PANE_MODE,
                                         PANE_LAYOUT, PANE_ENTRY, PANE_COST};
    static const enum pane_id unpaged[] = {PANE_CPUS, PANE_HEX,    PANE_MODE,
                                           PANE_LOG,  PANE_FRAMES, PANE_COST};
    const enum pane_id *usual = s->now && before_paging(s) ? unpaged : paged;

    for (size_t i = 0; i < sizeof s->set.recent && s->set.recent[i]; i++)
        if (s->set.recent[i] < PANES && s->set.recent[i] != PANE_TIMELINE && !has_place(s, cut, s->set.recent[i]))
            return (enum pane_id)s->set.recent[i];
    for (size_t i = 0; i < sizeof paged / sizeof *paged; i++)
        if (!has_place(s, cut, pane_here(s, usual[i])) && pane_belongs(s, (enum pane_id)pane_here(s, usual[i])))
            return (enum pane_id)pane_here(s, usual[i]);
    return PANE_LOG;
}

static enum pane_id
focused_pane(const struct scene *s, const struct cut *cut)
{
    int focus = s->set.focus;

    if (focus <= PANE_NONE || focus >= PANES || focus == PANE_TIMELINE)
        focus = PANE_STORY;
    return has_place(s, cut, focus) ? tab_pane(s, cut) : (enum pane_id)focus;
}

static int
piece_size(const struct cut *cut, int whole)
{
    int n = whole * cut->percent / 100;

    if (n < cut->least)
        n = cut->least;
    if (n > cut->most)
        n = cut->most;
    return n > whole ? whole : n;
}

/* Takes the piece off `area`; the two go on sharing the border line between them. */
static struct rect
piece_cut(const struct cut *cut, struct rect *area)
{
    struct rect piece = *area;
    int n;

    switch (cut->side) {
    case LEFT:
    case RIGHT:
        n = piece_size(cut, area->w);
        piece.w = n;
        area->w -= n - 1;
        *(cut->side == LEFT ? &area->x : &piece.x) += cut->side == LEFT ? n - 1 : area->w - 1;
        break;
    case TOP:
    case BOTTOM:
        n = piece_size(cut, area->h);
        piece.h = n;
        area->h -= n - 1;
        *(cut->side == TOP ? &area->y : &piece.y) += cut->side == TOP ? n - 1 : area->h - 1;
        break;
    case REST:
        break;
    }
    return piece;
}

static void
place_bars(struct placement *l, int w, int h)
{
    int lines = h >= 30 || (w < 100 && h >= 24) ? 2 : 1; /* of the sentence */

    l->title = rect_of(0, 0, w, 1);
    l->body = rect_of(0, 1, w, h - 3 - lines);
    l->sentence = rect_of(0, h - 2 - lines, w, lines);
    l->timeline = rect_of(0, h - 2, w, 1);
    l->footer = rect_of(0, h - 1, w, 1);
}

void
layout_place(const struct scene *s, int w, int h, struct placement *out)
{
    const struct cut *cut = layout_choose(s, w, h), *row;
    struct rect area[AREAS];

    memset(out, 0, sizeof *out);
    out->too_small = w < WIDTH_LEAST || h < HEIGHT_LEAST;
    if (out->too_small)
        return;
    place_bars(out, w, h);
    area[0] = out->body;
    for (row = cut; row->from; row++) {
        struct rect piece = piece_cut(row, &area[row->from - BODY]);

        if (row->to >= AREA_A && row->to <= AREA_D)
            area[row->to - BODY] = piece;
        else if (row->to == TAB)
            out->place[out->places++] = (struct place){tab_pane(s, cut), piece, true};
        else if (row->to == FOCUSED)
            out->place[out->places++] = (struct place){focused_pane(s, cut), piece, true};
        else
            out->place[out->places++] = (struct place){(enum pane_id)pane_here(s, row->to), piece, false};
    }
}

struct rect
layout_inside(const struct place *at)
{
    struct rect r = rect_inside(at->r, 1);
    int blanks = at->pane == PANE_STORY ? 2 : 1;

    if (r.w > 20) {
        r.x++;
        r.w -= blanks;
    }
    return r;
}

unsigned
layout_tabs(const struct scene *s, const struct placement *l, enum pane_id out[PANES])
{
    unsigned n = 0;

    for (int pane = 1; pane < PANES; pane++) {
        bool placed = pane == PANE_TIMELINE, shown = pane_belongs(s, (enum pane_id)pane);

        for (unsigned i = 0; i < l->places; i++) {
            placed |= l->place[i].pane == (enum pane_id)pane && !l->place[i].tabs;
            shown |= l->place[i].pane == (enum pane_id)pane;
        }
        if (!placed && shown)
            out[n++] = (enum pane_id)pane;
    }
    return n;
}

bool
screen_pane_rect(const struct scene *s, int width, int height, enum pane_id pane, struct rect *out)
{
    struct placement l;

    layout_place(s, width, height, &l);
    for (unsigned i = 0; i < l.places; i++)
        if (l.place[i].pane == pane) {
            *out = layout_inside(&l.place[i]);
            return true;
        }
    return false;
}

unsigned
screen_panes(const struct scene *s, int width, int height, enum pane_id out[PANES])
{
    enum pane_id tab[PANES];
    struct placement l;
    unsigned n = 0, tabs;

    layout_place(s, width, height, &l);
    for (unsigned i = 0; i < l.places; i++)
        if (!l.place[i].tabs)
            out[n++] = l.place[i].pane;
    tabs = layout_tabs(s, &l, tab);
    for (unsigned i = 0; i < tabs; i++)
        out[n++] = tab[i];
    return n;
}
