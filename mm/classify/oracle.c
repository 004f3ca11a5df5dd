/*
 * oracle: knows every true request of the past, learns from its own record how far the past tells the next cycle
 * (forecast.h), and moves when that pays the move.
 *
 *      promote a page in exchange for another when
 *          (requests expected of it - requests expected of the other) x latency gap x cycles that it lasts > cost of the swap
 *
 * The gap is that of the tiers' idle read latencies. What a difference is worth beyond the next cycle is what persists of it, for
 * `oracle_payback` cycles at most. A swap moves 4 KiB each way: its price to the workload is the time that both tiers' lanes, at
 * the core's share, spend on it. It uses the truth and costs nothing itself; its moves cost what moves cost. Known weak spot: it
 * learns what follows on a count, not when a program repeats itself; and all requests weigh alike, loads and stores.
 */
#include "kernel/model.h"
#include "mm/classify/forecast.h"
#include "mm/classify/price.h"
#include "mm/ranking.h"
#include "mm/truth.h"

static KEY_NUMBER(oracle_payback, "oracle_payback", 4, 1, 1000,
                  "oracle: cycles in which a swap must pay for itself; with 1 the default hot set would never move: it "
                  "is slow, so its pages "
                  "get few requests a cycle");

enum { LEAST = 16 }; /* a sixteenth */

struct oracle_state {
    struct ranking ranking;
    struct forecast forecast;
    u32 *arrays, *values; /* the forecast's; of each page, what it was worth and then what it is expected to be */
    s64 brought, promised; /* requests by which the pages of swaps differed in the next cycle, and were expected to */
    u32 cycles;           /* of scoring, that have been learned from */
};

static const struct classifier oracle;

static void oracle_start(struct space *space)
{
    struct oracle_state *own = space_own(space, CLASSIFIER, &oracle, sizeof(*own));

    ranking_start(space, &own->ranking);
    own->arrays = space_page_array(space, own->arrays, FORECAST_BYTES_PER_PAGE);
    own->values = space_page_array(space, own->values, sizeof(u32));
    own->brought = own->promised = 0;
    own->cycles = 0;
    forecast_start(&own->forecast, space->nr_pages, own->arrays);
}

/*
 * What the last decision's swaps have brought, against what was expected of them. Whoever picks the pages that promise
 * most picks those that promise too much (the winner's curse), so the swaps fall short where the mean page does not.
 */
static void judge_swaps(struct oracle_state *own, const u32 *requests)
{
    u32 swaps = MIN(own->ranking.promoted, own->ranking.demoted);

    own->brought /= 2, own->promised /= 2;
    for (u32 i = 0; i < swaps; i++) {
        u32 up = own->ranking.promote[i], down = own->ranking.demote[i];
        own->brought += (s64)requests[up] - requests[down];
        own->promised += ((s64)own->values[up] - own->values[down]) >> FORECAST_SHIFT;
    }
}

/* `ps` as much less as swaps have fallen short, but not below LEAST of it: where much is at stake it is tried again. */
static u64 discounted(const struct oracle_state *own, u64 ps)
{
    if (own->brought >= own->promised)
        return ps;
    if (own->brought <= 0) /* nothing may have been promised, either */
        return ps / LEAST;
    return MAX(ps * (u64)own->brought / (u64)own->promised, ps / LEAST);
}

static bool oracle_decide(struct space *space)
{
    const volatile struct model_header *m = model_header();
    struct oracle_state *own = space->own[CLASSIFIER];
    u32 ended = space->truth->cycles(space);
    u64 gap = m->tier[TIER_SLOW].read_ps - MIN(m->tier[TIER_FAST].read_ps, m->tier[TIER_SLOW].read_ps);
    u64 up = price_to_ps(TIER_FAST), down = price_to_ps(TIER_SLOW);

    if (!gap)
        return true;
    if (ended != own->cycles) {
        own->cycles = ended;
        judge_swaps(own, space->truth->last_cycle_requests(space));
        forecast_learn(&own->forecast, space->truth->last_cycle_requests(space));
    }
    for (u32 page = 0; page < space->nr_pages; page++)
        own->values[page] = forecast_page(&own->forecast, page);
    /* What a load expected in the next cycle saves, over all the cycles that it stands for. */
    gap = MAX(discounted(own, gap * forecast_lasts(&own->forecast, oracle_payback) / FORECAST_SURE), 1);
    ranking_by_counts(space, &own->ranking, own->values, (u32)((up << FORECAST_SHIFT) / gap),
                      (u32)(((up + down) << FORECAST_SHIFT) / gap));
    return true;
}

static struct order oracle_next(struct space *space, enum tier to)
{
    struct oracle_state *own = space->own[CLASSIFIER];

    return ranking_next(&own->ranking, to);
}

static struct order oracle_give(struct space *space)
{
    struct oracle_state *own = space->own[CLASSIFIER];

    return ranking_give(&own->ranking);
}

/* It may stand in the ranking, too: then that order comes too late. */
static struct order oracle_give_page(struct space *space, u32 page)
{
    (void)space;
    return (struct order){.page = page, .to = TIER_SLOW};
}

static const char *const reasons[] = {"the requests that the past lets expect pay for the move"};

static void oracle_explain(const struct space *space, u32 page, u64 *values)
{
    values[0] = space->truth->last_cycle_requests(space)[page];
}

static const struct classifier oracle = {
    .part = {.name = "oracle",
             .summary = "ranks pages by what their true requests of the past let expect; moves a pair only when that pays",
             .uses_truth = true,
             .facts = {{"last_requests", "true requests in the last complete cycle"}},
             .explain = oracle_explain,
             .start = oracle_start},
    .reasons = REASONS(reasons),
    .decide = oracle_decide,
    .next = oracle_next,
    .give = oracle_give,
    .give_page = oracle_give_page,
    .done = ranking_done,
};
REGISTER_CLASSIFIER(oracle);
