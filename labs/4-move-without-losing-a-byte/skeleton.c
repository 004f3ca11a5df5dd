/*
 * mine: a migrator.
 *
 *      (say here in which order it unmaps, flushes, copies and maps, and who waits for what)
 */
#include "kernel/panic.h"
#include "mm/move.h"
#include "mm/tlb.h"

struct mine {
    struct move moves[64]; /* pages on their way */
    u32 nr_open;
};

static const struct migrator mine;

static void mine_start(struct space *space)
{
    struct mine *m = space_own(space, MIGRATOR, &mine, sizeof(*m));

    m->nr_open = 0;
}

static void mine_stop(struct space *space)
{
    (void)space; /* To do: complete what is in flight. */
}

static bool mine_step(struct space *space, u32 budget)
{
    (void)space, (void)budget;
    return true; /* To do: complete what is open; ask order_next() at most `budget` times; move. */
}

static enum served mine_fault(struct space *space, u32 page, bool write)
{
    (void)space, (void)write;
    PANIC("page %u is not on its way", page); /* To do: afterwards the page can be accessed. */
}

static const struct migrator mine = {
    .part = {.name = "mine", .summary = "a student's migrator", .start = mine_start, .stop = mine_stop},
    .step = mine_step,
    .fault = mine_fault,
};
REGISTER_MIGRATOR(mine);
