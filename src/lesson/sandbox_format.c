/* string.format: printf with every width bounded and no addresses.
 *
 * Flags, width and precision are copied to a small format of our own, and the letter is checked, so
 * printf never sees what a lesson wrote. %s shows any value as tostring does.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lesson/sandbox_internal.h"

enum { SPEC_BYTES = 16, ITEM_BYTES = 512 }; /* %99.99f of 1e308 has 409 bytes */

/* Copy "%-08.3" (flags, width and precision of at most two digits) to spec; returns the letter. */
static const char *
read_spec(lua_State *L, const char *p, char *spec)
{
    size_t n = strspn(p, "-+ #0");
    size_t width = strspn(p + n, "0123456789");
    size_t all = n + width;

    if (p[all] == '.') {
        size_t precision = strspn(p + all + 1, "0123456789");
        if (precision > 2)
            luaL_error(L, "format: width and precision have at most two digits");
        all += 1 + precision;
    }
    if (n > 5 || width > 2)
        luaL_error(L, "format: width and precision have at most two digits");
    spec[0] = '%';
    memcpy(spec + 1, p, all);
    spec[1 + all] = '\0';
    return p + all;
}

/* %s: whole when there is no width or precision, else by bytes through printf. */
static void
add_text(lua_State *L, luaL_Buffer *out, int arg, const char *spec)
{
    char item[ITEM_BYTES], format[SPEC_BYTES + 2];
    size_t length = 0;

    luaL_checkany(L, arg);
    sandbox_push_text(L, arg);
    const char *s = lua_tolstring(L, -1, &length);
    sandbox_charge(L, length / 8);
    if (spec[1] == '\0' || (length >= 100 && !strchr(spec, '.'))) {
        luaL_addvalue(out);
        return;
    }
    luaL_argcheck(L, strlen(s) == length, arg, "a text with a NUL has no width");
    snprintf(format, sizeof format, "%ss", spec);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(item, sizeof item, format, s);
#pragma GCC diagnostic pop
    lua_pop(L, 1);
    luaL_addstring(out, item);
}

/* The letter is checked by the caller; spec holds only flags, width and precision. */
static void
add_number(lua_State *L, luaL_Buffer *out, int arg, const char *spec, char letter)
{
    char item[ITEM_BYTES], format[SPEC_BYTES + 4];
    bool integral = strchr("dixXo", letter) != NULL;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    if (integral) {
        snprintf(format, sizeof format, "%sll%c", spec, letter);
        snprintf(item, sizeof item, format, (long long)luaL_checkinteger(L, arg));
    } else {
        lua_Number n = luaL_checknumber(L, arg);
        snprintf(format, sizeof format, "%s%c", spec, letter);
        snprintf(item, sizeof item, format, n != n ? (double)NAN : n);
    }
#pragma GCC diagnostic pop
    luaL_addstring(out, item);
}

static void
add_item(lua_State *L, luaL_Buffer *out, int arg, const char *spec, char letter)
{
    if (letter == 's') {
        add_text(L, out, arg, spec);
    } else if (letter == 'c') {
        luaL_addchar(out, (char)sandbox_check_range(L, arg, 0, 255));
    } else if (letter && strchr("dixXofFeEgG", letter)) {
        add_number(L, out, arg, spec, letter);
    } else if (letter == 'p') {
        luaL_error(L, "format: addresses are not shown to lessons");
    } else {
        luaL_error(L, "format: '%%%c' is unknown; use d x o c s f e g or %%%%",
                   letter ? letter : ' ');
    }
}

int
sandbox_format(lua_State *L)
{
    size_t length = 0, most = sandbox_get(L)->limits.string_bytes;
    const char *p = luaL_checklstring(L, 1, &length), *end = p + length;
    char spec[SPEC_BYTES];
    luaL_Buffer out;
    int arg = 1;

    sandbox_charge(L, length / 2);
    luaL_buffinit(L, &out);
    while (p < end) {
        if (*p != '%') {
            luaL_addchar(&out, *p++);
        } else if (p[1] == '%') {
            luaL_addchar(&out, '%');
            p += 2;
        } else {
            p = read_spec(L, p + 1, spec);
            add_item(L, &out, ++arg, spec, *p);
            p++;
            sandbox_charge(L, 16);
            if (luaL_bufflen(&out) > most)
                sandbox_check_length(L, luaL_bufflen(&out));
        }
    }
    luaL_pushresult(&out);
    return 1;
}
