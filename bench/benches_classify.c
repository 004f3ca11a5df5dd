/*
 * Microbenchmarks of every classifier, but those that know the truth, which cost nothing: taking in a page that was seen, and
 * handing out a page. There is a pair of rows for each, made from one form.
 */
#include "bench/benches_classify.h"
#include "kernel/clock.h"
#include "kernel/console.h"
#include "kernel/panic.h"
#include "lab/lab.h"
#include "mm/move.h"

enum { PAGES = 4096, WINDOWS = 16 };
#define WINDOW_PS 30000000000ull /* what goes by the clock is due again */

static const struct classifier *classifier;
static struct observation seen[PAGES];
static u64 handed_out;

static void empty_arena(void)
{
    parts_stop(&arena);
    space_clear(&arena);
}

/* One page after the other was seen: in a list, or by a touch soon after it was protected. */
static void take_in(u64 pages)
{
    static u32 window;
    struct touch touch = {.waited_ps = 1};

    if (classifier->observe) {
        classifier->observe(&arena, seen, (u32)pages, ++window);
        return;
    }
    for (; classifier->touched && touch.page < pages; touch.page++)
        classifier->touched(&arena, &touch);
}

static void begin(void)
{
    empty_arena();
    space_placement = PLACE_SLOW_FIRST;
    for (u32 page = 0; page < PAGES; page++) {
        seen[page] = (struct observation){.page = page, .weight = 1, .flags = OBSERVED_READ};
        ASSERT(!space_populate(&arena, page));
    }
    space_placement = PLACE_FAST_FIRST;
    parts_start(&arena, NULL, classifier, NULL);
    take_in(PAGES);
}

/* So often seen, and decided on, that pages are due. */
static void begin_hot(void)
{
    begin();
    for (u32 page = 0; page < PAGES; page++)
        seen[page] = (struct observation){.page = page, .weight = 1, .flags = OBSERVED_READ | OBSERVED_WRITTEN};
    for (u32 window = 0; window < WINDOWS; window++) {
        clock_charge(ACCOUNT_WORKLOAD, WINDOW_PS);
        take_in(PAGES);
        while (classifier->decide && !classifier->decide(&arena))
            ;
    }
}

/* Who goes by touches is asked after each, as in a fault; there the touch is part of it. */
static void hand_out(u64 pages)
{
    struct touch touch = {.waited_ps = 1};
    struct order order;

    for (handed_out = 0; handed_out < pages; handed_out++) {
        touch.page = (u32)handed_out;
        if (!classifier->observe && classifier->touched)
            classifier->touched(&arena, &touch);
        order = classifier->next(&arena, TIER_FAST);
        if (order.page == NO_PAGE)
            break;
    }
}

void bench_classifiers(bench_each_t each, void *pattern)
{
    static char observe_name[48], next_name[48];
    static const struct bench observe = {.name = observe_name,
                                         .summary = "a classifier takes in a page that a tracker has seen, or a touch",
                                         .ops = PAGES,
                                         .prepare = begin,
                                         .run = take_in,
                                         .clean_up = empty_arena};
    static const struct bench next = {.name = next_name,
                                      .summary = "a classifier hands out a page to be promoted; where it goes by touches, with the touch",
                                      .ops = PAGES,
                                      .done = &handed_out,
                                      .prepare = begin_hot,
                                      .run = hand_out,
                                      .clean_up = empty_arena};
    const struct registry *r = &classifier_registry;

    for (const void *const *at = r->start; at < r->end; at++) {
        classifier = *at;
        if (classifier->part.uses_truth || !strncmp(classifier->part.name, "broken", 6))
            continue;
        ksnprintf(observe_name, sizeof(observe_name), "classify_observe_%s", classifier->part.name);
        ksnprintf(next_name, sizeof(next_name), "classify_next_%s", classifier->part.name);
        if (classifier->observe || classifier->touched) /* else it looks for itself, as it decides */
            each((const void *)&observe, pattern);
        each((const void *)&next, pattern);
    }
}
