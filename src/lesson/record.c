/* Records: what a step leaves behind. Plain C texts in every language, so that going back needs no Lua. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "lesson/api.h"
#include "lesson/player_internal.h"

/* --- texts ---------------------------------------------------------------------------------- */

static void
append_paragraph(char **slot, const char *text)
{
    struct buffer both = {0};

    if (!*slot) {
        *slot = memory_text(text);
        return;
    }
    buffer_printf(&both, "%s\n\n%s", *slot, text);
    free(*slot);
    *slot = memory_text(buffer_text(&both));
    buffer_free(&both);
}

/* The last chapter of every error: host words raised as the lesson's error. */
static _Noreturn void
raise(lua_State *L, const char *what, const struct error *why)
{
    luaL_error(L, "%s: %s", what, why->text);
    abort();
}

void
record_text(lua_State *L, int index, const char *what, const struct event *event, const char *const answer[LANGS],
            const char *const choice[LANGS], char *slot[LANGS], unsigned flags)
{
    struct player *p = player_of(L);
    const char *raw[LANGS];
    struct error why = {0};

    given_story(L, index, what, raw);
    sandbox_charge(L, 200 + strlen(raw[LANG_EN]) + strlen(raw[LANG_ZH]));
    for (int lang = 0; lang < LANGS; lang++) {
        struct template_scope scope = {p->bound, p->bounds, event ? history_machine(p->history) : NULL, event,
                                       answer ? answer[lang] : NULL, choice ? choice[lang] : NULL};
        buffer_truncate(&p->scratch, 0);
        if (!template_fill(raw[lang], (enum lang)lang, &scope, &p->scratch, &why))
            raise(L, what, &why);
        if (p->scratch.length > TEXT_BYTES)
            luaL_error(L, "%s: %d bytes are too long for one text; %d is the most", what, (int)p->scratch.length, TEXT_BYTES);
        if (flags & RECORD_APPEND) {
            append_paragraph(&slot[lang], buffer_text(&p->scratch));
        } else {
            free(slot[lang]);
            slot[lang] = memory_text(buffer_text(&p->scratch));
        }
        if (strlen(slot[lang]) > 4 * TEXT_BYTES)
            luaL_error(L, "%s: too long for one page", what);
    }
}

void
record_text_free(char *slot[LANGS])
{
    for (int lang = 0; lang < LANGS; lang++) {
        free(slot[lang]);
        slot[lang] = NULL;
    }
}

/* --- freeing -------------------------------------------------------------------------------- */

void
step_free(struct step *s)
{
    record_text_free(s->title);
    record_text_free(s->text);
    record_text_free(s->after);
    record_text_free(s->note);
    record_text_free(s->card_claim);
    record_text_free(s->card_truth);
    record_text_free(s->task);
    for (int i = 0; i < 3; i++)
        record_text_free(s->task_hint[i]);
    free(s->solution);
    *s = (struct step){0};
}

void
question_free(struct question *q)
{
    record_text_free(q->text);
    record_text_free(q->right);
    for (int i = 0; i < 3; i++)
        record_text_free(q->hint[i]);
    for (unsigned i = 0; i < CHOICES; i++) {
        record_text_free(q->choice[i].text);
        record_text_free(q->choice[i].because);
    }
    free(q);
}

void
bound_free(struct player *p)
{
    for (unsigned i = 0; i < p->bounds; i++)
        record_text_free(p->bound[i].text);
    memset(p->bound, 0, sizeof p->bound);
    p->bounds = 0;
}

/* --- binding -------------------------------------------------------------------------------- */

static struct bound *
bound_slot(lua_State *L, struct player *p, const char *name)
{
    for (unsigned i = 0; i < p->bounds; i++) {
        if (strcmp(p->bound[i].name, name) == 0)
            return &p->bound[i];
    }
    if (p->bounds == BOUND_MAX)
        luaL_error(L, "bind: at most %d names in one step", BOUND_MAX);
    struct bound *b = &p->bound[p->bounds++];
    snprintf(b->name, sizeof b->name, "%s", name);
    return b;
}

static void
bind_texts(struct bound *b, const char *en, const char *zh)
{
    record_text_free(b->text);
    b->is_text = true;
    b->text[LANG_EN] = memory_text(en);
    b->text[LANG_ZH] = memory_text(zh ? zh : en);
}

/* The value on top of the stack. */
static void
bind_value(lua_State *L, struct player *p, const char *name)
{
    const char *raw[LANGS];
    struct bound *b;
    int exact;

    switch (lua_type(L, -1)) {
    case LUA_TNUMBER: {
        lua_Integer n = lua_tointegerx(L, -1, &exact);
        if (!exact)
            luaL_error(L, "bind: %s is not a whole number; round it, or bind a text", name);
        b = bound_slot(L, p, name);
        record_text_free(b->text);
        b->is_text = false;
        b->number = n;
        return;
    }
    case LUA_TBOOLEAN:
        b = bound_slot(L, p, name);
        bind_texts(b, lua_toboolean(L, -1) ? "yes" : "no", tr_in(LANG_ZH, lua_toboolean(L, -1) ? "yes" : "no"));
        return;
    case LUA_TSTRING:
    case LUA_TTABLE:
        given_text(L, -1, name, raw);
        b = bound_slot(L, p, name);
        bind_texts(b, raw[LANG_EN], raw[LANG_ZH]);
        return;
    default:
        luaL_error(L, "bind: %s is a %s; a number, a text or a boolean can be bound", name, luaL_typename(L, -1));
    }
}

void
record_bind(lua_State *L, int index)
{
    struct player *p = player_telling(L);

    luaL_checktype(L, index, LUA_TTABLE);
    sandbox_resolve(L, index);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        size_t n = strlen(name);
        sandbox_charge(L, 20);
        if (n == 0 || n >= BOUND_NAME || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != n)
            luaL_error(L, "bind: a name is 1 to %d of a-z, 0-9 and _", BOUND_NAME - 1);
        bind_value(L, p, name);
    }
    lua_pop(L, 1);
}

/* --- the other parts of a page -------------------------------------------------------------- */

void
record_card(lua_State *L, int index)
{
    struct player *p = player_telling(L);
    struct step *s = player_now(p);
    const struct event *event = p->has_last_event ? &p->last_event : NULL;

    index = lua_absindex(L, index);
    given_only(L, index, api_members("card"), "card");
    given_get(L, index, "claim");
    record_text(L, -1, "card claim", event, NULL, NULL, s->card_claim, 0);
    given_get(L, index, "truth");
    record_text(L, -1, "card truth", event, NULL, NULL, s->card_truth, 0);
    lua_pop(L, 2);
}

void
record_view(lua_State *L, const char *view)
{
    struct player *p = player_telling(L);
    struct step *s = player_now(p);
    size_t n = strlen(view);

    if (n == 0 || n >= sizeof s->view || strspn(view, "abcdefghijklmnopqrstuvwxyz-") != n)
        luaL_error(L, "a pane's name is a short word, not \"%s\"", n > 40 ? "..." : view);
    for (unsigned i = 0; p->views && strcmp(p->views[i], view) != 0; i++) {
        if (!p->views[i + 1])
            given_nearest(L, "no pane", view, p->views);
    }
    snprintf(s->view, sizeof s->view, "%s", view);
    s->has_view_at = false;
}

void
record_view_at(lua_State *L, uint64_t at)
{
    struct step *s = player_now(player_telling(L));

    if (strcmp(s->view, "hex") != 0)
        luaL_error(L, "only the view \"hex\" takes an address, not \"%s\"", s->view);
    s->has_view_at = true;
    s->view_at = at;
}

void
record_story(lua_State *L, struct player *p)
{
    struct step *s = player_now(p);

    if (p->story_closed)
        return;
    p->story_closed = true;
    if (!p->step_ref)
        return;
    if (given_get(L, p->step_ref, "title") != LUA_TNIL)
        record_text(L, -1, "title", NULL, NULL, NULL, s->title, 0);
    if (given_get(L, p->step_ref, "text") != LUA_TNIL)
        record_text(L, -1, "text", NULL, NULL, NULL, s->text, RECORD_APPEND);
    lua_pop(L, 2);
}
