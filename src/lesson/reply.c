/* An answer as the learner sees it: a number in the format of the question, a word, a text in both languages. */
#include <string.h>

#include "base/text.h"
#include "lesson/ask_internal.h"

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
void
reply_take(struct asking *a, struct reply *r)
{
    lua_State *L = a->L;
    const char *raw[LANGS];
    const char *yes[LANGS] = {"yes", tr_in(LANG_ZH, "yes")}, *no[LANGS] = {"no", tr_in(LANG_ZH, "no")};
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

bool
reply_equal(const struct choice *c, const struct reply *r)
{
    return strcmp(c->text[LANG_EN], r->text[LANG_EN]) == 0 || strcmp(c->text[LANG_ZH], r->text[LANG_ZH]) == 0;
}

