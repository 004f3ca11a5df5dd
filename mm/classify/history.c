/*
 * history: eight looks of the cursor as eight bits a page; what was seen more often takes the place of what was seen least.
 *
 *      a page's level:   ones among its last eight looks; a new page has eight
 *      fast tier:        a list a level; a page that was touched stands at its tail, one that was not at its head
 *      touched:          in the slow tier:
 *                            more than the reserve is free, or its level is above the lowest of the fast tier:  promote
 *                        its history gets a one
 *      found idle:       its history gets a zero
 *      asked for a page to demote:   less than `history_wake` free, until `history_reserve` is:  the lowest level's head
 *
 * After AutoTiering (Kim and others, ATC'21; autotiering.patch of github.com/Sys-KU/AutoTiering, Linux 5.3): its
 * opportunistic mode with background demotion, which keeps a reserve of 16 base pages and wakes at 4. Needs a tracker that
 * looks at both tiers (hint_fast=1). Differs: the one is shifted in at the touch and not when the scanner comes by again;
 * there is one reserve, not one a processor. Cost: a list move a look. Known weak spot: a look is a round of the cursor away
 * from the next one, so that the history tells of minutes, and what is touched once a round is as hot as can be.
 */
#include "lib/string.h"
#include "mm/parts.h"

#define LEVELS   9
#define NO_LEVEL 0xff
#define TAKEN    0xfe

KEY_NUMBER(history_reserve, "history_reserve", 16, 1, 1 << 20,
           "history: free pages that demotion keeps for promotions; AutoTiering: 16");
KEY_NUMBER(history_wake, "history_wake", 4, 1, 1 << 20,
           "history: free pages below which demotion begins; AutoTiering: 4");

struct history {
    struct page_list lists[LEVELS]; /* the fast tier's pages */
    u8 *bits;                       /* by page: its last eight looks */
    u8 *level;                      /* by page: its list; NO_LEVEL: it lies in the slow tier; TAKEN: it is the migrator's */
    u32 hot;                        /* the page to be promoted in this fault; NO_PAGE: none */
    bool demoting;
    u32 open;                         /* demotions that the migrator has */
    u64 hot_touches, refused_touches; /* touches that were to be promoted; of pages no hotter than the fast tier's coldest */
};

enum { HOTTER, COLDEST };
static const char *const reasons[] = {[HOTTER] = "seen more often than the coldest pages of the fast tier, or there is room",
                                      [COLDEST] = "seen least often of the fast tier, and the reserve is used up"};

static const struct classifier history;

static u8 level_of(const struct history *s, u32 page)
{
    u8 ones = 0;

    for (u32 bits = s->bits[page]; bits; bits &= bits - 1)
        ones++;
    return ones;
}

static void enlist(struct space *space, struct history *s, u32 page, bool touched)
{
    s->level[page] = level_of(s, page);
    (touched ? list_add_tail : list_add_head)(&s->lists[s->level[page]], space->pages, page);
}

static void look(struct space *space, struct history *s, u32 page, bool touched)
{
    s->bits[page] = (u8)(s->bits[page] << 1 | touched);
    if (s->level[page] < LEVELS) {
        list_remove(&s->lists[s->level[page]], space->pages, page);
        enlist(space, s, page, touched);
    }
}

static u32 lowest_level(const struct history *s)
{
    u32 level = 0;

    for (; level < LEVELS && !s->lists[level].count; level++)
        ;
    return level;
}

static void wake(struct space *space, struct history *s)
{
    if (space_room(space, TIER_FAST) < history_wake)
        s->demoting = space->awake = true;
}

static void history_start(struct space *space)
{
    struct history *s = space_own(space, CLASSIFIER, &history, sizeof(*s));

    *s = (struct history){.bits = space_page_array(space, s->bits, 1), .level = space_page_array(space, s->level, 1), .hot = NO_PAGE};
    for (u32 level = 0; level < LEVELS; level++)
        list_init(&s->lists[level], space->pages, space->nr_pages + level);
    memset(s->bits, 0xff, space->nr_pages); /* new pages count as hot */
    memset(s->level, NO_LEVEL, space->nr_pages);
}

static void history_mapped(struct space *space, u32 page, enum tier tier)
{
    struct history *s = space->own[CLASSIFIER];

    if (tier == TIER_FAST)
        enlist(space, s, page, true);
    wake(space, s);
}

static void history_observe(struct space *space, const struct observation *list, u32 count, u32 window)
{
    struct history *s = space->own[CLASSIFIER];

    (void)window;
    for (u32 i = 0; i < count; i++)
        if (!list[i].weight)
            look(space, s, list[i].page, false);
}

static void history_touched(struct space *space, struct touch *touch)
{
    struct history *s = space->own[CLASSIFIER];

    s->hot = NO_PAGE;
    if (s->level[touch->page] == NO_LEVEL) {
        if (space_room(space, TIER_FAST) > history_reserve || level_of(s, touch->page) > lowest_level(s)) {
            s->hot = touch->page;
            s->hot_touches++;
        } else {
            s->refused_touches++;
        }
        wake(space, s);
    }
    look(space, s, touch->page, true);
}

static struct order history_next(struct space *space, enum tier to)
{
    struct history *s = space->own[CLASSIFIER];
    struct order order = {.page = NO_PAGE, .to = (u8)to, .reason = to == TIER_FAST ? HOTTER : COLDEST};
    u32 lowest = lowest_level(s);

    if (to == TIER_FAST) {
        order.page = s->hot;
        if (s->hot != NO_PAGE)
            s->level[s->hot] = TAKEN;
        s->hot = NO_PAGE;
        return order;
    }
    s->demoting = s->demoting && space_room(space, TIER_FAST) + s->open < history_reserve && lowest < LEVELS;
    if (!s->demoting)
        return order;
    order.page = list_head(&s->lists[lowest], space->pages);
    list_remove(&s->lists[lowest], space->pages, order.page);
    s->level[order.page] = TAKEN;
    s->open++;
    return order;
}

static void history_done(struct space *space, struct order order, enum outcome outcome)
{
    struct history *s = space->own[CLASSIFIER];

    s->open -= order.to == TIER_SLOW;
    if ((order.to == TIER_FAST) == (outcome == MOVED))
        enlist(space, s, order.page, outcome == MOVED); /* it lies in the fast tier */
    else
        s->level[order.page] = NO_LEVEL;
    wake(space, s);
}

static const struct classifier history = {
    .part = {.name = "history",
             .summary = "eight looks as bits a page, a list a level; a touch comes up if it beats the lowest, as AutoTiering",
             .counters = {COUNTER(history, hot_touches), COUNTER(history, refused_touches)},
             .start = history_start},
    .wants = SEES_TOUCHES | SEES_IDLE,
    .reasons = REASONS(reasons),
    .mapped = history_mapped,
    .observe = history_observe,
    .touched = history_touched,
    .next = history_next,
    .done = history_done,
};
REGISTER_CLASSIFIER(history);
