#include "mm/pt.h"
#include "kernel/panic.h"
#include "mm/direct.h"
#include "mm/memory.h"

pte_t *pt_new_table(void)
{
    return kmem_alloc(PAGE_SIZE);
}

pte_t *pt_entry(pte_t *root, vaddr_t va, unsigned level, bool create)
{
    pte_t *table = root;

    for (unsigned at = PT_LEVELS; at > level; at--) {
        pte_t *entry = &table[pt_index(va, at)];

        if (!pte_present(*entry)) {
            if (!create)
                return NULL;
            *entry = pte_make(pfn_of(virt_to_phys(pt_new_table())), PTE_PRESENT | PTE_WRITE | PTE_USER);
        } else if (entry->bits & PTE_LARGE) {
            return NULL;
        }
        table = pfn_to_virt(pte_pfn(*entry));
    }
    return &table[pt_index(va, level)];
}

void pt_map(pte_t *root, vaddr_t va, paddr_t pa, u64 bytes, unsigned level, u64 flags)
{
    u64 step = (u64)1 << pt_level_shift(level);

    for (u64 offset = 0; offset < bytes; offset += step) {
        pte_t *entry = pt_entry(root, va + offset, level, true);
        ASSERT(entry && !entry->bits);
        *entry = pte_make(pfn_of(pa + offset), flags | PTE_PRESENT | (level > 1 ? PTE_LARGE : 0));
    }
}
