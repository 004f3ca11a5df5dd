/*
 * Page-table entries: the only place that knows bit positions. Intel SDM vol. 3A, 4.5 (4-level paging), table 4-20.
 * The same format serves all levels; whether an entry is a leaf is told by its level and PTE_LARGE.
 */
#pragma once

#include "kernel/types.h"

typedef struct {
    u64 bits;
} pte_t;

_Static_assert(sizeof(pte_t) == 8, "an entry is eight bytes");

#define PTE_PRESENT       ((u64)1 << 0)
#define PTE_WRITE         ((u64)1 << 1)
#define PTE_USER          ((u64)1 << 2) /* nested tables: a machine's accesses count as a user's (APM 2, 15.25.5) */
#define PTE_WRITE_THROUGH ((u64)1 << 3)
#define PTE_NO_CACHE      ((u64)1 << 4)
#define PTE_ACCESSED      ((u64)1 << 5)
#define PTE_DIRTY         ((u64)1 << 6)
#define PTE_LARGE         ((u64)1 << 7)
/* Ours, in bits that the processor ignores: why accesses fault (mm/space.h), and who has yet to hear of a D bit
 * (mm/bits.h). */
#define PTE_EMPTY          ((u64)1 << 8) /* in entries that are not present, where it means nothing else */
#define PTE_MOVING         ((u64)1 << 9)
#define PTE_HINT           ((u64)1 << 10)
#define PTE_TRACKER_DIRTY  ((u64)1 << 11) /* the migrator has taken a D bit that the tracker has not seen */
#define PTE_LOG_WRITE      ((u64)1 << 52)
#define PTE_GUARD_WRITE    ((u64)1 << 53)
#define PTE_MIGRATOR_LOOKS ((u64)1 << 54) /* the migrator waits for a D bit... */
#define PTE_MIGRATOR_DIRTY ((u64)1 << 55) /* ...that the tracker has taken meanwhile */
#define PTE_PIECE          ((u64)1 << 56) /* 1/512 of a leaf of 2 MiB, in a table that no walk reaches (mm/huge.h) */
#define PTE_PROMISED       ((u64)1 << 57) /* no frame yet: the first touch of any of the 512 pages maps a leaf of 2 MiB */
#define PTE_NO_EXECUTE    ((u64)1 << 63)
#define PTE_ADDRESS       0x000ffffffffff000ull

#define PT_ENTRIES 512
#define PT_LEVELS  4 /* level 4 is the root (PML4), level 1 maps 4 KiB */

static inline pte_t pte_make(pfn_t pfn, u64 flags)
{
    return (pte_t){paddr_of(pfn) | flags};
}

static inline bool pte_present(pte_t pte)
{
    return pte.bits & PTE_PRESENT;
}

/* Whether an entry names a frame, be it mapped, on the move or protected. */
static inline bool pte_has_frame(pte_t pte)
{
    return pte.bits & (PTE_PRESENT | PTE_EMPTY | PTE_MOVING | PTE_HINT);
}

/* A frame number has 32 bits, so the shift alone leaves nothing of the higher flags. */
static inline pfn_t pte_pfn(pte_t pte)
{
    return (pfn_t)(pte.bits >> PAGE_SHIFT);
}

/* log2 of what an entry of that level spans. */
static inline unsigned pt_level_shift(unsigned level)
{
    return PAGE_SHIFT + 9 * (level - 1);
}

static inline unsigned pt_index(vaddr_t va, unsigned level)
{
    return va >> pt_level_shift(level) & (PT_ENTRIES - 1);
}

/*
 * Clears bits with a locked operation and returns the old entry: the walker may set A or D at the same time, and a
 * plain store would lose a D bit, and with it data (SDM 3A, 4.8).
 */
static inline pte_t pte_clear_bits(volatile pte_t *pte, u64 bits)
{
    return (pte_t){__atomic_fetch_and(&pte->bits, ~bits, __ATOMIC_SEQ_CST)};
}

static inline void pte_set_bits(volatile pte_t *pte, u64 bits)
{
    __atomic_fetch_or(&pte->bits, bits, __ATOMIC_SEQ_CST);
}

static inline pte_t pte_exchange(volatile pte_t *pte, pte_t new)
{
    return (pte_t){__atomic_exchange_n(&pte->bits, new.bits, __ATOMIC_SEQ_CST)};
}
