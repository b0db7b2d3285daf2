/* output.c - stdout and stderr, checked. EPIPE is kept quiet because the reader left on purpose (`|
 * head -1`). */
#include "app/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static int failure; /* errno of the first write that failed */

static void
note_failure(void)
{
    if (!failure)
        failure = errno ? errno : EIO;
}

void
output_write(const void *bytes, size_t length)
{
    if (failure)
        return;
    errno = 0;
    if (fwrite(bytes, 1, length, stdout) != length)
        note_failure();
}

void
output_puts(const char *text)
{
    output_write(text, strlen(text));
}

void
output_printf(const char *fmt, ...)
{
    struct buffer text = {0};
    va_list ap;

    va_start(ap, fmt);
    buffer_vprintf(&text, fmt, ap);
    va_end(ap);
    output_buffer(&text);
    buffer_free(&text);
}

void
output_clean(const char *text)
{
    struct buffer clean = {0};

    text_clean(&clean, text, strlen(text), 0);
    output_buffer(&clean);
    buffer_free(&clean);
}

void
output_buffer(struct buffer *b)
{
    output_write(buffer_text(b), b->length);
    buffer_truncate(b, 0);
}

void
output_flush(void)
{
    if (failure)
        return;
    errno = 0;
    if (fflush(stdout) != 0)
        note_failure();
}

bool
output_broken(void)
{
    return failure != 0;
}

int
output_end(int code)
{
    output_flush();
    if (!failure && ferror(stdout)) {
        errno = EIO;
        note_failure();
    }
    errno = 0;
    if (fclose(stdout) != 0) /* some file systems say only now that there was no room */
        note_failure();
    if (!failure)
        return code;
    if (failure != EPIPE)
        fprintf(stderr, "pagewalk: cannot write: %s\n", strerror(failure));
    return EXIT_WRITE;
}

int
output_complain(const struct error *e)
{
    char text[1024], clean[1024];

    error_format(e, text, sizeof text);
    fprintf(stderr, "%s\n", text_clean_to(clean, sizeof clean, text, 0));
    return e->code;
}

void
output_warn(const char *fmt, ...)
{
    char text[1024], clean[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fprintf(stderr, "pagewalk: %s\n", text_clean_to(clean, sizeof clean, text, 0));
}
