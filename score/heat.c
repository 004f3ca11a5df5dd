/*
 * Heat: where a program's accesses go, by address and time.
 *
 *      at the end of each epoch (a window; the last one before and the last one of the measured phase are cut short):
 *          note the loads and stores of each bin of the footprint, and how many of its pages lie in the fast tier
 *      while the tracker looks at that window:
 *          add the weights of its observations to their bins
 *      when it has looked, or the next epoch ends: record truth, what was seen, and placement
 *      at the end of the run:
 *          sort the pages by their count over the measured phase; record how many accesses the hottest n pages have
 *
 * The map has the warm-up, too: a program's first passes belong to its pattern, and what runs then is the program. What
 * builds its data is not the program (lab/workload.h) and is in no count. The distribution is that of the measured
 * phase alone, as every other number of the summary; `phase` events say where that begins in the map.
 *
 * Bins are as many whole pages as it takes for at most HEAT_BINS of them to cover the footprint; the last may be short.
 */
#include "score/heat.h"
#include "lib/keys.h"
#include "lib/record.h"
#include "lib/string.h"
#include "lab/lab.h"
#include "lab/program.h"
#include "mm/memory.h"
#include "lib/sort.h"

/* As many as a picture can show. With fewer, a hot set of scattered pages drowns: every bin then has about the same. */
#define HEAT_BINS 512

static KEY_NUMBER(heat, "heat", 0, 0, 1,
                  "1: record accesses, observations and placement by address and window, and how accesses spread over pages");

static u64 *page_accesses; /* of the measured phase */
static u64 loads, stores;
static u64 epoch_start_ps;

/* The last epoch, until it is recorded. */
static struct {
    bool open;
    u64 start_ps, end_ps;
    u64 requests[NR_TIERS];
    u64 accesses[HEAT_BINS], seen[HEAT_BINS], fast[HEAT_BINS];
} epoch;

static u64 bin_pages(void)
{
    return (program.pages + HEAT_BINS - 1) / HEAT_BINS;
}

void heat_restart(u64 now_ps)
{
    if (!heat)
        return;
    if (!page_accesses)
        page_accesses = kmem_alloc(program.pages * sizeof(*page_accesses));
    memset(page_accesses, 0, program.pages * sizeof(*page_accesses));
    loads = stores = 0;
    epoch_start_ps = now_ps;
}

static void record_bins(const char *key, const u64 *bins)
{
    record_array(key);
    for (u64 bin = 0; bin * bin_pages() < program.pages; bin++)
        record_u64(NULL, bins[bin]);
    record_close();
}

void heat_record(bool looked_at)
{
    if (!epoch.open)
        return;
    epoch.open = false;
    record_begin("event");
    record_text("event", "heat");
    record_u64("start_ns", epoch.start_ps / 1000);
    record_u64("end_ns", epoch.end_ps / 1000);
    record_u64("bin_pages", bin_pages());
    record_bins("accesses", epoch.accesses);
    if (looked_at)
        record_bins("seen", epoch.seen);
    else
        record_text("seen", NULL);
    record_bins("fast_pages", epoch.fast);
    record_u64("fast_requests", epoch.requests[TIER_FAST]);
    record_u64("slow_requests", epoch.requests[TIER_SLOW]);
    record_end();
}

void heat_epoch(const struct page_truth *truth, u64 now_ps)
{
    if (!page_accesses) /* not asked for, or not yet begun */
        return;
    heat_record(false);
    memset(&epoch, 0, sizeof(epoch));
    epoch.open = true;
    epoch.start_ps = epoch_start_ps;
    epoch.end_ps = now_ps;
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        epoch.requests[tier] = model_header()->account[ACCOUNT_WORKLOAD].requests[tier];
    for (u32 page = 0; page < program.pages; page++) {
        u64 both = (u64)truth[page].loads + truth[page].stores, bin = page / bin_pages();

        page_accesses[page] += both;
        loads += truth[page].loads;
        stores += truth[page].stores;
        epoch.accesses[bin] += both;
        epoch.fast[bin] += space_resident(&arena, page) && space_tier(&arena, page) == TIER_FAST;
    }
    epoch_start_ps = now_ps;
}

void heat_observed(const struct observation *list, u32 count)
{
    if (!epoch.open)
        return;
    for (u32 i = 0; i < count; i++)
        for (u32 page = list[i].page, n = observation_pages(&list[i]); n && page < program.pages; page++, n--)
            epoch.seen[page / bin_pages()] += list[i].weight;
}

/* What the `n` hottest pages have; the pages are sorted in ascending order. */
static u64 hottest(u64 n)
{
    u64 sum = 0;

    for (u64 i = 0; i < n; i++)
        sum += page_accesses[program.pages - 1 - i];
    return sum;
}

/* Ranks grow by a twentieth, so that the few hottest pages are told apart and the whole has about 200 points. */
static void record_points(void)
{
    u64 sum = 0, next = 1;

    record_array("points");
    for (u64 rank = 1; rank <= program.pages; rank++) {
        sum += page_accesses[program.pages - rank];
        if (rank < next && rank < program.pages)
            continue;
        record_array(NULL);
        record_u64(NULL, rank);
        record_u64(NULL, sum);
        record_close();
        next = rank + MAX(rank / 20, 1);
    }
    record_close();
}

void heat_report(void)
{
    u64 touched = 0;

    if (!page_accesses)
        return;
    sort_u64(page_accesses, (u32)program.pages);
    for (u64 page = 0; page < program.pages; page++)
        touched += page_accesses[page] != 0;
    record_begin("event");
    record_text("event", "heat_pages");
    record_u64("pages", program.pages);
    record_u64("touched_pages", touched);
    record_u64("loads", loads);
    record_u64("stores", stores);
    record_u64("top_1_percent_accesses", hottest(MAX(program.pages / 100, 1)));
    record_u64("top_10_percent_accesses", hottest(MAX(program.pages / 10, 1)));
    record_points();
    record_end();
}
