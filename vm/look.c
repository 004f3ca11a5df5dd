/*
 * What runs in a machine that scans its own tables: the loop of the host's trackers (mm/bits.h scan_table()), with what a
 * guest can do and its host cannot: drop the translation of the one page whose bit it took.
 *
 *      for each entry:  if A (or D) is set: clear it, set the page's bit in the list;  flush=page: INVLPG
 *      flush=full: reload CR3 if any was set
 *
 * After clearing a bit, software must invalidate, or a cached translation hides further accesses (APM vol. 2, 5.4.2; SDM
 * vol. 3A, 4.10.4.2). Both instructions are the machine's own business: they exit only if they are intercepted (APM vol. 2, 15.9). A list
 * of bits names no page twice and takes a page of memory for 32,768 of them; Linux tells idle pages in the same form
 * (Documentation/admin-guide/mm/idle_page_tracking.rst).
 */
#include "vm/look.h"
#include "kernel/cpu.h"
#include "mm/bits.h"
#include "vm/payload_abi.h"

static inline __attribute__((always_inline)) bool take(pte_t *entry, bool dirty)
{
    if (__builtin_expect(!has_bits(entry, dirty ? PTE_DIRTY : PTE_ACCESSED), 1))
        return false;
    if (dirty)
        take_dirty(entry, 0);
    else
        drop_accessed(entry);
    return true;
}

/* Whether any bit was set. The compiler makes a loop for each pair of constants. */
static inline __attribute__((always_inline)) bool look_at(pte_t *entry, u8 *seen, u64 pages, vaddr_t va, bool dirty,
                                                          bool by_page)
{
    u8 any = 0;

    for (pte_t *end = entry + pages; entry < end; entry += SCAN_GROUP, va += SCAN_GROUP * PAGE_SIZE) {
        u8 group = 0;
#pragma GCC unroll 8
        for (u32 i = 0; i < SCAN_GROUP; i++) {
            if (__builtin_expect(take(&entry[i], dirty), 0)) {
                group |= (u8)(1 << i);
                if (by_page)
                    invlpg(va + i * PAGE_SIZE);
            }
        }
        *seen++ = group;
        any |= group;
    }
    return any;
}

__attribute__((section(".text.in_machine"))) void machine_look(pte_t *entry, u8 *seen, u64 pages, vaddr_t va,
                                                         enum look_how how)
{
    bool any = how == LOOK_DIRTY_FLUSH_ALL        ? look_at(entry, seen, pages, va, true, false)
               : how == LOOK_ACCESSED_FLUSH_PAGES ? look_at(entry, seen, pages, va, false, true)
                                                  : look_at(entry, seen, pages, va, false, false);

    if (any && (how == LOOK_ACCESSED_FLUSH_ALL || how == LOOK_DIRTY_FLUSH_ALL))
        write_cr3(read_cr3());
    for (;;)
        __asm__ volatile("vmmcall" : : "a"(HYPERCALL_DONE), "D"(0), "S"(0) : "memory");
}
