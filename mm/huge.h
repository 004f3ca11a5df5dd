/*
 * Leaves of 2 MiB: 512 pages that one entry of level 2 maps to a run of frames, beside pages of 4 KiB in the same
 * space.
 *
 *      single pages    level 2 ──► table of level 1 ──► 512 frames, anywhere
 *      a leaf          level 2 ──► a run of 512 frames
 *                                  table of level 1, which no walk reaches: 512 pieces
 *
 * Pages keep their numbers; a leaf is named by its first page, a multiple of 512. Its table of level 1 is kept for the
 * day it is split, as Linux deposits one (pgtable_trans_huge_deposit()), and meanwhile says where each page's bytes
 * are: its entries are *pieces* (PTE_PIECE), not present and REASON_MOVING. So space_tier(), space_bytes() and their
 * like hold for every page, and whoever protects or moves single pages finds a piece on its way and leaves it alone.
 *
 * A leaf has one A and one D bit, in its own entry (huge_entry()): some of the 512 pages was accessed, was stored to.
 * In the model's account they are its first page's (walked_bytes()); in a machine, whose own leaves stay pages, further up
 * in that byte (WALKED_NESTED), and each page's byte says what its own entry has. Truth stays by page. Nobody has a reason against
 * accesses to a leaf (REASON_*): as long as new pages are given one, and where one of the 512 pages has one, there is
 * no new leaf.
 *
 * Orders are carried out at once and to the end. The leaf is out of the tables meanwhile: its entry is emptied, then
 * flushed, and only then written anew. Otherwise a stale translation of the old size might still set A or D where
 * nobody looks, or store to the old frames (SDM vol. 3A, 4.10.4.2, on changes of the page size).
 *
 *      move        the run is copied to one of the other tier; one entry, one flush of a page
 *      split       all 512 pages take over A and D of the leaf: which of them it was cannot be known, and a D bit that
 *                  is left out would be a lost store. So does Linux (__split_huge_pmd_locked(), mm/huge_memory.c)
 *      collapse    512 pages are copied to a run of their tier, after one full flush; A and D are set if they were in
 *                  any of them (collapse_huge_page(), mm/khugepaged.c; Linux's new entry always has D)
 *
 * Differs from Linux: no page is moved out of the way to make a run, pages that happen to lie in a run are copied all
 * the same, and first touches map a leaf only where it was promised (huge_promise()), as they do with Linux's
 * transparent_hugepage=always. With tables=slow, the table of a leaf that comes before any page of its 2 MiB is in kernel memory all the same.
 */
#pragma once

#include "mm/parts.h"

#define HUGE_PAGES PT_ENTRIES

/* The entry of level 2 over a page; it maps the leaf where space_leaf_pages() is 512. */
pte_t *huge_entry(const struct space *space, u32 page);

/*
 * Maps the 512 pages from `page` on, none of which has a frame, to a zeroed run of that tier. Returns 0; ERR_NOMEM
 * without room or run; ERR_BUSY when a page has a frame, or new pages are given reasons; ERR_RANGE where no leaf can
 * be.
 */
int huge_map(struct space *space, u32 page, enum tier tier);

/* Takes the leaf away and frees its run. Flushing is up to the caller. */
void huge_unmap(struct space *space, u32 page);

/*
 * Carries out a split, a collapse, or the move of a leaf; counts it and tells the classifier. MOVED stands for done;
 * GONE: there is no such leaf (or it lies there already), or the 512 pages are not all there, single and free of
 * reasons.
 */
enum outcome huge_order(struct space *space, struct order order);

/*
 * From now on the first touch of one of 512 pages maps a leaf over all of them, as far as the space has whole ones. For a machine's
 * nested tables, which are empty still; tells the model where they lie, so it comes after the handshake. Holds until the space is
 * cleared: nobody begins a second run on such tables (a rehearsal would; policies that need one are refused).
 */
void huge_promise(struct space *space);

/*
 * That first touch: a leaf in the tier that comes first by placement, else in the other one; where neither has a run, the promise is taken
 * back and the page gets a frame of its own. place=interleave goes by leaves. Returns 0 or ERR_NOMEM.
 */
int huge_populate(struct space *space, u32 page);

/* Splits the leaf over a page, without an order. */
void huge_split(struct space *space, u32 page);

/*
 * The move of a leaf in three acts, for migrators (mm/move.h has them for a page). Between the first and the last one an access to any
 * of the 512 pages faults for the migrator's reason. huge_take() returns MOVED, or why not; it flushes. Counting and telling
 * the classifier is the caller's.
 */
struct huge_move {
    u32 page;
    pfn_t from, to;
    pte_t old;
};

enum outcome huge_take(struct space *space, struct huge_move *move, u32 page, enum tier to);
void huge_copy(const struct huge_move *move);
void huge_finish(struct space *space, const struct huge_move *move);
