/* player_internal.h - what the files that tell a lesson share. Nobody else includes this.
 *
 * A Lua error leaves by longjmp: whatever needs freeing hangs on struct player before a lua_ function is called.
 */
#pragma once

#include <lauxlib.h>
#include <lua.h>

#include "base/rng.h"
#include "lesson/player.h"
#include "lesson/sandbox.h"
#include "lesson/template.h"

enum {
    EVENTS_SHOWN = 4096,       /* of one operation, as a list in Lua */
    EVENTS_TASK = 20000,       /* of a branch, for a task's goal */
    EVENTS_LESSON = 1000000,   /* of the whole lesson */
    OPERATIONS_LESSON = 50000,
    STEPS_MAX = 200,
    QUESTIONS_STEP = 16,
    CHOICES = 8,
    TEXT_BYTES = 4096,         /* one text, filled in */
    NUMBER_NONE = -1,
};

/* Events caught on the way, the first `cap` of them. */
struct trail {
    struct event *event;
    uint32_t count, room, cap;
    uint64_t total, cycles;
};
void trail_begin(struct trail *t, uint32_t cap);
void trail_add(struct trail *t, const struct event *ev);
void trail_free(struct trail *t);

/* The file as code: a sandbox in which its chunk ran. */
struct player;
struct script {
    struct player *player;         /* NULL: only the head is read */
    struct rng rng;                /* of math.random; seeded anew for each step, so that a step does the same alone */
    struct sandbox *sandbox;
    struct sandbox_limits limits;
    char own_dir[4096], lib_dir[4096];
    const char *dirs[3];
};
/* Run the chunk and read the head. On failure everything is closed. The script must not move. */
bool script_open(struct script *s, const char *path, struct player *player, struct lesson *head, struct error *e);
void script_close(struct script *s);
/* Push the lesson table; step `n` (1-based) and the line it begins in (0 unknown). They may raise. */
void script_push_step(lua_State *L, unsigned n);
int script_line(lua_State *L, int index);
/* Raises when a text in the step's table at `step` lacks a language. */
void script_look_at_texts(lua_State *L, int step);

/* What a question or task needs while it is made. */
enum telling {
    TELLING_NOTHING,
    TELLING_STEP,   /* a step runs: operations and records are allowed */
    TELLING_ANSWER, /* an answer or a goal is asked: only looking is */
};

struct expectation_record {
    unsigned passed, failed;
    char first[640];
};

struct player {
    struct lesson lesson;
    struct history *history;
    struct script script;
    const char *const *views;      /* valid pane names, or NULL: not checked */

    unsigned told;
    struct step *step;             /* [told + 1]: the last one is being told */
    int *goal;                     /* [told + 1]: registry reference, LUA_NOREF */
    int *line;                     /* [told + 1]: where the step begins in the file */
    struct question **question;
    unsigned questions, questions_room;
    struct expectation_record expect;

    /* while a step is told */
    enum telling telling;
    const struct machine *eyes;    /* the machine that looking functions see */
    struct trail trail;
    struct bound bound[BOUND_MAX];
    unsigned bounds;
    bool story_closed;             /* a question came: the story is filled in */
    bool task_told;
    int step_ref;                  /* stack index of a table step, 0: a function */
    struct event last_event;       /* shown before a question that comes now */
    bool has_last_event;
    struct buffer scratch;
    struct error complaint;        /* host-side error about to be raised */
    char asking[96];               /* "question X: " while one is made, "" otherwise */
    struct question *draft;        /* that question */
};

struct player *player_of(lua_State *L);         /* raises outside a lesson */
struct player *player_telling(lua_State *L);    /* raises unless a step is being told */
struct step *player_now(struct player *p);
lua_State *player_lua(struct player *p);

/* --- given.c: reading what a lesson wrote; all raise ----------------------------------------------- */
void given_only(lua_State *L, int index, const char *const *names, const char *what);
/* Push a member; returns its type. */
int given_get(lua_State *L, int index, const char *name);
lua_Integer given_count(lua_State *L, int index);
/* A text as raw templates (pointers into Lua strings that the table keeps alive). Missing languages are NULL; English must be there. */
void given_text(lua_State *L, int index, const char *what, const char *raw[LANGS]);
/* The same for a text that is read on the page: a string, or a text without one of the languages, is refused. */
void given_story(lua_State *L, int index, const char *what, const char *raw[LANGS]);
const char *given_word(lua_State *L, int index, const char *what, size_t least, size_t most);
_Noreturn void given_nearest(lua_State *L, const char *what, const char *word, const char *const *names);

/* --- record.c: texts and records that outlive Lua ----------------------------------------------------- */
enum { RECORD_APPEND = 1 };
/* Fill a text and keep it in slot[LANGS]; `event`: whose members may be used. Raises for a wrong {name}. */
void record_text(lua_State *L, int index, const char *what, const struct event *event, const char *const answer[LANGS],
                 const char *const choice[LANGS], char *slot[LANGS], unsigned flags);
void record_text_free(char *slot[LANGS]);
void step_free(struct step *s);
void question_free(struct question *q);
void bound_free(struct player *p);
void record_bind(lua_State *L, int index); /* the table at index */
void record_card(lua_State *L, int index);
void record_view(lua_State *L, const char *view);
void record_view_at(lua_State *L, uint64_t at);
/* The `title` and `text` of a table step, once. */
void record_story(lua_State *L, struct player *p);

/* --- result.c ----------------------------------------------------------------------------------------- */
/* Push the plain table of an outcome and the events in p->trail. op 0: no outcome. */
void result_push(lua_State *L, struct player *p, const struct machine *m, uint64_t op, const struct outcome *out);
void result_push_event(lua_State *L, const struct machine *m, const struct event *ev, uint32_t at);

/* --- act.c ------------------------------------------------------------------------------------------------ */
/* The operation that the value at `index` means: "read 0x10" or {"read", 0x10, {size=8}}. */
void act_parse(lua_State *L, int index, struct operation *op, uint8_t blob[OPERATION_BLOB]);
/* Run it on the trunk: events in p->trail. Raises when it is refused. */
uint64_t act_do(lua_State *L, struct player *p, const struct operation *op);
/* Fill p->trail with the events of operations from..to of the line we are on. */
void act_scan(struct player *p, uint64_t from, uint64_t to, uint32_t cap);
void act_register(lua_State *L); /* adds m.read ... to the table on top */
/* Run an answer or goal function with its arguments on the stack: it may look at `eyes`, not act. One result. */
void act_look(lua_State *L, struct player *p, const struct machine *eyes, int nargs);
void act_push_m(lua_State *L);

/* --- ask.c, task.c ---------------------------------------------------------------------------------------- */
void ask_from(lua_State *L, struct player *p, int index);  /* pushes r */
void task_from(lua_State *L, struct player *p, int index);
/* Ask a goal (registry reference) about p->trail and the machine `eyes`. Raises. */
bool task_judge(lua_State *L, struct player *p, int goal, const struct machine *eyes);

/* --- api.c ------------------------------------------------------------------------------------------------ */
bool api_open(struct sandbox *sb, struct error *e);

/* Begin at step `n` although nothing was told: the history already holds the operations before it. */
void player_start_at(struct player *p, unsigned n);
