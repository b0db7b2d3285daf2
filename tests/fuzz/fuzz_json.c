/* Bytes as JSON. What is accepted is UTF-8 without NUL, within the limits, and written out again it
 * is accepted, and the same: writing that once more changes nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "support/fuzz.h"

struct seen {
    unsigned values, deepest;
    bool plain; /* every member's name passes the gate unchanged, so none become equal by it */
};

static void
check_text(const char *text, struct seen *seen, bool is_name)
{
    struct buffer clean = {0};

    pw_assert(text_valid(text, strlen(text), NULL));
    text_clean(&clean, text, strlen(text), TEXT_NEWLINES);
    if (is_name && strcmp(buffer_text(&clean), text) != 0)
        seen->plain = false;
    buffer_free(&clean);
}

static void
put_scalar(struct buffer *b, struct json v, struct seen *seen)
{
    struct error e = {0};
    int64_t number = 0;
    bool truth = false;
    const char *text = NULL;

    switch (json_kind(v)) {
    case JSON_NUMBER:
        if (json_as_int(v, -JSON_INTEGER_MAX, JSON_INTEGER_MAX, &number, &e)) {
            json_put_int(b, number);
        } else { /* a fraction, or too large: JSON, but nothing that anybody here asks for */
            pw_assert(e.code == EXIT_DATA && e.line == json_line(v));
            json_put_null(b);
        }
        break;
    case JSON_BOOL:
        pw_assert(json_as_bool(v, &truth, &e));
        json_put_bool(b, truth);
        break;
    case JSON_STRING:
        pw_assert(json_as_string(v, &text, &e));
        check_text(text, seen, false);
        json_put_string(b, text);
        break;
    default:
        pw_assert(json_kind(v) == JSON_NULL);
        json_put_null(b);
    }
}

static void
put(struct buffer *b, struct json v, struct seen *seen, unsigned depth)
{
    bool object = json_kind(v) == JSON_OBJECT;
    unsigned count = 0;

    seen->values++;
    seen->deepest = depth > seen->deepest ? depth : seen->deepest;
    pw_assert(json_line(v) >= 1);
    if (!object && json_kind(v) != JSON_ARRAY) {
        put_scalar(b, v, seen);
        return;
    }
    json_open(b, object ? '{' : '[');
    for (struct json c = json_first(v); c.node; c = json_next(c), count++) {
        if (object) {
            check_text(json_name(c), seen, true);
            pw_assert(json_find(v, json_name(c)).node == c.node); /* no name stands twice */
            json_key(b, json_name(c));
        }
        put(b, c, seen, depth + 1);
    }
    json_close(b, object ? '}' : ']');
    pw_assert(count == json_count(v));
}

static void
write_again(const struct buffer *once)
{
    struct seen seen = {.plain = true};
    struct buffer twice = {0};
    struct error e = {0};
    struct json_doc *doc = json_parse(buffer_text(once), once->length, "written", &e);

    pw_assert(doc);
    put(&twice, json_root(doc), &seen, 0);
    pw_assert(twice.length == once->length && memcmp(twice.data, once->data, once->length) == 0);
    buffer_free(&twice);
    json_free(doc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct error e = {0};
    struct json_doc *doc = json_parse(text, size, "input", &e);

    if (doc) {
        struct seen seen = {.plain = true};
        struct buffer out = {0};

        pw_assert(size <= JSON_BYTES_MAX && text_valid(text, size, NULL) && !memchr(text, 0, size));
        put(&out, json_root(doc), &seen, 0);
        pw_assert(seen.deepest <= JSON_DEPTH_MAX && seen.values <= JSON_VALUES_MAX);
        if (seen.plain)
            write_again(&out);
        buffer_free(&out);
        json_free(doc);
    } else {
        pw_assert(e.code == EXIT_DATA && e.text[0] && text_valid(e.text, strlen(e.text), NULL));
    }
    free(text);
    return 0;
}
