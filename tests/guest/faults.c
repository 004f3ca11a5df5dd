/* What classifiers that go by faults stand on: promotion while the page still faults, and demotion by watermarks. */
#include "kernel/clock.h"
#include "kernel/registry.h"
#include "mm/bits.h"
#include "mm/move.h"
#include "mm/tlb.h"
#include "mm/track/hint.h"
#include "mm/watermarks.h"
#include "tests/guest/guest.h"

static void load(u32 page)
{
    booking_t before = clock_book(BOOK_WORKLOAD);

    (void)*guest_at(page, page % 64 * 8);
    __asm__ volatile("" : : : "memory");
    clock_book(before);
}

static bool is_whole(u32 page)
{
    for (u32 i = 0; i < PAGE_SIZE / 8; i++)
        if (*guest_at(page, i) != guest_word(page, i))
            return false;
    return true;
}

TEST(promotion_needs_no_flush, "faults.promote",
     "a page that is promoted in its fault is not flushed for, since no processor can have cached it; any other is")
{
    enum { PAGES = 40 };
    u64 usual = hint_pages, flushes;

    guest_fill(0, PAGES, TIER_SLOW);
    arena.in_fault = true;
    parts_start(&arena, registry_find(&tracker_registry, "hint"), registry_find(&classifier_registry, "fault-latency"),
                registry_find(&migrator_registry, "batch"));
    hint_pages = PAGES;
    EXPECT(arena.tracker->step(&arena, &(struct observations){0}));
    hint_pages = usual;
    flushes = tlb_counts.page;
    for (u32 page = 0; page < PAGES; page++) {
        EXPECT(!pte_present(*(volatile pte_t *)space_entry(&arena, page)));
        load(page);
        EXPECT(pte_present(*(volatile pte_t *)space_entry(&arena, page)));
        EXPECT_EQ(TIER_FAST, space_tier(&arena, page));
        EXPECT(is_whole(page));
    }
    EXPECT_EQ(PAGES, arena.migration.promoted);
    EXPECT_EQ(flushes, tlb_counts.page);
    EXPECT_EQ(MOVED, move_now(&arena, (struct order){.page = 3, .to = TIER_SLOW}));
    EXPECT_EQ(flushes + 1, tlb_counts.page);
    EXPECT(is_whole(3));
    guest_clean();
}

enum { FAST_PAGES = 1000 };

/* Asks for a page as a migrator does that is called again whenever it is woken; NO_PAGE: woken no more. */
static u32 ask(struct watermarks *w, u32 *asked, void (*between)(void))
{
    u32 page;

    do {
        arena.awake = false;
        page = watermarks_next(&arena, w);
        ++*asked;
        if (between)
            between();
    } while (page == NO_PAGE && arena.awake && *asked < 100);
    return page;
}

static void load_all(void)
{
    for (u32 page = 0; page < FAST_PAGES; page++)
        load(page);
}

TEST(watermarks_persist, "faults.watermarks",
     "demotion looks at more and more pages until one is idle, up to a promo mark; it gives up when all are in use")
{
    struct watermarks w;
    u32 asked = 0, step;

    guest_fill(0, FAST_PAGES, TIER_FAST);
    load_all();
    watermarks_start(&arena, &w, 0);
    for (u32 page = 0; page < FAST_PAGES; page++)
        watermarks_add(&arena, &w, page);
    step = w.step_pages;
    guest_hog(TIER_FAST, 2 * step + 1);
    watermarks_promoted(&arena, &w);
    EXPECT_EQ(NO_PAGE, watermarks_next(&arena, &w)); /* more than the high mark is free */
    guest_hog(TIER_FAST, 2 * step);
    watermarks_allocated(&arena, &w);
    EXPECT_EQ(NO_PAGE, watermarks_next(&arena, &w)); /* not less than the low mark */
    watermarks_promoted(&arena, &w);

    EXPECT_EQ(0, ask(&w, &asked, NULL)); /* all were accessed once: once around */
    EXPECT(asked > 2 && asked <= 12);
    for (u32 i = 1; i <= step; i++)
        EXPECT_EQ(i, watermarks_next(&arena, &w));
    EXPECT_EQ(NO_PAGE, watermarks_next(&arena, &w)); /* with what is on its way, more than the promo mark is free */
    EXPECT_EQ(step + 1, w.open);
    for (u32 i = 0; i <= step; i++)
        watermarks_done(&arena, &w, i, i > 0);
    EXPECT_EQ(FAST_PAGES - step, w.queue.count);

    asked = 0;
    watermarks_promoted(&arena, &w); /* still no more than the high mark: those frames were not really given back */
    load_all();
    EXPECT_EQ(NO_PAGE, ask(&w, &asked, load_all));
    EXPECT_EQ(12, asked);
    asked = 0;
    EXPECT_EQ(NO_PAGE, ask(&w, &asked, load_all)); /* woken again it begins anew */
    EXPECT_EQ(12, asked);
    guest_clean();
}

/* The tracker's fault on a page, as the classifier hears of it; then the access goes through. */
static void touch(u32 page)
{
    arena.classifier->touched(&arena, &(struct touch){.page = page, .waited_ps = 1000});
    load(page);
}

static struct order up(void)
{
    return arena.classifier->next(&arena, TIER_FAST);
}

static void start(const char *classifier)
{
    parts_start(&arena, NULL, registry_find(&classifier_registry, classifier), registry_find(&migrator_registry, "batch"));
}

TEST(recent_faults, "faults.recent",
     "fault-recent: the third later fault that finds a page accessed queues it, once; 20 faults on it is forgotten")
{
    enum { PAGES = 60, IDLE = 30 };
    struct order order;

    guest_fill(0, PAGES, TIER_SLOW);
    for (u32 page = 0; page < PAGES; page++)
        take_accessed(&arena, page); /* of earlier tests */
    start("fault-recent");
    touch(0);
    for (u32 later = 1; later <= 2; later++) {
        touch(later);
        EXPECT_EQ(NO_PAGE, up().page);
    }
    touch(3);
    touch(0); /* it is queued already */
    touch(4);
    order = up();
    EXPECT_EQ(0, order.page);
    EXPECT_EQ(TIER_FAST, order.to);
    EXPECT_EQ(1, up().page);
    EXPECT_EQ(2, up().page);
    EXPECT_EQ(NO_PAGE, up().page);
    EXPECT_EQ(MOVED, move_now(&arena, order));
    order_done(&arena, order, MOVED);
    EXPECT_EQ(1, arena.migration.promoted);
    touch(5);
    EXPECT_EQ(3, up().page); /* and so on, page after page */
    parts_stop(&arena);

    start("fault-recent");
    arena.classifier->touched(&arena, &(struct touch){.page = IDLE}); /* never accessed, so never marked */
    for (u32 later = 0; later < 19; later++)
        arena.classifier->touched(&arena, &(struct touch){.page = IDLE + 1 + later});
    for (u32 i = 0; i < 3; i++) {
        load(IDLE);
        arena.classifier->touched(&arena, &(struct touch){.page = 0}); /* in the fast tier: nobody looks back */
    }
    EXPECT_EQ(NO_PAGE, up().page);
    arena.classifier->touched(&arena, &(struct touch){.page = IDLE + 20}); /* the first mark, and the oldest is forgotten */
    for (u32 later = 21; later < 25; later++)
        arena.classifier->touched(&arena, &(struct touch){.page = IDLE + later});
    EXPECT_EQ(NO_PAGE, up().page);
    guest_clean();
}
