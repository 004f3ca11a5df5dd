/* sources: tests/host/host.c model/buffers.c model/cache.c model/config.c model/core.c model/doorbell.c
   model/hierarchy.c model/insn.c model/nontemporal.c model/presets.c model/start.c model/tier.c model/tlb.c
   model/truth.c model/walk.c */
/*
 * Walks and overlap beside a naive twin: it keeps every cache as a list and every time in a history, and knows neither
 * rings nor sets tricks. Loads only; their clock must agree to the picosecond.
 */
#define SPACE_PAGES 8192u
#include "tests/host/model_naive.h"
#include "tests/host/model_rig.h"

#define MAX_HISTORY 400000

/* The machine of the twin: 4 KiB first level, 8 KiB second, 16 KiB last; as the keys below say. */
static const char keys[] = "l1=4096 l1_ways=8 l2=8192 l2_ways=16 llc=16384 llc_ways=16 tlb1=16 tlb1_ways=4 tlb2=32 "
                           "tlb2_ways=4 pde=3 pdpte=2 pml4e=1 prefetch=0 curve=0 insn_ps=1000 "
                           "preset=ddr4-clx+ddr4-clx-remote";

static struct {
    struct list l1[8], l2[8], llc[16], tlb[2][8], upper[3], nested;
    uint64_t fill[MAX_HISTORY], retire[MAX_HISTORY], walk[MAX_HISTORY], lane[2]; /* histories; when a lane is free */
    uint64_t fills, retired, walks, walk_loads, walk_misses, sets, walk_ps;
    bool accessed[SPACE_PAGES]; /* A bits of the entries; of a leaf of 2 MiB: its first page's */
    uint64_t frame[SPACE_PAGES];
    bool leaf[SPACE_PAGES / 512]; /* 512 pages are one leaf */
    uint64_t now, service[2];
    uint32_t mlp, nr_fills, nr_walkers; /* mlp in thousandths */
    bool two_dimensions, parts, machine; /* the space is a machine's memory, with its own tables in it */
} twin;

#define MACHINE_TABLES 700u /* their first page there: root, level 3, level 2, and 16 of level 1 */

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* What lies `back` entries before the end of a history. */
static uint64_t before(const uint64_t *history, uint64_t length, uint64_t back)
{
    return back && length >= back ? history[length - back] : 0;
}

/* Finds or makes an entry of a cache of upper levels. */
static bool twin_upper(int nr, unsigned ways, uint64_t number)
{
    uint64_t victim;
    uint32_t dirty;
    int at = list_find(&twin.upper[nr], number);

    if (at >= 0) {
        list_remove(&twin.upper[nr], at);
    }
    list_push(&twin.upper[nr], ways, number, 0, &victim, &dirty);
    return at >= 0;
}

/* Latency of a line, which is then in the first level. `begin` is when it is asked for. */
static uint64_t twin_line(uint64_t line, uint64_t begin, uint64_t l1_ps, bool walk)
{
    struct list *l1 = &twin.l1[line % 8], *l2 = &twin.l2[line % 8], *llc;
    uint64_t victim, out, done;
    uint32_t dirty;
    int at = list_find(l1, line);

    if (at >= 0) {
        list_remove(l1, at);
        list_push(l1, 8, line, 0, &victim, &dirty);
        return begin + l1_ps;
    }
    at = list_find(l2, line);
    if (at >= 0) {
        list_remove(l2, at);
        list_push(l2, 16, line, 0, &victim, &dirty);
        done = begin + 6000;
    } else {
        llc = &twin.llc[line % 16];
        at = list_find(llc, line);
        if (at >= 0) {
            list_remove(llc, at);
            done = begin + 29000;
        } else {
            bool slow = line << 6 >= SLOW_BASE && line << 6 < SLOW_BASE + RANGE_BYTES;
            twin.walk_misses += walk;
            twin.lane[slow] = later(twin.lane[slow], twin.now) + twin.service[slow];
            done = later(begin, before(twin.fill, twin.fills, twin.nr_fills)) + (slow ? 141000 : 88000);
            done = later(done, twin.lane[slow]);
            twin.fill[twin.fills++] = done;
        }
        if (list_push(l2, 16, line, 0, &victim, &dirty)) {
            int above = list_find(&twin.l1[victim % 8], victim);
            if (above >= 0) {
                list_remove(&twin.l1[victim % 8], above);
            }
            list_push(&twin.llc[victim % 16], 16, victim, 0, &out, &dirty);
        }
    }
    list_push(l1, 8, line, 0, &victim, &dirty);
    return done;
}

static uint64_t entry_line(uint64_t frame, uint64_t index)
{
    return frame * 64 + index % 512 / 8;
}

/* When a guest-physical page is translated: a nested TLB of five entries, or one entry of 8 bytes a page from 64 GiB
 * on. */
static uint64_t twin_nested(uint64_t frame, uint64_t at_ps)
{
    uint64_t victim;
    uint32_t dirty;
    int at = list_find(&twin.nested, frame);

    if (!twin.two_dimensions) {
        return at_ps;
    }
    if (at >= 0) {
        list_remove(&twin.nested, at);
    } else {
        twin.walk_loads++;
        at_ps = twin_line((1ull << 36) / 64 + frame * 8 / 64, at_ps, 2000, true);
    }
    list_push(&twin.nested, 5, frame, 0, &victim, &dirty);
    return at_ps;
}

/* The same in a machine: one entry of the tables that map the space, with bits to be set or not. */
static uint64_t twin_machine_page(uint32_t page, bool set, uint64_t at_ps)
{
    uint64_t victim;
    uint32_t dirty;
    int at = list_find(&twin.nested, page);

    if (at >= 0) {
        list_remove(&twin.nested, at);
    }
    if (at < 0 || set) {
        twin.walk_loads++;
        at_ps = twin_line(entry_line(leaf_table(page / 512), page), at_ps, 2000, true);
        twin.sets += set;
        at_ps += set ? 105000 : 0;
    }
    list_push(&twin.nested, 5, page, 0, &victim, &dirty);
    return at_ps;
}

/* An entry of a machine's own table, which lies in its memory. */
static uint64_t twin_machine_entry(uint32_t table, uint64_t index, uint64_t at_ps)
{
    uint32_t page = MACHINE_TABLES + table;

    at_ps = twin_machine_page(page, !twin.accessed[page], at_ps);
    twin.accessed[page] = true;
    twin.walk_loads++;
    return twin_line(entry_line(frames()[page] - 1, index), at_ps, 2000, true);
}

static uint64_t twin_machine(uint64_t va, uint64_t at_ps)
{
    uint32_t page = (uint32_t)((va - SPACE_VA) >> 12);
    bool set = !twin.accessed[page]; /* told before the walk, which may go through the page itself */
    bool pde = list_find(&twin.upper[0], va >> 21) >= 0;
    bool pdpte = !pde && list_find(&twin.upper[1], va >> 30) >= 0;
    bool pml4e = !pde && !pdpte && list_find(&twin.upper[2], va >> 39) >= 0;

    twin.accessed[page] = true;
    if (!pde && !pdpte && !pml4e) {
        at_ps = twin_machine_entry(0, 0, at_ps);
    }
    if (!pde && !pdpte) {
        at_ps = twin_machine_entry(1, va >> 30, at_ps);
        twin_upper(2, 1, va >> 39);
    }
    if (!pde) {
        at_ps = twin_machine_entry(2, va >> 21, at_ps);
        twin_upper(1, 2, va >> 30);
    }
    twin_upper(0, 3, va >> 21);
    at_ps = twin_machine_entry(3 + page / 512, page, at_ps);
    return twin_machine_page(page, set, at_ps);
}

/* An entry of a page table, which lies at a guest-physical address. */
static uint64_t twin_entry(uint64_t table, uint64_t index, uint64_t at_ps)
{
    twin.walk_loads++;
    return twin_line(entry_line(table, index), twin_nested(table, at_ps), 2000, true);
}

/* A walk by the kernel's own tables, for a page or a large one in `frame`; from `at_ps` on. */
static uint64_t twin_native(uint64_t va, bool large, uint64_t frame, uint64_t at_ps)
{
    bool direct = va >= DIRECT_VA;
    bool pde = !large && list_find(&twin.upper[0], va >> 21) >= 0;
    bool pdpte = !pde && list_find(&twin.upper[1], va >> 30) >= 0;
    bool pml4e = !pde && !pdpte && list_find(&twin.upper[2], va >> 39) >= 0;
    if (!pde && !pdpte && !pml4e) {
        at_ps = twin_entry(TABLE_FRAME, va >> 39, at_ps);
    }
    if (!pde && !pdpte) {
        at_ps = twin_entry(direct ? TABLE_FRAME + 3 : TABLE_FRAME + 1, va >> 30, at_ps);
        twin_upper(2, 1, va >> 39);
    }
    if (!pde && !large) {
        at_ps = twin_entry(TABLE_FRAME + 2, va >> 21, at_ps);
    }
    if (!pde) {
        twin_upper(1, 2, va >> 30);
    }
    if (direct) {
        return twin_nested(frame, twin_entry(TABLE_FRAME + 4, va >> 21, at_ps));
    }
    uint64_t page = (va - SPACE_VA) >> 12;
    if (large) {
        page -= page % 512;
        at_ps = twin_entry(TABLE_FRAME + 2, va >> 21, at_ps);
    } else {
        twin_upper(0, 3, va >> 21);
        at_ps = twin_entry(leaf_table((uint32_t)(page / 512)), page, at_ps);
    }
    at_ps = twin_nested(frame, at_ps);
    if (!twin.accessed[page]) {
        twin.accessed[page] = true;
        twin.sets++;
        at_ps += 105000;
    }
    return at_ps;
}

/* When the translation of `va`, a page or a large one in `frame`, is known. */
static uint64_t twin_translate(uint64_t va, bool large, uint64_t frame)
{
    uint64_t number = va >> (large ? 21 : 12), tag = tlb_tag(number, large), victim, begin, at_ps;
    struct list *first = &twin.tlb[0][number % 4], *second = &twin.tlb[1][number % 8];
    uint32_t dirty;
    int at = list_find(first, tag);

    if (at >= 0) {
        list_remove(first, at);
        list_push(first, 4, tag, 0, &victim, &dirty);
        return twin.now;
    }
    begin = twin.now + 3000;
    at = list_find(second, tag);
    if (at >= 0) {
        list_remove(second, at);
    } else {
        begin = later(begin, before(twin.walk, twin.walks, twin.nr_walkers));
        at_ps = begin + 1000;
        at_ps = twin.machine && va < DIRECT_VA ? twin_machine(va, at_ps) : twin_native(va, large, frame, at_ps);
        twin.walk_ps += at_ps - begin;
        twin.walk[twin.walks++] = begin = at_ps;
    }
    list_push(second, 4, tag, 0, &victim, &dirty);
    list_push(first, 4, tag, 0, &victim, &dirty);
    return begin;
}

/* Parts of the space that overlap otherwise than the program, when the test has told them. */
static const struct {
    uint32_t first, pages, mlp;
} parts[] = {{0, 64, 1000}, {64, 4000, 10000}, {5000, 1, 2250}, {0, 8192, 3500}};

static uint32_t twin_mlp(uint64_t va)
{
    uint64_t page = (va - SPACE_VA) >> 12;

    for (size_t i = 0; twin.parts && i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (va < DIRECT_VA && page >= parts[i].first && page < parts[i].first + parts[i].pages) {
            return parts[i].mlp;
        }
    }
    return twin.mlp;
}

static void twin_load(uint64_t va, uint64_t line, bool large)
{
    uint32_t mlp = twin_mlp(va);
    uint64_t ready = twin_translate(va, large, line / 64), misses = twin.fills - twin.walk_misses;
    uint64_t done = twin_line(line, ready, 0, false), youngest = before(twin.retire, twin.retired, 1);
    bool counts = twin.fills - twin.walk_misses > misses || (done == ready && ready > twin.now);

    if (done == twin.now || (done <= youngest && !counts)) {
        return;
    }
    twin.retire[twin.retired++] = later(done, youngest);
    uint64_t until = before(twin.retire, twin.retired, mlp / 1000);
    until -= (until - before(twin.retire, twin.retired, mlp / 1000 + 1)) * (mlp % 1000) / 1000;
    twin.now = later(twin.now, until);
}

static void twin_forget(uint64_t number, bool large)
{
    for (int nr = 0; nr < 2; nr++) {
        struct list *set = &twin.tlb[nr][number % (nr ? 8 : 4)];
        int found = list_find(set, tlb_tag(number, large));
        if (found >= 0) {
            list_remove(set, found);
        }
    }
}

/* 512 pages become one leaf, elsewhere, or it is split where it is. A goes with them, as the guest writes it down. */
static void twin_resize(uint32_t block)
{
    uint8_t *walked = (uint8_t *)region + model.header->walked_offset;
    uint32_t first = block * 512, last = first + 511;
    uint64_t run = ((host_below(2) ? FAST_BASE : SLOW_BASE) >> 12) + 1024 + host_below(20) * 512;
    bool any = false;

    twin.leaf[block] = !twin.leaf[block];
    leaves()[block] = twin.leaf[block] ? MODEL_LEAF_LARGE : leaf_table(block) + 1;
    for (uint32_t page = first; page <= last; page++) {
        any |= twin.accessed[page];
        if (twin.leaf[block]) {
            twin.frame[page] = run + page - first;
        }
        frames()[page] = twin.leaf[block] ? 0 : (uint32_t)twin.frame[page] + 1;
    }
    frames()[first] = (uint32_t)twin.frame[first] + 1; /* of a leaf, the first one is all that there is */
    for (uint32_t page = first; page <= last; page++) {
        twin.accessed[page] = any && (page == first || !twin.leaf[block]);
        walked[page] = twin.accessed[page] ? WALKED_SET : 0;
    }
    RING(flush_page, page_va(first + host_below(512)));
}

/* What a tracker does to a page's entry; of a leaf, the entry of level 2. The table of level 1 then means nothing. */
static void twin_clear(uint32_t page, bool machine)
{
    bool own = machine && host_below(2); /* of the machine's tables, or of those that map its memory */
    uint64_t table = own ? frames()[MACHINE_TABLES + 3 + page / 512] - 1 : leaf_table(page / 512);

    model_locked(DIRECT_VA + table * 4096 + page % 512 * 8);
    if (twin.leaf[page / 512]) {
        page -= page % 512;
        if (host_below(2)) {
            return;
        }
        model_locked(DIRECT_VA + (TABLE_FRAME + 2) * 4096ull + page / 512 * 8);
    } else if (!machine) {
        model_locked(DIRECT_VA + (TABLE_FRAME + 2) * 4096ull + page / 512 * 8); /* the entry above: no leaf */
    }
    twin.accessed[page] = false;
}

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
        twin_load(va, line, large || twin.leaf[page / 512]);
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
    host_case("model.leaf_sizes");
    test_leaf_sizes();
    host_case("model.machine_constant");
    test_machine_constant();
    host_case("model.dirty_bits");
    test_dirty();
    free(region);
    return host_done();
}
