/* vectors.c - lines out of a gzip file, and cJSON trees into structs. */
#include "support/vectors.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

static bool
vectors_break(struct vectors *v, const char *what)
{
    snprintf(v->broken, sizeof v->broken, "row %u: %s", v->rows + 1, what);
    return false;
}

bool
vectors_open(struct vectors *v, const char *path)
{
    memset(v, 0, sizeof *v);
    v->gz = gzopen(path, "rb");
    if (!v->gz) {
        snprintf(v->broken, sizeof v->broken, "cannot open %s", path);
        return false;
    }
    v->capacity = 4096;
    v->line = malloc(v->capacity);
    return v->line != NULL;
}

void
vectors_close(struct vectors *v)
{
    if (v->gz) {
        gzclose(v->gz);
    }
    cJSON_Delete(v->row);
    free(v->line);
    v->gz = NULL;
    v->row = NULL;
    v->line = NULL;
}

/* One whole line, however long. gzgets stops early on a damaged file, so the end is checked with
 * gzerror. */
static bool
line_read(struct vectors *v)
{
    unsigned used = 0;
    while (gzgets(v->gz, v->line + used, (int)(v->capacity - used))) {
        used += (unsigned)strlen(v->line + used);
        if (used && v->line[used - 1] == '\n') {
            return true;
        }
        if (used + 1 < v->capacity) {
            continue;
        }
        char *longer = realloc(v->line, v->capacity * 2);
        if (!longer) {
            return vectors_break(v, "no memory");
        }
        v->line = longer;
        v->capacity *= 2;
    }
    int code = Z_OK;
    gzerror(v->gz, &code);
    if (code != Z_OK && code != Z_STREAM_END) {
        return vectors_break(v, "damaged gzip data");
    }
    return used > 0;
}

bool
vectors_next_row(struct vectors *v)
{
    cJSON_Delete(v->row);
    v->row = NULL;
    if (!v->gz || v->broken[0] || !line_read(v)) {
        return false;
    }
    v->row = cJSON_Parse(v->line);
    if (!v->row) {
        return vectors_break(v, "not JSON");
    }
    v->rows++;
    return true;
}

uint64_t
vector_number(const cJSON *item)
{
    if (cJSON_IsString(item)) {
        return strtoull(item->valuestring, NULL, 0);
    }
    return cJSON_IsNumber(item) ? (uint64_t)item->valuedouble : 0;
}

static uint64_t
field(const cJSON *object, const char *name)
{
    return vector_number(cJSON_GetObjectItemCaseSensitive(object, name));
}

static bool
mode_parse(const char *name, enum predict_mode *mode)
{
    for (unsigned i = 0; name && i < PREDICT_MODES; i++) {
        if (!strcmp(name, case_mode_name((enum predict_mode)i))) {
            *mode = (enum predict_mode)i;
            return true;
        }
    }
    return false;
}

static bool
words_parse(const cJSON *list, struct case_x86 *out)
{
    const cJSON *pair;
    out->nmem = 0;
    cJSON_ArrayForEach(pair, list)
    {
        if (out->nmem == CASE_WORDS_MAX || cJSON_GetArraySize(pair) != 2) {
            return false;
        }
        out->mem[out->nmem++] =
            (struct case_word){vector_number(pair->child), vector_number(pair->child->next)};
    }
    return cJSON_IsArray(list);
}

bool
vector_case_parse(const cJSON *row, struct case_x86 *out)
{
    const char *const required[] = {"mode", "maxpa", "cr0", "cr3", "cr4", "efer", "mem"};
    for (unsigned i = 0; i < sizeof required / sizeof required[0]; i++) {
        if (!cJSON_HasObjectItem(row, required[i])) {
            return false;
        }
    }
    memset(out, 0, sizeof *out);
    out->cpu.maxpa = (unsigned)field(row, "maxpa");
    out->cpu.cr0 = field(row, "cr0");
    out->cpu.cr3 = field(row, "cr3");
    out->cpu.cr4 = field(row, "cr4");
    out->cpu.efer = field(row, "efer");
    const cJSON *acc = cJSON_GetObjectItemCaseSensitive(row, "acc");
    if (acc) {
        const char *op = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(acc, "op"));
        out->acc = (struct predict_access){field(acc, "va"), op ? op[0] : '?',
                                           field(acc, "user") != 0, field(acc, "ac") != 0};
    }
    return mode_parse(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "mode")),
                      &out->cpu.mode) &&
           words_parse(cJSON_GetObjectItemCaseSensitive(row, "mem"), out);
}

static bool
changes_parse(const cJSON *list, struct predict_change *out, unsigned *n)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (*n == PREDICT_WORDS_MAX || cJSON_GetArraySize(item) != 3) {
            return false;
        }
        const cJSON *pa = item->child;
        out[(*n)++] = (struct predict_change){vector_number(pa), vector_number(pa->next),
                                              vector_number(pa->next->next)};
    }
    return true;
}

static bool
expectation_parse(const cJSON *row, struct vector_x86 *out)
{
    const cJSON *exp = cJSON_GetObjectItemCaseSensitive(row, "exp");
    struct predict_result *r = &out->expect;
    memset(r, 0, sizeof *r);
    r->ok = field(exp, "ok") != 0;
    r->pa = field(exp, "pa");
    r->vec = (unsigned)field(exp, "vec");
    r->err = (unsigned)field(exp, "err");
    r->cr2 = field(exp, "cr2");
    out->at_mov_cr3 = cJSON_HasObjectItem(exp, "at");
    return exp && (r->ok || r->vec) &&
           changes_parse(cJSON_GetObjectItemCaseSensitive(row, "ad"), r->change, &r->nchanges) &&
           changes_parse(cJSON_GetObjectItemCaseSensitive(row, "ad_opt"), r->optional,
                         &r->noptional);
}

static void
text_parse(const cJSON *row, const char *name, char *out, unsigned size)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, name));
    snprintf(out, size, "%s", text ? text : "");
}

bool
vectors_next_x86(struct vectors *v, struct vector_x86 *out)
{
    if (!vectors_next_row(v)) {
        return false;
    }
    text_parse(v->row, "id", out->id, sizeof out->id);
    text_parse(v->row, "cause", out->cause, sizeof out->cause);
    if (!vector_case_parse(v->row, &out->given) || !cJSON_HasObjectItem(v->row, "acc") ||
        !expectation_parse(v->row, out)) {
        return vectors_break(v, "a field is missing, unknown or too long");
    }
    return true;
}
