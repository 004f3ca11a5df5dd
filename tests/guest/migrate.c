/*
 * Every migrator against the same demands: the right pages move, nothing is lost, the counts add up; also while the
 * workload loads and stores between the steps. The broken migrators show that these demands can be missed.
 */
#include "kernel/registry.h"
#include "mm/memory.h"
#include "tests/guest/guest.h"

enum { PAGES = 128, SLOW_PAGES = 64, WORDS = PAGE_SIZE / sizeof(u64) }; /* the first half begins in the slow tier */

static u32 promote[PAGES], demote[PAGES];
static u64 last_store[PAGES]; /* to word 3; 0 when there was none */

/* Slow pages 0 to 63, fast ones 64 to 127; orders for some of each, out of order; `room` free fast frames. */
static void prepare(const char *name, u32 nr_promote, u32 nr_demote, u32 room)
{
    guest_fill(0, SLOW_PAGES, TIER_SLOW);
    guest_fill(SLOW_PAGES, PAGES - SLOW_PAGES, TIER_FAST);
    guest_hog(TIER_FAST, room);
    for (u32 i = 0; i < PAGES; i++) {
        promote[i] = i * 37 % SLOW_PAGES;
        demote[i] = SLOW_PAGES + i * 29 % SLOW_PAGES;
        last_store[i] = 0;
        (void)*guest_at(i, 0); /* its translation is cached */
    }
    guest_start(NULL, registry_find(&migrator_registry, name),
                (struct guest_orders){
                    .promote = promote, .demote = demote, .nr_promote = nr_promote, .nr_demote = nr_demote});
}

/* Words that are not what was last stored, seen through the arena and through the direct map. */
static u32 wrong_words(void)
{
    u32 wrong = 0;

    for (u32 page = 0; page < PAGES; page++) {
        const u64 *bytes = space_bytes(&arena, page);
        for (u32 i = 0; i < WORDS; i++) {
            u64 want = i == 3 && last_store[page] ? last_store[page] : guest_word(page, i);
            wrong += bytes[i] != want || *guest_at(page, i) != want;
        }
    }
    return wrong;
}

static void expect_moved(u32 promoted, u32 demoted)
{
    for (u32 i = 0; i < SLOW_PAGES; i++) {
        EXPECT_EQ(i < promoted ? TIER_FAST : TIER_SLOW, space_tier(&arena, promote[i]));
        EXPECT_EQ(i < demoted ? TIER_SLOW : TIER_FAST, space_tier(&arena, demote[i]));
    }
    EXPECT_EQ(promoted, arena.migration.promoted);
    EXPECT_EQ(demoted, arena.migration.demoted);
    EXPECT_EQ(promoted, guest_orders.outcomes[TIER_FAST][MOVED]);
    EXPECT_EQ(demoted, guest_orders.outcomes[TIER_SLOW][MOVED]);
    EXPECT_EQ(SLOW_PAGES + promoted - demoted, arena.resident[TIER_FAST]);
    EXPECT_EQ(SLOW_PAGES + demoted - promoted, arena.resident[TIER_SLOW]);
}

static void clean(void)
{
    guest_release();
    parts_stop(&arena); /* what a migrator keeps beside the pages goes back */
    guest_expect_frames_owned();
    guest_clean();
}

static void run_to_the_end(u32 budget)
{
    EXPECT(guest_move_all(budget, 2 * PAGES) < 2 * PAGES);
}

static void moves_the_plan(const char *name)
{
    for (u32 budget = 1; budget <= 40; budget += 13) {
        prepare(name, 40, 30, 1000);
        run_to_the_end(budget);
        expect_moved(40, 30);
        EXPECT_EQ(0, arena.migration.failed);
        EXPECT_EQ(0, wrong_words());
        clean();
    }
}

/* Five frames are free and ten more become free: fifteen promotions, and none of the first ones left out. */
static void more_than_fits(const char *name)
{
    for (u32 budget = 1; budget <= 40; budget += 13) {
        prepare(name, 40, 10, 5);
        run_to_the_end(budget);
        expect_moved(15, 10);
        EXPECT_EQ(0, wrong_words());
        clean();
    }
}

/* Finished early: what was begun is complete, the rest stays. */
static void stops_early(const char *name)
{
    prepare(name, 40, 30, 1000);
    arena.migrator->step(&arena, 7);
    arena.migrator->step(&arena, 0);
    for (u32 page = 0; page < PAGES; page++)
        EXPECT(pte_present(*space_entry(&arena, page)));
    EXPECT_EQ(SLOW_PAGES + arena.migration.promoted - arena.migration.demoted, arena.resident[TIER_FAST]);
    EXPECT_EQ(0, wrong_words());
    clean();
}

/*
 * Between steps the program loads from some pages and stores to others, in flight or not. Returns how many words were
 * wrong on the way and in the end.
 */
static u32 touched_between_steps(const char *name, u32 budget, u32 *in_flight)
{
    u64 random = budget;
    u32 wrong = 0;
    bool done;

    prepare(name, 40, 30, 20);
    do {
        done = arena.migrator->step(&arena, budget);
        for (int i = 0; i < 24; i++) {
            random = random * 6364136223846793005ull + 1442695040888963407ull;
            u32 page = (u32)(random >> 40) % PAGES;
            *in_flight += !pte_present(*(volatile pte_t *)space_entry(&arena, page));
            if (random >> 63)
                *guest_at(page, 3) = last_store[page] = random;
            else
                wrong += *guest_at(page, 3) != (last_store[page] ? last_store[page] : guest_word(page, 3));
            EXPECT(pte_present(*(volatile pte_t *)space_entry(&arena, page)));
        }
    } while (!done);
    return wrong + wrong_words();
}

static void survives_touches(const char *name, bool has_flights)
{
    u32 in_flight = 0;

    for (u32 budget = 1; budget <= 32; budget += 6) {
        EXPECT_EQ(0, touched_between_steps(name, budget, &in_flight));
        expect_moved(40, 30);
        clean();
    }
    if (has_flights)
        EXPECT(in_flight > 0); /* else this shows nothing */
}

static void all_demands(const char *name, bool has_flights)
{
    moves_the_plan(name);
    more_than_fits(name);
    stops_early(name);
    survives_touches(name, has_flights);
}

TEST(sync_moves, "migrate.sync", "page by page: right pages, right contents, right counts, also under stores")
{
    all_demands("sync", true);
}

TEST(batch_moves, "migrate.batch", "in batches: right pages, right contents, right counts, also under stores")
{
    all_demands("batch", true);
}

TEST(protect_moves, "migrate.protect", "readable while copied: right pages, right contents, right counts, also under stores")
{
    all_demands("protect", false);
}

TEST(log_moves, "migrate.log", "copied while in use: right pages, right contents, right counts, also under stores")
{
    all_demands("log", true);
}

TEST(exchange_moves, "migrate.exchange", "in pairs: right pages, right contents, right counts, also under stores")
{
    all_demands("exchange", false);
}

/* With room for nothing pairs swap places: as many each way. */
static void swaps_when_full(const char *name)
{
    prepare(name, 30, 30, 0);
    guest_hog(TIER_SLOW, 0);
    run_to_the_end(7);
    expect_moved(30, 30);
    EXPECT_EQ(0, wrong_words());
    clean();
}

TEST(exchange_full, "migrate.exchange_full", "with both tiers full, pages still move")
{
    swaps_when_full("exchange");
}

extern u64 transaction_tries, transaction_shadows;

TEST(transaction_moves, "migrate.transaction", "copied while mapped: right pages, right contents, right counts")
{
    u64 usual = transaction_tries;

    transaction_tries = 1000; /* so that nothing is given up */
    moves_the_plan("transaction");
    more_than_fits("transaction");
    stops_early("transaction");
    survives_touches("transaction", false);
    transaction_tries = usual;
}

/* Promoted, some stored to, all demoted: what was left alone goes back to its shadow, what was not is copied. */
TEST(transaction_shadows_used, "migrate.shadows",
     "a clean page is demoted by its shadow, a store drops the shadow, a full slow tier takes shadows back")
{
    enum { UP = 40, STORED = 15 };

    prepare("transaction", UP, 0, 1000);
    run_to_the_end(16);
    EXPECT_EQ(UP, guest_counter(MIGRATOR, "shadows_kept"));
    for (u32 i = 0; i < STORED; i++) {
        *guest_at(promote[i], 3) = last_store[promote[i]] = i + 1;
        *guest_at(promote[i], 3) = last_store[promote[i]] = i + 2; /* the second one does not fault */
    }
    EXPECT_EQ(STORED, guest_counter(MIGRATOR, "shadow_faults"));
    for (u32 i = 0; i < UP; i++)
        (void)*guest_at(promote[i], 5);
    guest_orders = (struct guest_orders){.demote = promote, .nr_demote = UP};
    run_to_the_end(16);
    EXPECT_EQ(UP - STORED, guest_counter(MIGRATOR, "shadow_demotions"));
    EXPECT_EQ(UP, guest_orders.outcomes[TIER_SLOW][MOVED]);
    EXPECT_EQ(0, wrong_words());
    guest_orders = (struct guest_orders){.promote = promote, .nr_promote = 10};
    run_to_the_end(16);
    guest_hog(TIER_SLOW, 0);
    EXPECT_EQ(0, space_room(&arena, TIER_SLOW));
    EXPECT(space_make_room(&arena, TIER_SLOW)); /* a shadow */
    EXPECT_EQ(1, guest_counter(MIGRATOR, "shadows_released"));
    EXPECT_EQ(0, wrong_words());
    clean();
}

TEST(ideal_moves, "migrate.ideal", "all at once: right pages, right contents, right counts")
{
    all_demands("ideal", false);
}

TEST(ideal_exchanges, "migrate.ideal_full", "with both tiers full, pages are exchanged in place")
{
    prepare("ideal", 30, 30, 0);
    guest_hog(TIER_SLOW, 0);
    run_to_the_end(1);
    expect_moved(30, 30);
    EXPECT_EQ(0, wrong_words());
    clean();
}

/* A page that is not there, or is in flight already, is a failed move and nothing worse. */
static void skips_missing(const char *name)
{
    prepare(name, 10, 0, 1000);
    for (u32 i = 0; i < 3; i++)
        space_unmap(&arena, promote[2 * i]);
    run_to_the_end(4);
    EXPECT_EQ(7, arena.migration.promoted);
    EXPECT_EQ(3, arena.migration.failed);
    clean();
}

TEST(missing_pages, "migrate.missing_pages", "pages that are gone count as failed moves")
{
    skips_missing("sync");
    skips_missing("batch");
    skips_missing("protect");
    skips_missing("log");
    skips_missing("ideal");
}

static void counts_no_room(const char *name)
{
    prepare(name, 10, 10, 0);
    guest_hog(TIER_SLOW, 0);
    run_to_the_end(16); /* a step that could move nothing is the last */
    expect_moved(0, 0);
    EXPECT_EQ(10, arena.migration.failed);
    EXPECT_EQ(10, guest_orders.outcomes[TIER_SLOW][NO_ROOM]);
    EXPECT_EQ(0, wrong_words());
    clean();
}

TEST(full_slow, "migrate.no_room", "with both tiers full nothing moves, and every attempt counts as failed")
{
    counts_no_room("batch");
    counts_no_room("protect");
    counts_no_room("log");
}

/* The tests of these tests. */
TEST(broken_migrators, "migrate.broken_are_seen", "a wrong frame and a lost store are both seen as wrong words")
{
    u32 in_flight = 0;

    EXPECT(touched_between_steps("broken-wrong-frame", 8, &in_flight) > 0);
    clean();
    EXPECT(touched_between_steps("broken-lost-store", 8, &in_flight) > 0);
    clean();
    EXPECT_EQ(0, touched_between_steps("broken-never", 8, &in_flight));
    EXPECT_EQ(0, arena.migration.promoted + arena.migration.demoted);
    clean();
}
