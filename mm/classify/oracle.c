/*
 * oracle: knows the true requests of the last cycle, and supposes that the next ones will be like it.
 *
 *      promote a page in exchange for another when
 *          (requests up - requests down) x latency gap x `oracle_payback` cycles > cost of the swap
 *
 * The gap is that of the tiers' idle read latencies. A swap moves 4 KiB each way: its price to the workload is the time
 * that both tiers' lanes, at the core's share, spend on it. It uses the truth and costs nothing itself; its moves cost
 * what moves cost. Known weak spot: it believes the last cycle, and is late after every change.
 */
#include "kernel/model.h"
#include "mm/ranking.h"
#include "mm/truth.h"

static KEY_NUMBER(oracle_payback, "oracle_payback", 4, 1, 1000,
                  "oracle: cycles in which a swap must pay for itself; with 1 the default hot set would never move: it "
                  "is slow, so its pages "
                  "get few requests a cycle");

/* Time that a lane of the core's share needs for a page; 0 for unlimited bandwidth. */
static u64 page_ps(u64 Bps)
{
    return Bps ? PAGE_SIZE * 1000000 * model_header()->cores / (Bps / 1000000) : 0;
}

static const struct classifier oracle;

static void oracle_start(struct space *space)
{
    ranking_start(space, space_own(space, CLASSIFIER, &oracle, sizeof(struct ranking)));
}

static bool oracle_decide(struct space *space)
{
    const volatile struct model_header *m = model_header();
    u64 gap =
        (m->tier[TIER_SLOW].read_ps - MIN(m->tier[TIER_FAST].read_ps, m->tier[TIER_SLOW].read_ps)) * oracle_payback;
    u64 up = page_ps(m->tier[TIER_SLOW].read_Bps) + page_ps(m->tier[TIER_FAST].write_Bps);
    u64 down = page_ps(m->tier[TIER_FAST].read_Bps) + page_ps(m->tier[TIER_SLOW].write_Bps);

    if (gap)
        ranking_by_counts(space, space->own[CLASSIFIER], space->truth->last_cycle_requests(space), (u32)(up / gap),
                          (u32)((up + down) / gap));
    return true;
}

static struct order oracle_next(struct space *space, enum tier to)
{
    return ranking_next(space->own[CLASSIFIER], to);
}

static const char *const reasons[] = {"the last cycle's requests pay for the move"};

static void oracle_explain(const struct space *space, u32 page, u64 *values)
{
    values[0] = space->truth->last_cycle_requests(space)[page];
}

static const struct classifier oracle = {
    .part = {.name = "oracle",
             .summary = "ranks pages by the last cycle's true requests; moves a pair only when that pays",
             .uses_truth = true,
             .facts = {{"last_requests", "true requests in the last complete cycle"}},
             .explain = oracle_explain,
             .start = oracle_start},
    .reasons = REASONS(reasons),
    .decide = oracle_decide,
    .next = oracle_next,
    .done = ranking_done,
};
REGISTER_CLASSIFIER(oracle);
