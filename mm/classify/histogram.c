/*
 * histogram: keeps a histogram of pages by the logarithm of their sampled counts, and takes for hot what fits.
 *
 *      a sample:   count += `histogram_unit`
 *      every `histogram_adapt` samples:  set the thresholds, hot and warm (mm/classify/bins.h)
 *      every `histogram_cool` samples:   a page's count is halved when it is next looked at; the histogram has it from then on
 *      each decision after a change:     look at all pages:  from `hot` on a page is hot, below `warm` cold
 *      asked to promote:  the slow tier's page that has been hot for longest, while more than the upper mark is free
 *      asked to demote:   the fast tier's page cold for longest, for hot ones and the upper mark, or for the lower mark
 *
 * After MEMTIS (Lee and others, SOSP'23; linux/mm/htmm_core.c, htmm_migrater.c of github.com/cosmoss-jigu/memtis), for base
 * pages. Scaled: numbers of samples, by 1/1024; the marks have no limits in MB. Differs: no huge pages and no splits; a
 * new page of the slow tier is cold; hot pages are never demoted, since allocation falls to the slow tier. Cost: eight bytes a page looked up and written a
 * sample, a walk over all pages after a change. Known weak spot: a bin that does not fit as a whole stays cold.
 */
#include "mm/classify/bins.h"
#include "mm/move.h"

KEY_NUMBER(histogram_unit, "histogram_unit", 512, 1, 1 << 20, "histogram: what a sample of a 4 KiB page counts; MEMTIS 512");
KEY_NUMBER(histogram_adapt, "histogram_adapt", 98, 1, 1 << 30, "histogram: samples a threshold; MEMTIS 100000 (x 1024)");
KEY_NUMBER(histogram_cool, "histogram_cool", 1953, 1, 1 << 30, "histogram: samples a halving; MEMTIS 2000000 (x 1024)");
KEY_NUMBER(histogram_low, "histogram_low", 2, 0, 50, "histogram: % of the fast tier free below which pages go down; MEMTIS 2");
KEY_NUMBER(histogram_high, "histogram_high", 3, 0, 50, "histogram: % of the fast tier that promotion leaves free; MEMTIS 3");

KEY_MAY_CHANGE(histogram_adapt);
KEY_MAY_CHANGE(histogram_cool);

enum { IS_COLD, IS_WARM, IS_HOT, NR_HEATS };
#define LOOK_STEP 4096 /* pages a deciding step: some 20 us */
#define NOT_HERE  0x80 /* the migrator has it, or nobody: it is on no list */

struct histogram {
    struct page_list lists[NR_TIERS * NR_HEATS];
    struct binned *pages; /* `where`: its list, NR_HEATS x tier + heat; NOT_HERE */
    struct bins bins;
    u32 to_promote, demoting, next_page; /* hot at the last decision, less those handed out; demotions that the migrator has */
    u64 to_adapt, to_cool; /* samples until then */
    bool changed; /* since a look at all pages began */
    u64 histogram_shifts, histogram_coolings; /* changes of the thresholds; halvings */
};

static const struct classifier histogram;

static inline unsigned heat(const struct histogram *s, u32 page)
{
    unsigned bin = bin_of(s->pages[page].count);

    return bin >= s->bins.hot ? IS_HOT : bin >= s->bins.warm ? IS_WARM : IS_COLD;
}

static inline u32 mark(const struct space *space, u64 percent)
{
    return (u32)(space->share[TIER_FAST] * percent / 100);
}

static void add(struct space *space, struct histogram *s, u32 page, unsigned where)
{
    list_add_tail(&s->lists[where], space->pages, page);
    s->pages[page].where = (u8)where;
}

/* Counts, and puts the page where it belongs now. */
static void look(struct space *space, struct histogram *s, u32 page, u64 more)
{
    unsigned old = s->pages[page].where;

    bins_count(&s->bins, &s->pages[page], more);
    if (!(old & NOT_HERE) && old % NR_HEATS != heat(s, page)) {
        list_remove(&s->lists[old], space->pages, page);
        add(space, s, page, old - old % NR_HEATS + heat(s, page));
    }
}

static void histogram_start(struct space *space)
{
    struct histogram *s = space_own(space, CLASSIFIER, &histogram, sizeof(*s));

    *s = (struct histogram){.pages = space_page_array(space, s->pages, sizeof(*s->pages)),
                            .bins = {.hot = 1, .warm = 1}, .to_adapt = histogram_adapt, .to_cool = histogram_cool};
    for (u32 page = 0; page < space->nr_pages; page++)
        s->pages[page].where = NOT_HERE;
    for (unsigned number = 0; number < NR_TIERS * NR_HEATS; number++)
        list_init(&s->lists[number], space->pages, space->nr_pages + number);
}

/* Just allocated in the fast tier is hot: a bin above the threshold. */
static void histogram_mapped(struct space *space, u32 page, enum tier tier)
{
    struct histogram *s = space->own[CLASSIFIER];

    s->pages[page].clock = (u16)(s->bins.clock - 1); /* not in the histogram yet */
    bins_count(&s->bins, &s->pages[page], tier == TIER_FAST ? (1u << MIN(s->bins.hot + 1, NR_BINS - 1)) - 1 : 0);
    add(space, s, page, NR_HEATS * tier + heat(s, page));
}

static void cool(struct histogram *s)
{
    bins_cool(&s->bins);
    s->changed = true;
    s->next_page = 0;
    s->to_cool = histogram_cool;
    s->histogram_coolings++;
}

static void adapt(const struct space *space, struct histogram *s)
{
    s->to_adapt = histogram_adapt;
    if (bins_adapt(&s->bins, space->share[TIER_FAST] - mark(space, histogram_high))) {
        s->changed = true;
        s->histogram_shifts++;
    }
}

static void histogram_observe(struct space *space, const struct observation *list, u32 count, u32 window)
{
    struct histogram *s = space->own[CLASSIFIER];

    (void)window;
    for (u32 i = 0; i < count; i++) {
        look(space, s, list[i].page, list[i].weight * histogram_unit);
        s->to_adapt -= MIN(list[i].weight, s->to_adapt);
        s->to_cool -= MIN(list[i].weight, s->to_cool);
        if (!s->to_cool)
            cool(s);
        if (!s->to_adapt)
            adapt(space, s);
    }
}

static bool histogram_decide(struct space *space)
{
    struct histogram *s = space->own[CLASSIFIER];
    u32 end = s->next_page || s->changed ? MIN(s->next_page + LOOK_STEP, space->nr_pages) : 0;

    s->changed &= s->next_page != 0;
    for (u32 page = s->next_page; page < end; page++)
        if (s->pages[page].where != NOT_HERE)
            look(space, s, page, 0);
    s->next_page = end < space->nr_pages ? end : 0;
    s->to_promote = s->lists[NR_HEATS * TIER_SLOW + IS_HOT].count;
    return !s->next_page;
}

static struct order histogram_next(struct space *space, enum tier to)
{
    struct histogram *s = space->own[CLASSIFIER];
    struct page_list *up = &s->lists[NR_HEATS * TIER_SLOW + IS_HOT], *down = &s->lists[NR_HEATS * TIER_FAST + IS_COLD],
                     *list = to == TIER_FAST ? up : down;
    u32 waiting = MIN(s->to_promote, up->count), room = space_room(space, TIER_FAST), high = mark(space, histogram_high),
        page = list_head(list, space->pages), wanted = waiting ? waiting + high : mark(space, histogram_low);

    if (!list->count || (to == TIER_FAST ? !waiting || room <= high : room + s->demoting >= wanted))
        return (struct order){.page = NO_PAGE};
    *(to == TIER_FAST ? &s->to_promote : &s->demoting) += to == TIER_FAST ? -1u : 1u;
    list_remove(list, space->pages, page);
    s->pages[page].where |= NOT_HERE;
    return (struct order){page, (u8)to, (u8)to};
}

static void histogram_done(struct space *space, struct order order, enum outcome outcome)
{
    struct histogram *s = space->own[CLASSIFIER];

    s->demoting -= order.to == TIER_SLOW;
    look(space, s, order.page, 0);
    add(space, s, order.page, NR_HEATS * (outcome == MOVED ? order.to : order.to ^ 1u) + heat(s, order.page));
}

static const char *const reasons[] = {"hot for longest of the slow tier's pages", "cold for longest, and room is needed"};

static const char *const lists[] SHOWN = {"fast, cold", "fast, warm", "fast, hot", "slow, cold", "slow, warm", "slow, hot", NULL};

static const struct classifier histogram = {
    .part = {.name = "histogram",
             .summary = "a histogram of sampled counts; hot is the hottest that fits, as MEMTIS",
             .counters = {COUNTER(histogram, histogram_shifts), COUNTER(histogram, histogram_coolings)},
             .start = histogram_start},
    .reasons = REASONS(reasons),
    .mapped = histogram_mapped,
    .observe = histogram_observe,
    .decide = histogram_decide,
    .next = histogram_next,
    .done = histogram_done,
    .lists = lists,
};
REGISTER_CLASSIFIER(histogram);
