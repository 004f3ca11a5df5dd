/* sources: tests/host/host.c */
/* adversary: the clock's edges at any op, what each pattern touches, and that the verifier notices what is wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/host.h"
#include "workloads/adversary.c"

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

static const char *const names[] = {"moving", "pingpong", "spread", "writeburst", "justbefore"};

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
                read_sum++;
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

int main(void)
{
    edges_anywhere();
    bounds();
    free(memory);
    return host_done();
}
