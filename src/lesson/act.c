/* Operations as Lua functions, made from the operation table with no list of their own: the arguments become a line of the language that the
 * playground speaks, and its parser does all the checking.
 */
#include <inttypes.h>
#include <string.h>

#include "lesson/player_internal.h"

int api_run(lua_State *L);

/* --- arguments to text ---------------------------------------------------------------------- */

static void
add_integer(lua_State *L, int index, struct buffer *line, const char *what)
{
    int exact;
    lua_Integer n = lua_tointegerx(L, index, &exact);

    if (!exact)
        luaL_error(L, "%s: not a whole number", what);
    if (n >= 0 && n < 4096)
        buffer_printf(line, "%d", (int)n);
    else
        buffer_printf(line, "0x%" PRIx64, (uint64_t)n);
}

/* A word must stay one word of the line. */
static void
add_text(lua_State *L, int index, struct buffer *line, const char *what, bool blanks)
{
    size_t n;
    const char *text = lua_tolstring(L, index, &n);

    if (n == 0 || n >= OPERATION_BLOB)
        luaL_error(L, "%s: a text of 1 to %d bytes is expected", what, OPERATION_BLOB - 1);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7f || c == '#' || (c == ' ' && !blanks))
            luaL_error(L, "%s: this text cannot be an argument", what);
    }
    buffer_append(line, text, n);
}

/* A list of byte values, as hex digits. */
static void
add_bytes(lua_State *L, int index, struct buffer *line, const char *what)
{
    lua_Integer n = given_count(L, index);

    if (n < 1 || n > OPERATION_BLOB)
        luaL_error(L, "%s: a list of 1 to %d bytes is expected", what, OPERATION_BLOB - 1);
    sandbox_resolve(L, index);
    for (lua_Integer i = 1; i <= n; i++) {
        int exact;
        lua_rawgeti(L, -1, i);
        lua_Integer byte = lua_tointegerx(L, -1, &exact);
        if (!exact || byte < 0 || byte > 255)
            luaL_error(L, "%s: value %d of the list is no byte (0 to 255)", what, (int)i);
        buffer_printf(line, "%02x", (unsigned)byte);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* A list of references, {7, 0, "2w"}, as words with commas. */
static void
add_pages(lua_State *L, int index, struct buffer *line, const char *what)
{
    lua_Integer n = given_count(L, index);

    if (n < 1 || n > OPERATION_BLOB / 2)
        luaL_error(L, "%s: a list of 1 to %d references is expected", what, OPERATION_BLOB / 2);
    sandbox_resolve(L, index);
    for (lua_Integer i = 1; i <= n; i++) {
        const char *text;
        lua_rawgeti(L, -1, i);
        text = lua_type(L, -1) == LUA_TNUMBER || lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        if (!text || text[strspn(text, "0123456789w")] || strlen(text) > 11)
            luaL_error(L, "%s: value %d of the list is no reference, as 7 or \"7w\"", what, (int)i);
        buffer_printf(line, "%s%s", i > 1 ? "," : "", text);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static void
add_value(lua_State *L, int index, const struct arg_row *arg, struct buffer *line, const char *what)
{
    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        add_integer(L, index, line, what);
        return;
    case LUA_TBOOLEAN:
        buffer_puts(line, lua_toboolean(L, index) ? "yes" : "no");
        return;
    case LUA_TSTRING:
        add_text(L, index, line, what, arg && (arg->kind == ARG_BYTES || arg->kind == ARG_PAGES));
        return;
    case LUA_TTABLE:
        if (arg && arg->kind == ARG_BYTES) {
            add_bytes(L, index, line, what);
            return;
        }
        if (arg && arg->kind == ARG_PAGES) {
            add_pages(L, index, line, what);
            return;
        }
        break;
    default:
        break;
    }
    luaL_error(L, "%s: a %s is no value for this", what, luaL_typename(L, index));
}

static void
describe(char what[64], const struct operation_row *row, const char *arg)
{
    snprintf(what, 64, "%s %s", row->name, arg);
}

/* --- keywords ------------------------------------------------------------------------------- */

static unsigned
keyword_names(const struct operation_row *row, const char *names[16])
{
    unsigned n = 0;

    for (int i = 0; i < row->arg_count; i++) {
        const struct arg_row *a = &row->arg[i];
        if (a->keyword)
            names[n++] = a->name;
        else if (a->kind == ARG_WORD && !a->name[0])
            for (int w = 0; w < a->word_count; w++)
                names[n++] = a->words[w];
    }
    names[n++] = "cpu";
    names[n] = NULL;
    return n;
}

static const struct arg_row *
arg_named(const struct operation_row *row, const char *name)
{
    for (int i = 0; i < row->arg_count; i++)
        if (row->arg[i].keyword && strcmp(row->arg[i].name, name) == 0)
            return &row->arg[i];
    return NULL;
}

/* {size = 8, cpu = 1, shared = true}; in the table's order, so that the same call gives the same line. */
static void
add_keywords(lua_State *L, int index, const struct operation_row *row, struct buffer *line)
{
    const char *names[16];
    char what[64];

    describe(what, row, "options");
    keyword_names(row, names);
    given_only(L, index, names, what);
    for (unsigned i = 0; names[i]; i++) {
        const struct arg_row *arg = arg_named(row, names[i]);
        describe(what, row, names[i]);
        if (given_get(L, index, names[i]) != LUA_TNIL) {
            buffer_putc(line, ' ');
            if (arg || strcmp(names[i], "cpu") == 0) {
                buffer_printf(line, "%s=", names[i]);
                add_value(L, -1, arg, line, what);
            } else if (lua_toboolean(L, -1)) {
                buffer_puts(line, names[i]);
            }
        }
        lua_pop(L, 1);
    }
}

/* --- the call ------------------------------------------------------------------------------- */

/* Arguments first..last of the stack. */
static void
add_arguments(lua_State *L, int first, int last, const struct operation_row *row, struct buffer *line)
{
    int given = first;
    char what[64];

    for (int i = 0; i < row->arg_count && given <= last; i++) {
        const struct arg_row *a = &row->arg[i];
        if (a->keyword || (lua_type(L, given) == LUA_TTABLE && a->kind != ARG_BYTES && a->kind != ARG_PAGES))
            continue;
        if (lua_isnil(L, given) && (a->dash || a->optional)) {
            buffer_puts(line, a->dash ? " -" : "");
            given++;
            continue;
        }
        describe(what, row, a->name);
        buffer_putc(line, ' ');
        add_value(L, given++, a, line, what);
    }
    if (given <= last && lua_type(L, given) == LUA_TTABLE)
        add_keywords(L, given++, row, line);
    for (; given <= last; given++) {
        if (!lua_isnil(L, given))
            luaL_error(L, "%s: too many arguments; it takes: %s", row->name, row->args[0] ? row->args : "none");
    }
}

static void
parse_line(lua_State *L, struct player *p, struct operation *op, uint8_t blob[OPERATION_BLOB])
{
    struct error *why = &p->complaint;

    *why = (struct error){0};
    if (!operation_parse(buffer_text(&p->scratch), op, blob, why))
        luaL_error(L, "%s", why->text);
    if (op->code == OP_NONE)
        luaL_error(L, "an operation is expected, not an empty line");
}

static enum operation_code
code_named(lua_State *L, const char *name)
{
    const char *names[OPERATION_CODES];
    enum operation_code code = operation_by_name(name);

    if (code != OP_NONE)
        return code;
    for (int i = 1; i < OPERATION_CODES; i++)
        names[i - 1] = operation_row((enum operation_code)i)->name;
    names[OPERATION_CODES - 1] = NULL;
    given_nearest(L, "no operation", name, names);
}

static void
parse_table(lua_State *L, struct player *p, int index, struct operation *op, uint8_t blob[OPERATION_BLOB])
{
    int top = lua_gettop(L);
    lua_Integer n;

    sandbox_resolve(L, index);
    n = (lua_Integer)lua_rawlen(L, -1);
    if (lua_rawgeti(L, -1, 1) != LUA_TSTRING)
        luaL_error(L, "an operation is { \"name\", arguments ... } or a text");
    /* Holes stand for arguments not given; the length of a table with holes is no help, so look further. */
    for (lua_Integer i = n + 1; i <= OPERATION_ARGS + 2; i++) {
        if (lua_rawgeti(L, top + 1, i) != LUA_TNIL)
            n = i;
        lua_pop(L, 1);
    }
    if (n > OPERATION_ARGS + 2)
        luaL_error(L, "an operation has at most %d arguments", OPERATION_ARGS);
    const struct operation_row *row = operation_row(code_named(L, lua_tostring(L, top + 2)));
    for (lua_Integer i = 2; i <= n; i++)
        lua_rawgeti(L, top + 1, i);
    buffer_truncate(&p->scratch, 0);
    buffer_puts(&p->scratch, row->name);
    add_arguments(L, top + 3, lua_gettop(L), row, &p->scratch);
    lua_settop(L, top);
    parse_line(L, p, op, blob);
}

void
act_parse(lua_State *L, int index, struct operation *op, uint8_t blob[OPERATION_BLOB])
{
    struct player *p = player_of(L);

    index = lua_absindex(L, index);
    luaL_checkstack(L, 20, NULL);
    if (lua_type(L, index) == LUA_TTABLE) {
        parse_table(L, p, index, op, blob);
        return;
    }
    if (lua_type(L, index) != LUA_TSTRING)
        luaL_error(L, "an operation is a text or { \"name\", arguments ... }, not a %s", luaL_typename(L, index));
    buffer_truncate(&p->scratch, 0);
    add_text(L, index, &p->scratch, "operation", true);
    parse_line(L, p, op, blob);
}

/* --- running -------------------------------------------------------------------------------- */

struct scan {
    struct trail *trail;
    uint64_t from, to;
};

static bool
scan_one(void *ctx, struct position at, const struct event *ev)
{
    struct scan *s = ctx;

    if (at.op >= s->from && at.op <= s->to)
        trail_add(s->trail, ev);
    return at.op <= s->to;
}

void
act_scan(struct player *p, uint64_t from, uint64_t to, uint32_t cap)
{
    struct scan scan = {&p->trail, from, to};

    trail_begin(&p->trail, cap);
    if (from <= to)
        history_scan(p->history, (struct position){from, 0}, (struct position){to, history_events(p->history, to)}, scan_one,
                     &scan);
}

/* The lesson's budget of events and operations; raises EXIT_LIMIT. */
static void
check_budget(lua_State *L, struct player *p)
{
    struct error *why = &p->complaint;

    *why = (struct error){0};
    if (history_event_number(p->history, history_end(p->history)) > EVENTS_LESSON)
        error_set(why, EXIT_LIMIT, "a lesson makes at most %d events", EVENTS_LESSON);
    else if (history_operations(p->history) >= OPERATIONS_LESSON)
        error_set(why, EXIT_LIMIT, "a lesson makes at most %d operations", OPERATIONS_LESSON);
    if (why->code)
        sandbox_raise(L, why);
}

uint64_t
act_do(lua_State *L, struct player *p, const struct operation *op)
{
    struct outcome out;
    struct error *why = &p->complaint;

    sandbox_charge(L, 1000);
    check_budget(L, p);
    *why = (struct error){0};
    if (!history_do(p->history, op, &out, why))
        sandbox_raise(L, why);
    uint64_t n = history_operations(p->history);
    p->eyes = history_machine(p->history);
    p->has_last_event = history_event(p->history, &p->last_event);
    check_budget(L, p);
    sandbox_charge(L, 10 * (uint64_t)history_events(p->history, n));
    act_scan(p, n, n, EVENTS_SHOWN);
    return n;
}

static int
act_and_push(lua_State *L, struct player *p, const struct operation *op)
{
    uint64_t n = act_do(L, p, op);

    result_push(L, p, p->eyes, n, history_outcome(p->history, n));
    return 1;
}

/* m.NAME(...): the code is the function's upvalue. */
static int
call_operation(lua_State *L)
{
    struct player *p = player_telling(L);
    const struct operation_row *row = operation_row((enum operation_code)lua_tointeger(L, lua_upvalueindex(1)));
    struct operation op;
    uint8_t blob[OPERATION_BLOB];

    sandbox_charge(L, 8);
    buffer_truncate(&p->scratch, 0);
    buffer_puts(&p->scratch, row->name);
    add_arguments(L, 1, lua_gettop(L), row, &p->scratch);
    parse_line(L, p, &op, blob);
    return act_and_push(L, p, &op);
}

int
api_run(lua_State *L)
{
    struct player *p = player_telling(L);
    struct operation op;
    uint8_t blob[OPERATION_BLOB];

    act_parse(L, 1, &op, blob);
    return act_and_push(L, p, &op);
}

/* --- looking without acting ----------------------------------------------------------------- */

void
act_look(lua_State *L, struct player *p, const struct machine *eyes, int nargs)
{
    const struct machine *before = p->eyes;
    enum telling telling = p->telling;

    p->eyes = eyes;
    p->telling = TELLING_ANSWER;
    lua_call(L, nargs, 1);
    p->eyes = before;
    p->telling = telling;
}

static const char m_key;

void
act_push_m(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &m_key);
}

void
act_register(lua_State *L)
{
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &m_key);
    for (int i = 1; i < OPERATION_CODES; i++) {
        lua_pushinteger(L, i);
        lua_pushcclosure(L, call_operation, 1);
        lua_setfield(L, -2, operation_row((enum operation_code)i)->name);
    }
}
