/* Wrong choices: the answers of machines with one quirk, and near misses that the author computes. Equal answers are one choice. */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/hash.h"
#include "base/memory.h"
#include "lesson/api.h"
#include "lesson/ask_internal.h"

struct choice *
choice_add(struct asking *a, const struct reply *r)
{
    struct question *q = a->q;

    if (r->none || q->choices == CHOICES)
        return NULL;
    for (unsigned i = 0; i < q->choices; i++)
        if (reply_equal(&q->choice[i], r))
            return NULL;
    struct choice *c = &q->choice[q->choices++];
    for (int lang = 0; lang < LANGS; lang++) {
        c->text[lang] = memory_text(r->text[lang]);
    }
    return c;
}

static void
explain(struct asking *a, int index, struct choice *c)
{
    const char *answer[LANGS] = {a->q->choice[0].text[LANG_EN], a->q->choice[0].text[LANG_ZH]};
    const char *choice[LANGS] = {c->text[LANG_EN], c->text[LANG_ZH]};

    record_text(a->L, index, "because", a->has_event ? &a->event : NULL, answer, choice, c->because, 0);
}

/* The quirk's own sentence as an explanation. The frame is a text of the catalogue, with %s where the sentence goes. */
static void
explain_quirk(struct choice *c, enum quirk quirk)
{
    for (int lang = 0; lang < LANGS; lang++) {
        struct buffer b = {0};
        const char *frame = tr_in((enum lang)lang, "It would be so if %s.");
        const char *gap = strstr(frame, "%s");
        pw_assert(gap);
        buffer_append(&b, frame, (size_t)(gap - frame));
        buffer_puts(&b, tr_in((enum lang)lang, quirk_row[quirk].text));
        buffer_puts(&b, gap + 2);
        c->because[lang] = memory_text(buffer_text(&b));
        buffer_free(&b);
    }
}

static enum quirk
quirk_named(struct asking *a, const char *name)
{
    const char *names[QUIRKS + 1];

    for (int i = 0; i < QUIRKS; i++) {
        if (strcmp(quirk_row[i].name, name) == 0)
            return (enum quirk)i;
        names[i] = quirk_row[i].name;
    }
    names[QUIRKS] = NULL;
    given_nearest(a->L, "no quirk", name, names);
}

static void
wrong_by_quirk(struct asking *a, int entry, const char *name)
{
    enum quirk quirk = quirk_named(a, name);
    uint64_t since = inquire_operation(a, entry, "since");
    struct outcome out = {0};
    struct reply reply;
    const struct machine *clone;

    if (!a->op)
        luaL_error(a->L, "quirk \"%s\" needs an operation (op= or about=) that a machine with it can run", name);
    snprintf(a->p->asking, sizeof a->p->asking, "question %s, quirk %s: ", a->q->id, name);
    clone = inquire_clone(a, since ? since : a->op, quirk, &out);
    if (!clone)
        return;
    given_get(a->L, a->table, "answer");
    inquire(a, lua_gettop(a->L), clone, &out, &reply);
    lua_pop(a->L, 1);
    snprintf(a->p->asking, sizeof a->p->asking, "question %s: ", a->q->id);
    struct choice *c = choice_add(a, &reply);
    if (c && given_get(a->L, entry, "because") != LUA_TNIL)
        explain(a, -1, c);
    else if (c)
        explain_quirk(c, quirk);
}

/* The value on top of the stack: a literal, or a function of the true machine. */
static void
wrong_by_value(struct asking *a, int entry)
{
    struct outcome out = {0};
    struct reply reply;

    if (lua_type(a->L, -1) == LUA_TFUNCTION) {
        const struct machine *m = inquire_truth(a, &out);
        inquire(a, lua_gettop(a->L), m, a->op ? &out : NULL, &reply);
    } else {
        lua_pushvalue(a->L, -1);
        reply_take(a, &reply);
    }
    struct choice *c = choice_add(a, &reply);
    if (c && given_get(a->L, entry, "because") != LUA_TNIL)
        explain(a, -1, c);
}

static void
read_wrong(struct asking *a, int entry)
{
    lua_State *L = a->L;
    int top = lua_gettop(L);

    given_only(L, entry, api_members("wrong"), "wrong");
    if (given_get(L, entry, "quirk") == LUA_TSTRING)
        wrong_by_quirk(a, entry, lua_tostring(L, -1));
    else if (given_get(L, entry, "value") != LUA_TNIL)
        wrong_by_value(a, entry);
    else
        luaL_error(L, "a wrong choice has a quirk or a value");
    lua_settop(L, top);
}

void
choice_read_wrongs(struct asking *a)
{
    lua_State *L = a->L;
    int top = lua_gettop(L);

    if (given_get(L, a->table, "wrong") != LUA_TTABLE)
        luaL_error(L, "wrong: a list of wrong choices is expected (or number = true)");
    lua_Integer n = given_count(L, -1);
    if (n < 1 || n >= CHOICES)
        luaL_error(L, "wrong: 1 to %d wrong choices are expected", CHOICES - 1);
    sandbox_resolve(L, -1);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, top + 2, i);
        read_wrong(a, lua_gettop(L));
        lua_pop(L, 1);
    }
    lua_settop(L, top);
    if (a->q->choices < 2)
        luaL_error(L, "there is only one distinct choice: %s", a->q->choice[0].text[LANG_EN]);
}

/* The same order for the same seed and question, whatever the language. */
void
choice_shuffle(struct asking *a)
{
    struct question *q = a->q;
    struct rng rng;

    rng_seed(&rng, a->p->lesson.seed ^ hash_bytes(q->id, strlen(q->id), 0).lo);
    for (unsigned i = q->choices; i > 1; i--) {
        unsigned other = (unsigned)rng_below(&rng, i);
        struct choice c = q->choice[i - 1];
        q->choice[i - 1] = q->choice[other];
        q->choice[other] = c;
    }
}
