/* The model's counts against accesses made by hand: they agree to the last access. */
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "kernel/hooks.h"
#include "lib/registry.h"
#include "tests/guest/guest.h"

enum { PAGES = 16, FAST_PAGES = 8 };

static u32 loads[PAGES], stores[PAGES]; /* what must be counted */

static void begin(void)
{
    guest_fill(0, FAST_PAGES, TIER_FAST);
    guest_fill(FAST_PAGES, PAGES - FAST_PAGES, TIER_SLOW);
    for (u32 page = 0; page < PAGES; page++)
        loads[page] = stores[page] = 0;
    clock_reset();
}

static void load(u32 page, u32 i)
{
    loads[page]++;
    (void)*guest_at(page, i);
}

static void store(u32 page, u32 i)
{
    stores[page]++;
    *guest_at(page, i) = i;
}

/* Closes the epoch and compares every page; then the expectation starts anew. */
static void expect_counts(void)
{
    const struct page_truth *truth;

    clock_book(BOOK_OFF);
    model_doorbells->epoch = 1;
    model_check();
    truth = model_truth();
    for (u32 page = 0; page < arena.nr_pages; page++) {
        EXPECT_EQ(page < PAGES ? loads[page] : 0, truth[page].loads);
        EXPECT_EQ(page < PAGES ? stores[page] : 0, truth[page].stores);
    }
    for (u32 page = 0; page < PAGES; page++)
        loads[page] = stores[page] = 0;
}

static void end(void)
{
    clock_reset();
    guest_clean();
}

TEST_MODEL(counts, "model.truth", "truth equals what was accessed, page by page, loads and stores apart")
{
    u64 all_loads[NR_TIERS] = {0}, all_stores[NR_TIERS] = {0}, random = 1;
    const volatile struct model_counters *counted = &model_header()->account[ACCOUNT_WORKLOAD];

    begin();
    clock_book(BOOK_WORKLOAD);
    for (u32 n = 0; n < 20000; n++) {
        random = random * 6364136223846793005ull + 1442695040888963407ull;
        u32 page = (u32)(random >> 33) % PAGES, i = (u32)(random >> 50) % 512;
        if (random >> 63)
            load(page, i);
        else
            store(page, i);
    }
    if (hook_is("miscount")) /* one access that nobody wrote down: this test must fail */
        (void)*guest_at(0, 0);
    clock_book(BOOK_OFF);
    for (u32 page = 0; page < PAGES; page++) {
        all_loads[page >= FAST_PAGES] += loads[page];
        all_stores[page >= FAST_PAGES] += stores[page];
    }
    expect_counts();
    for (unsigned tier = 0; tier < NR_TIERS; tier++) {
        EXPECT_EQ(all_loads[tier], counted->loads[tier]);
        EXPECT_EQ(all_stores[tier], counted->stores[tier]);
        EXPECT(counted->requests[tier] > 0);
    }
    end();
}

TEST_MODEL(kinds, "model.kinds_of_access",
           "read-modify-write is both; a straddling access is one, of the first page; strings count per turn")
{
    begin();
    clock_book(BOOK_WORKLOAD);
    __asm__ volatile("incq %0" : "+m"(*guest_at(0, 0)));
    loads[0]++, stores[0]++;
    __asm__ volatile("lock incq %0" : "+m"(*guest_at(1, 0)));
    loads[1]++, stores[1]++;
    __asm__ volatile("xchgq %%rax, %0" : "+m"(*guest_at(2, 0)) : : "rax");
    loads[2]++, stores[2]++;
    (void)*(volatile u64 *)(space_va(&arena, 4) - 4);
    loads[3]++;
    *(volatile u32 *)(space_va(&arena, FAST_PAGES) - 1) = 1; /* into the other tier */
    stores[FAST_PAGES - 1]++;
    (void)*(volatile u64 *)(space_va(&arena, 5) + 60); /* two lines, one access */
    loads[5]++;
    (void)*(volatile u8 *)(space_va(&arena, 6) + 4095);
    loads[6]++;
    copy_page((void *)space_va(&arena, 10), (void *)space_va(&arena, 9));
    loads[9] += 512, stores[10] += 512;
    zero_page((void *)space_va(&arena, 11));
    stores[11] += 512;
    __asm__ volatile("movnti %1, %0" : "=m"(*guest_at(12, 0)) : "r"(0ull));
    stores[12]++;
    expect_counts();
    end();
}

TEST_MODEL(uncounted, "model.what_is_not_counted", "the direct map, other accounts and a paused clock leave no truth")
{
    static const booking_t others[] = {BOOK_OFF, BOOK_FAULT, BOOK_OTHER, ACCOUNT_TRACK | CORE_DAEMON << 8,
                                       ACCOUNT_MIGRATE | CORE_DAEMON << 8};

    begin();
    clock_book(BOOK_WORKLOAD);
    for (u32 page = 0; page < PAGES; page++)
        *(volatile u64 *)space_bytes(&arena, page) += 1;
    for (unsigned i = 0; i < ARRAY_SIZE(others); i++) {
        clock_book(others[i]);
        *guest_at(i, 0) += 1;
    }
    expect_counts();
    end();
}

TEST_MODEL(first_touches, "model.first_touch",
           "an access that faults first is counted once, and its handler not at all")
{
    begin();
    space_clear(&arena);
    clock_reset();
    clock_book(BOOK_WORKLOAD);
    for (u32 page = 0; page < PAGES; page++)
        if (page % 2)
            load(page, 1);
        else
            store(page, 1);
    expect_counts();
    end();
}

TEST_MODEL(epochs, "model.epochs", "each epoch has its own counts, and reading one does not disturb the next")
{
    u64 epoch;

    begin();
    epoch = model_header()->epoch;
    for (u32 n = 0; n < 5; n++) {
        clock_book(BOOK_WORKLOAD);
        for (u32 page = 0; page < PAGES; page += 1 + n)
            load(page, n), store(page, n + 1);
        expect_counts();
        EXPECT_EQ(epoch + n + 1, model_header()->epoch);
    }
    expect_counts(); /* nothing happened */
    end();
}

TEST_MODEL(moved_page, "model.moved_page", "a page keeps its truth when it changes tiers; the tier's counters follow")
{
    const volatile struct model_counters *counted = &model_header()->account[ACCOUNT_WORKLOAD];
    static const u32 page = 0;

    begin();
    clock_book(BOOK_WORKLOAD);
    load(0, 0);
    clock_book(BOOK_OFF);
    guest_start(NULL, registry_find(&migrator_registry, "ideal"), (struct guest_orders){.demote = &page, .nr_demote = 1});
    guest_move_all(1, 2);
    EXPECT_EQ(TIER_SLOW, space_tier(&arena, 0));
    clock_book(BOOK_WORKLOAD);
    load(0, 0);
    store(0, 0);
    expect_counts();
    EXPECT_EQ(1, counted->loads[TIER_FAST]);
    EXPECT_EQ(1, counted->loads[TIER_SLOW]);
    EXPECT_EQ(1, counted->stores[TIER_SLOW]);
    end();
}

/* What the program itself waits for at a first touch in a block of which `rest` follows, while another load is under
 * way. */
#define TOUCH(name, rest)                                                                                              \
    static __attribute__((noipa)) u64 name(const volatile u64 *under_way, const volatile u64 *unmapped)                \
    {                                                                                                                  \
        clock_reset();                                                                                                 \
        model_doorbells->mlp = 10000;                                                                                  \
        clock_book(BOOK_WORKLOAD);                                                                                     \
        (void)under_way[-1]; /* its translation */                                                                     \
        __asm__ volatile("mov (%0), %%rax\n\tmov (%1), %%rax\n\t" rest                                                 \
                         :                                                                                             \
                         : "r"(under_way), "r"(unmapped)                                                               \
                         : "rax", "memory");                                                                           \
        clock_book(BOOK_OFF);                                                                                          \
        return model_header()->account[ACCOUNT_WORKLOAD].stall_ps;                                                     \
    }

TOUCH(touch_at_the_end, "")
TOUCH(touch_before_many, ".rept 300\n\tlea 1(%%rax), %%rax\n\t.endr")

TEST_MODEL(fault_in_block, "model.fault_in_block",
           "a fault in the middle of a block costs as one at its end: what was not executed is not counted")
{
    u64 cost[2];

    for (unsigned i = 0; i < 2; i++) {
        guest_fill(0, 2, TIER_SLOW); /* page 2 is unmapped */
        cost[i] = (i ? touch_before_many : touch_at_the_end)(guest_at(1, 64), guest_at(2, 0));
        clock_reset();
        guest_clean();
    }
    EXPECT_EQ(cost[0], cost[1]);
    EXPECT(cost[0] > model_header()->tier[TIER_SLOW].read_ps / 2); /* the other load was under way */
}

/* Writes all of a page past the caches, line by line. */
static void send_page(u32 page)
{
    clock_book(BOOK_WORKLOAD);
    for (u32 i = 0; i < PAGE_SIZE / sizeof(u64); i++) {
        __asm__ volatile("movnti %1, %0" : "=m"(*guest_at(page, i)) : "r"(guest_word(page, i)));
        stores[page]++;
    }
    clock_book(BOOK_OFF);
}

TEST_MODEL(memory_cache, "model.memory_cache", "a memory cache of a page: who writes the same one again hits, another drives it out")
{
    enum { LINES = PAGE_SIZE / 64, FIRST = FAST_PAGES };
    const volatile struct model_header *header = model_header();
    const volatile u64 *requests = header->account[ACCOUNT_WORKLOAD].requests;

    model_doorbells->memory_cache = PAGE_SIZE;
    begin();
    send_page(FIRST);
    send_page(FIRST);
    EXPECT_EQ(LINES, header->memory_cache.hits);
    EXPECT_EQ(LINES, header->memory_cache.misses);
    EXPECT_EQ(0, header->memory_cache.writebacks);
    for (u32 i = 0; i < 2; i++)
        for (u32 page = FIRST + 1; page < PAGES; page++)
            send_page(page);
    EXPECT_EQ(LINES, header->memory_cache.hits);
    EXPECT_EQ(LINES * 15, header->memory_cache.misses);
    EXPECT_EQ(LINES * 14, header->memory_cache.writebacks);
    send_page(0); /* lies in the fast tier */
    EXPECT_EQ(LINES * 16, header->memory_cache.hits + header->memory_cache.misses);
    EXPECT_EQ(LINES * 2, requests[TIER_FAST]);
    EXPECT_EQ(LINES * 15, requests[TIER_SLOW]);
    expect_counts();
    model_doorbells->memory_cache = 0;
    end();
}
