/*
 * A space: a managed range of addresses, its page table, and one `struct page` (its list links) per base page.
 *
 * Whoever works on a space names pages by number and asks for their entries; whose table it is stays hidden here. Today
 * there is one space, the workload's arena.
 */
#pragma once

#include "kernel/model.h"
#include "kernel/types.h"
#include "mm/direct.h"
#include "mm/list.h"
#include "mm/paging.h"
#include "mm/pt.h"

struct space;

/* Offered every fault in the space; returns true when the access can be tried again. Runs booked as ACCOUNT_FAULT. */
typedef bool (*space_fault_hook)(struct space *space, u32 page, bool write);

#define MAX_FAULT_HOOKS 4

struct space {
    vaddr_t base;      /* page 0's address, for whoever names a page by one (faults, flushes, the model) */
    vaddr_t root_base; /* and in the tables: the same, or 0 where they are a machine's nested tables */
    u64 leaf_bits;     /* of a new leaf */
    u32 nr_pages;
    u32 first_page; /* index of page 0 in the model's tables */
    pte_t *root;
    pte_t **tables;     /* per 512 pages: the level-1 table, null until something is mapped there */
    u32 scanned_page;   /* not 0: whoever looks for accessed or dirty bits looks into a machine's own tables of level 1,
                           which   lie in the pages from this one on, in order, and not into the nested ones */
    struct page *pages; /* nr_pages of them, and room for the lists' own entries */
    u32 resident[NR_TIERS];
    u64 faults, first_touches;
    space_fault_hook hooks[MAX_FAULT_HOOKS];                       /* asked in order, before demand paging */
    void (*mapped)(struct space *space, u32 page, enum tier tier); /* told of every first touch; may be null */
};

/* Where first touches go; the other tier serves when one is full. */
enum placement { PLACE_FAST_FIRST, PLACE_SLOW_FIRST, PLACE_INTERLEAVE };
extern enum placement space_placement;

/* An empty space of `nr_pages` pages in PML4 slot SPACE_PML4_SLOT + index. */
void space_init(struct space *space, unsigned index, u32 first_page, u32 nr_pages);

/*
 * The same for the guest-physical memory of machine `index`, with tables of its own that translate guest-physical
 * addresses. Its pages are named to the model by addresses that no table of the kernel's maps: a PML4 slot a machine,
 * in which the model finds the machine's own virtual addresses. What a payload maps to page n lies MACHINE_LINEAR + n
 * pages into it.
 */
void space_init_nested(struct space *space, unsigned index, u32 first_page, u32 nr_pages);

/* Address spaces that the model and the processor's TLB can tell apart, beside the host's. */
#define MAX_MACHINES   8
#define MACHINE_LINEAR ((u64)512 << 20)

static inline vaddr_t space_machine_va(unsigned index)
{
    return (vaddr_t)(MACHINE_PML4_SLOT + index) << pt_level_shift(PT_LEVELS);
}

/* Gives every frame back and forgets what was known of the pages; tables stay. Flushes. */
void space_clear(struct space *space);

static inline vaddr_t space_va(const struct space *space, u32 page)
{
    return space->base + ((vaddr_t)page << PAGE_SHIFT);
}

/* The page's entry, or null when there is no table for it yet. */
static inline pte_t *space_entry(const struct space *space, u32 page)
{
    pte_t *table = space->tables[page / PT_ENTRIES];

    return table ? &table[page % PT_ENTRIES] : NULL;
}

/* The 512 entries from page `nr` x 512 on whose accessed and dirty bits tell of the workload; null where nothing is
 * mapped. */
static inline pte_t *space_scanned(const struct space *space, u32 nr)
{
    if (__builtin_expect(!space->scanned_page || !space->tables[nr], 1))
        return space->tables[nr];
    return pfn_to_virt(pte_pfn(*space_entry(space, space->scanned_page + nr)));
}

/* Maps an unmapped page to a frame that the space now owns. No flush is needed: nothing was cached. */
void space_map(struct space *space, u32 page, pfn_t pfn);

/*
 * Makes the page's new entry `pte`, which maps a frame of whatever tier, and keeps residency and the model's frame
 * table right. The old frame is the caller's to free. Returns the entry that stood there (its D bit may matter).
 * Flushing is up to the caller.
 */
pte_t space_replace(struct space *space, u32 page, pte_t pte);

/*
 * For migrators, which know the entry: takes a page out of use. Its entry keeps the frame and all bits, but every
 * access faults (PTE_MOVING). Flushing is up to the caller.
 */
static inline void space_suspend(struct space *space, u32 page, pte_t *entry)
{
    pte_exchange(entry, (pte_t){(entry->bits & ~PTE_PRESENT) | PTE_MOVING});
    model_frames[space->first_page + page] = 0;
}

/*
 * Puts it back into use with a frame of tier `to`; the old one was of the other tier and is the caller's to free. A and
 * D bits and protections are as they were. The entry is not present, so no walker writes to it: a plain store does.
 */
static inline void space_resume(struct space *space, u32 page, pte_t *entry, pfn_t pfn, enum tier to)
{
    u64 bits = entry->bits & ~(PTE_ADDRESS | PTE_MOVING);

    if (!(bits & PTE_HINT))
        bits |= PTE_PRESENT;
    entry->bits = bits | paddr_of(pfn);
    model_frames[space->first_page + page] = pfn + 1;
    space->resident[to]++;
    space->resident[to ^ 1]--;
}

/* Whether the page has a frame, mapped or on the move, and which. */
bool space_resident(const struct space *space, u32 page);
pfn_t space_pfn(const struct space *space, u32 page);
enum tier space_tier(const struct space *space, u32 page);

/* Gives the page a zeroed frame by placement. Returns 0 or ERR_NOMEM. */
int space_populate(struct space *space, u32 page);

/* The page's bytes through the direct map; the page must be resident. For setup and verification: sets no A or D bit.
 */
void *space_bytes(const struct space *space, u32 page);

/* Routes page faults to spaces; for one that no space can serve the handler leaves it to a panic. */
/* A fault on one of its pages, from wherever: hooks first, then demand paging. False: nobody can serve it. */
bool space_fault(struct space *space, u32 page, bool write);

void space_fault_init(struct space *spaces, unsigned nr_spaces);

/* Asks to be offered faults before demand paging; panics when there are too many. */
void space_add_hook(struct space *space, space_fault_hook hook);
