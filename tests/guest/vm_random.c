/*
 * Random sequences of everything that is done to a machine's memory (touch, unmap, hide, protect, move, clear), beside
 * a model of what must come out: every word, every accessed bit, every dirty bit.
 */
#include "lib/string.h"
#include "mm/memory.h"
#include "mm/tlb.h"
#include "lib/registry.h"
#include "tests/guest/vm_guest.h"
#include "workloads/lib/random.h"

enum { FIRST = VM_DATA_PAGE, PAGES = 96, OPERATIONS = 20000 };

static u64 random;
static struct {
    u64 word;
    bool accessed, dirty;
} want[PAGES];

static void touch(u32 i, bool write)
{
    u64 word = vm_access(FIRST + i, write, random);

    want[i].accessed = true;
    if (write)
        want[i].dirty = true, want[i].word = random;
    else
        EXPECT_EQ(want[i].word, word);
}

static void move(const struct migrator *migrator, u32 i)
{
    u32 page = FIRST + i;
    bool slow = space_tier(&vm_memory, page) == TIER_SLOW;

    guest_orders = (struct guest_orders){.promote = &page, .demote = &page, .nr_promote = slow, .nr_demote = !slow};
    vm_memory.classifier = &guest_list;
    vm_memory.migrator = migrator;
    migrator->part.start(&vm_memory);
    while (!migrator->step(&vm_memory, 1))
        ;
}

static void check_all(void)
{
    for (u32 i = 0; i < PAGES; i++) {
        pte_t *entry = space_entry(&vm_memory, FIRST + i);
        bool there = space_resident(&vm_memory, FIRST + i);
        EXPECT_EQ(want[i].accessed, there && entry->bits & PTE_ACCESSED);
        EXPECT_EQ(want[i].dirty, there && entry->bits & PTE_DIRTY);
        if (there)
            EXPECT_EQ(want[i].word, *(u64 *)space_bytes(&vm_memory, FIRST + i));
    }
}

TEST_VM(sequences, "vm.sequences",
        "20,000 random operations on nested pages leave every word and every bit as they must be")
{
    const struct migrator *const migrators[] = {registry_find(&migrator_registry, "sync"),
                                                registry_find(&migrator_registry, "batch")};

    vm_start_accesses(false);
    parts_start(&vm_memory, &vm_protecting, NULL, NULL);
    memset(want, 0, sizeof(want));
    random = 7;
    for (int n = 0; n < OPERATIONS; n++) {
        u64 r = random_next(&random);
        u32 i = (u32)(r >> 8) % PAGES;
        pte_t *entry = space_entry(&vm_memory, FIRST + i);
        bool there = space_resident(&vm_memory, FIRST + i);
        unsigned what = r % 16;

        if (what < 8 || !there) {
            touch(i, what & 1);
        } else if (what == 8) {
            space_unmap(&vm_memory, FIRST + i);
            memset(&want[i], 0, sizeof(want[i]));
        } else if (what == 9) {
            space_protect(&vm_memory, FIRST + i, entry, REASON_TOUCH);
        } else if (what == 10) {
            space_protect(&vm_memory, FIRST + i, entry, REASON_LOG);
        } else if (what < 14) {
            if (pte_present(*entry))
                move(migrators[what & 1], i);
        } else {
            pte_clear_bits(entry, PTE_ACCESSED | PTE_DIRTY);
            want[i].accessed = want[i].dirty = false;
        }
        tlb_flush_all(FLUSH_LOCAL); /* for whoever has just lost a right or a bit */
        if (n % 500 == 0)
            check_all();
    }
    check_all();
    vm_clean();
}
