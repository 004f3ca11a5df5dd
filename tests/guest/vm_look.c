/*
 * The half of a tracker that runs in a machine (vm/look.c), against bits that were set in the machine's tables by hand: it
 * must tell exactly those, take them and nothing else, and be believed in nothing that cannot be.
 */
#include "kernel/panic.h"
#include "lib/string.h"
#include "machines/payload.h"
#include "tests/guest/vm_guest.h"
#include "workloads/lib/random.h"

enum { PAGES = 2048 - 100, ROUNDS = 40 };

static struct payload p;
static struct space memory;
static u64 random;
static bool set[PAGES];

VM_CODE(nothing, "hlt");

static void start(void)
{
    VM_START(nothing); /* for its clean-up */
    space_init_nested(&memory, MAX_MACHINES - 2, 0, PAGES);
    space_lend(&arena, &memory, PAGES);
    p = (struct payload){.looks = true};
    machine_init(&p.machine, MAX_MACHINES - 2, &memory);
    payload_load(&p, "workload=hotset footprint=256K hot=64K", "");
    EXPECT_EQ(0, strlen(p.machine.ended));
    random = 7;
}

static void stop(void)
{
    space_clear(&memory);
    space_lend(&memory, &arena, PAGES);
    space_clear(&arena);
    vm_clean();
}

/* The machine's own entry of a page, or one of those that its last table has beyond. */
static pte_t *entry(u32 page)
{
    return (pte_t *)machine_bytes(&p.machine, (u64)(p.leaf_tables_page + page / PT_ENTRIES) << PAGE_SHIFT) +
           page % PT_ENTRIES;
}

/* Sets that bit of some pages of the arena, and clears it of the others; A and D both, now and then. */
static void mark(u64 bit)
{
    u64 of = 1 + random_next(&random) % 30;

    for (u32 page = p.data_page; page < PAGES; page++) {
        set[page] = random_next(&random) % of == 0;
        pte_clear_bits(entry(page), PTE_ACCESSED | PTE_DIRTY);
        pte_set_bits(entry(page), (set[page] ? bit : 0) | (random_next(&random) % 2 ? 0 : PTE_ACCESSED ^ PTE_DIRTY ^ bit));
    }
}

static bool told(const u8 *seen, u32 first, u32 page)
{
    return seen[(page - first) / 8] >> (page - first) % 8 & 1;
}

static void one_look(enum look_how how, u32 first, u32 end)
{
    u64 bit = how == LOOK_DIRTY_FLUSH_ALL ? PTE_DIRTY : PTE_ACCESSED, rip = p.machine.vmcb->rip;
    u64 calls = p.machine.counts.hypercalls, all = 0, before[PT_ENTRIES];
    u32 wrong = 0, base = first < p.data_page ? p.data_page : first;
    const u8 *seen;

    mark(bit);
    for (u32 i = 0; i < PT_ENTRIES; i++)
        before[i] = entry(base + i)->bits & ~bit;
    seen = payload_look(&p, first, end, how, BOOK_OFF);
    ASSERT(seen);
    EXPECT_EQ(1, p.machine.counts.hypercalls - calls);
    EXPECT_EQ(rip, p.machine.vmcb->rip);
    for (u32 page = base; page < end; page++) {
        wrong += told(seen, first, page) != set[page];
        all += entry(page)->bits & bit;
    }
    EXPECT_EQ(0, wrong);
    EXPECT_EQ(0, all);
    for (u32 i = 0; i < PT_ENTRIES && base + i < end; i++)
        wrong += (entry(base + i)->bits & ~bit) != before[i];
    for (u32 page = p.data_page; page < PAGES; page++) /* what it was not asked for is as it was */
        wrong += page >= first && page < end ? 0 : !(entry(page)->bits & bit) == set[page];
    EXPECT_EQ(0, wrong);
}

TEST_VM(looks, "vm.look", "a machine asked to scan its own tables tells the bits that were set, and takes those alone")
{
    start();
    for (int i = 0; i < ROUNDS; i++) {
        enum look_how how = (enum look_how)(i % 4);
        u32 first = (u32)(random_next(&random) % 3) * PT_ENTRIES;
        one_look(how, first, i % 3 ? PAGES : first + PT_ENTRIES);
    }
    stop();
}

TEST_VM(lies, "vm.look_beyond", "a machine whose tracker tells of a page that it does not have ends")
{
    start();
    EXPECT(payload_look(&p, 0, PAGES, LOOK_ACCESSED_FLUSH_ALL, BOOK_OFF));
    pte_set_bits(entry(PAGES), PTE_ACCESSED);
    EXPECT(payload_look(&p, 0, PT_ENTRIES, LOOK_ACCESSED_FLUSH_ALL, BOOK_OFF)); /* not asked about it */
    EXPECT(!payload_look(&p, 0, PAGES, LOOK_ACCESSED_FLUSH_ALL, BOOK_OFF));
    EXPECT(!strncmp(p.machine.ended, "its tracker tells of pages beyond its last", 42));
    EXPECT(!payload_look(&p, 0, PAGES, LOOK_ACCESSED_FLUSH_ALL, BOOK_OFF));
    stop();
}
