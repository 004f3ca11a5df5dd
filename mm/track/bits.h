/*
 * What the trackers of accessed and dirty bits share: testing, clearing and noting bits of page-table entries, and the
 * model's account of its own TLB's walks.
 */
#pragma once

#include "kernel/clock.h"
#include "kernel/model.h"
#include "mm/mech.h"

#define SCAN_GROUP 8 /* entries that the loop is unrolled by: their offsets become constants */

/* A byte is enough: A is bit 5, D is bit 6. GCC then tests memory directly, two instructions an entry. */
static inline bool has_bits(const pte_t *entry, u8 bits)
{
    return *(const u8 *)entry & bits;
}

/* A locked operation: the processor may set bits of the entry meanwhile (SDM vol. 3A, 4.8). `bits` must be constant. */
static inline __attribute__((always_inline)) void drop_bits(pte_t *entry, u8 bits)
{
    __asm__ volatile("lock andb %1, %0" : "+m"(*(u8 *)entry) : "i"((u8)~bits) : "cc");
}

/* An observation as one number, so that it is stored at once; the page is in the low half, so a page further on is the
 * number plus 1. */
static inline u64 observation_bits(u32 page, u8 flags)
{
    const struct observation o = {.page = page, .weight = 1, .flags = flags};
    u64 bits;

    __builtin_memcpy(&bits, &o, sizeof(bits));
    return bits;
}

static inline struct observation *note(struct observation *at, u64 bits)
{
    __builtin_memcpy(at, &bits, sizeof(bits));
    return at + 1;
}

/* Notes and clears every set `bit` of a table's entries. Nothing is flushed. Returns where the next observation goes.
 */
static inline __attribute__((always_inline)) struct observation *scan_table(pte_t *table, u32 first_page,
                                                                            struct observation *at, u8 bit, u8 flags)
{
    u64 observation = observation_bits(first_page, flags);

    for (pte_t *entry = table; entry < table + PT_ENTRIES; entry += SCAN_GROUP, observation += SCAN_GROUP) {
#pragma GCC unroll 8
        for (u32 i = 0; i < SCAN_GROUP; i++) {
            if (__builtin_expect(has_bits(&entry[i], bit), 0)) {
                drop_bits(&entry[i], bit);
                at = note(at, observation + i);
            }
        }
    }
    return at;
}

/* Where a step that begins at `page` and takes `pages` (whole tables) ends. */
static inline u32 step_end(const struct space *space, u32 page, u64 pages)
{
    return (u32)MIN(page + ALIGN_DOWN(pages, PT_ENTRIES), space->nr_pages);
}

/*
 * By page of the space: what the modelled TLB's walks have set since the bits were last taken back here (WALKED_*,
 * model/abi.h). QEMU's own TLB depends on the host's time; who clears bits and does not flush must look here and not at
 * the entry. Null without the model.
 */
static inline volatile u8 *walked_bytes(const struct space *space)
{
    return model_present() ? (volatile u8 *)(MODEL_VA + model_header()->walked_offset + space->first_page) : NULL;
}

/*
 * A tracker that clears D tells the model, so that the workload pays for the walks that set it again. The hardware
 * needs no telling: the clock stands still meanwhile. `left_set` tells which of the pages were left as they were; null:
 * none.
 */
static inline void forget_dirty(volatile u8 *walked, const struct observations *seen, bool (*left_set)(u32 page))
{
    booking_t booking = clock_book(BOOK_OFF);

    for (u32 i = 0; walked && i < seen->count; i++)
        if (!left_set || !left_set(seen->list[i].page))
            walked[seen->list[i].page] &= (u8)~WALKED_DIRTY;
    clock_book(booking);
}

/* Takes bits of all pages back, in entries and in the model's account. For start functions; the caller flushes. */
static inline void drop_all_bits(struct space *space, u64 pte_bits, u8 walked_bits)
{
    volatile u8 *walked = walked_bytes(space);

    for (u32 page = 0; page < space->nr_pages; page++) {
        pte_t *table = space_scanned(space, page / PT_ENTRIES);
        if (table)
            pte_clear_bits(&table[page % PT_ENTRIES], pte_bits);
        if (walked)
            walked[page] &= (u8)~walked_bits;
    }
}
