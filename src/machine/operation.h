/* operation.h - what can be done to a machine, as records and as text.
 *
 * Promises   operations.def describes every operation once; parsing, printing, completion, Lua
 *            functions and the fuzzer are made from it. operation_parse and operation_format are
 *            inverse: parse(format(op)) equals op. A record is self-contained: poked bytes and
 *            names travel in its blob.
 */
#pragma once

#include "base/buffer.h"
#include "base/error.h"
#include "hw/format.h"
#include "base/types.h"

enum operation_code {
    OP_NONE,
#define OPERATION(code, name, args, does, help) OP_##code,
#include "machine/operations.def"
#undef OPERATION
    OPERATION_CODES
};

enum { OPERATION_ARGS = 6, OPERATION_BLOB = 4096 };

enum arg_kind {
    ARG_VA,
    ARG_PA,
    ARG_LENGTH,
    ARG_VALUE,
    ARG_PROT,
    ARG_PID,
    ARG_NUMBER,
    ARG_FIELD,
    ARG_BYTES,
    ARG_NAME,
    ARG_PAGES,
    ARG_SIZE, /* bytes, written as 100K */
    ARG_WORD
};

/* One argument as the table describes it. */
struct arg_row {
    char name[12]; /* "VA", "size", or "" for a bare choice like shared|private */
    enum arg_kind kind;
    bool optional, keyword;
    bool dash; /* VA|-: a dash is allowed and means "not given" */
    char words[4]
              [10]; /* ARG_WORD: the choices; the value is their index, or the number they spell */
    int word_count;
};

struct operation_row {
    const char *name, *args, *help;
    int arg_count;
    struct arg_row arg[OPERATION_ARGS];
};

/* A record: what was asked, completely. */
struct operation {
    uint8_t code; /* enum operation_code */
    uint8_t cpu;
    uint8_t given; /* bit i: argument i was given */
    uint8_t unused;
    uint32_t
        blob_size; /* bytes used in blob: ARG_BYTES, ARG_NAME or ARG_PAGES (at most one such) */
    uint64_t arg[OPERATION_ARGS];
    const uint8_t *blob; /* owned by whoever holds the record */
};

const struct operation_row *operation_row(enum operation_code code);
enum operation_code operation_by_name(const char *name);

/* Text to record. `blob` is where the record's blob goes. Empty lines and comments give code
 * OP_NONE and true. A wrong line is EXIT_DATA with what was found, what was expected and the
 * nearest name. */
bool operation_parse(const char *line, struct operation *op, uint8_t blob[OPERATION_BLOB],
                     struct error *e);

/* Record to canonical text, no newline. */
void operation_format(const struct operation *op, struct buffer *out);

/* Candidates that complete the last word of `line`: names, keywords, choices, fields. Calls `each`
 * for every one in order. */
void operation_complete(const char *line, void (*each)(void *ctx, const char *word), void *ctx);

/* Fields that `set` takes: control registers, their bits, tunables, quirks. */
enum field_class { SET_TUNABLE, SET_QUIRK, SET_REGISTER, SET_BIT };
struct set_field {
    const char *name;
    enum field_class class;
    uint16_t index; /* tunable, quirk, or register 0 cr0, 2 cr2, 3 cr3, 4 cr4, 5 efer */
    uint8_t bit;    /* SET_BIT */
    const char *help;
};
unsigned set_field_count(void);
const struct set_field *
set_field_at(unsigned index); /* NULL past the end; events and records carry this index */
int set_field_by_name(const char *name); /* -1 */
/* Does a CPU of this family have the register that the field is (part of), and beyond x86 may these of
 * its bits change? */
bool set_field_is_of(const struct set_field *f, enum format_family family, uint64_t old,
                     uint64_t value, struct error *e);

/* Some fields take a word: `set policy lru`. NULL when the value, or the field, has none. */
const char *set_field_word(const struct set_field *f, uint64_t value);
/* The value that a field calls by this word. Where the field has words and this is neither one nor a
 * number: false, and `e` names the nearest. */
bool set_field_value(const struct set_field *f, const char *word, uint64_t *value, struct error *e);

/* The next reference in the blob of a `string` operation: moves *at on. False at the end, or where
 * the text is none. */
bool operation_page(const struct operation *op, uint32_t *at, uint32_t *page, bool *write);
