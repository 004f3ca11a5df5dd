/*
 * Drives the student's classifier (part.c) on the host beside the rules of the lab's text, written the naive way: arrays, shifted.
 * After every step the lists must be the same. Prints "ok" or the first step that differs; the status says the same.
 * Arguments: the seed; which rules are tried (1 to 5: those up to that number).
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "part.c"

enum { PAGES = 40, WINDOWS = 60 };

static struct page pages[PAGES + MAX_PAGE_LISTS];
static struct space space = {.nr_pages = PAGES, .pages = pages};

/* What the guest's kernel would give. */
void *space_own(struct space *of, enum part_kind kind, const void *part, size_t bytes)
{
    (void)part;
    return of->own[kind] = calloc(1, bytes);
}

void *space_page_array(const struct space *of, void *array, size_t bytes_per_page)
{
    (void)array;
    return calloc(of->nr_pages, bytes_per_page);
}

void panic_at(const char *file, int line, const char *format, ...)
{
    (void)file, (void)format;
    printf("a check of your own failed in line %d\n", line);
    exit(1);
}

/* The rules. */
static u32 list[NR_LISTS][PAGES], nr[NR_LISTS], last_seen[PAGES], window;
static int on[PAGES]; /* the list; ON_NO_LIST */
static u32 held[PAGES], nr_held;
static enum tier held_to[PAGES];

static void first(u32 page, int number)
{
    for (u32 i = nr[number]++; i; i--)
        list[number][i] = list[number][i - 1];
    list[number][0] = page;
    on[page] = number;
}

static void away(u32 page)
{
    int number = on[page];
    u32 at = 0;

    while (list[number][at] != page)
        at++;
    for (nr[number]--; at < nr[number]; at++)
        list[number][at] = list[number][at + 1];
    on[page] = ON_NO_LIST;
}

static char step_text[400];

static void say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(step_text, sizeof(step_text), format, args);
    va_end(args);
}

static const char *const names[NR_LISTS] = {"fast inactive", "fast active", "slow inactive", "slow active"};

/* The student's lists, by explain(), beside ours. */
static void compare(u32 step)
{
    for (int number = 0; number < NR_LISTS; number++) {
        u32 theirs[PAGES], count = 0;
        for (u32 place = 0; place < PAGES; place++)
            for (u32 page = 0; page < PAGES; page++) {
                u64 values[MAX_FACTS] = {ON_NO_LIST};
                mine.part.explain(&space, page, values);
                if (values[0] == (u64)number && values[1] == place && count < PAGES)
                    theirs[count++] = page;
            }
        bool same = count == nr[number];
        for (u32 i = 0; same && i < count; i++)
            same = theirs[i] == list[number][i];
        if (same)
            continue;
        printf("step %u, %s: the %s list should be", step, step_text, names[number]);
        for (u32 i = 0; i < nr[number]; i++)
            printf(" %u", list[number][i]);
        printf("%s; yours is", nr[number] ? "" : " empty");
        for (u32 i = 0; i < count; i++)
            printf(" %u", theirs[i]);
        printf("%s\n", count ? "" : " empty");
        exit(1);
    }
}

static u64 random_state;
static u32 below(u32 limit)
{
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (u32)(random_state >> 33) % limit;
}

static void see(void)
{
    struct observation seen[PAGES];
    u32 count = 0, used = 0;

    window++;
    for (u32 page = 0; page < PAGES; page++) {
        /* A third nearly always, a third now and then, the rest hardly. */
        if (below(20) >= (page % 3 == 0 ? 17u : page % 3 == 1 ? 10u : 2u))
            continue;
        seen[count++] = (struct observation){.page = page, .weight = 1, .flags = OBSERVED_READ};
        if (on[page] != ON_NO_LIST && !(on[page] & ACTIVE) && last_seen[page] && last_seen[page] == window - 1) {
            int number = on[page];
            away(page);
            first(page, number | ACTIVE);
        }
        last_seen[page] = window;
    }
    used = (u32)snprintf(step_text, sizeof(step_text), "window %u (seen:", window);
    for (u32 i = 0; i < count; i++)
        used += (u32)snprintf(step_text + used, sizeof(step_text) - used, " %u", seen[i].page);
    snprintf(step_text + used, sizeof(step_text) - used, ")");
    mine.observe(&space, seen, count, window);
}

static void decide(void)
{
    for (int active = ACTIVE; active < NR_LISTS; active += 2)
        for (u32 i = nr[active]; i--;) {
            u32 page = list[active][i];
            if (last_seen[page] == window)
                continue;
            away(page);
            first(page, active & ~ACTIVE);
        }
    say("the decision after window %u", window);
    for (u32 tries = 0; !mine.decide(&space) && tries < 10000; tries++)
        ;
}

static void next(enum tier to)
{
    int number = to == TIER_FAST ? 2 * TIER_SLOW + ACTIVE : 2 * TIER_FAST + INACTIVE;
    bool any = nr[number] && (to == TIER_FAST || (!space.left[TIER_FAST] && nr[2 * TIER_SLOW + ACTIVE]));
    u32 want = any ? list[number][nr[number] - 1] : NO_PAGE;
    struct order order = mine.next(&space, to);

    say("asked for a page for the %s tier, with room for %d there and %u that wait", to == TIER_FAST ? "fast" : "slow",
        (int)space.left[to], nr[2 * TIER_SLOW + ACTIVE]);
    if (order.page != want || (any && order.to != to)) {
        printf("%s: the answer should be page %d (-1: none); yours is page %d for the %s tier\n", step_text, (int)want, (int)order.page,
               order.to == TIER_FAST ? "fast" : "slow");
        exit(1);
    }
    if (!any)
        return;
    away(want);
    held[nr_held] = want;
    held_to[nr_held++] = to;
}

static void done(u32 which)
{
    struct order order = {.page = held[which], .to = held_to[which]};
    enum outcome outcome = below(4) ? MOVED : NO_ROOM;
    int tier = outcome == MOVED ? order.to : order.to ^ 1;

    held[which] = held[--nr_held];
    held_to[which] = held_to[nr_held];
    first(order.page, 2 * tier + (order.to == TIER_FAST ? ACTIVE : INACTIVE));
    say("page %u %s the %s tier", order.page, outcome == MOVED ? "has moved to" : "could not be moved to",
        order.to == TIER_FAST ? "fast" : "slow");
    mine.done(&space, order, outcome);
}

int main(int argc, char **argv)
{
    int rules = argc > 2 ? atoi(argv[2]) : 5;
    u32 step = 0;

    random_state = (u64)(argc > 1 ? atoi(argv[1]) : 1) * 977;
    mine.part.start(&space);
    for (u32 i = 0; i < PAGES; i++) {
        u32 page = i * 7 % PAGES;
        enum tier tier = page % 2 ? TIER_SLOW : TIER_FAST;
        say("page %u gets a frame in the %s tier", page, tier == TIER_FAST ? "fast" : "slow");
        first(page, 2 * (int)tier + INACTIVE);
        mine.mapped(&space, page, tier);
        compare(++step);
    }
    while (rules > 1 && window < WINDOWS) {
        see();
        compare(++step);
        if (rules > 2 && window % 2 == 0) {
            decide();
            compare(++step);
        }
        for (u32 i = below(5); rules > 3 && i; i--) {
            space.left[TIER_FAST] = (s32)below(2);
            next(below(2) ? TIER_FAST : TIER_SLOW);
            compare(++step);
        }
        while (rules > 4 && nr_held && below(3)) {
            done(below(nr_held));
            compare(++step);
        }
    }
    puts("ok");
    return 0;
}
