/*
 * pool: every machine has a base share, and what is left of the tier is a pool, first come, first served.
 *
 *      a machine's cycle has ended:
 *          hot set <= base share:   what it has beyond the base share goes back to the pool
 *          else:                    it gets what the hot set has beyond the base share, or all that the pool still has
 *
 * After vTMM's DRAM pool (Sha and others, EuroSys'23; as in the host kernel that HugeScope's artefact publishes, arch/x86/kvm/hmmv,
 * github.com/TELOS-syslab/hugescope-atc24-ae: one global counter of pool pages, base share and pool constants of the build, 16 GB a
 * machine and a pool of 10 GB there). As there no period, no fairness and no priority: what a machine holds and keeps hot
 * is never taken from it. Constants: `pool_percent` is 14, 10 GB of 4 x 16 + 10 GB. Known weak spot: who asks first has it.
 */
#include "mm/balance/balance.h"

static KEY_NUMBER(pool_percent, "pool_percent", 14, 1, 99,
                  "balance=pool: share of the fast tier that is the pool; vTMM: 10 GB beside 4 machines of 16 GB");

static void pool_divide(const struct demand *demands, unsigned n, u32 frames, u32 *shares)
{
    u32 pool = (u32)(frames * pool_percent / 100);

    for (unsigned i = 0; i < n; i++) {
        u32 base = (u32)(demands[i].equal * (100 - pool_percent) / 100);
        shares[i] = demands[i].share > base ? demands[i].share : base;
        if (!demands[i].asks)
            pool -= shares[i] - base < pool ? shares[i] - base : pool;
    }
    for (unsigned i = 0; i < n; i++) {
        u32 base = (u32)(demands[i].equal * (100 - pool_percent) / 100);
        u32 wanted = demands[i].hot > base ? demands[i].hot - base : 0;
        if (!demands[i].asks)
            continue;
        shares[i] = base + (wanted < pool ? wanted : pool);
        pool -= shares[i] - base;
    }
}

static const struct balancer balance_pool = {
    .name = "pool", .summary = "a base share, and a pool for hot sets beyond it, first come, first served, as vTMM", .divide = pool_divide};
REGISTER_BALANCER(balance_pool);
