/* sources: tests/host/host.c model/buffers.c model/cache.c model/config.c model/core.c model/doorbell.c
   model/hierarchy.c model/insn.c model/memory_cache.c model/nontemporal.c model/presets.c model/start.c model/tier.c model/tlb.c
   model/truth.c model/walk.c */
/* Walks and overlap of the model beside a naive twin. Loads only; their clocks must agree to the picosecond. */
#include "tests/host/model_walk_twin.h"

/*
 * Random loads, clears of A bits and flushes, with that overlap, of a program or of one in a machine; with `resizes`, 512
 * pages now and then change their size. The clocks must agree after each.
 */
static void beside_twin(const char *more, bool machine, bool resizes, uint32_t mlp, uint32_t fills, uint32_t walkers)
{
    char all[384];
    const struct model_counters *c;

    snprintf(all, sizeof(all), "%s %s", keys, more);
    memset(&twin, 0, sizeof(twin));
    start(all);
    c = counters(ACCOUNT_WORKLOAD);
    book(ACCOUNT_WORKLOAD, 0);
    twin.mlp = mlp;
    twin.nr_fills = fills;
    twin.nr_walkers = walkers;
    twin.two_dimensions = strstr(more, "walk=nested") && !machine; /* with a machine, what is none has one dimension */
    twin.parts = !strstr(more, "mlp=");
    twin.machine = machine;
    if (machine) {
        model.bells->table_va = SPACE_VA;
        RING(machine_tables, MACHINE_TABLES);
    }
    RING(mlp, mlp);
    for (size_t i = 0; twin.parts && i < sizeof(parts) / sizeof(parts[0]); i++) {
        model.bells->range_start = page_va(parts[i].first);
        model.bells->range_end = page_va(parts[i].first + parts[i].pages);
        RING(mlp_range, parts[i].mlp);
    }
    twin.service[0] = model.cores[0].port[0].read_service_ps;
    twin.service[1] = model.cores[0].port[1].read_service_ps;
    for (uint32_t page = 0; page < SPACE_PAGES; page++) {
        twin.frame[page] = frames()[page] - 1;
    }
    uint64_t from = now_ps(), differ = 0;
    for (int i = 0; i < 100000; i++) {
        bool large = host_below(3) == 0;
        uint32_t page = host_below(host_below(2) ? 64 : SPACE_PAGES), offset = host_below(64) * 64;
        uint64_t at = large ? (uint64_t)host_below(16384) * 4096 % RANGE_BYTES + offset : 0;
        uint64_t base = host_below(2) ? FAST_BASE : SLOW_BASE;
        uint64_t va = large ? DIRECT_VA + base + at : page_va(page) + offset;
        uint64_t line = large ? (base + at) >> 6 : (twin.frame[page] << 12 | offset) >> 6;
        insns += host_below(100);
        twin.now = from + (insns + 1) * 1000 + model.header->core_ps[0];
        model.machine_va = machine && !large ? SPACE_VA : 0;
        access_at(va, 8, false);
        twin_load(va, line, large || (twin.leaf[page / 512] && !machine));
        differ += twin.now != now_ps();
        switch (host_below(400)) {
        case 0: /* a tracker clears some A bits and flushes one page */
            for (int n = 0; n < 20; n++) {
                page = host_below(SPACE_PAGES);
                twin_clear(page, machine);
            }
            model_locked(DIRECT_VA + FAST_BASE + 8); /* no table */
            RING(flush_page, page_va(page));
            twin_forget(page_va(page) >> 12, false);
            twin_forget(page_va(page) >> 21, true);
            memset(twin.upper, 0, sizeof(twin.upper));
            break;
        case 1:
            RING(flush_all, 0);
            memset(twin.tlb, 0, sizeof(twin.tlb));
            memset(twin.upper, 0, sizeof(twin.upper));
            if (machine) {
                memset(&twin.nested, 0, sizeof(twin.nested));
            }
            break;
        case 2:
            if (resizes) {
                twin_resize(host_below(4) ? host_below(16) : 0);
                memset(twin.tlb, 0, sizeof(twin.tlb));
                memset(twin.upper, 0, sizeof(twin.upper));
                if (machine) {
                    memset(&twin.nested, 0, sizeof(twin.nested));
                }
                RING(flush_all, 0);
            }
            break;
        }
    }
    CHECK_EQ(0, differ);
    CHECK_EQ(twin.walks, c->walks);
    CHECK_EQ(twin.walk_loads, c->walk_loads);
    CHECK_EQ(twin.walk_misses, c->walk_misses);
    CHECK_EQ(twin.walk_ps, c->walk_ps);
    CHECK_EQ(twin.sets, c->entry_sets);
    CHECK(twin.walk_misses > 1000 && twin.sets > 1000 && twin.walk_loads > twin.walks * 11 / 10);
    CHECK_EQ(MODEL_OK, model.header->error);
    model_stop();
}

static void test_leaf_sizes(void)
{
    /* What was mapped by 4 KiB pages becomes one leaf of 2 MiB, and is split again. */
    start("insn_ps=1");
    book(ACCOUNT_WORKLOAD, 0);
    RING(epoch, 1);
    for (uint32_t page = 0; page < 512; page++) {
        frames()[page] = (uint32_t)(FAST_BASE >> 12) + 1024 + page + 1;
        load(page_va(page));
    }
    CHECK_EQ(512, counters(ACCOUNT_WORKLOAD)->walks);
    leaves()[0] = MODEL_LEAF_LARGE;
    RING(flush_page, page_va(17));
    RING(flush_all, 0);
    for (uint32_t page = 0; page < 512; page++) {
        load(page_va(page) + 8);
    }
    CHECK_EQ(513, counters(ACCOUNT_WORKLOAD)->walks); /* one for all of them */
    leaves()[0] = leaf_table(0) + 1;
    RING(flush_page, page_va(99)); /* drops the leaf, whichever of its pages is named */
    load(page_va(99));
    CHECK_EQ(514, counters(ACCOUNT_WORKLOAD)->walks);
    RING(epoch, 1);
    for (uint32_t page = 0; page < 512; page++) {
        CHECK_EQ(page == 99 ? 3 : 2, closed_truth(page)->loads); /* truth is by 4 KiB page */
    }
    /* A walk through a table that nobody has announced is an error. */
    leaves()[1] = 0;
    load(page_va(600));
    CHECK_EQ(MODEL_TABLE_MISSING, model.header->error);
    model_stop();
}

/* A machine of which nobody knows the tables, and walk=constant, cost so much a level; a wild announcement is an error. */
static void test_machine_constant(void)
{
    for (int known = 0; known < 2; known++) {
        start(known ? "walk=constant walk_ps=1000" : "walk_ps=1000");
        book(ACCOUNT_WORKLOAD, 0);
        model.bells->table_va = SPACE_VA;
        if (known) {
            RING(machine_tables, MACHINE_TABLES);
        }
        RING(machine, SPACE_VA);
        load(page_va(5));
        CHECK_EQ(4000, counters(ACCOUNT_WORKLOAD)->walk_ps);
        CHECK_EQ(0, counters(ACCOUNT_WORKLOAD)->walk_loads);
        RING(machine, 0);
        RING(machine_tables, SPACE_PAGES);
        CHECK_EQ(MODEL_BAD_HELLO, model.header->error);
        model_stop();
    }
}

/* A machine's INVLPG drops the page whose entry was written with a lock before it; after anything else, all. */
static void test_machine_invlpg(void)
{
    enum { PAGE = 5, OTHER = 6 };
    const struct model_counters *c;
    uint64_t entries = SPACE_VA + ((MACHINE_TABLES + 3ull) << 12), serial;
    uint8_t *walked;

    start("insn_ps=1");
    c = counters(ACCOUNT_WORKLOAD);
    walked = (uint8_t *)region + model.header->walked_offset;
    model.bells->table_va = SPACE_VA;
    RING(machine_tables, MACHINE_TABLES);
    book(ACCOUNT_WORKLOAD, 0);
    RING(machine, SPACE_VA);
    load(page_va(PAGE));
    load(page_va(OTHER));
    CHECK_EQ(2, c->walks);
    model_locked(entries + PAGE * 8);
    CHECK_EQ(WALKED_ACCESSED, walked[PAGE]);
    CHECK_EQ(WALKED_ACCESSED | WALKED_SET, walked[OTHER]);
    serial = c->serial_ps;
    model_instruction(INSN_INVLPG, insns);
    CHECK_EQ(model.config->serial_invlpg_ps, c->serial_ps - serial);
    load(page_va(OTHER));
    CHECK_EQ(2, c->walks);
    load(page_va(PAGE));
    CHECK_EQ(3, c->walks);
    for (int locked = 0; locked < 2; locked++) { /* none before it; another word */
        uint64_t walks = c->walks;
        if (locked) {
            model_locked(entries + OTHER * 8);
            model_locked(page_va(OTHER));
        }
        model_instruction(INSN_INVLPG, insns);
        load(page_va(PAGE));
        load(page_va(OTHER));
        CHECK_EQ(2, c->walks - walks);
    }
    RING(machine, 0);
    CHECK_EQ(MODEL_OK, model.header->error);
    model_stop();
}

/* Stores set D once; walks of the daemon leave no mark that a tracker reads. */
static void test_dirty(void)
{
    start("insn_ps=1 stores=1");
    book(ACCOUNT_WORKLOAD, 0);
    uint8_t *walked = (uint8_t *)region + model.header->walked_offset;
    load(page_va(5));
    CHECK_EQ(WALKED_ACCESSED | WALKED_SET, walked[5]);
    store(page_va(5));
    CHECK_EQ(2, counters(ACCOUNT_WORKLOAD)->walks);
    CHECK_EQ(2, counters(ACCOUNT_WORKLOAD)->entry_sets);
    CHECK_EQ(WALKED_ACCESSED | WALKED_DIRTY | WALKED_SET, walked[5]);
    store(page_va(5) + 64);
    CHECK_EQ(2, counters(ACCOUNT_WORKLOAD)->walks);
    book(ACCOUNT_MIGRATE, CORE_DAEMON);
    load(page_va(6));
    CHECK_EQ(WALKED_SET, walked[6]);
    model_stop();
}

/* Under a nested leaf of 2 MiB a machine's own entries have bits by page, and the leaf one pair for all. */
static void test_nested_leaf_bits(void)
{
    start("insn_ps=1 stores=1");
    book(ACCOUNT_WORKLOAD, 0);
    uint8_t *walked = (uint8_t *)region + model.header->walked_offset;
    model.bells->table_va = SPACE_VA;
    RING(machine_tables, MACHINE_TABLES);
    leaves()[0] = MODEL_LEAF_LARGE;
    model.machine_va = SPACE_VA;
    load(page_va(5));
    CHECK_EQ(WALKED_ACCESSED | WALKED_SET, walked[5]);
    CHECK_EQ((WALKED_ACCESSED | WALKED_SET) << WALKED_NESTED, walked[0]);
    load(page_va(6));
    CHECK_EQ(WALKED_ACCESSED | WALKED_SET, walked[6]);
    store(page_va(6)); /* D of both is set by a second walk */
    CHECK_EQ(3, counters(ACCOUNT_WORKLOAD)->walks);
    CHECK_EQ(WALKED_ALL, walked[6]);
    CHECK_EQ(WALKED_ACCESSED | WALKED_SET, walked[5]);
    CHECK_EQ(WALKED_ALL << WALKED_NESTED, walked[0]);
    /* D is taken from the leaf alone: the next store walks to set it, though the page's own is set and a load came first. */
    walked[0] &= (uint8_t)~(WALKED_DIRTY << WALKED_NESTED);
    RING(flush_all, 0);
    load(page_va(6));
    store(page_va(6));
    CHECK_EQ(5, counters(ACCOUNT_WORKLOAD)->walks);
    CHECK_EQ(WALKED_ALL << WALKED_NESTED, walked[0]);
    store(page_va(6) + 64);
    CHECK_EQ(5, counters(ACCOUNT_WORKLOAD)->walks);
    RING(epoch, 1);
    CHECK_EQ(2, closed_truth(6)->loads); /* truth is by page */
    CHECK_EQ(3, closed_truth(6)->stores);
    CHECK_EQ(0, closed_truth(0)->loads);
    CHECK_EQ(MODEL_OK, model.header->error);
    model_stop();
}

int main(void)
{
    region = aligned_alloc(4096, REGION_BYTES);
    host_case("model.walks_naive_chase");
    beside_twin("mlp=1000", false, false, 1000, 10, 2);
    host_case("model.walks_naive_overlap");
    beside_twin("mlp=4000", false, false, 4000, 10, 2);
    host_case("model.walks_naive_fill_bound");
    beside_twin("mlp=64000 fill=6 walkers=4", false, false, 6000, 6, 4);
    host_case("model.walks_naive_one_walker");
    beside_twin("mlp=10000 walkers=1 active=24", false, false, 10000, 10, 1);
    host_case("model.walks_naive_nested_chase");
    beside_twin("mlp=1000 walk=nested ntlb=5", false, false, 1000, 10, 2);
    host_case("model.walks_naive_nested_overlap");
    beside_twin("mlp=4000 walk=nested ntlb=5 walkers=4", false, false, 4000, 10, 4);
    host_case("model.walks_naive_machine_chase");
    beside_twin("mlp=1000 ntlb=5", true, false, 1000, 10, 2);
    host_case("model.walks_naive_machine_overlap");
    beside_twin("mlp=4000 walk=nested ntlb=5 walkers=4", true, false, 4000, 10, 4);
    host_case("model.walks_naive_part_of_a_load");
    beside_twin("mlp=2300", false, false, 2300, 10, 2);
    host_case("model.walks_naive_parts");
    beside_twin("", false, false, 6000, 10, 2);
    host_case("model.walks_naive_leaves_chase");
    beside_twin("mlp=1000", false, true, 1000, 10, 2);
    host_case("model.walks_naive_leaves_overlap");
    beside_twin("mlp=4000 walk=nested ntlb=5", false, true, 4000, 10, 2);
    host_case("model.walks_naive_nested_leaves_chase");
    beside_twin("mlp=1000 ntlb=5", true, true, 1000, 10, 2);
    host_case("model.walks_naive_nested_leaves_overlap");
    beside_twin("mlp=4000 ntlb=5 walkers=4", true, true, 4000, 10, 4);
    host_case("model.leaf_sizes");
    test_leaf_sizes();
    host_case("model.nested_leaf_bits");
    test_nested_leaf_bits();
    host_case("model.machine_constant");
    test_machine_constant();
    host_case("model.machine_invlpg");
    test_machine_invlpg();
    host_case("model.dirty_bits");
    test_dirty();
    free(region);
    return host_done();
}
