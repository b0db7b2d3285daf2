/* options.h - how every command reads its options: rows of a table, one getopt_long below.
 *
 * Promises   An option that is unknown, lacks its value, or whose value is no number, out of range
 *            or not among the words, is one line on stderr that names what was expected, and exit
 *            2. An option given twice: the last counts (OPTION_LIST collects). --help and -h print
 *            the usage made from the same rows on stdout, exit 0. What is printed passed the
 *            cleaning gate.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "machine/preset.h"

enum option_kind {
    OPTION_END,
    OPTION_FLAG,   /* bool *to */
    OPTION_NUMBER, /* uint64_t *to, within least..most, any spelling of base/number.h */
    OPTION_WORD,   /* int *to: the index in `words` */
    OPTION_TEXT,   /* const char **to */
    OPTION_LIST,   /* struct option_list *to */
    OPTION_SIZE,   /* struct option_size *to: WxH */
};

enum { OPTION_LIST_MAX = 64, OPTION_ROWS_MAX = 32 };

struct option_list {
    const char *item[OPTION_LIST_MAX];
    int count;
};

struct option_size {
    int w, h;
};

struct option_row {
    enum option_kind kind;
    const char *name;  /* without dashes */
    const char *value; /* as help calls it; NULL for a flag; for words NULL: made from the words */
    const char *help;
    void *to;
    uint64_t least, most;     /* numbers; sizes: 1..most wide, 1..least high */
    const char *const *words; /* ends with NULL */
};

struct usage {
    const char *command;   /* "exec" */
    const char *arguments; /* "FILE" */
    const char *text;      /* what it does: lines, each ended */
    const struct option_row *rows;
    int least, most; /* arguments beside options */
};

enum { OPTIONS_GO_ON = -1 };

/* From now on options_read tells `hear` what a command takes and returns EXIT_OK, so that the command goes no further; NULL: it reads again.
 * A usage lives only during the call. This is how completion and manuals learn what there is: every command reads its options first. */
void options_listen(void (*hear)(void *ctx, const struct usage *u), void *ctx);

/* OPTIONS_GO_ON and the arguments (`*rest`, NULL at the end), or the exit code to return. */
int options_read(const struct usage *u, int argc, char **argv, char ***rest);

/* One line on stderr: "pagewalk exec: ...", cleaned. Returns EXIT_USAGE. */
int options_refuse(const struct usage *u, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Words several commands share; the index is the enum's value. */
extern const char *const option_langs[];     /* enum lang */
extern const char *const option_glyphs[];    /* enum glyph_set */
extern const char *const option_themes[];    /* enum theme */
extern const char *const option_text_json[]; /* 0 text, 1 json */
extern const char *const option_sheets[];    /* 0 text, 1 json, 2 markdown */

/* Every `--set KEY=VALUE`, in order. */
bool options_override(const struct option_list *set, struct preset *p, struct error *e);

/* Read the catalogues and speak this language (enum lang). A missing catalogue is said on stderr;
 * what it holds is then English. */
void options_speak(int lang);
/* The language of the environment: PAGEWALK_LANG, else LC_ALL, LC_MESSAGES, LANG; English when they
 * say nothing. For what talks to a person; what prints data speaks English unless told otherwise,
 * so that it is the same everywhere. */
int options_own_lang(void);
