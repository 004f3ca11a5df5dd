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
