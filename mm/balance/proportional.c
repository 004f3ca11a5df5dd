/*
 * proportional: the tier is divided in proportion to the measured hot sets.
 *
 *      a machine's cycle has ended:   share = frames x its hot set / all hot sets, but 1/`FLOOR` of its equal part at least
 *
 * The simplest rule that follows demand; hypervisors divide memory by such weights (Waldspurger, OSDI'02, measures a working
 * set by sampling and taxes what is idle; here nothing is taxed). Known weak spot: a large hot set that is hardly hotter than
 * the rest takes frames from a small one that is.
 */
#include "mm/balance/balance.h"

#define FLOOR 8 /* arbitrary: what is small enough to do without and large enough for watermarks */

static void proportional_divide(const struct demand *demands, unsigned n, u32 frames, u32 *shares)
{
    u64 weights[8] = {0}; /* no more machines are there */
    u32 floors = 0;

    for (unsigned i = 0; i < n; i++) {
        weights[i] = demands[i].hot;
        floors += demands[i].equal / FLOOR;
    }
    balance_by_weights(weights, n, frames - floors, shares);
    for (unsigned i = 0; i < n; i++)
        shares[i] += demands[i].equal / FLOOR;
}

static const struct balancer balance_proportional = {
    .name = "proportional", .summary = "in proportion to the measured hot sets", .divide = proportional_divide};
REGISTER_BALANCER(balance_proportional);
