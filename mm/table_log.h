/*
 * The write log of a machine's page tables: which of its tables of level 1 were walked since they were last scanned.
 *
 *      armed:          the nested entries of the pages in which the machine's tables lie have D clear
 *      a walk:         reads an entry of such a table, which counts as a write to its page: D goes from 0 to 1, and
 *                      hardware that logs page modifications writes the page's address to its buffer of 512
 *      each window:    a table that was not logged is left out: no entry of it can have got A or D since; a table that
 *                      was is scanned and armed again, after which comes a flush
 *
 * (APM vol. 2, 15.25.6; Intel SDM vol. 3C, 29.3.5 and 29.3.6.)
 *
 * After vTMM's tracker (Sha and others, EuroSys'23; as in the host kernel that HugeScope's artefact publishes,
 * arch/x86/kvm/hmmv, github.com/TELOS-syslab/hugescope-atc24-ae). AMD's processors log nothing, so what the log would
 * name is read from the D bits themselves: the same set of pages, by the log's definition, without its order, which
 * nobody asks for here. Data pages are never armed, so none is logged (the log has no filter of addresses, but D that
 * stays set is not logged again). Differs: vTMM's guest hands the numbers of its table pages over, here the host has
 * made the tables and knows them; only the lowest level is armed, as the others translate no page; the log counts as
 * drained when the scan comes to a table, not once a window. Costs: a load and a branch a table, paid in instructions
 * as it stands here (a processor's log would cost a load an entry logged); an exit when a window's entries exceed the
 * buffer, which is charged. As hardware's, it is blind to accesses through cached translations until a flush.
 */
#pragma once

#include "mm/space.h"
#include "mm/tlb.h"

#define TABLE_LOG_ENTRIES 512 /* of the buffer, Intel SDM vol. 3C, 29.3.6 */

/* From now on the tables that lie from page `first` on are scanned in place of the nested ones (space->scanned_page);
 * 0: the nested ones. `logged`: of them, those that the log names; `full_ps` is what an exit for a full buffer costs.
 * Before a tracker is started: it clears the bits of all entries, and tables that were walked before may be scanned in
 * vain. */
void table_log_init(struct space *space, u32 first, bool logged, u64 full_ps);

/* Whether the log names table `nr`; it is armed again. Scans ask for a window's tables in order. */
bool table_log_takes(struct space *space, u32 nr);

/* For a tracker's scan, once a table and window: as space_scanned(), but null also where the log spares the table. */
static inline pte_t *table_to_scan(struct space *space, u32 nr)
{
    if (__builtin_expect(!space->scanned_page || !space->tables[nr], 1))
        return space->tables[nr];
    if (space->table_log.on && !table_log_takes(space, nr))
        return NULL;
    return space_scanned(space, nr);
}

/* Whether some table was armed and nothing flushed since. A tracker that has found nothing in the tables named must
 * flush all the same: a walk through a cached translation of the table's page would not be logged. */
static inline bool table_log_unflushed(const struct space *space)
{
    return space->table_log.on && space->table_log.flushes == tlb_flushes;
}
