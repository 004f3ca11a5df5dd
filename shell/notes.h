/*
 * What the shell keeps of a run while it goes on: how often each page was accessed and seen, and the orders that the records have
 * already. In memory of its own (kmem_alloc_apart()), so that nothing else lies elsewhere for it.
 */
#pragma once

#include "report/events.h"
#include "lab/moment.h"
#include "model/abi.h"

struct page_notes {
    u32 seen, seen_open;           /* weights in the last window that was looked at, and in the open one */
    u32 cycle_seen, cycle_accesses; /* in the windows of the running cycle; at its end, of the whole */
    u16 windows_accessed, windows_seen;
    u16 running, longest;          /* windows running in which it was seen: until now, at most */
};

/* Once a boot. */
void notes_init(void);

/* At every moment. */
void notes_take(enum moment moment);

const struct page_notes *notes_of(u32 page);

/* Windows that were looked at since the run began. */
u32 notes_windows(void);

/* Accesses in the epoch that is counting, and in the last one that was closed; null without the model. By page of the arena. */
const volatile struct page_truth *notes_truth_open(void);
const struct page_truth *notes_truth_closed(void);

/*
 * Orders since the run began, the oldest first: the i-th of notes_orders(). Those that were forgotten for want of room are counted.
 * notes_have_orders() is false where none are noted (events=0, or no classifier).
 */
bool notes_have_orders(void);
u32 notes_orders(void);
const struct event *notes_order(u32 i);
u64 notes_forgotten(void);

/* The page is in the migrator's hands. */
bool notes_ordered(u32 page);
