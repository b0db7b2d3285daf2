#include "lesson/statefile.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { FOLDER = 400 };

bool
statefile_say(struct statefile *f, const struct error *why, struct error *e)
{
    char text[400];

    if (f->said)
        return true;
    f->said = true;
    error_format(why, text, sizeof text);
    return error_set(e, EXIT_WRITE, "not saved: %s: %s", f->name, text);
}

void
statefile_open(struct statefile *f, const char *name, const char *schema, struct error *note)
{
    struct error why = {0};
    char dir[FOLDER], file[64];

    *f = (struct statefile){.name = name, .schema = schema, .held = -1};
    f->blocked = !file_directory(FILE_STATE, false, dir, sizeof dir, &why);
    if (f->blocked) {
        statefile_say(f, &why, note);
        return;
    }
    snprintf(file, sizeof file, "%s.json", name);
    file_join(f->path, sizeof f->path, dir, file);
    snprintf(file, sizeof file, "%s.lock", name);
    file_join(f->lock, sizeof f->lock, dir, file);
    file_sweep(dir);
}

/* --- reading --- */

static void
leave_alone(struct statefile *f, struct error *note)
{
    f->blocked = f->said = true;
    error_at(note, EXIT_DATA, f->path, 0,
             "written by a newer pagewalk (this one knows %s): nothing is saved there", f->schema);
}

static void
put_aside(struct statefile *f, const struct error *why, struct error *note)
{
    char moved[540];

    if (file_put_aside(f->path, moved, sizeof moved)) {
        error_set(note, EXIT_DATA,
                  "%s: the file was damaged; it is kept as %.300s, a new one begins", f->name,
                  moved);
        return;
    }
    f->blocked = f->said = true;
    error_set(note, EXIT_DATA, "not saved: %s: cannot be read: %.300s", f->name, why->text);
}

bool
statefile_read(struct statefile *f,
               bool (*read)(const struct json_doc *doc, void *ctx, struct error *e), void *ctx,
               struct error *note)
{
    struct error why = {0};
    struct json_doc *doc;
    struct stat st;
    bool fine;

    if (f->blocked || lstat(f->path, &st) != 0)
        return false;
    doc = json_load_file(f->path, &why);
    fine = doc && !json_schema_is_newer(doc, f->schema) && json_schema(doc, f->schema, &why) &&
           read(doc, ctx, &why);
    if (!fine && doc && json_schema_is_newer(doc, f->schema))
        leave_alone(f, note);
    else if (!fine)
        put_aside(f, &why, note);
    if (doc)
        json_free(doc);
    return fine;
}

/* --- changing --- */

bool
statefile_begin(struct statefile *f, struct error *why)
{
    char dir[FOLDER];

    if (!f->blocked)
        f->blocked = !file_directory(FILE_STATE, true, dir, sizeof dir, why);
    if (!f->blocked)
        f->held = file_lock(f->lock);
    return !f->blocked;
}

bool
statefile_save(const struct statefile *f, const struct buffer *text, struct error *why)
{
    return !f->blocked && file_save(f->path, text->data, text->length, why);
}

void
statefile_end(struct statefile *f)
{
    if (f->held >= 0)
        close(f->held);
    f->held = -1;
}
