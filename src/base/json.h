/* json.h - JSON that can be trusted: one strict door in, one small emitter out.
 *
 * Promises   A document that parses is valid UTF-8, at most 16 MiB, 64 deep, a million values,
 *            without NUL, duplicate members, raw control bytes, loose numbers or anything after
 *            its end. Otherwise: EXIT_DATA with file:line; EXIT_OPEN if it cannot be opened.
 *            Numbers are integers within +-(2^53-1) that are written as integers; 64-bit values
 *            are strings, "0x" and lower-case hex. An error of a getter names file, line and
 *            path ("tlb.sets: 0 is not within 1..64").
 * Owns       The document owns its values and strings; they live until json_free.
 * Simplifies Member look-up is linear (cJSON keeps lists): meant for documents, not for event
 *            streams.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

#define JSON_BYTES_MAX ((size_t)16 << 20)
#define JSON_DEPTH_MAX 64
#define JSON_VALUES_MAX 1000000
#define JSON_INTEGER_MAX ((INT64_C(1) << 53) - 1)

struct cJSON;
struct json_doc;

/* One value of a document, passed by value. node is NULL when there is none. */
struct json {
    const struct json_doc *doc;
    const struct cJSON *node;
};

enum json_kind {
    JSON_NONE,
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

/* NULL on failure. `name` stands for the file in messages and is copied. */
struct json_doc *json_parse(const char *text, size_t length, const char *name, struct error *err);
struct json_doc *json_load_file(const char *path, struct error *err);
void json_free(struct json_doc *doc);

struct json json_root(const struct json_doc *doc);
enum json_kind json_kind(struct json value);
int json_line(struct json value);

/* Say that a value is wrong: file, line and path come from the value. Returns false. */
bool json_fail(struct json value, struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The root is an object whose "schema" is this one, e.g. "pagewalk.machine/1"; a newer version
 * is told apart from a wrong name. */
bool json_schema(const struct json_doc *doc, const char *schema, struct error *err);
/* Does it say that it is a later version of this schema? */
bool json_schema_is_newer(const struct json_doc *doc, const char *schema);

/* Every member of the object is one of `names` (NULL at the end); else the nearest valid name is
 * proposed. */
bool json_only_members(struct json object, const char *const *names, struct error *err);

/* Member or nothing (node NULL); names are case-sensitive. */
struct json json_find(struct json object, const char *name);

/* Members or elements in order: for (v = json_first(a); v.node; v = json_next(v)). */
struct json json_first(struct json container);
struct json json_next(struct json value);
unsigned json_count(struct json container);
const char *json_name(struct json member); /* "" for an element */

/* A value as a type. */
bool json_as_int(struct json v, int64_t min, int64_t max, int64_t *out, struct error *err);
bool json_as_hex(struct json v, uint64_t *out, struct error *err);
bool json_as_bool(struct json v, bool *out, struct error *err);
bool json_as_string(struct json v, const char **out, struct error *err);

/* A member that must be there. */
bool json_get_int(struct json o, const char *name, int64_t min, int64_t max, int64_t *out,
                  struct error *err);
bool json_get_hex(struct json o, const char *name, uint64_t *out, struct error *err);
bool json_get_bool(struct json o, const char *name, bool *out, struct error *err);
bool json_get_string(struct json o, const char *name, const char **out, struct error *err);
bool json_get_array(struct json o, const char *name, struct json *out, struct error *err);
bool json_get_object(struct json o, const char *name, struct json *out, struct error *err);

/* A member that may be missing: then *out keeps the default put there before. */
bool json_opt_int(struct json o, const char *name, int64_t min, int64_t max, int64_t *out,
                  struct error *err);
bool json_opt_hex(struct json o, const char *name, uint64_t *out, struct error *err);
bool json_opt_bool(struct json o, const char *name, bool *out, struct error *err);
bool json_opt_string(struct json o, const char *name, const char **out, struct error *err);

/* The emitter. A comma is written when one is due, which is seen from the last byte: so one
 * buffer holds lines of JSON.
 *     json_open(b, '{'); json_key(b, "n"); json_put_int(b, 3); json_close(b, '}');   gives {"n":3}
 * Strings pass text_clean (newlines stay, as \n), so what comes out is always valid UTF-8
 * without control bytes. */
void json_open(struct buffer *b, char bracket);
void json_close(struct buffer *b, char bracket);
void json_key(struct buffer *b, const char *name);
void json_put_int(struct buffer *b, int64_t value);
void json_put_uint(struct buffer *b, uint64_t value); /* a count: below 2^53 */
void json_put_hex(struct buffer *b, uint64_t value);
void json_put_bool(struct buffer *b, bool value);
void json_put_null(struct buffer *b);
void json_put_string(struct buffer *b, const char *text);
void json_put_string_n(struct buffer *b, const char *text, size_t length);
