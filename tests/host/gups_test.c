/* sources: tests/host/host.c workloads/gups/sequence.c */
/*
 * RandomAccess: both sequences at known steps, the period of the original, and tables after one full run, by the
 * workload's own code. The tables' fingerprints are those of an independent implementation that agrees with the HPC
 * Challenge's; nothing in them depends on the streams.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/host/host.h"
#include "workloads/gups/gups.c"

/* --- a laboratory with nothing but an arena ----------------------------------------------------------------------- */

static u8 *arena;
static u64 populated, size_asked, now_ps;
static bool log2_given;

void *arena_base(void)
{
    return arena;
}

void *arena_direct(u64 offset)
{
    return arena + offset;
}

void arena_populate(u32 page)
{
    CHECK_EQ(populated, page);
    populated++;
}

u64 workload_size(void)
{
    return size_asked;
}

u64 workload_now_ps(void)
{
    return now_ps;
}

bool key_given(const void *variable)
{
    return variable == &log2_words && log2_given;
}

static u64 micro_gups, words_changed;

void result_u64(const char *key, u64 value)
{
    *(strcmp(key, "micro_gups") ? &words_changed : &micro_gups) = value;
}

/* Sets the program up in an arena of just its size; what it held before is of no matter. */
static void begin(u64 seed, u64 log2, const char *which, u64 streams, u64 total_ops)
{
    log2_words = log2, sequence = which, nr_streams = streams;
    free(arena);
    arena = malloc(gups_pages() * PAGE_SIZE);
    memset(arena, 0x5a, gups_pages() * PAGE_SIZE);
    populated = 0;
    gups_setup(seed, total_ops);
    CHECK_EQ(gups_pages(), populated);
}

/* --- the sequences ------------------------------------------------------------------------------------------------ */

static void steps(void)
{
    u64 shift = 1, lcg = 1;

    host_case("gups.shift_steps");
    CHECK_EQ(1, gups_shift_at(0));
    CHECK_EQ(0x7, gups_shift_at(64));
    CHECK_EQ(0x7000000000, gups_shift_at(100));
    CHECK_EQ(0xb6b6db0000000103, gups_shift_at(1000));
    CHECK_EQ(0xc0de85b06ad60981, gups_shift_at(1000000));
    CHECK_EQ(0x103, gups_shift_at(1ull << 32));
    CHECK_EQ(0xe9f96cd865f50b1c, gups_shift_at(1000000000000));
    CHECK_EQ(0x13, gups_shift_at(4ull << 10));
    CHECK_EQ(0x117, gups_shift_at(4ull << 16));

    host_case("gups.lcg_steps");
    CHECK_EQ(1, gups_lcg_at(0));
    CHECK_EQ(0x5851f42d4c957f2e, gups_lcg_at(1));
    CHECK_EQ(0x6c0356a743cf3fcf, gups_lcg_at(10));
    CHECK_EQ(0x2d5aa01dbbf77019, gups_lcg_at(1000));
    CHECK_EQ(0x62e6ad454cf00001, gups_lcg_at(1 << 20));

    host_case("gups.jump_is_many_steps");
    for (u64 n = 0; n < 3000; n++) {
        CHECK_EQ(shift, gups_shift_at(n));
        CHECK_EQ(lcg, gups_lcg_at(n));
        shift = gups_shift_next(shift);
        lcg = gups_lcg_next(lcg);
    }
}

static void period(void)
{
    static const u64 primes[] = {7, 73, 127, 337, 92737, 649657};
    u64 product = 1;

    host_case("gups.period_is_minimal");
    CHECK_EQ(1, gups_shift_at(GUPS_SHIFT_PERIOD));
    for (unsigned i = 0; i < ARRAY_SIZE(primes); i++) {
        product *= primes[i];
        CHECK(gups_shift_at(GUPS_SHIFT_PERIOD / primes[i]) != 1);
    }
    CHECK_EQ(GUPS_SHIFT_PERIOD, product);
    host_case("gups.lcg_has_the_full_period");
    CHECK_EQ(0x8000000000000001, gups_lcg_at(1ull << 63)); /* half way only the top bit differs */
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

struct table {
    u64 log2;
    const char *which;
    u64 changed, hash, sum; /* sum 0: not known */
};

static const struct table tables[] = {
    {10, "shift", 363, 0x1b7a7b73f06fbdf6, 0xac384cb84247d355},
    {10, "lcg", 1004, 0xf38222fa42d14b67, 0},
    {16, "shift", 59602, 0xc2f074ea2726675e, 0xe8954eb03f1991ab},
    {16, "lcg", 64346, 0x804f1ca5e795ba8f, 0},
};

static void full_run(const struct table *t, u64 streams)
{
    u64 updates = 4ull << t->log2, hash, table_sum = 0;

    begin(1, t->log2, t->which, streams, updates);
    for (u64 left = updates; left; left -= MIN(left, 1000))
        gups_run(MIN(left, 1000));
    for (u64 i = 0; i < 1ull << t->log2; i++)
        table_sum += ((u64 *)arena)[i];
    CHECK(gups_verify(&hash));
    CHECK_EQ(t->hash, hash);
    CHECK_EQ(t->changed, changed);
    CHECK(!t->sum || t->sum == table_sum);
}

static void known_tables(void)
{
    static const u64 streams[] = {1, 2, 3, 7, 100, 127, 128};

    host_case("gups.tables_after_a_full_run");
    for (unsigned i = 0; i < ARRAY_SIZE(tables); i++)
        for (unsigned j = 0; j < ARRAY_SIZE(streams); j++)
            full_run(&tables[i], streams[j]);
}

/* Whatever has been done so far verifies, and each stream's place is what a jump says. */
static void partial(void)
{
    u64 hash;

    host_case("gups.any_part_verifies");
    for (u64 updates = 0; updates < 300; updates += 1 + host_below(7)) {
        begin(1, 9, host_below(2) ? "shift" : "lcg", 1 + host_below(128), 300 + host_below(100));
        for (u64 i = 0; i < updates; i++)
            gups_run(1);
        CHECK(gups_verify(&hash));
    }
}

static void seeds(void)
{
    u64 hash[3];

    host_case("gups.seed_chooses_the_start");
    for (u64 i = 0; i < 3; i++) {
        begin(i < 2 ? 2 : 3, 10, "shift", 128, 4096);
        gups_run(4096);
        CHECK(gups_verify(&hash[i]));
        CHECK(changed > 980); /* far from the sparse start: 98 % */
    }
    CHECK_EQ(hash[0], hash[1]);
    CHECK(hash[1] != hash[2] && hash[1] != tables[0].hash);
}

/* The verifier: one word that is wrong, an update lost, one done twice, a stream that starts a step late. */
static void wrong(void)
{
    u64 hash;

    host_case("gups.every_wrong_table_is_noticed");
    for (u64 word = 0; word < 512; word++) {
        begin(1, 9, "lcg", 128, 2048);
        gups_run(2048);
        ((u64 *)arena)[word] ^= 1ull << host_below(64);
        CHECK(!gups_verify(&hash));
    }
    for (u64 which = 0; which < 3; which++) {
        begin(1, 9, "shift", 16, 2048);
        gups_run(1000);
        done += which == 0;
        done -= which == 1;
        if (which == 2)
            stream[5] = gups_shift_next(stream[5]);
        gups_run(1000);
        CHECK(!gups_verify(&hash));
    }
}

static void parameters(void)
{
    host_case("gups.size");
    size_asked = 64 * MIB;
    CHECK_EQ(64 * MIB / PAGE_SIZE, gups_pages());
    size_asked = 64 * MIB - PAGE_SIZE;
    CHECK_EQ(32 * MIB / PAGE_SIZE, gups_pages());
    size_asked = 2 * GIB;
    CHECK_EQ(2 * GIB / PAGE_SIZE, gups_pages());
    CHECK_EQ(28, log2_words);
    log2_given = true;
    REFUSES(gups_pages());
    size_asked = 0, log2_words = 9;
    CHECK_EQ(1, gups_pages());

    host_case("gups.rate");
    begin(1, 9, "shift", 128, 1000);
    now_ps = 5000000;
    gups_run(400);
    gups_measured();
    gups_run(600);
    now_ps += 12000000; /* 600 updates in 12 us */
    gups_report();
    CHECK_EQ(50000, micro_gups);
}

int main(void)
{
    steps();
    period();
    known_tables();
    partial();
    seeds();
    wrong();
    parameters();
    free(arena);
    return host_done();
}
