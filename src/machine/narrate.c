/* Events as sentences and as JSON lines. Sentences come from events.def; what stands in braces is
 * looked up here. */
#include "machine/narrate.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"
#include "base/text.h"
#include "hw/control.h"
#include "hw/tlb_parts.h"
#include "hw/tlb_policy.h"
#include "machine/words.h"
#include "os/policy.h"

static const char *const access_word[] = {"read", "write", "fetch"};
static const char *const mode_word[] = {"kernel", "user"};
static const char *const use_word[] = {
    [LINE_DATA] = "data", [LINE_ENTRY] = "entry", [LINE_CODE] = "code"};

void
narrate_label(pfn_t pfn, char out[20])
{
    snprintf(out, 20, "f%llx", (unsigned long long)pfn);
}

void
narrate_prot(uint8_t prot, char out[4])
{
    out[0] = prot & RIGHT_R ? 'r' : '-';
    out[1] = prot & RIGHT_W ? 'w' : '-';
    out[2] = prot & RIGHT_X ? 'x' : '-';
    out[3] = '\0';
}

void
narrate_error_bits(uint16_t error, struct buffer *out)
{
    static const struct {
        uint16_t bit;
        const char *name;
    } bits[] = {
        {FAULT_P, "P"}, {FAULT_W, "W"}, {FAULT_U, "U"}, {FAULT_RSVD, "RSVD"}, {FAULT_I, "I"}};
    const char *gap = "";

    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
        if (!(error & bits[i].bit))
            continue;
        buffer_printf(out, "%s%s", gap, bits[i].name);
        gap = " ";
    }
    if (!*gap)
        buffer_putc(out, '-');
}

/* The flags of a format with their letters, in the order they are shown everywhere. */
static void
flag_letters(const struct format *f, pte_t entry, bool absent_too, const char *gap,
             struct buffer *out)
{
    const struct {
        uint64_t mask;
        char letter;
    } flag[] = {{f->flag.present, 'P'},  {f->flag.writable, 'W'},  {f->flag.user, 'U'},
                {f->flag.accessed, 'A'}, {f->flag.dirty, 'D'},     {f->flag.large, 'S'},
                {f->flag.global, 'G'},   {f->flag.no_execute, 'X'}};
    const char *between = "";
    struct entry_word word[ENTRY_WORDS];
    unsigned words = words_of_entry(f, true, word);

    for (unsigned i = 0; i < words; i++) {
        if (!(entry & word[i].bit) && !absent_too)
            continue;
        buffer_printf(out, "%s%c", between, entry & word[i].bit ? word[i].letter : '-');
        between = gap;
    }
    for (size_t i = 0; words == 0 && i < sizeof flag / sizeof *flag; i++) {
        if (!flag[i].mask || (!(entry & flag[i].mask) && !absent_too))
            continue;
        buffer_printf(out, "%s%c", between, entry & flag[i].mask ? flag[i].letter : '-');
        between = gap;
    }
}

void
narrate_flags(const struct format *f, unsigned level, pte_t entry, struct buffer *out)
{
    pte_t shown = entry;

    if (f->family == FAMILY_X86 && level + 1u == f->levels) /* there the bit means PAT */
        shown &= ~f->flag.large;
    if (f->level[level].bare)
        shown &= f->flag.present;
    flag_letters(f, shown, true, " ", out);
}

/* --- members ------------------------------------------------------------------------------------
 */

/* Names come from presets, operations and catalogues. */
static void
clean_puts(const char *text, struct buffer *out)
{
    text_clean(out, text, strlen(text), 0);
}

const char *
narrate_cache(unsigned id)
{
    static const char *const name[] = {[CACHE_L1] = "L1",
                                       [CACHE_L1I] = "L1I",
                                       [CACHE_L2] = "L2",
                                       [CACHE_L3] = "L3",
                                       [CACHES] = "memory"};

    return id <= CACHES ? name[id] : "?";
}

/* The word of an enumeration, NULL when the field is none. */
static const char *
word_of(const struct machine *m, const struct event *ev, enum event_field field)
{
    switch (field) {
    case FIELD_KIND:
        return ev->kind < 3 ? access_word[ev->kind] : "?";
    case FIELD_WHAT:
        return ev->what <= LINE_CODE ? use_word[ev->what] : "?";
    case FIELD_PART:
        return ev->use < TLB_PARTS ? tlb_part_name[ev->use] : "?";
    case FIELD_CACHE:
        return narrate_cache(ev->cache);
    case FIELD_FROM:
    case FIELD_TO:
        return narrate_cache(ev->peer);
    case FIELD_MODE:
        return mode_word[ev->mode & 1];
    case FIELD_AREA:
        return ev->area < AREA_KIND_COUNT ? area_kind_name[ev->area] : "?";
    case FIELD_SIGNAL:
        return ev->signal < SIGNAL_COUNT ? signal_name[ev->signal] : "?";
    case FIELD_USE:
        return ev->use < FRAME_USE_COUNT ? frame_use_name[ev->use] : "?";
    case FIELD_CALL:
        return operation_row((enum operation_code)ev->call)->name;
    case FIELD_FIELD:
        return set_field_at(ev->field) ? set_field_at(ev->field)->name : "?";
    case FIELD_PAGING:
        return ev->paging < PAGING_MODES ? paging_mode_name[ev->paging] : "?";
    case FIELD_WAS:
        return ev->was < PAGING_MODES ? paging_mode_name[ev->was] : "?";
    case FIELD_REASON:
        return ev->reason < CONTROL_REASON_COUNT ? control_reason_text[ev->reason] : "?";
    case FIELD_POLICY:
        return ev->policy < POLICIES ? policy_row[ev->policy].name : "?";
    case FIELD_RULE:
        return ev->policy < TLB_POLICIES ? tlb_policy_name[ev->policy] : "?";
    case FIELD_FILE:
        return ev->object < OBJECT_MAX && m->preset.kernel ? m->os.s->object[ev->object].name : "?";
    default:
        return NULL;
    }
}

static bool
shown_field(const struct machine *m, const struct event *ev, enum event_field field,
            struct buffer *out)
{
    const char *word = word_of(m, ev, field);
    char prot[4], number[NUMBER_TEXT];

    if (!(event_row[ev->code].fields >> field & 1))
        return false;
    if (field == FIELD_PROT) {
        narrate_prot(ev->prot, prot);
        buffer_puts(out, prot);
    } else if (word) {
        clean_puts(tr(word), out);
    } else if (field_row[field].kind == FIELD_HEX ||
               field == FIELD_ERROR) { /* as manuals write it */
        buffer_puts(out, number_show(event_get(ev, field), 0, number));
    } else if (field_row[field].kind == FIELD_BYTES) {
        buffer_puts(out, number_size(event_get(ev, field), (char[24]){0}));
    } else {
        buffer_printf(out, "%llu", (unsigned long long)event_get(ev, field));
    }
    return true;
}

static bool
shown_label(const struct event *ev, enum event_field field, struct buffer *out)
{
    char label[20];

    if (!(event_row[ev->code].fields >> field & 1))
        return false;
    narrate_label(event_get(ev, field), label);
    buffer_puts(out, label);
    if (numbers_now() ==
        NUMBERS_DECIMAL) /* the label is a name and stays; its number is said too */
        buffer_printf(out, " (%llu)", (unsigned long long)event_get(ev, field));
    return true;
}

static void fill(const struct machine *m, const struct event *ev, const char *at,
                 struct buffer *out);

/* Why this victim: the policy's reason, with its numbers. */
static const char *
reason_of(const struct event *ev)
{
    static const char *const reason[POLICIES] = {
        [POLICY_FIFO] = "nothing has been in memory longer (since reference {loaded})",
        [POLICY_LRU] = "nothing has been unused longer (since reference {used})",
        [POLICY_CLOCK] = "it is the first at the hand with R = 0",
        [POLICY_OPT] = "nothing else is needed so late (reference {next_use} of the string)",
        [POLICY_LFU] =
            "nothing was used less often since it came ({uses} times, last at reference {used})",
        [POLICY_RANDOM] = "the dice fell on place {index} of the ring, counted from 0",
    };

    if (ev->policy == POLICY_OPT && ev->next == 0)
        return tr("the string does not need it again");
    return ev->policy < POLICIES ? tr(reason[ev->policy]) : "?";
}

/* What an anchor or an entry of a table that is no tree says; NULL: neither. */
static const char *
link_text(const struct event *ev, const char *member)
{
    if (strcmp(member, "whose") == 0)
        return ev->other ? tr("page {vpn} of process {other}") : tr("not in use");
    if (strcmp(member, "chain") == 0)
        return ev->count ? tr("its chain begins at {table}[{count}]") : tr("its chain is empty");
    if (strcmp(member, "onward") == 0)
        return ev->count ? tr("{table}[{count}] is next") : tr("there is no next one");
    return NULL;
}

/* The entry that leaves a full set of the TLB, by why it was chosen. */
static const char *
evicted_by(const struct event *ev)
{
    static const char *const chosen[TLB_POLICIES] = {
        [TLB_LRU] = "the least recently used entry",
        [TLB_FIFO] = "the entry that was filled first",
        [TLB_PLRU] = "the entry that the tree of recent uses points to",
        [TLB_RANDOM] = "the entry that the dice fell on",
    };

    return ev->policy < TLB_POLICIES ? tr(chosen[ev->policy]) : "?";
}

/* `set policy lru` speaks of words, not of numbers. */
static bool
shown_word(const struct event *ev, const char *member, struct buffer *out)
{
    bool old = strcmp(member, "old") == 0;
    const char *word;

    if (ev->code != EV_TUNED || (!old && strcmp(member, "new") != 0))
        return false;
    word = set_field_word(set_field_at(ev->field), old ? ev->old : ev->new);
    if (word)
        clean_puts(word, out);
    return word != NULL;
}

/* Where there is one cache only, nobody asks which. */
static bool
several(const struct machine *m)
{
    return m->hw.geo.cache[CACHE_L2].sets || m->hw.geo.cache[CACHE_L1I].sets ||
           m->hw.geo.cache[CACHE_L3].sets;
}

/* Members that are made of others. */
static bool
shown_derived(const struct machine *m, const struct event *ev, const char *member,
              struct buffer *out)
{
    const struct geometry *g = &m->hw.geo;
    const struct format *f =
        g->switches ? &g->of_mode[ev->paging] : &g->format; /* as it was then */

    if (link_text(ev, member))
        return fill(m, ev, link_text(ev, member), out), true;
    if (strcmp(member, "label") == 0)
        return shown_label(ev, FIELD_FRAME, out);
    if (strcmp(member, "label2") == 0)
        return shown_label(ev, FIELD_FRAME2, out);
    if (strcmp(member, "cpu") == 0)
        return buffer_printf(out, "%u", ev->cpu), true;
    if (strcmp(member, "pid") == 0)
        return buffer_printf(out, "%u", ev->pid), true;
    if (strcmp(member, "asks") == 0)
        return buffer_printf(out, "%llu", (unsigned long long)(ev->new & hashed_tags(f))), true;
    if (strcmp(member, "table") == 0 && ev->level < f->levels)
        return clean_puts(f->level[ev->level].name, out), true;
    if (strcmp(member, "from") == 0)
        return clean_puts(tr(ev->peer == CACHES ? "Memory" : "The cache"), out), true;
    if (strcmp(member, "place") == 0)
        return clean_puts(tr(ev->peer == CACHES ? "Memory" : "The line"), out), true;
    if (strcmp(member, "named") == 0)
        return clean_puts(tr(several(m) ? narrate_cache(ev->cache) : "Cache"), out), true;
    if (strcmp(member, "which") == 0) {
        if (several(m))
            buffer_printf(out, "%s: ", narrate_cache(ev->cache));
        return true;
    }
    if (strcmp(member, "lower") == 0)
        return clean_puts(tr(several(m) ? "what lies below holds" : "memory holds"), out), true;
    if (strcmp(member, "errbits") == 0 && f->family != FAMILY_X86)
        return words_fault(f, ev->error, out), true;
    if (strcmp(member, "errbits") == 0)
        return narrate_error_bits(ev->error, out), true;
    if (strcmp(member, "root") == 0)
        return buffer_puts(out, words_root(f, ev->va)), true;
    if (strcmp(member, "bits") == 0)
        return flag_letters(f, ev->new & ~ev->old, false, " ", out), true;
    if (strcmp(member, "why") == 0 && ev->code == EV_VICTIM_CHOSEN)
        return fill(m, ev, reason_of(ev), out), true;
    if (strcmp(member, "tagged") == 0) /* bits 11:0 of CR3, when they are a PCID */
        return fill(m, ev, ev->asid ? tr(", the PCID {pcid}") : "", out), true;
    if (strcmp(member, "pcid") == 0)
        return buffer_printf(out, "%u", ev->asid), true;
    if (strcmp(member, "why") == 0 && ev->code == EV_TLB_EVICT)
        return buffer_puts(out, evicted_by(ev)), true;
    return false;
}

bool
narrate_member(const struct machine *m, const struct event *ev, const char *member,
               struct buffer *out)
{
    if (shown_word(ev, member, out))
        return true;
    for (int i = 0; i < EVENT_FIELDS; i++)
        if (strcmp(field_row[i].member, member) == 0 &&
            shown_field(m, ev, (enum event_field)i, out))
            return true;
    return shown_derived(m, ev, member, out);
}

/* {kind} is the field whose JSON name is "access": sentences may use the short word. */
static void
expand(const struct machine *m, const struct event *ev, const char *name, size_t n,
       struct buffer *out)
{
    char member[24];

    snprintf(member, sizeof member, "%.*s", (int)n, name);
    if (strcmp(member, "kind") == 0)
        strcpy(member, "access");
    if (!narrate_member(m, ev, member, out))
        buffer_printf(out, "{%s}", member);
}

static void
fill(const struct machine *m, const struct event *ev, const char *at, struct buffer *out)
{
    while (*at) {
        size_t plain = strcspn(at, "{"), inside;

        buffer_append(out, at, plain);
        at += plain;
        if (!*at)
            break;
        inside = strcspn(at + 1, "}");
        expand(m, ev, at + 1, inside, out);
        at += 1 + inside + (at[1 + inside] == '}');
    }
}

/* Where the page table is no tree there is one root for all, and it says who asks. NULL: nothing is
 * different. */
static const char *
rootless_text(const struct event *ev)
{
    switch (ev->code) {
    case EV_WALK_START:
        return tr("CR3 names the table, from frame {label} on, and who asks: process {pid}.");
    case EV_CR3_LOAD:
        return tr("CR3 is loaded: the table is where it was, in frame {label}; the MMU now asks for process {asks}.");
    case EV_SPAWNED:
        return tr("Process {other} exists. It has no table of its own: its entries will lie among all others.");
    default:
        return NULL;
    }
}

void
narrate_event(const struct machine *m, const struct event *ev, struct buffer *out)
{
    const struct format *f = &m->preset.geo.format;
    const char *other = format_is_tree(f) ? words_sentence(f, (enum event_code)ev->code) : NULL;
    const char *text = format_is_tree(f) ? NULL : rootless_text(ev);

    fill(m, ev, text ? text : tr(other ? other : event_row[ev->code].text), out);
}

/* --- JSON ---------------------------------------------------------------------------------------
 */

static void
json_field(const struct machine *m, const struct event *ev, enum event_field field,
           struct buffer *out)
{
    const char *word = word_of(m, ev, field);
    char prot[4];

    json_key(out, field_row[field].member);
    if (field == FIELD_PROT) {
        narrate_prot(ev->prot, prot);
        json_put_string(out, prot);
    } else if (word) {
        json_put_string(out, word);
    } else if (field_row[field].kind == FIELD_HEX) {
        json_put_hex(out, event_get(ev, field));
    } else {
        json_put_uint(out, event_get(ev, field));
    }
}

static void
json_uint(struct buffer *out, const char *name, uint64_t value)
{
    json_key(out, name);
    json_put_uint(out, value);
}

static void
json_text(const struct machine *m, const struct event *ev, struct buffer *out)
{
    enum number_style before = numbers_use(NUMBERS_HEX);
    struct buffer sentence = {0};

    narrate_event(m, ev, &sentence);
    numbers_use(before);
    json_key(out, "text");
    json_put_string(out, buffer_text(&sentence));
    buffer_free(&sentence);
}

void
narrate_json(const struct machine *m, uint64_t number, uint64_t op, const struct event *ev,
             struct buffer *out)
{
    const struct event_row *r = &event_row[ev->code];

    json_open(out, '{');
    json_uint(out, "n", number);
    json_uint(out, "op", op);
    json_key(out, "event");
    json_put_string(out, r->name);
    json_key(out, "actor");
    json_put_string(out, actor_name[r->actor]);
    json_uint(out, "cpu", ev->cpu);
    json_uint(out, "pid", ev->pid);
    json_uint(out, "asid", ev->asid);
    for (int i = 0; i < EVENT_FIELDS; i++)
        if (r->fields >> i & 1)
            json_field(m, ev, (enum event_field)i, out);
    json_uint(out, "cycles", ev->cycles);
    json_text(m, ev, out);
    json_close(out, '}');
}
