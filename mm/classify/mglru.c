/*
 * mglru: four generations of pages instead of two lists, after Linux's multi-generational LRU.
 *
 *      a window's walk begins:   a new youngest generation; of four, the two oldest become one
 *      a page seen by the walk:  belongs to the youngest generation: only its stamp says so, its list is put right when needed
 *      a page of the slow tier that `mglru_young` walks running have seen:  is a candidate
 *      asked to promote:  the page that has been a candidate for longest, unless the last walk has not seen it
 *      asked to demote:   if room is missing for candidates: the head of the fast tier's oldest list, never of the two youngest;
 *                         a page that was accessed meanwhile goes to its generation's list, and after `mglru_looks` of
 *                         them none is handed out
 *
 * After Linux 6.3, mm/vmscan.c: walk_mm() (aging by a walk of page tables that writes the generation into the page),
 * inc_max_seq(), inc_min_seq() (of MAX_NR_GENS the oldest joins the next one), sort_folio() and folio_check_references() at
 * eviction, MIN_NR_GENS. Differs: a generation begins with every window, as when one is asked for by debugfs's lru_gen,
 * where Linux ages under pressure; the tracker walks, and without the Bloom filter of tables that are worth it. Linux
 * promotes nothing by generation alone; young while in the two youngest generations, mglru_young=2, is what
 * folio_test_active() would tell its hint faults. No tiers of file accesses, no refault control, no min_ttl: there are no
 * files, and nothing leaves memory. Cost: a packed word an observation, a list operation where a page becomes a candidate,
 * ages or is looked at. Known weak spot: recency alone; what is touched once a walk is as young as can be.
 */
#include "mm/bits.h"
#include "mm/move.h"

static KEY_NUMBER(mglru_young, "mglru_young", 2, 1, 15,
                  "mglru: walks running that must see a page for it to come up; 2: young while active, as Linux calls it");
static KEY_NUMBER(mglru_looks, "mglru_looks", 64, 1, 4096,
                  "mglru: pages looked at for one to promote or demote; Linux's MIN_LRU_BATCH: 64");

/* Lists: the fast tier's three younger generations take turns, its oldest stays; the slow tier's; its candidates. */
enum { ROTATING = 3, OLDEST = ROTATING, SLOW, CANDIDATES, NR_LISTS, TAKEN };

/* Per page, packed: its list (3 bits), walks running that saw it (4 bits), the last of them (9 bits, so that once in 512
 * walks an idle page looks young). */
#define LIST       7u
#define RUN_SHIFT  3
#define RUN_MAX    15u
#define WALK_SHIFT 7
#define WALK_MASK  0x1ffu

struct mglru {
    struct page_list lists[NR_LISTS];
    u16 *pages;
    u32 walk;         /* the last one's number */
    u32 youngest;     /* its list; the next older one is older(youngest) */
    u32 demoting;     /* demotions that the migrator has */
    u64 mglru_sorted; /* pages looked at for demotion that were too young */
};

enum { SEEN_RUNNING, OF_THE_OLDEST };
static const char *const reasons[] = {[SEEN_RUNNING] = "seen by mglru_young walks running",
                                      [OF_THE_OLDEST] = "of the oldest generation, and room is needed"};

static const struct classifier mglru;

static inline u32 older(u32 list)
{
    return (list + ROTATING - 1) % ROTATING;
}

static inline u32 walks_since(const struct mglru *s, u32 page)
{
    return (s->walk - (s->pages[page] >> WALK_SHIFT)) & WALK_MASK;
}

static void add(struct space *space, struct mglru *s, u32 page, u32 list)
{
    list_add_tail(&s->lists[list], space->pages, page);
    s->pages[page] = (u16)((s->pages[page] & ~LIST) | list);
}

static void put(struct space *space, struct mglru *s, u32 page, u32 list)
{
    list_remove(&s->lists[s->pages[page] & LIST], space->pages, page);
    add(space, s, page, list);
}

static inline u16 stamp(u32 walk, u32 run, u32 list)
{
    return (u16)((walk & WALK_MASK) << WALK_SHIFT | run << RUN_SHIFT | list);
}

/* A page that begins anew: in the fast tier it is as young as can be. */
static void begin(struct space *space, struct mglru *s, u32 page, enum tier tier)
{
    s->pages[page] = stamp(tier == TIER_FAST ? s->walk : s->walk - ROTATING, 0, 0);
    add(space, s, page, tier == TIER_FAST ? s->youngest : SLOW);
}

static void mglru_start(struct space *space)
{
    struct mglru *s = space_own(space, CLASSIFIER, &mglru, sizeof(*s));

    *s = (struct mglru){.pages = space_page_array(space, s->pages, sizeof(u16))};
    for (u32 list = 0; list < NR_LISTS; list++)
        list_init(&s->lists[list], space->pages, space->nr_pages + list);
}

static void mglru_mapped(struct space *space, u32 page, enum tier tier)
{
    begin(space, space->own[CLASSIFIER], page, tier);
}

/* The list of those that are to join the oldest becomes the youngest's. */
static void age(struct space *space, struct mglru *s)
{
    s->youngest = older(older(s->youngest));
    while (s->lists[s->youngest].count)
        put(space, s, list_head(&s->lists[s->youngest], space->pages), OLDEST);
}

static void mglru_observe(struct space *space, const struct observation *list, u32 count, u32 window)
{
    struct mglru *s = space->own[CLASSIFIER];

    if (window != s->walk)
        age(space, s);
    s->walk = window;
    for (u32 i = 0; i < count; i++) {
        u32 page = list[i].page, word = s->pages[page], run = word >> RUN_SHIFT & RUN_MAX, since = walks_since(s, page);

        run = !since ? run : since == 1 ? MIN(run + 1, RUN_MAX) : 1;
        s->pages[page] = stamp(window, run, word & LIST);
        if ((word & LIST) == SLOW && run >= mglru_young)
            put(space, s, page, CANDIDATES);
    }
    if (s->lists[CANDIDATES].count)
        migration_wake(space);
}

static struct order hand_out(struct space *space, struct mglru *s, u32 page, enum tier to)
{
    list_remove(&s->lists[s->pages[page] & LIST], space->pages, page);
    s->pages[page] = (u16)((s->pages[page] & ~LIST) | TAKEN);
    s->demoting += to == TIER_SLOW;
    return (struct order){page, (u8)to, to == TIER_FAST ? SEEN_RUNNING : OF_THE_OLDEST};
}

static struct order mglru_next(struct space *space, enum tier to)
{
    struct mglru *s = space->own[CLASSIFIER];
    struct page_list *up = &s->lists[CANDIDATES];

    for (u64 looks = mglru_looks; looks; looks--) {
        struct page_list *list = to == TIER_FAST              ? up
                                 : s->lists[OLDEST].count ? &s->lists[OLDEST]
                                                          : &s->lists[older(older(s->youngest))];
        u32 page = list_head(list, space->pages), since;

        if (!list->count || (to == TIER_SLOW && up->count <= space_room(space, TIER_FAST) + s->demoting))
            break;
        since = to == TIER_SLOW && take_accessed(space, page) ? 0 : walks_since(s, page);
        if (to == TIER_FAST ? since <= 1 : since >= ROTATING - 1)
            return hand_out(space, s, page, to);
        s->mglru_sorted += to == TIER_SLOW;
        put(space, s, page, to == TIER_FAST ? SLOW : since ? older(s->youngest) : s->youngest);
    }
    return (struct order){.page = NO_PAGE};
}

static void mglru_done(struct space *space, struct order order, enum outcome outcome)
{
    struct mglru *s = space->own[CLASSIFIER];

    s->demoting -= order.to == TIER_SLOW;
    begin(space, s, order.page, outcome == MOVED ? order.to : order.to ^ 1);
}

static const struct classifier mglru = {
    .part = {.name = "mglru",
             .summary = "four generations by walks: what walks saw running comes up, the oldest goes down, as Linux's MGLRU",
             .counters = {COUNTER(mglru, mglru_sorted)},
             .start = mglru_start},
    .wants = SEES_EVERY_WINDOW,
    .reasons = REASONS(reasons),
    .mapped = mglru_mapped,
    .observe = mglru_observe,
    .next = mglru_next,
    .done = mglru_done,
};
REGISTER_CLASSIFIER(mglru);
