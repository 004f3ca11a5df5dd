/*
 * region: one random page stands for its region, and regions that behave alike become one.
 *
 *      each window (a sampling interval), for each region:
 *          if the page sampled in it was accessed: count it;   sample another: a random page of the region, clear its
 *              A
 *      every `region_aggregate` windows:
 *          report every page of a region, with the region's count as weight
 *          age: a count that changed by more than a tenth of the largest one makes the region new, else it is older
 *              by one
 *          merge neighbours whose counts differ by no more than that, up to 1/min of all memory; again with twice the
 *              threshold while too many
 *          split each in two at a random place, if that keeps to the maximum; in three if the last split led to
 *              nothing and there is room
 *
 * After DAMON (docs.kernel.org/mm/damon/design.html; mm/damon/core.c: kdamond_merge_regions(),
 * kdamond_split_regions()), with its constants. Differs: regions cover the space from the start, evenly, and its
 * layout never changes; a report is page by page, since classifiers know pages, and leaves out those without a frame.
 * DAMON does not flush after clearing; then what was accessed is read from the model's account (mm/track/bits.h).
 * region_flush=page flushes the sampled page, as does a run without the model. Cost: two entries a region and window,
 * whatever memory is; the report a few instructions a page of the regions that were accessed. Known weak spots: hot
 * pages that are scattered, since a region's count is then that of its mixture; pages that stay in the TLB, which
 * look idle.
 */
#include "mm/track/region.h"
#include "mm/bits.h"
#include "mm/memory.h"
#include "mm/tlb.h"

#define REGION_LIMIT 10000

static KEY_NUMBER(
    region_aggregate, "region_aggregate", 20, 1, 60000,
    "region: windows an aggregation; DAMON's 100 ms of 5 ms each (window_us=117 is 5 ms, scaled by 1024/24)");
static KEY_NUMBER(region_min, "region_min", 10, 3, REGION_LIMIT,
                  "region: regions at least (DAMON: 10); merging stops at 1/min of all memory");
static KEY_NUMBER(region_max, "region_max", 100, 10, REGION_LIMIT,
                  "region: regions at most; DAMON's 1000, a number for the whole machine, would shrink to 1: 100 keep "
                  "the daemon busy for "
                  "a third of the scaled sampling interval");
static KEY_NUMBER(region_seed, "region_seed", 1, 0, UINT64_MAX,
                  "region: of the sampled pages and the places of splits");
KEY_TEXT(region_flush, "region_flush", "none", "none|page",
                "region: after clearing the sampled page's bit, flush it or not (DAMON does not)");

static const struct tracker region;

/* 0 to below - 1. Knuth's MMIX generator, upper half. */
static u32 random_below(struct regions *t, u32 below)
{
    t->random_state = t->random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (u32)((t->random_state >> 32) * below >> 32);
}

static void sample_pages(struct space *space, struct regions *t)
{
    for (struct region *r = t->list; r < t->list + t->nr; r++) {
        pte_t *entry;
        r->sampled = r->start + random_below(t, r->end - r->start);
        entry = space_entry(space, r->sampled);
        if (!entry)
            continue;
        space->pte_visits++;
        drop_accessed(entry);
        if (t->walked)
            t->walked[r->sampled] &= (u8)~WALKED_ACCESSED;
        else
            tlb_flush_page(space_va(space, r->sampled), FLUSH_PER_WINDOW); /* their number does not grow with memory */
    }
}

static void check_pages(struct space *space, struct regions *t)
{
    for (struct region *r = t->list; r < t->list + t->nr; r++) {
        const pte_t *entry = space_entry(space, r->sampled);
        if (!entry)
            continue;
        space->pte_visits++;
        r->count += t->walked ? t->walked[r->sampled] & WALKED_ACCESSED : has_bits(entry, PTE_ACCESSED);
    }
}

/* Appends what is left to report, as far as there is room; true when that was all. */
static bool report(struct space *space, struct regions *t, struct observations *out)
{
    for (; t->reported_region < t->nr; t->reported_region++, t->reported_pages = 0) {
        const struct region *r = &t->list[t->reported_region];
        struct observation o = {.weight = r->count, .flags = OBSERVED_READ};
        if (!r->count)
            continue;
        for (o.page = r->start + t->reported_pages; o.page < r->end; o.page++) {
            const pte_t *entry = space_entry(space, o.page);
            if (out->count == OBSERVATIONS_PER_STEP) {
                t->reported_pages = o.page - r->start;
                return false;
            }
            if (entry && pte_has_frame(*entry))
                out->list[out->count++] = o;
        }
    }
    return true;
}

static u32 difference(u32 a, u32 b)
{
    return a > b ? a - b : b - a;
}

/* Counts and ages of merged regions are means, weighted by size. */
static u32 weighted(const struct region *a, u32 value_a, const struct region *b, u32 value_b)
{
    u64 size_a = a->end - a->start, size_b = b->end - b->start;

    return (u32)((value_a * size_a + value_b * size_b) / (size_a + size_b));
}

static void merge(struct regions *t, u32 threshold, u32 limit)
{
    struct region *to = t->list;

    for (const struct region *r = t->list + 1; r < t->list + t->nr; r++) {
        if (difference(to->count, r->count) <= threshold && r->end - to->start <= limit) {
            to->age = weighted(to, to->age, r, r->age);
            to->count = (u16)weighted(to, to->count, r, r->count);
            to->end = r->end;
        } else {
            *++to = *r;
        }
    }
    t->nr = (u32)(to - t->list) + 1;
}

static void age_and_merge(struct regions *t, u32 nr_pages)
{
    u32 largest = 0, threshold;

    for (u32 i = 0; i < t->nr; i++)
        largest = MAX(largest, (u32)t->list[i].count);
    threshold = largest / 10;
    for (struct region *r = t->list; r < t->list + t->nr; r++)
        r->age = difference(r->count, r->last) > threshold ? 0 : r->age + 1;
    do {
        merge(t, threshold, (u32)MAX(nr_pages / region_min, 1));
        threshold = MAX(threshold * 2, 1);
    } while (t->nr > region_max && threshold / 2 < largest);
}

/* Into `parts` pieces at most, cut off the end of what is left at 1/10 to 9/10 of it; those of one page stay whole. */
static struct region *split_one(struct regions *t, struct region r, u32 parts, struct region *to)
{
    u32 cuts[2], nr_cuts = 0, left = r.end - r.start;

    for (u32 i = 1; i < parts && left > 2; i++) {
        u32 first = (u32)((u64)left * (1 + random_below(t, 9)) / 10);
        if (first && first < left)
            cuts[nr_cuts++] = left = first;
    }
    for (u32 start = r.start, end = r.end; start < end; start = to[-1].end) {
        *to = r;
        to->start = start;
        to->end = nr_cuts ? r.start + cuts[--nr_cuts] : end;
        to++;
    }
    return to;
}

static void split(struct regions *t)
{
    u32 parts = t->nr == t->nr_before_split && t->nr < region_max / 3 ? 3 : 2;
    struct region *to = t->spare;

    t->nr_before_split = t->nr;
    for (struct region *r = t->list; r < t->list + t->nr; r++) {
        r->last = r->count;
        r->count = 0;
        if (t->nr_before_split > region_max / 2)
            *to++ = *r;
        else
            to = split_one(t, *r, parts, to);
    }
    t->nr = (u32)(to - t->spare);
    t->spare = t->list;
    t->list = to - t->nr;
}

static void region_start(struct space *space)
{
    struct regions *t = space_own(space, TRACKER, &region, sizeof(*t));

    if (!t->list) {
        t->list = kmem_alloc(REGION_LIMIT * sizeof(struct region));
        t->spare = kmem_alloc(REGION_LIMIT * sizeof(struct region));
    }
    *t = (struct regions){.list = t->list,
                          .spare = t->spare,
                          .nr = (u32)MIN(MIN(region_min, region_max), space->nr_pages),
                          .walked = region_flush[0] == 'n' ? walked_bytes(space) : NULL,
                          .random_state = region_seed};
    for (u32 i = 0; i < t->nr; i++)
        t->list[i] = (struct region){.start = (u32)((u64)space->nr_pages * i / t->nr),
                                     .end = (u32)((u64)space->nr_pages * (i + 1) / t->nr)};
    drop_all_bits(space, PTE_ACCESSED, WALKED_ACCESSED);
    tlb_flush_all(FLUSH_LOCAL);
    sample_pages(space, t);
}

static bool region_step(struct space *space, struct observations *out)
{
    struct regions *t = space->own[TRACKER];

    if (!t->reporting) {
        check_pages(space, t);
        t->reporting = ++t->sample >= region_aggregate;
        t->reported_region = t->reported_pages = 0;
    }
    if (t->reporting) {
        if (!report(space, t, out))
            return false;
        t->reporting = false;
        t->sample = 0;
        age_and_merge(t, space->nr_pages);
        split(t);
    }
    sample_pages(space, t);
    return true;
}

static const struct tracker region = {
    .part = {.name = "region",
             .summary = "one random page a region and window; regions merge and split by what was seen, as DAMON's",
             .start = region_start},
    .step = region_step,
};
REGISTER_TRACKER(region);
