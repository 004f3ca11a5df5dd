/*
 * turns: every page in its turn, wherever the accesses go: a stream of moves to measure migrators by. No published system.
 *
 *      turns=up:    asked for a page to promote:  the slow tier's page that has been there for longest;  nothing goes down
 *      turns=both:  the same in both tiers, as long as the slow tier has pages that wait: the stream never ends
 *
 * `moves` and `decide_windows` set its pace; without them it is as fast as the migrator. Cost: a list entry an order. Known
 * weak spot: it knows nothing, so nothing is gained by it.
 */
#include "mm/move.h"

static KEY_TEXT(turns_way, "turns", "up", "up|both", "turns: pages come up, each once; or up and down for ever");

struct turns {
    struct page_list waiting[NR_TIERS]; /* by the tier where they lie, longest there first */
    u32 demoting;                       /* demotions that the migrator has: they make room for as many */
};

static const struct classifier turns;

static void turns_start(struct space *space)
{
    struct turns *s = space_own(space, CLASSIFIER, &turns, sizeof(*s));

    *s = (struct turns){0};
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        list_init(&s->waiting[tier], space->pages, space->nr_pages + tier);
}

static void turns_mapped(struct space *space, u32 page, enum tier tier)
{
    struct turns *s = space->own[CLASSIFIER];

    list_add_tail(&s->waiting[tier], space->pages, page);
}

static bool turns_decide(struct space *space)
{
    migration_wake(space);
    return true;
}

static struct order turns_next(struct space *space, enum tier to)
{
    struct turns *s = space->own[CLASSIFIER];
    struct page_list *list = &s->waiting[to ^ 1u];
    bool wanted = to == TIER_FAST || (*turns_way == 'b' && s->waiting[TIER_SLOW].count > space_room(space, TIER_FAST) + s->demoting);
    u32 page = list_head(list, space->pages);

    if (!wanted || !list->count)
        return (struct order){.page = NO_PAGE};
    list_remove(list, space->pages, page);
    s->demoting += to == TIER_SLOW;
    return (struct order){.page = page, .to = (u8)to};
}

static void turns_done(struct space *space, struct order order, enum outcome outcome)
{
    struct turns *s = space->own[CLASSIFIER];

    s->demoting -= order.to == TIER_SLOW;
    list_add_tail(&s->waiting[outcome == MOVED ? order.to : order.to ^ 1u], space->pages, order.page);
}

static const char *const reasons[] = {"it is its turn"};

static const struct classifier turns = {
    .part = {.name = "turns", .summary = "every page in its turn, whatever is hot: a stream of moves to measure migrators by", .start = turns_start},
    .never_demotes = true, /* by default */
    .reasons = REASONS(reasons),
    .mapped = turns_mapped,
    .decide = turns_decide,
    .next = turns_next,
    .done = turns_done,
};
REGISTER_CLASSIFIER(turns);
