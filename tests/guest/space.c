/* The managed space: first touches, accessed and dirty bits, and who owns which frame. */
#include "kernel/cpu.h"
#include "kernel/err.h"
#include "lib/string.h"
#include "mm/direct.h"
#include "mm/memory.h"
#include "mm/tlb.h"
#include "tests/guest/guest.h"

/* The walker changes entries behind the compiler's back. */
static u64 ad_bits(u32 page)
{
    return ((volatile pte_t *)space_entry(&arena, page))->bits & (PTE_ACCESSED | PTE_DIRTY);
}

TEST(accessed_and_dirty, "space.ad_bits", "a load sets A, a store A and D, the direct map neither")
{
    guest_fill(0, 4, TIER_FAST);
    EXPECT_EQ(guest_word(0, 0), *guest_at(0, 0));
    EXPECT_EQ(PTE_ACCESSED, ad_bits(0));
    *guest_at(1, 0) = 1;
    EXPECT_EQ(PTE_ACCESSED | PTE_DIRTY, ad_bits(1));
    *guest_at(0, 0) = 1; /* the load's translation is cached without D: the store must still set it */
    EXPECT_EQ(PTE_ACCESSED | PTE_DIRTY, ad_bits(0));
    *(volatile u64 *)space_bytes(&arena, 2) = 1;
    EXPECT_EQ(0, ad_bits(2));
    EXPECT_EQ(0, ad_bits(3));
    guest_clean();
}

TEST(bits_after_flush, "space.ad_bits_again",
     "cleared bits stay clear until the next access after a flush, of either kind")
{
    const u64 both = PTE_ACCESSED | PTE_DIRTY;

    guest_fill(0, 3, TIER_SLOW);
    for (u32 page = 0; page < 3; page++)
        *guest_at(page, 0) = 1;
    for (u32 page = 0; page < 3; page++)
        EXPECT_EQ(both, pte_clear_bits(space_entry(&arena, page), both).bits & both);
    tlb_flush_all(FLUSH_LOCAL);
    EXPECT_EQ(0, ad_bits(0) | ad_bits(1) | ad_bits(2));
    (void)*guest_at(0, 1);
    *guest_at(1, 1) = 2;
    EXPECT_EQ(PTE_ACCESSED, ad_bits(0));
    EXPECT_EQ(both, ad_bits(1));
    EXPECT_EQ(0, ad_bits(2));
    pte_clear_bits(space_entry(&arena, 1), both);
    tlb_flush_page(space_va(&arena, 1), FLUSH_LOCAL);
    EXPECT_EQ(0, ad_bits(1));
    (void)*guest_at(1, 2);
    EXPECT_EQ(PTE_ACCESSED, ad_bits(1));
    guest_clean();
}

static u32 told_pages;

static void count_mapped(struct space *space, u32 page, enum tier tier)
{
    EXPECT(space == &arena);
    EXPECT_EQ(space_tier(&arena, page), tier);
    told_pages++;
}

static const struct classifier counting = {.part = {.name = "counting", .summary = "for tests"}, .mapped = count_mapped};

/* Touches `count` pages from 0 and expects page i in tier want[i % 2]. */
static void expect_placed(enum placement placement, u32 count, enum tier even, enum tier odd)
{
    enum placement before = space_placement;

    space_placement = placement;
    for (u32 page = 0; page < count; page++) {
        u64 faults = arena.faults, touches = arena.first_touches;
        EXPECT(!space_resident(&arena, page));
        if (page % 3)
            EXPECT_EQ(0, *guest_at(page, page)); /* zeroed */
        else
            *guest_at(page, page) = 7;
        EXPECT_EQ(faults + 1, arena.faults);
        EXPECT_EQ(touches + 1, arena.first_touches);
        EXPECT_EQ(page % 2 ? odd : even, space_tier(&arena, page));
        (void)*guest_at(page, 0);
        EXPECT_EQ(faults + 1, arena.faults);
    }
    guest_release();
    guest_expect_frames_owned();
    space_clear(&arena);
    space_placement = before;
}

TEST(first_touch, "space.first_touch", "the first touch brings a zeroed frame from the tier that place= names")
{
    told_pages = 0;
    arena.classifier = &counting;
    expect_placed(PLACE_FAST_FIRST, 20, TIER_FAST, TIER_FAST);
    expect_placed(PLACE_SLOW_FIRST, 20, TIER_SLOW, TIER_SLOW);
    expect_placed(PLACE_BY_PAGE, 20, TIER_FAST, TIER_SLOW);
    EXPECT_EQ(60, told_pages);
    guest_clean();
}

TEST(late_fill, "space.late_fill", "an entry that was left empty is filled by the first access, and keeps its frame and every other reason")
{
    pfn_t old, moved;
    enum tier to;

    *guest_at(0, 1) = 5;
    for (unsigned write = 0; write < 2; write++) {
        u64 faults = arena.faults, fills = arena.late_fills, frame = space_pfn(&arena, 0);
        space_protect(&arena, 0, space_entry(&arena, 0), REASON_EMPTY);
        tlb_flush_page(space_va(&arena, 0), FLUSH_LOCAL);
        EXPECT(space_resident(&arena, 0));
        EXPECT_EQ(frame, space_pfn(&arena, 0));
        if (write)
            *guest_at(0, 1) = 5;
        EXPECT_EQ(5, *guest_at(0, 1));
        EXPECT_EQ(1, arena.faults - faults);
        EXPECT_EQ(1, arena.late_fills - fills);
        EXPECT_EQ(frame, space_pfn(&arena, 0));
    }
    space_protect(&arena, 0, space_entry(&arena, 0), REASON_EMPTY);
    space_protect(&arena, 0, space_entry(&arena, 0), REASON_MOVING);
    space_allow(&arena, 0, space_entry(&arena, 0), REASON_MOVING);
    EXPECT(!pte_present(*space_entry(&arena, 0)));
    space_allow(&arena, 0, space_entry(&arena, 0), REASON_EMPTY);
    EXPECT(pte_present(*space_entry(&arena, 0)));
    /* Whoever moves the page again leaves the entry empty. */
    old = space_pfn(&arena, 0);
    to = space_tier(&arena, 0) ^ 1;
    moved = space_frame_take(&arena, to);
    space_protect(&arena, 0, space_entry(&arena, 0), REASON_EMPTY);
    space_protect(&arena, 0, space_entry(&arena, 0), REASON_MOVING);
    tlb_flush_page(space_va(&arena, 0), FLUSH_LOCAL);
    copy_page(pfn_to_virt(moved), pfn_to_virt(old));
    space_resume(&arena, 0, space_entry(&arena, 0), moved, to);
    space_frame_free(&arena, to ^ 1, old);
    EXPECT(!pte_present(*space_entry(&arena, 0)));
    EXPECT_EQ(5, *guest_at(0, 1));
    EXPECT_EQ(moved, space_pfn(&arena, 0));
    guest_clean();
}

TEST(turns, "space.turns", "place=interleave: so many pages in the fast tier, then so many in the slow one")
{
    enum placement before = space_placement;

    space_placement = PLACE_BY_PAGE;
    space_turn[TIER_FAST] = 3;
    space_turn[TIER_SLOW] = 2;
    for (u32 page = 0; page < 20; page++) {
        EXPECT_EQ(0, space_populate(&arena, page));
        EXPECT_EQ(page % 5 < 3 ? TIER_FAST : TIER_SLOW, space_tier(&arena, page));
    }
    space_turn[TIER_FAST] = space_turn[TIER_SLOW] = 1;
    space_placement = before;
    space_clear(&arena);
    guest_clean();
}

TEST(full_tier, "space.full_tier", "where a tier is full the other one serves; where both are, the touch fails")
{
    enum placement before = space_placement;

    guest_hog(TIER_FAST, 0);
    expect_placed(PLACE_FAST_FIRST, 6, TIER_SLOW, TIER_SLOW);
    guest_hog(TIER_FAST, 0);
    expect_placed(PLACE_BY_PAGE, 6, TIER_SLOW, TIER_SLOW);
    guest_hog(TIER_SLOW, 0);
    expect_placed(PLACE_SLOW_FIRST, 6, TIER_FAST, TIER_FAST);
    guest_hog(TIER_SLOW, 0);
    guest_hog(TIER_FAST, 1);
    EXPECT_EQ(0, space_populate(&arena, 0));
    EXPECT_EQ((u64)ERR_NOMEM, space_populate(&arena, 1));
    EXPECT(!space_resident(&arena, 1));
    space_placement = before;
    guest_clean();
}

TEST(zeroed, "space.zeroed", "a frame that comes back to another page holds nothing of the old one")
{
    for (u32 round = 0; round < 2; round++) {
        guest_hog(TIER_FAST, 1);
        EXPECT_EQ(0, space_populate(&arena, round));
        const u64 *words = space_bytes(&arena, round);
        u64 sum = 0;
        for (u32 i = 0; i < PAGE_SIZE / sizeof(u64); i++)
            sum |= words[i];
        EXPECT_EQ(0, sum);
        memset(space_bytes(&arena, round), 0xff, PAGE_SIZE);
        space_clear(&arena);
    }
    guest_clean();
}

/* Populates, moves by hand and gives back pages at random, and checks all counts on the way. */
TEST(one_owner, "space.one_owner", "every frame has one owner, and residency follows every replaced entry")
{
    u64 random = 1;

    for (int step = 0; step < 4000; step++) {
        random = random * 6364136223846793005ull + 1442695040888963407ull;
        u32 page = (u32)(random >> 33) % MIN(arena.nr_pages, 2000), kind = (u32)(random >> 60);
        if (!space_resident(&arena, page)) {
            EXPECT_EQ(0, space_populate(&arena, page));
        } else if (kind < 4) {
            space_unmap(&arena, page);
        } else {
            pfn_t pfn = space_frame_alloc(&arena, kind % 2 ? TIER_SLOW : TIER_FAST), old;
            old = pte_pfn(space_replace(&arena, page, pte_make(pfn, kind < 8 ? PTE_MOVING : PTE_PRESENT | PTE_WRITE)));
            space_frame_free(&arena, frame_tier(old), old);
        }
        if (step % 400 == 0)
            guest_expect_frames_owned();
    }
    guest_expect_frames_owned();
    guest_clean();
    guest_expect_frames_owned();
    EXPECT_EQ(0, arena.resident[TIER_FAST] + arena.resident[TIER_SLOW]);
}
