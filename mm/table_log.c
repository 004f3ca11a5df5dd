#include "mm/table_log.h"
#include "kernel/clock.h"
#include "mm/bits.h"

void table_log_init(struct space *space, u32 first, bool logged, u64 full_ps)
{
    space->scanned_page = first;
    space->table_log = (struct table_log){.on = first && logged, .full_ps = full_ps};
}

/* The buffer is empty when a window begins, and n entries are (n - 1) / 512 exits: an event that finds it full causes
 * one. */
bool table_log_takes(struct space *space, u32 nr)
{
    struct table_log *log = &space->table_log;
    pte_t *entry = space_entry(space, space->scanned_page + nr);

    if (!nr)
        log->buffered = 0;
    space->pte_visits++;
    if (!has_bits(entry, DIRTY_FOR_TRACKER))
        return false;
    take_dirty(entry, 0);
    log->flushes = tlb_flushes;
    log->entries++;
    if (log->buffered == TABLE_LOG_ENTRIES) {
        log->buffered = 0;
        log->full++;
        clock_charge(ACCOUNT_FAULT, log->full_ps);
    }
    log->buffered++;
    return true;
}
