/* What moving a page costs the lanes of both tiers. */
#pragma once

#include "kernel/model.h"
#include "mm/direct.h"

/* Time that a lane of the core's share needs for a page; 0 for unlimited bandwidth. */
static inline u64 price_page_ps(u64 Bps)
{
    return Bps ? PAGE_SIZE * 1000000 * model_header()->cores / (Bps / 1000000) : 0;
}

/* Reading the page in the other tier and writing it in this one. */
static inline u64 price_to_ps(enum tier to)
{
    const volatile struct model_header *m = model_header();

    return price_page_ps(m->tier[to ^ 1].read_Bps) + price_page_ps(m->tier[to].write_Bps);
}
