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

extern struct region *region_list;
extern u32 region_nr;
