/*
 * Accessed and dirty bits, and who takes them: the one place that clears them, for trackers, classifiers and migrators.
 *
 * D has two readers: a tracker wants to know what was written in a window, a migrator what was written while it copied.
 * Whoever takes D leaves a note for the other one in the entry (PTE_TRACKER_DIRTY, PTE_MIGRATOR_DIRTY), so that neither
 * misses a store. A has one reader at a time: who takes it has it.
 */
#pragma once

#include "kernel/clock.h"
#include "kernel/model.h"
#include "mm/parts.h"

#define SCAN_GROUP 8 /* entries that the loop is unrolled by: their offsets become constants */

/* What a tracker looks for when it looks for D. */
#define DIRTY_FOR_TRACKER (PTE_DIRTY | PTE_TRACKER_DIRTY)

/* GCC tests memory directly, two instructions an entry. */
static inline bool has_bits(const pte_t *entry, u32 bits)
{
    return *(const u32 *)entry & bits;
}

/* A locked operation: the processor may set bits of the entry meanwhile (SDM vol. 3A, 4.8). `bits` must be constant. */
static inline __attribute__((always_inline)) void drop_accessed(pte_t *entry)
{
    __asm__ volatile("lock andb %1, %0" : "+m"(*(u8 *)entry) : "i"((u8)~PTE_ACCESSED) : "cc");
}

/* For trackers: takes D, and A with it if that is among `bits`; a migrator that waits for D finds it noted. */
static inline __attribute__((always_inline)) void take_dirty(pte_t *entry, u32 bits)
{
    u32 taken = bits | (u32)DIRTY_FOR_TRACKER;

    if (__builtin_expect(((const u8 *)entry)[6] & PTE_MIGRATOR_LOOKS >> 48, 0) &&
        pte_clear_bits(entry, taken).bits & PTE_DIRTY)
        pte_set_bits(entry, PTE_MIGRATOR_DIRTY);
    else
        __atomic_fetch_and((u32 *)entry, ~taken, __ATOMIC_SEQ_CST); /* its result unused: a single locked AND */
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

/* Notes and clears A (or D, which says "written") of a table's entries. Nothing is flushed. Returns where the next
 * observation goes. */
static inline __attribute__((always_inline)) struct observation *scan_table(pte_t *table, u32 first_page,
                                                                            struct observation *at, bool dirty)
{
    u64 observation = observation_bits(first_page, dirty ? OBSERVED_WRITTEN : OBSERVED_READ);

    for (pte_t *entry = table; entry < table + PT_ENTRIES; entry += SCAN_GROUP, observation += SCAN_GROUP) {
#pragma GCC unroll 8
        for (u32 i = 0; i < SCAN_GROUP; i++) {
            if (__builtin_expect(has_bits(&entry[i], dirty ? DIRTY_FOR_TRACKER : PTE_ACCESSED), 0)) {
                if (dirty)
                    take_dirty(&entry[i], 0);
                else
                    drop_accessed(&entry[i]);
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
 * Who clears D tells the model, so that the workload pays for the walks that set it again. The hardware needs no
 * telling: the clock stands still meanwhile.
 */
static inline void forget_dirty(volatile u8 *walked, const struct observations *seen)
{
    booking_t booking = clock_book(BOOK_OFF);

    for (u32 i = 0; walked && i < seen->count; i++)
        walked[seen->list[i].page] &= (u8)~WALKED_DIRTY;
    clock_book(booking);
}

/* The same for one page. */
static inline void forget_dirty_page(volatile u8 *walked, u32 page)
{
    if (walked)
        walked[page] &= (u8)~WALKED_DIRTY;
}

/*
 * Makes the entries of a table's `count` pages say what they would if the modelled TLB's walks were the only ones. This
 * is the laboratory's doing, not the tracker's: the clock stands still.
 */
static inline void show_walked(volatile u8 *walked, pte_t *table, u32 first_page, u32 count)
{
    booking_t booking = clock_book(BOOK_OFF);
    volatile u8 *bytes = walked + first_page;

    for (u32 i = 0; i < count; i++) {
        bool accessed = bytes[i] & WALKED_ACCESSED;
        if (accessed)
            bytes[i] &= (u8)~WALKED_ACCESSED;
        if (accessed == has_bits(&table[i], PTE_ACCESSED))
            continue;
        if (!accessed)
            drop_accessed(&table[i]);
        else if (pte_has_frame(table[i]))
            pte_set_bits(&table[i], PTE_ACCESSED);
    }
    clock_book(booking);
}

/*
 * For classifiers that ask for one page (the tail of a list, a clock hand): whether it was accessed since A was last
 * taken, by them or by a tracker. Nothing is flushed, as in Linux (ptep_clear_flush_young() on x86), so the modelled TLB
 * decides; without the model the entry does.
 */
static inline bool take_accessed(struct space *space, u32 page)
{
    volatile u8 *walked = walked_bytes(space);
    pte_t *entry = space_entry(space, page);
    bool accessed;

    space->pte_visits++;
    if (!entry || !pte_has_frame(*entry))
        return false;
    accessed = walked ? walked[page] & WALKED_ACCESSED : has_bits(entry, PTE_ACCESSED);
    if (walked)
        walked[page] &= (u8)~WALKED_ACCESSED;
    drop_accessed(entry);
    return accessed;
}

/* The same without taking it. The page has a frame. */
static inline bool was_accessed(const struct space *space, u32 page)
{
    volatile u8 *walked = walked_bytes(space);

    return walked ? walked[page] & WALKED_ACCESSED : has_bits(space_entry(space, page), PTE_ACCESSED);
}

/*
 * For migrators: from now on stores to the page are looked for. D is taken; a tracker that has not seen it finds it
 * noted. The caller flushes before it relies on it, and tells the model by forget_dirty_page().
 */
static inline void watch_dirty(pte_t *entry)
{
    pte_t old;

    pte_set_bits(entry, PTE_MIGRATOR_LOOKS);
    old = pte_clear_bits(entry, PTE_DIRTY | PTE_MIGRATOR_DIRTY);
    if (old.bits & PTE_DIRTY)
        pte_set_bits(entry, PTE_TRACKER_DIRTY);
}

/* Whether the page was stored to since watch_dirty(), by an entry's bits: decisive once no store can come any more. */
static inline bool was_dirtied(u64 bits)
{
    return bits & (PTE_DIRTY | PTE_MIGRATOR_DIRTY);
}

/* Ends the watch; D stays as it is. */
static inline void unwatch_dirty(pte_t *entry)
{
    pte_clear_bits(entry, PTE_MIGRATOR_LOOKS | PTE_MIGRATOR_DIRTY);
}

/* Takes bits of all pages back, in entries and in the model's account. For start functions; the caller flushes. */
static inline void drop_all_bits(struct space *space, u64 pte_bits, u8 walked_bits)
{
    volatile u8 *walked = walked_bytes(space);

    for (u32 page = 0; page < space->nr_pages; page++) {
        pte_t *table = space_scanned(space, page / PT_ENTRIES), *entry = table ? &table[page % PT_ENTRIES] : NULL;
        if (entry && pte_bits & PTE_DIRTY)
            take_dirty(entry, (u32)pte_bits);
        else if (entry)
            pte_clear_bits(entry, pte_bits);
        if (walked)
            walked[page] &= (u8)~walked_bits;
    }
}
