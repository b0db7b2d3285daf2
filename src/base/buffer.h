/* buffer.h - bytes that grow: reports, pictures, lines of JSON.
 *
 * Promises   `data` is never NULL after the first call and always ends with a NUL that `length`
 *            does not count. {0} is an empty buffer. Out of memory is our own bug (an
 *            assertion): nothing here is used on the machine's access path.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct buffer {
    char *data;
    size_t length;
    size_t capacity;
};

void buffer_append(struct buffer *b, const void *bytes, size_t length);
void buffer_puts(struct buffer *b, const char *text);
void buffer_putc(struct buffer *b, char c);
void buffer_repeat(struct buffer *b, char c, size_t count);
void buffer_printf(struct buffer *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buffer_vprintf(struct buffer *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* Room for `extra` more bytes; returns where they go. The caller adds to `length` what it wrote. */
char *buffer_reserve(struct buffer *b, size_t extra);

/* The bytes as a C string, "" for a buffer nobody wrote to. */
const char *buffer_text(const struct buffer *b);

/* Cut back to `length` (0 empties it); the memory stays. */
void buffer_truncate(struct buffer *b, size_t length);
void buffer_free(struct buffer *b);
