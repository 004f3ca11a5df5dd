/*
 * Page faults in managed spaces.
 *
 *      no frame yet:                       demand paging gives it one
 *      a reason of the migrator's:         the migrator makes the page accessible
 *      a reason of the tracker's:          the tracker notes the access, the classifier may be told, and an order that it gives
 *                                          be carried out, while the page still faults; then the reason is lifted
 *      an entry that was left empty:       it is filled
 *      none:                               somebody was faster, the access is tried again
 *
 * A page on the move is nobody else's business before it has arrived. A fault serves one reason; an access that meets
 * another one faults again.
 */
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "kernel/exit.h"
#include "kernel/panic.h"
#include "kernel/trap.h"
#include "mm/huge.h"
#include "mm/move.h"

static struct space *spaces, *spaces_end;

static void serve_migrator(struct space *space, u32 page, bool write)
{
    u64 wait_ps = space->wait_ps ? space->wait_ps(space) : 0;

    if (space->migrator->fault(space, page, write) == SERVED_WAITS)
        clock_charge(ACCOUNT_FAULT, wait_ps);
}

/* Kept apart from the noting fault, which is short. The page still faults, so it is moved without a flush. */
static __attribute__((noinline)) void tell_touch(struct space *space, struct touch *touch)
{
    struct order order;

    space->touched(space, touch);
    if (!space->in_fault || !space->migrator)
        return;
    order = space->classifier->next(space, TIER_FAST);
    if (order.page != NO_PAGE)
        order_done(space, order, (space->migrator->now ? space->migrator->now : move_now)(space, order));
}

static inline void serve_tracker(struct space *space, u32 page, pte_t *entry, bool write, u64 reason)
{
    struct touch *touch = space->tracker->fault(space, page, write);

    if (space->touched && touch)
        tell_touch(space, touch);
    space_allow(space, page, entry, reason);
}

static __attribute__((noinline, cold)) void no_frame_left(void)
{
    unfit("no frame left in either tier: the workload needs more than fast= and slow= together");
}

/* The first touch of 512 pages. */
static __attribute__((noinline, cold)) void demand_leaf(struct space *space, u32 page)
{
    space->first_touches++;
    if (huge_populate(space, page))
        no_frame_left();
}

static void fill(struct space *space, u32 page, pte_t *entry)
{
    space->late_fills++;
    space_allow(space, page, entry, REASON_EMPTY);
}

static __attribute__((noinline)) void serve_others(struct space *space, u32 page, pte_t *entry, bool write)
{
    if (entry->bits & REASON_MOVING || (write && entry->bits & REASON_GUARDED))
        serve_migrator(space, page, write);
    else if (write && entry->bits & REASON_LOG)
        serve_tracker(space, page, entry, write, REASON_LOG);
    else if (entry->bits & PTE_PROMISED)
        demand_leaf(space, page);
    else if (entry->bits & REASON_EMPTY)
        fill(space, page, entry);
}

/* The page's first touch. If it is a store, and stores are waited for, it serves that as well. */
static __attribute__((noinline)) void demand(struct space *space, u32 page, bool write)
{
    space->first_touches++;
    if (space_populate_page(space, page))
        no_frame_left();
    if (write && space->new_reasons)
        serve_others(space, page, space_entry(space, page), write);
}

static inline void serve(struct space *space, u32 page, bool write)
{
    pte_t *entry = space_entry(space, page);

    space->faults++;
    if (!entry || !entry->bits)
        demand(space, page, write);
    else if ((entry->bits & REASONS_ACCESS) == REASON_TOUCH)
        serve_tracker(space, page, entry, write, REASON_TOUCH);
    else
        serve_others(space, page, entry, write);
}

void space_fault(struct space *space, u32 page, bool write)
{
    serve(space, page, write);
}

static bool page_fault(struct trap_frame *frame)
{
    vaddr_t va = read_cr2();

    for (struct space *space = spaces; space < spaces_end; space++) {
        u64 page = (va - space->base) >> PAGE_SHIFT; /* of an address below the space: beyond its end */
        if (page >= space->nr_pages || frame->error & (PF_RESERVED | PF_FETCH))
            continue;
        serve(space, (u32)page, frame->error & PF_WRITE);
        return true;
    }
    return false;
}

void space_fault_init(struct space *first, unsigned count)
{
    spaces = first;
    spaces_end = first + count;
    for (struct space *space = first; space < spaces_end; space++)
        space->model_frames = model_frames + space->first_page;
    trap_set_handler(VECTOR_PAGE_FAULT, page_fault);
}
