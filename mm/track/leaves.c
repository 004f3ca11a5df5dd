/*
 * abit and dbit where leaves may be of 2 MiB.
 *
 *      each window, each step, for each 2 MiB of the next `abit_pages` or `dbit_pages` pages:
 *          look at the entry of level 2: a leaf with the bit set: note the leaf, clear the bit
 *                                        a table: as abit and dbit do, entry by entry
 *          flush the TLB if anything was cleared (abit: as `flush` says)
 *
 * A leaf has one A and one D bit for its 512 pages (AMD64 APM vol. 2, 5.4.2), so its observation is one of all of them
 * (OBSERVED_LEAF): a page counts as accessed when any of the 512 was. That is what makes scans of large leaves cheap, one visit in place of
 * 512, and what vTMM (Sha and others, EuroSys'23) and HugeScope (USENIX ATC'24) hold against them. Cost: a
 * load and a branch for each 2 MiB; where it is a table, one visit more than abit's 512. Known weak spot: a leaf with one hot page
 * looks like one with 512. Tables, which are rare where leaves are wanted, are looked at by a plain loop, at some instructions a visit
 * more than abit's.
 */
#include "kernel/exit.h"
#include "mm/bits.h"
#include "mm/huge.h"
#include "mm/tlb.h"

extern const char *abit_flush; /* the key `flush` */
extern u64 abit_pages, dbit_pages;

struct leaves {
    u32 next_page;
    bool dirty, by_page, flushed;
    volatile u8 *walked; /* null without the model */
};

static const struct leaf_part leaves_abit, leaves_dbit;

/* Takes the bit of every leaf back, in the entries and in the model's account. */
static __attribute__((cold)) void drop_leaf_bits(struct space *space, const struct leaves *t)
{
    u64 bits = t->dirty ? DIRTY_FOR_TRACKER : PTE_ACCESSED;
    u8 walked_bits = t->dirty ? WALKED_DIRTY : WALKED_ACCESSED;

    drop_all_bits(space, bits, walked_bits);
    for (u32 page = 0; page < space->nr_pages; page += HUGE_PAGES) {
        pte_t *upper = huge_entry(space, page);
        if (upper && upper->bits & PTE_LARGE)
            pte_clear_bits(upper, bits);
        if (t->walked)
            t->walked[page] &= (u8) ~(walked_bits << WALKED_NESTED);
    }
    tlb_flush_all(FLUSH_LOCAL);
}

static void abit_start(struct space *space)
{
    struct leaves *t = space_own(space, TRACKER, &leaves_abit, sizeof(*t));

    *t = (struct leaves){.walked = walked_bytes(space), .by_page = abit_flush[0] == 'p'};
    if (abit_flush[0] == 'n')
        refuse("flush=none: it goes by pages, and a nested leaf of 2 MiB has one bit for 512 of them; scan=guest has one for each");
    drop_leaf_bits(space, t);
}

static void dbit_start(struct space *space)
{
    struct leaves *t = space_own(space, TRACKER, &leaves_dbit, sizeof(*t));

    *t = (struct leaves){.walked = walked_bytes(space), .dirty = true};
    drop_leaf_bits(space, t);
}

static struct observation *look_at(pte_t *entry, u32 page, u8 flags, struct observation *at, bool dirty)
{
    if (!has_bits(entry, dirty ? DIRTY_FOR_TRACKER : PTE_ACCESSED))
        return at;
    if (dirty)
        take_dirty(entry, 0);
    else
        drop_accessed(entry);
    return note(at, observation_bits(page, flags | (dirty ? OBSERVED_WRITTEN : OBSERVED_READ)));
}

/* Notes the leaf over 512 pages, or what is set in the table that stands there. */
static struct observation *scan_block(struct space *space, u32 page, struct observation *at, bool dirty)
{
    pte_t *upper = huge_entry(space, page), *table = space->tables[page / PT_ENTRIES];

    space->pte_visits++;
    if (!pte_present(*upper))
        return at;
    if (upper->bits & PTE_LARGE)
        return look_at(upper, page, OBSERVED_LEAF, at, dirty);
    space->pte_visits += PT_ENTRIES;
    for (u32 i = 0; i < PT_ENTRIES; i++)
        at = look_at(&table[i], page + i, 0, at, dirty);
    return at;
}

/* As forget_dirty(): the workload pays for the walks that set D again. */
static void forget(const struct leaves *t, const struct observations *seen)
{
    booking_t booking = clock_book(BOOK_OFF);

    for (u32 i = 0; t->walked && t->dirty && i < seen->count; i++)
        t->walked[seen->list[i].page] &=
            (u8) ~(seen->list[i].flags & OBSERVED_LEAF ? WALKED_DIRTY << WALKED_NESTED : WALKED_DIRTY);
    clock_book(booking);
}

static void flush_after(struct space *space, struct leaves *t, const struct observations *cleared)
{
    if (!cleared->count)
        return;
    for (u32 i = 0; t->by_page && i < cleared->count; i++)
        tlb_flush_page(space_va(space, cleared->list[i].page), FLUSH_PER_PAGES);
    if (!t->by_page)
        tlb_flush_all(t->flushed ? FLUSH_PER_PAGES : FLUSH_PER_WINDOW);
    t->flushed = true;
}

static bool scan_step(struct space *space, struct observations *out)
{
    struct leaves *t = space->own[TRACKER];
    u32 page = t->next_page, end = step_end(space, page, t->dirty ? dbit_pages : abit_pages);
    struct observation *at = out->list;

    t->flushed &= page != 0;
    for (; page < end; page += HUGE_PAGES)
        if (space->tables[page / PT_ENTRIES])
            at = scan_block(space, page, at, t->dirty);
    out->count = (u32)(at - out->list);
    forget(t, out);
    flush_after(space, t, out);
    t->next_page = page < space->nr_pages ? page : 0;
    return !t->next_page;
}

static const struct tracker abit = {
    .part = {.name = "abit", .summary = "accessed bits of leaves of either size", .start = abit_start},
    .sees = SEES_EVERY_WINDOW,
    .step = scan_step,
};
static const struct leaf_part leaves_abit = {.name = "abit", .summary = "one bit for the 512 pages of a leaf", .tracker = &abit};
REGISTER_LEAF_PART(leaves_abit);

static const struct tracker dbit = {
    .part = {.name = "dbit", .summary = "dirty bits of leaves of either size", .start = dbit_start},
    .sees = SEES_EVERY_WINDOW,
    .step = scan_step,
};
static const struct leaf_part leaves_dbit = {.name = "dbit", .summary = "one bit for the 512 pages of a leaf", .tracker = &dbit};
REGISTER_LEAF_PART(leaves_dbit);
