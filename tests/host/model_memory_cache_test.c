/* sources: tests/host/host.c model/buffers.c model/cache.c model/config.c model/core.c model/doorbell.c
   model/hierarchy.c model/insn.c model/memory_cache.c model/nontemporal.c model/presets.c model/start.c model/tier.c model/tlb.c
   model/truth.c model/walk.c */
/* DRAM as a cache of the slow tier: latencies and traffic in closed form, contents beside a naive twin. Run from the
 * tree's root. */
#include "tests/host/model_rig.h"

#define LINES     4096u /* more than all of the processor's caches together hold */
#define CACHE     ((uint64_t)LINES * 64)
#define FAST_PS   88000u
#define SLOW_PS   305000u
#define FREE_WALK "insn_ps=1 walk=constant walk_ps=0 tlb2_ps=0 l2=65536 llc=65536 prefetch=0 "

/* The default pair has units of 256 bytes in the slow tier; an odd stride within them keeps each line its unit's first. */
static uint64_t scattered(uint32_t i)
{
    return (uint64_t)(i * 5 % LINES) * 64;
}

/* Modelled time of one access to each line of the cache's size, from `base` on. */
static uint64_t sweep(void (*access)(uint64_t), uint64_t base)
{
    uint64_t from = now_ps();

    for (uint32_t i = 0; i < LINES; i++) {
        access(DIRECT_VA + base + scattered(i));
    }
    return now_ps() - from;
}

static void test_latency(void)
{
    start(FREE_WALK);
    RING(idle, 1);
    book(ACCOUNT_WORKLOAD, 0);
    CHECK_EQ(LINES * (SLOW_PS + 1), sweep(load, SLOW_BASE)); /* off */
    CHECK_EQ(0, model.header->memory_cache.misses);
    RING(memory_cache, CACHE);
    RING(reset, 1);
    CHECK_EQ(LINES * (FAST_PS + SLOW_PS + 1), sweep(load, SLOW_BASE));
    for (int pass = 0; pass < 3; pass++) { /* it fits */
        CHECK_EQ(LINES * (FAST_PS + 1), sweep(load, SLOW_BASE));
    }
    CHECK_EQ(LINES, model.header->memory_cache.misses);
    CHECK_EQ(3 * LINES, model.header->memory_cache.hits);
    for (int pass = 0; pass < 6; pass++) { /* two that share their slots drive each other out */
        CHECK_EQ(LINES * (FAST_PS + SLOW_PS + 1), sweep(load, SLOW_BASE + (pass % 2 ? 0 : CACHE)));
    }
    CHECK_EQ(7 * LINES, model.header->memory_cache.misses);
    CHECK_EQ(LINES * (FAST_PS + 1), sweep(load, FAST_BASE)); /* not the cache's business */
    CHECK_EQ(7 * LINES, model.header->memory_cache.misses);
    CHECK_EQ(3 * LINES, model.header->memory_cache.hits);
    CHECK_EQ(0, model.header->memory_cache.writebacks);
    CHECK_EQ(LINES * 4, model.header->uncore[MODEL_FAST].loads);
    CHECK_EQ(LINES * 4 * (uint64_t)FAST_PS, model.header->uncore[MODEL_FAST].latency_ps);
    CHECK_EQ(LINES * 7, model.header->uncore[MODEL_SLOW].loads);
    CHECK_EQ(LINES * 7 * (uint64_t)(FAST_PS + SLOW_PS), model.header->uncore[MODEL_SLOW].latency_ps);
    RING(reset, 1); /* empties it */
    CHECK_EQ(LINES * (FAST_PS + SLOW_PS + 1), sweep(load, SLOW_BASE));
    RING(memory_cache, 0);
    CHECK_EQ(LINES * (SLOW_PS + 1), sweep(load, SLOW_BASE));
    CHECK_EQ(LINES, model.header->memory_cache.misses);
    model_stop();
}

/* A stream's lines come through it, too: what was asked for ahead costs a lane's time and no wait. */
static void test_ahead(void)
{
    start("insn_ps=1 walk=constant walk_ps=0 tlb2_ps=0 l2=65536 llc=65536 curve=0");
    RING(memory_cache, CACHE);
    book(ACCOUNT_WORKLOAD, 0);
    uint64_t cold_ps = timed(load, DIRECT_VA + SLOW_BASE, LINES, 1);
    CHECK_EQ(LINES, model.header->memory_cache.misses);
    uint64_t warm_ps = timed(load, DIRECT_VA + SLOW_BASE, LINES, 1);
    CHECK_EQ(LINES, model.header->memory_cache.hits);
    CHECK(counters(ACCOUNT_WORKLOAD)->prefetched > LINES);
    CHECK_NEAR(rate_Bps(LINES, cold_ps), 37600000000ull / 16, 5);
    CHECK_NEAR(rate_Bps(LINES, warm_ps), 113000000000ull / 16, 5);
    model_stop();
}

/* What the devices have moved since the last call, in lines: DRAM read and written, slow tier read and written. */
static void check_moved(uint64_t fast_reads, uint64_t fast_writes, uint64_t slow_reads, uint64_t slow_writes, int line)
{
    const uint64_t want[MODEL_TIERS][MODEL_DIRECTIONS] = {{fast_reads, fast_writes}, {slow_reads, slow_writes}};

    for (int tier = 0; tier < MODEL_TIERS; tier++) {
        for (int d = 0; d < MODEL_DIRECTIONS; d++) {
            uint64_t got_ps = model.header->lane_ps[tier][d];
            if (got_ps != want[tier][d] * model.cores[0].port[tier].service_ps[d]) {
                host_fail(__FILE__, line, "tier %d, direction %d: want=%llu lines got=%llu ps", tier, d,
                          (unsigned long long)want[tier][d], (unsigned long long)got_ps);
            }
        }
    }
    memset(model.header->lane_ps, 0, sizeof(model.header->lane_ps));
}

#define CHECK_MOVED(fast_reads, fast_writes, slow_reads, slow_writes)                                                  \
    check_moved(fast_reads, fast_writes, slow_reads, slow_writes, __LINE__)

/* Sends each line of a part of the slow tier non-temporally, whole. */
static void send_all(uint64_t base)
{
    for (uint32_t i = 0; i < LINES; i++) {
        for (uint32_t word = 0; word < 8; word++) {
            store_nt(DIRECT_VA + base + (uint64_t)i * 64 + word * 8);
        }
    }
}

/* Hildebrand and others, ISPASS'21: accesses of the devices for a read and a write of the last level. */
static void test_traffic(void)
{
    start(FREE_WALK "preset=ddr4-clx+ddr4-clx-remote");
    RING(memory_cache, CACHE);
    book(ACCOUNT_WORKLOAD, 0);
    sweep(load, SLOW_BASE); /* reads that miss */
    CHECK_MOVED(LINES, LINES, LINES, 0);
    sweep(load, SLOW_BASE); /* that hit */
    CHECK_MOVED(LINES, 0, 0, 0);
    send_all(SLOW_BASE); /* writes that hit */
    CHECK_MOVED(LINES, LINES, 0, 0);
    sweep(load, SLOW_BASE + CACHE); /* reads that miss and find a dirty line */
    CHECK_MOVED(LINES, LINES, LINES, LINES);
    CHECK_EQ(LINES, model.header->memory_cache.writebacks);
    send_all(SLOW_BASE); /* writes that miss */
    CHECK_MOVED(LINES, 2 * LINES, LINES, 0);
    send_all(SLOW_BASE + CACHE); /* and find a dirty line */
    CHECK_MOVED(LINES, 2 * LINES, LINES, LINES);
    CHECK_EQ(2 * LINES, model.header->memory_cache.writebacks);
    CHECK_EQ(2 * LINES, model.header->memory_cache.hits);
    CHECK_EQ(4 * LINES, model.header->memory_cache.misses);
    send_all(FAST_BASE); /* not the cache's business */
    CHECK_MOVED(0, LINES, 0, 0);
    /* What a store has made dirty is written when it leaves the last level: here while its line is still in DRAM. */
    uint64_t hits = model.header->memory_cache.hits;
    for (uint32_t i = 0; i < 1024; i++) {
        store(DIRECT_VA + SLOW_BASE + CACHE + scattered(i));
    }
    CHECK_EQ(hits + 1024, model.header->memory_cache.hits);
    sweep(load, FAST_BASE);
    CHECK_EQ(1024, counters(ACCOUNT_WORKLOAD)->writebacks);
    CHECK_EQ(hits + 2048, model.header->memory_cache.hits);
    CHECK_MOVED(LINES + 2048, 1024, 0, 0);
    model_stop();
}

/* Requests are counted, and sampled, by the tier that serves them; the page's own tier counts the accesses. */
static void test_requests(void)
{
    const uint32_t first = SPACE_PAGES / 2, pages = 64;

    start(FREE_WALK);
    RING(memory_cache, CACHE);
    RING(sample_load, 1);
    book(ACCOUNT_WORKLOAD, 0);
    for (int pass = 0; pass < 3; pass++) {
        for (uint32_t i = 0; i < pages * 64; i++) {
            load(page_va(first) + i * 64);
        }
    }
    CHECK_EQ(pages * 64, counters(ACCOUNT_WORKLOAD)->requests[MODEL_SLOW]);
    CHECK_EQ(2 * pages * 64, counters(ACCOUNT_WORKLOAD)->requests[MODEL_FAST]);
    CHECK_EQ(3 * pages * 64, counters(ACCOUNT_WORKLOAD)->loads[MODEL_SLOW]);
    CHECK_EQ(0, counters(ACCOUNT_WORKLOAD)->loads[MODEL_FAST]);
    uint64_t served[MODEL_TIERS] = {0};
    for (uint64_t i = 0; i < model.header->ring_head; i++) {
        served[model.ring[i & (model.header->ring_entries - 1)].tier]++;
    }
    CHECK(model.header->ring_head && served[MODEL_SLOW] == model.header->ring_head); /* the ring was full after the first pass */
    model.bells->ring_tail = model.header->ring_head;
    load(page_va(first));
    CHECK_EQ(MODEL_FAST, model.ring[(model.header->ring_head - 1) & (model.header->ring_entries - 1)].tier);
    model_stop();
}

/* The naive twin: everything that ever happened, searched backwards. */
#define HISTORY 40000

static struct {
    uint32_t line;
    bool write;
} history[HISTORY];

/* Where, before `end`, something last happened to the slot of `line`; -1: nothing. */
static int last(int end, uint32_t line, uint32_t slots)
{
    while (--end >= 0 && history[end].line % slots != line % slots) {
    }
    return end;
}

static void test_twin(void)
{
    const uint32_t slots = 37, base = SLOW_BASE >> 6;
    uint64_t hits = 0, misses = 0, writebacks = 0;

    start("preset=ddr4-clx+ddr4-clx-remote");
    RING(memory_cache, slots * 64 + 63); /* whole lines only */
    RING(idle, 1);
    book(ACCOUNT_WORKLOAD, 0);
    for (int now = 0; now < HISTORY; now++) {
        uint32_t line = base + host_below(host_below(3) ? 80 : 200);
        bool write = host_below(3) == 0;
        int at = last(now, line, slots);
        bool hit = at >= 0 && history[at].line == line, dirty = false;
        for (int i = at; i >= 0 && !hit && history[i].line == history[at].line; i = last(i, line, slots)) {
            dirty |= history[i].write;
        }
        hits += hit;
        misses += !hit;
        writebacks += dirty;
        if (write) {
            memory_cache_write(line, now_ps());
        } else {
            struct arrival arrival = memory_cache_read(line, now_ps(), now_ps());
            CHECK_EQ(hit ? FAST_PS : FAST_PS + 141000, arrival.latency_ps);
        }
        history[now].line = line;
        history[now].write = write;
        CHECK_EQ(hits, model.header->memory_cache.hits);
        CHECK_EQ(misses, model.header->memory_cache.misses);
        CHECK_EQ(writebacks, model.header->memory_cache.writebacks);
    }
    CHECK(hits > 1000 && writebacks > 1000 && misses > 2 * writebacks);
    model_stop();
}

int main(void)
{
    region = aligned_alloc(4096, REGION_BYTES);
    host_case("model.memory_cache_latency");
    test_latency();
    host_case("model.memory_cache_streams");
    test_ahead();
    host_case("model.memory_cache_traffic");
    test_traffic();
    host_case("model.memory_cache_requests");
    test_requests();
    host_case("model.memory_cache_naive");
    test_twin();
    free(region);
    return host_done();
}
