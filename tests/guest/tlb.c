/* The one flush function: what it drops, on which core, and whom it costs what. */
#include "mm/tlb.h"
#include "kernel/cpu.h"
#include "lab/run.h"
#include "report/totals.h"
#include "mm/direct.h"
#include "mm/memory.h"
#include "tests/guest/guest.h"

#define PAGE 5

/* Two frames of the same tier whose first words are 1 and 2; the page has the first. Returns an entry for the second. */
static pte_t two_frames(pfn_t *second)
{
    guest_fill(PAGE, 1, TIER_SLOW);
    *(u64 *)space_bytes(&arena, PAGE) = 1;
    *second = frame_alloc(TIER_SLOW);
    *(u64 *)pfn_to_virt(*second) = 2;
    return pte_make(*second, arena.leaf_bits);
}

static void drops(void (*flush)(void))
{
    pfn_t second;
    pte_t other = two_frames(&second), first;

    EXPECT_EQ(1, *guest_at(PAGE, 0)); /* the translation is cached */
    first = space_replace(&arena, PAGE, other);
    flush();
    EXPECT_EQ(2, *guest_at(PAGE, 0));
    space_replace(&arena, PAGE, first);
    flush();
    EXPECT_EQ(1, *guest_at(PAGE, 0));
    frame_free(second);
    guest_clean();
}

static void flush_all(void)
{
    tlb_flush_all(FLUSH_LOCAL);
}

static void flush_page(void)
{
    tlb_flush_page(space_va(&arena, PAGE), FLUSH_LOCAL);
}

TEST(flush_drops, "tlb.drops", "after a flush, of all or of the page, the next access uses the entry as it is")
{
    drops(flush_all);
    drops(flush_page);
}

/* What a flush of either kind charges the workload as serialising, nothing being booked. */
static u64 charged(enum flush_reach reach, bool page)
{
    struct totals then = totals_now(&run_watch), t;

    if (page)
        tlb_flush_page(space_va(&arena, PAGE), reach);
    else
        tlb_flush_all(reach);
    t = totals_since(&run_watch, &then);
    EXPECT_EQ(t.phase_ps[PHASE_SERIAL], t.time_ps);
    EXPECT_EQ(!page, t.tlb_full);
    EXPECT_EQ(page, t.tlb_page);
    return t.phase_ps[PHASE_SERIAL];
}

TEST_MODEL(shootdowns, "tlb.shootdowns",
           "a shootdown costs the workload a constant, times the cores where their number grows with pages")
{
    u64 once = model_header()->shootdown_ps;

    EXPECT(once > 0);
    for (unsigned page = 0; page < 2; page++) {
        EXPECT_EQ(0, charged(FLUSH_LOCAL, page));
        EXPECT_EQ(once, charged(FLUSH_PER_WINDOW, page));
        EXPECT_EQ(once * model_header()->cores, charged(FLUSH_PER_PAGES, page));
    }
    clock_reset();
}

/* Serialising constants that the daemon pays for flushing a page itself. */
static u64 paid(enum flush_reach reach)
{
    u64 before = model_header()->account[ACCOUNT_TRACK].serial_ps;

    clock_book(book_on(ACCOUNT_TRACK, CORE_DAEMON));
    tlb_flush_page(space_va(&arena, PAGE), reach);
    clock_book(BOOK_OFF);
    return model_header()->account[ACCOUNT_TRACK].serial_ps - before;
}

TEST_MODEL(flusher_pays, "tlb.sender", "a flush of its own costs the instruction, a shootdown only who receives it")
{
    EXPECT(paid(FLUSH_LOCAL) > 0);
    EXPECT_EQ(0, paid(FLUSH_PER_PAGES));
    EXPECT_EQ(0, paid(FLUSH_PER_WINDOW));
    clock_reset();
}

/* The workload's walks for one load of the page, and for what the bookkeeping itself touches while it is booked. */
static u64 walks(void)
{
    u64 before = model_header()->account[ACCOUNT_WORKLOAD].walks;
    volatile u64 *at = guest_at(PAGE, 0);

    clock_book(BOOK_WORKLOAD);
    (void)*at;
    clock_book(BOOK_OFF);
    return model_header()->account[ACCOUNT_WORKLOAD].walks - before;
}

TEST_MODEL(flush_reaches_cores, "tlb.cores", "a page flushed by the daemon's core is looked up anew by the workload's")
{
    guest_fill(PAGE, 1, TIER_FAST);
    EXPECT(walks() > 0);
    EXPECT_EQ(0, walks());
    paid(FLUSH_PER_PAGES);
    EXPECT_EQ(1, walks());
    clock_book(book_on(ACCOUNT_TRACK, CORE_DAEMON));
    tlb_flush_all(FLUSH_PER_WINDOW);
    clock_book(BOOK_OFF);
    EXPECT(walks() > 0);
    EXPECT_EQ(0, walks());
    guest_clean();
    clock_reset();
}
