/* sources: tests/host/host.c workloads/kv/draw.c workloads/lib/fmath.c lib/string.c */
/* YCSB's draws against published constants, exact shares, and those that its formula implies. */
#include <math.h>

#include "lib/string.h"
#include "tests/host/host.h"
#include "workloads/kv/draw.h"

#define DRAWS 1000000

static bool near(double want, double got, double tolerance)
{
    return fabs(got - want) <= tolerance;
}

static void constants(void)
{
    struct kv_zipf z;
    double sum = 0;

    host_case("kv.zeta");
    kv_zipf_init(&z, KV_SCRAMBLED_RANKS, 0.99);
    CHECK(near(26.469028201751, z.zeta, 1e-10));   /* by Euler-Maclaurin with high precision */
    CHECK(near(26.46902820178302, z.zeta, 1e-10)); /* YCSB's ScrambledZipfianGenerator */
    CHECK(near(1.50347777502836, kv_zeta(2, 0.99), 1e-14));
    CHECK(near(1.50347777502836, z.two, 1e-14));
    CHECK(near(0.2122000338, z.eta, 1e-10));
    CHECK(near(7.728953, kv_zeta(1000, 0.99), 5e-7));
    CHECK(near(10.224361, kv_zeta(10000, 0.99), 5e-7));
    for (u64 k = 1; k <= 5000; k++) {
        sum += pow((double)k, -0.5);
        if (k % 499 == 0)
            CHECK(near(1, kv_zeta(k, 0.5) / sum, 1e-13));
    }

    host_case("kv.fnv");
    CHECK_EQ(6284781860667377211ull, kv_fnv(0));
    CHECK_EQ(8517097267634966620ull, kv_fnv(1));
    CHECK_EQ(1820151046732198393ull, kv_fnv(2));
}

static const struct {
    u32 n;
    double top, exact[3], gray[3]; /* percent; of the top item, the top 1 %, 10 %, 20 % */
} shares[] = {
    {1000, 12.938, {38.25, 68.50, 77.89}, {39.83, 69.57, 78.66}},
    {10000, 9.781, {51.78, 75.59, 82.88}, {52.98, 76.22, 83.32}},
};
static const u32 parts[3] = {100, 10, 5};

/* Percent of the draws that have a rank below n / part, and below 1. */
static void simulate(const struct kv_zipf *z, u64 (*next)(const struct kv_zipf *, u64 *), double share[4])
{
    u64 random = 42, below[4] = {0};

    for (u32 i = 0; i < DRAWS; i++) {
        u64 rank = next(z, &random);
        CHECK(rank < z->n);
        for (int p = 0; p < 3; p++)
            below[p] += rank < z->n / parts[p];
        below[3] += rank == 0;
    }
    for (int p = 0; p < 4; p++)
        share[p] = 100.0 * (double)below[p] / DRAWS;
}

/* Share of the ranks below k by the formula of Gray et al.: the u at which it gives k. */
static double gray_share(const struct kv_zipf *z, double k)
{
    return 100 * (pow(k / (double)z->n, 1 - z->theta) - 1 + z->eta) / z->eta;
}

/* Four standard deviations of a share of DRAWS, in percent. The two tables are 6 to 30 of them apart. */
#define TOLERANCE 0.2

static void zipf_shares(void)
{
    for (u32 i = 0; i < ARRAY_SIZE(shares); i++) {
        struct kv_zipf z;
        double got[4];
        kv_zipf_init(&z, shares[i].n, 0.99);
        host_case(i ? "kv.zipf_exact_10000" : "kv.zipf_exact_1000");
        simulate(&z, kv_zipf_exact, got);
        CHECK(near(shares[i].top, 100 / z.zeta, 0.0005));
        CHECK(near(shares[i].top, got[3], TOLERANCE));
        for (int p = 0; p < 3; p++) {
            CHECK(near(shares[i].exact[p], 100 * kv_zeta(z.n / parts[p], 0.99) / z.zeta, 0.005));
            CHECK(near(shares[i].exact[p], got[p], TOLERANCE));
        }
        host_case(i ? "kv.zipf_gray_10000" : "kv.zipf_gray_1000");
        simulate(&z, kv_zipf_gray, got);
        CHECK(near(shares[i].top, got[3], TOLERANCE)); /* the first rank is exact */
        for (int p = 0; p < 3; p++) {
            CHECK(near(shares[i].gray[p], gray_share(&z, (double)z.n / parts[p]), 0.005));
            CHECK(near(shares[i].gray[p], got[p], TOLERANCE));
        }
    }
}

/* Other exponents and tiny n, rank by rank, against 1 / k^theta. */
static void zipf_ranks(void)
{
    static const double thetas[] = {0.01, 0.5, 0.9, 0.999};

    host_case("kv.zipf_exact_rank_by_rank");
    for (u32 t = 0; t < ARRAY_SIZE(thetas); t++) {
        for (u64 n = 1; n <= 13; n += 4) {
            struct kv_zipf z;
            u64 count[16] = {0}, random = n;
            kv_zipf_init(&z, n, thetas[t]);
            for (u32 i = 0; i < 100000; i++)
                count[kv_zipf_exact(&z, &random)]++;
            for (u64 k = 0; k < n; k++)
                CHECK(near(pow((double)k + 1, -thetas[t]) / z.zeta, (double)count[k] / 100000, 0.007));
        }
    }
    host_case("kv.zipf_gray_of_few");
    for (u64 n = 1; n <= 3; n++) {
        struct kv_zipf z;
        u64 random = 5;
        kv_zipf_init(&z, n, 0.99);
        for (u32 i = 0; i < 10000; i++)
            CHECK(kv_zipf_gray(&z, &random) < n);
    }
}

static void draw_many(struct kv_draw *d, u32 now_present, u32 *counts, u32 n)
{
    memset(counts, 0, n * sizeof(*counts));
    for (u32 i = 0; i < DRAWS; i++) {
        u32 item = kv_draw_item(d, now_present);
        CHECK(item < now_present);
        counts[item]++;
    }
}

static void distributions(void)
{
    enum { N = 10000 };
    static u32 counts[N];
    struct kv_draw d = {.hot = N / 5, .hot_ops = 80};
    u64 hot = 0, sum = 0;

    host_case("kv.scrambled");
    kv_draw_init(&d, KV_SCRAMBLED, N, N, 0.99, 7);
    draw_many(&d, N, counts, N);
    CHECK(near(3.778, 100.0 * counts[kv_fnv(0) % N] / DRAWS, 0.09)); /* + 0.0076 for the share of all others */
    CHECK(near(1.902, 100.0 * counts[kv_fnv(1) % N] / DRAWS, 0.07));

    host_case("kv.hotspot");
    kv_draw_init(&d, KV_HOTSPOT, N, N, 0.99, 7);
    draw_many(&d, N, counts, N);
    for (u32 i = 0; i < N; i++)
        hot += i < N / 5 ? counts[i] : 0;
    CHECK(near(80, 100.0 * (double)hot / DRAWS, 0.2));
    CHECK(counts[0] > 300 && counts[0] < 500 && counts[N - 1] > 5 && counts[N - 1] < 60); /* 400, 25 */

    host_case("kv.uniform");
    kv_draw_init(&d, KV_UNIFORM, N, N, 0.99, 7);
    draw_many(&d, N, counts, N);
    for (u32 i = 0; i < N; i++)
        CHECK(counts[i] > 40 && counts[i] < 170); /* 100 +- 6 standard deviations and more */

    host_case("kv.latest");
    kv_draw_init(&d, KV_LATEST, 1000, 2000, 0.99, 7);
    draw_many(&d, 1000, counts, N);
    CHECK(near(12.938, 100.0 * counts[999] / DRAWS, TOLERANCE));
    for (u32 i = 990; i < 1000; i++)
        sum += counts[i];
    CHECK(near(39.83, 100.0 * (double)sum / DRAWS, TOLERANCE));
    draw_many(&d, 2000, counts, N); /* the newest again, of more */
    CHECK(near(100 / kv_zeta(2000, 0.99), 100.0 * counts[1999] / DRAWS, TOLERANCE));

    host_case("kv.draws_exist");
    for (enum kv_dist dist_of = 0; dist_of < KV_NR_DISTS; dist_of++) {
        kv_draw_init(&d, dist_of, 50, 100, 0.99, 7);
        d.hot = 10;
        for (u32 i = 0; i < 10000; i++)
            CHECK(kv_draw_item(&d, 50 + i / 200) < 50 + i / 200);
        CHECK_EQ(dist_of, kv_dist_of(kv_dist_name(dist_of)));
    }
    CHECK_EQ(KV_NR_DISTS, kv_dist_of("normal"));
}

static void mixes_of_ycsb(void)
{
    static const struct {
        const char *name;
        u32 percent[KV_NR_KINDS]; /* read, update, insert, scan, read-modify-write */
        enum kv_dist dist;
    } want[] = {
        {"a", {50, 50, 0, 0, 0}, KV_SCRAMBLED},  {"b", {95, 5, 0, 0, 0}, KV_SCRAMBLED},
        {"c", {100, 0, 0, 0, 0}, KV_SCRAMBLED},  {"d", {95, 0, 5, 0, 0}, KV_LATEST},
        {"e", {0, 0, 5, 95, 0}, KV_SCRAMBLED},   {"f", {50, 0, 0, 0, 50}, KV_SCRAMBLED},
        {"vtmm", {50, 50, 0, 0, 0}, KV_HOTSPOT},
    };

    host_case("kv.mixes");
    for (u32 i = 0; i < ARRAY_SIZE(want); i++) {
        const struct kv_mix *m = kv_mix_of(want[i].name);
        u64 random = i, count[KV_NR_KINDS] = {0};
        CHECK_EQ(want[i].dist, m->dist);
        for (u32 n = 0; n < DRAWS; n++)
            count[kv_draw_kind(m, &random)]++;
        for (u32 kind = 0; kind < KV_NR_KINDS; kind++)
            CHECK(near(want[i].percent[kind], 100.0 * (double)count[kind] / DRAWS,
                       want[i].percent[kind] % 100 ? 0.2 : 0));
    }
    CHECK(!kv_mix_of("g"));
}

int main(void)
{
    constants();
    zipf_shares();
    zipf_ranks();
    distributions();
    mixes_of_ycsb();
    return host_done();
}
