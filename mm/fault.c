/*
 * Page faults in managed spaces. First the parts that took a page away on purpose are asked (a migrator for a page in
 * flight, a tracker for a protected one), then demand paging gives an untouched page its first frame.
 */
#include "kernel/cpu.h"
#include "kernel/exit.h"
#include "kernel/panic.h"
#include "kernel/trap.h"
#include "mm/space.h"

static struct space *spaces, *spaces_end;

void space_add_hook(struct space *space, space_fault_hook hook)
{
    unsigned i = 0;

    while (i < MAX_FAULT_HOOKS && space->hooks[i])
        i++;
    ASSERT(i < MAX_FAULT_HOOKS);
    space->hooks[i] = hook;
}

static bool demand(struct space *space, u32 page)
{
    pte_t *entry = space_entry(space, page);

    if (entry && entry->bits)
        return false;
    space->first_touches++;
    if (space_populate(space, page))
        unfit("no frame left in either tier: the workload needs more than fast= and slow= together");
    return true;
}

bool space_fault(struct space *space, u32 page, bool write)
{
    space->faults++;
    for (unsigned i = 0; i < MAX_FAULT_HOOKS && space->hooks[i]; i++)
        if (space->hooks[i](space, page, write))
            return true;
    return demand(space, page);
}

static bool page_fault(struct trap_frame *frame)
{
    vaddr_t va = read_cr2();

    for (struct space *space = spaces; space < spaces_end; space++) {
        u64 page = (va - space->base) >> PAGE_SHIFT;
        if (va < space->base || page >= space->nr_pages || frame->error & (PF_RESERVED | PF_FETCH))
            continue;
        return space_fault(space, (u32)page, frame->error & PF_WRITE);
    }
    return false;
}

void space_fault_init(struct space *first, unsigned count)
{
    spaces = first;
    spaces_end = first + count;
    trap_set_handler(VECTOR_PAGE_FAULT, page_fault);
}
