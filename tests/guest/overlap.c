/*
 * Moves that overlap with the workload: stores between a page's copy and its commit. No store is lost, each migrator
 * counts what it met, and log's copies are counted exactly.
 */
#include "kernel/clock.h"
#include "lib/registry.h"
#include "lib/string.h"
#include "mm/memory.h"
#include "tests/guest/guest.h"

enum { PAGES = 240, UP = 140, DOWN = PAGES - UP, WORDS = PAGE_SIZE / sizeof(u64) };

static u32 promote[UP], demote[DOWN];
static u64 version[PAGES];        /* what was stored to word 1 last; 0: nothing */
static u32 copies, copies_stored; /* that were open after a step, and those of them that saw a store */

static void store(u32 page, u64 value)
{
    u64 faults = arena.faults;

    *guest_at(page, 1) = version[page] = value;
    EXPECT(arena.faults <= faults + 1); /* whoever serves it serves this page */
}

static void prepare(const char *name)
{
    guest_fill(0, UP, TIER_SLOW);
    guest_fill(UP, DOWN, TIER_FAST);
    for (u32 i = 0; i < UP; i++)
        promote[i] = (i * 37 + 5) % UP;
    for (u32 i = 0; i < DOWN; i++)
        demote[i] = UP + (i * 29 + 3) % DOWN;
    memset(version, 0, sizeof(version));
    copies = copies_stored = 0;
    for (u32 page = 0; page < PAGES; page++) {
        (void)*guest_at(page, 0); /* its translation is cached */
        if (page % 2)
            store(page, page); /* that it was dirty before says nothing */
    }
    guest_start(NULL, registry_find(&migrator_registry, name),
                (struct guest_orders){.promote = promote, .demote = demote, .nr_promote = UP, .nr_demote = DOWN});
}

static u32 wrong_words(void)
{
    u32 wrong = 0;

    for (u32 page = 0; page < PAGES; page++)
        for (u32 i = 0; i < WORDS; i++)
            wrong += *guest_at(page, i) != (i == 1 && version[page] ? version[page] : guest_word(page, i));
    return wrong;
}

/* The pages of a list that were handed out and have not arrived: each `every`-th is stored to. */
static void store_to_open(const u32 *list, u32 handed_out, enum tier to, u32 every, u64 value)
{
    for (u32 i = 0; i < handed_out; i++) {
        if (space_tier(&arena, list[i]) == to)
            continue;
        copies++;
        if (copies % every)
            continue;
        store(list[i], value + i);
        copies_stored++;
    }
}

/* Steps to the end, with stores to open pages after the first `storing_steps`. Returns the instructions of all steps. */
static u64 move_under_stores(u32 budget, u32 every, u32 storing_steps)
{
    u64 before = clock.core_insns[CORE_DAEMON];
    bool done = false;

    for (u32 step = 1; step < 4 * PAGES; step++) {
        clock_book(book_on(ACCOUNT_MIGRATE, CORE_DAEMON));
        done = arena.migrator->step(&arena, budget);
        clock_book(BOOK_OFF);
        if (done)
            break;
        if (step > storing_steps)
            continue;
        store_to_open(promote, guest_orders.promoted, TIER_FAST, every, (u64)step << 32);
        store_to_open(demote, guest_orders.demoted, TIER_SLOW, every, (u64)step << 32 | 1 << 20);
    }
    EXPECT(done);
    return clock.core_insns[CORE_DAEMON] - before;
}

static void clean(void)
{
    parts_stop(&arena);
    guest_expect_frames_owned();
    guest_clean();
}

/* What all have to keep: everything arrives, nothing is lost, a tenth of the copies has seen a store. */
static void survives(const char *name, u32 budget, u32 every)
{
    prepare(name);
    move_under_stores(budget, every, UINT32_MAX);
    EXPECT_EQ(UP, guest_orders.outcomes[TIER_FAST][MOVED]);
    EXPECT_EQ(DOWN, guest_orders.outcomes[TIER_SLOW][MOVED]);
    EXPECT_EQ(0, wrong_words());
    EXPECT(copies >= PAGES / budget); /* at least one page a step was open */
}

static void expect_tenth(u32 all_copies)
{
    EXPECT(copies_stored * 10 >= all_copies);
}

TEST(sync_overlaps, "overlap.sync", "stores to the page that is being moved, in more than a tenth of all: none is lost")
{
    survives("sync", 4, 1);
    expect_tenth(PAGES);
    clean();
}

TEST(batch_overlaps, "overlap.batch", "stores to a third of the pages that are being moved: none is lost")
{
    survives("batch", 16, 3);
    EXPECT_EQ(PAGES, copies);
    expect_tenth(PAGES);
    clean();
}

TEST(protect_overlaps, "overlap.protect", "a store to a page that is being copied waits, and none is lost; loads do not wait")
{
    survives("protect", 16, 3);
    EXPECT_EQ(PAGES, copies);
    EXPECT_EQ(copies_stored, guest_counter(MIGRATOR, "protect_waits"));
    expect_tenth(PAGES);
    clean();
    prepare("protect");
    for (bool done = false; !done;) {
        u64 faults = arena.faults;
        done = arena.migrator->step(&arena, 16);
        for (u32 page = 0; page < PAGES; page++)
            EXPECT_EQ(guest_word(page, 7), *guest_at(page, 7));
        EXPECT_EQ(faults, arena.faults);
    }
    EXPECT_EQ(0, guest_counter(MIGRATOR, "protect_waits"));
    clean();
}

extern u64 transaction_tries;

TEST(transaction_overlaps, "overlap.transaction", "a copy that a store has made stale is made again, and no store is lost")
{
    u64 usual = transaction_tries;

    transaction_tries = 1000;
    survives("transaction", 16, 3);
    EXPECT_EQ(copies_stored, guest_counter(MIGRATOR, "transaction_aborts"));
    EXPECT_EQ(PAGES + copies_stored, copies);
    expect_tenth(copies);
    clean();
    transaction_tries = usual;
}

/* A dirty page is open twice: after its first copy it is in use, after its second one an access waits. */
TEST(log_overlaps, "overlap.log", "stores to pages between copy and commit, and between the two copies: none is lost")
{
    survives("log", 16, 3);
    EXPECT_EQ(PAGES, guest_counter(MIGRATOR, "log_clean") + guest_counter(MIGRATOR, "log_dirty"));
    EXPECT_EQ(copies_stored, guest_counter(MIGRATOR, "log_dirty") + guest_counter(MIGRATOR, "log_waits"));
    EXPECT_EQ(copies, PAGES + guest_counter(MIGRATOR, "log_dirty"));
    EXPECT(guest_counter(MIGRATOR, "log_waits") > 0);
    expect_tenth(PAGES + (u32)guest_counter(MIGRATOR, "log_dirty"));
    clean();
    survives("log", PAGES, 1); /* most are stored to before their second copy, which comes at once then */
    EXPECT_EQ(PAGES, guest_counter(MIGRATOR, "log_dirty"));
    EXPECT_EQ(PAGES, guest_counter(MIGRATOR, "log_waits"));
    clean();
}

/* By instructions: every dirty page costs one more copy of 512 words, and little else; a clean one none. */
TEST_ICOUNT(log_copies, "overlap.log_copies", "log copies a dirty page exactly twice and a clean one once")
{
    u64 clean_insns, insns, dirty;

    for (u32 every = 1; every <= 4; every++) {
        prepare("log");
        clean_insns = move_under_stores(PAGES, 1, 0);
        EXPECT_EQ(PAGES, guest_counter(MIGRATOR, "log_clean"));
        EXPECT_EQ(0, guest_counter(MIGRATOR, "log_dirty"));
        EXPECT_EQ(0, wrong_words());
        clean();
        prepare("log");
        insns = move_under_stores(PAGES, every, 1); /* all are open after the first step, and nothing is stored later */
        dirty = copies_stored;
        EXPECT_EQ(PAGES / every, dirty);
        EXPECT_EQ(dirty, guest_counter(MIGRATOR, "log_dirty"));
        EXPECT_EQ(PAGES - dirty, guest_counter(MIGRATOR, "log_clean"));
        EXPECT(clean_insns >= PAGES * WORDS && clean_insns < PAGES * WORDS * 3 / 2);
        EXPECT(insns - clean_insns >= dirty * WORDS);
        EXPECT(insns - clean_insns < dirty * WORDS * 5 / 4);
        EXPECT_EQ(0, wrong_words());
        clean();
    }
}

/* Taken twice, a page would have two frames on the way. */
static void takes_once(const char *name)
{
    static const u32 twice[] = {7, 8, 7, 8, 9};

    prepare(name);
    guest_orders = (struct guest_orders){.promote = twice, .nr_promote = 5};
    EXPECT(guest_move_all(5, 20) < 20);
    EXPECT_EQ(3, guest_orders.outcomes[TIER_FAST][MOVED]);
    EXPECT_EQ(2, guest_orders.outcomes[TIER_FAST][GONE]);
    clean();
}

TEST(in_flight_is_gone, "overlap.in_flight", "an order for a page that is in flight already is refused")
{
    takes_once("batch");
    takes_once("protect");
    takes_once("transaction");
    takes_once("log");
}
