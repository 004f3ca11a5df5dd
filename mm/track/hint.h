/* The hint-fault tracker's state in a space, and its keys. */
#pragma once

#include "mm/parts.h"

struct hint {
    u32 *protected_at;                   /* by page: when it was protected */
    struct touch *notes, *notes_end; /* since the last step, as they come; a page faults once between two protections */
    u32 cursor;
    u64 hint_protected, hint_faults; /* pages; those that were reported */
    u64 hint_latency_ps;             /* sum over these: from protection to fault */
};

extern u64 hint_pages, hint_fast, hint_weight_us;

/* What another tracker shares that causes such faults; its state in a space begins with a struct hint. */

/* Empties it, and lifts what is protected. */
void hint_begin(struct space *space, struct hint *t);

/* The same clock for all times of protection: 2^20 ps, about a microsecond; 32 bits last for 75 minutes. */
u32 hint_now(void);

/* Protects a page that has a frame. The flush is the caller's. */
void hint_protect(struct space *space, struct hint *t, u32 page, u32 now);

void hint_stop(struct space *space);
struct touch *hint_fault(struct space *space, u32 page, bool write);
void hint_explain(const struct space *space, u32 page, u64 *values);

#define HINT_FACTS {{"protected_ns", "when it was last protected, 0: not yet"}}
