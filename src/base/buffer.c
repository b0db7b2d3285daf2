/* Growable bytes; capacity doubles, so appending n bytes one by one costs O(n). */
#include "base/buffer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"

char *
buffer_reserve(struct buffer *b, size_t extra)
{
    size_t need = b->length + extra + 1, capacity = b->capacity ? b->capacity : 256;

    pw_assert(extra < SIZE_MAX / 4 && b->length < SIZE_MAX / 4);
    if (need > b->capacity) {
        while (capacity < need)
            capacity *= 2;
        b->data = memory_resize(b->data, capacity, 1);
        b->capacity = capacity;
        b->data[b->length] = '\0';
    }
    return b->data + b->length;
}

void
buffer_append(struct buffer *b, const void *bytes, size_t length)
{
    char *to = buffer_reserve(b, length);

    if (length)
        memcpy(to, bytes, length);
    b->length += length;
    b->data[b->length] = '\0';
}

void
buffer_puts(struct buffer *b, const char *text)
{
    buffer_append(b, text, strlen(text));
}

void
buffer_putc(struct buffer *b, char c)
{
    buffer_append(b, &c, 1);
}

void
buffer_repeat(struct buffer *b, char c, size_t count)
{
    memset(buffer_reserve(b, count), c, count);
    b->length += count;
    b->data[b->length] = '\0';
}

void
buffer_vprintf(struct buffer *b, const char *fmt, va_list ap)
{
    va_list again;
    int n;

    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    pw_assert(n >= 0);
    vsnprintf(buffer_reserve(b, (size_t)n), (size_t)n + 1, fmt, ap);
    b->length += (size_t)n;
}

void
buffer_printf(struct buffer *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    buffer_vprintf(b, fmt, ap);
    va_end(ap);
}

const char *
buffer_text(const struct buffer *b)
{
    return b->data ? b->data : "";
}

void
buffer_truncate(struct buffer *b, size_t length)
{
    pw_assert(length <= b->length);
    b->length = length;
    if (b->data)
        b->data[length] = '\0';
}

void
buffer_free(struct buffer *b)
{
    free(b->data);
    *b = (struct buffer){0};
}
