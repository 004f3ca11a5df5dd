/*
 * range: ranges of addresses, split where samples are dense, ranked by density.
 *
 *      a sample:        its range's count grows by `range_unit`
 *      each decision:   every count is halved
 *                       a range of two pages or more with at least `range_split` that beats a neighbour by more than twice
 *                           that, or has none:  split in the middle, each half has half of its count
 *                       with range_gate=1:  nothing was split, or the smallest range is larger than a page: that is all
 *                       rank by count a page; from the hot end those leave that the last `range_cool` splits have made
 *                       pages of the slow tier in the hottest ranges that fill the fast tier go up, as many pages of the
 *                           fast tier in the coldest ranges go down
 *
 * After Demeter (SOSP'25; module.h and range_tree.h in patch/demeter.patch of github.com/vtta/sosp25-demeter). Its unit of
 * 2 MiB is a page here; samples are fewer by 1024, so each counts 1024 and its thresholds hold as they are. Differs: one
 * range to begin with, not heap and mapped area apart; equal ranges are ranked by place; where there is room nothing
 * goes down for what comes up; the fast capacity is counted once. Neither it nor the artefact merges ranges. Cost: a binary
 * search an observation, a walk over ranges, a sort and a walk over their pages a decision, in steps. Known weak spot: what
 * is hot must lie together; and a set of ranges that has settled splits no more, so with range_gate=1 nothing moves.
 */
#include "mm/classify/ranges.h"
#include "mm/ranking.h"
#include "lib/sort.h"

static KEY_NUMBER(range_unit, "range_unit", 1024, 1, 1 << 20, "range: what a sample counts; Demeter's 1, of 1024 as many samples");
static KEY_NUMBER(range_split, "range_split", 360, 1, 1 << 30,
                  "range: count from which a range is split, and twice of which it must lead by; Demeter: 15 a CPU, of 24");
static KEY_NUMBER(range_cool, "range_cool", 3, 0, 1 << 20, "range: ranges of so many last splits wait at the hot end; Demeter: 3");
static KEY_NUMBER(range_gate, "range_gate", 0, 0, 1,
                  "range: 1: pages move only after a split, once a range is as small as a page, as in Demeter's artefact; 0: always");

#define LOOK_STEP  4096 /* pages a deciding step: some 20 us */

struct ranges {
    struct range_list all;
    u64 ranked[MAX_RANGES]; /* coldest first: density, count, index */
    struct ranking ranking;
    enum { AT_REST, HOT_PAGES, COLD_PAGES } phase;
    u32 cold, hot;     /* of the ranked ones: the next to take pages from at either end, `hot` counted from 1 */
    u32 page, left;    /* how far the present one is looked at; frames that no hotter page has, then pages that have to go */
};

static const struct classifier range;

static void range_start(struct space *space)
{
    struct ranges *s = space_own(space, CLASSIFIER, &range, sizeof(*s));
    u32 *up = s->ranking.promote, *down = s->ranking.demote;

    s->ranking = (struct ranking){.promote = space_page_array(space, up, sizeof(u32)), .demote = space_page_array(space, down, sizeof(u32))};
    ranges_init(&s->all, space->nr_pages);
    s->phase = AT_REST;
}

static void range_observe(struct space *space, const struct observation *list, u32 count, u32 window)
{
    struct ranges *s = space->own[CLASSIFIER];

    (void)window;
    for (u32 i = 0; i < count; i++) {
        struct range *r = ranges_find(&s->all, list[i].page);
        r->count = (u32)MIN(r->count + list[i].weight * range_unit, INT32_MAX);
    }
}

static inline const struct range *ranked(const struct ranges *s, u32 place)
{
    return &s->all.list[s->ranked[place] & 0xfff];
}

static void rank(const struct space *space, struct ranges *s)
{
    u32 nr = s->all.nr;

    for (u32 i = 0; i < nr; i++) {
        const struct range *r = &s->all.list[i];
        s->ranked[i] = (u64)(r->count / (r->end - r->start)) << 32 | MIN(r->count, 0xfffffu) << 12 | i;
    }
    sort_u64(s->ranked, nr);
    for (s->hot = nr; s->hot && ranked(s, s->hot - 1)->born + range_cool > s->all.splits; s->hot--)
        ;
    s->left = space->share[TIER_FAST];
    s->cold = s->page = 0;
    s->phase = HOT_PAGES;
}

/* Takes in the next pages of a range, as long as there is budget; true when all of it was looked at. */
static bool look(const struct space *space, struct ranges *s, const struct range *r, u32 *budget)
{
    struct ranking *k = &s->ranking;

    for (s->page = MAX(s->page, r->start); s->page < r->end; s->page++, --*budget) {
        if (!*budget)
            return false;
        if (!space_resident(space, s->page))
            continue;
        if (s->phase == COLD_PAGES && space_tier(space, s->page) == TIER_FAST && k->nr_demote < s->left)
            k->demote[k->nr_demote++] = s->page;
        if (s->phase == HOT_PAGES && s->left && s->left--)
            if (space_tier(space, s->page) == TIER_SLOW)
                k->promote[k->nr_promote++] = s->page;
    }
    s->page = 0;
    return true;
}

/* A step; true when both ends have been looked at as far as need be. */
static bool choose(const struct space *space, struct ranges *s)
{
    u32 budget = LOOK_STEP, room = space_room(space, TIER_FAST);

    for (; s->phase == HOT_PAGES; s->hot--) {
        const struct range *r = s->hot ? ranked(s, s->hot - 1) : NULL;
        if (!r || !r->count || !s->left) {
            s->left = s->ranking.nr_promote - MIN(s->ranking.nr_promote, room); /* from now on: pages to go down */
            s->phase = COLD_PAGES;
            break;
        }
        if (!look(space, s, r, &budget))
            return false;
    }
    for (; s->cold < s->hot && s->ranking.nr_demote < s->left; s->cold++)
        if (!look(space, s, ranked(s, s->cold), &budget))
            return false;
    s->ranking.nr_promote = MIN(s->ranking.nr_promote, s->ranking.nr_demote + room);
    s->phase = AT_REST;
    return true;
}

static bool range_decide(struct space *space)
{
    struct ranges *s = space->own[CLASSIFIER];
    u32 smallest;

    if (s->phase == AT_REST) {
        s->ranking.nr_promote = s->ranking.nr_demote = s->ranking.promoted = s->ranking.demoted = 0;
        smallest = ranges_split(&s->all, range_split);
        if (range_gate && smallest != 1)
            return true;
        rank(space, s);
    }
    return choose(space, s);
}

static struct order range_next(struct space *space, enum tier to)
{
    struct ranges *s = space->own[CLASSIFIER];

    return ranking_next(&s->ranking, to);
}

static const char *const reasons[] = {"its range is among the densest that fill the fast tier, or the sparsest and room is needed"};

static const struct classifier range = {
    .part = {.name = "range",
             .summary = "ranges of addresses, split where samples are dense and ranked by density, as Demeter",
             .counters = {{"range_splits", offsetof(struct ranges, all.splits)}},
             .start = range_start},
    .reasons = REASONS(reasons),
    .observe = range_observe,
    .decide = range_decide,
    .next = range_next,
    .done = ranking_done,
};
REGISTER_CLASSIFIER(range);
