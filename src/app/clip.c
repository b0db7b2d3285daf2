/* clip.c - see clip.h. OSC 52: ESC ] 52 ; c ; BASE64 BEL (xterm, ctlseqs, "Manipulate Selection Data"). tmux hands on what stands between
 * ESC P tmux ; and ESC \ with every ESC doubled (tmux(1), allow-passthrough).
 */
#include "app/clip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/terminal.h"
#include "base/file.h"

/* RFC 4648, section 4. */
static void
put_base64(const char *text, size_t length, struct buffer *out)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < length; i += 3) {
        uint32_t bits = 0;
        size_t left = length - i;

        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < left ? (unsigned char)text[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            buffer_putc(out, k <= left ? digit[bits >> (18 - 6 * k) & 63] : '=');
    }
}

void
clip_sequence(const char *text, size_t length, bool tmux, struct buffer *out)
{
    buffer_puts(out, "\033]52;c;");
    put_base64(text, length, out);
    buffer_putc(out, '\a');
    if (!tmux)
        return;
    buffer_puts(out, "\033Ptmux;\033\033]52;c;");
    put_base64(text, length, out);
    buffer_puts(out, "\a\033\\");
}

/* The Linux console and old terminals show what they do not know. */
static bool
understands(void)
{
    const char *term = terminal_name();

    return *term && strncmp(term, "linux", 5) != 0 && strncmp(term, "vt", 2) != 0 &&
           strcmp(term, "dumb") != 0;
}

static bool
send(const char *text, size_t length)
{
    const char *tmux = getenv("TMUX");
    struct buffer out = {0};
    bool sent;

    if (length > CLIP_BYTES || !understands())
        return false;
    clip_sequence(text, length, tmux && *tmux, &out);
    fflush(stdout);
    sent = file_write_all(STDOUT_FILENO, out.data, out.length);
    buffer_free(&out);
    return sent;
}

static bool
save(const char *text, size_t length, char *path, size_t size, struct error *e)
{
    char dir[400];

    return file_directory(FILE_STATE, true, dir, sizeof dir, e) &&
           file_join(path, size, dir, "copied.txt") && file_save(path, text, length, e);
}

bool
clip_copy(const char *text, size_t length, struct clip_done *done, struct error *e)
{
    *done = (struct clip_done){0};
    done->sent = send(text, length);
    done->saved = save(text, length, done->path, sizeof done->path, e);
    return done->sent || done->saved;
}
