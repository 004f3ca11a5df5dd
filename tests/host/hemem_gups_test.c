/* sources: tests/host/host.c workloads/gups/hemem_gups_rand.c */
/*
 * HeMem's GUPS: its generator beside glibc's own rand() and by the algebra of its map, its shares in closed form, the
 * shifting hot set, and a verifier that notices what is wrong.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/host/host.h"
#include "workloads/gups/hemem_gups.c"

/* --- a laboratory with nothing but an arena ----------------------------------------------------------------------- */

static u8 *arena;
static u64 populated, size_asked, now_ps, micro_gups;
static const void *given[4];

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
    memset(arena + page * PAGE_SIZE, 0, PAGE_SIZE);
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
    for (unsigned i = 0; i < ARRAY_SIZE(given); i++)
        if (given[i] == variable)
            return true;
    return false;
}

void result_u64(const char *key, u64 value)
{
    if (!strcmp(key, "micro_gups"))
        micro_gups = value;
}

void result_ratio(const char *key, s64 numerator, u64 denominator)
{
    (void)key, (void)numerator, (void)denominator;
}

static void begin(u64 seed, const char *which)
{
    generator = which;
    free(arena);
    arena = malloc(hemem_gups_pages() * PAGE_SIZE);
    memset(arena, 0x5a, hemem_gups_pages() * PAGE_SIZE);
    populated = 0;
    hemem_gups_setup(seed, 0);
    CHECK_EQ(hemem_gups_pages(), populated);
}

static void defaults(void)
{
    region = MIB, threads = 16, element_bytes = 8, move_ms = 0, max_moves = 1, size_asked = 0;
    memset(given, 0, sizeof(given));
}

/* --- the generator ------------------------------------------------------------------------------------------------ */

static void seeding(void)
{
    host_case("hemem_gups.first_rand_is_that_of_glibc");
    CHECK_EQ(1804289383, glibc_first_rand(1)); /* well known: the first number of a program that does not seed */
    CHECK_EQ(1804289383, glibc_first_rand(0));
    CHECK_EQ(1505335290, glibc_first_rand(2));
    CHECK_EQ(71876166, glibc_first_rand(42));
#ifdef __GLIBC__
    for (u32 i = 0; i < 20000; i++) {
        u32 seed = i < 200 ? i : i < 400 ? 200 - i : (u32)host_random();
        srand(seed);
        CHECK_EQ(rand(), glibc_first_rand(seed));
    }
#endif
}

/* A linear map by its images of the 64 unit words. */
struct map {
    u64 image[64];
};

static u64 apply(const struct map *m, u64 word)
{
    u64 result = 0;

    for (int bit = 0; bit < 64; bit++)
        result ^= word >> bit & 1 ? m->image[bit] : 0;
    return result;
}

static struct map power(u64 n)
{
    struct map square, result, next;

    for (int bit = 0; bit < 64; bit++) {
        result.image[bit] = 1ull << bit;
        square.image[bit] = hemem_next(1ull << bit);
    }
    for (; n; n >>= 1) {
        for (int bit = 0; bit < 64; bit++) {
            if (n & 1)
                result.image[bit] = apply(&square, result.image[bit]);
            next.image[bit] = apply(&square, square.image[bit]);
        }
        square = next;
    }
    return result;
}

static bool is_identity(const struct map *m)
{
    bool same = true;

    for (int bit = 0; bit < 64; bit++)
        same = same && m->image[bit] == 1ull << bit;
    return same;
}

static void order(void)
{
    static const u64 primes[] = {3, 5, 17, 29, 31, 43, 113, 127, 601, 1801};
    struct map m = power(HEMEM_ORDER);
    u64 product = 1, word = 0x123456789abcdef;

    host_case("hemem_gups.power_is_many_steps");
    m = power(1000);
    for (int i = 0; i < 1000; i++)
        word = hemem_next(word);
    CHECK_EQ(word, apply(&m, 0x123456789abcdef));

    host_case("hemem_gups.order_is_minimal");
    m = power(HEMEM_ORDER);
    CHECK(is_identity(&m));
    for (unsigned i = 0; i < ARRAY_SIZE(primes); i++) {
        product *= primes[i];
        m = power(HEMEM_ORDER / primes[i]);
        CHECK(!is_identity(&m));
        for (u32 t = 0; t < 16; t++) /* the threads' own sequences are as long, but one: a 17th */
            CHECK_EQ(t == 13 && primes[i] == 17, apply(&m, glibc_first_rand(t)) == glibc_first_rand(t));
    }
    CHECK_EQ(HEMEM_ORDER, product);
    CHECK_EQ(HEMEM_ORDER, 255ull * ((1ull << 25) - 1) * (((1ull << 28) - 1) / 15));
}

/* --- what is drawn ------------------------------------------------------------------------------------------------ */

static void near(u64 want_ppm, u64 part, u64 whole, u64 tolerance_ppm)
{
    u64 got = part * 1000000 / whole;

    if (got + tolerance_ppm < want_ppm || got > want_ppm + tolerance_ppm)
        host_fail(__FILE__, __LINE__, "want=%llu got=%llu ppm", (unsigned long long)want_ppm, (unsigned long long)got);
}

/* 4 M draws: three standard deviations of a share of 0.9 are 450 ppm. */
static void shares(void)
{
    enum { DRAWS = 4000000 };
    static const char *const generators[] = {"exact", "clean"};
    const struct slice s = {.elements = 1 << 20, .hot = 1 << 15};

    for (int clean = 0; clean < 2; clean++) {
        u64 random = clean ? 1 : glibc_first_rand(1), coin, hot = 0, cold = 0, residue[4] = {0};
        host_case(clean ? "hemem_gups.clean_draws" : "hemem_gups.exact_draws");
        CHECK(!strcmp(generators[clean], clean ? "clean" : "exact"));
        for (u32 i = 0; i < DRAWS; i++) {
            const struct window w = {.far = s.elements, .near = s.elements}; /* sets the hot draws apart */
            coin = draw(&random, !clean, &s, &w);
            if (coin < s.elements) {
                cold++;
                residue[coin & 3]++;
                hot += coin < s.hot;
            } else {
                CHECK(coin - s.elements < s.hot);
                hot++;
            }
        }
        near(100000, cold, DRAWS, 600);
        near(903125, hot, DRAWS, 600); /* 0.9 + 0.1 / 32: HeMem's 16 GB of 512 GB */
        for (int r = 0; r < 4; r++)
            near(clean ? 250000 : r < 2 ? 200000 : 300000, residue[r], cold, 2500);
    }
}

/* The first updates of thread 2, by hand: coin and index are of the same word. */
static void by_hand(void)
{
    u64 word = 1505335290, *slice_2, hash;

    host_case("hemem_gups.updates_by_hand");
    defaults();
    begin(1, "exact");
    for (int i = 0; i < 16 * 5000; i++)
        hemem_gups_run(1);
    slice_2 = (u64 *)(arena + 2 * 64 * KIB);
    for (u64 i = 0; i < 5000; i++) {
        word ^= word >> 7;
        word ^= word << 9;
        word ^= word >> 13;
        slice_2[word % 100 < 90 ? word % 256 : word % 8192] -= i;
    }
    for (u64 i = 0; i < 8192; i++)
        CHECK_EQ(0, slice_2[i]);
    CHECK(!memcmp(arena, arena + 64 * KIB, 64 * KIB)); /* threads 0 and 1: srand(0) is srand(1) */
    CHECK(!hemem_gups_verify(&hash));                  /* since slice 2 has been taken back here */
}

/* --- the whole program -------------------------------------------------------------------------------------------- */

static void shifting(void)
{
    u64 hash[4];

    host_case("hemem_gups.shift_moves_a_quarter");
    defaults();
    region = 16 * MIB; /* slices of 256 pages, hot parts of 8 */
    for (u32 moves = 0; moves < 4; moves++) {
        move_ms = moves ? 20 : 0, max_moves = MAX(moves, 1);
        begin(1, "exact");
        CHECK_EQ(16 * 8, hemem_gups_nr_declared());
        hemem_gups_run(50000);
        CHECK_EQ(moves ? 20000000000 : UINT64_MAX, hemem_gups_deadline_ps());
        if (moves)
            hemem_gups_expired(20000000000 * moves);
        CHECK_EQ(UINT64_MAX, hemem_gups_deadline_ps());
        CHECK_EQ(16 * 8, hemem_gups_nr_declared());
        for (u32 page = 0; page < 300; page++) /* 300: of the first slice and the second */
            CHECK_EQ(page % 256 >= 2 * moves && page % 256 < 2 * moves + 8, hemem_gups_declared(page));
        hemem_gups_run(50001);
        CHECK_EQ(moves, shifts);
        CHECK(!moves || at[0] == 50000);
        CHECK(hemem_gups_verify(&hash[moves]));
        near(903125, hot_updates, op, 5000);
        CHECK_EQ(hash[0], hash[moves]);
    }
    /* As in the artifact: after one shift the first quarter's draws go to the quarter behind the end. */
    for (u64 i = 0; i < 100000; i++) {
        u64 random = i * 0x9e3779b97f4a7c15 + 1, again = random;
        struct window none = window_after(0), one = window_after(1);
        u64 before = draw(&random, true, &slice, &none), after = draw(&again, true, &slice, &one);
        bool is_hot = random % 100 < 90;
        CHECK_EQ(before + (is_hot && before < slice.hot / 4 ? slice.hot : 0), after);
    }
}

/* Any element size, number of threads and generator, in any slices; the same keys and seed give the same answer. */
static void any_parameters(void)
{
    host_case("hemem_gups.any_parameters_verify");
    for (u32 round = 0; round < 60; round++) {
        u64 hash[3];
        const char *which = round & 1 ? "exact" : "clean";
        defaults();
        region = 1 * MIB + host_below(256) * PAGE_SIZE;
        threads = 1 + host_below(64);
        element_bytes = 8u << host_below(4);
        for (int run = 0; run < 3; run++) {
            begin(round + run / 2, which);
            for (u64 left = 20000; left;) {
                u64 part = 1 + host_below((u32)left);
                hemem_gups_run(part);
                left -= part;
            }
            CHECK(hemem_gups_verify(&hash[run]));
        }
        CHECK_EQ(hash[0], hash[1]);
        CHECK(hash[1] != hash[2]);
    }
}

static void uniform(void)
{
    u64 hash, low = 0;

    host_case("hemem_gups.hot_region_is_uniform");
    defaults();
    hot_bytes = region, given[0] = &hot_bytes;
    begin(1, "exact");
    hemem_gups_run(400000);
    CHECK_EQ(256, hemem_gups_nr_declared());
    for (u64 i = 0; i < 8192; i++) /* of thread 0: its half holds half of its sum */
        low += i < 4096 ? ((u64 *)arena)[i] : 0;
    near(500000, low, 25000ull * 24999 / 2, 20000);
    CHECK(hemem_gups_verify(&hash));
    CHECK_EQ(op, hot_updates);
}

/* A wrong word, an update lost, a shift noted in the wrong place, one word of a large element. */
static void wrong(void)
{
    u64 hash;

    host_case("hemem_gups.every_wrong_answer_is_noticed");
    defaults();
    region = 2 * MIB;
    for (int which = 0; which < 200; which++) {
        begin(1, which & 1 ? "exact" : "clean");
        hemem_gups_run(1000);
        ((u64 *)arena)[host_below(2 * MIB / 8)] += 1 + host_below(5);
        CHECK(!hemem_gups_verify(&hash));
    }
    begin(1, "exact");
    hemem_gups_run(1000);
    op++;
    CHECK(!hemem_gups_verify(&hash));
    move_ms = 1;
    begin(1, "exact");
    hemem_gups_run(50000);
    hemem_gups_expired(1000000000);
    hemem_gups_run(50000);
    at[0] += 1000;
    CHECK(!hemem_gups_verify(&hash));
    element_bytes = 64;
    begin(1, "exact");
    hemem_gups_run(1000);
    ((u64 *)arena)[8 * 77 + 5] ^= 1; /* undone, it would never be looked at */
    CHECK(!hemem_gups_verify(&hash));
}

static void parameters(void)
{
    host_case("hemem_gups.parameters");
    defaults();
    size_asked = 64 * MIB;
    CHECK_EQ(64 * MIB / PAGE_SIZE, hemem_gups_pages());
    CHECK_EQ(2 * MIB, hot_bytes);
    given[0] = &region;
    REFUSES(hemem_gups_pages());
    defaults();
    element_bytes = 24;
    REFUSES(hemem_gups_pages());
    defaults();
    region = 64 * KIB, threads = 17;
    REFUSES(hemem_gups_pages());
    defaults();
    move_ms = 1, given[0] = &hot_bytes, hot_bytes = region;
    REFUSES(hemem_gups_pages());
    hot_bytes = region * 2;
    REFUSES(hemem_gups_pages());
    hot_bytes = region * 4 / 5;
    CHECK_EQ(256, hemem_gups_pages()); /* one quarter more fits exactly */

    host_case("hemem_gups.rate");
    defaults();
    begin(1, "exact");
    now_ps = 5000000;
    hemem_gups_run(400);
    hemem_gups_measured();
    hemem_gups_run(600);
    now_ps += 12000000; /* 600 updates in 12 us */
    hemem_gups_report();
    CHECK_EQ(50000, micro_gups);
}

int main(void)
{
    seeding();
    order();
    shares();
    by_hand();
    shifting();
    any_parameters();
    uniform();
    wrong();
    parameters();
    free(arena);
    return host_done();
}
