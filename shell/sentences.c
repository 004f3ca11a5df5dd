#include "shell/sentences.h"
#include "kernel/console.h"
#include "lib/keys.h"
#include "lib/string.h"
#include "lab/policy.h"
#include "shell/shell.h"

/* The reason's own classifier: with events the run's is a stand-in that has all of it. */
static const struct reasons *reasons(void)
{
    return &chosen.classifier->reasons;
}

static bool in_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool has_underscore(const char *word)
{
    while (*word && *word != '_')
        word++;
    return *word == '_';
}

void sentence_reason(u32 reason)
{
    const char *text;

    if (reason >= reasons()->count) {
        kprintf("reason %u", reason);
        return;
    }
    for (text = reasons()->sentences[reason]; *text;) {
        char word[40];
        size_t n = 0;
        const struct key *key;

        while (in_word(text[n]) && n + 1 < sizeof(word)) {
            word[n] = text[n];
            n++;
        }
        word[n] = 0;
        /* A key in a sentence has an underscore: hot and move are keys, and words. */
        key = has_underscore(word) ? key_find(word) : NULL;
        kprintf("%s", word);
        if (key && key->kind == KEY_IS_TEXT)
            kprintf("=%s", *key->text);
        else if (key)
            kprintf("=%lu", *key->number);
        text += n;
        if (!n)
            kprintf("%c", *text++);
    }
}

void sentence_order(const struct event *event)
{
    kprintf("to the %s tier: ", shell_tier(event->to));
    sentence_reason(event->reason);
}

const char *sentence_outcome(const struct event *event)
{
    static const char *const words[NR_OUTCOMES] = {
        [MOVED] = "moved", [NO_ROOM] = "no room", [GAVE_UP] = "given up", [GONE] = "gone"};

    return words[event->outcome];
}

void sentence_facts(const struct part *part, const u64 *values)
{
    for (u32 i = 0; i < MAX_FACTS && part->facts[i].name; i++)
        kprintf("%s%s %lu", i ? ", " : "", part->facts[i].name, values[i]);
    kprintf("\n");
}
