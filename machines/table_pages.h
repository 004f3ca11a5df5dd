/*
 * What a scan of a machine's own tables (scan=guest, guest-log) says of the pages in which these tables lie.
 *
 * An entry of a table has its accessed or dirty bit set only by a walk that has come through the table, and such a walk counts as a write to
 * the table's page (APM vol. 2, 15.25.6). So who finds such a bit knows of an access to that page, which no entry of the machine's own tells: walks name
 * tables by guest-physical addresses. A scan of the nested tables sees it in the page's nested entry. Without it page tables look cold, a policy
 * puts them into the slow tier, and every walk is dearer.
 *
 * A stand-in takes the tracker's place and adds, behind what it has observed, an observation of each such table's page, as written: of level 1
 * where some entry of it was observed, of the upper levels where anything was. What a queue credits without an access (mm/track/mlq.h) is
 * credited to its table, too. Costs: a search of the step's observations for each table, booked as the tracker's. vTMM (Sha and others, EuroSys'23)
 * does not say what becomes of these pages.
 */
#pragma once

#include "mm/parts.h"

/* Puts it in place of *tracker, which scans a machine's own tables, unless `table_pages=unseen`. Once a boot. */
void table_pages_init(const struct tracker **tracker);

/* Adds them to a step's observations, which are in the order of their pages, as far as there is room. */
void table_pages_observe(const struct space *space, struct observations *seen);
