/*
 * A space: a managed range of addresses, its page table, one `struct page` (its list links) per base page, and the parts
 * of the policy that serves it.
 *
 * Whoever works on a space names pages by number; whose table it is stays hidden here. Today there is one space, the
 * workload's arena.
 *
 * Rights have owners. A part that wants to hear of the next access to a page takes the right away for a *reason*, and
 * the entry keeps all reasons until each is lifted: present only while nobody minds any access, writable only while
 * nobody minds a store. So parts need not know of one another, and no right is given back that somebody else still
 * holds.
 */
#pragma once

#include "kernel/model.h"
#include "kernel/types.h"
#include "mm/direct.h"
#include "mm/frame.h"
#include "lib/list.h"
#include "mm/paging.h"
#include "mm/memory.h"
#include "mm/pt.h"

struct classifier;
struct touch;
struct migrator;
struct part_state;
struct space;
struct tracker;
struct truth_source;

enum part_kind { TRACKER, CLASSIFIER, MIGRATOR, NR_PARTS };

struct migration_counts { /* in pages */
    union {
        struct {
            u64 promoted, demoted;
        };
        u64 moved_to[NR_TIERS];
    };
    u64 failed; /* orders that were not carried out */
};

/* Which of a machine's tables were walked (mm/table_log.h). */
struct table_log {
    bool on;
    u32 buffered;      /* entries since the buffer was last emptied */
    u64 full_ps;       /* what an exit for a full buffer costs */
    u64 flushes;       /* tlb_flushes when a table was last armed */
    u64 entries, full; /* tables named, exits for a full buffer */
};

/* What a policy names by a page where leaves of 2 MiB may lie (mm/huge.h). */
enum leaf_use {
    SMALL_LEAVES, /* a page: nobody maps larger leaves */
    WHOLE_LEAVES, /* the leaf that begins there, of whatever size */
    SPLIT_LEAVES  /* a page: to move one that is part of a leaf, the leaf is split */
};

struct space {
    vaddr_t base;      /* page 0's address, for whoever names a page by one (faults, flushes, the model) */
    vaddr_t root_base; /* and in the tables: the same, or 0 where they are a machine's nested tables */
    u64 leaf_bits;     /* of a new leaf */
    u32 nr_pages;
    u32 first_page; /* index of page 0 in the model's tables */
    volatile u32 *model_frames; /* of these, the table of frames, from page 0 on */
    pte_t *root;
    pte_t **tables;     /* per 512 pages: the level-1 table, null until something is mapped there */
    u32 scanned_page;   /* not 0: whoever looks for accessed or dirty bits looks into a machine's own tables of level 1,
                           which lie in the pages from this one on, in order, and not into the nested ones */
    struct page *pages; /* nr_pages of them, and room for the lists' own entries */

    u32 resident[NR_TIERS]; /* pages that lie there, mapped or on the move */
    u32 share[NR_TIERS];    /* frames that it may hold there: its pages', those that pages are on the way to, shadows */
    s32 left[NR_TIERS];     /* of its share; negative after it was made smaller */

    u64 faults, first_touches;
    u64 pte_visits;   /* entries that trackers have looked at; they add to it */
    u64 new_reasons;  /* reasons that a page has from its first touch on */
    struct migration_counts migration;
    u32 moves_left[NR_TIERS]; /* orders that may still be given in this period */
    bool awake;               /* there may be something to move */
    bool in_fault;            /* what a touch makes the classifier ask for is moved at once */
    u8 leaf_use;              /* enum leaf_use */

    const struct tracker *tracker; /* null for a part that it lacks, as are all of them outside of a run */
    const struct classifier *classifier;
    void (*touched)(struct space *space, struct touch *touch); /* the classifier's, null for none: faults are short */
    const struct migrator *migrator;
    void *own[NR_PARTS]; /* their states in this space */
    struct part_state *states;
    const struct truth_source *truth; /* mm/truth.h; null where nobody knows it */

    u64 (*wait_ps)(const struct space *space); /* how long an access must wait for the migrator's step that is still being
                                                  paid for; may be null */
    const u8 *plan; /* PLACE_BY_PAGE: each page's tier; null: in turn */
    struct table_log table_log;
    u64 late_fills; /* faults that found an entry REASON_EMPTY */
};

/* Where first touches go; the other tier serves when one is full. */
enum placement { PLACE_FAST_FIRST, PLACE_SLOW_FIRST, PLACE_BY_PAGE };
extern enum placement space_placement;
extern u32 space_turn[NR_TIERS]; /* PLACE_BY_PAGE without a plan: so many pages in each tier in turn */

/* Tables of level 1 take frames of the slow tier, as those of a virtual machine do whose memory lies there; else kernel
 * memory. Set before the first page is mapped. */
extern bool space_tables_slow;

/* An empty space of `nr_pages` pages in PML4 slot SPACE_PML4_SLOT + index, with no share of any tier yet. */
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

/* From this page on none was ever mapped. */
static inline u32 space_end(const struct space *space)
{
    u32 tables = ALIGN_UP(space->nr_pages, PT_ENTRIES) / PT_ENTRIES;

    while (tables && !space->tables[tables - 1])
        tables--;
    return MIN(tables * PT_ENTRIES, space->nr_pages);
}

/* The page's entry, or null when there is no table for it yet. */
static inline pte_t *space_entry(const struct space *space, u32 page)
{
    pte_t *table = space->tables[page / PT_ENTRIES];

    return table ? &table[page % PT_ENTRIES] : NULL;
}

/*
 * How many pages the leaf that maps a page has: 1, or 512 (mm/huge.h). A leaf is named by its first page, so whoever goes
 * through all of them goes on with page + space_leaf_pages(space, page).
 */
static inline u32 space_leaf_pages(const struct space *space, u32 page)
{
    const pte_t *entry = space_entry(space, page);

    return entry && entry->bits & PTE_PIECE ? PT_ENTRIES : 1;
}

/* How many pages one number stands for in observations and orders, of a page that begins such a unit. */
static inline u32 space_unit_pages(const struct space *space, u32 page)
{
    return space->leaf_use == SPLIT_LEAVES ? 1 : space_leaf_pages(space, page);
}

/* The 512 entries from page `nr` x 512 on whose accessed and dirty bits tell of the workload; null where nothing is
 * mapped. */
static inline pte_t *space_scanned(const struct space *space, u32 nr)
{
    if (__builtin_expect(!space->scanned_page || !space->tables[nr], 1))
        return space->tables[nr];
    return pfn_to_virt(pte_pfn(*space_entry(space, space->scanned_page + nr)));
}

/* Whether the page has a frame, mapped or on the move, and which. */
bool space_resident(const struct space *space, u32 page);
pfn_t space_pfn(const struct space *space, u32 page);
enum tier space_tier(const struct space *space, u32 page);

/*
 * How many frames of that tier the space could still get. The one notion of room, for every part. All spaces' shares
 * together are never more than the tier has (space_share()), so what is left of a share is there.
 */
static inline u32 space_room(const struct space *space, enum tier tier)
{
    return (u32)MAX(space->left[tier], 0);
}

/* Makes the space's share of a tier so many frames: at most what no other space has. A smaller share than it holds
 * leaves no room until pages have been moved away. */
void space_share(struct space *space, enum tier tier, u32 frames);

/* So many frames of both tiers, or all there are, change from one space's share to another's. */
void space_lend(struct space *from, struct space *to, u32 frames);

/* Asks the migrator for a frame that no page needs, since there is no room; whether there is now. */
bool space_make_room(struct space *space, enum tier tier);

/* Whether there is room for a frame, if need be after space_make_room(). */
static inline bool space_has_room(struct space *space, enum tier tier)
{
    return __builtin_expect(space_room(space, tier) != 0, 1) || space_make_room(space, tier);
}

/* A frame for the space, where there is room. */
static inline pfn_t space_frame_take(struct space *space, enum tier tier)
{
    space->left[tier]--;
    return frame_pool_take(&frame_pools[tier]);
}

/* A frame for the space, or PFN_INVALID when there is no room. */
static inline pfn_t space_frame_alloc(struct space *space, enum tier tier)
{
    return space_has_room(space, tier) ? space_frame_take(space, tier) : PFN_INVALID;
}

static inline void space_frame_free(struct space *space, enum tier tier, pfn_t pfn)
{
    space->left[tier]++;
    frame_pool_free(&frame_pools[tier], pfn);
}

/* A run of frames (mm/frame.h) for the space, or PFN_INVALID when there is no room for it or no run. */
static inline pfn_t space_run_alloc(struct space *space, enum tier tier)
{
    pfn_t run = space_room(space, tier) < RUN_FRAMES ? PFN_INVALID : frame_pool_alloc_run(&frame_pools[tier]);

    space->left[tier] -= run == PFN_INVALID ? 0 : RUN_FRAMES;
    return run;
}

static inline void space_run_free(struct space *space, enum tier tier, pfn_t run)
{
    space->left[tier] += RUN_FRAMES;
    frame_pool_free_run(&frame_pools[tier], run);
}

/* Maps an unmapped page to a frame that the space has. No flush is needed: nothing was cached. */
void space_map(struct space *space, u32 page, pfn_t pfn);

/* Takes the page away and frees its frame. Flushing is up to the caller. */
void space_unmap(struct space *space, u32 page);

/*
 * Makes the page's new entry `pte`, which maps a frame of whatever tier, and keeps residency and the model's frame
 * table right. The old frame is the caller's to free. Returns the entry that stood there (its D bit may matter).
 * Flushing is up to the caller.
 */
pte_t space_replace(struct space *space, u32 page, pte_t pte);

/*
 * Why an access faults. The reasons are bits of the entry that the processor ignores (mm/pte.h). `MOVING` and `GUARDED`
 * are the migrator's, `EMPTY` is nobody's (machines/late_fill.h), the others are the tracker's.
 */
#define REASON_MOVING  PTE_MOVING      /* any access: the page is on its way to another frame */
#define REASON_EMPTY   PTE_EMPTY       /* any access: the page has a frame, and its entry is filled by the first who wants it */
#define REASON_TOUCH   PTE_HINT        /* any access: the tracker waits for it */
#define REASON_LOG     PTE_LOG_WRITE   /* stores: the tracker waits for the first one */
#define REASON_GUARDED PTE_GUARD_WRITE /* stores: the migrator waits, or has a copy that a store would make stale */

#define REASONS_ACCESS (REASON_MOVING | REASON_EMPTY | REASON_TOUCH)
#define REASONS_WRITE  (REASON_LOG | REASON_GUARDED)

/* Takes the right away that goes with the reason. The page has a frame. The flush is the caller's. */
static inline void space_protect(struct space *space, u32 page, pte_t *entry, u64 reason)
{
    if (reason & REASONS_ACCESS) {
        /* The first operation is locked, since the processor may set A or D meanwhile; then no walker writes here. */
        pte_clear_bits(entry, PTE_PRESENT);
        space->model_frames[page] = 0;
        entry->bits |= reason;
    } else {
        pte_clear_bits(entry, PTE_WRITE);
        pte_set_bits(entry, reason);
    }
}

/* Lifts the reason; the right is back when it was the last one. No flush is needed: x86 caches no missing right for
 * longer than until the fault (Intel SDM vol. 3A, 4.10.4.3). */
static inline void space_allow(struct space *space, u32 page, pte_t *entry, u64 reason)
{
    u64 bits = entry->bits & ~reason;

    if (reason & REASONS_WRITE) {
        pte_clear_bits(entry, reason);
        if (!(bits & REASONS_WRITE))
            pte_set_bits(entry, PTE_WRITE);
    } else if (bits & REASONS_ACCESS) {
        entry->bits = bits;
    } else {
        entry->bits = bits | PTE_PRESENT;
        space->model_frames[page] = pte_pfn((pte_t){bits}) + 1;
    }
}

/*
 * Puts a page that was REASON_MOVING back into use with a frame of tier `to`; the old one was of the other tier and is
 * the caller's to free. A and D bits and the other reasons are as they were.
 */
static inline void space_resume(struct space *space, u32 page, pte_t *entry, pfn_t pfn, enum tier to)
{
    u64 bits = (entry->bits & ~(PTE_ADDRESS | REASON_MOVING)) | paddr_of(pfn);

    space->resident[to]++;
    space->resident[to ^ 1]--;
    if (__builtin_expect(bits & REASONS_ACCESS, 0)) {
        entry->bits = bits;
        return;
    }
    entry->bits = bits | PTE_PRESENT;
    space->model_frames[page] = pfn + 1;
}

/* Gives the page a zeroed frame by placement. Returns 0 or ERR_NOMEM. */
int space_populate_page(struct space *space, u32 page);

/* The same, or where a leaf is promised, that leaf (huge_populate()). A page that is part of a leaf has its frame already. */
int space_populate(struct space *space, u32 page);

/* The page's bytes through the direct map; the page must be resident. For setup and verification: sets no A or D bit.
 */
void *space_bytes(const struct space *space, u32 page);

/* Serves a fault on one of its pages, from wherever. unfit() when it needs a frame and there is none. */
void space_fault(struct space *space, u32 page, bool write);

/* Routes page faults to spaces; for one that no space can serve the handler leaves it to a panic. */
void space_fault_init(struct space *spaces, unsigned nr_spaces);
