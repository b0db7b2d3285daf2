#include "base/lang.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"

enum { BUCKETS = 2048 };

struct entry {
    char *english, *other;
    struct entry *next;
};

const char *const lang_code[LANGS] = {"en", "zh"};

static struct entry *catalogue[LANGS][BUCKETS];
static bool loaded[LANGS];
static enum lang now = LANG_EN;

static unsigned
bucket_of(const char *english)
{
    return (unsigned)(hash_bytes(english, strlen(english), 0).lo % BUCKETS);
}

static void
add(enum lang lang, const char *english, const char *other)
{
    struct entry *x = malloc(sizeof *x);
    unsigned b = bucket_of(english);

    if (!x)
        return;
    *x = (struct entry){strdup(english), strdup(other), catalogue[lang][b]};
    catalogue[lang][b] = x;
}

static bool
load_one(const char *directory, enum lang lang, struct error *e)
{
    char path[1024];
    struct json_doc *doc;
    struct json texts;
    bool ok;

    snprintf(path, sizeof path, "%s/%s.json", directory, lang_code[lang]);
    doc = json_load_file(path, e);
    if (!doc)
        return false;
    ok = json_schema(doc, "pagewalk.lang/1", e) &&
         json_get_object(json_root(doc), "texts", &texts, e);
    for (struct json v = ok ? json_first(texts) : (struct json){0}; v.node && ok;
         v = json_next(v)) {
        const char *other;
        ok = json_as_string(v, &other, e);
        if (ok)
            add(lang, json_name(v), other);
    }
    json_free(doc);
    return ok;
}

bool
lang_load(const char *directory, struct error *e)
{
    for (int l = LANG_EN + 1; l < LANGS; l++)
        if (!loaded[l] && !(loaded[l] = load_one(directory, (enum lang)l, e)))
            return false;
    return true;
}

void
lang_use(enum lang lang)
{
    now = lang;
}

enum lang
lang_now(void)
{
    return now;
}

int
lang_by_code(const char *code)
{
    for (int l = 0; l < LANGS; l++)
        if (strcmp(lang_code[l], code) == 0)
            return l;
    return -1;
}

const char *
tr_in(enum lang lang, const char *english)
{
    for (const struct entry *x = catalogue[lang][bucket_of(english)]; x; x = x->next)
        if (strcmp(x->english, english) == 0)
            return x->other;
    return english;
}

const char *
tr(const char *english)
{
    return now == LANG_EN ? english : tr_in(now, english);
}
