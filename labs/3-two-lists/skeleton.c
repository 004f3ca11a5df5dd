/*
 * mine: two lists a tier.
 *
 *      (say here when a page changes lists, which one is promoted next, which one is demoted next)
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

static void mine_mapped(struct space *space, u32 page, enum tier tier)
{
    (void)space, (void)page, (void)tier; /* To do: rule 1. */
}

static void mine_observe(struct space *space, const struct observation *list, u32 count, u32 window)
{
    (void)space, (void)list, (void)count, (void)window; /* To do: rule 2. */
}

static bool mine_decide(struct space *space)
{
    (void)space; /* To do: rule 3. */
    return true;
}

static struct order mine_next(struct space *space, enum tier to)
{
    (void)space, (void)to; /* To do: rule 4. */
    return (struct order){.page = NO_PAGE};
}

static void mine_done(struct space *space, struct order order, enum outcome outcome)
{
    (void)space, (void)order, (void)outcome; /* To do: rule 5. */
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
