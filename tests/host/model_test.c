/* sources: tests/host/host.c model/buffers.c model/cache.c model/config.c model/core.c model/doorbell.c
   model/hierarchy.c model/insn.c model/nontemporal.c model/presets.c model/start.c model/tier.c model/tlb.c
   model/truth.c model/walk.c */
/* The whole model without QEMU: known answers, closed forms, and a naive hierarchy beside it. Run from the tree's root.
 */
#include "tests/host/model_naive.h"
#include "tests/host/model_rig.h"

static void test_handshake(void)
{
    start("");
    CHECK_EQ(MODEL_MAGIC, model.header->magic);
    CHECK_EQ(37600000000ull, model.header->tier[1].read_Bps);
    CHECK_EQ(0x10000000, model.delta[1]);
    book(ACCOUNT_WORKLOAD, 0);
    model_check(page_va(200) + 8, (uint64_t)(frames()[200] - 1) * 4096 + 8 + 0x10000000);
    CHECK_EQ(MODEL_OK, model.header->error);
    CHECK_EQ(1, model.header->samples_checked);
    model_check(page_va(200) + 8, (uint64_t)(frames()[200] - 1) * 4096 + 8);
    CHECK_EQ(MODEL_FRAME_MISMATCH, model.header->error);
    model_stop();

    start("");
    book(ACCOUNT_WORKLOAD, 0);
    frames()[7] = 0;
    load(page_va(7));
    CHECK_EQ(MODEL_FRAME_MISSING, model.header->error);
    CHECK_EQ(page_va(7), model.header->error_detail);
    model_stop();

    start("");
    RING(hello, 1);
    probe(FAST_BASE, FAST_BASE);
    probe(FAST_BASE + 4096, FAST_BASE);
    RING(ready, 1);
    CHECK_EQ(MODEL_BAD_PROBE, model.header->error);
    CHECK_EQ(0, model.header->ready);
    model_stop();

    start("");
    model.bells->spaces[0].nr_pages = model.header->max_pages + 1;
    RING(hello, 1);
    CHECK_EQ(MODEL_BAD_HELLO, model.header->error);
    model_stop();
}

static void test_truth(void)
{
    uint32_t loads[SPACE_PAGES] = {0}, stores[SPACE_PAGES] = {0};
    uint64_t sum = 0, requests = 0, samples = 0;

    start("");
    book(ACCOUNT_WORKLOAD, 0);
    RING(epoch, 1);
    for (int i = 0; i < 300000; i++) {
        uint32_t page = host_below(SPACE_PAGES), bytes = 1u << host_below(4), offset = host_below(4097 - 8);
        bool is_store = host_below(3) == 0;
        uint64_t va = page_va(page) + offset;
        if (page == SPACE_PAGES - 1 || host_below(50)) {
            va &= ~7ull; /* else it may straddle lines and pages: counted once, for the first */
        }
        for (uint32_t again = 1 + host_below(4); again; again--) {
            access_at(va, bytes, is_store);
            (is_store ? stores : loads)[(va - SPACE_VA) >> 12]++;
        }
        load(0x200000 + host_below(65536) * 8ull); /* not managed: never counted */
        if (host_below(20) == 0) {
            book(ACCOUNT_MIGRATE, host_below(2)); /* not the workload: never counted */
            load(va);
            store(va);
            book(ACCOUNT_WORKLOAD, 0);
        }
    }
    const struct model_counters *c = counters(ACCOUNT_WORKLOAD);
    RING(epoch, 1);
    for (uint32_t page = 0; page < SPACE_PAGES; page++) {
        CHECK_EQ(loads[page], closed_truth(page)->loads);
        CHECK_EQ(stores[page], closed_truth(page)->stores);
        sum += loads[page] + stores[page];
        requests += closed_truth(page)->request_loads + closed_truth(page)->request_stores;
    }
    CHECK_EQ(sum, c->loads[0] + c->loads[1] + c->stores[0] + c->stores[1]);
    CHECK_EQ(requests, c->requests[0] + c->requests[1]);
    CHECK(c->misses >= requests);
    CHECK_EQ(0, counters(ACCOUNT_MIGRATE)->loads[0] + counters(ACCOUNT_MIGRATE)->requests[1]);
    CHECK_EQ(model.header->core_ps[0] + model.header->core_ps[1], c->stall_ps + counters(ACCOUNT_MIGRATE)->stall_ps);
    load(page_va(3));
    RING(epoch, 1);
    CHECK_EQ(1, closed_truth(3)->loads);
    CHECK_EQ(0, closed_truth(4)->loads);
    for (int i = 0; i < 3 * SAMPLE_LINES; i++) {
        insns++;
        samples += model_access(page_va(host_below(SPACE_PAGES)), 8, false, insns);
    }
    CHECK_EQ(3, samples);
    model_stop();
}

/* The hierarchy once more, naively: whole lines in lists, no sets tricks. */
struct naive_core {
    struct list l1[8], l2[4];
};

static struct naive_core naive_cores[2];
static struct list naive_llc[4];
static uint64_t naive_hits[4], naive_writebacks; /* l1, l2, llc, memory */

static uint32_t naive_take(struct naive_core *core, uint64_t line, bool *found)
{
    int at = list_find(&core->l2[line % 4], line);
    uint32_t dirty = 0;

    *found = at >= 0;
    if (*found) {
        dirty = list_remove(&core->l2[line % 4], at);
        at = list_find(&core->l1[line % 8], line);
        if (at >= 0) {
            dirty |= list_remove(&core->l1[line % 8], at);
        }
    }
    return dirty;
}

static void naive_access(int nr, uint64_t line, bool is_store)
{
    struct naive_core *core = &naive_cores[nr];
    struct list *l1 = &core->l1[line % 8], *l2 = &core->l2[line % 4], *llc = &naive_llc[line % 4];
    uint32_t dirty = 0, victim_dirty;
    uint64_t victim;
    bool found = false;
    int at = list_find(l1, line);

    if (at >= 0) {
        naive_hits[0]++;
        dirty = list_remove(l1, at);
        list_push(l1, 4, line, dirty | is_store, &victim, &victim_dirty);
        return;
    }
    at = list_find(l2, line);
    if (at >= 0) {
        naive_hits[1]++;
        dirty = list_remove(l2, at);
        list_push(l2, 8, line, dirty, &victim, &victim_dirty);
    } else {
        at = list_find(llc, line);
        if (at >= 0) {
            dirty = list_remove(llc, at);
            found = true;
        } else {
            dirty = naive_take(&naive_cores[!nr], line, &found);
        }
        naive_hits[found ? 2 : 3]++;
        if (list_push(l2, 8, line, dirty, &victim, &victim_dirty)) {
            struct list *above = &core->l1[victim % 8];
            at = list_find(above, victim);
            if (at >= 0) {
                victim_dirty |= list_remove(above, at);
            }
            uint64_t out;
            uint32_t out_dirty = 0;
            if (list_push(&naive_llc[victim % 4], 4, victim, victim_dirty, &out, &out_dirty) && out_dirty) {
                naive_writebacks++;
            }
        }
    }
    if (list_push(l1, 4, line, is_store, &victim, &victim_dirty) && victim_dirty) {
        l2 = &core->l2[victim % 4];
        l2->dirty[list_find(l2, victim)] = 1;
    }
}

static void test_hierarchy(void)
{
    uint64_t hits[4] = {0}, writebacks = 0;

    /* l1: 8 sets of 4, l2: 4 sets of 8... the smallest shapes that the keys allow are larger, so build them here. */
    start("walk=constant l1=4096 l1_ways=8 l2=4096 l2_ways=16 llc=4096 llc_ways=16");
    cache_free(&model.llc);
    cache_init(&model.llc, 16 * 64, 4);
    for (int i = 0; i < 2; i++) {
        cache_free(&model.cores[i].l1);
        cache_free(&model.cores[i].l2);
        cache_init(&model.cores[i].l1, 32 * 64, 4);
        cache_init(&model.cores[i].l2, 32 * 64, 8);
    }
    memset(naive_cores, 0, sizeof(naive_cores));
    memset(naive_llc, 0, sizeof(naive_llc));
    memset(naive_hits, 0, sizeof(naive_hits));
    naive_writebacks = 0;
    int core = 0;
    book(ACCOUNT_WORKLOAD, 0);
    for (int i = 0; i < 300000; i++) {
        if (host_below(100) == 0) {
            core = (int)host_below(2);
            book(core ? ACCOUNT_MIGRATE : ACCOUNT_WORKLOAD, (uint64_t)core);
        }
        uint32_t number = host_below(host_below(3) ? 60 : 120);
        bool is_store = host_below(3) == 0;
        access_at(DIRECT_VA + FAST_BASE + number * 64, 8, is_store);
        naive_access(core, number, is_store);
    }
    for (int account = 0; account < NR_ACCOUNTS; account++) {
        hits[0] += counters(account)->l1_hits;
        hits[1] += counters(account)->l2_hits;
        hits[2] += counters(account)->llc_hits;
        hits[3] += counters(account)->misses;
        writebacks += counters(account)->writebacks;
    }
    for (int level = 0; level < 4; level++) {
        CHECK_EQ(naive_hits[level], hits[level]);
        CHECK(hits[level] > 1000);
    }
    CHECK_EQ(naive_writebacks, writebacks);
    CHECK(writebacks > 1000);
    model_stop();
}

static void test_translation(void)
{
    struct list naive[2][32] = {0};
    uint64_t misses = 0, walks = 0, victim;
    uint32_t unused;

    start("tlb1=64 tlb1_ways=4 tlb2=128 tlb2_ways=8");
    RING(idle, 1);
    book(ACCOUNT_WORKLOAD, 0);
    for (int i = 0; i < 200000; i++) {
        bool large = host_below(4) == 0;
        uint64_t va =
            large ? DIRECT_VA + FAST_BASE + ((uint64_t)host_below(32) << 21) : page_va(host_below(SPACE_PAGES));
        uint64_t number = va >> (large ? 21 : 12), tag = tlb_tag(number, large);
        load(va + 64 * host_below(16));
        struct list *first = &naive[0][number % 16], *second = &naive[1][number % 16];
        int at = list_find(first, tag);
        if (at >= 0) {
            list_remove(first, at);
        } else {
            misses++;
            at = list_find(second, tag);
            if (at >= 0) {
                list_remove(second, at);
            } else {
                walks++;
            }
            list_push(second, 8, tag, 0, &victim, &unused);
        }
        list_push(first, 4, tag, 0, &victim, &unused);
        if (host_below(10) == 0) {
            RING(flush_page, va & ~0xfffull);
            for (int nr = 0; nr < 2; nr++) {
                at = list_find(&naive[nr][number % 16], tag);
                if (at >= 0) {
                    list_remove(&naive[nr][number % 16], at);
                }
            }
        }
        if (host_below(1000) == 0) {
            model_instruction(INSN_CR3, insns);
            memset(naive, 0, sizeof(naive));
        }
    }
    CHECK_EQ(misses, counters(ACCOUNT_WORKLOAD)->tlb1_misses);
    CHECK_EQ(walks, counters(ACCOUNT_WORKLOAD)->walks);
    CHECK(walks > 1000 && misses > walks);
    model_stop();

    start("walk=constant walk_ps=1000 tlb2_ps=300 insn_ps=1");
    book(ACCOUNT_WORKLOAD, 0);
    load(page_va(1));
    CHECK_EQ(4300 + 88000, counters(ACCOUNT_WORKLOAD)->stall_ps);
    load(DIRECT_VA + FAST_BASE);
    CHECK_EQ(4300 + 3300 + 2 * 88000, counters(ACCOUNT_WORKLOAD)->stall_ps);
    model_stop();
}

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
        {"active=24 others=0 load_slow=33 preset=ddr4-clx+numa-emu-135", load, SLOW_BASE, 16 * 64000000000000ull / 135000},
        {"load_slow=33 preset=ddr4-clx+numa-emu-135", load, SLOW_BASE, 75000000000ull * 505 / 16000},
        {"preset=ddr5-spr+cxl-asic-x8", load, SLOW_BASE, 17600000000ull / 27},
        /* A core alone has no more than PREFETCH_AHEAD_LINES on their way. */
        {"whole=1 curve=0", load, FAST_BASE, 16 * 64000000000000ull / 88000},
        {"whole=1 curve=0", load, SLOW_BASE, 16 * 64000000000000ull / 305000},
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

static void test_daemon(void)
{
    start("insn_ps=1 walk=constant walk_ps=0 tlb2_ps=0 curve=0 kernel_mlp=64000");
    book(ACCOUNT_WORKLOAD, 0);
    uint64_t alone = timed(load, DIRECT_VA + FAST_BASE, 10000, 1);
    uint64_t workload_ps = now_ps();
    /* The daemon reads as many bytes, as fast as one core can, at no cost to the workload. */
    book(ACCOUNT_MIGRATE, CORE_DAEMON);
    uint64_t daemon = timed(load, DIRECT_VA + FAST_BASE + 0x2000000, 10000, 1);
    CHECK_NEAR(rate_Bps(10000, daemon), 16 * 64000000000000ull / 88000, 5);
    CHECK_EQ(model.header->core_ps[CORE_DAEMON], counters(ACCOUNT_MIGRATE)->stall_ps);
    book(ACCOUNT_WORKLOAD, 0);
    CHECK_EQ(workload_ps, now_ps());
    /* Spread over twice the time, they take half of the workload's lane: the same stream takes twice as long. */
    RING(step_end, workload_ps + 2 * alone);
    uint64_t beside = timed(load, DIRECT_VA + FAST_BASE + 0x1000000, 10000, 1);
    CHECK_NEAR(beside, 2 * alone, 5);
    /* What was once spread is gone. */
    CHECK_NEAR(timed(load, DIRECT_VA + FAST_BASE + 0x3000000, 10000, 1), alone, 5);
    model_stop();
}

static void test_serial(void)
{
    start("serial_lock_ps=1 serial_invlpg_ps=10 serial_cr3_ps=100 serial_iret_ps=1000 serial_exception_ps=10000");
    book(ACCOUNT_FAULT, 0);
    for (enum insn_kind kind = INSN_LOCK; kind <= INSN_EXCEPTION; kind++) {
        if (kind == INSN_INVLPG) {
            RING(flush_page, SPACE_VA);
        }
        model_instruction(kind, insns);
    }
    CHECK_EQ(11111, counters(ACCOUNT_FAULT)->serial_ps);
    CHECK_EQ(11111, model.header->core_ps[0]);
    RING(flush_page, SPACE_VA | 1); /* shootdowns are charged by the guest */
    model_instruction(INSN_INVLPG, insns);
    RING(flush_all, 1);
    model_instruction(INSN_CR3, insns);
    CHECK_EQ(11111, model.header->core_ps[0]);
    book(ACCOUNT_OFF, 0);
    model_instruction(INSN_LOCK, insns);
    CHECK_EQ(11111, model.header->core_ps[0]);
    CHECK_EQ(MODEL_OK, model.header->error);
    model_instruction(INSN_INVLPG, insns);
    CHECK_EQ(MODEL_FLUSH_UNANNOUNCED, model.header->error);
    model_stop();
}

/* A machine's addresses are looked up in the slot that the doorbell names, whatever they are; it announces no flush. */
static void test_machine(void)
{
    start("");
    RING(machine, SPACE_VA | 12345); /* the bits below are no part of the name */
    book(ACCOUNT_WORKLOAD, 0);
    CHECK_EQ(SPACE_VA | 5 << 12, model_address(5 << 12));
    CHECK_EQ(SPACE_VA | (MODEL_VA & MACHINE_MASK), model_address(MODEL_VA)); /* so never a doorbell */
    store(model_address(5 << 12));
    store(model_address(5 << 12));
    CHECK_EQ(1, counters(ACCOUNT_WORKLOAD)->walks);
    model_instruction(INSN_INVLPG, insns);
    store(model_address(5 << 12));
    CHECK_EQ(2, counters(ACCOUNT_WORKLOAD)->walks);
    CHECK_EQ(MODEL_OK, model.header->error);
    book(ACCOUNT_OFF, 0);
    RING(machine, 0);
    CHECK_EQ(5 << 12, model_address(5 << 12));
    RING(epoch, 1);
    CHECK_EQ(3, closed_truth(5)->stores);
    model_stop();
}

/* Code that is not watched may run while the clock is off only. */
static void test_unwatched(void)
{
    uint64_t executed = 0;

    start("");
    model.unwatched_insns = &executed;
    executed += 100;
    book(ACCOUNT_WORKLOAD, 0);
    load(page_va(1));
    book(ACCOUNT_OFF, 0);
    executed += 100;
    book(ACCOUNT_FAULT, 0);
    CHECK_EQ(MODEL_OK, model.header->error);
    executed += 7;
    book(ACCOUNT_OFF, 0);
    CHECK_EQ(MODEL_UNWATCHED, model.header->error);
    CHECK_EQ(7, model.header->error_detail);
    model_stop();
}

/* Lines of several arrays that share a first-level set are all recent; the set's order stays exact. */
static void test_recent(void)
{
    start("walk=constant");
    book(ACCOUNT_WORKLOAD, 0);
    for (uint32_t n = 0; n < 3 * 1000; n++) {
        uint64_t va = page_va(n % 3) + 8;
        insns++;
        if (n < 3) {
            CHECK(!model_access_again(va, 8, false));
            model_access(va, 8, false, insns);
        } else {
            CHECK(model_access_again(va, 8, false));
        }
    }
    CHECK_EQ(2997, counters(ACCOUNT_WORKLOAD)->l1_hits);
    /* Eight ways: five further lines leave the three where they are, in their order; each one more pushes one out. */
    for (uint32_t page = 10; page < 15; page++) {
        load(page_va(page) + 8);
    }
    load(page_va(20) + 8);
    CHECK(!model_access_again(page_va(0) + 8, 8, false));
    load(page_va(1) + 8);
    CHECK_EQ(2998, counters(ACCOUNT_WORKLOAD)->l1_hits);
    load(page_va(0) + 8);
    CHECK_EQ(2998, counters(ACCOUNT_WORKLOAD)->l1_hits);
    model_stop();
}

static void test_reset(void)
{
    start("");
    book(ACCOUNT_WORKLOAD, 0);
    for (int i = 0; i < 10000; i++) {
        access_at(page_va(host_below(SPACE_PAGES)) + host_below(512) * 8, 8, host_below(2));
    }
    uint64_t time = now_ps();
    RING(reset, 1);
    CHECK_EQ(time, now_ps());
    CHECK_EQ(0, model.header->core_ps[0]);
    CHECK_EQ(0, counters(ACCOUNT_WORKLOAD)->l1_hits);
    RING(epoch, 1);
    for (uint32_t page = 0; page < SPACE_PAGES; page++) {
        CHECK_EQ(0, closed_truth(page)->loads + closed_truth(page)->stores);
    }
    load(page_va(0));
    CHECK_EQ(1, counters(ACCOUNT_WORKLOAD)->misses);
    CHECK_EQ(1, counters(ACCOUNT_WORKLOAD)->walks);
    model_stop();
}

/* Everything at once; the region's bytes are the result. */
static void storm(void *copy)
{
    host_seed(42);
    start("preset=ddr4-clx+optane100-x6");
    book(ACCOUNT_WORKLOAD, 0);
    for (int i = 0; i < 200000; i++) {
        uint64_t va = page_va(host_below(SPACE_PAGES)) + host_below(512) * 8;
        switch (host_below(40)) {
        case 0:
            book(ACCOUNT_MIGRATE, host_below(2));
            break;
        case 1:
            book(ACCOUNT_WORKLOAD, 0);
            break;
        case 2:
            RING(flush_page, va & ~0xfffull);
            model_instruction(INSN_INVLPG, insns);
            break;
        case 3:
            RING(step_end, now_ps() + host_below(1000000));
            break;
        case 4:
            model_instruction((enum insn_kind)(INSN_FENCE + host_below(2)), insns);
            break;
        case 5 ... 9:
            store_nt(va);
            break;
        default:
            access_at(va, 8, host_below(2));
        }
        if (host_below(5000) == 0) {
            RING(epoch, 1);
        }
    }
    CHECK_EQ(MODEL_OK, model.header->error);
    memcpy(copy, region, REGION_BYTES);
    model_stop();
}

static void test_repeatable(void)
{
    char *first = malloc(REGION_BYTES), *second = malloc(REGION_BYTES);

    storm(first);
    memset(region, 0xa5, REGION_BYTES); /* what a stale file would hold */
    storm(second);
    CHECK_EQ(0, memcmp(first, second, REGION_BYTES));
    free(first);
    free(second);
}

int main(void)
{
    region = aligned_alloc(4096, REGION_BYTES);
    host_case("model.handshake");
    test_handshake();
    host_case("model.truth_books_close");
    test_truth();
    host_case("model.hierarchy_naive");
    test_hierarchy();
    host_case("model.translation_naive");
    test_translation();
    host_case("model.chase_is_latency");
    test_chase();
    host_case("model.stream_is_bandwidth");
    test_bandwidth();
    host_case("model.nontemporal");
    test_nontemporal();
    host_case("model.store_misses");
    test_stores();
    host_case("model.daemon_traffic");
    test_daemon();
    host_case("model.serialising");
    test_serial();
    host_case("model.machine");
    test_machine();
    host_case("model.unwatched");
    test_unwatched();
    host_case("model.recent_lines");
    test_recent();
    host_case("model.reset");
    test_reset();
    host_case("model.repeatable");
    test_repeatable();
    free(region);
    return host_done();
}
