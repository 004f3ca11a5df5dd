/* sources: tests/host/host.c model/buffers.c model/cache.c model/config.c model/core.c model/doorbell.c
   model/hierarchy.c model/insn.c model/memory_cache.c model/nontemporal.c model/presets.c model/start.c model/tier.c model/tlb.c
   model/truth.c model/walk.c */
/* The whole model without QEMU: known answers and closed forms. Run from the tree's root. */
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
    store(page_va(5));
    store(page_va(5) + 8);
    book(ACCOUNT_OFF, 0); /* while the program stands still, the open copy is complete as well */
    CHECK_EQ(2, open_truth(5)->stores);
    CHECK_EQ(1, open_truth(5)->request_stores);
    book(ACCOUNT_WORKLOAD, 0);
    for (int i = 0; i < 3 * SAMPLE_LINES; i++) {
        insns++;
        samples += model_access(page_va(host_below(SPACE_PAGES)), 8, false, insns);
    }
    CHECK_EQ(3, samples);
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
    book(ACCOUNT_FAULT, 0); /* an exception's time is charged when its handler has told what time it is */
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

/* A fault in a block of which so many instructions follow: they are counted and not executed. All else is the same. */
static uint64_t fault_in_block(uint64_t rest)
{
    start("mlp=10000 serial_exception_ps=10000 insn_ps=1000");
    book(ACCOUNT_WORKLOAD, 0);
    load(DIRECT_VA + FAST_BASE); /* its translation */
    model_instruction(INSN_FENCE, insns);
    uint64_t from = now_ps(), executed = insns, settled = model.header->core_ps[0];
    load(DIRECT_VA + FAST_BASE + 64 * 64); /* still under way when the fault comes */
    insns += 9;
    uint64_t ahead = insns + rest;
    model_instruction(INSN_EXCEPTION, ahead);
    CHECK_EQ(0, counters(ACCOUNT_WORKLOAD)->serial_ps);
    model.bells->now_ps = 12345; /* stale: whoever books off has not computed it yet */
    insns += 20;                 /* the stub */
    ahead += 20;
    model.bells->account = ACCOUNT_OFF;
    model_doorbell(offsetof(struct model_doorbells, account), ahead);
    uint64_t told = from + (insns - executed) * 1000; /* the guest counts what was executed */
    model.bells->now_ps = told;
    model.bells->account = ACCOUNT_FAULT;
    model_doorbell(offsetof(struct model_doorbells, account), ahead + 5);
    uint64_t stall = counters(ACCOUNT_WORKLOAD)->stall_ps - settled;
    CHECK_EQ(told + stall + 10000, model_now_ps(ahead + 5));
    CHECK_EQ(10000, counters(ACCOUNT_WORKLOAD)->serial_ps);
    CHECK_EQ(0, counters(ACCOUNT_FAULT)->serial_ps);
    model_stop();
    return stall;
}

static void test_fault_in_block(void)
{
    uint64_t stall = fault_in_block(0);

    CHECK_EQ(88000 - 9 * 1000, stall); /* nine instructions after the load */
    CHECK_EQ(stall, fault_in_block(1));
    CHECK_EQ(stall, fault_in_block(500));
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

/* The first store to a recent line marks it without a further look-up, but not where D has to be set or stores are
 * sampled. */
static void test_recent_stores(void)
{
    start("walk=constant");
    book(ACCOUNT_WORKLOAD, 0);
    load(page_va(1));
    CHECK(!model_access_again(page_va(1), 8, true));
    store(page_va(1));
    load(page_va(1) + 64);
    CHECK(model_access_again(page_va(1) + 64, 8, true));
    CHECK(*cache_row(&model.core->l1, model.newest[1]->line) == (model.newest[1]->line | LINE_DIRTY));
    RING(sample_store, 1);
    load(page_va(1) + 128);
    for (uint64_t n = 1; n <= 3; n++) {
        store(page_va(1) + 128);
        CHECK_EQ(n, model.header->ring_head);
    }
    RING(epoch, 1);
    CHECK_EQ(5, closed_truth(1)->stores);
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
    host_case("model.truth_adds_up");
    test_truth();
    host_case("model.daemon_traffic");
    test_daemon();
    host_case("model.serialising");
    test_serial();
    host_case("model.fault_in_block");
    test_fault_in_block();
    host_case("model.machine");
    test_machine();
    host_case("model.unwatched");
    test_unwatched();
    host_case("model.recent_lines");
    test_recent();
    host_case("model.recent_stores");
    test_recent_stores();
    host_case("model.reset");
    test_reset();
    host_case("model.repeatable");
    test_repeatable();
    free(region);
    return host_done();
}
