/*
 * What the tests of trackers share that live on faults and samples: pages in both tiers, one window's steps, what they
 * reported, moves beside them, and that no harm was done in the end.
 */
#pragma once

#include "kernel/clock.h"
#include "lib/registry.h"
#include "tests/guest/guest.h"

enum { TRACKED_PAGES = 2000 };

/* The tracker under test, the migrator beside it, and what the last window reported of each page. */
extern const struct tracker *tracker;
extern const struct migrator *migrator;
extern struct observations found;
extern u32 seen[TRACKED_PAGES], weights[TRACKED_PAGES];
extern u8 flags[TRACKED_PAGES];

/* Accesses change what the compiler does not know of: whoever compares globals before and after calls these. */
void load_page(u32 page);
void store_page(u32 page);

/* Half of the pages in each tier, and the tracker of that name started on them. */
void tracked_prepare(const char *name);

/* One window's steps. */
void tracked_look(void);

/* The upper half of Knuth's MMIX generator. */
u64 next_random(u64 *random);

/* Into the tracker's run: guest_list with these orders, and the migrator of that name. */
void insert_migrator(const char *name, struct guest_orders orders);

/* Moves 60 pages each way, with the workload touching some of those in flight; the first 20 of each are touched by
 * nobody. Counts the touches that met a page in flight. */
void move_pages(const char *name, u32 *in_flight);

/* Stops the parts; every page must be usable, hold what it held and have one frame. */
void tracked_finish(void);
