/* sources: tests/host/host.c model/buffers.c model/cache.c model/config.c model/core.c model/doorbell.c
   model/hierarchy.c model/insn.c model/memory_cache.c model/nontemporal.c model/presets.c model/start.c model/tier.c model/tlb.c
   model/truth.c model/walk.c */
/* The model's caches and translation beside naive ones, access by access. Run from the tree's root. */
#include "tests/host/model_naive.h"
#include "tests/host/model_rig.h"

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

int main(void)
{
    region = aligned_alloc(4096, REGION_BYTES);
    host_case("model.hierarchy_naive");
    test_hierarchy();
    host_case("model.translation_naive");
    test_translation();
    free(region);
    return host_done();
}
