/* What tests and the laboratory may know of the region tracker: the regions as they are now. They cover the space in
 * order, without gaps. */
#pragma once

#include "kernel/types.h"

struct region {
    u32 start, end;  /* pages */
    u32 sampled;     /* the page that is looked at in this window */
    u16 count, last; /* windows in which it had been accessed: in this aggregation so far, in the last one */
    u32 age;         /* aggregations without a notable change of the count */
};

/* The tracker's state in a space. */
struct regions {
    struct region *list, *spare; /* `spare` is where splitting writes to */
    u32 nr;
    volatile u8 *walked; /* null where pages are flushed and the entry is right */
    u64 random_state;
    u32 sample, nr_before_split;
    u32 reported_region, reported_pages; /* how far the report has come */
    bool reporting;
};
