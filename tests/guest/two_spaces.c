/*
 * One set of parts serves two spaces of different sizes at once. Their steps take turns, so that whatever a part kept
 * outside of the space would be mixed up: each must have its own verdict, move its own pages, and write nothing behind
 * what it has allocated.
 */
#include "kernel/clock.h"
#include "kernel/panic.h"
#include "lib/registry.h"
#include "lib/string.h"
#include "mm/memory.h"
#include "mm/truth.h"
#include "tests/guest/guest.h"

enum {
    SMALL = 500,                /* not a whole table */
    LARGE = 1700,
    LARGE_SLOT = 1 + MAX_MACHINES, /* behind the arena's and those that name machines */
    LARGE_FIRST = 1024,         /* its first page in the model's tables */
    KINDS = 3,                  /* of pages: page % 3 says in which space they are in use, if in any */
    WINDOWS = 12,
    DECIDE_WINDOWS = 4,
    LINE_WORDS = 8,
    CANARY_WORDS = 500,           /* below a page, so that it stands close behind what it guards */
    MAX_CANARIES = 256
};

static struct space two[2];
static struct observations found;
static u32 seen[2][LARGE], truth[2][LARGE];
static u64 stored[2][LARGE];   /* last store to a page's word 1; 0: none yet */
static bool told[2];           /* the classifier knows of a page of the slow tier that is in use */
static u64 *canaries[MAX_CANARIES];
static u32 nr_canaries;

static u32 number(const struct space *space)
{
    return (u32)(space - two);
}

static bool in_use(u32 i, u32 page)
{
    return page % KINDS == i;
}

static const u32 *last_cycle(const struct space *space)
{
    return truth[number(space)];
}

static void coming(const struct space *space, u32 *sums)
{
    memcpy(sums, truth[number(space)], space->nr_pages * sizeof(u32));
}

static u32 cycles(const struct space *space) /* each decision finds a new one */
{
    static u32 ended;

    (void)space;
    return ++ended;
}

static const struct truth_source source = {cycles, last_cycle, coming, NULL};

/* What the boot allocates is never given back: once. */
static void make_spaces(void)
{
    if (found.list)
        return;
    found.list = kmem_alloc(OBSERVATIONS_PER_STEP * sizeof(struct observation));
    space_init(&two[0], 0, 0, SMALL);
    space_init(&two[1], LARGE_SLOT, LARGE_FIRST, LARGE);
    for (u32 i = 0; i < 2; i++) {
        two[i].truth = &source;
        for (u32 page = 0; page < two[i].nr_pages; page++)
            truth[i][page] = in_use(i, page) ? 1000 : 0;
    }
}

/* The model knows the arena, or these two: the truth is told apart by space. */
static void announce(bool both)
{
    const struct model_space spaces[] = {{.va = arena.base, .nr_pages = both ? SMALL : arena.nr_pages},
                                         {.va = two[1].base, .first_page = LARGE_FIRST, .nr_pages = LARGE}};

    if (model_present())
        model_handshake(spaces, both ? 2 : 1);
    space_fault_init(both ? two : &arena, both ? 2 : 1);
}

/* So much of the fast tier that a tenth of the space can move, and of the slow one as much as it has pages. */
static void lend(bool out)
{
    for (u32 i = 0; i < 2; i++) {
        const u32 frames[NR_TIERS] = {two[i].nr_pages * 6 / 10, two[i].nr_pages};
        for (unsigned tier = 0; tier < NR_TIERS; tier++) {
            if (out)
                space_share(&arena, tier, arena.share[tier] - frames[tier]);
            space_share(&two[i], tier, out ? frames[tier] : 0);
            if (!out)
                space_share(&arena, tier, arena.share[tier] + frames[tier]);
        }
    }
}

static volatile u64 *word(u32 i, u32 page, u32 n)
{
    return (volatile u64 *)space_va(&two[i], page) + n;
}

/* The first half of the pages in the fast tier; a word of each line is known. */
static void fill(u32 i)
{
    struct space *space = &two[i];

    for (u32 page = 0; page < space->nr_pages; page++) {
        pfn_t pfn = space_frame_alloc(space, page < space->nr_pages / 2 ? TIER_FAST : TIER_SLOW);
        u64 *words = pfn_to_virt(pfn);
        for (u32 n = 0; n < PAGE_SIZE / sizeof(u64); n += LINE_WORDS)
            words[n] = guest_word(page, n + i);
        space_map(space, page, pfn);
        stored[i][page] = 0;
    }
}

static u32 wrong_words(u32 i)
{
    u32 wrong = 0;

    for (u32 page = 0; page < two[i].nr_pages; page++) {
        const u64 *words = space_bytes(&two[i], page);
        for (u32 n = 0; n < PAGE_SIZE / sizeof(u64); n += LINE_WORDS)
            wrong += words[n] != guest_word(page, n + i);
        wrong += stored[i][page] && words[1] != stored[i][page];
    }
    return wrong;
}

static void plant_canary(void)
{
    u64 *canary = kmem_alloc(CANARY_WORDS * sizeof(u64));

    ASSERT(nr_canaries < MAX_CANARIES);
    for (u32 n = 0; n < CANARY_WORDS; n++)
        canary[n] = guest_word(nr_canaries, n);
    canaries[nr_canaries++] = canary;
}

static u32 dead_words(void)
{
    u32 dead = 0;

    for (u32 c = 0; c < nr_canaries; c++)
        for (u32 n = 0; n < CANARY_WORDS; n++)
            dead += canaries[c][n] != guest_word(c, n);
    return dead;
}

/* The pages in use, each stored to and loaded from. */
static void use(u32 i, u32 step)
{
    clock_book(BOOK_WORKLOAD);
    for (u32 page = i; page < two[i].nr_pages; page += KINDS * step) {
        *word(i, page, 1) = ++stored[i][page];
        for (u32 n = 0; n < PAGE_SIZE / sizeof(u64); n += LINE_WORDS)
            (void)*word(i, page, n);
    }
    clock_book(BOOK_OFF);
}

static bool track(u32 i, u32 window)
{
    struct space *space = &two[i];
    const struct classifier *classifier = space->classifier;
    bool done;

    found.count = 0;
    done = space->tracker->step(space, &found);
    for (u32 n = 0; n < found.count; n++) {
        EXPECT(found.list[n].page < space->nr_pages);
        if (found.list[n].page < space->nr_pages)
            seen[i][found.list[n].page]++;
        told[i] |= space_tier(space, found.list[n].page) == TIER_SLOW;
    }
    if (classifier->observe && (found.count || done))
        classifier->observe(space, found.list, found.count, window);
    return done;
}

static bool decide(u32 i)
{
    const struct classifier *classifier = two[i].classifier;

    return !classifier->decide || classifier->decide(&two[i]);
}

static bool migrate(u32 i)
{
    bool done = two[i].migrator->step(&two[i], 5);

    use(i, 7);
    return done;
}

/* Steps of the one and the other in turn, until both are done. */
static void in_turn(bool (*step)(u32 i))
{
    bool done[2] = {false};

    while (!done[0] || !done[1])
        for (u32 i = 0; i < 2; i++)
            if (!done[i])
                done[i] = step(i);
}

static void look(u32 window)
{
    bool done[2] = {false};
    /* clock-promote takes bits itself when it decides: those that mlq had left for a later look. */
    bool exact = two[0].tracker->sees & SEES_EVERY_WINDOW && strcmp(two[0].classifier->part.name, "clock-promote");

    memset(seen, 0, sizeof(seen));
    model_doorbells->epoch = 1;
    while (!done[0] || !done[1])
        for (u32 i = 0; i < 2; i++)
            if (!done[i])
                done[i] = track(i, window);
    for (u32 i = 0; exact && i < 2; i++)
        for (u32 page = 0; page < two[i].nr_pages; page++)
            EXPECT_EQ(in_use(i, page), seen[i][page] == 1);
}

/* Whose orders say nothing of single pages in use: whole ranges, all pages in turn, and as the tiers' latencies ask for. */
static bool orders_as_it_likes(const struct classifier *classifier)
{
    static const char *const names[] = {"range", "turns", "balance"};

    for (u32 i = 0; i < ARRAY_SIZE(names); i++)
        if (!strcmp(classifier->part.name, names[i]))
            return true;
    return false;
}

/* What went up is in use in this space; what it holds are its pages, as it left them. */
static void expect_own(u32 i, bool free_hand)
{
    const struct space *space = &two[i];
    u32 other = 0, protected = 0;

    for (u32 page = 0; page < space->nr_pages; page++) {
        u64 bits = space_entry(space, page)->bits;
        other += page >= space->nr_pages / 2 && space_tier(space, page) == TIER_FAST && !in_use(i, page);
        protected += (bits & (PTE_PRESENT | PTE_WRITE)) != (PTE_PRESENT | PTE_WRITE);
    }
    if (!free_hand) {
        EXPECT_EQ(0, other);
        EXPECT(space->migration.promoted > 0 || !told[i]); /* a sampler, or few regions, may have nothing to tell here */
    }
    EXPECT_EQ(0, protected);
    EXPECT_EQ(0, wrong_words(i));
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        EXPECT_EQ(space->resident[tier], (u32)((s32)space->share[tier] - space->left[tier]));
    EXPECT_EQ(space->nr_pages, space->resident[TIER_FAST] + space->resident[TIER_SLOW]);
    EXPECT_EQ(space->nr_pages / 2 + space->migration.promoted - space->migration.demoted, space->resident[TIER_FAST]);
}

static void serve_both(const struct tracker *tracker, const struct classifier *classifier, const struct migrator *migrator)
{
    ktap_about(tracker->part.name, classifier->part.name, migrator->part.name);
    for (u32 i = 0; i < 2; i++) {
        fill(i);
        two[i].in_fault = classifier->wants & SEES_TOUCHES;
        told[i] = classifier->part.uses_truth || classifier->wants;
        parts_start(&two[i], tracker, classifier, migrator);
        plant_canary();
    }
    for (u32 window = 1; window <= WINDOWS; window++) {
        use(0, 1);
        use(1, 1);
        look(window);
        if (window % DECIDE_WINDOWS)
            continue;
        in_turn(decide);
        in_turn(migrate);
    }
    for (u32 i = 0; i < 2; i++) {
        parts_stop(&two[i]);
        expect_own(i, orders_as_it_likes(classifier));
        space_clear(&two[i]);
    }
    EXPECT_EQ(0, dead_words());
    ktap_about(NULL, NULL, NULL);
}

/* Steps as short as they can be, so that one space's come between the other's, and few pages enough to move any; again: as
 * they were. */
static void exchange_steps(void)
{
    static struct {
        const char *key;
        u64 value;
    } steps[] = {{"abit_pages", 512}, {"dbit_pages", 512}, {"tree_pages", 512}, {"mlq_pages", 512}, {"lru_step", 64},
               {"bucket_step", 64}, {"bucket_least", 0}, {"threshold_hot", 1},
               {"counters_read", 1}, {"counters_write", 1}, {"active_touches", 0}};

    for (u32 i = 0; i < ARRAY_SIZE(steps); i++)
        steps[i].value = guest_set_key(steps[i].key, steps[i].value);
}

/* The next part of the registry after *place, in a circle, that can start here and suits. */
static const void *next_part(const struct registry *registry, u32 *place, bool (*suits)(const void *part, const void *other),
                             const void *other)
{
    u32 nr = (u32)(registry->end - registry->start);

    for (u32 tries = 0; tries < nr; tries++) {
        const void *part = registry->start[*place = (*place + 1) % nr];
        if (guest_can_start(part) && (!suits || suits(part, other)))
            return part;
    }
    return NULL;
}

static bool classifier_suits(const void *classifier, const void *tracker)
{
    return !(((const struct classifier *)classifier)->wants & ~((const struct tracker *)tracker)->sees);
}

static bool tracker_suits(const void *tracker, const void *classifier)
{
    return classifier_suits(classifier, tracker);
}

/* Every tracker with a classifier that it suits, every classifier with a tracker, the migrators in turn. */
TEST(two_spaces, "mech.two_spaces",
     "one set of parts on two spaces of different sizes at once: each its own verdict, nothing runs over")
{
    u32 tracker = 0, classifier = 0, migrator = 0, pairs = 0;

    make_spaces();
    announce(true);
    lend(true);
    exchange_steps();
    for (const void *const *t = tracker_registry.start; t < tracker_registry.end; t++) {
        const void *suits = next_part(&classifier_registry, &classifier, classifier_suits, *t);
        if (!suits || !guest_can_start(*t))
            continue;
        serve_both(*t, suits, next_part(&migrator_registry, &migrator, NULL, NULL));
        pairs++;
    }
    for (const void *const *c = classifier_registry.start; c < classifier_registry.end; c++) {
        const void *suits = next_part(&tracker_registry, &tracker, tracker_suits, *c);
        if (!suits || !guest_can_start(*c))
            continue;
        serve_both(suits, *c, next_part(&migrator_registry, &migrator, NULL, NULL));
        pairs++;
    }
    EXPECT(pairs >= 10);
    exchange_steps();
    lend(false);
    announce(false);
    guest_clean();
    guest_expect_frames_owned();
}
