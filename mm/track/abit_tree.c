/*
 * abit-tree: descend only where upper-level accessed bits are set.
 *
 *      each window, each step, for the next `tree_pages` pages:
 *          at the start of each 1 GiB:  test and clear A of its level-3 entry; not set: go on behind it
 *          for each 2 MiB:              test and clear A of its level-2 entry; not set: go on behind it
 *                                       for each of its 512 entries:  if A is set: note the page, clear A
 *          flush the TLB if anything was cleared, at whatever level
 *
 * A walk sets A in the entries of all levels that it uses (Intel SDM vol. 3A, 4.8), so where an upper bit is clear
 * nothing below was accessed. That holds only if an upper bit is never cleared without looking below it, and if the
 * paging-structure caches, too, are emptied: a full flush does both (4.10.4.1). After Telescope (Nair and others,
 * ATC'24), which profiles terabytes by upper-level bits. Differs: Telescope samples regions at a level that it chooses
 * by their size and stops there, with flushes left out; this one goes down to the page in every window, and so sees
 * exactly what abit sees. Cost: as abit in tables that were touched, one entry in 512 elsewhere. Known weak spot: one
 * page accessed in each 2 MiB, and it visits more than abit.
 */
#include "mm/bits.h"
#include "mm/tlb.h"

static KEY_NUMBER(tree_pages, "tree_pages", OBSERVATIONS_PER_STEP, PT_ENTRIES, OBSERVATIONS_PER_STEP,
                  "abit-tree: pages a step, in whole tables of 512; as abit_pages, so that the two compare");

#define PAGES_PER_TOP (PT_ENTRIES * PT_ENTRIES) /* under one level-3 entry */

struct tree {
    u32 next_page;
    bool top_set; /* what the level-3 entry over next_page said when it was tested */
};

static const struct tracker abit_tree;

static bool test_and_clear(struct space *space, pte_t *entry)
{
    space->pte_visits++;
    if (!has_bits(entry, PTE_ACCESSED))
        return false;
    drop_accessed(entry);
    return true;
}

static inline pte_t *upper_entry(const struct space *space, u32 page, unsigned level)
{
    return pt_entry(space->root, space->root_base + ((vaddr_t)page << PAGE_SHIFT), level, false);
}

static void tree_start(struct space *space)
{
    struct tree *t = space_own(space, TRACKER, &abit_tree, sizeof(*t));

    *t = (struct tree){0};
    drop_all_bits(space, PTE_ACCESSED, WALKED_ACCESSED);
    for (u32 page = 0; page < space->nr_pages; page += PT_ENTRIES)
        for (unsigned level = 2; level <= 3; level++) {
            pte_t *entry = upper_entry(space, page, level);
            if (entry)
                drop_accessed(entry);
        }
    tlb_flush_all(FLUSH_LOCAL);
}

static bool tree_step(struct space *space, struct observations *out)
{
    struct tree *t = space->own[TRACKER];
    u32 page = t->next_page, end = step_end(space, page, tree_pages);
    struct observation *at = out->list;
    bool whole = page == 0 && end == space->nr_pages, cleared = false;
    pte_t *middle = NULL; /* the level-2 entry over `page` */

    while (page < end) {
        if (page % PAGES_PER_TOP == 0) {
            pte_t *top = upper_entry(space, page, 3);
            t->top_set = top && test_and_clear(space, top);
            cleared |= t->top_set;
            middle = NULL;
        }
        if (!t->top_set) {
            page = (u32)MIN(ALIGN_DOWN(page, PAGES_PER_TOP) + PAGES_PER_TOP, space->nr_pages);
            continue;
        }
        if (!middle)
            middle = upper_entry(space, page, 2);
        if (test_and_clear(space, middle)) {
            at = scan_table(space->tables[page / PT_ENTRIES], page, at, false);
            space->pte_visits += PT_ENTRIES;
            cleared = true;
        }
        middle++;
        page += PT_ENTRIES;
    }
    out->count = (u32)(at - out->list);
    if (cleared)
        tlb_flush_all(whole ? FLUSH_PER_WINDOW : FLUSH_PER_PAGES);
    t->next_page = page < space->nr_pages ? page : 0;
    return !t->next_page;
}

static const struct tracker abit_tree = {
    .part = {.name = "abit-tree",
             .summary = "accessed bits, descending only where those of the upper levels are set",
             .start = tree_start},
    .sees = SEES_EVERY_WINDOW,
    .step = tree_step,
};
REGISTER_TRACKER(abit_tree);
