/* sources: tests/host/host.c model/buffers.c model/cache.c model/config.c model/core.c model/doorbell.c
   model/hierarchy.c model/insn.c model/memory_cache.c model/nontemporal.c model/presets.c model/start.c model/tier.c model/tlb.c
   model/truth.c model/walk.c */
/* What memory costs in the model, in closed form: a chase, streams, non-temporal stores, store misses. Run from the
 * tree's root. */
#include "tests/host/model_rig.h"

static void test_chase(void)
{
    static const struct {
        const char *keys;
        uint64_t base, want_ps;
    } cases[] = {
        {"insn_ps=1 walk=constant walk_ps=0 tlb2_ps=0", FAST_BASE, 88000},
        {"insn_ps=1 walk=constant walk_ps=0 tlb2_ps=0", SLOW_BASE, 305000},
        {"insn_ps=1 walk=constant walk_ps=0 tlb2_ps=0 latency_percent=110", SLOW_BASE, 335500},
        {"insn_ps=1 walk=constant walk_ps=0 tlb2_ps=0 preset=ddr5-spr+cxl-asic-x16", SLOW_BASE, 266000},
        {"insn_ps=1 walk=constant walk_ps=0 tlb2_ps=0 preset=unit+unit", SLOW_BASE, 1000},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        start(cases[i].keys);
        RING(idle, 1);
        book(ACCOUNT_WORKLOAD, 0);
        CHECK_EQ(10000 * (cases[i].want_ps + 1), timed(load, DIRECT_VA + cases[i].base, 10000, 5));
        CHECK_EQ(config.tier[1].read_ps, model.header->tier[1].read_ps); /* told unscaled */
        CHECK_EQ(10000, counters(ACCOUNT_WORKLOAD)->misses);
        model_stop();
    }
    /* Line after line, the mean over a 256-byte unit is the sequential latency. */
    start("insn_ps=1 walk=constant walk_ps=0 tlb2_ps=0");
    RING(idle, 1);
    book(ACCOUNT_WORKLOAD, 0);
    uint64_t time = timed(load, DIRECT_VA + SLOW_BASE, 10000, 1), want = 10000 * 169001ull;
    CHECK(time <= want && want - time < 10000);
    /* Overlap divides it. */
    RING(mlp, 5000);
    CHECK_EQ(200 * 305001, timed(load, DIRECT_VA + SLOW_BASE + 0x2000000, 1000, 5));
    model_stop();
    /* Hits: nothing in the first level, the keys' prices further out. */
    start("insn_ps=1 walk=constant walk_ps=0 tlb2_ps=0 l2_ps=6000 llc_ps=25000");
    RING(idle, 1);
    book(ACCOUNT_WORKLOAD, 0);
    for (int pass = 0; pass < 2; pass++) {
        time = timed(load, DIRECT_VA + FAST_BASE, 512, 1);
    }
    CHECK_EQ(512, time);
    timed(load, DIRECT_VA + FAST_BASE, 1024, 1);
    CHECK_EQ(1024 * 6001, timed(load, DIRECT_VA + FAST_BASE, 1024, 1));
    timed(load, DIRECT_VA + FAST_BASE, 2048, 1);
    CHECK_EQ(2048 * 25001, timed(load, DIRECT_VA + FAST_BASE, 2048, 1));
    CHECK_EQ(2048, timed(store, DIRECT_VA + FAST_BASE, 2048, 1)); /* hidden by the store buffer */
    model_stop();
}

static void test_bandwidth(void)
{
    static const struct {
        const char *keys;
        void (*access)(uint64_t);
        uint64_t base, want_Bps;
    } cases[] = {
        {"", load, FAST_BASE, 113000000000ull / 16},
        {"mlp=10000", load, SLOW_BASE, 37600000000ull / 16},
        {"active=24", load, FAST_BASE, 113000000000ull / 24},
        {"active=24 others=50 preset=ddr4-clx+numa-emu-135", load, SLOW_BASE, 75000000000ull * 2 / 25},
        {"active=24 others=0 load_slow=33 preset=ddr4-clx+numa-emu-135", load, SLOW_BASE,
         16 * 64000000000000ull / 135000},
        {"load_slow=33 preset=ddr4-clx+numa-emu-135", load, SLOW_BASE, 75000000000ull * 505 / 16000},
        {"preset=ddr5-spr+cxl-asic-x8", load, SLOW_BASE, 17600000000ull / 27},
        /* A core alone has no more than `ahead` lines on their way. */
        {"whole=1 curve=0", load, FAST_BASE, 16 * 64000000000000ull / 88000},
        {"whole=1 curve=0", load, SLOW_BASE, 16 * 64000000000000ull / 305000},
        {"whole=1 curve=0 ahead=5", load, FAST_BASE, 5 * 64000000000000ull / 88000},
        {"active=40 preset=ddr5-spr+cxl-asic-x8", load, FAST_BASE, 267000000000ull / 40},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char keys[128];
        snprintf(keys, sizeof(keys), "insn_ps=1 walk=constant walk_ps=0 tlb2_ps=0 %s", cases[i].keys);
        start(keys);
        book(ACCOUNT_WORKLOAD, 0);
        uint64_t time = timed(cases[i].access, DIRECT_VA + cases[i].base, 100000, 1);
        CHECK_NEAR(rate_Bps(100000, time), cases[i].want_Bps, 5);
        CHECK_EQ(100000 - (100000 + 63) / 64, counters(ACCOUNT_WORKLOAD)->prefetched);
        model_stop();
    }
    /* Random lines of 256-byte media move four times what they use. */
    start("insn_ps=1 walk=constant walk_ps=0 tlb2_ps=0 mlp=10000 curve=0");
    book(ACCOUNT_WORKLOAD, 0);
    uint64_t time = timed(load, DIRECT_VA + SLOW_BASE, 10000, 5);
    CHECK_NEAR(rate_Bps(10000, time), 37600000000ull / 16 / 4, 1);
    model_stop();
    /* A stream of stores reads every line and writes it back: DDR does both on one lane, CXL on two. */
    start("insn_ps=1 walk=constant walk_ps=0 tlb2_ps=0 curve=0 preset=ddr4-clx+cxl-asic-x8");
    book(ACCOUNT_WORKLOAD, 0);
    time = timed(store, DIRECT_VA + FAST_BASE, 200000, 1);
    CHECK_NEAR(time, 200000ull * 16 * (64000 / 113 + 64000 / 77), 5);
    time = timed(store, DIRECT_VA + SLOW_BASE, 200000, 1);
    CHECK_NEAR(time, 200000ull * 16 * (64000 / 12), 5);
    model_stop();
}

static void test_nontemporal(void)
{
    start("insn_ps=1 walk=constant walk_ps=0 tlb2_ps=0");
    book(ACCOUNT_WORKLOAD, 0);
    RING(epoch, 1);
    /* All lines of a page, in words: 64 requests, no cached line, bandwidth of the lane. */
    load(page_va(9));
    for (uint32_t word = 0; word < 512; word++) {
        store_nt(page_va(9) + word * 8);
    }
    RING(epoch, 1);
    CHECK_EQ(512, closed_truth(9)->stores);
    CHECK_EQ(64, closed_truth(9)->request_stores);
    CHECK_EQ(1, closed_truth(9)->request_loads);
    load(page_va(9)); /* the store dropped the line: a request again */
    RING(epoch, 1);
    CHECK_EQ(1, closed_truth(9)->request_loads);
    uint64_t from = now_ps();
    for (uint32_t word = 0; word < 512 * 100; word++) {
        store_nt(DIRECT_VA + FAST_BASE + word * 8);
    }
    CHECK_NEAR(rate_Bps(6400, now_ps() - from), 77000000000ull / 16, 5);
    /* A partly filled line is sent by a fence, which waits for it. */
    store_nt(page_va(10));
    from = now_ps();
    model_instruction(INSN_FENCE, insns);
    CHECK(now_ps() - from >= 87000);
    RING(epoch, 1);
    CHECK_EQ(1, closed_truth(10)->request_stores);
    model_stop();
    /* With bandwidth to spare the buffers are the limit: `wc` lines every write latency. */
    start("insn_ps=1 walk=constant walk_ps=0 tlb2_ps=0 whole=1 wc=4");
    book(ACCOUNT_WORKLOAD, 0);
    from = now_ps();
    for (uint32_t word = 0; word < 512 * 100; word++) {
        store_nt(DIRECT_VA + FAST_BASE + word * 8);
    }
    CHECK_NEAR(now_ps() - from, 6400 * 87000ull / 4, 1);
    model_stop();
}

static void test_stores(void)
{
    /* The first `stores` misses of a burst cost nothing; the next waits for the first to arrive. */
    start("insn_ps=1 walk=constant walk_ps=0 tlb2_ps=0 stores=20 whole=1 curve=0");
    book(ACCOUNT_WORKLOAD, 0);
    load(DIRECT_VA + SLOW_BASE);
    CHECK_EQ(20, timed(store, DIRECT_VA + SLOW_BASE + 320, 20, 5));
    uint64_t from = now_ps();
    store(DIRECT_VA + SLOW_BASE + 21 * 320);
    CHECK_EQ(305000 - 20 + 1, now_ps() - from);
    model_stop();
    /* Dirty lines come back as write-backs, of their own tier, when they leave the last level. */
    start("");
    book(ACCOUNT_WORKLOAD, 0);
    timed(store, DIRECT_VA + SLOW_BASE, 1024, 1);
    CHECK_EQ(0, counters(ACCOUNT_WORKLOAD)->writebacks);
    timed(load, DIRECT_VA + FAST_BASE, 4096, 1);
    CHECK_EQ(1024, counters(ACCOUNT_WORKLOAD)->writebacks);
    CHECK_EQ(256, model.cores[0].port[1].written_units); /* merged in media units */
    CHECK_EQ(0, model.cores[0].port[0].written_units);
    model_stop();
}

int main(void)
{
    region = aligned_alloc(4096, REGION_BYTES);
    host_case("model.chase_is_latency");
    test_chase();
    host_case("model.stream_is_bandwidth");
    test_bandwidth();
    host_case("model.nontemporal");
    test_nontemporal();
    host_case("model.store_misses");
    test_stores();
    free(region);
    return host_done();
}
