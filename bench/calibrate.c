#include "bench/calibrate.h"
#include "kernel/clock.h"
#include "kernel/console.h"
#include "kernel/exit.h"
#include "kernel/record.h"
#include "lab/lab.h"
#include "bench/probe.h"
#include "mm/direct.h"
#include "mm/memory.h"
#include "mm/tlb.h"

#define LINE         64
#define REGION_BYTES (4 * MIB)

static const char *const tier_name[NR_TIERS] = {"fast", "slow"};

static void report(const char *name, const char *tier, u64 value, const char *unit)
{
    char full[40];

    ksnprintf(full, sizeof(full), "%s%s%s", name, tier ? "_" : "", tier ? tier : "");
    record_begin("calibrate");
    record_text("name", full);
    record_text("tier", tier);
    record_u64("value", value);
    record_text("unit", unit);
    record_text("clock", clock_kind());
    record_end();
}

/* Through the direct map, whose 2 MiB translations reach everything: no walks, only memory. */
static void calibrate_tier(enum tier tier)
{
    const struct frame_pool *pool = frame_pool(tier);
    u64 bytes = MIN(MAX(REGION_BYTES, 4 * probe_beyond_caches()), (u64)pool->nr_frames << PAGE_SHIFT);
    void *base = pfn_to_virt(pool->first);

    if (bytes < probe_beyond_caches())
        return;                /* the tier is too small to look past the caches */
    model_doorbells->idle = 1; /* load curve and prefetcher off, no limit of bandwidth */
    model_doorbells->mlp = 1000;
    report("idle_latency", tier_name[tier], probe_chase(base, bytes / LINE, LINE, CHASE_RANDOM), "ps");
    report("seq_latency", tier_name[tier], probe_chase(base, bytes / LINE, LINE, CHASE_SEQUENTIAL), "ps");
    model_doorbells->idle = 0; /* as configured: a core's share */
    model_doorbells->mlp = 10000;
    clock_reset();
    report("stream_read", tier_name[tier], probe_stream_read(base, bytes), "bytes/s");
    clock_reset();
    report("stream_ntwrite", tier_name[tier], probe_stream_write(base, bytes), "bytes/s");
    clock_reset();
}

/* Chases that fit one level and not the one before; L2 and last level hold each line once, so the third needs both. */
static void calibrate_caches(void)
{
    const volatile struct model_header *m = model_header();
    void *base =
        pfn_to_virt(frame_pool(TIER_FAST)->nr_frames ? frame_pool(TIER_FAST)->first : frame_pool(TIER_SLOW)->first);

    model_doorbells->mlp = 1000;
    clock_reset();
    report("l1_hit", NULL, probe_chase(base, m->l1_bytes / 2 / LINE, LINE, CHASE_RANDOM), "ps");
    report("l2_hit", NULL, probe_chase(base, m->l2_bytes * 7 / 8 / LINE, LINE, CHASE_RANDOM), "ps");
    report("llc_hit", NULL, probe_chase(base, (m->l2_bytes + m->llc_bytes * 3 / 4) / LINE, LINE, CHASE_RANDOM), "ps");
}

static u64 touch_pages(u32 nr)
{
    struct span span;

    span_begin(&span);
    for (u32 page = 0; page < nr; page++)
        (void)*(volatile u64 *)(space_va(&arena, page) + page % 64 * LINE);
    span_end(&span);
    return span.memory_ps;
}

/* In the arena's own 4 KiB pages: one line a page, so that only translation costs anything. */
static void calibrate_translation(void)
{
    const u32 walk_pages = (u32)MAX(2 * model_header()->tlb_entries, 256), refill_pages = 32;
    u64 warm;

    for (u32 page = 0; page < walk_pages; page++)
        if (space_populate(&arena, page))
            return;
    clock_reset();
    touch_pages(walk_pages);
    report("walk", NULL, touch_pages(walk_pages) / walk_pages, "ps");
    touch_pages(refill_pages);
    warm = touch_pages(refill_pages);
    tlb_flush_all(FLUSH_LOCAL);
    report("flush_refill", NULL, (touch_pages(refill_pages) - warm) / refill_pages, "ps");
    space_clear(&arena);
}

bool calibrate(void)
{
    if (!model_present())
        refuse("calibrate needs the model: run it without --no-model");
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        calibrate_tier(tier);
    calibrate_caches();
    calibrate_translation();
    return true;
}
