/*
 * Nested leaves of 2 MiB under a machine's own pages: random sequences of everything that is done to them, beside a
 * simple account of what must come out: every word, the A and D bits of page or leaf, and the machine's own bits, which
 * stay those of pages.
 */
#include "lib/registry.h"
#include "lib/string.h"
#include "machines/leaves.h"
#include "mm/huge.h"
#include "mm/memory.h"
#include "mm/move.h"
#include "mm/tlb.h"
#include "tests/guest/vm_guest.h"
#include "workloads/lib/random.h"

enum { FIRST = HUGE_PAGES, OPERATIONS = 10000 };

static u64 random;
static struct {
    u64 word;
    bool accessed, dirty, own_accessed, own_dirty;
} want[HUGE_PAGES];
static bool leaf, leaf_accessed, leaf_dirty;
static u32 done[8]; /* of the rarer operations: that they happened at all */
enum { SPLIT, COLLAPSED, MOVED_WHOLE, MOVED_IN_FAULT, SPLIT_TO_MOVE, UNMAPPED, MAPPED_WHOLE };

static void touch(u32 i, bool write)
{
    u64 word = vm_access(FIRST + i, write, random);

    want[i].own_accessed = true;
    want[i].own_dirty |= write;
    *(leaf ? &leaf_accessed : &want[i].accessed) = true;
    *(leaf ? &leaf_dirty : &want[i].dirty) |= write;
    if (write)
        want[i].word = random;
    else
        EXPECT_EQ(want[i].word, word);
}

static pte_t *entry_of(u32 i)
{
    return space_entry(&vm_memory, FIRST + i);
}

static void expect_bits(u64 bits, bool accessed, bool dirty)
{
    EXPECT_EQ(accessed ? PTE_ACCESSED : 0, bits & PTE_ACCESSED);
    EXPECT_EQ(dirty ? PTE_DIRTY : 0, bits & PTE_DIRTY);
}

static void check_all(void)
{
    EXPECT_EQ(leaf, space_leaf_pages(&vm_memory, FIRST) > 1);
    if (leaf)
        expect_bits(huge_entry(&vm_memory, FIRST)->bits, leaf_accessed, leaf_dirty);
    for (u32 i = 0; i < HUGE_PAGES; i++) {
        bool there = space_resident(&vm_memory, FIRST + i);
        if (!leaf)
            expect_bits(there ? entry_of(i)->bits : 0, want[i].accessed, want[i].dirty);
        expect_bits(vm_guest_entry(FIRST + i, 1)->bits, want[i].own_accessed, want[i].own_dirty);
        EXPECT_EQ(want[i].word, there ? *(u64 *)space_bytes(&vm_memory, FIRST + i) : 0);
    }
}

static void was_split(void)
{
    leaf = false;
    for (u32 i = 0; i < HUGE_PAGES; i++)
        want[i].accessed = leaf_accessed, want[i].dirty = leaf_dirty;
}

static void order(u8 to)
{
    vm_memory.classifier = NULL;
    EXPECT_EQ(MOVED, huge_order(&vm_memory, (struct order){.page = FIRST, .to = to}));
}

/* By a migrator, in its steps; with `touched`, an access comes while the copy is not yet mapped. */
static void migrate(const struct migrator *migrator, u32 page, bool touched, u32 i)
{
    bool slow = space_tier(&vm_memory, page) == TIER_SLOW;

    guest_orders = (struct guest_orders){.promote = &page, .demote = &page, .nr_promote = slow, .nr_demote = !slow};
    vm_memory.classifier = &guest_list;
    vm_memory.migrator = migrator;
    migrator->part.start(&vm_memory);
    EXPECT(!migrator->step(&vm_memory, 1));
    if (touched) {
        EXPECT(!pte_present(*huge_entry(&vm_memory, FIRST)));
        touch(i, i & 1);
        EXPECT(pte_present(*huge_entry(&vm_memory, FIRST)));
    }
    while (!migrator->step(&vm_memory, 1))
        ;
    EXPECT_EQ(1, guest_orders.outcomes[slow ? TIER_FAST : TIER_SLOW][MOVED]);
    EXPECT_EQ(slow ? TIER_FAST : TIER_SLOW, space_tier(&vm_memory, page));
}

/* Every page there, in one tier, without a reason against accesses: by touches and moves, as anybody's. */
static void collapse(void)
{
    const struct migrator *sync = registry_find(&migrator_registry, "sync");

    for (u32 i = 0; i < HUGE_PAGES; i++) {
        if (!space_resident(&vm_memory, FIRST + i) || entry_of(i)->bits & (REASONS_ACCESS | REASONS_WRITE))
            touch(i, true);
        if (space_tier(&vm_memory, FIRST + i) != space_tier(&vm_memory, FIRST))
            migrate(sync, FIRST + i, false, 0);
    }
    order(TO_COLLAPSE);
    leaf = true;
    leaf_accessed = leaf_dirty = false;
    for (u32 i = 0; i < HUGE_PAGES; i++)
        leaf_accessed |= want[i].accessed, leaf_dirty |= want[i].dirty;
    done[COLLAPSED]++;
}

/* The machine loses all 512 pages, and gets them back as a leaf, or later one by one. */
static void unmap_all(bool map_again)
{
    if (leaf)
        huge_unmap(&vm_memory, FIRST);
    for (u32 i = 0; i < HUGE_PAGES; i++) {
        if (space_resident(&vm_memory, FIRST + i))
            space_unmap(&vm_memory, FIRST + i);
        want[i].word = 0;
        want[i].accessed = want[i].dirty = false;
    }
    tlb_flush_all(FLUSH_LOCAL);
    done[UNMAPPED]++;
    leaf = map_again;
    leaf_accessed = leaf_dirty = false;
    if (!map_again)
        return;
    EXPECT_EQ(0, huge_map(&vm_memory, FIRST, random & 256 ? TIER_FAST : TIER_SLOW));
    done[MAPPED_WHOLE]++;
}

static void about_leaf(u32 what, u32 i)
{
    const struct migrator *whole = leaves_part("batch")->migrator;

    if (what == 0) {
        order(TO_SPLIT);
        was_split();
        done[SPLIT]++;
    } else if (what == 1) {
        order(space_tier(&vm_memory, FIRST) ^ 1);
        done[MOVED_WHOLE]++;
    } else if (what == 2) {
        vm_memory.leaf_use = WHOLE_LEAVES;
        migrate(whole, FIRST, true, i);
        done[MOVED_IN_FAULT]++;
    } else if (what == 3) {
        vm_memory.leaf_use = SPLIT_LEAVES;
        was_split();
        migrate(whole, FIRST + i, false, 0);
        done[SPLIT_TO_MOVE]++;
    } else if (what < 40) {
        pte_clear_bits(huge_entry(&vm_memory, FIRST), PTE_ACCESSED | PTE_DIRTY);
        leaf_accessed = leaf_dirty = false;
    }
}

static void about_page(u32 what, u32 i)
{
    pte_t *entry = entry_of(i);

    if (what == 0) {
        collapse();
    } else if (what < 20) {
        space_unmap(&vm_memory, FIRST + i);
        want[i].word = 0;
        want[i].accessed = want[i].dirty = false;
    } else if (what < 40) {
        space_protect(&vm_memory, FIRST + i, entry, REASON_TOUCH);
    } else if (what < 60) {
        space_protect(&vm_memory, FIRST + i, entry, REASON_LOG);
    } else if (what < 80) {
        if (pte_present(*entry))
            migrate(registry_find(&migrator_registry, what & 1 ? "sync" : "batch"), FIRST + i, false, 0);
    } else if (what < 99) {
        pte_clear_bits(entry, PTE_ACCESSED | PTE_DIRTY);
        want[i].accessed = want[i].dirty = false;
    }
}

TEST_VM(leaf_sequences, "vm.leaf_sequences",
        "10,000 random operations on a nested leaf of 2 MiB and its pages leave every word and every bit as they must be")
{
    vm_start_accesses(false);
    parts_start(&vm_memory, &vm_protecting, NULL, NULL);
    for (u32 i = 0; i < HUGE_PAGES; i++) /* the tables of level 2 come with the first page */
        ASSERT(!space_populate(&vm_memory, FIRST + i));
    memset(want, 0, sizeof(want));
    memset(done, 0, sizeof(done));
    leaf = false;
    random = 7;
    for (int n = 0; n < OPERATIONS; n++) {
        u64 r = random_next(&random);
        u32 i = (u32)(r >> 8) % HUGE_PAGES, what = (u32)(r >> 20) % 100;
        bool rare = r % 512 == 0;

        if (rare)
            unmap_all(what & 1);
        else if (r % 2 || (!leaf && !space_resident(&vm_memory, FIRST + i)))
            touch(i, what & 1);
        else if (r % 16 == 2)
            pte_clear_bits(vm_guest_entry(FIRST + i, 1), PTE_ACCESSED | PTE_DIRTY), want[i].own_accessed = want[i].own_dirty = false;
        else if (leaf)
            about_leaf(what, i);
        else
            about_page(what, i);
        tlb_flush_all(FLUSH_LOCAL); /* for whoever has just lost a right or a bit */
        if (n % 250 == 0)
            check_all();
    }
    check_all();
    for (unsigned k = SPLIT; k <= MAPPED_WHOLE; k++)
        EXPECT(done[k] >= 5);
    vm_clean();
}

TEST_VM(leaf_first_touch, "vm.leaf_first_touch",
        "the first touch of 512 pages maps a nested leaf in the tier with a run, and where there is none a page")
{
    enum { FAST_SHARE = 2 * HUGE_PAGES + 100, SLOW_SHARE = 2 * HUGE_PAGES - 12, SECOND = 2 * HUGE_PAGES, THIRD = 3 * HUGE_PAGES };

    vm_start_accesses(true);
    parts_start(&vm_memory, NULL, NULL, NULL);
    space_share(&vm_memory, TIER_FAST, FAST_SHARE);
    space_share(&vm_memory, TIER_SLOW, SLOW_SHARE);
    random = 77;
    EXPECT_EQ(HUGE_PAGES, space_leaf_pages(&vm_memory, VM_CODE_PAGE)); /* code and tables */
    EXPECT_EQ(HUGE_PAGES, vm_memory.resident[TIER_FAST]);
    EXPECT(!space_resident(&vm_memory, FIRST));
    vm_access(FIRST + 300, true, random);
    EXPECT_EQ(HUGE_PAGES, space_leaf_pages(&vm_memory, FIRST));
    EXPECT_EQ(1, vm_memory.first_touches);
    EXPECT_EQ(2 * HUGE_PAGES, vm_memory.resident[TIER_FAST]);
    EXPECT_EQ(77, *(u64 *)space_bytes(&vm_memory, FIRST + 300));

    /* A run is left in the slow tier alone: it takes the next 512 pages. Then there is none, but single frames are. */
    vm_access(SECOND, true, random);
    EXPECT_EQ(HUGE_PAGES, vm_memory.resident[TIER_SLOW]);
    EXPECT_EQ(0, space_populate(&vm_memory, SECOND + 7)); /* is there already */
    EXPECT_EQ(HUGE_PAGES, vm_memory.resident[TIER_SLOW]);
    vm_access(THIRD + 5, true, random);
    EXPECT_EQ(1, space_leaf_pages(&vm_memory, THIRD + 5));
    EXPECT_EQ(2 * HUGE_PAGES + 1, vm_memory.resident[TIER_FAST]);
    EXPECT(!space_resident(&vm_memory, THIRD + 6));
    EXPECT_EQ(0, vm_access(THIRD + 6, false, random));
    EXPECT_EQ(77, vm_access(THIRD + 5, false, random));
    EXPECT_EQ(2 * HUGE_PAGES + 2, vm_memory.resident[TIER_FAST]);
    space_share(&arena, TIER_FAST, arena.share[TIER_FAST] + VM_PAGES - FAST_SHARE);
    space_share(&arena, TIER_SLOW, arena.share[TIER_SLOW] + VM_PAGES - SLOW_SHARE);
    vm_clean();
}

TEST_VM(leaf_no_room, "vm.leaf_no_room", "a leaf that finds no room stays whole where its pages are to be moved, and counts as one order where it is")
{
    const struct migrator *migrator = leaves_part("batch")->migrator;

    vm_start_accesses(true);
    parts_start(&vm_memory, NULL, NULL, NULL);
    vm_access(FIRST, true, 5);
    space_share(&vm_memory, TIER_SLOW, 0);
    vm_memory.classifier = &guest_list;
    vm_memory.migrator = migrator;
    for (unsigned use = 0; use < 2; use++) {
        u32 page = use ? FIRST : FIRST + 3;

        vm_memory.leaf_use = use ? WHOLE_LEAVES : SPLIT_LEAVES;
        migrator->part.start(&vm_memory);
        guest_orders = (struct guest_orders){.demote = &page, .nr_demote = 1};
        vm_memory.moves_left[TIER_SLOW] = 1000;
        while (!migrator->step(&vm_memory, 1))
            ;
        EXPECT_EQ(1, guest_orders.outcomes[TIER_SLOW][NO_ROOM]);
        EXPECT_EQ(HUGE_PAGES, space_leaf_pages(&vm_memory, FIRST));
        EXPECT_EQ(999, vm_memory.moves_left[TIER_SLOW]);
    }
    space_share(&arena, TIER_SLOW, arena.share[TIER_SLOW] + VM_PAGES);
    vm_clean();
}

TEST_VM(leaf_taken_once, "vm.leaf_taken_once",
        "a leaf that is on its way to the other tier is neither taken nor split until it is there; who takes or splits it flushes once")
{
    struct huge_move move, again;
    u64 flushes;

    vm_start_accesses(true);
    parts_start(&vm_memory, NULL, NULL, NULL);
    vm_access(FIRST + 9, true, 4711);
    flushes = tlb_counts.full;
    EXPECT_EQ(MOVED, huge_take(&vm_memory, &move, FIRST, TIER_SLOW));
    EXPECT_EQ(1, tlb_counts.full - flushes); /* before the copy: no translation to the old frames is left */
    EXPECT_EQ(GONE, huge_take(&vm_memory, &again, FIRST, TIER_SLOW));
    EXPECT_EQ(GONE, huge_order(&vm_memory, (struct order){.page = FIRST, .to = TO_SPLIT}));
    huge_copy(&move);
    huge_finish(&vm_memory, &move);
    EXPECT_EQ(HUGE_PAGES, vm_memory.resident[TIER_SLOW]);
    EXPECT_EQ(4711, vm_access(FIRST + 9, false, 0));
    flushes = tlb_counts.full;
    EXPECT_EQ(MOVED, huge_order(&vm_memory, (struct order){.page = FIRST, .to = TO_SPLIT}));
    EXPECT_EQ(1, tlb_counts.full - flushes);
    EXPECT_EQ(4711, vm_access(FIRST + 9, false, 0));
    vm_clean();
}
