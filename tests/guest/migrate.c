/*
 * What single migrators do beyond their contract (contract_migrator.c): how much moves when room is short, pairs in place,
 * shadows, and what counts as failed.
 */
#include "lib/registry.h"
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

TEST(what_fits, "migrate.what_fits", "as many go up as there is room for, and room is made for, whichever migrator")
{
    static const char *const names[] = {"sync", "batch", "protect", "log", "exchange", "transaction", "ideal"};

    for (u32 i = 0; i < ARRAY_SIZE(names); i++)
        more_than_fits(names[i]);
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
