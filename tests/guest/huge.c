/*
 * Leaves of 2 MiB beside single pages, against a simple account of what must be there: for each page its words, its
 * tier, what was accessed and stored to, A and D; for each 512 pages whether they are one leaf.
 *
 *      10,000 steps at random: loads and stores (which map what is missing), A and D taken, pages and leaves mapped,
 *      moved, split, collapsed, taken away; some 300 of them are about 512 pages
 *      after each: what it was about is as the account says, its order's outcome as predicted
 *      now and then: everything is, the truth and every frame included
 *
 * Memory is short: some orders find no room, or room but no run.
 */
#include "kernel/clock.h"
#include "kernel/err.h"
#include "lib/keys.h"
#include "lib/string.h"
#include "mm/bits.h"
#include "mm/huge.h"
#include "mm/memory.h"
#include "mm/move.h"
#include "tests/guest/guest.h"

enum {
    BLOCKS = 6,
    PAGES = BLOCKS * HUGE_PAGES,
    STAMPS = 4,
    FAST_LEFT = 7 * HUGE_PAGES + 300,
    SLOW_LEFT = 4 * HUGE_PAGES
};

static KEY_NUMBER(huge_steps, "huge_steps", 10000, 1000, UINT32_MAX,
                  "test huge.random: steps at random, 30 of 1000 about 512 pages; tests/long/stress.sh: 200,000");

static const u32 stamp_at[STAMPS] = {0, 1, 300, 511};

static struct account {
    u64 stamps[STAMPS];
    u32 loads, stores;            /* in this epoch */
    bool mapped, accessed, dirty; /* of a leaf: its first page's */
    u8 tier;
} *pages;

static bool leaf[BLOCKS];
static u32 resident[NR_TIERS], room[NR_TIERS], nr_free[NR_TIERS]; /* the latter two without any page */
static u32 outcomes[NR_TIERS + 2][NR_OUTCOMES];                   /* by where to: TO_SPLIT, TO_COLLAPSE */
static u64 random_state, stamp;

static u32 draw(u32 limit)
{
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (u32)(random_state >> 33) % limit;
}

/* The page by which the leaf that maps a page is named. */
static u32 named(u32 page)
{
    return leaf[page / HUGE_PAGES] ? (u32)ALIGN_DOWN(page, HUGE_PAGES) : page;
}

static pte_t *entry_of(u32 page)
{
    return leaf[page / HUGE_PAGES] ? huge_entry(&arena, page) : space_entry(&arena, page);
}

static void check_page(u32 page)
{
    const struct account *p = &pages[page], *bits = &pages[named(page)];
    volatile u8 *walked = walked_bytes(&arena);

    EXPECT_EQ(leaf[page / HUGE_PAGES] ? HUGE_PAGES : 1, space_leaf_pages(&arena, page));
    EXPECT_EQ(p->mapped, space_resident(&arena, page));
    if (!p->mapped)
        return;
    EXPECT_EQ(p->tier, space_tier(&arena, page));
    EXPECT_EQ((bits->accessed ? PTE_ACCESSED : 0) | (bits->dirty ? PTE_DIRTY : 0),
              ((volatile pte_t *)entry_of(page))->bits & (PTE_ACCESSED | PTE_DIRTY));
    if (walked)
        EXPECT_EQ((bits->accessed ? WALKED_ACCESSED : 0) | (bits->dirty ? WALKED_DIRTY : 0),
                  walked[named(page)] & (WALKED_ACCESSED | WALKED_DIRTY));
    for (u32 i = 0; i < STAMPS; i++)
        EXPECT_EQ(p->stamps[i], ((u64 *)space_bytes(&arena, page))[stamp_at[i]]);
}

static void check_frames(void)
{
    for (unsigned tier = 0; tier < NR_TIERS; tier++) {
        EXPECT_EQ(resident[tier], arena.resident[tier]);
        EXPECT_EQ(room[tier] - resident[tier], space_room(&arena, tier));
        EXPECT_EQ(nr_free[tier] - resident[tier], frame_pool(tier)->nr_free);
    }
}

static void check_block(u32 block)
{
    for (u32 i = 0; i < HUGE_PAGES; i++)
        check_page(block * HUGE_PAGES + i);
    check_frames();
}

/* All words and the truth; the epoch ends. */
static void check_all(void)
{
    const struct page_truth *truth;

    model_doorbells->epoch = 1;
    model_check();
    truth = model_truth();
    for (u32 page = 0; page < PAGES; page++) {
        struct account *p = &pages[page];
        u64 wrong = 0;
        if (truth) {
            EXPECT_EQ(p->loads, truth[page].loads);
            EXPECT_EQ(p->stores, truth[page].stores);
        }
        p->loads = p->stores = 0;
        for (u32 i = 0, s = 0; p->mapped && i < PAGE_SIZE / sizeof(u64); i++) {
            u64 want = s < STAMPS && stamp_at[s] == i ? p->stamps[s++] : 0;
            wrong += want != ((u64 *)space_bytes(&arena, page))[i];
        }
        EXPECT_EQ(0, wrong);
    }
    for (u32 block = 0; block < BLOCKS; block++)
        check_block(block);
}

/* What is expected of a page that has just got a zeroed frame, or lost it. */
static void account_for(u32 page, bool mapped, enum tier tier)
{
    struct account *p = &pages[page];

    *p = (struct account){.loads = p->loads, .stores = p->stores, .mapped = mapped, .tier = (u8)tier};
    resident[tier] += mapped ? 1u : -1u;
}

static void touch(u32 page, bool write)
{
    u32 i = draw(STAMPS);
    struct account *p = &pages[page];
    u64 got;

    clock_book(BOOK_WORKLOAD);
    if (write)
        got = *guest_at(page, stamp_at[i]) = ++stamp;
    else
        got = *guest_at(page, stamp_at[i]);
    clock_book(BOOK_OFF);
    if (!p->mapped)
        account_for(page, true, space_tier(&arena, page));
    if (write)
        p->stamps[i] = got;
    EXPECT_EQ(p->stamps[i], got);
    p->loads += !write;
    p->stores += write;
    pages[named(page)].accessed = true;
    pages[named(page)].dirty |= write;
}

/* As a tracker does; the flush names any page of a leaf. */
static void take_bits(u32 page, bool dirty)
{
    volatile u8 *walked = walked_bytes(&arena);
    pte_t *entry = pages[page].mapped ? entry_of(page) : NULL;

    if (!entry)
        return;
    if (dirty) {
        take_dirty(entry, 0);
        pages[named(page)].dirty = false;
    } else {
        drop_accessed(entry);
        pages[named(page)].accessed = false;
    }
    if (walked)
        walked[named(page)] &= (u8) ~(dirty ? WALKED_DIRTY : WALKED_ACCESSED);
    tlb_flush_page(space_va(&arena, page), FLUSH_LOCAL);
}

static void forget_walked(u32 page)
{
    volatile u8 *walked = walked_bytes(&arena);

    if (walked)
        walked[page] = 0;
}

static void unmap_page(u32 page)
{
    if (!pages[page].mapped || leaf[page / HUGE_PAGES])
        return;
    space_unmap(&arena, page);
    tlb_flush_page(space_va(&arena, page), FLUSH_LOCAL);
    forget_walked(page);
    account_for(page, false, pages[page].tier);
}

/* Single pages alone: a piece of a leaf is none. */
static void move_page(u32 page, enum tier to)
{
    struct account *p = &pages[page];
    enum outcome want = !p->mapped || leaf[page / HUGE_PAGES] || p->tier == to ? GONE
                        : room[to] == resident[to]                             ? NO_ROOM
                                                                               : MOVED;

    EXPECT_EQ(want, move_now(&arena, (struct order){.page = page, .to = (u8)to}));
    if (want != MOVED)
        return;
    resident[to]++;
    resident[to ^ 1]--;
    p->tier = (u8)to;
}

/* Whether there is room for a run, and a run. */
static bool has_run(enum tier tier)
{
    const struct frame_pool *pool = frame_pool(tier);
    u32 length = 0;

    for (u32 i = 0; i < pool->nr_frames && length < HUGE_PAGES; i++) {
        pfn_t pfn = pool->first + i;
        length = frame_pool_in_use(pool, pfn) || (!length && pfn % HUGE_PAGES) ? 0 : length + 1;
    }
    return length == HUGE_PAGES && room[tier] - resident[tier] >= HUGE_PAGES;
}

/* Whether all 512 pages are mapped, in one tier. */
static bool in_one_tier(u32 first)
{
    for (u32 i = 0; i < HUGE_PAGES; i++)
        if (!pages[first + i].mapped || pages[first + i].tier != pages[first].tier)
            return false;
    return true;
}

static bool is_empty(u32 first)
{
    for (u32 i = 0; i < HUGE_PAGES; i++)
        if (pages[first + i].mapped)
            return false;
    return true;
}

static bool is_done(u32 block, u8 to, enum outcome want)
{
    struct order order = {.page = block * HUGE_PAGES, .to = to};
    u64 moved[NR_TIERS] = {arena.migration.promoted, arena.migration.demoted};

    EXPECT_EQ(want, huge_order(&arena, order));
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        EXPECT_EQ(moved[tier] + (want == MOVED && tier == to ? HUGE_PAGES : 0), arena.migration.moved_to[tier]);
    outcomes[to][want]++;
    return want == MOVED;
}

static void split(u32 block)
{
    struct account *first = &pages[block * HUGE_PAGES];

    if (!is_done(block, TO_SPLIT, leaf[block] ? MOVED : GONE))
        return;
    leaf[block] = false;
    for (u32 i = 1; i < HUGE_PAGES; i++) {
        first[i].accessed = first->accessed;
        first[i].dirty = first->dirty;
    }
}

static void collapse(u32 block)
{
    u32 first = block * HUGE_PAGES;
    bool possible = !leaf[block] && in_one_tier(first);

    if (!is_done(block, TO_COLLAPSE, !possible ? GONE : has_run(pages[first].tier) ? MOVED : NO_ROOM))
        return;
    leaf[block] = true;
    for (u32 i = 1; i < HUGE_PAGES; i++) {
        pages[first].accessed |= pages[first + i].accessed;
        pages[first].dirty |= pages[first + i].dirty;
    }
}

static void move_leaf(u32 block, enum tier to)
{
    struct account *first = &pages[block * HUGE_PAGES];
    bool possible = leaf[block] && first->tier != to;

    if (!is_done(block, (u8)to, !possible ? GONE : has_run(to) ? MOVED : NO_ROOM))
        return;
    for (u32 i = 0; i < HUGE_PAGES; i++)
        first[i].tier = (u8)to;
    resident[to] += HUGE_PAGES;
    resident[to ^ 1] -= HUGE_PAGES;
}

static void map_leaf(u32 block, enum tier tier)
{
    u32 first = block * HUGE_PAGES;
    int want = !is_empty(first) ? ERR_BUSY : has_run(tier) ? 0 : ERR_NOMEM;

    EXPECT_EQ((u64)want, huge_map(&arena, first, tier));
    if (want)
        return;
    leaf[block] = true;
    for (u32 i = 0; i < HUGE_PAGES; i++)
        account_for(first + i, true, tier);
}

/* Takes 512 pages away, leaf or not. */
static void unmap_block(u32 block)
{
    u32 first = block * HUGE_PAGES;

    for (u32 i = 0; !leaf[block] && i < HUGE_PAGES; i++)
        unmap_page(first + i);
    if (!leaf[block])
        return;
    huge_unmap(&arena, first);
    tlb_flush_page(space_va(&arena, first + draw(HUGE_PAGES)), FLUSH_LOCAL);
    forget_walked(first);
    leaf[block] = false;
    for (u32 i = 0; i < HUGE_PAGES; i++)
        account_for(first + i, false, pages[first].tier);
}

/* Maps what is missing of 512 single pages, and brings them all into one tier as far as there is room. */
static void gather(u32 block, enum tier tier)
{
    for (u32 page = block * HUGE_PAGES; !leaf[block] && page < (block + 1) * HUGE_PAGES; page++) {
        if (!pages[page].mapped)
            touch(page, false);
        if (pages[page].tier != tier)
            move_page(page, tier);
    }
}

static void step_on_block(u32 block)
{
    enum tier tier = draw(2) ? TIER_FAST : TIER_SLOW;
    u32 kind = draw(20);

    if (kind < 8) {
        if (draw(5))
            unmap_block(block);
        map_leaf(block, tier);
    } else if (kind < 10) {
        split(block);
    } else if (kind < 14) {
        if (draw(4))
            gather(block, tier);
        collapse(block);
    } else {
        move_leaf(block, tier);
    }
    check_block(block);
}

static void step(void)
{
    u32 kind = draw(1000), page = draw(PAGES);

    if (kind < 30) {
        step_on_block(page / HUGE_PAGES);
        return;
    }
    if (kind < 80)
        move_page(page, draw(2) ? TIER_FAST : TIER_SLOW);
    else if (kind < 120)
        unmap_page(page);
    else if (kind < 200)
        take_bits(page, true);
    else if (kind < 300)
        take_bits(page, false);
    else
        touch(page, draw(3) == 0);
    check_page(page);
}

TEST(huge_random, "huge.random",
     "2 MiB leaves and pages mapped, split, collapsed, moved at random: contents, A, D, truth and frames stay right")
{
    if (!pages)
        pages = kmem_alloc(PAGES * sizeof(struct account));
    memset(pages, 0, PAGES * sizeof(struct account));
    memset(leaf, 0, sizeof(leaf));
    memset(outcomes, 0, sizeof(outcomes));
    guest_clean();
    clock_reset();
    guest_hog(TIER_FAST, FAST_LEFT);
    guest_hog(TIER_SLOW, SLOW_LEFT);
    for (unsigned tier = 0; tier < NR_TIERS; tier++) {
        resident[tier] = 0;
        room[tier] = space_room(&arena, tier);
        nr_free[tier] = frame_pool(tier)->nr_free;
    }
    for (u32 page = 0; page < PAGES; page++)
        forget_walked(page);
    random_state = stamp = 1;
    for (u64 n = 0; n < huge_steps; n++) {
        step();
        if (n % 1000 == 999)
            check_all();
    }
    for (unsigned to = 0; to < ARRAY_SIZE(outcomes); to++) {
        EXPECT(outcomes[to][MOVED] >= 5);
        EXPECT(outcomes[to][GONE] >= 1);
        EXPECT(to == TO_SPLIT || outcomes[to][NO_ROOM] >= 1);
    }
    guest_release();
    guest_expect_frames_owned();
    guest_clean();
    guest_expect_frames_owned();
    EXPECT_EQ(0, arena.resident[TIER_FAST] + arena.resident[TIER_SLOW]);
    clock_reset();
}
