/*
 * utility: a frame goes where it raises a hit ratio most, so that in the end the marginal gain is the same everywhere.
 *
 *      a machine's cycle has ended:
 *          each machine's pages stand in classes by the share of its accesses that they had;
 *          from the highest class down:  all machines' pages of the class get a frame;
 *          the first class that does not fit is divided by how many pages of it each has;
 *          frames that nobody's accesses ask for are divided equally
 *
 * After the partitioning of a shared cache by marginal utility (Stone, Turek and Wolf, IEEE TC 1992; Qureshi and Patt,
 * MICRO'06, for caches of cores). With a curve that falls, as one of pages sorted by heat does, handing out frame by frame to the
 * highest gain is the optimum. Hit *ratios* are compared, not hits: a machine that accesses memory more often is not preferred.
 * Differs: classes a quarter of an octave wide in place of single frames. Known weak spot: a tracker that tells accessed
 * bits alone gives a page that is touched once a window the gain of one that is touched a thousand times.
 */
#include "mm/balance/balance.h"

static u32 wanted(const struct demand *demands, unsigned n, unsigned gain)
{
    u32 sum = 0;

    for (unsigned i = 0; i < n; i++)
        sum += demands[i].gain[gain];
    return sum;
}

static void utility_divide(const struct demand *demands, unsigned n, u32 frames, u32 *shares)
{
    u64 weights[8] = {0}; /* no more machines are there */
    u32 more[8];

    for (unsigned i = 0; i < n; i++) {
        shares[i] = demands[i].equal / 8; /* arbitrary, as proportional's: enough for watermarks */
        frames -= shares[i];
    }
    for (unsigned gain = NR_GAINS; gain--;) {
        u32 want = wanted(demands, n, gain);
        for (unsigned i = 0; i < n; i++)
            weights[i] = demands[i].gain[gain];
        if (want > frames)
            break;
        frames -= want;
        for (unsigned i = 0; i < n; i++) {
            shares[i] += demands[i].gain[gain];
            weights[i] = 0;
        }
    }
    balance_by_weights(weights, n, frames, more);
    for (unsigned i = 0; i < n; i++)
        shares[i] += more[i];
}

static const struct balancer balance_utility = {
    .name = "utility", .summary = "equal marginal gain of every machine's hit-ratio curve", .divide = utility_divide};
REGISTER_BALANCER(balance_utility);
