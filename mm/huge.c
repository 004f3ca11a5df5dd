#include "mm/huge.h"
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "kernel/err.h"
#include "mm/bits.h"
#include "mm/tlb.h"

/* What passes from a leaf to its pages and back. */
#define INHERITED (PTE_ACCESSED | PTE_DIRTY | PTE_TRACKER_DIRTY)

/* What keeps a page from becoming part of a leaf: pieces and pages on the move are REASON_MOVING. */
#define NOT_FREE (REASONS_ACCESS | REASONS_WRITE | PTE_MIGRATOR_LOOKS)

static bool can_begin(const struct space *space, u32 page)
{
    return page % HUGE_PAGES == 0 && page < space->nr_pages && space->nr_pages - page >= HUGE_PAGES &&
           huge_entry(space, page);
}

/* Whether a leaf begins there, and is not on its way. */
static bool is_leaf(const struct space *space, u32 page)
{
    return page % HUGE_PAGES == 0 && page < space->nr_pages && space_leaf_pages(space, page) > 1 &&
           pte_present(*huge_entry(space, page));
}

static bool is_nested(const struct space *space)
{
    return space->root_base != space->base;
}

static pte_t *table_of(const struct space *space, u32 page)
{
    return space->tables[page / PT_ENTRIES];
}

pte_t *huge_entry(const struct space *space, u32 page)
{
    return pt_entry(space->root, space->root_base + ((vaddr_t)page << PAGE_SHIFT), 2, false);
}

/* The new entry of level 2, and what the model is told of the leaf's size. */
static void set_leaf(struct space *space, u32 page, pfn_t run, u64 inherited)
{
    model_leaves[(space->first_page + page) / MODEL_LEAF_PAGES] = MODEL_LEAF_LARGE;
    space->model_frames[page] = run + 1;
    *huge_entry(space, page) = pte_make(run, space->leaf_bits | PTE_LARGE | inherited);
}

static void set_table(struct space *space, u32 page)
{
    pfn_t table = pfn_of(virt_to_phys(table_of(space, page)));

    model_leaves[(space->first_page + page) / MODEL_LEAF_PAGES] = table + 1;
    *huge_entry(space, page) = pte_make(table, PTE_PRESENT | PTE_WRITE | PTE_USER);
}

/* Takes the leaf out of the tables; no access reaches it any more. Returns its entry: A and D are final. */
static pte_t take_out(struct space *space, u32 page)
{
    pte_t old = pte_exchange(huge_entry(space, page), (pte_t){0});

    space->model_frames[page] = 0;
    tlb_flush_page(space_va(space, page), FLUSH_PER_PAGES);
    return old;
}

static pte_t piece(const struct space *space, pfn_t pfn)
{
    return pte_make(pfn, (space->leaf_bits & ~PTE_PRESENT) | PTE_PIECE | REASON_MOVING);
}

/*
 * The model's account of A and D passes on, too. That is the laboratory's doing: the clock stands still. To all 512 pages; in
 * a machine a page's byte stands for its own entry and the nested one from then on, and says what both have.
 */
static __attribute__((cold)) void share_walked(const struct space *space, u32 page, u8 bits)
{
    volatile u8 *walked = walked_bytes(space);
    booking_t booking = clock_book(BOOK_OFF);

    for (u32 i = 0; walked && i < HUGE_PAGES; i++)
        walked[page + i] = is_nested(space) ? walked[page + i] & bits >> WALKED_NESTED & WALKED_ALL : bits;
    clock_book(booking);
}

/* To the leaf what any page had. In a machine the pages' own entries stay what they are. */
static __attribute__((cold)) void gather_walked(const struct space *space, u32 page)
{
    volatile u8 *walked = walked_bytes(space);
    booking_t booking = clock_book(BOOK_OFF);
    u8 any = 0;

    for (u32 i = 0; walked && i < HUGE_PAGES; i++) {
        any |= walked[page + i];
        walked[page + i] = is_nested(space) ? walked[page + i] & WALKED_ALL : 0;
    }
    if (walked)
        walked[page] = is_nested(space) ? walked[page] | any << WALKED_NESTED : any;
    clock_book(booking);
}

int huge_map(struct space *space, u32 page, enum tier tier)
{
    pte_t *pieces;
    pfn_t run;

    if (!can_begin(space, page))
        return ERR_RANGE;
    pieces = table_of(space, page);
    for (u32 i = 0; pieces && i < HUGE_PAGES; i++)
        if (pte_has_frame(pieces[i]))
            return ERR_BUSY;
    if (space->new_reasons)
        return ERR_BUSY;
    run = space_run_alloc(space, tier);
    if (run == PFN_INVALID)
        return ERR_NOMEM;
    if (pieces && pte_present(*huge_entry(space, page)))
        take_out(space, page); /* a processor may remember where the table is (SDM vol. 3A, 4.10.3) */
    else if (!pieces)
        space->tables[page / PT_ENTRIES] = pieces = pt_new_table();
    zero_frames(pfn_to_virt(run), HUGE_PAGES);
    for (u32 i = 0; i < HUGE_PAGES; i++)
        pieces[i] = piece(space, run + i);
    share_walked(space, page, 0);
    set_leaf(space, page, run, 0);
    space->resident[tier] += HUGE_PAGES;
    if (space->classifier && space->classifier->mapped)
        for (u32 i = 0; i < HUGE_PAGES; i += space_unit_pages(space, page))
            space->classifier->mapped(space, page + i, tier);
    return 0;
}

void huge_unmap(struct space *space, u32 page)
{
    pte_t *pieces = table_of(space, page);
    pfn_t run = pte_pfn(pieces[0]);

    pte_clear_bits(huge_entry(space, page), PTE_PRESENT);
    for (u32 i = 0; i < HUGE_PAGES; i++)
        pieces[i] = (pte_t){0};
    space->model_frames[page] = 0;
    set_table(space, page);
    space->resident[frame_tier(run)] -= HUGE_PAGES;
    space_run_free(space, frame_tier(run), run);
}

enum outcome huge_take(struct space *space, struct huge_move *move, u32 page, enum tier to)
{
    if (!is_leaf(space, page))
        return GONE;
    *move = (struct huge_move){.page = page, .from = pte_pfn(*table_of(space, page))};
    if (frame_tier(move->from) == to)
        return GONE;
    move->to = space_run_alloc(space, to);
    if (move->to == PFN_INVALID)
        return NO_ROOM;
    move->old = take_out(space, page);
    return MOVED;
}

void huge_copy(const struct huge_move *move)
{
    copy_frames(pfn_to_virt(move->to), pfn_to_virt(move->from), HUGE_PAGES);
}

void huge_finish(struct space *space, const struct huge_move *move)
{
    pte_t *pieces = table_of(space, move->page);
    enum tier to = frame_tier(move->to);
    u64 distance = paddr_of(move->to) - paddr_of(move->from);

#pragma GCC unroll 8
    for (u32 i = 0; i < HUGE_PAGES; i++)
        pieces[i].bits += distance;
    set_leaf(space, move->page, move->to, move->old.bits & INHERITED);
    space->resident[to] += HUGE_PAGES;
    space->resident[to ^ 1] -= HUGE_PAGES;
    space_run_free(space, to ^ 1, move->from);
}

static enum outcome move(struct space *space, u32 page, enum tier to)
{
    struct huge_move move;
    enum outcome outcome = huge_take(space, &move, page, to);

    if (outcome == MOVED) {
        huge_copy(&move);
        huge_finish(space, &move);
    }
    return outcome;
}

void huge_split(struct space *space, u32 page)
{
    pte_t *pieces, old;
    volatile u8 *walked = walked_bytes(space);
    u8 was_walked;

    page = ALIGN_DOWN(page, HUGE_PAGES);
    pieces = table_of(space, page);
    was_walked = walked ? walked[page] : 0; /* before the entry is emptied, which ends WALKED_SET */
    old = take_out(space, page);
    for (u32 i = 0; i < HUGE_PAGES; i++) {
        pieces[i].bits = (pieces[i].bits & ~PTE_PIECE) | (old.bits & INHERITED);
        space_allow(space, page + i, &pieces[i], REASON_MOVING);
    }
    share_walked(space, page, was_walked);
    set_table(space, page);
}

/* Whether the 512 pages are there, in one tier, single and free of reasons. */
static bool can_collapse(const struct space *space, u32 page)
{
    const pte_t *entries = can_begin(space, page) && !space->new_reasons ? table_of(space, page) : NULL;

    for (u32 i = 0; entries && i < HUGE_PAGES; i++)
        if (!pte_has_frame(entries[i]) || entries[i].bits & NOT_FREE ||
            frame_tier(pte_pfn(entries[i])) != frame_tier(pte_pfn(entries[0])))
            return false;
    return entries;
}

static enum outcome collapse(struct space *space, u32 page)
{
    pte_t *entries = table_of(space, page);
    enum tier tier = frame_tier(pte_pfn(entries[0]));
    pfn_t run = space_run_alloc(space, tier);
    u64 bits = 0;

    if (run == PFN_INVALID)
        return NO_ROOM;
    pte_exchange(huge_entry(space, page), (pte_t){0});
    tlb_flush_all(FLUSH_PER_PAGES);
    for (u32 i = 0; i < HUGE_PAGES; i++) {
        pfn_t old = pte_pfn(entries[i]);
        copy_page(pfn_to_virt(run + i), pfn_to_virt(old));
        bits |= entries[i].bits;
        entries[i] = piece(space, run + i);
        space->model_frames[page + i] = 0;
        space_frame_free(space, tier, old);
    }
    gather_walked(space, page);
    set_leaf(space, page, run, bits & INHERITED);
    return MOVED;
}

enum outcome huge_order(struct space *space, struct order order)
{
    enum outcome outcome = GONE;

    if (order.to == TO_COLLAPSE && can_collapse(space, order.page))
        outcome = collapse(space, order.page);
    else if (order.to == TO_SPLIT && is_leaf(space, order.page))
        huge_split(space, order.page), outcome = MOVED;
    else if (order.to < NR_TIERS)
        outcome = move(space, order.page, order.to);
    if (outcome != MOVED)
        space->migration.failed++;
    else if (order.to < NR_TIERS)
        space->migration.moved_to[order.to] += HUGE_PAGES;
    if (space->classifier && space->classifier->done)
        space->classifier->done(space, order, outcome);
    return outcome;
}

__attribute__((cold)) void huge_promise(struct space *space)
{
    for (u32 page = 0; page + HUGE_PAGES <= space->nr_pages; page += HUGE_PAGES) {
        pte_t *upper = pt_entry(space->root, space->root_base + ((vaddr_t)page << PAGE_SHIFT), 2, true);
        pte_t *table = space->tables[page / PT_ENTRIES] = pt_new_table();

        ASSERT(is_nested(space) && !upper->bits);
        for (u32 i = 0; i < HUGE_PAGES; i++)
            table[i].bits = PTE_PROMISED;
        if (page % (HUGE_PAGES * PT_ENTRIES) == 0) { /* to the model, which may have to look for leaves in it */
            model_doorbells->table_va = ALIGN_DOWN(space->base, GIB) + ((vaddr_t)page << PAGE_SHIFT);
            model_doorbells->table = ALIGN_DOWN(virt_to_phys(upper), PAGE_SIZE) | 2;
        }
    }
}

static __attribute__((cold)) void break_promise(struct space *space, u32 page)
{
    for (u32 i = 0; i < HUGE_PAGES; i++)
        table_of(space, page)[i].bits = 0;
    set_table(space, page);
}

__attribute__((cold)) int huge_populate(struct space *space, u32 page)
{
    u32 first = ALIGN_DOWN(page, HUGE_PAGES), turns = space_turn[TIER_FAST] + space_turn[TIER_SLOW];
    bool slow = space_placement == PLACE_SLOW_FIRST ||
                (space_placement == PLACE_BY_PAGE && first / HUGE_PAGES % turns >= space_turn[TIER_FAST]);
    enum tier tier = slow ? TIER_SLOW : TIER_FAST;

    if (space_leaf_pages(space, page) > 1 || !huge_map(space, first, tier) || !huge_map(space, first, tier ^ 1))
        return 0;
    break_promise(space, first);
    return space_populate_page(space, page);
}
