/* scene.h - all that a picture is made of: the state now, the state one event ago, the current
 * event, a window of the log, the page of the story, and how the viewer has set things up.
 *
 * Promises   A picture depends on the scene only, so it depends on the position and never on the
 *            direction one came from. "Changed" is a comparison of `now` and `before`. Nothing
 *            later than `gate` is shown anywhere.
 * Reads      A history (through scene_gather). Changes no machine.
 */
#pragma once

#include "base/number.h"
#include "machine/compare.h"
#include "view/canvas.h"

enum { SCENE_LOG = 256, SCENE_CHOICES = 8, SCENE_HINTS = 3, SCENE_LEVELS = 8, SCENE_BOOKMARKS = 64 };

enum ask_state { ASK_NONE, ASK_OPEN, ASK_RIGHT, ASK_WRONG, ASK_SKIPPED };

/* The open (or just answered) question, as the page shows it. Texts are in the language in use. */
struct scene_question {
    enum ask_state state;
    const char *text;
    const char *choice[SCENE_CHOICES];
    unsigned choices; /* 0: a number is typed */
    unsigned picked;  /* highlighted choice while open, chosen one after */
    unsigned tried;   /* while it is not told: 1 << choice of every wrong try */
    const char *typed; /* the wrong number as it was typed, NULL when none was */
    unsigned right;   /* SCENE_CHOICES: not told yet (open, or a wrong try that may be repeated) */
    const char *because; /* the belief behind the chosen wrong answer, or the explanation of the
                            right one; NULL */
    const char *hint[SCENE_HINTS];
    unsigned hints_shown, hints;
};

/* A page of the story. All NULL/0 in the playground. */
struct scene_page {
    const char *lesson_title, *part;
    const char *title;
    const char *text;  /* may use only what is known before the step's events */
    const char *after; /* shown once the step's last event has been seen; else NULL */
    const char *card_claim, *card_truth; /* misconception card, NULL when none */
    const char *task;                    /* what to do with one's own hands, NULL when none */
    bool task_tried, task_done, task_given_up; /* tried: by what was done on this branch */
    const char *task_hint[SCENE_HINTS];
    unsigned task_hints_shown, task_hints;
    bool ends_lesson;     /* the last page has been seen to its end */
    const char *note;     /* speaker's note */
    unsigned step, steps; /* 1-based; 0: no story */
    bool begins;          /* we stand where the page begins: none of its events was seen */
    bool will_ask;        /* a question of this page is still to be answered */
    struct scene_question question;
};

struct scene_line {
    struct position at;
    struct event ev;
    const struct operation *op; /* the operation it belongs to */
};

/* Where the cycles go, by what they were spent on. */
#define SCENE_COSTS(X)                                                                             \
    X(TLB, "TLB lookups")                                                                          \
    X(TABLES, "page-table reads")                                                                  \
    X(DATA, "data") X(TRAP, "traps") X(ZERO, "zeroing frames") X(COPY, "copying frames")           \
        X(DISK, "waiting for the disk") X(OTHER, "other")

enum scene_cost {
#define X(code, text) COST_##code,
    SCENE_COSTS(X)
#undef X
        SCENE_COST_KINDS
};

/* What the current operation has done so far, up to the current event. */
struct scene_walk {
    bool active; /* the current operation has an address */
    vaddr_t va;
    unsigned levels; /* table entries read since the last WALK_START, or known */
    unsigned known;  /* so many of them were not read: a walk cache answered */
    pfn_t below;     /* ... with this table, where the walk began */
    paddr_t slot[SCENE_LEVELS];
    pte_t entry[SCENE_LEVELS];
    bool translated, hit, missed, faulted;
    bool held; /* the first entry came from a register of the CPU, not from its slot in memory */
    paddr_t pa;
    uint16_t error;  /* faulted: the error code */
    bool general;    /* faulted: #GP, which has none */
    bool stack;      /* general: #SS */
    unsigned shift;  /* translated by the TLB or a leaf: the page has 1 << shift bytes; else 0 */
    uint64_t cycles; /* of this operation so far */
    uint64_t cost[SCENE_COST_KINDS]; /* the same by what it was for */
    uint64_t level[CACHES + 1];      /* of these, what each cache took, and (CACHES) memory */
};

/* What the viewer chose; belongs to the screen, not to the machine. */
struct scene_settings {
    int focus;                   /* pane id (view/pane.h); change it with pane_focus */
    uint8_t recent[16];          /* panes that had the focus, latest first: which one a tab shows */
    bool zoomed;                 /* the focused pane has the whole screen */
    bool plain;                  /* a transcript: there are no keys, texts name commands */
    bool present;                /* for a projector: one pane is large, the next page shows an open answer */
    int scroll[32];              /* per pane, in rows */
    uint64_t hex_at;             /* physical address of the hex pane's cursor */
    bool hex_follows;            /* the hex pane follows the current event */
    bool hex_low_digit;          /* typing goes on with the byte's second digit */
    uint64_t select_a, select_b; /* the focused pane's selection: see pane_subject */
    bool selected;
    const char *sought;     /* what is searched in the focused pane, NULL: nothing */
    unsigned sought_at;     /* the match shown, from 0 */
    enum number_style numbers; /* how addresses and values are written */
    unsigned cpu;           /* whose TLB is shown */
    const char *(*key)(const char *action); /* the key that runs an action now; NULL: the action's name is shown */
    const char *prompt;     /* the line being typed, NULL when none */
    unsigned prompt_cursor; /* in bytes */
    const char
        *footer; /* what the keys do now: "space next|z zoom|: command", NULL: no such line */
    const char *message; /* status line: result or error of the last command, NULL */
    bool message_is_error;
};

/* Another machine that does the same operations. */
struct scene_beside {
    const char *name[2];             /* which machines these are: 0 this one, 1 the other */
    const struct machine *machine[2]; /* that word the events of each */
    struct told told[2];             /* the current operation's events that count */
    uint32_t shown[2];               /* so many of them, up to where one stands */
    bool did;                        /* the other did this operation, too */
    const struct outcome *outcome;   /* its, once it may be shown */
    enum compare_grain grain;
    struct difference first;         /* kind DIFFER_NOT: none so far */
    const char *refused;             /* DIFFER_REFUSED: why */
};

struct scene {
    const struct machine *now, *before;
    struct position at, gate, end;
    uint64_t number, numbers; /* global event number of `at`; of the gate */
    uint64_t origin; /* the event after which the story begins: what came before is not told */
    bool has_event;
    struct event event;
    const struct operation *op;    /* the current operation, NULL at (0,0) */
    const struct outcome *outcome; /* of it, once its last event was shown; else NULL */
    uint32_t events;               /* events of the current operation that may be shown */
    bool on_branch;
    struct scene_line log[SCENE_LOG]; /* oldest first, ends with the current event */
    unsigned logged;
    struct scene_walk walk;
    struct scene_page page;
    struct scene_settings set;
    const struct scene_beside *beside; /* NULL: this machine is alone */
    /* Entries on the way of the access under way, or of the one about to begin, that have not been
     * read yet: unknown while a question is open. */
    paddr_t unread_slot[SCENE_LEVELS];
    unsigned unread;
    const struct scene_mark
        *mark; /* events worth a mark on the timeline, up to the gate, in order */
    unsigned marks;
    uint64_t bookmark[SCENE_BOOKMARKS]; /* events people marked, up to the gate, in order */
    unsigned bookmarks;
};

/* A mark on the timeline. */
struct scene_mark {
    uint64_t number;        /* global event number */
    enum event_class class; /* FAULT, MISS ... ; CLASS_PLAIN: a step of the story begins */
};

/* Is there something that must not be seen? A wrong try leaves the question open. */
static inline bool
scene_asks(const struct scene *s)
{
    const struct scene_question *q = &s->page.question;

    return q->state == ASK_OPEN || (q->state == ASK_WRONG && q->right >= SCENE_CHOICES);
}

/* ... or that would give away what this page is going to ask: who must leave, when a page is used
 * next. */
static inline bool
scene_keeps(const struct scene *s)
{
    return scene_asks(s) || s->page.will_ask;
}

/* Fill everything but page, set, marks and origin from the history's position; reads set.cpu and
 * origin. `gate` is the last position that may be shown. */
void scene_gather(struct scene *s, struct history *h, struct position gate);

/* Marks of the whole line up to the gate; the array is the caller's to free. Faults, evictions,
 * exits and the given step starts. */
struct scene_mark *scene_marks(struct history *h, struct position gate, const struct position *step,
                               unsigned steps, unsigned *count);
