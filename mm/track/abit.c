/*
 * abit: scan the leaf entries' accessed bits.
 *
 *      each window, each step:
 *          for each entry of the next `abit_pages` pages:  if A is set: note the page, clear A
 *          flush the TLB if anything was cleared
 *
 * The processor sets A in an entry when it loads it into the TLB (Intel SDM vol. 3A, 4.8), so a page counts as accessed once a window,
 * however often it was. Without the flush a translation that stays in the TLB would hide the page's further accesses (4.10.4.2).
 * Cost: one load and a branch an entry, a locked AND for each accessed one, a flush a step. Known weak spot: it tells how recently,
 * not how often; pages accessed once a window and a thousand times look alike.
 */
#include "mm/mech.h"
#include "mm/tlb.h"

static KEY_NUMBER(abit_pages, "abit_pages", OBSERVATIONS_PER_STEP, PT_ENTRIES, OBSERVATIONS_PER_STEP,
                  "abit: pages a step, in whole tables of 512; each step that clears a bit flushes");

static u32 next_page;

#define GROUP 8 /* entries that the loop is unrolled by: their offsets become constants */

/* A byte is enough: A is bit 5. GCC then tests memory directly, two instructions an entry. */
static inline bool is_accessed(const pte_t *entry)
{
    return *(const u8 *)entry & PTE_ACCESSED;
}

static inline void clear_accessed(pte_t *entry)
{
    __asm__ volatile("lock andb %1, %0" : "+m"(*(u8 *)entry) : "i"((u8)~PTE_ACCESSED) : "cc");
}

/* An observation as one number, so that it is stored at once; the page is in the low half. */
static inline u64 observation_of_page(u32 page)
{
    const struct observation o = {.page = page, .weight = 1, .flags = OBSERVED_READ};
    u64 bits;

    __builtin_memcpy(&bits, &o, sizeof(bits));
    return bits;
}

static struct observation *scan_table(pte_t *table, u32 first_page, struct observation *at)
{
    u64 observation = observation_of_page(first_page);

    for (pte_t *entry = table; entry < table + PT_ENTRIES; entry += GROUP, observation += GROUP) {
#pragma GCC unroll 8
        for (u32 i = 0; i < GROUP; i++) {
            if (__builtin_expect(is_accessed(&entry[i]), 0)) {
                u64 bits = observation + i;
                clear_accessed(&entry[i]);
                __builtin_memcpy(at++, &bits, sizeof(bits));
            }
        }
    }
    return at;
}

static void abit_start(struct space *space)
{
    for (u32 page = 0; page < space->nr_pages; page++) {
        pte_t *entry = space_entry(space, page);
        if (entry)
            pte_clear_bits(entry, PTE_ACCESSED);
    }
    tlb_flush_all(FLUSH_LOCAL);
    next_page = 0;
}

static bool abit_step(struct space *space, struct observations *out)
{
    u32 end = (u32)MIN(next_page + ALIGN_DOWN(abit_pages, PT_ENTRIES), space->nr_pages);
    struct observation *at = out->list;
    bool whole = next_page == 0 && end == space->nr_pages;

    for (; next_page < end; next_page += PT_ENTRIES) {
        pte_t *table = space->tables[next_page / PT_ENTRIES];
        if (!table)
            continue;
        at = scan_table(table, next_page, at);
        pte_visits += PT_ENTRIES;
    }
    out->count = (u32)(at - out->list);
    if (out->count)
        tlb_flush_all(whole ? FLUSH_PER_WINDOW : FLUSH_PER_PAGES);
    if (next_page < space->nr_pages)
        return false;
    next_page = 0;
    return true;
}

static const struct tracker abit = {
    .name = "abit",
    .summary = "scans and clears the leaf entries' accessed bits every window, then flushes",
    .start = abit_start,
    .step = abit_step,
};
REGISTER_TRACKER(abit);
