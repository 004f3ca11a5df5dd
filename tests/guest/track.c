/* What trackers see: exactly what was touched since the last window, and each page once. */
#include "kernel/panic.h"
#include "lib/registry.h"
#include "mm/memory.h"
#include "mm/tlb.h"
#include "tests/guest/guest.h"

enum { PAGES = 1500 }; /* over three tables, the last one partly */

static struct observations found;
static u8 touched[PAGES], seen[PAGES];

/* One window's steps. */
static void look(const struct tracker *tracker)
{
    bool done;

    if (!found.list)
        found.list = kmem_alloc(OBSERVATIONS_PER_STEP * sizeof(struct observation));
    for (u32 page = 0; page < PAGES; page++)
        seen[page] = 0;
    do {
        found.count = 0;
        done = tracker->step(&arena, &found);
        for (u32 i = 0; i < found.count; i++) {
            EXPECT(found.list[i].page < PAGES);
            EXPECT_EQ(1, found.list[i].weight);
            if (found.list[i].page < PAGES)
                seen[found.list[i].page]++;
        }
    } while (!done);
}

static void expect_seen(void)
{
    for (u32 page = 0; page < PAGES; page++)
        EXPECT_EQ(touched[page], seen[page]);
}

/* Touches pages at random, some of them often; the others are forgotten. */
static void touch(u64 random, u32 share)
{
    for (u32 page = 0; page < PAGES; page++) {
        random = random * 6364136223846793005ull + 1442695040888963407ull;
        touched[page] = (random >> 40) % 100 < share;
        if (!touched[page])
            continue;
        for (u32 i = 0; i <= random >> 62; i++)
            if (random >> 61 & 1)
                *guest_at(page, i) = random;
            else
                (void)*guest_at(page, i);
    }
}

TEST(abit_exact, "track.abit", "accessed bits: exactly the touched pages, once each, and none again when untouched")
{
    const struct tracker *abit = registry_find(&tracker_registry, "abit");
    u64 before, entries = 0;

    guest_fill(0, PAGES / 2, TIER_FAST);
    guest_fill(PAGES / 2, PAGES - PAGES / 2, TIER_SLOW);
    touch(1, 50);
    parts_start(&arena, abit, NULL, NULL); /* forgets what was */
    touch(2, 0);
    look(abit);
    expect_seen();
    for (u32 window = 0; window < 6; window++) {
        touch(window, window * 20);
        look(abit);
        expect_seen();
        touch(window, 0);
        look(abit);
        expect_seen();
    }
    for (u32 page = 0; page < PAGES; page += 7)
        *(volatile u64 *)space_bytes(&arena, page) = 1; /* the laboratory's own accesses leave no trace */
    before = arena.pte_visits;
    look(abit);
    expect_seen();
    for (u32 page = 0; page < arena.nr_pages; page += PT_ENTRIES)
        entries += space_entry(&arena, page) ? PT_ENTRIES : 0;
    EXPECT_EQ(entries, arena.pte_visits - before); /* tables that were never made are not visited */
    guest_clean();
}

TEST(abit_flushes, "track.abit_flush", "a step that cleared bits ends with one flush, one that found none without")
{
    const struct tracker *abit = registry_find(&tracker_registry, "abit");
    u64 flushes;

    guest_fill(0, PAGES, TIER_FAST);
    parts_start(&arena, abit, NULL, NULL);
    flushes = tlb_counts.full;
    look(abit);
    EXPECT_EQ(flushes, tlb_counts.full);
    (void)*guest_at(3, 0);
    look(abit);
    EXPECT(tlb_counts.full > flushes && tlb_counts.full - flushes <= ALIGN_UP(arena.nr_pages, PT_ENTRIES) / PT_ENTRIES);
    guest_clean();
}

TEST(broken_trackers, "track.broken_are_seen",
     "a silent tracker and one that reports everything differ from what was touched")
{
    u32 missed = 0, invented = 0;

    guest_fill(0, PAGES, TIER_FAST);
    touch(1, 50);
    parts_start(&arena, registry_find(&tracker_registry, "broken-silent"), NULL, NULL);
    look(arena.tracker);
    for (u32 page = 0; page < PAGES; page++)
        missed += touched[page] && !seen[page];
    parts_start(&arena, registry_find(&tracker_registry, "broken-all"), NULL, NULL);
    look(arena.tracker);
    for (u32 page = 0; page < PAGES; page++)
        invented += seen[page] && !touched[page];
    EXPECT(missed > PAGES / 3);
    EXPECT(invented > PAGES / 3);
    guest_clean();
}
