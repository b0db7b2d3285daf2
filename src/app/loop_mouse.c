/* loop_mouse.c - clicks, drags and the wheel. What is under the pointer was named when it was drawn (canvas.h, targets), so a click always means
 * what is seen there. Nothing here is needed: every click does what a key does.
 */
#include <string.h>

#include "app/loop_internal.h"
#include "base/clock.h"

enum { DOUBLE_MS = 400, WHEEL_ROWS = 3 };

static bool
same_target(const struct target *a, const struct target *b)
{
    return a->kind == b->kind && a->a == b->a && a->b == b->b;
}

/* The second of two quick clicks on the same thing? A third is a first again. */
static bool
is_second(struct app *a, const struct key *key, struct target target)
{
    struct click now = {target, key->x, key->y, clock_ms()};
    bool second = same_target(&target, &a->click.target) && key->x == a->click.x &&
                  key->y == a->click.y && now.at_ms - a->click.at_ms < DOUBLE_MS;

    a->click = second ? (struct click){{TARGET_NONE, 0, 0}, -1, -1, 0} : now;
    return second;
}

static enum pane_id
pane_under(const struct canvas *c, const struct key *key)
{
    const struct cell *cell = canvas_cell(c, key->x, key->y);

    return cell && cell->owner < PANES ? (enum pane_id)cell->owner : PANE_NONE;
}

/* --- what a click does ---------------------------------------------------------------------------- */

static void
focus(struct session *s, enum pane_id pane)
{
    if (pane == PANE_NONE || pane == PANE_TIMELINE)
        return;
    if ((int)pane != s->scene.set.focus)
        s->edit_digit = SESSION_EDIT_NONE;
    pane_focus(&s->scene.set, pane);
    s->pane_by_hand = true;
}

static void
pick_item(struct session *s, enum pane_id pane, struct target t, bool second)
{
    if (second && pane != PANE_HEX) {
        session_hex(s, "");
        return;
    }
    s->edit_digit = SESSION_EDIT_NONE;
    s->pane_by_hand = true;
    pane_select(pane, t.a, t.b, &s->scene.set);
}

static void
answer(struct session *s, unsigned choice)
{
    const char letter[] = {(char)('a' + choice), '\0'};

    if (session_question(s))
        action_press(s, letter);
}

static void
click_session(struct app *a, const struct key *key, struct target t, bool second)
{
    struct session *s = a->session;
    enum pane_id pane = pane_under(screen_canvas(a->screen), key);

    switch (t.kind) {
    case TARGET_ITEM:
        pick_item(s, pane, t, second);
        break;
    case TARGET_TIME:
        a->dragging = pane == PANE_TIMELINE;
        a->click.y = key->y;
        session_go_event(s, t.a);
        break;
    case TARGET_CHOICE:
        if (!second)
            answer(s, (unsigned)t.a);
        break;
    case TARGET_SCROLL:
        pane_scroll(&s->scene, pane, t.a ? WHEEL_ROWS : -WHEEL_ROWS, &s->scene.set);
        break;
    default:
        focus(s, t.kind == TARGET_PANE ? (enum pane_id)t.a : pane);
        if (second && (pane != PANE_NONE || t.kind == TARGET_PANE))
            app_run_action(a, ACTION_ZOOM);
        break;
    }
}

static void
press(struct app *a, const struct key *key)
{
    struct target t = canvas_target_at(screen_canvas(a->screen), key->x, key->y);
    bool second = is_second(a, key, t);

    a->map.message = NULL;
    if (t.kind == TARGET_KEY) {
        if (t.a < a->footer.parts && a->footer.action[t.a] != ACTION_NONE)
            app_run_action(a, a->footer.action[t.a]);
    } else if (a->session) {
        a->session->status[0] = '\0';
        click_session(a, key, t, second);
    } else if (t.kind == TARGET_ROW) {
        a->map.picked = (unsigned)t.a;
        if (second)
            app_run_action(a, ACTION_OPEN);
    } else if (t.kind == TARGET_SCROLL) {
        map_move(&a->map, t.a ? 1 : -1);
    }
}

/* --- the rest ------------------------------------------------------------------------------------- */

/* The place of the timeline nearest to the pointer, in the row where the button went down. */
static void
drag(struct app *a, const struct key *key)
{
    const struct canvas *c = screen_canvas(a->screen);
    struct target best = {TARGET_NONE, 0, 0};

    for (int x = 0; x < c->w && (x <= key->x || best.kind == TARGET_NONE); x++) {
        struct target t = canvas_target_at(c, x, a->click.y);
        if (t.kind == TARGET_TIME)
            best = t;
    }
    if (best.kind == TARGET_TIME && a->session && best.a != a->session->scene.number)
        session_go_event(a->session, best.a);
}

/* Is there more in that direction? The pane has said so where it was drawn. */
static bool
can_scroll(const struct canvas *c, enum pane_id pane, bool down)
{
    for (int i = 0; i < c->w * c->h; i++)
        if (c->cells[i].owner == pane && c->targets[c->cells[i].target].kind == TARGET_SCROLL &&
            c->targets[c->cells[i].target].a == down)
            return true;
    return pane == PANE_HEX;
}

static void
wheel(struct app *a, const struct key *key)
{
    const struct canvas *c = screen_canvas(a->screen);
    enum pane_id pane = pane_under(c, key);
    bool down = key->button == MOUSE_WHEEL_DOWN;

    if (!a->session)
        map_move(&a->map, down ? 1 : -1);
    else if (pane != PANE_NONE && can_scroll(c, pane, down))
        pane_scroll(&a->session->scene, pane, down ? WHEEL_ROWS : -WHEEL_ROWS,
                    &a->session->scene.set);
}

static bool
box_is_open(const struct app *a)
{
    return a->palette.open || a->chooser.open || a->card.open;
}

static void
give_to_box(struct app *a, const char *name)
{
    struct key meant = {.name = ""};

    memcpy(meant.name, name, strlen(name) + 1);
    if (a->palette.open)
        app_palette_key(a, &meant);
    else
        app_menu_key(a, &meant);
}

/* A line is picked, picked again it runs; beside the box is Escape. What lies under the box is out of reach. */
static void
point_at_box(struct app *a, const struct key *key)
{
    const struct canvas *c = screen_canvas(a->screen);
    const struct cell *cell = canvas_cell(c, key->x, key->y);
    struct target t = canvas_target_at(c, key->x, key->y);

    if (key->button == MOUSE_WHEEL_UP || key->button == MOUSE_WHEEL_DOWN) {
        give_to_box(a, key->button == MOUSE_WHEEL_UP ? "BackTab" : "Tab");
    } else if (key->button == MOUSE_LEFT && t.kind == TARGET_ROW) {
        (a->palette.open ? &a->palette.sieve : &a->chooser.sieve)->picked = (unsigned)t.a;
        if (is_second(a, key, t))
            give_to_box(a, "Enter");
    } else if (key->button == MOUSE_LEFT && (!cell || cell->owner != SCREEN_OVERLAY)) {
        give_to_box(a, "Escape");
    }
}

void
app_mouse(struct app *a, const struct key *key)
{
    if (a->session)
        session_refresh(a->session); /* keys before this one, not drawn yet, may have opened or moved it */
    if (key->button == MOUSE_RELEASE)
        a->dragging = false;
    else if (box_is_open(a))
        point_at_box(a, key);
    else if (a->prompt.open)
        return;
    else if (key->button == MOUSE_DRAG && a->dragging)
        drag(a, key);
    else if (key->button == MOUSE_LEFT)
        press(a, key);
    else if (key->button == MOUSE_WHEEL_UP || key->button == MOUSE_WHEEL_DOWN)
        wheel(a, key);
}
