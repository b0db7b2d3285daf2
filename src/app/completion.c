/* completion.c - see completion.h. A usage line names what may come: "FILE", "[LESSON]", "a|b|c". A word of such a list that turns out to have a
 * usage of its own is a command too ("lesson check").
 */
#include "app/completion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/options.h"
#include "base/assert.h"
#include "base/memory.h"

static struct completion_command list[COMPLETION_COMMANDS + 1];
static unsigned count;

static const struct {
    const char *key, *with;
} completes[] = {
#define COMPLETES(key, with) {key, with},
#include "app/completion.def"
#undef COMPLETES
};

/* --- values -------------------------------------------------------------------------------------- */

static const char *
look_up(const char *path, const char *key)
{
    char full[128];

    snprintf(full, sizeof full, "%s %s", path, key);
    for (int special = 1; special >= 0; special--)
        for (size_t i = 0; i < sizeof completes / sizeof *completes; i++)
            if (strcmp(completes[i].key, special ? full : key) == 0)
                return completes[i].with;
    return NULL;
}

static const char *
with_words(const char *const *words)
{
    struct buffer text = {0};
    const char *copy;

    buffer_puts(&text, "words");
    for (; *words; words++)
        buffer_printf(&text, " %s", *words);
    copy = memory_text(buffer_text(&text));
    buffer_free(&text);
    return copy;
}

static const char *
value_of(const char *path, const struct option_row *row)
{
    char key[64];

    if (row->kind == OPTION_WORD)
        return with_words(row->words);
    if (row->kind == OPTION_NUMBER || row->kind == OPTION_SIZE)
        return "nothing";
    snprintf(key, sizeof key, "--%s", row->name);
    return look_up(path, key);
}

/* "[a|b|c]" and "a|b ..." spell the words out, "FILE..." and "[LESSON]" name them. */
static void
read_argument(struct completion_command *c, const char *arguments)
{
    char text[256], *save = NULL;
    const char *words[64];
    unsigned n = 0;

    snprintf(text, sizeof text, "%s", arguments + (*arguments == '['));
    text[strcspn(text, " ].")] = '\0';
    c->word = memory_text(text);
    if (!*text)
        c->with = "nothing";
    else if (!strchr(text, '|'))
        c->with = look_up(c->path, text);
    else {
        for (char *w = strtok_r(text, "|", &save); w && n < 63; w = strtok_r(NULL, "|", &save))
            if (*w < 'A' || *w > 'Z') /* "PID|self" */
                words[n++] = w;
        words[n] = NULL;
        c->with = with_words(words);
    }
}

/* The first clause of a text: enough beside a name. */
static const char *
first_clause(const char *text)
{
    char line[160];
    size_t n = 0;

    while (text[n] && !strchr(":;\n", text[n]) && !(text[n] == '.' && strchr(" \n", text[n + 1])))
        n++;
    snprintf(line, sizeof line, "%.*s", (int)n, text);
    return memory_text(line);
}

/* --- asking -------------------------------------------------------------------------------------- */

static void
hear(void *ctx, const struct usage *u)
{
    struct completion_command *c = ctx;

    c->path = memory_text(u->command);
    c->help = c->help ? c->help : first_clause(u->text);
    read_argument(c, u->arguments);
    for (const struct option_row *row = u->rows; row->kind != OPTION_END; row++) {
        pw_assert(c->options < COMPLETION_OPTIONS);
        c->option[c->options++] = (struct completion_option){
            memory_text(row->name), memory_text(row->help), row->kind != OPTION_FLAG,
            row->kind == OPTION_FLAG ? "nothing" : value_of(c->path, row)};
    }
}

static void
listen_to(int (*run)(int argc, char **argv), const char *name, const char *verb,
          void (*hearer)(void *ctx, const struct usage *u), void *ctx)
{
    char *argv[] = {memory_text(name), verb ? memory_text(verb) : NULL, NULL};

    options_listen(hearer, ctx);
    run(verb ? 2 : 1, argv);
    options_listen(NULL, NULL);
    free(argv[0]);
    free(argv[1]);
}

/* Add the usage that these words lead to. NULL: none was heard. */
static const struct completion_command *
add(int (*run)(int argc, char **argv), const char *name, const char *verb, const char *help)
{
    struct completion_command *c = &list[count];

    pw_assert(count < COMPLETION_COMMANDS);
    c->help = help;
    listen_to(run, name, verb, hear, c);
    if (!c->path)
        return NULL;
    count++;
    return c;
}

struct verb_hearing {
    const char *command;
    bool other;
};

static void
hear_name(void *ctx, const struct usage *u)
{
    struct verb_hearing *h = ctx;

    h->other = strcmp(u->command, h->command) != 0;
}

static void
add_verbs(const struct command_row *row, const char *with)
{
    char words[512], *save = NULL;

    snprintf(words, sizeof words, "%s", with + strlen("words "));
    for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        struct verb_hearing h = {row->name, false};
        listen_to(row->run, row->name, w, hear_name, &h);
        if (h.other)
            add(row->run, row->name, w, NULL);
    }
}

const struct completion_command *
completion_list(void)
{
    if (count)
        return list;
    add(cmd_start, "", NULL, NULL);
    for (const struct command_row *row = command_row; row->name; row++) {
        const struct completion_command *c = add(row->run, row->name, NULL, row->help);
        if (c && c->with && strncmp(c->with, "words ", 6) == 0)
            add_verbs(row, c->with);
    }
    return list;
}
