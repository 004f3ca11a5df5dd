/* sources: tests/host/host.c */
/* Page tables against a list of what was mapped. Physical memory is an array here. */
#include "tests/host/host.h"
#include "model/abi.h"

#define NR_TABLES 600
static u8 memory[NR_TABLES * 4096] __attribute__((aligned(4096)));
#undef DIRECT_VA
#define DIRECT_VA ((u64)memory)

#include "mm/pt.c"

static size_t used;

void *kmem_alloc(size_t bytes)
{
    void *at = memory + used;

    ASSERT(used + bytes <= sizeof(memory));
    used += bytes;
    __builtin_memset(at, 0, bytes);
    return at;
}

static pte_t *fresh(void)
{
    used = 0;
    return pt_new_table();
}

#define MAX_MAPPINGS 200

struct mapping {
    vaddr_t va;
    u64 bytes;
    unsigned level;
    paddr_t pa;
    u64 flags;
};

static struct mapping mappings[MAX_MAPPINGS];
static unsigned nr_mappings;

static u64 leaf_bytes(unsigned level)
{
    return (u64)1 << pt_level_shift(level);
}

/* Few regions, so that mappings meet in the same tables; canonical or not does not matter to the tables' code. */
static vaddr_t random_va(unsigned level)
{
    static const vaddr_t regions[] = {0, 0x400000, 0x00007f0000000000, 0x0000400000000000, 0xffff800000000000};
    vaddr_t va = regions[host_below(ARRAY_SIZE(regions))] + ((u64)host_below(1 << 15) << PAGE_SHIFT);

    return ALIGN_DOWN(va, leaf_bytes(level));
}

/* A walk by the manual, written apart from pt_entry (SDM 3A, figure 4-8). */
static bool walk(pte_t *root, vaddr_t va, paddr_t *pa, u64 *flags)
{
    u64 *table = (u64 *)root;

    for (int shift = 39; shift >= 12; shift -= 9) {
        u64 entry = table[va >> shift & 511];
        if (!(entry & 1))
            return false;
        if (shift == 12 || entry & 0x80) {
            u64 span = (u64)1 << shift;
            *pa = (entry & 0x000ffffffffff000ull & ~(span - 1)) | (va & (span - 1));
            *flags = entry & 0x8000000000000fffull & ~(u64)0x80;
            return true;
        }
        table = (u64 *)(memory + (entry & 0x000ffffffffff000ull));
    }
    return false;
}

static bool overlaps_any(const struct mapping *m)
{
    for (unsigned i = 0; i < nr_mappings; i++)
        if (m->va < mappings[i].va + mappings[i].bytes && mappings[i].va < m->va + m->bytes)
            return true;
    return false;
}

/* A large leaf also collides with a table that was made for small ones, and the other way round. */
static bool same_table_other_level(const struct mapping *m)
{
    for (unsigned i = 0; i < nr_mappings; i++)
        if (m->level != mappings[i].level && ALIGN_DOWN(m->va, LARGE_PAGE_SIZE) < mappings[i].va + mappings[i].bytes &&
            ALIGN_DOWN(mappings[i].va, LARGE_PAGE_SIZE) < m->va + m->bytes)
            return true;
    return false;
}

static void check_all(pte_t *root)
{
    paddr_t pa;
    u64 flags;

    for (unsigned i = 0; i < nr_mappings; i++) {
        const struct mapping *m = &mappings[i];
        for (u64 offset = 0; offset < m->bytes; offset += leaf_bytes(m->level) / 2 + 8) {
            if (!walk(root, m->va + offset, &pa, &flags)) {
                host_fail(__FILE__, __LINE__, "not mapped: %lx", m->va + offset);
                return;
            }
            CHECK_EQ(m->pa + offset, pa);
            CHECK_EQ(m->flags | PTE_PRESENT, flags);
        }
    }
}

static void random_mappings(void)
{
    pte_t *root = fresh();

    nr_mappings = 0;
    while (nr_mappings < MAX_MAPPINGS && used + 100 * PAGE_SIZE < sizeof(memory)) {
        unsigned level = 1 + host_below(2);
        struct mapping m = {.va = random_va(level),
                            .bytes = (1 + host_below(5)) * leaf_bytes(level),
                            .level = level,
                            .pa = (u64)host_below(1 << 20) * leaf_bytes(level),
                            .flags = (host_below(2) ? PTE_WRITE : 0) | (host_below(2) ? PTE_NO_EXECUTE : 0)};
        paddr_t pa;
        u64 flags;

        if (overlaps_any(&m) || same_table_other_level(&m))
            continue;
        for (u64 offset = 0; offset < m.bytes; offset += leaf_bytes(level))
            CHECK(!walk(root, m.va + offset, &pa, &flags));
        pt_map(root, m.va, m.pa, m.bytes, m.level, m.flags);
        mappings[nr_mappings++] = m;
    }
    check_all(root);
    for (unsigned i = 0; i < nr_mappings; i++) {
        const struct mapping *m = &mappings[i];
        PANICS(pt_map(root, m->va, 0, leaf_bytes(m->level), m->level, PTE_WRITE));
    }
    check_all(root);
}

int main(void)
{
    pte_t *root = fresh(), *entry;
    size_t before;

    host_case("pt.entry_without_create");
    CHECK(!pt_entry(root, 0x1000, 1, false));
    CHECK(!pt_entry(root, 0xffff800000000000, 2, false));
    CHECK_EQ(PAGE_SIZE, used);

    host_case("pt.entry_of_the_root");
    CHECK(pt_entry(root, 0x1000, PT_LEVELS, false) == &root[0]);
    CHECK(pt_entry(root, 0xffff800000000000, PT_LEVELS, false) == &root[256]);

    host_case("pt.create_once");
    entry = pt_entry(root, 0x123456789000, 1, true);
    before = used;
    CHECK(entry && !entry->bits);
    CHECK_EQ(4 * PAGE_SIZE, used);
    CHECK(pt_entry(root, 0x123456789000, 1, true) == entry);
    CHECK(pt_entry(root, 0x12345678a000, 1, false) == entry + 1);
    CHECK_EQ(before, used);

    host_case("pt.under_a_large_leaf");
    pt_map(root, 0x200000, 0x40000000, LARGE_PAGE_SIZE, 2, PTE_WRITE);
    CHECK(!pt_entry(root, 0x201000, 1, false));
    CHECK(!pt_entry(root, 0x201000, 1, true));
    PANICS(pt_map(root, 0x201000, 0, PAGE_SIZE, 1, PTE_WRITE));

    host_case("pt.bits");
    pte_t pte = pte_make(0xfff12345, PTE_PRESENT | PTE_NO_EXECUTE | PTE_MOVING);
    CHECK_EQ(0xfff12345, pte_pfn(pte));
    pte = pte_clear_bits(&pte, PTE_PRESENT);
    CHECK(pte_present(pte)); /* the old one */
    CHECK_EQ(0, pte_exchange(&(pte_t){0}, pte).bits);

    host_case("pt.random");
    for (u64 seed = 1; seed <= 10; seed++) {
        host_seed(seed);
        random_mappings();
    }
    return host_done();
}
