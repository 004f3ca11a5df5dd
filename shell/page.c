/* One page: page, why, watch; and the orders of all: events. */
#include "kernel/clock.h"
#include "kernel/console.h"
#include "lib/string.h"
#include "lab/lab.h"
#include "lab/policy.h"
#include "shell/entries.h"
#include "shell/lists.h"
#include "shell/notes.h"
#include "shell/sentences.h"
#include "shell/shell.h"
#include "shell/watching.h"
#include "lab/program.h"

static void tell_facts(const struct part *part, u32 page)
{
    u64 values[MAX_FACTS];

    if (!part->explain)
        return;
    part->explain(&arena, page, values);
    kprintf("  %s", part->name);
    for (size_t n = strlen(part->name); n < 10; n++)
        kprintf(" ");
    kprintf(" ");
    sentence_facts(part, values);
}

/* How many of the program's pages have more of something than this one. */
static void tell_rank(u32 page)
{
    const struct page_notes *own = notes_of(page);
    u32 more = 0, more_seen = 0, equal_seen = 0;

    for (u32 other = 0; other < program.pages; other++) {
        const struct page_notes *n = notes_of(other);
        more += n->cycle_accesses > own->cycle_accesses;
        more_seen += n->cycle_seen > own->cycle_seen;
        equal_seen += n->cycle_seen == own->cycle_seen;
    }
    kprintf("  rank       %u of %lu by the accesses of the cycle; by what was seen %u, with %u others\n", more + 1, program.pages, more_seen + 1,
            equal_seen - 1);
}

static bool page_act(const char *const *words)
{
    u32 page = shell_page(words[0]);
    const struct page_truth *closed = notes_truth_closed();
    const volatile struct page_truth *open = notes_truth_open();
    const struct page_notes *n;
    pte_t entry;

    if (page == NO_PAGE)
        return false;
    n = notes_of(page);
    entry = entry_seen(page);
    kprintf("page %u, address 0x%lx\n", page, space_va(&arena, page));
    kprintf("  entry      ");
    entry_print(entry);
    kprintf("\n");
    kprintf("  tier       %s\n", pte_has_frame(entry) ? shell_tier(frame_tier(pte_pfn(entry))) : "none: it has not been touched");
    if (closed)
        kprintf("  truth      %u loads, %u stores in the last window, %u and %u since; accessed in %u of %u windows\n", closed[page].loads,
                closed[page].stores, open[page].loads, open[page].stores, n->windows_accessed, notes_windows());
    if (chosen.tracker)
        kprintf("  seen       weight %u in the last window; seen in %u of %u windows, %u running\n", n->seen, n->windows_seen,
                notes_windows(), n->running);
    if (chosen.tracker)
        tell_facts(&chosen.tracker->part, page);
    if (chosen.classifier) {
        tell_facts(&chosen.classifier->part, page);
        lists_tell_place(page);
        if (notes_ordered(page))
            kprintf("  order      the migrator has it\n");
    }
    if (closed)
        tell_rank(page);
    return false;
}

static const struct command page_command = {
    .name = "page",
    .usage = "N",
    .summary = "a page: entry, tier, truth, what was seen, what the parts know of it, its list and rank",
    .help = "  The truth is the model's exact count. What the parts know has the names of `./run-qemu.sh list`, section fact.\n",
    .least = 1, .most = 1,
    .act = page_act};
REGISTER_COMMAND(page_command);

/* --- why ----------------------------------------------------------------------------------------------------------- */

static bool orders_are_noted(const char *command)
{
    if (!chosen.classifier)
        shell_complaint("%s: policy=%s has no classifier: nobody orders anything", command, chosen.policy->name);
    else if (!notes_have_orders())
        shell_complaint("%s: orders are not noted with events=0", command);
    else
        return true;
    return false;
}

static void tell_order(const struct event *event)
{
    kprintf("  %s: ", shell_ms(event->taken_ps));
    sentence_order(event);
    kprintf("\n      ");
    if (chosen.classifier->part.explain) {
        sentence_facts(&chosen.classifier->part, event->facts[0]);
        kprintf("      ");
    }
    kprintf("given %s, taken %s", shell_ms(event->given_ps), shell_ms(event->taken_ps));
    if (event->done)
        kprintf(", %s %s\n", sentence_outcome(event), shell_ms(event->done_ps));
    else
        kprintf(", on its way\n");
}

static void tell_never(u32 page)
{
    const struct page_notes *n = notes_of(page);

    kprintf("page %u: never ordered\n", page);
    if (notes_forgotten())
        kprintf("  (as far as is remembered: %lu orders are not)\n", notes_forgotten());
    kprintf("  ");
    if (model_present())
        kprintf("accessed in %u, ", n->windows_accessed);
    kprintf("seen in %u of %u windows, in at most %u running; ", n->windows_seen, notes_windows(), n->longest);
    kprintf(space_resident(&arena, page) ? "it lies in the %s tier\n" : "it has not been touched\n",
            space_resident(&arena, page) ? shell_tier(space_tier(&arena, page)) : "");
    kprintf("  orders of %s say:\n", chosen.classifier->part.name);
    for (u32 reason = 0; reason < chosen.classifier->reasons.count; reason++) {
        kprintf("      ");
        sentence_reason(reason);
        kprintf("\n");
    }
}

static bool why_act(const char *const *words)
{
    u32 page = shell_page(words[0]), orders = 0;

    if (page == NO_PAGE || !orders_are_noted("why"))
        return false;
    for (u32 i = 0; i < notes_orders(); i++)
        orders += notes_order(i)->page == page;
    if (!orders) {
        tell_never(page);
        return false;
    }
    kprintf("page %u: ordered %u time%s\n", page, orders, orders == 1 ? "" : "s");
    for (u32 i = 0; i < notes_orders(); i++)
        if (notes_order(i)->page == page)
            tell_order(notes_order(i));
    return false;
}

static const struct command why_command = {.name = "why",
                                           .usage = "N",
                                           .summary = "the page's orders and their reasons; or how often it was seen, and what would be needed",
                                           .least = 1, .most = 1,
                                           .act = why_act};
REGISTER_COMMAND(why_command);

static bool events_act(const char *const *words)
{
    u32 count = notes_orders();
    u64 shown = 10;

    if (!orders_are_noted("events"))
        return false;
    if (words[0] && (parse_number(words[0], false, &shown) || !shown))
        return shell_complain("events '%s': how many? A whole number from 1 on is right", words[0]);
    for (u32 i = count > shown ? count - (u32)shown : 0; i < count; i++) {
        const struct event *event = notes_order(i);
        kprintf("  %s: page %u ", shell_ms(event->taken_ps), event->page);
        sentence_order(event);
        kprintf(event->done ? "; %s %s\n" : "; on its way\n", sentence_outcome(event), shell_ms(event->done_ps));
    }
    kprintf("%u orders since the run began", count + (u32)notes_forgotten());
    kprintf(notes_forgotten() ? ", %lu of them forgotten\n" : "\n", notes_forgotten());
    return false;
}

static const struct command events_command = {
    .name = "events", .usage = "[N]", .summary = "the last N (10) orders of all pages", .most = 1, .act = events_act};
REGISTER_COMMAND(events_command);

/* --- watch --------------------------------------------------------------------------------------------------------- */

#define MAX_WATCHED 8

static struct watched {
    u32 page;
    bool resident;
    u64 told_ps; /* what happened until then is told */
} watched[MAX_WATCHED];
static u32 nr_watched;

static void tell_orders(struct watched *w)
{
    u64 now_ps = clock_now_ps();

    for (u32 i = 0; i < notes_orders(); i++) {
        const struct event *event = notes_order(i);
        if (event->page != w->page)
            continue;
        if (event->taken_ps > w->told_ps) {
            kprintf("  %s: page %u is ordered ", shell_ms(event->taken_ps), w->page);
            sentence_order(event);
            kprintf("\n");
        }
        if (event->done && event->done_ps > w->told_ps)
            kprintf("  %s: page %u: the order is done: %s\n", shell_ms(event->done_ps), w->page, sentence_outcome(event));
    }
    w->told_ps = now_ps;
}

static void tell_window(const struct watched *w)
{
    const struct page_truth *truth = notes_truth_closed();
    const struct page_notes *n = notes_of(w->page);
    u32 accesses = truth ? truth[w->page].loads + truth[w->page].stores : 0;

    if (!accesses && !n->seen)
        return;
    kprintf("  %s: page %u in window %u: ", shell_ms(run_watch.window_end_ps), w->page, run_watch.window_number);
    if (truth)
        kprintf("%u accesses, ", accesses);
    kprintf(n->seen ? "seen, weight %u, %u windows running\n" : "not seen\n", n->seen, n->running);
}

void watching_look(enum moment moment)
{
    for (u32 i = 0; i < nr_watched; i++) {
        struct watched *w = &watched[i];

        if (moment == MOMENT_SEEN)
            continue;
        if (!w->resident && space_resident(&arena, w->page)) {
            w->resident = true;
            kprintf("  %s: page %u has been touched first: it lies in the %s tier\n", shell_ms(clock_now_ps()), w->page,
                    shell_tier(space_tier(&arena, w->page)));
        }
        tell_orders(w);
        if (moment == MOMENT_WINDOW)
            tell_window(w);
    }
}

static bool watch_act(const char *const *words)
{
    u32 page;

    if (!words[0]) {
        for (u32 i = 0; i < nr_watched; i++)
            kprintf("  page %u\n", watched[i].page);
        if (!nr_watched)
            kprintf("no page is watched\n");
        return false;
    }
    if (!strcmp(words[0], "none")) {
        nr_watched = 0;
        return false;
    }
    page = shell_page(words[0]);
    if (page == NO_PAGE)
        return false;
    if (nr_watched == MAX_WATCHED)
        return shell_complain("watch: %u pages are watched already; `watch none` ends that", nr_watched);
    watched[nr_watched++] = (struct watched){.page = page, .resident = space_resident(&arena, page), .told_ps = clock_now_ps()};
    return false;
}

static const struct command watch_command = {.name = "watch",
                                             .usage = "[N|none]",
                                             .summary = "tells each later event of the page with its time; which are watched; none any more",
                                             .help = "  First touch, windows in which it was accessed or seen, orders and what became of them.\n",
                                             .most = 1, .act = watch_act};
REGISTER_COMMAND(watch_command);
