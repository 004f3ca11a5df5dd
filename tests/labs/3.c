/*
 * mine: two lists a tier.
 *
 *      seen in two windows running:            becomes active, first of its list
 *      at a decision, active and not seen:     becomes inactive
 *      promoted next:                          the slow tier's page that has been active for longest
 *      demoted next:                           the fast tier's page that has been inactive for longest, if one waits and there is no room
 */
#include "mm/memory.h"
#include "mm/parts.h"

/* A list's number is 2 * its tier, plus 1 for the active one. */
enum { INACTIVE, ACTIVE, NR_LISTS = 4, ON_NO_LIST = 4 };

struct mine {
    struct page_list lists[NR_LISTS];
    u8 *list_of;    /* by page: the list's number; ON_NO_LIST: the migrator has the page */
    u32 *last_seen; /* by page: the window; 0: never */
    u32 window;     /* the last one that observe() was told */
};

static const struct classifier mine;

static void mine_start(struct space *space)
{
    struct mine *s = space_own(space, CLASSIFIER, &mine, sizeof(*s));

    s->list_of = space_page_array(space, s->list_of, sizeof(*s->list_of));
    s->last_seen = space_page_array(space, s->last_seen, sizeof(*s->last_seen));
    s->window = 0;
    for (u32 page = 0; page < space->nr_pages; page++)
        s->list_of[page] = ON_NO_LIST;
    for (unsigned number = 0; number < NR_LISTS; number++)
        list_init(&s->lists[number], space->pages, space->nr_pages + number);
}

/* First of a list; it is on none. */
static void add(struct space *space, u32 page, u32 number)
{
    struct mine *s = space->own[CLASSIFIER];

    list_add_head(&s->lists[number], space->pages, page);
    s->list_of[page] = (u8)number;
}

static void take(struct space *space, u32 page)
{
    struct mine *s = space->own[CLASSIFIER];

    list_remove(&s->lists[s->list_of[page]], space->pages, page);
    s->list_of[page] = ON_NO_LIST;
}

static void mine_mapped(struct space *space, u32 page, enum tier tier)
{
    add(space, page, 2 * tier + INACTIVE);
}

static void mine_observe(struct space *space, const struct observation *list, u32 count, u32 window)
{
    struct mine *s = space->own[CLASSIFIER];

    s->window = window;
    for (u32 i = 0; i < count; i++) {
        u32 page = list[i].page, number = s->list_of[page];
        bool running = s->last_seen[page] && s->last_seen[page] == window - 1;
        s->last_seen[page] = window;
        if (!running || number == ON_NO_LIST || number & ACTIVE)
            continue;
        take(space, page);
        add(space, page, number | ACTIVE);
    }
}

static bool mine_decide(struct space *space)
{
    struct mine *s = space->own[CLASSIFIER];

    for (u32 number = ACTIVE; number < NR_LISTS; number += 2) {
        const struct page_list *active = &s->lists[number];
        for (u32 page = list_tail(active, space->pages), before; page != active->end; page = before) {
            before = space->pages[page].prev;
            if (s->last_seen[page] == s->window)
                continue;
            take(space, page);
            add(space, page, number & ~(u32)ACTIVE);
        }
    }
    return true;
}

static struct order mine_next(struct space *space, enum tier to)
{
    struct mine *s = space->own[CLASSIFIER];
    const struct page_list *waiting = &s->lists[2 * TIER_SLOW + ACTIVE], *idle = &s->lists[2 * TIER_FAST + INACTIVE];
    const struct page_list *from = to == TIER_FAST ? waiting : idle;
    u32 page;

    if (!from->count || (to == TIER_SLOW && (space_room(space, TIER_FAST) || !waiting->count)))
        return (struct order){.page = NO_PAGE};
    page = list_tail(from, space->pages);
    take(space, page);
    return (struct order){.page = page, .to = (u8)to};
}

static void mine_done(struct space *space, struct order order, enum outcome outcome)
{
    u32 tier = outcome == MOVED ? order.to : order.to ^ 1u;

    add(space, order.page, 2 * tier + (order.to == TIER_FAST ? ACTIVE : INACTIVE));
}

/* For whoever asks, so for the check: which list a page is on, and how many are before it. Leave this as it is. */
static void mine_explain(const struct space *space, u32 page, u64 *values)
{
    const struct mine *s = space->own[CLASSIFIER];
    u32 number = s->list_of[page];

    values[0] = number;
    values[1] = 0;
    for (u32 at = number == ON_NO_LIST ? page : list_head(&s->lists[number], space->pages); at != page; at = space->pages[at].next)
        values[1]++;
}

static const struct classifier mine = {
    .part = {.name = "mine",
             .summary = "a student's classifier",
             .facts = {{"list", "2 * tier, plus 1 for active; 4: on none"}, {"place", "pages before it"}},
             .explain = mine_explain,
             .start = mine_start},
    .wants = SEES_EVERY_WINDOW,
    .mapped = mine_mapped,
    .observe = mine_observe,
    .decide = mine_decide,
    .next = mine_next,
    .done = mine_done,
};
REGISTER_CLASSIFIER(mine);
