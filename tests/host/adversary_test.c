/* sources: tests/host/host.c workloads/adversary/critical.c */
/* adversary: the clock's edges at any op, what each pattern touches, and that the verifier notices what is wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/host.h"
#include "workloads/adversary/adversary.c"

static u8 *memory;
static u64 clock_ps;

bool key_given(const void *variable)
{
    (void)variable;
    return false;
}

u64 workload_size(void)
{
    return 0;
}

void *workload_alloc(size_t size)
{
    static u64 log[MAX_EDGES];

    CHECK(size <= sizeof(log));
    return log;
}

void *arena_base(void)
{
    return memory;
}

void *arena_direct(u64 offset)
{
    return memory + offset;
}

void arena_populate(u32 page)
{
    CHECK(page < nr_pages);
}

u64 workload_now_ps(void)
{
    return clock_ps;
}

void result_u64(const char *key, u64 value)
{
    (void)key, (void)value;
}

void result_text(const char *key, const char *value)
{
    (void)key, (void)value;
}

static void start(const char *name)
{
    pattern_name = name;
    bytes = 16 * MIB;
    fast = 2 * MIB;
    free(memory);
    memory = calloc(adversary_pages(), PAGE_SIZE);
    adversary_setup(1, 0);
}

static const char *const names[] = {"moving", "pingpong", "spread", "writeburst", "justbefore", "critical"};

static void edges_anywhere(void)
{
    u64 still, checksum;

    for (unsigned n = 0; n < ARRAY_SIZE(names); n++) {
        host_case("adversary.edges");
        start(names[n]);
        adversary_run(20000);
        CHECK(adversary_verify(&still));
        for (unsigned fault = 0; fault < 4; fault++) {
            start(names[n]);
            for (u32 i = 0; i < 200; i++) {
                adversary_run(100);
                if (i % 3 == 0 && by_clock())
                    adversary_expired(next_edge_ps);
            }
            CHECK_EQ(by_clock() ? 67 : 0, now.edges);
            if (fault == 1)
                ((u64 *)memory)[77]++;
            if (fault == 2)
                (*(pattern == CRITICAL ? &critical.read_sum : &read_sum))++;
            if (fault == 3 && by_clock())
                edges[0] += 50; /* not when it was */
            CHECK_EQ(!fault || (fault == 3 && !by_clock()), adversary_verify(&checksum));
            CHECK(fault == 1 || checksum == still);
        }
    }
}

static u32 *visits(u64 ops, struct draw *d)
{
    static u32 count[4096 + 1];
    bool write;
    u64 value;

    memset(count, 0, sizeof(count));
    while (ops--)
        count[draw_word(d, &value, &write) / WORDS_PER_PAGE]++;
    return count;
}

static void bounds(void)
{
    struct draw d;
    u32 *count, hot = 0, all = 0;

    host_case("adversary.pingpong");
    start("pingpong");
    CHECK_EQ(513, nr_pages);
    d = now;
    count = visits(513 * 7, &d);
    for (u32 page = 0; page < nr_pages; page++)
        CHECK_EQ(7, count[page]);

    host_case("adversary.spread");
    start("spread");
    d = now;
    count = visits(1000000, &d);
    for (u32 large = 0; large < 8; large++) {
        u32 sum = 0;
        for (u32 i = 0; i < 512; i++)
            sum += count[large * 512 + i];
        CHECK(sum > 123000 && sum < 127000); /* 125000, standard deviation 331 */
    }
    for (u32 page = 0; page < nr_pages; page++)
        hot += adversary_declared(page) ? count[page] : 0;
    CHECK(hot > 898500 && hot < 901500); /* 900000, standard deviation 300 */

    host_case("adversary.critical");
    start("critical");
    CHECK_EQ(2, nr_groups);
    struct mlp_part part;
    u32 chased = 0, before = UINT32_MAX;
    for (unsigned n = 0; n < 2; n++) {
        CHECK(adversary_overlap(n, &part));
        CHECK_EQ(n * nr_pages / 2, part.first_page);
        CHECK_EQ(nr_pages / 2, part.nr_pages);
        CHECK_EQ(n ? 10000 : 1000, part.mlp);
    }
    CHECK(!adversary_overlap(2, &part));
    struct critical_draw c = critical.now;
    for (u32 i = 0; i < 400000; i++) {
        struct critical_draw other = c;
        bool chases;
        other.chased = 1u << 31;
        u64 word = critical_word(&critical, &c, &chases);
        CHECK(word / WORDS_PER_PAGE < nr_pages);
        CHECK_EQ(chases, word / WORDS_PER_PAGE < nr_pages / 2);
        /* Where a chain goes depends on what was read. */
        CHECK_EQ(!chases, critical_word(&critical, &other, &chases) == word);
        if (!chases) {
            u32 line = (u32)(word / 8);
            CHECK(before == UINT32_MAX || line == before + 1 || line == nr_pages * 32);
            before = line;
        }
        chased += chases;
    }
    CHECK(chased > 98600 && chased < 101400); /* 100000, standard deviation 274 */
    start("moving");
    CHECK(!adversary_overlap(0, &part));

    host_case("adversary.moving");
    start("moving");
    d = now;
    CHECK_EQ(16, nr_groups);
    for (u32 window = 0; window < 40; window++) {
        count = visits(20000, &d);
        for (u32 page = 0; page < nr_pages; page++)
            CHECK_EQ(page % 16 == window % 16, count[page] > 0); /* so no page of the 15 windows before */
        follow_edge(&d);
    }

    host_case("adversary.writeburst");
    start("writeburst");
    d = now;
    follow_edge(&d);
    for (u32 i = 0, line = 0; i < 20000; i++) {
        bool write;
        u64 value, word = draw_word(&d, &value, &write);
        CHECK_EQ(write ? 0 : 1, word / WORDS_PER_PAGE % nr_groups);
        if (write) {
            CHECK_EQ(line / 64 % group_pages * nr_groups, word / WORDS_PER_PAGE);
            CHECK_EQ(line % 64, word % WORDS_PER_PAGE / 8);
            line++;
        }
    }

    host_case("adversary.justbefore");
    start("justbefore");
    d = now;
    count = visits(10000, &d);
    for (u32 page = 0; page < nr_pages; page++)
        CHECK(page % nr_groups == 0 || !count[page]);
    follow_edge(&d);
    count = visits(512, &d);
    for (u32 page = 0; page < nr_pages; page++) {
        CHECK(count[page] <= 1 && (!count[page] || (page % nr_groups - 1) < 2));
        all += count[page];
    }
    CHECK_EQ(512, all);
    count = visits(1000, &d);
    for (u32 page = 0; page < nr_pages; page++)
        CHECK(page % nr_groups == 0 || !count[page]);
}

/* How many of `ops` go to pages that `placed` marks. */
static u64 hits_of(const u8 *placed, u64 ops, struct draw *d)
{
    u64 value, hits = 0;
    bool write;

    while (ops--)
        hits += placed[draw_word(d, &value, &write) / WORDS_PER_PAGE];
    return hits;
}

/* With 512 frames: what placements hit that are best, or that go by what was seen before (docs/workloads.md). */
static void best_and_worst(void)
{
    static u8 placed[4096 + 1];
    static u64 used[4096 + 1];
    u64 value, hits = 0;
    bool write;
    struct draw d;

    host_case("adversary.pingpong_hits");
    start("pingpong");
    d = now;
    memset(placed, 1, 512), placed[512] = 0;
    CHECK_EQ(512 * 20, hits_of(placed, 513 * 20, &d)); /* never moving */
    d = now;
    for (u64 i = 1; i <= 513 * 4; i++) { /* the least recently used page makes room */
        u32 page = (u32)(draw_word(&d, &value, &write) / WORDS_PER_PAGE), resident = 0, oldest = 0;
        for (u32 p = 0; p < 513; p++) {
            resident += used[p] > 0;
            oldest = used[p] && (!used[oldest] || used[p] < used[oldest]) ? p : oldest;
        }
        hits += used[page] > 0;
        if (!used[page] && resident == 512)
            used[oldest] = 0;
        used[page] = i;
    }
    CHECK_EQ(0, hits);

    host_case("adversary.spread_hits");
    start("spread");
    d = now;
    memset(placed, 0, sizeof(placed));
    for (u32 page = 0, left = 512 - 128; page < 4096; page++) {
        placed[page] = page % nr_groups == 0 || left > 0;
        left -= page % nr_groups && left;
    }
    hits = hits_of(placed, 1000000, &d);
    CHECK(hits > 908242 && hits < 911113); /* 0.9 + 0.1 x 384/3968 of them, standard deviation 287 */
    memset(placed, 0, sizeof(placed));
    memset(placed + 1024, 1, 512); /* a whole 2 MiB */
    hits = hits_of(placed, 1000000, &d);
    CHECK(hits > 123345 && hits < 126655); /* an eighth, standard deviation 331 */

    host_case("adversary.writeburst_hits");
    start("writeburst");
    d = now;
    for (u32 heated = 0; heated < 8; heated++) { /* a group is placed when it has been heated */
        memset(placed, 0, sizeof(placed));
        for (u32 page = heated; page < nr_pages; page += nr_groups)
            placed[page] = 1;
        follow_edge(&d);
        hits = hits_of(placed, 20000, &d);
        CHECK(hits > 9647 && hits < 10353); /* the writes: half, standard deviation 71 */
    }

    host_case("adversary.justbefore_hits");
    start("justbefore");
    d = now;
    memset(placed, 0, sizeof(placed));
    for (u32 page = 0; page < nr_pages; page += nr_groups)
        placed[page] = placed[page + 1] = 1; /* the hot set, and one of the two groups that are touched */
    for (u32 window = 0; window < 5; window++) {
        CHECK_EQ(3000, hits_of(placed, 3000, &d));
        follow_edge(&d);
        CHECK_EQ(256, hits_of(placed, 512, &d));
    }
}

/* When edges come, in modelled us: at the end of so many windows, justbefore's some time before it, and anew when the
 * measured phase begins. */
static void schedule(void)
{
    static const struct {
        const char *name;
        u64 every, first, then;
    } wanted[] = {{"moving", 5, 1000, 1000},
                  {"writeburst", 5, 8000, 8000},
                  {"justbefore", 1, 900, 1000},
                  {"justbefore", 5, 4900, 5000}};

    host_case("adversary.schedule");
    window_us = 1000, lead_us = 100;
    for (unsigned i = 0; i < ARRAY_SIZE(wanted); i++) {
        every = wanted[i].every;
        start(wanted[i].name);
        for (u64 from = 0; from <= 70000; from += 70000) {
            u64 at = (from + wanted[i].first) * 1000000;
            u32 before = due_edges;
            CHECK_EQ(at, adversary_deadline_ps());
            adversary_expired(at - 1);
            CHECK_EQ(before, due_edges);
            adversary_expired(at);
            CHECK_EQ(before + 1, due_edges);
            adversary_expired(at + 2 * wanted[i].then * 1000000); /* late: two at once */
            CHECK_EQ(before + 3, due_edges);
            CHECK_EQ(at + 3 * wanted[i].then * 1000000, adversary_deadline_ps());
            clock_ps = 70000ull * 1000000;
            adversary_measured();
        }
    }
}

int main(void)
{
    edges_anywhere();
    bounds();
    best_and_worst();
    schedule();
    free(memory);
    return host_done();
}
