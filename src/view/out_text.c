#include "view/out_text.h"

void
out_text(const struct canvas *c, struct buffer *out)
{
    for (int y = 0; y < c->h; y++) {
        canvas_row_text(c, y, out);
        buffer_putc(out, '\n');
    }
}
