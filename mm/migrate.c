/* What all migrators share. */
#include "mm/move.h"
#include "kernel/err.h"

struct migration_counts migration_counts;
static void nobody(struct space *space, u32 page, enum tier to)
{
    (void)space;
    (void)page;
    (void)to;
}

void (*migration_listener)(struct space *space, u32 page, enum tier to) = nobody;

void migration_tell(const struct classifier *classifier)
{
    migration_listener = classifier && classifier->moved ? classifier->moved : nobody;
}

int move_take(struct space *space, u32 page, enum tier to, struct move *move)
{
    pte_t *entry = space_entry(space, page);

    if (!entry || !pte_has_frame(*entry) || entry->bits & PTE_MOVING)
        return ERR_NOENT;
    move->from = pte_pfn(*entry);
    if (frame_tier(move->from) == to)
        return ERR_NOENT;
    move->to = frame_alloc(to);
    if (move->to == PFN_INVALID)
        return ERR_NOMEM;
    move->page = page;
    move->to_tier = to;
    move->entry = entry;
    space_suspend(space, page, entry);
    return 0;
}

void move_finish(struct space *space, const struct move *move)
{
    enum tier to = move->to_tier;

    space_resume(space, move->page, move->entry, move->to, to);
    frame_pool_free(&frame_pools[to ^ 1], move->from);
    migration_counts.moved_to[to]++;
    migration_listener(space, move->page, to);
}
