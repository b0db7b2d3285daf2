/* pane_mode.c - the bits that choose how addresses are translated, in the order the CPU asks them, and the control registers they lie in.
 */
#include "view/panes.h"

#include "base/json.h"
#include "base/lang.h"
#include "hw/mode.h"

/* One bit of a control register. */
struct mode_bit {
    const char *name;
    unsigned reg; /* 0, 4; 5: EFER */
    unsigned bit;
    const char *set, *clear; /* what follows from it; NULL: it does not choose the mode */
};

/* Asked in this order; a 0 ends the questions. */
static const struct mode_bit question[] = {
    {"CR0.PG", 0, 31, "addresses are translated", "an address is a physical address"},
    {"CR4.PAE", 4, 5, "entries of 8 bytes", "entries of 4 bytes: 32-bit paging"},
    {"EFER.LMA", 5, 10, "long mode", "32-bit addresses: PAE paging"},
    {"CR4.LA57", 4, 12, "five levels", "four levels"},
};
enum { QUESTIONS = sizeof question / sizeof *question };

static const struct mode_bit other[] = {
    {"PE", 0, 0, NULL, NULL},    {"WP", 0, 16, NULL, NULL},    {"PSE", 4, 4, NULL, NULL},  {"PGE", 4, 7, NULL, NULL},
    {"PCIDE", 4, 17, NULL, NULL}, {"SMEP", 4, 20, NULL, NULL}, {"SMAP", 4, 21, NULL, NULL}, {"LME", 5, 8, NULL, NULL},
    {"NXE", 5, 11, NULL, NULL},
};
enum { OTHERS = sizeof other / sizeof *other };

static uint64_t
mode_register(const struct cpu *c, unsigned reg)
{
    return reg == 0 ? c->cr0 : reg == 4 ? c->cr4 : c->efer;
}

static bool
bit_is_set(const struct cpu *c, const struct mode_bit *b)
{
    return mode_register(c, b->reg) >> b->bit & 1;
}

static unsigned
bit_changed(const struct scene *s, const struct mode_bit *b)
{
    unsigned cpu = scene_cpu(s);

    return s->has_event && bit_is_set(&s->now->hw.s->cpu[cpu], b) != bit_is_set(&s->before->hw.s->cpu[cpu], b) ? CELL_CHANGED : 0;
}

/* How many of the questions are asked. */
static unsigned
mode_asked(const struct cpu *c)
{
    unsigned n = 0;

    while (n < QUESTIONS && bit_is_set(c, &question[n]))
        n++;
    return n < QUESTIONS ? n + 1 : n;
}

static void
mode_question(struct pen *p, const struct scene *s, unsigned i)
{
    const struct cpu *c = &s->now->hw.s->cpu[scene_cpu(s)];
    bool asked = i < mode_asked(c), on = bit_is_set(c, &question[i]);

    pen_putf(p, asked ? ROLE_TEXT : ROLE_DIM, 0, "%-8s ", question[i].name);
    pen_putf(p, asked ? ROLE_NUMBER : ROLE_DIM, (asked ? CELL_BOLD : 0) | bit_changed(s, &question[i]), "%d", on);
    if (asked) {
        pen_put(p, " ", ROLE_TEXT, 0);
        pen_glyph(p, GLYPH_ARROW_RIGHT, ROLE_DIM, 0);
        pen_put(p, " ", ROLE_TEXT, 0);
        pen_rest(p, tr(on ? question[i].set : question[i].clear), ROLE_TEXT, 0);
    }
    pen_line(p);
}

static void
mode_value(struct pen *p, const struct scene *s, const char *name, const uint64_t *value, unsigned reg)
{
    char number[NUMBER_TEXT];

    pen_putf(p, ROLE_DIM, 0, "%-5s", name);
    pen_put(p, value_text(s, *value, 0, number), ROLE_NUMBER, CELL_BOLD | link_state(s, value, sizeof *value));
    pen_to(p, 17);
    for (unsigned i = 0; i < OTHERS; i++)
        if (other[i].reg == reg && pen_left(p) > 8) {
            bool on = bit_is_set(&s->now->hw.s->cpu[scene_cpu(s)], &other[i]);

            pen_putf(p, ROLE_DIM, 0, "%s ", other[i].name);
            pen_putf(p, on ? ROLE_TITLE : ROLE_DIM, (on ? CELL_BOLD : 0) | bit_changed(s, &other[i]), "%d  ", on);
        }
    pen_line(p);
}

void
pane_mode(const struct scene *s, struct canvas *c, struct rect r)
{
    const struct cpu *cpu = &s->now->hw.s->cpu[scene_cpu(s)];
    struct pen p;

    pen_open(&p, c, r);
    p.y = s->set.scroll[PANE_MODE] > 0 ? -s->set.scroll[PANE_MODE] : 0;
    pen_put(&p, tr(paging_mode_name[mode_of(cpu)]), ROLE_TITLE, CELL_BOLD);
    pen_line(&p);
    for (unsigned i = 0; i < QUESTIONS; i++)
        mode_question(&p, s, i);
    mode_value(&p, s, "CR0", &cpu->cr0, 0);
    mode_value(&p, s, "CR2", &cpu->cr2, 2);
    mode_value(&p, s, "CR3", &cpu->cr3, 3);
    mode_value(&p, s, "CR4", &cpu->cr4, 4);
    mode_value(&p, s, "EFER", &cpu->efer, 5);
    pen_close(&p);
}

static void
mode_json_bit(struct buffer *out, const struct cpu *c, const struct mode_bit *b)
{
    json_key(out, b->name);
    json_put_bool(out, bit_is_set(c, b));
}

void
pane_mode_json(const struct scene *s, struct buffer *out)
{
    const struct cpu *c = &s->now->hw.s->cpu[scene_cpu(s)];
    const struct {
        const char *name;
        uint64_t value;
    } reg[] = {{"cr0", c->cr0}, {"cr2", c->cr2}, {"cr3", c->cr3}, {"cr4", c->cr4}, {"efer", c->efer}};

    json_key(out, "mode");
    json_put_string(out, paging_mode_name[mode_of(c)]);
    json_key(out, "entry_bytes");
    json_put_uint(out, scene_format(s)->entry_bytes);
    json_key(out, "asked");
    json_put_uint(out, mode_asked(c));
    for (size_t i = 0; i < sizeof reg / sizeof *reg; i++) {
        json_key(out, reg[i].name);
        json_put_hex(out, reg[i].value);
    }
    json_key(out, "bits");
    json_open(out, '{');
    for (unsigned i = 0; i < QUESTIONS; i++)
        mode_json_bit(out, c, &question[i]);
    for (unsigned i = 0; i < OTHERS; i++)
        mode_json_bit(out, c, &other[i]);
    json_close(out, '}');
}
