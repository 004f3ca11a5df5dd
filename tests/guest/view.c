/*
 * The view: the second mapping of the arena by which setup and verify work (lab/arena.c). It must show the arena's
 * bytes in the arena's order wherever their frames lie, leave no trace in the arena's own entries, and be gone when
 * pages move.
 */
#include "lib/registry.h"
#include "lab/workload.h"
#include "mm/memory.h"
#include "mm/paging.h"
#include "mm/tlb.h"
#include "tests/guest/guest.h"

enum { PAGES = 16, WORDS = PAGE_SIZE / sizeof(u64) };

static const u64 both = PTE_ACCESSED | PTE_DIRTY;

/* Neighbours lie in different tiers, so that a view of one tier or of neighbouring frames cannot be right. */
static void fill(void)
{
    for (u32 page = 0; page < PAGES; page++)
        guest_fill(page, 1, page % 2 ? TIER_SLOW : TIER_FAST);
}

static u32 wrong_words(const volatile u64 *view)
{
    u32 wrong = 0;

    for (u32 i = 0; i < PAGES * WORDS; i++)
        wrong += view[i] != guest_word(i / WORDS, i % WORDS);
    return wrong;
}

/* A and D in the leaves and A in the tables above them: abit-tree reads those, too. The walker changes them behind the
 * compiler's back. */
static u64 traces(bool clear)
{
    u64 found = 0;

    for (u32 page = 0; page < PAGES; page++) {
        for (unsigned level = 1; level <= 4; level++) {
            volatile pte_t *entry = pt_entry(arena.root, space_va(&arena, page), level, false);
            found |= entry->bits & both;
            if (clear)
                pte_clear_bits((pte_t *)entry, both);
        }
    }
    if (clear)
        tlb_flush_all(FLUSH_LOCAL);
    return found;
}

TEST(view_shows_the_arena, "view.same_bytes", "contiguous over both tiers, and each side sees the other's stores")
{
    volatile u64 *view;

    fill();
    view = arena_direct(0);
    EXPECT((const u8 *)view != arena_base());
    for (u32 page = 0; page < PAGES; page++)
        EXPECT((u8 *)view + (page << PAGE_SHIFT) + 24 == arena_direct((page << PAGE_SHIFT) + 24));
    EXPECT_EQ(0, wrong_words(view));
    /* One load over the end of a page in the fast tier and the start of one in the slow tier; little-endian. */
    EXPECT_EQ(guest_word(0, WORDS - 1) >> 32 | guest_word(1, 0) << 32, *(volatile u64 *)((u8 *)view + PAGE_SIZE - 4));
    for (u32 page = 0; page < PAGES; page++) {
        view[page * WORDS + 5] = page + 1000;
        *guest_at(page, 6) = page + 2000;
    }
    for (u32 page = 0; page < PAGES; page++) {
        EXPECT_EQ(page + 1000, *guest_at(page, 5));
        EXPECT_EQ(page + 2000, view[page * WORDS + 6]);
    }
    arena_view_close();
    guest_clean();
}

TEST(view_leaves_no_trace, "view.no_trace",
     "loads and stores through it set no A or D bit of the arena's, at any level")
{
    volatile u64 *view;
    u64 faults;

    fill();
    for (u32 page = 0; page < PAGES; page++)
        *guest_at(page, 0) = guest_word(page, 0);
    EXPECT_EQ(both, traces(true));
    faults = arena.faults;
    view = arena_direct(0);
    EXPECT_EQ(0, wrong_words(view));
    for (u32 page = 0; page < PAGES; page++)
        view[page * WORDS] = page;
    EXPECT_EQ(0, traces(false));
    EXPECT_EQ(faults, arena.faults);
    (void)*guest_at(3, 0); /* the bits would have been seen */
    EXPECT_EQ(PTE_ACCESSED, traces(false));
    arena_view_close();
    guest_clean();
}

TEST(view_follows_population, "view.populate", "a page populated while it is open is in it, zeroed; others fault")
{
    vaddr_t second;

    fill();
    second = (vaddr_t)arena_direct(PAGES << PAGE_SHIFT);
    EXPECT_EQ(GUEST_FAULTED, guest_load(second));
    arena_populate(PAGES);
    EXPECT_EQ(0, guest_load(second));
    EXPECT_EQ(0, *(volatile u64 *)second);
    *(volatile u64 *)second = 77;
    EXPECT_EQ(77, *guest_at(PAGES, 0));
    EXPECT(arena_populated(PAGES) && !arena_populated(PAGES + 1));
    arena_view_close();
    guest_clean();
}

/* Fast pages go down, slow ones up: then every frame has another page, or none. */
TEST(view_ends, "view.closed", "gone after it is closed, and right again when pages have moved")
{
    const struct migrator *migrator = registry_find(&migrator_registry, "sync");
    u32 promote[PAGES / 2], demote[PAGES / 2];
    vaddr_t view;

    fill();
    view = (vaddr_t)arena_direct(0);
    EXPECT_EQ(0, wrong_words((const u64 *)view)); /* so that its translations are cached */
    EXPECT_EQ(0, guest_load(view));
    arena_view_close();
    for (u32 page = 0; page < PAGES; page++)
        EXPECT_EQ(GUEST_FAULTED, guest_load(view + (page << PAGE_SHIFT)));
    for (u32 i = 0; i < PAGES / 2; i++) {
        promote[i] = 2 * i + 1;
        demote[i] = 2 * i;
    }
    guest_start(NULL, migrator,
                (struct guest_orders){
                    .promote = promote, .demote = demote, .nr_promote = PAGES / 2, .nr_demote = PAGES / 2});
    guest_move_all(4, 2 * PAGES);
    for (u32 page = 0; page < PAGES; page++)
        EXPECT_EQ(page % 2 ? TIER_FAST : TIER_SLOW, space_tier(&arena, page));
    EXPECT_EQ(0, wrong_words(arena_direct(0)));
    *(volatile u64 *)arena_direct((7 << PAGE_SHIFT) + 40) = 9;
    EXPECT_EQ(9, *guest_at(7, 5));
    arena_view_close();
    guest_expect_frames_owned();
    guest_clean();
}
