/* What a move must keep beside the contents, and a log that holds more pages than a step may report. */
#include "lib/registry.h"
#include "mm/memory.h"
#include "mm/move.h"
#include "tests/guest/guest.h"

/* A page that was only read, one that was written, and one that nobody touched, in each tier. */
enum { READ, WRITTEN, IDLE, KINDS, PAGES = 2 * KINDS };

static void keeps_bits(const char *name)
{
    static const u32 promote[] = {0, 1, 2}, demote[] = {3, 4, 5};
    u64 before[PAGES];

    guest_fill(0, KINDS, TIER_SLOW);
    guest_fill(KINDS, KINDS, TIER_FAST);
    for (u32 page = 0; page < PAGES; page++) {
        if (page % KINDS == READ)
            (void)*guest_at(page, 0);
        else if (page % KINDS == WRITTEN)
            *guest_at(page, 0) = guest_word(page, 0);
        before[page] = space_entry(&arena, page)->bits & (PTE_ACCESSED | PTE_DIRTY);
    }
    EXPECT_EQ(PTE_ACCESSED, before[READ]);
    EXPECT_EQ(PTE_ACCESSED | PTE_DIRTY, before[WRITTEN]);
    EXPECT_EQ(0, before[IDLE]);
    guest_start(NULL, registry_find(&migrator_registry, name),
                (struct guest_orders){.promote = promote, .demote = demote, .nr_promote = 3, .nr_demote = 3});
    EXPECT(guest_move_all(2, 2 * PAGES) < 2 * PAGES);
    for (u32 page = 0; page < PAGES; page++) {
        EXPECT_EQ(page < KINDS ? TIER_FAST : TIER_SLOW, space_tier(&arena, page));
        EXPECT_EQ(before[page], space_entry(&arena, page)->bits & (PTE_ACCESSED | PTE_DIRTY));
    }
    guest_clean();
}

TEST(move_keeps_bits, "moves.bits", "a page that moves keeps its A and D bits, whichever migrator moves it")
{
    keeps_bits("sync");
    keeps_bits("batch");
    keeps_bits("protect");
    keeps_bits("ideal");
}

/* More than a step's list has room for, by a part of a word of the log's bitmap. */
enum { LOGGED = OBSERVATIONS_PER_STEP + 200, GUARD = 256 };

TEST(log_fits_the_list, "moves.log_fits", "a log of more pages than a step may report is told in several steps")
{
    const struct tracker *wlog = registry_find(&tracker_registry, "wlog");
    static struct observation *list; /* what the boot allocates is never given back: once */
    struct observations out;
    u32 told = 0, steps = 0;
    bool done;

    if (!list)
        list = kmem_alloc((OBSERVATIONS_PER_STEP + GUARD) * sizeof(*list));
    out.list = list;
    for (u32 page = 0; page < LOGGED; page++)
        space_map(&arena, page, space_frame_alloc(&arena, TIER_SLOW));
    parts_start(&arena, wlog, NULL, NULL);
    for (u32 page = 0; page < LOGGED; page++)
        wlog->fault(&arena, page, true);
    do {
        out.count = 0;
        for (u32 i = 0; i < GUARD; i++)
            out.list[OBSERVATIONS_PER_STEP + i].page = NO_PAGE;
        done = wlog->step(&arena, &out);
        EXPECT(out.count <= OBSERVATIONS_PER_STEP);
        for (u32 i = 0; i < GUARD; i++)
            EXPECT_EQ(NO_PAGE, out.list[OBSERVATIONS_PER_STEP + i].page);
        for (u32 i = 0; i < MIN(out.count, OBSERVATIONS_PER_STEP); i++)
            EXPECT_EQ(told + i, out.list[i].page);
        told += out.count;
    } while (!done && ++steps < 10);
    EXPECT_EQ(LOGGED, told);
    EXPECT_EQ(1, steps);
    guest_clean();
}

/* Six pages to go each way and no lack of room: what stops them is the limit alone. */
static void keeps_to_the_limit(const char *name)
{
    static const u32 promote[] = {0, 1, 2, 3, 4, 5}, demote[] = {6, 7, 8, 9, 10, 11};

    guest_fill(0, 6, TIER_SLOW);
    guest_fill(6, 6, TIER_FAST);
    guest_start(NULL, registry_find(&migrator_registry, name),
                (struct guest_orders){.promote = promote, .demote = demote, .nr_promote = 6, .nr_demote = 6});
    arena.moves_left[TIER_FAST] = 2;
    arena.moves_left[TIER_SLOW] = 3;
    EXPECT(guest_move_all(4, 24) < 24);
    EXPECT_EQ(2, arena.migration.promoted);
    EXPECT_EQ(3, arena.migration.demoted);
    guest_clean();
}

TEST(moves_are_limited, "moves.limit", "moves= bounds promotions and demotions, each by itself")
{
    keeps_to_the_limit("sync");
    keeps_to_the_limit("batch");
    keeps_to_the_limit("protect");
    keeps_to_the_limit("log");
}
