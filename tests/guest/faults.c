/* What classifiers that go by faults stand on: promotion while the page still faults, and demotion by watermarks. */
#include "kernel/clock.h"
#include "lib/registry.h"
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
    tlb_flush_all(FLUSH_LOCAL); /* for the processor's own A bits, where there is no model */
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
    step = w.low;
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

static void settle(struct order order, enum outcome outcome)
{
    order_done(&arena, order, outcome == MOVED ? move_now(&arena, order) : outcome);
}

/* A touch `waited_us` after the page was protected; whether it makes the classifier ask for the page. */
static bool comes_up(u32 page, bool write, u64 waited_us)
{
    struct touch t = {.page = page, .write = write, .waited_ps = waited_us * 1000000};
    struct order order;

    arena.classifier->touched(&arena, &t);
    order = up();
    EXPECT(order.page == page || order.page == NO_PAGE);
    if (order.page != NO_PAGE)
        settle(order, MOVED);
    return order.page != NO_PAGE;
}

TEST(any_fault, "faults.any", "fault-any: every touch comes up while more than two steps of the fast tier are free")
{
    u32 free = 2 * watermarks_step(&arena);

    guest_fill(0, 10, TIER_SLOW);
    start("fault-any");
    guest_hog(TIER_FAST, free + 3);
    for (u32 page = 0; page < 10; page++)
        EXPECT_EQ(page < 3, comes_up(page, false, 1u << 30));
    EXPECT_EQ(NO_PAGE, arena.classifier->next(&arena, TIER_SLOW).page);
    guest_clean();
}

extern u64 active_touches, active_free, twice_MBps, twice_us, history_reserve, history_wake;

TEST(active_faults, "faults.active", "fault-active: the touch after `active_touches` comes up; 2 % of the fast tier are kept free")
{
    u64 usual = active_touches;
    u32 goal = arena.share[TIER_FAST] / 50, nr = 0;

    guest_fill(0, 10, TIER_SLOW);
    guest_fill(10, 200, TIER_FAST);
    for (u32 page = 10; page < 210; page++)
        take_accessed(&arena, page);
    active_touches = 2;
    start("fault-active");
    EXPECT(!comes_up(0, true, 0));
    EXPECT(!comes_up(1, true, 0));
    EXPECT(!comes_up(0, true, 0));
    EXPECT(comes_up(0, true, 0));
    EXPECT(!comes_up(0, true, 0)); /* it is there */
    active_touches = 0;
    EXPECT(comes_up(2, false, 1u << 30));
    active_touches = usual;
    guest_hog(TIER_FAST, goal - 20);
    EXPECT(comes_up(1, false, 0));
    while (arena.classifier->next(&arena, TIER_SLOW).page != NO_PAGE)
        nr++;
    EXPECT(nr > 20 && nr <= 20 + 3);
    guest_clean();
}

static void pass(u64 us)
{
    clock_charge(ACCOUNT_OTHER, us * 1000000);
    clock_book(BOOK_OFF); /* tells the model */
}

/* fault-twice: a hot page's two touches, a second after those of the last one. */
static void try_twice(u32 page)
{
    pass(23437);
    EXPECT(!comes_up(page, false, 10));
    EXPECT(comes_up(page, false, 10));
}

/* The longest wait that makes a load's page a candidate. */
static u64 threshold_us(void)
{
    u64 below = 0, above = 4 * twice_us;

    while (above - below > 1) {
        struct touch t = {.page = 50, .waited_ps = (below + above) / 2 * 1000000};
        arena.classifier->touched(&arena, &t);
        *(t.again ? &below : &above) = (below + above) / 2;
        if (t.again)
            EXPECT(!comes_up(50, false, 1u << 30)); /* no candidate any more */
    }
    return below;
}

TEST(twice_faults, "faults.twice",
     "fault-twice: two short waits running; twice the limit for stores; at most the rate; a threshold that falls when tries are many")
{
    enum { PAGES = 200, SECOND_US = 23437 };
    struct touch again = {.page = 0, .waited_ps = 1};
    u64 rate = rate_pages(twice_MBps, SECOND_US * 1000000ull), usual = twice_MBps;
    u32 came = 0, tries;
    u64 before_us;

    guest_fill(0, PAGES, TIER_SLOW);
    clock_reset();
    pass(2 * SECOND_US);
    start("fault-twice");
    arena.classifier->touched(&arena, &again);
    EXPECT(again.again);
    EXPECT(!comes_up(0, false, twice_us));     /* too late: no candidate any more */
    EXPECT(!comes_up(0, false, twice_us));     /* nor one again */
    EXPECT(!comes_up(0, true, twice_us));      /* a store is a candidate up to twice the threshold */
    EXPECT(comes_up(0, true, 2 * twice_us - 1));
    EXPECT(rate > 1 && rate < PAGES);
    for (u32 page = 1; page < PAGES; page++) {
        EXPECT(!comes_up(page, false, 10));
        came += comes_up(page, false, 10);
    }
    EXPECT_EQ(rate - 1, came); /* the first one was in this second, too */
    parts_stop(&arena);

    twice_MBps = 1; /* one page a second; more tries than 110 % of those in 60 s: the threshold falls at once */
    tries = (u32)rate_pages(twice_MBps, 1406250ull * 1000000) * 11 / 10 + 1;
    clock_reset();
    start("fault-twice");
    try_twice(60);
    before_us = threshold_us();
    for (u32 i = 1; i < 2 * tries; i++)
        try_twice(60 + i);
    EXPECT_EQ(before_us * 81 / 100, threshold_us());
    twice_MBps = usual;
    guest_clean();
}

TEST(history_bits, "faults.history",
     "history: a page above the fast tier's lowest level comes up; the lowest level's head goes down until the reserve is free")
{
    enum { SLOW = 10, FAST = 20 };
    struct observation idle[FAST];
    struct order order;
    u32 nr = 0;

    guest_fill(0, SLOW, TIER_SLOW);
    guest_fill(SLOW, FAST, TIER_FAST);
    start("history");
    guest_hog(TIER_FAST, (u32)history_wake);
    EXPECT(!comes_up(0, false, 0)); /* all are at eight */
    for (u32 i = 0; i < FAST; i++)
        idle[i] = (struct observation){.page = SLOW + i};
    arena.classifier->observe(&arena, idle, 3, 1); /* three fast pages are at seven, the last one at the head */
    EXPECT(comes_up(0, false, 0));
    for (u32 i = 0; i < 2; i++)
        arena.classifier->observe(&arena, &(struct observation){.page = 1}, 1, 2); /* at six */
    EXPECT(!comes_up(1, false, 0));
    EXPECT(space_room(&arena, TIER_FAST) < history_wake);
    for (u32 i = 0; i < 3; i++) {
        order = arena.classifier->next(&arena, TIER_SLOW);
        EXPECT_EQ(SLOW + 2 - i, order.page);
        settle(order, MOVED);
    }
    for (order = arena.classifier->next(&arena, TIER_SLOW); order.page != NO_PAGE; order = arena.classifier->next(&arena, TIER_SLOW)) {
        settle(order, MOVED);
        nr++;
    }
    EXPECT_EQ(history_reserve, space_room(&arena, TIER_FAST));
    EXPECT_EQ(history_reserve - history_wake + 1 - 3, nr);
    guest_clean();
}

static bool wants_again, saw_idle[64];

static void want_again(struct space *space, struct touch *touch)
{
    (void)space;
    touch->again = wants_again;
}

static const struct classifier asks_again = {
    .part = {.name = "asks-again", .summary = "for tests"}, .wants = SEES_TOUCHES | SEES_IDLE, .touched = want_again};

TEST(hint_again, "faults.again", "hint: protects at once what the classifier wants again, and reports as idle what is still protected")
{
    enum { PAGES = 40 };
    struct observation list[2 * PAGES];
    struct observations out = {.list = list};
    const struct hint *counted;
    u64 usual = hint_pages;

    guest_fill(0, PAGES, TIER_FAST);
    hint_pages = PAGES / 2;
    parts_start(&arena, registry_find(&tracker_registry, "hint"), &asks_again, NULL);
    EXPECT(arena.tracker->step(&arena, &out)); /* pages 0 to 19 */
    EXPECT_EQ(0, out.count);
    wants_again = true;
    load(3);
    wants_again = false;
    load(4);
    EXPECT(arena.tracker->step(&arena, &out)); /* 20 to 39, and 3 */
    EXPECT_EQ(2, out.count);
    EXPECT(!pte_present(*(volatile pte_t *)space_entry(&arena, 3)));
    EXPECT(pte_present(*(volatile pte_t *)space_entry(&arena, 4)));
    counted = arena.own[TRACKER];
    EXPECT_EQ(PAGES + 1, counted->hint_protected);
    out.count = 0;
    hint_pages = UINT32_MAX / 8; /* once around */
    load(30);
    EXPECT(arena.tracker->step(&arena, &out)); /* from 0 on: all but 4 and 30 are idle */
    EXPECT_EQ(1 + PAGES - 2, out.count);
    for (u32 i = 0; i < out.count; i++) {
        EXPECT_EQ(out.list[i].page == 30, out.list[i].weight);
        saw_idle[out.list[i].page] = true;
    }
    EXPECT(!saw_idle[4] && saw_idle[3]);
    hint_pages = usual;
    guest_clean();
}
