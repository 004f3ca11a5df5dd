/* What makes the run another one: set, move, clear, touch. */
#include "kernel/clock.h"
#include "kernel/console.h"
#include "lib/string.h"
#include "lab/lab.h"
#include "machines/machines.h"
#include "lab/policy.h"
#include "mm/bits.h"
#include "mm/move.h"
#include "shell/notes.h"
#include "shell/shell.h"

/* A page that has a frame; complains, and returns NO_PAGE, about any other. */
static u32 resident_page(const char *word)
{
    u32 page = shell_page(word);

    if (page != NO_PAGE && !space_resident(&arena, page)) {
        shell_complaint("page %u has no frame yet: the program has not touched it", page);
        return NO_PAGE;
    }
    return page;
}

/* --- set ----------------------------------------------------------------------------------------------------------- */

static void add_name(const struct key *key, void *data)
{
    if (key_may_change(key))
        name_list_add(data, key->name);
}

/* A part's own key says so in its help: "lru: ...". Whether it is one of another part, which this run does not have. */
static bool is_foreign(const struct key *key, char *owner, size_t size)
{
    size_t n = 0;

    while (key->help[n] && key->help[n] != ':' && key->help[n] != ' ' && n + 1 < size) {
        owner[n] = key->help[n];
        n++;
    }
    owner[n] = 0;
    return key->help[n] == ':' && !(chosen.tracker && !strcmp(chosen.tracker->part.name, owner)) &&
           !(chosen.classifier && !strcmp(chosen.classifier->part.name, owner)) &&
           !(chosen.migrator && !strcmp(chosen.migrator->part.name, owner));
}

static void tell_key(const struct key *key, void *data)
{
    char owner[40];

    (void)data;
    if (!key_may_change(key) || is_foreign(key, owner, sizeof(owner)))
        return;
    if (key->kind == KEY_IS_TEXT)
        kprintf("  %s=%s\n", key->name, *key->text);
    else
        kprintf("  %s=%lu\n", key->name, *key->number);
}

static bool set_act(const char *const *words)
{
    static char names[1200];
    struct name_list list = {names, sizeof(names), 0};
    const struct key *key = words[0] ? key_find(words[0]) : NULL;
    char owner[40];

    if (!words[0]) {
        keys_for_each(tell_key, NULL);
        return false;
    }
    if (key && !key_may_change(key))
        return shell_complain("set: %s is fixed when a run begins; give it to the command shell", key->name);
    if (!key) {
        keys_for_each(add_name, &list);
        for (char *c = names; *c; c++)
            if (*c == ' ')
                *c = '|';
        return shell_complain_word("key", words[0], names + 1);
    }
    if (is_foreign(key, owner, sizeof(owner)))
        return shell_complain("set: %s is a key of %s, which is no part of this run", key->name, owner);
    if (!words[1])
        return shell_complain("usage: set [KEY VALUE]");
    if (key_change(key, words[1], shell_complaint)) {
        shell_changes();
        policy_set_pace();
    }
    return false;
}

static const struct command set = {.name = "set",
                                   .usage = "[KEY VALUE]",
                                   .summary = "gives a key that may change another value; without words: which may, and their values",
                                   .words_are_keys = true,
                                   .most = 2, .act = set_act};
REGISTER_COMMAND(set);

/* --- move ---------------------------------------------------------------------------------------------------------- */

/* What is in flight is completed, so that no order is open. */
static void settle(void)
{
    while (arena.migrator && !arena.migrator->step(&arena, 0))
        ;
}

/*
 * A classifier knows where pages lie from its own orders and has no ear for others'. One that keeps lists by tier would be wrong from
 * here on; so it begins anew, and is told of every page that is there, as at the run's start.
 */
static void begin_classifier_anew(void)
{
    const struct classifier *classifier = arena.classifier;

    if (!classifier)
        return;
    if (classifier->part.start)
        classifier->part.start(&arena);
    for (u32 page = 0; classifier->mapped && page < arena.nr_pages; page++)
        if (space_resident(&arena, page))
            classifier->mapped(&arena, page, space_tier(&arena, page));
}

static bool move_act(const char *const *words)
{
    u32 page = resident_page(words[0]);
    int to = shell_choice(words[1], "fast|slow");
    enum outcome outcome;

    if (page == NO_PAGE)
        return false;
    if (to < 0)
        return shell_complain_word("tier", words[1], "fast|slow");
    if (space_tier(&arena, page) == (enum tier)to)
        return shell_complain("page %u lies in the %s tier already", page, shell_tier(to));
    if (!space_has_room(&arena, to))
        return shell_complain("the %s tier has no free frame: move another page away first", shell_tier(to));
    shell_changes();
    settle();
    outcome = move_now(&arena, (struct order){.page = page, .to = (u8)to});
    if (outcome != MOVED)
        return shell_complain("page %u cannot be moved now", page);
    begin_classifier_anew();
    kprintf("page %u lies in the %s tier now%s\n", page, shell_tier(to),
            arena.classifier ? "; the classifier was told of all pages anew" : "");
    return false;
}

static const struct command move_command = {
    .name = "move",
    .usage = "N fast|slow",
    .summary = "moves a page, free of charge",
    .help = "  What is in flight is completed first. The classifier then begins anew, since nobody else tells it where a page lies:\n"
            "  it is told of every page, and what it had learnt of them is gone.\n",
    .more_words = "fast|slow",
    .least = 2, .most = 2,
    .act = move_act};
REGISTER_COMMAND(move_command);

/* --- clear, touch -------------------------------------------------------------------------------------------------- */

static bool clear_act(const char *const *words)
{
    u32 page = resident_page(words[0]);
    volatile u8 *walked = walked_bytes(&arena);
    pte_t *entry;

    if (page == NO_PAGE)
        return false;
    shell_changes();
    entry = space_entry(&arena, page);
    kprintf("page %u was %saccessed\n", page, has_bits(entry, PTE_ACCESSED) ? "" : "not ");
    drop_accessed(entry);
    if (walked)
        walked[page] &= (u8)~WALKED_ACCESSED;
    tlb_flush_page(space_va(&arena, page), FLUSH_LOCAL);
    return false;
}

static const struct command clear = {.name = "clear",
                                     .usage = "N",
                                     .summary = "clears the accessed bit of the page's entry and drops its translation, as a tracker does",
                                     .least = 1, .most = 1,
                                     .act = clear_act};
REGISTER_COMMAND(clear);

static bool touch_act(const char *const *words)
{
    u32 page = shell_page(words[0]);
    int write = words[1] ? shell_choice(words[1], "r|w") : 0;
    volatile u64 *word;
    u64 value, faults = arena.faults, before_ps;

    if (page == NO_PAGE)
        return false;
    if (write < 0)
        return shell_complain_word("access", words[1], "r|w");
    if (machines_wanted())
        return shell_complain("touch: the program runs in a machine, and only the machine can access its pages");
    shell_changes();
    word = (volatile u64 *)space_va(&arena, page);
    value = space_resident(&arena, page) ? *(const u64 *)space_bytes(&arena, page) : 0;
    before_ps = clock_now_ps();
    clock_book(BOOK_WORKLOAD);
    if (write)
        *word = value; /* what is there already: the program must not notice */
    else
        (void)*word;
    clock_book(BOOK_OFF);
    kprintf("a %s of page %u: %lu ns", write ? "store to the first word" : "load of the first word", page, (clock_now_ps() - before_ps) / 1000);
    kprintf(arena.faults == faults ? "\n" : ", %lu faults\n", arena.faults - faults);
    return false;
}

static const struct command touch = {.name = "touch",
                                     .usage = "N [r|w]",
                                     .summary = "accesses the page as the program would, counted and charged as its own",
                                     .help = "  A store leaves what is there, so that the program's result is the same.\n",
                                     .more_words = "r|w",
                                     .least = 1, .most = 2,
                                     .act = touch_act};
REGISTER_COMMAND(touch);
