/* keymap.c - see keymap.h. The lines are read first and applied then, so their order does not matter: `j next` and `n down` change places. */
#include "app/keymap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/keys.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

enum { FILE_CAP = 64 * 1024 };

struct binding {
    char key[KEY_NAME];
    enum action_code action; /* ACTION_NONE: the key is free */
    int line;
};

struct reading {
    struct binding row[KEYMAP_LINES];
    unsigned rows;
    const char *file;
    keymap_complain *complain;
    void *ctx;
    unsigned complaints;
};

static struct {
    bool changed;
    char keys[KEYMAP_KEYS];
} map[ACTIONS];

const char *
keymap_keys(enum action_code a)
{
    return map[a].changed ? map[a].keys : action_row[a].keys ? action_row[a].keys : "";
}

bool
keymap_is_changed(enum action_code a)
{
    return map[a].changed;
}

static bool
is_letter(const char *key)
{
    uint32_t cp;

    return text_decode(key, strlen(key), &cp) == strlen(key);
}

const char *
keymap_key(enum action_code a)
{
    static char text[ACTIONS][KEYMAP_KEYS];
    char key[KEY_NAME];

    snprintf(text[a], sizeof text[a], ":%s", action_row[a].name);
    for (unsigned i = 0; action_key(a, i, key); i++) {
        if (i == 0 || is_letter(key))
            snprintf(text[a], sizeof text[a], "%s", action_key_text(key, GLYPHS_ASCII));
        if (is_letter(key) || map[a].changed)
            break;
    }
    return text[a];
}

const char *
keymap_key_named(const char *action)
{
    enum action_code a = action_by_name(action);

    return a == ACTION_NONE ? action : keymap_key(a);
}

const char *
keymap_text(const char *text)
{
    static struct buffer out;
    char name[KEYMAP_KEYS];
    int end;

    buffer_truncate(&out, 0);
    for (; *text; text++) {
        end = 0;
        if (sscanf(text, "{%30[a-z-]}%n", name, &end) != 1 || !end ||
            action_by_name(name) == ACTION_NONE) {
            buffer_putc(&out, *text);
            continue;
        }
        for (const char *key = keymap_key(action_by_name(name)); *key; key++)
            buffer_printf(&out, *key == '%' ? "%%%%" : "%c", *key);
        text += end - 1;
    }
    return buffer_text(&out);
}

void
keymap_reset(void)
{
    memset(map, 0, sizeof map);
}

static void complain(struct reading *r, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
complain(struct reading *r, int line, const char *fmt, ...)
{
    char text[400], clean[400];
    struct error e = {0};
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    r->complaints++;
    error_at(&e, EXIT_DATA, r->file, line, "%s", text_clean_to(clean, sizeof clean, text, 0));
    r->complain(r->ctx, &e);
}

/* --- lines --------------------------------------------------------------------------------------- */

static bool
read_key(struct reading *r, int line, const char *word, char out[KEY_NAME])
{
    const char *why = key_refusal(word), *near;

    if (!why) {
        snprintf(out, KEY_NAME, "%s", strcmp(word, "Hash") == 0 ? "#" : word);
        return true;
    }
    near = error_nearest(word, key_names);
    if (*why)
        complain(r, line, "\"%.40s\" %s", word, why);
    else if (near)
        complain(r, line, "no key \"%.40s\" (did you mean \"%s\"?)", word, near);
    else
        complain(
            r, line,
            "no key \"%.40s\": expected a letter or a sign, Space, Enter, Left, F5, Ctrl-L ...",
            word);
    return false;
}

static bool
read_action(struct reading *r, int line, const char *word, enum action_code *out)
{
    const char *names[ACTIONS + 1], *near;
    int n = 0;

    *out = action_by_name(word);
    if (*out != ACTION_NONE || strcmp(word, "none") == 0)
        return true;
    for (int a = ACTION_NONE + 1; a < ACTIONS; a++)
        names[n++] = action_row[a].name;
    names[n++] = "none";
    names[n] = NULL;
    near = error_nearest(word, names);
    if (near)
        complain(r, line, "no action \"%.40s\" (did you mean \"%s\"?)", word, near);
    else
        complain(r, line, "no action \"%.40s\"; pagewalk keys lists them", word);
    return false;
}

static const char *
name_of(enum action_code a)
{
    return a == ACTION_NONE ? "none" : action_row[a].name;
}

/* Is there a situation where both could be meant? Whatever is no course map is in a lesson or a playground. */
static bool
can_meet(enum action_code a, enum action_code b)
{
    unsigned one = action_row[a].where, two = action_row[b].where, map_only = SITUATION_MAP;

    if (a == ACTION_NONE || b == ACTION_NONE)
        return true;
    return (one & two & map_only) || ((one & ~map_only) && (two & ~map_only));
}

static bool
is_free(struct reading *r, const struct binding *new)
{
    for (unsigned i = 0; i < r->rows; i++) {
        const struct binding *old = &r->row[i];
        if (strcmp(old->key, new->key) != 0 || old->action == new->action ||
            !can_meet(old->action, new->action))
            continue;
        complain(r, new->line, "\"%s\" is %s here and %s on line %d, which counts", new->key,
                 name_of(new->action), name_of(old->action), old->line);
        return false;
    }
    return true;
}

static void
read_line(struct reading *r, int line, char *text)
{
    static const char blanks[] = " \t\r";
    struct binding new = {.line = line};
    char *rest, *key = strtok_r(text, blanks, &rest),
                *action = key ? strtok_r(NULL, blanks, &rest) : NULL;
    char *more = action ? strtok_r(NULL, blanks, &rest) : NULL;

    if (!key || *key == '#')
        return;
    if (!action || *action == '#')
        complain(r, line, "\"%.40s\" needs an action behind it: key action", key);
    else if (more && *more != '#')
        complain(r, line, "\"%.40s\" is one word too many: key action", more);
    else if (!read_key(r, line, key, new.key) || !read_action(r, line, action, &new.action) ||
             !is_free(r, &new))
        return;
    else if (r->rows == KEYMAP_LINES)
        complain(r, line, "more than %d bindings", KEYMAP_LINES);
    else
        r->row[r->rows++] = new;
}

/* --- applying ------------------------------------------------------------------------------------ */

static bool
has_key(const char *keys, const char *key)
{
    size_t n = strlen(key);

    for (const char *at = keys; *at; at += strspn(at, " ")) {
        size_t word = strcspn(at, " ");
        if (word == n && strncmp(at, key, n) == 0)
            return true;
        at += word;
    }
    return false;
}

static bool
add_key(char keys[KEYMAP_KEYS], const char *key, size_t n)
{
    size_t used = strlen(keys);

    if (used + n + 2 > KEYMAP_KEYS)
        return false;
    snprintf(keys + used, KEYMAP_KEYS - used, "%s%.*s", used ? " " : "", (int)n, key);
    return true;
}

/* Has a line given this default key of action `a` to another? The line, or NULL. */
static const struct binding *
taker_of(const struct reading *r, enum action_code a, const char *key, size_t n)
{
    for (unsigned i = 0; i < r->rows; i++)
        if (strlen(r->row[i].key) == n && strncmp(r->row[i].key, key, n) == 0 &&
            r->row[i].action != a && can_meet(r->row[i].action, a))
            return &r->row[i];
    return NULL;
}

/* One that frees a key means it. */
static void
complain_of_keyless(struct reading *r, enum action_code a, const struct binding *first,
                    const struct binding *last)
{
    if (first->action == ACTION_NONE && last->action == ACTION_NONE)
        return;
    if (first == last)
        complain(r, last->line, "\"%s\" is %s here, and %s is left without a key", last->key,
                 name_of(last->action), name_of(a));
    else
        complain(r, last->line,
                 "\"%s\" is %s here and \"%s\" is %s on line %d: %s is left without a key",
                 last->key, name_of(last->action), first->key, name_of(first->action), first->line,
                 name_of(a));
}

/* The keys of the file first, then what is left of the defaults. */
static void
apply_to(struct reading *r, enum action_code a)
{
    const struct binding *first = NULL, *last = NULL;
    char keys[KEYMAP_KEYS] = "";

    for (unsigned i = 0; i < r->rows; i++)
        if (r->row[i].action == a && !has_key(keys, r->row[i].key) &&
            !add_key(keys, r->row[i].key, strlen(r->row[i].key)))
            complain(r, r->row[i].line, "%s has too many keys", name_of(a));
    for (const char *at = action_row[a].keys; *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        const struct binding *taker = taker_of(r, a, at, n);
        char key[KEY_NAME];

        snprintf(key, sizeof key, "%.*s", (int)n, at);
        if (!taker && !has_key(keys, key))
            add_key(keys, at, n);
        if (taker && (!first || taker->line < first->line))
            first = taker;
        if (taker && (!last || taker->line > last->line))
            last = taker;
        at += n;
    }
    map[a].changed = strcmp(keys, action_row[a].keys) != 0;
    memcpy(map[a].keys, keys, sizeof keys);
    if (last && !*keys)
        complain_of_keyless(r, a, first, last);
}

/* --- files --------------------------------------------------------------------------------------- */

static void
read_lines(struct reading *r, char *text)
{
    int line = 1;

    if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    for (char *next = text; next; line++) {
        char *at = strsep(&next, "\n");
        read_line(r, line, at);
    }
}

/* Where it stops being text; `length` if it does not. */
static size_t
first_bad(const char *text, size_t length)
{
    const char *nul = memchr(text, 0, length);
    size_t bad;

    return text_valid(text, nul ? (size_t)(nul - text) : length, &bad)
               ? nul ? (size_t)(nul - text) : length
               : bad;
}

static int
line_at(const char *text, size_t at)
{
    int line = 1;

    for (size_t i = 0; i < at; i++)
        line += text[i] == '\n';
    return line;
}

unsigned
keymap_parse(const char *text, size_t length, const char *file, keymap_complain *to, void *ctx)
{
    struct reading *r = memory_new(1, sizeof *r);
    char *copy = memory_new(length + 1, 1);
    size_t bad = first_bad(text, length);
    unsigned complaints;

    keymap_reset();
    memcpy(copy, text, length);
    *r = (struct reading){.file = file, .complain = to, .ctx = ctx};
    if (bad < length) {
        complain(r, line_at(text, bad), "this is no UTF-8 text; the default keys are used");
    } else {
        read_lines(r, copy);
        for (int a = ACTION_NONE + 1; a < ACTIONS; a++)
            apply_to(r, (enum action_code)a);
    }
    complaints = r->complaints;
    free(copy);
    free(r);
    return complaints;
}

bool
keymap_path(char *out, size_t size)
{
    char folder[1000];
    struct error ignored = {0};

    return file_directory(FILE_CONFIG, false, folder, sizeof folder, &ignored) &&
           file_join(out, size, folder, "keys");
}

unsigned
keymap_load(keymap_complain *to, void *ctx)
{
    struct buffer text = {0};
    struct error e = {0};
    char path[1024];
    unsigned complaints = 0;

    keymap_reset();
    if (!keymap_path(path, sizeof path) || (access(path, F_OK) != 0 && errno != ELOOP))
        return 0;
    if (file_read(path, FILE_CAP, &text, &e)) {
        complaints = keymap_parse(text.data ? text.data : "", text.length, path, to, ctx);
    } else {
        to(ctx, &e);
        complaints = 1;
    }
    buffer_free(&text);
    return complaints;
}
