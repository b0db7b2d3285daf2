#include "base/lang.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

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
    struct entry *x = memory_new(1, sizeof *x);
    unsigned b = bucket_of(english);
    struct buffer clean = {0};

    if (!x)
        return;
    text_clean(&clean, other, strlen(other), TEXT_NEWLINES);
    *x = (struct entry){memory_text(english), memory_text(buffer_text(&clean)), catalogue[lang][b]};
    catalogue[lang][b] = x;
    buffer_free(&clean);
}

/* The next conversion of a printf format: *length bytes, 0 at the end. */
static const char *
next_conversion(const char *s, size_t *length)
{
    for (; *(s += strcspn(s, "%")); s++) {
        *length = 1 + strspn(s + 1, "-+ #0123456789.*hlzjt");
        if (isalpha((unsigned char)s[*length]) && ++*length)
            return s;
        s += s[1] == '%';
    }
    *length = 0;
    return s;
}

/* Some texts are formats: a catalogue must not ask for arguments that nobody gives. */
static bool
same_conversions(const char *a, const char *b)
{
    size_t na, nb;

    do {
        a = next_conversion(a, &na);
        b = next_conversion(b, &nb);
        if (na != nb || memcmp(a, b, na) != 0)
            return false;
        a += na;
        b += nb;
    } while (na);
    return true;
}

static bool
load_one(const char *directory, enum lang lang, struct error *e)
{
    char path[1024];
    struct json_doc *doc;
    struct json texts = {0};
    const char *other;
    bool ok;

    snprintf(path, sizeof path, "%s/%s.json", directory, lang_code[lang]);
    doc = json_load_file(path, e);
    if (!doc)
        return false;
    ok = json_schema(doc, "pagewalk.lang/1", e) &&
         json_get_object(json_root(doc), "texts", &texts, e);
    for (struct json v = ok ? json_first(texts) : texts; v.node && ok; v = json_next(v))
        ok = json_as_string(v, &other, e) &&
             (same_conversions(json_name(v), other) ||
              json_fail(v, e, "has other %% conversions than the English"));
    /* All or nothing: half a catalogue would be two languages on one screen. */
    for (struct json v = ok ? json_first(texts) : (struct json){0}; v.node; v = json_next(v))
        if (json_as_string(v, &other, e))
            add(lang, json_name(v), other);
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
