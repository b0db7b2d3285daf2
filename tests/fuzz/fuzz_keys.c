/* Bytes as a person's file of keys. Whatever it says, every complaint has a line and is clean, every key that is left can be bound, a key means one
 * action in a situation, and the words that name keys are whole.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/keymap.h"
#include "app/keys.h"
#include "base/text.h"
#include "support/fuzz.h"

static void
on_complaint(void *ctx, const struct error *e)
{
    ++*(unsigned *)ctx;
    pw_assert(e->code == EXIT_DATA && e->line > 0 && e->text[0]);
    for (const char *at = e->text; *at; at++)
        pw_assert((unsigned char)*at >= ' ' && *at != 0x7f);
    pw_assert(text_valid(e->text, strlen(e->text), NULL));
}

static void
check_keys(unsigned situation)
{
    char key[16];

    for (int a = ACTION_NONE + 1; a < ACTIONS; a++)
        for (unsigned i = 0; action_works((enum action_code)a, situation) &&
                             action_key((enum action_code)a, i, key);
             i++) {
            pw_assert(!key_refusal(key));
            pw_assert(action_by_key(key, situation) == (enum action_code)a);
        }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned situations[] = {SITUATION_MAP, SITUATION_LESSON | SITUATION_ASK,
                                          SITUATION_LESSON | SITUATION_TASK | SITUATION_BRANCH,
                                          SITUATION_PLAY};
    char *text = fuzz_text(data, size);
    unsigned heard = 0;

    pw_assert(keymap_parse(text, size, "input", on_complaint, &heard) == heard);
    for (size_t i = 0; i < sizeof situations / sizeof *situations; i++)
        check_keys(situations[i]);
    for (int a = ACTION_NONE + 1; a < ACTIONS; a++) {
        char words[80];

        pw_assert(strlen(keymap_keys((enum action_code)a)) < KEYMAP_KEYS);
        snprintf(words, sizeof words, "<{%s}>", action_row[a].name);
        pw_assert(strlen(keymap_text(words)) > 2 && !strstr(keymap_text(words), words));
    }
    keymap_reset();
    free(text);
    return 0;
}
