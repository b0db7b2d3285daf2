/* cmd_doctor.c - `pagewalk doctor`: what pagewalk found around itself, where it found it, and
 * whether that will do. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <lua.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <term.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "app/commands.h"
#include "app/keymap.h"
#include "app/options.h"
#include "app/output.h"
#include "app/terminal.h"
#include "base/data.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "lesson/lesson.h"
#include "machine/preset.h"

/* curses defines these words; the rows below are easier to read without them. */
#undef lines
#undef columns

enum verdict { VERDICT_OK, VERDICT_WARN, VERDICT_BAD };
static const char *const verdict_name[] = {"ok", "warn", "bad"};

struct doctor {
    bool json;
    struct buffer out;
    bool in_terminfo; /* the terminal is, and terminfo may be asked about it */
    enum verdict worst;
    unsigned count; /* of what is being listed */
    unsigned bad;
    struct error first;
};

static void
row(struct doctor *d, const char *key, const char *value, const char *source, enum verdict v,
    const char *advice)
{
    if (v > d->worst)
        d->worst = v;
    if (d->json) {
        const char *const member[] = {"key",  key,       "value",         value,    "source",
                                      source, "verdict", verdict_name[v], "advice", advice};
        json_open(&d->out, '{');
        for (int i = 0; i < 10; i += 2) {
            json_key(&d->out, member[i]);
            json_put_string(&d->out, member[i + 1]);
        }
        json_close(&d->out, '}');
        return;
    }
    buffer_printf(&d->out, "%s ", key);
    text_clean(&d->out, value, strlen(value), 0);
    buffer_printf(&d->out, " (");
    text_clean(&d->out, source, strlen(source), 0);
    buffer_printf(&d->out, ") %s%s%s\n", verdict_name[v], *advice ? " " : "", advice);
}

/* --- the terminal --- */

/* Asks terminfo only: nothing is sent to the terminal. */
static void
look_at_terminal(struct doctor *d)
{
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
    int error = 0, colours = 0;
    bool known = term && *term && strlen(term) < 64 && setupterm(term, STDOUT_FILENO, &error) == OK;
    bool moves = known && tigetstr("cup") && tigetstr("cup") != (char *)-1;
    char text[16];

    d->in_terminfo = known;
    if (!term || !*term)
        row(d, "terminal", "unknown", "TERM is not set", VERDICT_WARN,
            "plain mode will be used; try TERM=xterm-256color");
    else if (!known)
        row(d, "terminal", term, "TERM, not in terminfo", VERDICT_WARN,
            "xterm-256color is tried instead");
    else
        row(d, "terminal", term, "TERM", moves ? VERDICT_OK : VERDICT_WARN,
            moves ? "" : "it cannot place the cursor: plain mode will be used");
    if (known)
        colours = tigetnum("colors");
    if (colours < 0)
        colours = 0;
    snprintf(text, sizeof text, "%d", colours);
    if (no_color && *no_color)
        row(d, "colours", "0", "NO_COLOR", VERDICT_OK, "the mono theme is used");
    else
        row(d, "colours", text, "terminfo", VERDICT_OK,
            colours >= 8 ? "" : "the mono theme is used");
}

static void
look_at_theme(struct doctor *d)
{
    const char *wish = getenv("PAGEWALK_THEME"), *no_color = getenv("NO_COLOR");
    bool own = wish && *wish;
    struct error e = {0};
    enum theme theme;
    char all[120] = "";

    for (int i = 0; i < THEME_COUNT; i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? ", " : "there are ",
                 theme_name((enum theme)i));
    if (own && !theme_by_name(wish, &theme, &e))
        row(d, "theme", theme_name(terminal_theme()), "PAGEWALK_THEME is none", VERDICT_WARN, all);
    else
        row(d, "theme", theme_name(terminal_theme()),
            own                     ? "PAGEWALK_THEME"
            : no_color && *no_color ? "NO_COLOR"
                                    : "COLORFGBG",
            VERDICT_OK, all);
}

static void
look_at_mouse(struct doctor *d)
{
    if (!d->in_terminfo || !terminal_has_mouse())
        row(d, "mouse", "no", "terminfo", VERDICT_OK, "never needed");
    else if (!terminal_mouse_wanted())
        row(d, "mouse", "off", "PAGEWALK_MOUSE", VERDICT_OK, "");
    else
        row(d, "mouse", "yes", "terminfo", VERDICT_OK, "");
}

static void
note_complaint(void *ctx, const struct error *e)
{
    struct error *first = ctx;

    if (!first->code)
        *first = *e;
}

static void
look_at_keys(struct doctor *d)
{
    struct error first = {0};
    unsigned wrong = keymap_load(note_complaint, &first), changed = 0;
    char path[PATH_MAX] = "no place for a file of one's own", value[32], advice[1024];

    for (int a = ACTION_NONE + 1; a < ACTIONS; a++)
        changed += keymap_is_changed((enum action_code)a);
    snprintf(value, sizeof value, changed ? "%u changed" : "the defaults", changed);
    keymap_path(path, sizeof path);
    error_format(&first, advice, sizeof advice);
    row(d, "keys", value, path, wrong ? VERDICT_WARN : VERDICT_OK,
        wrong ? text_clean_to(advice, sizeof advice, advice, 0) : "");
}

static void
look_at_window(struct doctor *d)
{
    struct winsize size = {0};
    char text[32];

    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 ||
        size.ws_col == 0) {
        row(d, "window", "none", "stdout is no terminal", VERDICT_OK, "");
        return;
    }
    snprintf(text, sizeof text, "%ux%u", size.ws_col, size.ws_row);
    if (size.ws_col < 60 || size.ws_row < 18)
        row(d, "window", text, "the terminal", VERDICT_WARN,
            "the screen needs 60x18, plain mode does not");
    else
        row(d, "window", text, "the terminal", VERDICT_OK, "");
}

/* --- letters --- */

static void
look_at_locale(struct doctor *d)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *name = "nothing set", *value = "";
    char source[300];
    bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    const char *now = setlocale(LC_CTYPE, NULL);

    for (int i = 2; i >= 0; i--)
        if (getenv(names[i]) && *getenv(names[i]))
            name = names[i], value = getenv(names[i]);
    snprintf(source, sizeof source, *value ? "%s=%.200s" : "%s", name, value);
    if (*value && strcmp(now, value) != 0)
        row(d, "locale", now, source, VERDICT_WARN,
            "that locale is not installed; a fallback is used");
    else
        row(d, "locale", now, source, VERDICT_OK, "");
    row(d, "utf-8", utf8 ? "yes" : "no", nl_langinfo(CODESET), utf8 ? VERDICT_OK : VERDICT_WARN,
        utf8 ? "" : "ASCII drawing is used; try LC_ALL=C.UTF-8");
    row(d, "wide letters", "2 cells, ambiguous 1", "pagewalk's own table", VERDICT_OK, "");
}

static void
look_at_language(struct doctor *d)
{
    char path[PATH_MAX];
    struct error e = {0};
    int own = options_own_lang();

    row(d, "language", lang_code[own], "PAGEWALK_LANG, LC_ALL, LC_MESSAGES, LANG", VERDICT_OK, "");
    if (data_path(path, sizeof path, "lang") && lang_load(path, &e))
        row(d, "languages", "en zh", path, VERDICT_OK, "");
    else
        row(d, "languages", "en", path, VERDICT_WARN, "the Chinese texts cannot be read");
}

/* --- places --- */

/* Can something be written there, or could it once the folder is made? */
static bool
writable(const char *path)
{
    char up[PATH_MAX];

    snprintf(up, sizeof up, "%s", path);
    while (access(up, F_OK) != 0 && errno == ENOENT) {
        char *slash = strrchr(up, '/');
        if (!slash || slash == up)
            return access("/", W_OK) == 0;
        *slash = '\0';
    }
    return access(up, W_OK | X_OK) == 0;
}

static void
look_at_place(struct doctor *d, const char *key, enum file_place place, const char *variable,
              bool needs_writing)
{
    char path[PATH_MAX];
    struct error e = {0};
    const char *given = getenv(variable);

    if (!file_directory(place, false, path, sizeof path, &e))
        row(d, key, "none", "HOME and XDG are unset", VERDICT_WARN, "nothing can be kept there");
    else if (needs_writing && !writable(path))
        row(d, key, path, given && *given == '/' ? variable : "HOME", VERDICT_WARN,
            "not writable: progress is not kept");
    else
        row(d, key, path, given && *given == '/' ? variable : "HOME", VERDICT_OK, "");
}

static void
count_machine(void *ctx, const char *name)
{
    struct doctor *d = ctx;
    struct preset p;
    struct error e = {0};

    d->count++;
    if (!preset_load(name, &p, &e) && !d->bad++)
        d->first = e;
}

static void
count_lesson(void *ctx, const struct lesson *l)
{
    (void)l;
    ((struct doctor *)ctx)->count++;
}

static void
count_bad_lesson(void *ctx, const struct error *e)
{
    struct doctor *d = ctx;

    if (!d->bad++)
        d->first = *e;
}

static void
counted(struct doctor *d, const char *key, const char *source, const char *when_none)
{
    char text[32], advice[1024] = "";

    snprintf(text, sizeof text, "%u", d->count);
    if (d->bad) {
        error_format(&d->first, advice, sizeof advice);
        row(d, key, text, source, VERDICT_BAD, text_clean_to(advice, sizeof advice, advice, 0));
    } else {
        row(d, key, text, source, d->count ? VERDICT_OK : VERDICT_BAD, d->count ? "" : when_none);
    }
    d->count = d->bad = 0;
}

static void
look_at_data(struct doctor *d)
{
    struct error e = {0};

    row(d, "data", data_root(), data_root_source(), VERDICT_OK, "");
    preset_list(count_machine, d);
    counted(d, "machines", "data",
            "pagewalk is not installed whole: set PAGEWALK_DATA, or run make install");
    if (!lesson_list(count_lesson, count_bad_lesson, d, &e))
        count_bad_lesson(d, &e);
    counted(d, "lessons", "data and the user's own", "there are none");
}

/* --- the program --- */

static void
look_at_versions(struct doctor *d)
{
    row(d, "pagewalk", PW_VERSION, "built in", VERDICT_OK, "");
    row(d, "ncurses", curses_version(), "library", VERDICT_OK, "");
    row(d, "cjson", cJSON_Version(), "library", VERDICT_OK, "");
    row(d, "lua", LUA_RELEASE, "library", VERDICT_OK, "");
    row(d, "zlib", zlibVersion(), "library", VERDICT_OK, "");
    row(d, "zstd", ZSTD_versionString(), "library", VERDICT_OK, "");
}

static void
examine(struct doctor *d)
{
    look_at_versions(d);
    look_at_terminal(d);
    look_at_theme(d);
    look_at_mouse(d);
    look_at_keys(d);
    look_at_window(d);
    look_at_locale(d);
    look_at_language(d);
    look_at_data(d);
    look_at_place(d, "configuration", FILE_CONFIG, "XDG_CONFIG_HOME", false);
    look_at_place(d, "progress", FILE_STATE, "XDG_STATE_HOME", true);
    look_at_place(d, "own lessons", FILE_DATA, "XDG_DATA_HOME", false);
}

int
cmd_doctor(int argc, char **argv)
{
    static struct doctor d;
    int format = 0, code;
    char **rest;
    const struct option_row rows[] = {
        {OPTION_WORD, "format", NULL, "how it is printed (text)", &format, 0, 0, option_text_json},
        {0},
    };
    const struct usage u = {"doctor",
                            "",
                            "Look at the terminal, the locale, paths and versions. Each line: key, "
                            "value, where it comes from,\n"
                            "and ok, warn or bad with advice. Exit 1 if something is bad.\n",
                            rows,
                            0,
                            0};

    if ((code = options_read(&u, argc, argv, &rest)) != OPTIONS_GO_ON)
        return code;
    d.json = format == 1;
    if (d.json)
        buffer_puts(&d.out, "{\"schema\":\"pagewalk.doctor/1\",\"checks\":[");
    examine(&d);
    if (d.json)
        buffer_puts(&d.out, "]}\n");
    output_buffer(&d.out);
    buffer_free(&d.out);
    return d.worst == VERDICT_BAD ? EXIT_ANSWER : EXIT_OK;
}
