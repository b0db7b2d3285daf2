/* The strict door in front of cJSON, and typed access behind it.
 *
 * cJSON accepts much that is not JSON, loses integers beyond 2^53, finds members whatever their
 * case and knows no lines. So a
 * document is first scanned by json_scan.c, which enforces the grammar (RFC 8259) and the limits
 * and notes for each value its
 * line and whether it is an integer. After cJSON has built its tree, those notes move into the
 * nodes: both meet the values in the
 * same order. They live in fields that cJSON does not need after parsing: `valueint` holds the
 * line, a high bit of `type` says integer.
 */
#include "base/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/file.h"
#include "base/json_scan.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"

enum { INTEGER_BIT = 1 << 16, NAMES_ON_STACK = 64 };

struct json_doc {
    cJSON *root;
    char *name;
};

/* ---- Parsing ---- */

static int
by_name(const void *a, const void *b)
{
    return strcmp((*(cJSON *const *)a)->string, (*(cJSON *const *)b)->string);
}

/* Two members of one name, compared after unescaping; NULL if none. The later one is returned. */
static const cJSON *
duplicate_member(const cJSON *object)
{
    const cJSON *local[NAMES_ON_STACK], **members = local, *found = NULL, *m;
    size_t count = 0, i = 0;

    for (m = object->child; m; m = m->next)
        count++;
    if (count > NAMES_ON_STACK) {
        members = memory_new(count, sizeof *members);
    }
    for (m = object->child; m; m = m->next)
        members[i++] = m;
    qsort(members, count, sizeof *members, by_name);
    for (i = 1; i < count && !found; i++)
        if (strcmp(members[i - 1]->string, members[i]->string) == 0)
            found = members[i]->valueint > members[i - 1]->valueint ? members[i] : members[i - 1];
    if (members != local)
        free(members);
    return found;
}

/* Move the scanner's notes into the tree, values in document order; then look at each value
 * once. */
static bool
annotate(cJSON *node, const struct json_scan *scan, size_t *at, const char *name, struct error *err)
{
    const struct json_note *note = &scan->notes[(*at)++];
    cJSON *child;

    pw_assert(*at <= scan->count);
    node->valueint = (int)note->line;
    if (note->integer)
        node->type |= INTEGER_BIT;
    if (cJSON_IsNumber(node) && !isfinite(node->valuedouble))
        return error_at(err, EXIT_DATA, name, node->valueint, "a number too large to be read");
    for (child = node->child; child; child = child->next) {
        if (!annotate(child, scan, at, name, err))
            return false;
    }
    if (cJSON_IsObject(node) && node->child) {
        const cJSON *twice = duplicate_member(node);
        char shown[80];
        if (twice)
            return error_at(err, EXIT_DATA, name, twice->valueint, "the member \"%s\" stands twice",
                            text_clean_to(shown, sizeof shown, twice->string, 0));
    }
    return true;
}

static cJSON *
build_tree(const char *text, size_t length, const struct json_scan *scan, const char *name,
           struct error *err)
{
    cJSON *root = cJSON_ParseWithLengthOpts(text, length, NULL, false);
    size_t at = 0;

    if (!root) {
        error_at(err, EXIT_LIMIT, name, 0, "not enough memory for %zu values", scan->count);
        return NULL;
    }
    if (!annotate(root, scan, &at, name, err)) {
        cJSON_Delete(root);
        return NULL;
    }
    pw_assert(at == scan->count);
    return root;
}

struct json_doc *
json_parse(const char *text, size_t length, const char *name, struct error *err)
{
    struct json_scan scan = {0};
    struct json_doc *doc = NULL;
    cJSON *root = NULL;

    if (json_scan(&scan, text, length, name, err))
        root = build_tree(text, length, &scan, name, err);
    free(scan.notes);
    if (!root)
        return NULL;
    doc = memory_new(1, sizeof *doc);
    doc->root = root;
    doc->name = memory_text(name);
    return doc;
}

struct json_doc *
json_load_file(const char *path, struct error *err)
{
    struct buffer text = {0};
    struct json_doc *doc = NULL;

    if (file_read(path, JSON_BYTES_MAX, &text, err))
        doc = json_parse(buffer_text(&text), text.length, path, err);
    buffer_free(&text);
    return doc;
}

void
json_free(struct json_doc *doc)
{
    if (!doc)
        return;
    cJSON_Delete(doc->root);
    free(doc->name);
    free(doc);
}

/* ---- Walking ---- */

static struct json
value_of(const struct json_doc *doc, const cJSON *node)
{
    return (struct json){doc, node};
}

struct json
json_root(const struct json_doc *doc)
{
    return value_of(doc, doc->root);
}

enum json_kind
json_kind(struct json v)
{
    if (!v.node)
        return JSON_NONE;
    switch (v.node->type & 0xff) {
    case cJSON_True:
    case cJSON_False:
        return JSON_BOOL;
    case cJSON_Number:
        return JSON_NUMBER;
    case cJSON_String:
        return JSON_STRING;
    case cJSON_Array:
        return JSON_ARRAY;
    case cJSON_Object:
        return JSON_OBJECT;
    }
    return JSON_NULL;
}

int
json_line(struct json v)
{
    return v.node ? v.node->valueint : 0;
}

struct json
json_find(struct json object, const char *name)
{
    if (json_kind(object) != JSON_OBJECT)
        return value_of(object.doc, NULL);
    return value_of(object.doc, cJSON_GetObjectItemCaseSensitive(object.node, name));
}

struct json
json_first(struct json container)
{
    enum json_kind kind = json_kind(container);

    return value_of(container.doc,
                    kind == JSON_ARRAY || kind == JSON_OBJECT ? container.node->child : NULL);
}

struct json
json_next(struct json v)
{
    return value_of(v.doc, v.node ? v.node->next : NULL);
}

unsigned
json_count(struct json container)
{
    unsigned count = 0;

    for (struct json v = json_first(container); v.node; v = json_next(v))
        count++;
    return count;
}

const char *
json_name(struct json v)
{
    return v.node && v.node->string ? v.node->string : "";
}

/* ---- Errors ---- */

/* Find the path of a node by searching the tree: nodes know no parents, and only errors ask. */
static bool
find_path(const cJSON *from, const cJSON *wanted, struct buffer *path)
{
    const cJSON *child;
    size_t length = path->length;
    unsigned index = 0;

    if (from == wanted)
        return true;
    for (child = from->child; child; child = child->next) {
        if (cJSON_IsArray(from))
            buffer_printf(path, "[%u]", index++);
        else
            buffer_printf(path, "%s%s", length ? "." : "", child->string);
        if (find_path(child, wanted, path))
            return true;
        buffer_truncate(path, length);
    }
    return false;
}

bool
json_fail(struct json v, struct error *err, const char *fmt, ...)
{
    struct buffer text = {0};
    char shown[sizeof err->text];
    va_list ap;

    pw_assert(v.doc != NULL);
    if (v.node && find_path(v.doc->root, v.node, &text) && text.length)
        buffer_puts(&text, ": ");
    va_start(ap, fmt);
    buffer_vprintf(&text, fmt, ap);
    va_end(ap);
    text_clean_to(shown, sizeof shown, buffer_text(&text), 0);
    error_at(err, EXIT_DATA, v.doc->name, json_line(v), "%s", shown);
    buffer_free(&text);
    return false;
}

static const char *
kind_name(enum json_kind kind)
{
    static const char *const names[] = {"nothing",  "null",     "true or false", "a number",
                                        "a string", "an array", "an object"};

    return names[kind];
}

static bool
expect_kind(struct json v, enum json_kind wanted, struct error *err)
{
    if (json_kind(v) == wanted)
        return true;
    return json_fail(v, err, "%s expected, found %s", kind_name(wanted), kind_name(json_kind(v)));
}

static bool
require(struct json object, const char *name, struct json *out, struct error *err)
{
    if (!expect_kind(object, JSON_OBJECT, err))
        return false;
    *out = json_find(object, name);
    if (out->node)
        return true;
    return json_fail(object, err, "the member \"%s\" is missing", name);
}

bool
json_only_members(struct json object, const char *const *names, struct error *err)
{
    if (!expect_kind(object, JSON_OBJECT, err))
        return false;
    for (struct json m = json_first(object); m.node; m = json_next(m)) {
        const char *const *known = names;
        const char *near;
        while (*known && strcmp(*known, json_name(m)))
            known++;
        if (*known)
            continue;
        near = error_nearest(json_name(m), names);
        return near ? json_fail(m, err, "no such member (did you mean \"%s\"?)", near)
                    : json_fail(m, err, "no such member");
    }
    return true;
}

/* The digits after the last '/', or -1. */
static long
version_in(const char *schema, size_t *name_length)
{
    const char *slash = strrchr(schema, '/');
    uint64_t version = 0;
    struct error ignored = {0};

    if (!slash || !number_parse(slash + 1, &version, &ignored) || version > 1000000)
        return -1;
    *name_length = (size_t)(slash - schema);
    return (long)version;
}

static bool
is_newer(const char *found, const char *schema)
{
    size_t ours = 0, theirs = 0;
    long wanted = version_in(schema, &ours), version = version_in(found, &theirs);

    return version > wanted && ours == theirs && strncmp(found, schema, ours) == 0;
}

bool
json_schema_is_newer(const struct json_doc *doc, const char *schema)
{
    struct error ignored = {0};
    struct json member;
    const char *found;

    return require(json_root(doc), "schema", &member, &ignored) &&
           json_as_string(member, &found, &ignored) && is_newer(found, schema);
}

bool
json_schema(const struct json_doc *doc, const char *schema, struct error *err)
{
    const char *found;
    struct json member;

    if (!require(json_root(doc), "schema", &member, err) || !json_as_string(member, &found, err))
        return false;
    if (strcmp(found, schema) == 0)
        return true;
    if (is_newer(found, schema))
        return json_fail(member, err, "\"%s\" is newer than this pagewalk, which reads \"%s\"",
                         found, schema);
    return json_fail(member, err, "\"%s\" expected, found \"%s\"", schema, found);
}

/* ---- Typed values ---- */

bool
json_as_int(struct json v, int64_t min, int64_t max, int64_t *out, struct error *err)
{
    double d;

    if (!expect_kind(v, JSON_NUMBER, err))
        return false;
    d = v.node->valuedouble;
    if (!(v.node->type & INTEGER_BIT) || fabs(d) > (double)JSON_INTEGER_MAX)
        return json_fail(v, err, "an integer within +-(2^53-1) expected");
    if ((int64_t)d < min || (int64_t)d > max)
        return json_fail(v, err, "%lld is not within %lld..%lld", (long long)d, (long long)min,
                         (long long)max);
    *out = (int64_t)d;
    return true;
}

bool
json_as_hex(struct json v, uint64_t *out, struct error *err)
{
    if (json_kind(v) != JSON_STRING || !number_parse_hex(v.node->valuestring, out))
        return json_fail(v, err, "a string like \"0x1f\" expected (at most 16 lower-case digits)");
    return true;
}

bool
json_as_bool(struct json v, bool *out, struct error *err)
{
    if (!expect_kind(v, JSON_BOOL, err))
        return false;
    *out = cJSON_IsTrue(v.node);
    return true;
}

bool
json_as_string(struct json v, const char **out, struct error *err)
{
    if (!expect_kind(v, JSON_STRING, err))
        return false;
    *out = v.node->valuestring;
    return true;
}

bool
json_get_int(struct json o, const char *name, int64_t min, int64_t max, int64_t *out,
             struct error *err)
{
    struct json v;

    return require(o, name, &v, err) && json_as_int(v, min, max, out, err);
}

bool
json_get_hex(struct json o, const char *name, uint64_t *out, struct error *err)
{
    struct json v;

    return require(o, name, &v, err) && json_as_hex(v, out, err);
}

bool
json_get_bool(struct json o, const char *name, bool *out, struct error *err)
{
    struct json v;

    return require(o, name, &v, err) && json_as_bool(v, out, err);
}

bool
json_get_string(struct json o, const char *name, const char **out, struct error *err)
{
    struct json v;

    return require(o, name, &v, err) && json_as_string(v, out, err);
}

bool
json_get_array(struct json o, const char *name, struct json *out, struct error *err)
{
    return require(o, name, out, err) && expect_kind(*out, JSON_ARRAY, err);
}

bool
json_get_object(struct json o, const char *name, struct json *out, struct error *err)
{
    return require(o, name, out, err) && expect_kind(*out, JSON_OBJECT, err);
}

bool
json_opt_int(struct json o, const char *name, int64_t min, int64_t max, int64_t *out,
             struct error *err)
{
    struct json v = json_find(o, name);

    return !v.node || json_as_int(v, min, max, out, err);
}

bool
json_opt_hex(struct json o, const char *name, uint64_t *out, struct error *err)
{
    struct json v = json_find(o, name);

    return !v.node || json_as_hex(v, out, err);
}

bool
json_opt_bool(struct json o, const char *name, bool *out, struct error *err)
{
    struct json v = json_find(o, name);

    return !v.node || json_as_bool(v, out, err);
}

bool
json_opt_string(struct json o, const char *name, const char **out, struct error *err)
{
    struct json v = json_find(o, name);

    return !v.node || json_as_string(v, out, err);
}
