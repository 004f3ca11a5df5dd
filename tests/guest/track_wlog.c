/* wlog: the log's order and its full events, against counts by hand and against dirty bits; moves keep the page armed. */
#include "mm/track/wlog.h"
#include "mm/memory.h"
#include "mm/tlb.h"
#include "tests/guest/tracked.h"

enum { PAGES = TRACKED_PAGES };

/* Entries of the log since its last drain, in the order of writing: from the last place downwards. */
static void expect_log(const u32 *order, u32 first, u32 n)
{
    const struct wlog *log = arena.own[TRACKER];
    u32 wrong = 0;

    EXPECT_EQ((u16)(WLOG_ENTRIES - 1 - n), log->index);
    for (u32 i = 0; i < n; i++)
        wrong += log->buffer[WLOG_ENTRIES - 1 - i] != space_va(&arena, order[first + i]);
    EXPECT_EQ(0, wrong);
}

TEST(wlog_log, "track.wlog",
     "n first writes are floor((n - 1) / 512) full events and a final drain, logged in order, downwards")
{
    static const u32 counts[] = {1, 512, 513, 1024, 1025, 2000};
    static u32 order[PAGES];
    const struct wlog *log;

    for (u32 i = 0; i < PAGES; i++)
        order[i] = i * 7 % PAGES;
    tracked_prepare("wlog");
    log = arena.own[TRACKER];
    for (unsigned c = 0; c < ARRAY_SIZE(counts); c++) {
        u32 n = counts[c], full = (n - 1) / WLOG_ENTRIES, wrong = 0;
        u64 full_before = log->wlog_full, entries = log->wlog_entries, faults = arena.faults;
        for (u32 i = 0; i < n; i++) {
            store_page(order[i]);
            store_page(order[i / 2]); /* again: one entry a page */
            load_page(order[PAGES - 1 - i]);
        }
        EXPECT_EQ(full, log->wlog_full - full_before);
        EXPECT_EQ(n, log->wlog_entries - entries);
        EXPECT_EQ(n, arena.faults - faults);
        expect_log(order, full * WLOG_ENTRIES, n - full * WLOG_ENTRIES);
        tracked_look();
        for (u32 i = 0; i < PAGES; i++)
            wrong += seen[order[i]] != (i < n) || flags[order[i]] != (i < n ? OBSERVED_WRITTEN : 0);
        EXPECT_EQ(0, wrong);
        EXPECT_EQ(full, log->wlog_full - full_before);
        EXPECT_EQ(WLOG_ENTRIES - 1, log->index);
    }
    tracked_look();
    EXPECT_EQ(0, found.count);
    tracked_finish();
}

TEST(wlog_dirty, "track.wlog_dirty",
     "the logged pages are those whose D bit was set, also among pages first touched meanwhile")
{
    enum { NEW = 40 }; /* pages without a frame yet, the last ones of the part looked at */
    u64 first_touches, random = 7;

    tracked_prepare("wlog");
    for (u32 page = PAGES - NEW; page < PAGES; page++)
        space_unmap(&arena, page);
    tlb_flush_all(FLUSH_LOCAL);
    first_touches = arena.first_touches;
    for (u32 window = 0; window < 5; window++) {
        u32 wrong = 0, n = 0;
        for (u32 page = 0; page < PAGES; page++)
            pte_clear_bits(space_entry(&arena, page), PTE_DIRTY);
        tlb_flush_all(FLUSH_LOCAL);
        for (u32 i = 0; i < 600 * window; i++) {
            u32 page = (u32)next_random(&random) % PAGES;
            (next_random(&random) % 3 ? load_page : store_page)(page);
        }
        tracked_look();
        for (u32 page = 0; page < PAGES; page++) {
            bool dirty = space_entry(&arena, page)->bits & PTE_DIRTY;
            wrong += seen[page] != dirty;
            n += dirty;
        }
        EXPECT_EQ(0, wrong);
        EXPECT((window == 0) == (n == 0));
    }
    for (u32 page = PAGES - NEW; page < PAGES; page++) {
        load_page(page);
        for (u32 i = 0; i < PAGE_SIZE / sizeof(u64); i++)
            ((u64 *)space_bytes(&arena, page))[i] = guest_word(page, i);
    }
    EXPECT_EQ(NEW, arena.first_touches - first_touches);
    tracked_finish();
}

TEST(wlog_moves, "track.wlog_moves",
     "a page that waits for its first write can be moved, and its first write is logged then")
{
    static const char *const names[] = {"sync", "batch"};

    for (unsigned m = 0; m < ARRAY_SIZE(names); m++) {
        u32 in_flight = 0;
        const struct wlog *log;
        u64 entries;
        tracked_prepare("wlog");
        log = arena.own[TRACKER];
        move_pages(names[m], &in_flight);
        EXPECT(in_flight > 0);
        tracked_look();
        for (u32 i = 0; i < 20; i++)
            EXPECT_EQ(PTE_PRESENT, space_entry(&arena, i)->bits & (PTE_PRESENT | PTE_WRITE));
        entries = log->wlog_entries;
        for (u32 i = 0; i < 20; i++)
            store_page(i);
        EXPECT_EQ(20, log->wlog_entries - entries);
        tracked_look();
        for (u32 i = 0; i < PAGES; i++)
            EXPECT_EQ(i < 20, seen[i]);
        tracked_finish();
    }
}
