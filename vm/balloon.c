/*
 * How a machine chooses what it gives up: by its own accessed bits, with a clock's hand (Corbato, 1968: Multics).
 *
 *      until so many are named, once around at most:
 *          the hand's page lies in the slow tier:             nothing to give
 *          accessed since the hand was here last:             clear the bit; a second chance
 *          else:                                              named
 *      reload CR3 if a bit was cleared
 *
 * So when all have been accessed it names too few, and knows more when it is asked again. A machine of Demeter's has a NUMA
 * node a tier, so its addresses say where a page lies; here they do not, and it asks its host, 64 pages at a time.
 */
#include "vm/balloon.h"
#include "kernel/cpu.h"
#include "mm/bits.h"
#include "vm/payload_abi.h"

/* Bit n: page first + n lies in the fast tier. */
static inline u64 in_fast_tier(u64 first)
{
    u64 bits;

    __asm__ volatile("vmmcall" : "=a"(bits) : "0"((u64)HYPERCALL_IN_FAST_TIER), "D"(first) : "memory");
    return bits;
}

__attribute__((section(".text.in_balloon"))) void machine_balloon(struct balloon_request *request, pte_t *entries, u64 wanted)
{
    u32 first = request->first, end = request->end, page = request->hand, nr = 0;
    u64 fast = in_fast_tier(ALIGN_DOWN(page, 64));
    bool cleared = false;

    for (u32 left = end - first; left && nr < wanted; left--) {
        if (fast >> page % 64 & 1) {
            if (has_bits(&entries[page], PTE_ACCESSED)) {
                drop_accessed(&entries[page]);
                cleared = true;
            } else {
                request->pages[nr++] = page;
            }
        }
        page = page + 1 < end ? page + 1 : first;
        if (page % 64 == 0 || page == first)
            fast = in_fast_tier(ALIGN_DOWN(page, 64));
    }
    request->hand = page;
    request->nr = nr;
    if (cleared)
        write_cr3(read_cr3());
    for (;;)
        __asm__ volatile("vmmcall" : : "a"((u64)HYPERCALL_DONE), "D"(request), "S"((u64)0) : "memory");
}
