/* Questions. The answer is what the machine did; a wrong choice is what a machine with one quirk did, or a near miss the author computes. So no
 * answer stands in a lesson, and a wrong answer names the belief behind it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/memory.h"
#include "lesson/api.h"
#include "lesson/ask_internal.h"

/* --- texts ---------------------------------------------------------------------------------- */

static void
read_hints(struct asking *a)
{
    lua_State *L = a->L;

    if (given_get(L, a->table, "hints") != LUA_TTABLE || given_count(L, -1) != 3)
        luaL_error(L, "hints: exactly three are expected: a nudge, the concept, the explicit one");
    sandbox_resolve(L, -1);
    for (int i = 0; i < 3; i++) {
        lua_rawgeti(L, -1, i + 1);
        record_text(L, -1, "hint", a->has_event ? &a->event : NULL, NULL, NULL, a->q->hint[i], 0);
        lua_pop(L, 1);
    }
    lua_pop(L, 2);
}

static void
read_right(struct asking *a, const struct reply *reply)
{
    const char *answer[LANGS] = {reply->text[LANG_EN], reply->text[LANG_ZH]};
    const struct event *event = a->has_event ? &a->event : NULL;
    lua_State *L = a->L;

    if (given_get(L, a->table, "right") == LUA_TNIL)
        luaL_error(L, "right: an explanation is needed, also for those who were right");
    record_text(L, -1, "right", event, answer, answer, a->q->right, 0);
    if (!a->q->has_number)
        record_text(L, -1, "right", event, answer, answer, a->q->choice[0].because, 0);
    lua_pop(L, 1);
}

/* --- from beginning to end ------------------------------------------------------------------ */

static void
read_id(struct asking *a)
{
    struct player *p = a->p;
    unsigned here = 0;
    const char *id;

    given_get(a->L, a->table, "id");
    id = given_word(a->L, -1, "a question's id", 1, sizeof a->q->id - 1);
    for (unsigned i = 0; i < p->questions; i++) {
        if (strcmp(p->question[i]->id, id) == 0)
            luaL_error(a->L, "question id \"%s\" is used twice", id);
        here += p->question[i]->step == p->told + 1;
    }
    if (here == QUESTIONS_STEP)
        luaL_error(a->L, "at most %d questions in one step", QUESTIONS_STEP);
    if (p->draft)
        question_free(p->draft);
    p->draft = a->q = memory_new(1, sizeof *a->q);
    snprintf(a->q->id, sizeof a->q->id, "%s", id);
    snprintf(p->asking, sizeof p->asking, "question %s: ", id);
    a->q->step = p->told + 1;
    lua_pop(a->L, 1);
}

static void
read_form(struct asking *a)
{
    lua_State *L = a->L;

    snprintf(a->format, sizeof a->format, "dec");
    if (given_get(L, a->table, "format") == LUA_TSTRING) {
        if (lua_rawlen(L, -1) >= sizeof a->format)
            given_nearest(L, "no format", lua_tostring(L, -1), template_formats);
        snprintf(a->format, sizeof a->format, "%s", lua_tostring(L, -1));
        buffer_truncate(&a->p->scratch, 0);
        if (!template_number(0, a->format, &a->p->scratch))
            given_nearest(L, "no format", a->format, template_formats);
    }
    given_get(L, a->table, "number");
    a->q->has_number = lua_toboolean(L, -1);
    lua_pop(L, 2);
    if (given_get(L, a->table, "words") == LUA_TTABLE)
        a->words = lua_gettop(L);
    else
        lua_pop(L, 1);
}

/* Parse before anything is filled in or run. False: no `op`. */
static bool
read_op(struct asking *a, struct operation *op, uint8_t blob[OPERATION_BLOB])
{
    lua_State *L = a->L;
    int top = lua_gettop(L);
    bool given = given_get(L, a->table, "op") != LUA_TNIL;

    if (given && lua_type(L, -1) == LUA_TFUNCTION) {
        act_push_m(L);
        act_look(L, a->p, a->p->eyes, 1);
    }
    if (given)
        act_parse(L, -1, op, blob);
    lua_settop(L, top);
    return given;
}

/* The question's text, then the operation, then where the question stands. */
static void
stand_before(struct asking *a)
{
    lua_State *L = a->L;
    struct player *p = a->p;
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    bool acts = read_op(a, &op, blob);

    a->op = inquire_operation(a, a->table, "about");
    if (acts && a->op)
        luaL_error(L, "op and about exclude each other");
    given_get(L, a->table, "text");
    record_text(L, -1, "text", p->has_last_event ? &p->last_event : NULL, NULL, NULL, a->q->text, 0);
    lua_pop(L, 1);
    if (acts)
        a->op = act_do(L, p, &op);
    a->q->before = (struct position){history_operations(p->history) + 1, 1};
}

static void
find_asked(struct asking *a)
{
    struct buffer *b = &a->p->scratch;
    uint32_t at;

    snprintf(a->q->kind, sizeof a->q->kind, "fact");
    if (!a->op)
        return;
    at = inquire_event(a);
    if (!at) {
        buffer_truncate(b, 0);
        operation_format(history_operation(a->p->history, a->op), b);
        luaL_error(a->L, "\"%s\" has no %s number %d", buffer_text(b), a->kind ? event_row[a->kind].name : "event", (int)a->nth);
    }
    a->event = a->p->trail.event[at - 1];
    a->has_event = true;
    a->q->before = (struct position){a->op, at};
    snprintf(a->q->kind, sizeof a->q->kind, "%s", event_row[a->event.code].name);
}

static void
read_kind(struct asking *a)
{
    if (given_get(a->L, a->table, "kind") != LUA_TNIL)
        snprintf(a->q->kind, sizeof a->q->kind, "%s", given_word(a->L, -1, "kind", 1, sizeof a->q->kind - 1));
    lua_pop(a->L, 1);
}

static void
take_right(struct asking *a, struct reply *reply)
{
    struct outcome out = {0};
    const struct machine *m = inquire_truth(a, &out);

    find_asked(a);
    read_kind(a);
    if (given_get(a->L, a->table, "answer") != LUA_TFUNCTION)
        luaL_error(a->L, "answer: a function of the machine is expected; no answer stands in a lesson");
    inquire(a, lua_gettop(a->L), m, a->op ? &out : NULL, reply);
    lua_pop(a->L, 1);
    if (reply->none)
        luaL_error(a->L, "the machine has no answer: the function returns nil");
    text_clean_to(a->q->answer, sizeof a->q->answer, reply->text[LANG_EN], 0);
    if (!a->q->has_number) {
        choice_add(a, reply)->right = true;
        return;
    }
    if (!reply->is_number)
        luaL_error(a->L, "number = true needs an answer that is a number");
    a->q->number = (uint64_t)reply->number;
}

static void
keep_question(struct player *p)
{
    if (p->questions == p->questions_room) {
        p->questions_room = p->questions_room ? 2 * p->questions_room : 16;
        p->question = memory_resize(p->question, p->questions_room, sizeof *p->question);
    }
    p->question[p->questions++] = p->draft;
    p->draft = NULL;
    p->asking[0] = '\0';
}

void
ask_from(lua_State *L, struct player *p, int index)
{
    struct asking a = {.L = L, .p = p, .table = lua_absindex(L, index)};
    int top = lua_gettop(L);
    struct reply reply;
    struct outcome out = {0};

    luaL_checkstack(L, 40, NULL);
    given_only(L, a.table, api_members("question"), "question");
    read_id(&a);
    record_story(L, p);
    read_form(&a);
    inquire_before(&a);
    stand_before(&a);
    take_right(&a, &reply);
    if (!a.q->has_number)
        choice_read_wrongs(&a);
    read_right(&a, &reply);
    read_hints(&a);
    choice_shuffle(&a);
    keep_question(p);
    const struct machine *m = inquire_truth(&a, &out);
    inquire_push(&a, m, a.op ? &out : NULL);
    lua_insert(L, top + 1);
    lua_settop(L, top + 1);
}
