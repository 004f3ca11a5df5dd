#include "bench/calibrate.h"
#include "bench/probe.h"
#include "kernel/clock.h"
#include "kernel/console.h"
#include "kernel/exit.h"
#include "lib/record.h"
#include "lab/lab.h"
#include "mm/direct.h"
#include "mm/memory.h"
#include "mm/tlb.h"

#define LINE         64
#define REGION_BYTES (4 * MIB)
#define RATE_STEPS   16384 /* of a rate: utilisation and latency settle in the first so many, the others are measured */
#define WRITE_BYTES  (256 * KIB)

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

/* A row of a series, such as read_mlp_4. */
static void report_at(const char *series, u64 at, const char *tier, u64 value, const char *unit)
{
    char name[32];

    ksnprintf(name, sizeof(name), "%s_%lu", series, at);
    report(name, tier, value, unit);
}

/* From now on `active` cores work (0: as configured), and a neighbour moves so many MB/s to and from each tier. */
static void traffic(u64 active, u64 load_MBps)
{
    clock_reset();
    model_doorbells->traffic_active = active;
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        model_doorbells->traffic_load[tier] = load_MBps;
    model_doorbells->traffic = 1;
}

/* Time of a load that no cache holds, of a cycle that has been laid, once utilisation has settled. */
static u64 settled_ps(const void **at)
{
    probe_steps(at, RATE_STEPS);
    return probe_steps(at, RATE_STEPS);
}

/* Loads from random places with more and more of them in flight: latency over their number, until something is full. */
static void calibrate_reads(enum tier tier, const void **at)
{
    for (u64 mlp = 1; mlp <= 64; mlp *= 2) {
        traffic(0, 0);
        model_doorbells->mlp = mlp * 1000;
        report_at("read_mlp", mlp, tier_name[tier], probe_rate(RATE_STEPS * LINE, settled_ps(at)), "bytes/s");
    }
}

/* What a core writes past the caches when so many do. */
static void calibrate_writers(enum tier tier, void *base)
{
    static const u8 writers[] = {1, 2, 4, 8, 12, 16, 20, 24};

    for (unsigned i = 0; i < ARRAY_SIZE(writers) && writers[i] <= model_header()->all_cores; i++) {
        traffic(writers[i], 0);
        report_at("write_of", writers[i], tier_name[tier], probe_stream_write(base, WRITE_BYTES), "bytes/s");
    }
}

/* Beside a neighbour that moves this share of the bandwidth for writes, in %: half of it reads, half writes. */
static u64 neighbour_MBps(enum tier tier, u64 share)
{
    return model_header()->tier[tier].write_Bps / 1000000 * share / 100;
}

static void calibrate_loaded_reads(enum tier tier, const void **at)
{
    for (u64 share = 50; share <= 100 && neighbour_MBps(tier, share); share += 50) {
        traffic(1, neighbour_MBps(tier, share));
        model_doorbells->mlp = 1000;
        report_at("loaded_latency", share, tier_name[tier], settled_ps(at) / RATE_STEPS, "ps");
    }
}

static void calibrate_loaded_writes(enum tier tier, void *base)
{
    for (u64 share = 50; share <= 100 && neighbour_MBps(tier, share); share += 50) {
        traffic(0, neighbour_MBps(tier, share));
        report_at("loaded_write", share, tier_name[tier], probe_stream_write(base, WRITE_BYTES), "bytes/s");
    }
}

/* Through the direct map, whose 2 MiB translations reach everything: no walks, only memory. */
static void calibrate_tier(enum tier tier)
{
    const struct frame_pool *pool = frame_pool(tier);
    u64 bytes = MIN(MAX(REGION_BYTES, 4 * probe_beyond_caches()), (u64)pool->nr_frames << PAGE_SHIFT);
    void *base = pfn_to_virt(pool->first);
    const void *at = base;

    if (bytes < probe_beyond_caches())
        return;                /* the tier is too small to look past the caches */
    model_doorbells->idle = 1; /* load curve and prefetcher off, no limit of bandwidth */
    model_doorbells->mlp = 1000;
    report("seq_latency", tier_name[tier], probe_chase(base, bytes / LINE, LINE, CHASE_SEQUENTIAL), "ps");
    report("idle_latency", tier_name[tier], probe_chase(base, bytes / LINE, LINE, CHASE_RANDOM), "ps");
    model_doorbells->idle = 0;
    calibrate_reads(tier, &at);
    calibrate_loaded_reads(tier, &at);
    traffic(0, 0); /* as configured: a core's share */
    model_doorbells->mlp = 10000;
    report("stream_read", tier_name[tier], probe_stream_read(base, bytes), "bytes/s");
    clock_reset();
    report("stream_ntwrite", tier_name[tier], probe_stream_write(base, bytes), "bytes/s");
    calibrate_writers(tier, base);
    calibrate_loaded_writes(tier, base);
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

/*
 * Walks: pages of the arena whose entries lie in lines of their own, over three tables of level 1. Their data stays in
 * the first level, so that a load costs its translation alone.
 */
#define WALK_PAGES (3 * PT_ENTRIES / 8)

static const volatile u8 *walk_data[WALK_PAGES]; /* the same bytes by the direct map */

static vaddr_t walk_place(u32 nr)
{
    return space_va(&arena, nr * 8) + nr % 64 * LINE;
}

/* One load a page but the first, whose walk brings the upper levels; the last instruction waits for all of them. */
static struct span touch_walked(void)
{
    struct span span;

    span_begin(&span);
    (void)*(volatile u8 *)walk_place(0);
    __asm__ volatile("sfence" : : : "memory");
    span_end(&span);
    span_begin(&span);
    for (u32 nr = 1; nr < WALK_PAGES; nr++)
        (void)*(volatile u8 *)walk_place(nr);
    __asm__ volatile("sfence" : : : "memory");
    span_end(&span);
    return span;
}

/* Fills the caches with other lines, and then the first level with the walked pages' data. */
static void evict_entries(void)
{
    const struct frame_pool *pool = frame_pool(TIER_FAST);
    const u8 *other = pfn_to_virt(pool->first + pool->nr_frames) - probe_beyond_caches();
    struct span span;

    span_begin(&span);
    for (u64 i = 0; i < probe_beyond_caches(); i += LINE)
        (void)*(const volatile u8 *)(other + i);
    for (u32 nr = 0; nr < WALK_PAGES; nr++)
        (void)*walk_data[nr];
    span_end(&span);
}

static void calibrate_walks(void)
{
    struct span span;

    for (u32 nr = 0; nr < WALK_PAGES; nr++) {
        if (space_populate(&arena, nr * 8))
            return;
        walk_data[nr] = (u8 *)pfn_to_virt(space_pfn(&arena, nr * 8)) + nr % 64 * LINE;
    }
    model_doorbells->idle = 1;
    model_doorbells->mlp = 1000;
    clock_reset();
    touch_walked();
    tlb_flush_all(FLUSH_LOCAL);
    span = touch_walked();
    report("walk_hit", NULL, span.memory_ps / (WALK_PAGES - 1), "ps");
    if ((u64)frame_pool(TIER_FAST)->nr_frames << PAGE_SHIFT >= 4 * probe_beyond_caches()) {
        evict_entries();
        tlb_flush_all(FLUSH_LOCAL);
        span = touch_walked();
        report("walk_miss", NULL, span.memory_ps / (WALK_PAGES - 1), "ps");
        evict_entries();
        tlb_flush_all(FLUSH_LOCAL);
        model_doorbells->mlp = 10000;
        span = touch_walked();
        report("walk_miss_mlp_10", NULL, span.total_ps / (WALK_PAGES - 1), "ps");
    }
    model_doorbells->idle = 0;
    model_doorbells->mlp = 1000;
    space_clear(&arena);
}

bool calibrate(void)
{
    if (!model_present())
        refuse("calibrate needs the model: run it without --no-model");
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        calibrate_tier(tier);
    calibrate_caches();
    calibrate_walks();
    return true;
}
