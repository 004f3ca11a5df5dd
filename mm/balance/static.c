/*
 * static: every machine keeps what it began with, its part by the weights of `shares=`. What all others are compared with.
 */
#include "mm/balance/balance.h"

static void static_divide(const struct demand *demands, unsigned n, u32 frames, u32 *shares)
{
    (void)frames;
    for (unsigned i = 0; i < n; i++)
        shares[i] = demands[i].share;
}

static const struct balancer balance_static = {
    .name = "static", .summary = "fixed shares of the fast tier", .fixed = true, .divide = static_divide};
REGISTER_BALANCER(balance_static);
