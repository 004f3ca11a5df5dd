/* Leaves of 2 MiB, by hand: what is refused, what parts for single pages make of a leaf, and what the model charges. */
#include "kernel/clock.h"
#include "kernel/err.h"
#include "lib/registry.h"
#include "mm/bits.h"
#include "mm/huge.h"
#include "mm/memory.h"
#include "mm/move.h"
#include "tests/guest/guest.h"

enum { FIRST = HUGE_PAGES }; /* of the leaf, which is not the space's first */

static enum outcome order(u32 page, u32 to)
{
    return huge_order(&arena, (struct order){.page = page, .to = (u8)to});
}

static void map_leaf(enum tier tier)
{
    guest_clean();
    EXPECT_EQ(0, huge_map(&arena, FIRST, tier));
}

static void end(void)
{
    guest_clean();
    guest_expect_frames_owned();
    clock_reset();
}

TEST(huge_refused, "huge.refused", "no leaf where none can be, and no order about what is not there")
{
    u64 failed;

    map_leaf(TIER_SLOW);
    failed = arena.migration.failed;
    EXPECT_EQ((u64)ERR_BUSY, huge_map(&arena, FIRST, TIER_FAST)); /* there is one */
    EXPECT_EQ((u64)ERR_RANGE, huge_map(&arena, FIRST + 1, TIER_FAST));
    EXPECT_EQ((u64)ERR_RANGE, huge_map(&arena, (u32)ALIGN_UP(arena.nr_pages, HUGE_PAGES), TIER_FAST));
    EXPECT_EQ(GONE, order(FIRST, TIER_SLOW)); /* lies there */
    EXPECT_EQ(GONE, order(FIRST, TO_COLLAPSE));
    EXPECT_EQ(GONE, order(FIRST + 1, TIER_FAST)); /* not its name */
    EXPECT_EQ(GONE, order(FIRST + 1, TO_SPLIT));
    EXPECT_EQ(GONE, order(0, TIER_FAST));
    EXPECT_EQ(GONE, order(0, TO_SPLIT));
    EXPECT_EQ(GONE, order(0, TO_COLLAPSE));
    EXPECT_EQ(GONE, order(arena.nr_pages, TO_SPLIT));
    EXPECT_EQ(failed + 8, arena.migration.failed);
    guest_hog(TIER_FAST, HUGE_PAGES - 1);
    EXPECT_EQ(NO_ROOM, order(FIRST, TIER_FAST));
    EXPECT_EQ((u64)ERR_NOMEM, huge_map(&arena, 0, TIER_FAST));
    guest_release();
    EXPECT_EQ(MOVED, order(FIRST, TIER_FAST));
    EXPECT_EQ(MOVED, order(FIRST, TO_SPLIT));
    EXPECT_EQ(GONE, order(FIRST, TO_SPLIT));
    EXPECT_EQ(GONE, order(FIRST, TIER_SLOW)); /* single pages are others' business */
    EXPECT_EQ(MOVED, move_now(&arena, (struct order){.page = FIRST + 77, .to = TIER_SLOW}));
    EXPECT_EQ(GONE, order(FIRST, TO_COLLAPSE)); /* in both tiers */
    EXPECT_EQ(MOVED, move_now(&arena, (struct order){.page = FIRST + 77, .to = TIER_FAST}));
    for (u32 reason = 0; reason < 4; reason++) {
        static const u64 reasons[] = {REASON_MOVING, REASON_TOUCH, REASON_LOG, REASON_GUARDED};
        pte_t *entry = space_entry(&arena, FIRST + 13);
        space_protect(&arena, FIRST + 13, entry, reasons[reason]);
        EXPECT_EQ(GONE, order(FIRST, TO_COLLAPSE));
        space_allow(&arena, FIRST + 13, entry, reasons[reason]);
    }
    arena.new_reasons = REASON_LOG;
    EXPECT_EQ(GONE, order(FIRST, TO_COLLAPSE));
    EXPECT_EQ((u64)ERR_BUSY, huge_map(&arena, 0, TIER_SLOW));
    arena.new_reasons = 0;
    space_unmap(&arena, FIRST + 511);
    EXPECT_EQ(GONE, order(FIRST, TO_COLLAPSE)); /* one is missing */
    EXPECT_EQ(0, space_populate(&arena, FIRST + 511));
    EXPECT_EQ(MOVED, order(FIRST, TO_COLLAPSE));
    end();
}

static u32 told, asked_back[3];

static void count_mapped(struct space *space, u32 page, enum tier tier)
{
    EXPECT_EQ(space_tier(space, page), tier);
    EXPECT_EQ(FIRST, page);
    told++;
}

static void note_done(struct space *space, struct order done, enum outcome outcome)
{
    (void)space;
    asked_back[0]++;
    asked_back[1] = done.to;
    asked_back[2] = outcome;
}

static const struct classifier counting = {
    .part = {.name = "counting", .summary = "for tests"}, .mapped = count_mapped, .done = note_done};

/* Moves of single pages, up and down, where there is a leaf. */
static void refuse_pieces(const struct migrator *migrator)
{
    static const u32 pages[] = {FIRST, FIRST + 5, FIRST + 511};

    ktap_about(migrator->part.name, NULL, NULL);
    for (unsigned to = 0; to < NR_TIERS; to++) {
        guest_start(NULL, migrator,
                    to ? (struct guest_orders){.demote = pages, .nr_demote = ARRAY_SIZE(pages)}
                       : (struct guest_orders){.promote = pages, .nr_promote = ARRAY_SIZE(pages)});
        guest_move_all(8, 10);
        u32 given =
            to ? guest_orders.demoted : guest_orders.promoted; /* who exchanges ends where nothing is left to move */
        EXPECT(given > 0);
        EXPECT_EQ(given, guest_orders.outcomes[to][GONE]);
        parts_stop(&arena);
    }
    ktap_about(NULL, NULL, NULL);
}

TEST(huge_parts, "huge.parts",
     "a classifier is told of one page; who moves or protects single pages leaves a leaf alone")
{
    const struct tracker *wlog = registry_find(&tracker_registry, "wlog"),
                         *hint = registry_find(&tracker_registry, "hint");

    map_leaf(TIER_SLOW);
    *guest_at(FIRST + 5, 9) = 99;
    told = asked_back[0] = 0;
    parts_start(&arena, NULL, &counting, NULL);
    EXPECT_EQ(1, told);
    EXPECT_EQ(MOVED, order(FIRST, TIER_FAST));
    EXPECT(asked_back[0] == 1 && asked_back[1] == TIER_FAST && asked_back[2] == MOVED);
    EXPECT_EQ(HUGE_PAGES, arena.migration.promoted);
    EXPECT_EQ(0, arena.migration.demoted);
    EXPECT_EQ(GONE, order(FIRST, TO_COLLAPSE));
    EXPECT(asked_back[0] == 2 && asked_back[1] == TO_COLLAPSE && asked_back[2] == GONE);
    parts_stop(&arena);
    EXPECT_EQ(MOVED, order(FIRST, TIER_SLOW));
    for (const void *const *m = migrator_registry.start; m < migrator_registry.end; m++)
        if (guest_can_start(&((const struct migrator *)*m)->part))
            refuse_pieces(*m);
    for (u32 round = 0; round < 2; round++) {
        parts_start(&arena, round ? hint : wlog, NULL, NULL);
        u64 faults = arena.faults;
        *guest_at(FIRST + 5, 9) += 1;
        EXPECT_EQ(faults, arena.faults); /* no tracker sees into a leaf, */
        EXPECT_EQ(MOVED, order(FIRST, TO_SPLIT));
        *guest_at(FIRST + 5, 9) += 1; /* but what wanted to hear of its pages does from the split on */
        EXPECT_EQ(faults + !round, arena.faults);
        parts_stop(&arena);
        EXPECT_EQ(MOVED, order(FIRST, TO_COLLAPSE));
    }
    EXPECT_EQ(103, *guest_at(FIRST + 5, 9));
    EXPECT_EQ(TIER_SLOW, space_tier(&arena, FIRST));
    EXPECT_EQ(HUGE_PAGES, space_leaf_pages(&arena, FIRST + 300));
    end();
}

TEST(huge_notes, "huge.notes", "a D bit that a tracker has not seen yet is not lost in a collapse, nor in a split")
{
    pte_t *entry;

    map_leaf(TIER_FAST);
    EXPECT_EQ(MOVED, order(FIRST, TO_SPLIT));
    *guest_at(FIRST + 3, 0) = 1;
    entry = space_entry(&arena, FIRST + 3);
    watch_dirty(entry);
    EXPECT_EQ(GONE, order(FIRST, TO_COLLAPSE)); /* a migrator looks for stores */
    unwatch_dirty(entry);
    EXPECT_EQ(PTE_TRACKER_DIRTY, entry->bits & DIRTY_FOR_TRACKER);
    EXPECT_EQ(MOVED, order(FIRST, TO_COLLAPSE));
    EXPECT_EQ(PTE_TRACKER_DIRTY, huge_entry(&arena, FIRST)->bits & DIRTY_FOR_TRACKER);
    EXPECT_EQ(MOVED, order(FIRST, TIER_SLOW));
    EXPECT_EQ(MOVED, order(FIRST, TO_SPLIT));
    for (u32 i = 0; i < HUGE_PAGES; i++)
        EXPECT_EQ(PTE_TRACKER_DIRTY, space_entry(&arena, FIRST + i)->bits & DIRTY_FOR_TRACKER);
    end();
}

/* Loads a word of each page; how many walks that took. */
static u64 walks_of_all(void)
{
    const volatile struct model_counters *counted = &model_header()->account[ACCOUNT_WORKLOAD];
    u64 before = counted->walks;

    clock_book(BOOK_WORKLOAD);
    for (u32 i = 0; i < HUGE_PAGES; i++)
        (void)*guest_at(FIRST + i, 3);
    clock_book(BOOK_OFF);
    return counted->walks - before;
}

TEST_MODEL(huge_walks, "huge.walks",
           "a leaf is one entry of the modelled TLB, whose A is set once; single pages are as many as they are")
{
    const volatile struct model_counters *counted = &model_header()->account[ACCOUNT_WORKLOAD];
    u64 few = 8, sets, checked = model_header()->samples_checked; /* the kernel's own memory is walked for, too */

    map_leaf(TIER_SLOW);
    clock_reset();
    EXPECT_AT_MOST(few, walks_of_all());
    sets = counted->entry_sets;
    EXPECT_EQ(1, sets);
    EXPECT_AT_MOST(few, walks_of_all());
    drop_accessed(huge_entry(&arena, FIRST));
    tlb_flush_page(space_va(&arena, FIRST + 400), FLUSH_LOCAL);
    EXPECT_AT_MOST(few, walks_of_all());
    EXPECT_EQ(sets + 1, counted->entry_sets); /* it was taken, and set again */
    tlb_flush_page(space_va(&arena, FIRST + 400), FLUSH_LOCAL);
    EXPECT_AT_MOST(few, walks_of_all());
    EXPECT_EQ(sets + 1, counted->entry_sets);
    EXPECT_EQ(MOVED, order(FIRST, TO_SPLIT));
    EXPECT(walks_of_all() >= HUGE_PAGES);
    EXPECT_EQ(sets + 1, counted->entry_sets); /* all have taken over the leaf's A */
    EXPECT_EQ(MOVED, order(FIRST, TO_COLLAPSE));
    EXPECT_AT_MOST(few, walks_of_all());
    EXPECT_EQ(sets + 1, counted->entry_sets);
    for (u32 round = 0; round < 20; round++) /* so many that QEMU's address is asked for: every 8,192 lines */
        walks_of_all();
    EXPECT(model_header()->samples_checked > checked);
    model_check();
    end();
}
