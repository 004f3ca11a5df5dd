/*
 * The sampler's period under a share of a CPU, after MEMTIS (SOSP'23; mm/htmm_sampler.c and include/linux/htmm.h of
 * its kernel).
 *
 *      every 15 s:   share = the thread's time since the last check / time
 *                    share > 3 % + 0.5 %:  the next longer period of the list;  share < 3 % - 0.5 %:  the next
 *                                          shorter one
 *
 * One thread serves all cores of the machine, so what this core's records cost counts `cores` times. Differs from
 * MEMTIS: the store period stays as it is. Known weak spot: it bounds the thread's time, not what writing the records
 * costs the workload.
 */
#include "mm/track/sample.h"
#include "lib/keys.h"
#include "kernel/model.h"

static KEY_NUMBER(sample_share, "sample_share", 30, 0, 1000,
                  "sample: the draining thread's share of a CPU in 1/1000, adaptive; MEMTIS: 3 %");
static KEY_NUMBER(sample_slack, "sample_slack", 5, 0, 1000,
                  "sample: by how much in 1/1000 the share may be missed; MEMTIS: 0.5 %");
static KEY_NUMBER(sample_check_us, "sample_check_us", 351562, 1, 1ull << 40,
                  "sample: us between two looks at the share, adaptive; MEMTIS: 15 s, times 24/1024");
static KEY_NUMBER(sample_sleep_us, "sample_sleep_us", 47, 0, 1ull << 40,
                  "sample: us that the thread sleeps between two drains, adaptive; MEMTIS: 2 ms, times 24/1024");

static const u32 periods[] = {199,  293,  401,  499,  599,   701,   797,   907,   997,   1201,
                              1399, 1601, 1801, 1999, 2503,  3001,  3499,  4001,  4507,  4999,
                              6007, 7001, 7993, 9001, 10007, 12007, 13999, 16001, 17989, 19997};

u64 adapt_start(struct adapt *a, u64 period, u64 now_ps)
{
    *a = (struct adapt){.checked_ps = now_ps, .woken_ps = now_ps};
    while (a->at < ARRAY_SIZE(periods) - 1 && periods[a->at] < period)
        a->at++;
    return periods[a->at];
}

bool adapt_due(const struct adapt *a, u64 now_ps)
{
    return now_ps - a->woken_ps >= sample_sleep_us * 1000000;
}

u64 adapt_period(struct adapt *a, u64 spent_ps, u64 now_ps)
{
    a->woken_ps = now_ps;
    a->total_ps += spent_ps;
    if (now_ps - a->checked_ps >= sample_check_us * 1000000) {
        u64 share = a->total_ps * model_header()->cores * 1000 / (now_ps - a->checked_ps);
        if (share > sample_share + sample_slack && a->at < ARRAY_SIZE(periods) - 1)
            a->at++;
        else if (share + sample_slack < sample_share && a->at)
            a->at--;
        a->checked_ps = now_ps;
        a->total_ps = 0;
    }
    return periods[a->at];
}
