#include "machines/balloon.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/hooks.h"
#include "lab/policy.h"
#include "lib/record.h"
#include "lib/string.h"

#define PATIENCE      4  /* arbitrary: answers running that gave too little, until the host chooses itself */
#define TIME_PER_PAGE 64 /* instructions that an answer may take, by the machine's pages: several times what it needs */
#define EXITS         2  /* an answer: the interrupt that asks, and the call that tells */

struct balloon {
    struct balloon_request answer; /* a copy */
    u32 used;                      /* of the pages that it names */
    u32 wanted, given;             /* by the last request; of its pages those that could be given */
    u64 asked_ps;                  /* when */
    u32 too_short;                 /* answers running that gave too little */
    bool told;                     /* the console has been told that it names nonsense, or nothing */
    u64 asks, silent, pages, refused, instead;
};

static struct balloon balloons[MAX_MACHINES];
static struct machine *asked; /* who is to answer just now */

void balloon_start(void)
{
    memset(balloons, 0, sizeof(balloons));
}

bool balloon_interrupted(void)
{
    if (asked)
        asked->preempt = true;
    return asked;
}

static void tell(struct balloon *b, unsigned machine, const char *what)
{
    if (!b->told)
        kprintf("tierlab: machine %u %s; the host chooses in its place\n", machine, what);
    b->told = true;
}

/* For the tests: first too many pages, then so many as were asked for, that are hardly any. */
static void lie(struct balloon *b)
{
    b->answer.nr = b->asks == 1 ? UINT32_MAX : b->wanted;
    for (u32 i = 0; i < BALLOON_PAGES; i++)
        b->answer.pages[i] = i * 0x9e3779b9;
}

/* In its own time, and no longer than a tick that is armed for that. */
static bool answers(struct tenant *g, struct balloon *b)
{
    bool answered;

    clock_arm(TIME_PER_PAGE * (u64)g->watch.space->nr_pages);
    asked = &g->payload.machine;
    interrupts_on();
    answered = payload_balloon(&g->payload, b->wanted, &b->answer);
    interrupts_off();
    asked->preempt = false; /* or the machine's next call would be cut short, too */
    asked = NULL;
    clock_arm(0);
    clock_charge(ACCOUNT_MIGRATE, EXITS * machine_exit_ps());
    if (hook_is("balloon-lies"))
        lie(b);
    return answered && b->answer.nr <= b->wanted;
}

void balloon_ask(struct tenant *g, u32 frames)
{
    struct balloon *b = &balloons[g->number];
    u64 now_ps = clock_now_ps();
    bool fell_short = b->given < b->wanted;

    if (!frames) { /* nothing is missing any more, whoever chose it */
        b->wanted = b->given = b->used = b->answer.nr = b->too_short = 0;
        return;
    }
    /* A second look too soon would find hardly a bit set: a window is what a tracker waits. */
    if (b->used < b->answer.nr || (fell_short && now_ps < b->asked_ps + chosen.pace.window_us * 1000000))
        return;
    b->too_short = fell_short ? b->too_short + 1 : 0;
    if (b->too_short >= PATIENCE)
        return;
    b->asks++;
    b->asked_ps = now_ps;
    b->wanted = MIN(frames, BALLOON_PAGES);
    b->given = b->used = 0;
    if (!answers(g, b)) {
        b->answer.nr = 0;
        b->silent++;
        tell(b, g->number, "does not say what it gives up");
    }
    b->pages += b->answer.nr;
}

/* The order, or NO_PAGE for a page that cannot be given. */
static struct order give(const struct classifier *classifier, struct space *space, u32 page)
{
    if (page >= space->nr_pages || !space_resident(space, page) || space_tier(space, page) != TIER_FAST)
        return (struct order){.page = NO_PAGE};
    return classifier->give_page(space, page);
}

struct order balloon_give(const struct classifier *classifier, struct space *space, unsigned machine)
{
    struct balloon *b = &balloons[machine];
    struct order order = {.page = NO_PAGE};

    while (b->used < b->answer.nr) {
        u32 page = b->answer.pages[b->used++];
        order = give(classifier, space, page);
        if (order.page != NO_PAGE) {
            b->given++;
            return order;
        }
        b->refused++; /* it may have moved meanwhile, too */
        if (page >= space->nr_pages)
            tell(b, machine, "gives up pages that it does not have");
    }
    if (b->too_short < PATIENCE)
        return order;
    order = classifier->give(space);
    b->instead += order.page != NO_PAGE;
    return order;
}

void balloon_report(unsigned machine)
{
    const struct balloon *b = &balloons[machine];

    record_u64("balloon_asks", b->asks);
    record_u64("balloon_silent", b->silent);
    record_u64("balloon_pages", b->pages);
    record_u64("balloon_refused", b->refused);
    record_u64("balloon_instead", b->instead);
}
