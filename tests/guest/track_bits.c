/* Trackers of accessed and dirty bits: with a flush exact, without one blind to what stays in the modelled TLB. */
#include "kernel/clock.h"
#include "kernel/panic.h"
#include "lib/registry.h"
#include "lib/string.h"
#include "mm/memory.h"
#include "mm/tlb.h"
#include "mm/track/mlq.h"
#include "mm/track/region.h"
#include "tests/guest/guest.h"

enum { PAGES = 1500 }; /* over three tables, the last one partly */

extern const char *abit_flush, *mlq_switch; /* keys, set here in place of the command line */

static struct observations found;
static u8 read_pages[PAGES], written_pages[PAGES];
static u32 seen[PAGES]; /* sums of weights */
static u8 seen_flags[PAGES];
static u32 seen_elsewhere;

static const struct tracker *tracker_named(const char *name)
{
    return registry_find(&tracker_registry, name);
}

/* One window's steps. */
static void look(const struct tracker *tracker)
{
    bool done;

    if (!found.list)
        found.list = kmem_alloc(OBSERVATIONS_PER_STEP * sizeof(struct observation));
    memset(seen, 0, sizeof(seen));
    seen_elsewhere = 0;
    do {
        found.count = 0;
        done = tracker->step(&arena, &found);
        for (u32 i = 0; i < found.count; i++) {
            const struct observation *o = &found.list[i];
            if (o->page >= PAGES) {
                seen_elsewhere++;
                continue;
            }
            seen[o->page] += o->weight;
            seen_flags[o->page] = o->flags;
        }
    } while (!done);
}

static void expect_seen(const u8 *pages, const u8 *or_pages)
{
    EXPECT_EQ(0, seen_elsewhere);
    for (u32 page = 0; page < PAGES; page++)
        EXPECT_EQ(pages[page] | or_pages[page], seen[page]);
}

/* Reads `share` percent of the pages at random and writes as many, as the workload does. */
static void touch(u64 random, u32 share)
{
    clock_book(BOOK_WORKLOAD);
    for (u32 page = 0; page < PAGES; page++) {
        random = random * 6364136223846793005ull + 1442695040888963407ull;
        read_pages[page] = (random >> 40) % 100 < share;
        written_pages[page] = (random >> 50) % 100 < share;
        if (read_pages[page])
            (void)*guest_at(page, random >> 55);
        if (written_pages[page])
            *guest_at(page, random >> 56) = random;
    }
    clock_book(BOOK_OFF);
}

static void read_range(u32 first, u32 count)
{
    clock_book(BOOK_WORKLOAD);
    for (u32 page = first; page < first + count; page++)
        (void)*guest_at(page, page % 512);
    clock_book(BOOK_OFF);
}

static void begin(void)
{
    clock_reset();
    guest_fill(0, PAGES / 2, TIER_FAST);
    guest_fill(PAGES / 2, PAGES - PAGES / 2, TIER_SLOW);
}

static void end(void)
{
    guest_clean();
    clock_reset();
}

static void expect_exact(const char *name, const u8 *also)
{
    const struct tracker *tracker = tracker_named(name);

    begin();
    touch(1, 50);
    parts_start(&arena, tracker, NULL, NULL); /* forgets what was */
    for (u32 n = 0; n < 7; n++) {
        touch(n, n * 15);
        look(tracker);
        expect_seen(written_pages, also);
        touch(n, 0);
        look(tracker);
        expect_seen(written_pages, also);
    }
    end();
}

TEST(dbit_exact, "track.dbit",
     "dirty bits: exactly the written pages, none of those only read, none again when untouched")
{
    static const u8 none[PAGES];

    expect_exact("dbit", none);
    EXPECT_EQ(OBSERVED_WRITTEN, seen_flags[0]);
}

TEST(tree_exact, "track.abit_tree", "the descent sees exactly what was touched, and visits less where little was")
{
    const struct tracker *tree = tracker_named("abit-tree");
    u64 before, upper = 0;

    expect_exact("abit-tree", read_pages);
    begin();
    for (u32 page = 0; page < arena.nr_pages; page += PT_ENTRIES)
        upper += pt_entry(arena.root, space_va(&arena, page), 2, false) != NULL;
    parts_start(&arena, tree, NULL, NULL);
    before = arena.pte_visits;
    look(tree);
    EXPECT_AT_MOST(ALIGN_UP(arena.nr_pages, PT_ENTRIES * PT_ENTRIES) / (PT_ENTRIES * PT_ENTRIES), arena.pte_visits - before);
    read_range(PT_ENTRIES + 3, 1);
    before = arena.pte_visits;
    look(tree);
    EXPECT_EQ(1, seen[PT_ENTRIES + 3]);
    EXPECT_EQ(1 + upper + PT_ENTRIES,
              arena.pte_visits - before); /* one level-3 entry, all of its level-2 entries, one table */
    end();
}

TEST(flush_page, "track.flush_page", "flush=page is as exact as flush=full, with one flush for each page seen")
{
    const char *key = abit_flush;
    u64 full, pages;

    abit_flush = "page";
    expect_exact("abit", read_pages);
    begin();
    parts_start(&arena, tracker_named("abit"), NULL, NULL);
    read_range(7, 20);
    full = tlb_counts.full;
    pages = tlb_counts.page;
    look(tracker_named("abit"));
    EXPECT_EQ(full, tlb_counts.full);
    EXPECT_EQ(pages + 20, tlb_counts.page);
    end();
    abit_flush = key;
}

TEST_MODEL(flush_none, "track.flush_none",
           "without a flush, a page that stays in the modelled TLB is missed, one that was evicted is seen")
{
    const struct tracker *abit = tracker_named("abit");
    const char *key = abit_flush;
    u64 full, pages;

    abit_flush = "none";
    begin();
    parts_start(&arena, abit, NULL, NULL);
    full = tlb_counts.full;
    pages = tlb_counts.page;
    read_range(5, 1);
    look(abit);
    EXPECT_EQ(1, seen[5]);
    for (u32 n = 0; n < 3; n++) {
        read_range(5, 1); /* its translation is still there */
        look(abit);
        EXPECT_EQ(0, seen[5]);
    }
    read_range(6, PAGES - 6); /* far more than the TLB holds */
    look(abit);
    EXPECT_EQ(0, seen[5]);
    for (u32 page = 6; page < PAGES; page++)
        EXPECT_EQ(1, seen[page]);
    read_range(5, 1);
    look(abit);
    EXPECT_EQ(1, seen[5]);
    EXPECT_EQ(full, tlb_counts.full);
    EXPECT_EQ(pages, tlb_counts.page);
    tlb_flush_all(FLUSH_LOCAL); /* somebody else's: as good as an eviction */
    read_range(5, 1);
    look(abit);
    EXPECT_EQ(1, seen[5]);
    end();
    abit_flush = key;
}

TEST_MODEL(walked, "model.walked",
           "walks set A, stores D; a store through an entry loaded for reading walks again, once")
{
    volatile u8 *bytes = (volatile u8 *)(MODEL_VA + model_header()->walked_offset + arena.first_page);
    const volatile struct model_counters *counted = &model_header()->account[ACCOUNT_WORKLOAD];

    u64 walks; /* the image's own pages are walked to, too, but by then they are in the TLB */

    begin();
    clock_book(BOOK_WORKLOAD);
    *guest_at(0, 0) = 1;
    walks = counted->walks;
    (void)*guest_at(1, 0);
    EXPECT_EQ(WALKED_ACCESSED | WALKED_SET, bytes[1]);
    *guest_at(2, 0) = 1;
    EXPECT_EQ(WALKED_ACCESSED | WALKED_DIRTY | WALKED_SET, bytes[2]);
    EXPECT_EQ(walks + 2, counted->walks);
    *guest_at(1, 0) = 1;
    *guest_at(1, 0) = 2;
    EXPECT_EQ(WALKED_ACCESSED | WALKED_DIRTY | WALKED_SET, bytes[1]);
    EXPECT_EQ(walks + 3, counted->walks);
    bytes[1] = bytes[2] = 0;
    *guest_at(1, 0) = 3;
    *guest_at(2, 1) = 3;
    EXPECT_EQ(0, bytes[1] | bytes[2]); /* the TLB knows it all */
    EXPECT_EQ(walks + 3, counted->walks);
    clock_book(BOOK_OFF);
    tlb_flush_all(FLUSH_LOCAL);
    (void)*guest_at(3, 0); /* the laboratory's own */
    clock_book(BOOK_WORKLOAD);
    *(volatile u64 *)space_bytes(&arena, 4) = 1;
    (void)*guest_at(1, 0);
    clock_book(BOOK_OFF);
    EXPECT_EQ(0, bytes[3] | bytes[4]);
    EXPECT_EQ(WALKED_ACCESSED | WALKED_SET, bytes[1]);
    end();
}

TEST(mlq_off, "track.mlq_off", "with the queue off, mlq sees what abit sees")
{
    const char *key = mlq_switch;

    mlq_switch = "off";
    expect_exact("mlq", read_pages);
    mlq_switch = key;
}

/* Accesses in windows 0, 1, 3 and 6 of eight: each window is credited, four are seen; the ninth begins anew. */
TEST(mlq_credit, "track.mlq", "a bit that was left set is credited and not seen; after the cycle nothing is left")
{
    const struct tracker *mlq = tracker_named("mlq");
    const struct mlq *counted;

    begin();
    parts_start(&arena, mlq, NULL, NULL);
    counted = arena.own[TRACKER];
    for (u32 n = 0; n < 10; n++) {
        if (n == 0 || n == 1 || n == 3 || n == 6)
            read_range(9, 1);
        look(mlq);
        EXPECT_EQ(n < 8, seen[9]);
    }
    EXPECT_EQ(4, counted->mlq_seen);
    EXPECT_EQ(8, counted->mlq_credited);
    EXPECT_EQ(3, counted->mlq_cleared);
    end();
}

static void expect_covered(void)
{
    const struct regions *regions = arena.own[TRACKER];
    u32 page = 0;

    EXPECT(regions->nr > 0);
    for (u32 i = 0; i < regions->nr; i++) {
        EXPECT_EQ(page, regions->list[i].start);
        EXPECT(regions->list[i].end > regions->list[i].start);
        EXPECT(regions->list[i].sampled >= regions->list[i].start && regions->list[i].sampled < regions->list[i].end);
        page = regions->list[i].end;
    }
    EXPECT_EQ(arena.nr_pages, page);
}

TEST(region_covers, "track.region",
     "regions cover the space at all times, merge and split, and close in on what is accessed")
{
    const struct tracker *region = tracker_named("region");
    const struct regions *regions;
    u32 fewest = UINT32_MAX, most = 0, reports = 0, hits = 0, strays = 0;

    begin();
    parts_start(&arena, region, NULL, NULL);
    regions = arena.own[TRACKER];
    expect_covered();
    for (u32 window = 1; window <= 800; window++) {
        u32 before = regions->nr;
        read_range(300, 600);
        look(region);
        expect_covered();
        if (window % 20)
            EXPECT_EQ(before, regions->nr);
        fewest = MIN(fewest, regions->nr);
        most = MAX(most, regions->nr);
        EXPECT_EQ(0, seen_elsewhere); /* there is nothing */
        if (window % 20 || window <= 400)
            continue;
        reports++;
        for (u32 page = 0; page < PAGES; page++) {
            EXPECT_AT_MOST(20, seen[page]);
            hits += seen[page] && page >= 300 && page < 900;
            strays += seen[page] && (page < 300 || page >= 900);
        }
    }
    EXPECT(most > 2 * fewest);
    EXPECT_AT_MOST(100, most);
    EXPECT(hits >= reports * 600 * 9 / 10);
    EXPECT_AT_MOST(reports * 600 / 5, strays);
    end();
}
