/* Why the text is a file of its own (assets/starter.lua) and not a string here: it is a lesson, read and edited as one. */
#include "lesson/starter.h"

#include <string.h>

#include "base/data.h"
#include "base/file.h"
#include "base/text.h"

bool
starter_text(const char *id, struct buffer *out, struct error *e)
{
    static const char mark[] = "LESSON-ID";
    struct buffer text = {0};
    char path[4096];
    const char *gap;
    size_t n = strlen(id);

    if (!text_is_id(id, n, 64))
        return error_set(e, EXIT_DATA, "\"%.64s\" is no lesson id: 1 to 64 of a-z, 0-9 and - are expected", id);
    if (!data_path(path, sizeof path, "starter.lua") || !file_read(path, 65536, &text, e)) {
        buffer_free(&text);
        return error_set(e, EXIT_OPEN, "the template of a lesson is missing");
    }
    gap = strstr(buffer_text(&text), mark);
    if (gap) {
        buffer_append(out, text.data, (size_t)(gap - text.data));
        buffer_puts(out, id);
        buffer_puts(out, gap + sizeof mark - 1);
    }
    buffer_free(&text);
    return gap ? true : error_at(e, EXIT_DATA, path, 0, "no %s in it", mark);
}
