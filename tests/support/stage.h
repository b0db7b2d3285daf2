/* stage.h - a machine with a past, and the scene of any moment of it. */
#pragma once

#include "base/buffer.h"
#include "base/json.h"
#include "view/pane.h"

struct stage {
    struct history *h;
    struct scene scene;
    struct buffer text;
};

/* Opens the preset and runs the operations (NULL at the end); fails the test when one is refused. */
void stage_open(struct stage *st, const char *preset, const char *const *operations);
void stage_do(struct stage *st, const char *operation);
void stage_close(struct stage *st);

/* Look at event number `number` with the gate there or at the end. */
void stage_look(struct stage *st, uint64_t number, bool gated);
/* Look at the nth event with this name, counted from 1 over all operations. */
void stage_look_at(struct stage *st, const char *event, unsigned nth, bool gated);
uint64_t stage_events(const struct stage *st);

/* A pane as JSON, parsed; as text at a size. The text lives until the next call. */
struct json_doc *stage_json(struct stage *st, enum pane_id pane);
const char *stage_text(struct stage *st, enum pane_id pane, int w, int h);
const char *stage_screen(struct stage *st, int w, int h);
