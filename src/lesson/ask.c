/* Questions. The answer is what the machine did; a wrong choice is what a machine with one quirk did, or a near miss the author computes. So no
 * answer stands in a lesson, and a wrong answer names the belief behind it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/hash.h"
#include "base/text.h"
#include "lesson/player_internal.h"

enum { ANSWER_BYTES = 240 };

/* An answer as the learner would see it. */
struct reply {
    bool none, is_number;
    int64_t number;
    char text[LANGS][ANSWER_BYTES];
};

struct asking {
    lua_State *L;
    struct player *p;
    struct question *q;
    int table, words;        /* stack indices; words 0: none */
    char format[8];
    uint64_t op;             /* the operation asked about, 0: none */
    enum event_code kind;    /* EV_NONE: whatever comes first */
    uint32_t nth;
    struct event event;      /* the event asked about, when there is an operation */
    bool has_event;
};

/* --- replies -------------------------------------------------------------------------------- */

static void
reply_text(struct asking *a, struct reply *r, const char *const raw[LANGS])
{
    for (int lang = 0; lang < LANGS; lang++) {
        const char *text = raw[lang] ? raw[lang] : raw[LANG_EN];
        if (strlen(text) >= ANSWER_BYTES)
            luaL_error(a->L, "an answer is too long for a choice (%d bytes are the most)", ANSWER_BYTES - 1);
        text_clean_to(r->text[lang], ANSWER_BYTES, text, 0);
    }
}

/* How the author wants the word shown, if `words` says so. */
static bool
reply_word(struct asking *a, struct reply *r, const char *word)
{
    const char *raw[LANGS];
    bool found = a->words && given_get(a->L, a->words, word) != LUA_TNIL;

    if (found) {
        given_text(a->L, -1, word, raw);
        reply_text(a, r, raw);
    }
    if (a->words)
        lua_pop(a->L, 1);
    return found;
}

static void
reply_number(struct asking *a, struct reply *r, int64_t number)
{
    struct buffer *out = &a->p->scratch;

    r->is_number = true;
    r->number = number;
    buffer_truncate(out, 0);
    if (!template_number(number, a->format, out))
        given_nearest(a->L, "no format", a->format, template_formats);
    for (int lang = 0; lang < LANGS; lang++)
        snprintf(r->text[lang], ANSWER_BYTES, "%s", buffer_text(out));
}

/* The value on top of the stack; pops it. */
static void
reply_take(struct asking *a, struct reply *r)
{
    static const char *const yes[LANGS] = {"yes", "是"}, *const no[LANGS] = {"no", "否"};
    lua_State *L = a->L;
    const char *raw[LANGS];
    int exact;

    memset(r, 0, sizeof *r);
    switch (lua_type(L, -1)) {
    case LUA_TNIL:
        r->none = true;
        break;
    case LUA_TBOOLEAN:
        if (!reply_word(a, r, lua_toboolean(L, -1) ? "true" : "false"))
            reply_text(a, r, lua_toboolean(L, -1) ? yes : no);
        break;
    case LUA_TNUMBER:
        r->number = lua_tointegerx(L, -1, &exact);
        if (!exact)
            luaL_error(L, "the answer is not a whole number");
        reply_number(a, r, r->number);
        break;
    case LUA_TSTRING:
        if (reply_word(a, r, lua_tostring(L, -1)))
            break;
        /* fall through */
    case LUA_TTABLE:
        given_text(L, -1, "answer", raw);
        reply_text(a, r, raw);
        break;
    default:
        luaL_error(L, "the answer is a %s; a number, a text or a boolean is expected", luaL_typename(L, -1));
    }
    lua_pop(L, 1);
}

static bool
reply_equal(const struct choice *c, const struct reply *r)
{
    return strcmp(c->text[LANG_EN], r->text[LANG_EN]) == 0 || strcmp(c->text[LANG_ZH], r->text[LANG_ZH]) == 0;
}

/* --- events --------------------------------------------------------------------------------- */

/* The event asked about among those in the trail, counted from 1; 0: it did not happen. */
static uint32_t
find_event(const struct asking *a)
{
    const struct trail *t = &a->p->trail;
    uint32_t nth = 0;

    if (a->kind == EV_NONE)
        return t->count >= a->nth ? a->nth : 0;
    for (uint32_t i = 0; i < t->count; i++)
        if (t->event[i].code == a->kind && ++nth == a->nth)
            return i + 1;
    return 0;
}

static void
read_before(struct asking *a)
{
    lua_State *L = a->L;
    const char *names[EVENT_CODES];
    int top = lua_gettop(L);

    a->kind = EV_NONE;
    a->nth = 1;
    if (given_get(L, a->table, "before") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    if (lua_type(L, -1) == LUA_TSTRING) {
        lua_pushvalue(L, -1);
        lua_pushinteger(L, 1);
    } else if (lua_type(L, -1) == LUA_TTABLE) {
        sandbox_resolve(L, -1);
        lua_rawgeti(L, -1, 1);
        if (lua_rawgeti(L, -2, 2) == LUA_TNIL) {
            lua_pop(L, 1);
            lua_pushinteger(L, 1);
        }
    } else {
        luaL_error(L, "before: { \"event\", n } is expected");
    }
    if (lua_type(L, -2) != LUA_TSTRING || !lua_isinteger(L, -1) || lua_tointeger(L, -1) < 1 ||
        lua_tointeger(L, -1) > EVENTS_SHOWN)
        luaL_error(L, "before: { \"event\", n } is expected, with n from 1");
    a->nth = (uint32_t)lua_tointeger(L, -1);
    a->kind = event_by_name(lua_tostring(L, -2));
    if (a->kind == EV_NONE) {
        for (int i = 1; i < EVENT_CODES; i++)
            names[i - 1] = event_row[i].name;
        names[EVENT_CODES - 1] = NULL;
        given_nearest(L, "before: no event", lua_tostring(L, -2), names);
    }
    lua_settop(L, top);
}

/* --- asking a machine ----------------------------------------------------------------------- */

/* r of the answer function: the outcome, the events in the trail, the event asked about, m. */
static void
push_r(struct asking *a, const struct machine *m, const struct outcome *out)
{
    lua_State *L = a->L;
    uint32_t at = a->op ? find_event(a) : 0;

    result_push(L, a->p, m, a->op, out);
    act_push_m(L);
    lua_setfield(L, -2, "m");
    if (at) {
        result_push_event(L, m, &a->p->trail.event[at - 1], at);
        lua_setfield(L, -2, "event");
    }
}

/* What does `function` (a stack index) say about the machine m after the operation? */
static void
ask_machine(struct asking *a, int function, const struct machine *m, const struct outcome *out, struct reply *reply)
{
    lua_pushvalue(a->L, function);
    push_r(a, m, out);
    act_look(a->L, a->p, m, 1);
    reply_take(a, reply);
}

static void
seen(void *context, const struct event *ev)
{
    trail_add(context, ev);
}

/* Run operations first..a->op in a clone with the quirk on. NULL: the clone refused one of them. The clone is the history's and lives until the
 * history is used again. */
static const struct machine *
run_clone(struct asking *a, uint64_t first, enum quirk quirk, struct outcome *out)
{
    struct history *h = a->p->history;
    struct watch watch = {seen, &a->p->trail};
    struct machine *clone = NULL;
    struct error ignored = {0};

    trail_begin(&a->p->trail, EVENTS_SHOWN);
    if (!history_what_if(h, first - 1, quirk, history_operation(h, first), first == a->op ? &watch : NULL, out, &clone, &ignored))
        return NULL;
    for (uint64_t n = first + 1; n <= a->op; n++) {
        machine_watch(clone, n == a->op ? &watch : NULL);
        bool done = machine_do(clone, history_operation(h, n), out, &ignored);
        machine_watch(clone, NULL);
        if (!done)
            return NULL;
    }
    sandbox_charge(a->L, 2000 + 10 * a->p->trail.total);
    return clone;
}

/* Machine, outcome and trail of the operation as it really went. */
static const struct machine *
true_machine(struct asking *a, struct outcome *out)
{
    struct history *h = a->p->history;
    const struct machine *m;

    if (a->op == 0) {
        trail_begin(&a->p->trail, 0);
        return history_machine(h);
    }
    if (a->op == history_operations(h)) {
        act_scan(a->p, a->op, a->op, EVENTS_SHOWN);
        *out = *history_outcome(h, a->op);
        return history_machine(h);
    }
    m = run_clone(a, a->op, QUIRKS, out);
    pw_assert(m);
    return m;
}

/* --- choices -------------------------------------------------------------------------------- */

static struct choice *
add_choice(struct asking *a, const struct reply *r)
{
    struct question *q = a->q;

    if (r->none || q->choices == CHOICES)
        return NULL;
    for (unsigned i = 0; i < q->choices; i++)
        if (reply_equal(&q->choice[i], r))
            return NULL;
    struct choice *c = &q->choice[q->choices++];
    for (int lang = 0; lang < LANGS; lang++) {
        c->text[lang] = strdup(r->text[lang]);
        pw_assert(c->text[lang]);
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

/* The quirk's own sentence as an explanation. */
static void
explain_quirk(struct choice *c, enum quirk quirk)
{
    struct buffer b = {0};

    buffer_printf(&b, "It would be so if %s.", quirk_row[quirk].text);
    c->because[LANG_EN] = strdup(buffer_text(&b));
    buffer_truncate(&b, 0);
    buffer_printf(&b, "只有在这种情况下才会如此：%s。", tr_in(LANG_ZH, quirk_row[quirk].text));
    c->because[LANG_ZH] = strdup(buffer_text(&b));
    buffer_free(&b);
    pw_assert(c->because[LANG_EN] && c->because[LANG_ZH]);
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

/* The number of the operation whose result stands in member `name` of the table at index; 0: not given. */
static uint64_t
operation_in(struct asking *a, int index, const char *name)
{
    lua_State *L = a->L;
    uint64_t op = 0, most = history_operations(a->p->history);

    if (given_get(L, index, name) != LUA_TNIL) {
        if (lua_type(L, -1) != LUA_TTABLE || given_get(L, -1, "op") != LUA_TNUMBER || !lua_isinteger(L, -1))
            luaL_error(L, "%s: the result of an operation is expected", name);
        op = (uint64_t)lua_tointeger(L, -1);
        lua_pop(L, 1);
        if (op < player_now(a->p)->first_op || op > most)
            luaL_error(L, "%s: not an operation of this step", name);
    }
    lua_pop(L, 1);
    return op;
}

static void
wrong_by_quirk(struct asking *a, int entry, const char *name)
{
    enum quirk quirk = quirk_named(a, name);
    uint64_t since = operation_in(a, entry, "since");
    struct outcome out = {0};
    struct reply reply;
    const struct machine *clone;

    if (!a->op)
        luaL_error(a->L, "quirk \"%s\" needs an operation (op= or about=) that a machine with it can run", name);
    snprintf(a->p->asking, sizeof a->p->asking, "question %s, quirk %s: ", a->q->id, name);
    clone = run_clone(a, since ? since : a->op, quirk, &out);
    if (!clone)
        return;
    given_get(a->L, a->table, "answer");
    ask_machine(a, lua_gettop(a->L), clone, &out, &reply);
    lua_pop(a->L, 1);
    snprintf(a->p->asking, sizeof a->p->asking, "question %s: ", a->q->id);
    struct choice *c = add_choice(a, &reply);
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
        const struct machine *m = true_machine(a, &out);
        ask_machine(a, lua_gettop(a->L), m, a->op ? &out : NULL, &reply);
    } else {
        lua_pushvalue(a->L, -1);
        reply_take(a, &reply);
    }
    struct choice *c = add_choice(a, &reply);
    if (c && given_get(a->L, entry, "because") != LUA_TNIL)
        explain(a, -1, c);
}

static void
read_wrong(struct asking *a, int entry)
{
    static const char *const members[] = {"quirk", "value", "because", "since", NULL};
    lua_State *L = a->L;
    int top = lua_gettop(L);

    given_only(L, entry, members, "wrong");
    if (given_get(L, entry, "quirk") == LUA_TSTRING)
        wrong_by_quirk(a, entry, lua_tostring(L, -1));
    else if (given_get(L, entry, "value") != LUA_TNIL)
        wrong_by_value(a, entry);
    else
        luaL_error(L, "a wrong choice has a quirk or a value");
    lua_settop(L, top);
}

static void
read_wrongs(struct asking *a)
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
static void
shuffle(struct asking *a)
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
    p->draft = a->q = calloc(1, sizeof *a->q);
    pw_assert(a->q);
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

    a->op = operation_in(a, a->table, "about");
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
    at = find_event(a);
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
    const struct machine *m = true_machine(a, &out);

    find_asked(a);
    read_kind(a);
    if (given_get(a->L, a->table, "answer") != LUA_TFUNCTION)
        luaL_error(a->L, "answer: a function of the machine is expected; no answer stands in a lesson");
    ask_machine(a, lua_gettop(a->L), m, a->op ? &out : NULL, reply);
    lua_pop(a->L, 1);
    if (reply->none)
        luaL_error(a->L, "the machine has no answer: the function returns nil");
    text_clean_to(a->q->answer, sizeof a->q->answer, reply->text[LANG_EN], 0);
    if (!a->q->has_number) {
        add_choice(a, reply)->right = true;
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
        p->question = realloc(p->question, p->questions_room * sizeof *p->question);
        pw_assert(p->question);
    }
    p->question[p->questions++] = p->draft;
    p->draft = NULL;
    p->asking[0] = '\0';
}

void
ask_from(lua_State *L, struct player *p, int index)
{
    static const char *const members[] = {"id", "text", "op", "about", "before", "answer", "format", "words", "wrong", "right",
                                          "hints", "number", "kind", NULL};
    struct asking a = {.L = L, .p = p, .table = lua_absindex(L, index)};
    int top = lua_gettop(L);
    struct reply reply;
    struct outcome out = {0};

    luaL_checkstack(L, 40, NULL);
    given_only(L, a.table, members, "question");
    read_id(&a);
    record_story(L, p);
    read_form(&a);
    read_before(&a);
    stand_before(&a);
    take_right(&a, &reply);
    if (!a.q->has_number)
        read_wrongs(&a);
    read_right(&a, &reply);
    read_hints(&a);
    shuffle(&a);
    keep_question(p);
    const struct machine *m = true_machine(&a, &out);
    push_r(&a, m, a.op ? &out : NULL);
    lua_insert(L, top + 1);
    lua_settop(L, top + 1);
}
