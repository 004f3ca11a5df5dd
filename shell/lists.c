#include "shell/lists.h"
#include "kernel/console.h"
#include "lab/lab.h"
#include "lab/policy.h"
#include "shell/shell.h"

/* An entry behind the pages is a list's when its neighbours point back; one that was never made points to page 0, which does not. */
static bool is_list(u32 number)
{
    u32 end = arena.nr_pages + number, next = arena.pages[end].next, prev = arena.pages[end].prev, limit = arena.nr_pages + MAX_PAGE_LISTS;

    return next < limit && prev < limit && arena.pages[next].prev == end && arena.pages[prev].next == end;
}

static const char *list_name(u32 number)
{
    const char *const *names = chosen.classifier->lists;

    for (u32 i = 0; names && names[i]; i++)
        if (i == number)
            return names[i];
    return "";
}

static void tell_name(u32 number)
{
    const char *name = list_name(number);

    kprintf(*name ? "%u (%s)" : "%u", number, name);
}

static u32 length(u32 end)
{
    u32 count = 0;

    for (u32 page = arena.pages[end].next; page != end; page = arena.pages[page].next)
        count++;
    return count;
}

void lists_tell_place(u32 page)
{
    bool any = false;

    for (u32 number = 0; number < MAX_PAGE_LISTS; number++) {
        u32 end = arena.nr_pages + number, place = 0;

        if (!is_list(number))
            continue;
        any = true;
        for (u32 at = arena.pages[end].next; at != end; at = arena.pages[at].next) {
            place++;
            if (at != page)
                continue;
            kprintf("  list       ");
            tell_name(number);
            kprintf(": place %u of %u\n", place, length(end));
            return;
        }
    }
    if (any)
        kprintf("  list       none\n");
}

static bool lists_act(const char *const *words)
{
    bool any = false;
    u64 first = 8;

    if (!chosen.classifier)
        return shell_complain("lists: policy=%s has no classifier", chosen.policy->name);
    if (words[0] && (parse_number(words[0], false, &first) || first > 1000))
        return shell_complain("lists '%s': how many pages of each? A whole number up to 1000 is right", words[0]);
    for (u32 number = 0; number < MAX_PAGE_LISTS; number++) {
        u32 end = arena.nr_pages + number, shown = 0;

        if (!is_list(number))
            continue;
        any = true;
        kprintf("list ");
        tell_name(number);
        kprintf(": %u pages:", length(end));
        for (u32 page = arena.pages[end].next; page != end && shown < first; page = arena.pages[page].next, shown++)
            kprintf(" %u", page);
        kprintf(length(end) > shown ? " ...\n" : "\n");
    }
    if (!any)
        kprintf("%s keeps no lists of pages\n", chosen.classifier->part.name);
    return false;
}

static const struct command lists = {.name = "lists",
                                     .usage = "[N]",
                                     .summary = "the classifier's lists, with the first N (8) pages of each, from the head",
                                     .most = 1, .act = lists_act};
REGISTER_COMMAND(lists);
