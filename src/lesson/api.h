/* api.h - what a lesson can call and what tables it writes and gets, once: from machine/operations.def, api.def, builtins.def, members.def.
 *
 * Promises   The reference, the editor's annotations, luacheck's list, the manual page and the list of members a lesson's table may have are
 *            made from these rows; a test holds the rows to what is registered in the sandbox.
 * Owns       One model, built when first asked for and never freed.
 */
#pragma once

#include <stdbool.h>

#include "base/buffer.h"

enum api_section {
    API_OPERATIONS,
    API_TELLING,
    API_ACTING,
    API_LOOKING,
    API_HELPERS,
    API_LANGUAGE,
    API_SECTIONS
};
extern const char *const api_section_title[API_SECTIONS];

enum { API_PARAMS = 8 };

struct api_param {
    char name[16]; /* "va", "..." */
    char type[112];
    bool optional;
};

struct api_function {
    char name[24]; /* "m.read", "bits", "string.split" */
    enum api_section section;
    bool is_value; /* math.pi: `returns` is its type */
    const char *returns, *doc;
    unsigned params;
    struct api_param param[API_PARAMS];
};

struct api_member {
    char name[16], type[112];
    bool optional;
    const char *doc;
};

struct api_class {
    char name[24];
    bool given;   /* the lesson writes it */
    bool options; /* the last argument of an operation */
    const char *doc;
    const struct api_member *member;
    unsigned members;
};

struct api {
    const struct api_function *function; /* operations first, then in the order of the tables */
    unsigned functions;
    const struct api_class *class;
    unsigned classes;
};

const struct api *api_model(void);

/* Names of the members that a table the lesson writes may have; ends with NULL. */
const char *const *api_members(const char *class);

/* "m.write(va [, value] [, options])" */
void api_signature(const struct api_function *f, struct buffer *out);

/* Sets of names that only higher floors or files know; each ends with NULL. */
struct api_names {
    const char *const *panes, *const *machines;
};

void api_text(struct buffer *out);
void api_markdown(struct buffer *out);
void api_json(struct buffer *out);
/* The reference part of pagewalk-lesson(5). */
void api_mdoc(struct buffer *out);
/* pagewalk.d.lua: for editors that know LuaLS annotations. */
void api_annotations(const struct api_names *names, struct buffer *out);
/* .luacheckrc */
void api_luacheckrc(struct buffer *out);
