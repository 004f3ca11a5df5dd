/* sources: tests/host/host.c workloads/kv_draw.c workloads/kv_dict.c workloads/kv_index.c workloads/kv_store.c
   workloads/kv_check.c workloads/heap.c workloads/fmath.c workloads/latency.c kernel/string.c */
/*
 * kv: YCSB's draws against published and exact shares, the dictionary against a shadow, the footprint's formula, and
 * the whole workload in a small arena, where every kind of damage must be found.
 */
#include <math.h>
#include <stdlib.h>

#include "tests/host/host.h"
#include "workloads/kv.c"

/* --- what lab/workload.h promises ------------------------------------------------------------------------------- */

static u8 *arena;
static u64 arena_bytes, size_key, now_ps;

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
    CHECK(page < arena_bytes / PAGE_SIZE);
    memset(arena + page * PAGE_SIZE, 0, PAGE_SIZE);
}

u64 workload_size(void)
{
    return size_key;
}

void *workload_alloc(size_t size)
{
    return calloc(1, size);
}

void workload_pause(void)
{
}

void workload_resume(void)
{
    now_ps += 1000000; /* every operation takes a microsecond */
}

u64 workload_now_ps(void)
{
    return now_ps;
}

void result_u64(const char *key, u64 value)
{
    if (!strcmp(key, "read_p50_ns") || !strcmp(key, "read_p999_ns"))
        CHECK_EQ(1000, value);
}

void result_text(const char *key, const char *value)
{
    (void)key;
    (void)value;
}

/* --- draws ------------------------------------------------------------------------------------------------------ */

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

/* --- the dictionary --------------------------------------------------------------------------------------------- */

static struct kv_memory memory_of(u64 size)
{
    struct kv_memory m = {.at = calloc(1, size)};

    heap_init(&m.heap, size);
    heap_array(&m.heap, 1); /* no offset is 0 */
    return m;
}

static void chains_of(const struct kv_memory *m, const struct kv_table *table, u64 chains[KV_CHAIN_LENGTHS])
{
    const u64 *buckets = kv_at(m, table->buckets);

    memset(chains, 0, KV_CHAIN_LENGTHS * sizeof(*chains));
    for (u64 b = 0; b < table->size; b++) {
        u32 length = 0;
        for (u64 at = buckets[b]; at; at = ((struct kv_entry *)kv_at(m, at))->next)
            length++;
        chains[MIN(length, KV_CHAIN_LENGTHS - 1)]++;
    }
}

static void insert_in_order(void)
{
    static const struct {
        u32 keys;
        u64 size;
    } want[] = {{1, 4}, {4, 4}, {5, 8}, {8, 8}, {9, 16}, {1000, 1024}, {1024, 1024}, {1025, 2048}, {50000, 65536}};
    char key[KV_KEY_LENGTH];

    host_case("kv.dict_of_0_to_n");
    for (u32 w = 0; w < ARRAY_SIZE(want); w++) {
        struct kv_memory m = memory_of(8 * MIB);
        u64 chains[KV_CHAIN_LENGTHS];
        struct kv_dict d;
        CHECK(kv_dict_init(&d, &m));
        for (u32 i = 0; i < want[w].keys; i++) {
            kv_key_text(key, i);
            CHECK(!kv_dict_find(&d, &m, key, sizeof(key)));
            CHECK(kv_dict_add(&d, &m, key, sizeof(key), i));
        }
        CHECK_EQ(want[w].size, kv_dict_size_after(want[w].keys));
        CHECK_EQ(want[w].size, d.table[d.moving >= 0].size);
        for (u32 i = 0; d.moving >= 0; i++) { /* a chain every time: it ends, and soon */
            CHECK(i <= d.table[0].size);
            kv_dict_find(&d, &m, "", 0);
        }
        CHECK_EQ(want[w].size, d.table[0].size);
        CHECK_EQ(want[w].keys, d.table[0].used);
        for (u32 i = 0; i < want[w].keys; i++) {
            kv_key_text(key, i);
            struct kv_entry *entry = kv_dict_find(&d, &m, key, sizeof(key));
            CHECK(entry && entry->value == i);
        }
        chains_of(&m, &d.table[0], chains);
        CHECK(kv_near_poisson(chains, d.table[0].size, want[w].keys));
        if (w == ARRAY_SIZE(want) - 1) { /* e^-0.763 of 65536 buckets are empty, e^-0.763 x 0.763 have one */
            CHECK(near(30558, (double)chains[0], 600));
            CHECK(near(23314, (double)chains[1], 600));
        }
        free(m.at);
    }
}

static void poisson_can_fail(void)
{
    u64 even[KV_CHAIN_LENGTHS] = {15536, 50000}, good[KV_CHAIN_LENGTHS] = {30558, 23314, 8894, 2262, 431, 66, 11};
    u64 clumped[KV_CHAIN_LENGTHS] = {65535}, chains[KV_CHAIN_LENGTHS] = {0};
    static u8 count[65536];

    host_case("kv.poisson_can_fail");
    CHECK(kv_near_poisson(good, 65536, 50000));
    CHECK(!kv_near_poisson(even, 65536, 50000)); /* numbers as their own hash */
    clumped[KV_CHAIN_LENGTHS - 1] = 1;
    CHECK(!kv_near_poisson(clumped, 65536, 50000));
    for (u32 i = 0; i < 50000; i++) /* a hash with one bit stuck */
        count[(u64)host_random() & 0xfffe]++;
    for (u32 i = 0; i < 65536; i++)
        chains[MIN(count[i], KV_CHAIN_LENGTHS - 1)]++;
    CHECK(!kv_near_poisson(chains, 65536, 50000));
}

/* Random additions and removals, in waves so that it grows and shrinks, against an array of what is there. */
static void against_shadow(void)
{
    enum { KEYS = 3000 };
    struct kv_memory m = memory_of(16 * MIB);
    static u64 value[KEYS]; /* 0: not there */
    u64 there = 0, largest = 0, smallest = UINT64_MAX, key_bytes = 0, got, empty_in_use = 0;
    struct kv_dict d;
    char key[KV_KEY_LENGTH];

    host_case("kv.dict_against_shadow");
    CHECK(kv_dict_init(&d, &m));
    for (u32 round = 0; round < 320000; round++) {
        u32 k = host_below(KEYS), length = 1 + k % KV_KEY_LENGTH;
        bool grows = round / 40000 % 2 == 0;
        kv_key_text(key, k * 7919ull);
        for (u32 i = 0; i < 4; i++) /* short keys differ, too */
            key[i] = (char)(k >> 4 * i & 15) + 'a';
        length = MAX(length, 4);
        if (host_below(10) < 3) {
            struct kv_entry *entry = kv_dict_find(&d, &m, key, length);
            CHECK(value[k] ? entry && entry->value == value[k] : !entry);
        } else if (!value[k] && grows) {
            value[k] = round + 1;
            CHECK(kv_dict_add(&d, &m, key, length, value[k]));
            there++;
            key_bytes += heap_class_bytes(kv_string_bytes(length));
        } else if (!grows) {
            CHECK_EQ(value[k] != 0, kv_dict_remove(&d, &m, key, length, &got));
            if (value[k]) {
                CHECK_EQ(value[k], got);
                value[k] = 0;
                there--;
                key_bytes -= heap_class_bytes(kv_string_bytes(length));
            }
        }
        CHECK_EQ(there, d.table[0].used + d.table[1].used);
        CHECK(d.moving >= 0 || d.table[0].used <= d.table[0].size);
        if (round > 40000) {
            largest = MAX(largest, d.table[0].size);
            smallest = MIN(smallest, d.table[0].size);
        }
        if (round == 39999) { /* tables are not given back but used again: from now on, memory follows the entries */
            empty_in_use = m.heap.in_use - there * 32 - key_bytes;
        }
    }
    CHECK_EQ(4096, largest);
    CHECK_EQ(4, smallest);
    CHECK_EQ(empty_in_use, m.heap.in_use - there * 32 - key_bytes);
    free(m.at);
}

static void shrinks(void)
{
    struct kv_memory m = memory_of(8 * MIB);
    char key[KV_KEY_LENGTH];
    struct kv_dict d;
    u64 value;

    host_case("kv.dict_shrinks_below_a_tenth");
    CHECK(kv_dict_init(&d, &m));
    for (u32 i = 0; i < 4096; i++) {
        kv_key_text(key, i);
        CHECK(kv_dict_add(&d, &m, key, sizeof(key), i));
    }
    while (d.moving >= 0)
        kv_dict_find(&d, &m, "", 0);
    for (u32 i = 4096; i-- > 409;) { /* 410 entries are 10.01 % */
        CHECK(d.moving < 0 && d.table[0].size == 4096);
        kv_key_text(key, i);
        CHECK(kv_dict_remove(&d, &m, key, sizeof(key), &value));
    }
    CHECK_EQ(0, d.moving); /* 409 are less than a tenth */
    CHECK_EQ(512, d.table[1].size);
    free(m.at);
}

static void order_of_items(void)
{
    enum { N = 2000 };
    struct kv_memory m = memory_of(2 * MIB);
    struct kv_index index = {0};
    static bool there[N];
    u64 levels[4] = {0};

    host_case("kv.index_against_array");
    for (u32 i = 0; i < N / 2; i++) {
        u32 score = host_below(N);
        if (!there[score])
            CHECK(kv_index_add(&index, &m, score, 16));
        there[score] = true;
    }
    for (u32 score = 0; score <= N; score++) {
        u64 at = kv_index_from(&index, &m, score);
        u32 want = score;
        while (want < N && !there[want])
            want++;
        CHECK(want == N ? at == HEAP_NONE : at && ((struct kv_node *)kv_at(&m, at))->score == want);
    }
    host_case("kv.index_levels"); /* a quarter of each goes on */
    for (u64 i = 0; i < 100000; i++)
        for (u32 level = 0; level < 4; level++)
            levels[level] += kv_index_level(i) > level;
    CHECK_EQ(100000, levels[0]);
    CHECK(near(25000, (double)levels[1], 600) && near(6250, (double)levels[2], 350));
    free(m.at);
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

static void begin(const char *mix_key, const char *dist_key, u64 nr, u64 value, u64 total)
{
    mix_name = mix_key;
    dist_name = dist_key;
    records = nr;
    value_bytes = value;
    inserts = 0;
    free(arena);
    free(versions);
    free(seen);
    versions = NULL;
    seen = NULL;
    arena = NULL;
    arena_bytes = kv_pages() * PAGE_SIZE;
    arena = aligned_alloc(PAGE_SIZE, arena_bytes);
    kv_setup(1, total);
}

static void footprint(void)
{
    host_case("kv.footprint_is_exact");
    for (u32 words = 8; words <= 600; words += 74) {
        for (u64 nr = 1; nr < 600; nr = nr * 3 + 1) {
            begin("e", "mix", nr, words * 8, 0);
            for (u64 i = nr; i < room; i++) {
                kv_key_text(request.key, i);
                CHECK(kv_store_insert(&store, request.key, i, 0));
            }
            kv_key_text(request.key, 0);
            CHECK(kv_store_set(&store, request.key, 1));
            CHECK_EQ(arena_bytes, store.memory.heap.end);
        }
    }
    host_case("kv.size_is_used_up");
    for (size_key = 256 * KIB; size_key <= 16 * MIB; size_key *= 2) {
        mix_name = "d";
        dist_name = "mix";
        records = value_bytes = 0;
        CHECK(kv_pages() * PAGE_SIZE <= size_key);
        CHECK(bytes_for(records + 1) > size_key);
    }
    size_key = 0;
    host_case("kv.scatter_is_one_to_one");
    for (u64 n = 1; n < 300; n++) {
        u8 hit[300] = {0};
        for (u64 i = 0; i < n; i++)
            CHECK(scatter(i, n) < n && !hit[scatter(i, n)]++);
    }
}

static void answers(void)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "vtmm"};
    u64 one_go, slices, again;

    host_case("kv.every_mix_verifies_however_it_is_sliced");
    for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
        for (int how = 0; how < 4; how++) {
            order = how & 1 ? "clustered" : "scrambled";
            update = how & 2 ? "place" : "replace";
            begin(names[i], "mix", 1000, 128, 2000);
            kv_run(2000);
            CHECK(kv_verify(&one_go));
            CHECK(kv_verify(&again)); /* which changes nothing */
            CHECK_EQ(one_go, again);
            kv_setup(1, 2000);
            for (u64 n = 0; n < 2000; n += 1 + n % 7)
                kv_run(MIN(1 + n % 7, 2000 - n));
            CHECK(kv_verify(&slices));
            CHECK_EQ(one_go, slices);
            kv_setup(2, 2000);
            kv_run(2000);
            CHECK(kv_verify(&again) && again != one_go); /* another seed */
        }
    }
    host_case("kv.every_distribution_verifies");
    for (enum kv_dist each = 0; each < KV_NR_DISTS; each++) {
        begin("d", kv_dist_name(each), 1000, 128, 2000);
        kv_run(2000);
        CHECK(kv_verify(&one_go));
    }
    host_case("kv.verifies_while_it_grows");
    begin("d", "mix", 1000, 64, 1500);
    for (bool moving = false; !moving; moving = kv_root_of(&store)->dict.moving >= 0)
        kv_run(1);
    kv_run(40);
    CHECK(kv_root_of(&store)->dict.moving > 0);
    CHECK(kv_verify(&one_go));
    host_case("kv.measured_starts_anew");
    kv_measured();
    kv_run(100);
    CHECK_EQ(100, times[TIMES_READ].count + times[TIMES_WRITE].count);
    CHECK_EQ(times[TIMES_READ].count, done[KV_READ]);
    kv_report();
}

static struct kv_entry *entry_of(u64 item)
{
    struct kv_dict *d = &kv_root_of(&store)->dict;
    char key[KV_KEY_LENGTH];

    kv_key_text(key, item);
    while (d->moving >= 0)
        kv_dict_find(d, &store.memory, key, sizeof(key));
    return kv_dict_find(d, &store.memory, key, sizeof(key));
}

/* Damages the store after a run; the check must name it. */
#define DAMAGED(text, statement)                                                                                       \
    do {                                                                                                               \
        u64 sum_;                                                                                                      \
        struct kv_expected all_;                                                                                       \
        begin("e", "mix", 1000, 128, 100);                                                                             \
        kv_run(100);                                                                                                   \
        all_ = (struct kv_expected){.records = present, .versions = versions, .last = request.item, .seen = seen};     \
        entry_of(0);                                                                                                   \
        CHECK(!kv_check(&store, &all_, &sum_));                                                                        \
        statement;                                                                                                     \
        const char *why_ = kv_check(&store, &all_, &sum_);                                                             \
        CHECK(why_ && !strcmp(why_, text));                                                                            \
        CHECK(!kv_verify(&sum_));                                                                                      \
    } while (0)

static u64 *bucket_with(u32 length)
{
    const struct kv_table *table = &kv_root_of(&store)->dict.table[0];
    u64 *buckets = kv_at(&store.memory, table->buckets);

    for (u64 b = 0; b < table->size; b++) {
        u32 n = 0;
        for (u64 at = buckets[b]; at; at = ((struct kv_entry *)kv_at(&store.memory, at))->next)
            n++;
        if (n == length)
            return &buckets[b];
    }
    return NULL;
}

static void damage(void)
{
    struct kv_object *object;
    struct kv_node *node;
    u64 *bucket, *other;

    host_case("kv.damage_is_found");
#define OBJECT(item) ((struct kv_object *)kv_at(&store.memory, entry_of(item)->value))
#define NODE(score)                                                                                                    \
    ((struct kv_node *)kv_at(&store.memory, kv_index_from(&kv_root_of(&store)->index, &store.memory, score)))
    DAMAGED("a value is not that of its version",
            ((struct kv_payload *)kv_at(&store.memory, OBJECT(17)->payload))->words[15] ^= 1);
    DAMAGED("a value is not that of its version", versions[999]++);
    DAMAGED("a value has another length", ((struct kv_payload *)kv_at(&store.memory, OBJECT(3)->payload))->bytes -= 8);
    DAMAGED("an object's header is damaged", object = OBJECT(500); object->references++);
    DAMAGED("a value is not that of its version", object = OBJECT(500); object->payload = OBJECT(501)->payload);
    DAMAGED("a table's count of entries is wrong", *bucket_with(1) = 0);
    DAMAGED("the number of entries is wrong", kv_root_of(&store)->dict.table[0].used--);
    DAMAGED("an entry is in a bucket where no search looks", bucket = bucket_with(1); other = bucket_with(0);
            *other = *bucket; *bucket = 0);
    DAMAGED("a key is there twice", entry_of(7)->key = entry_of(8)->key);
    DAMAGED("a key is there that should not be",
            ((struct kv_string *)kv_at(&store.memory, entry_of(7)->key))->text[5] = '9');
    DAMAGED("a table has another size than so many insertions give", kv_root_of(&store)->dict.table[0].size *= 2);
    DAMAGED("the last access is not noted", OBJECT(request.item)->clock--);
    DAMAGED("the order of the items is broken", node = NODE(5); node->score = 4000);
    DAMAGED("a level of the order misses items or has too many", node = NODE(5);
            node->next[0] = ((struct kv_node *)kv_at(&store.memory, node->next[0]))->next[0]);
    DAMAGED("the heap's account does not add up", heap_alloc(&store.memory.heap, store.memory.at, 100));
}

static void wrong_answers(void)
{
    u64 sum;

    host_case("kv.wrong_answers_are_noticed"); /* even when the damage is gone at the end */
    begin("c", "uniform", 100, 64, 1000);
    struct kv_payload *payload = kv_at(&store.memory, OBJECT(42)->payload);
    payload->words[3] ^= 1;
    kv_run(1000);
    payload->words[3] ^= 1;
    CHECK(wrong > 0);
    CHECK(!kv_verify(&sum));
    begin("a", "uniform", 100, 64, 1000);
    u64 *bucket = bucket_with(1), was = *bucket;
    *bucket = 0; /* a key is not found for a while */
    kv_run(1000);
    *bucket = was;
    CHECK(wrong > 0);
    CHECK(!kv_verify(&sum));
    begin("e", "uniform", 100, 64, 50);
    struct kv_node *node = NODE(50);
    was = node->next[0];
    node->next[0] = ((struct kv_node *)kv_at(&store.memory, was))->next[0];
    kv_run(20);
    CHECK(wrong > 0);
}

static void impossible(void)
{
    host_case("kv.impossible_keys");
    REFUSES(begin("a", "mix", 100, 60, 10));
    REFUSES(begin("a", "mix", 100, 1001, 10));
    REFUSES(begin("d", "mix", 100, 64, 10000)); /* 500 inserts, room for 12 */
    size_key = 64 * KIB;
    REFUSES(begin("a", "mix", 0, 65520, 10)); /* none fits */
    REFUSES(begin("a", "mix", 100, 64, 10));  /* said twice */
    size_key = 0;
}

int main(void)
{
    constants();
    zipf_shares();
    zipf_ranks();
    distributions();
    mixes_of_ycsb();
    insert_in_order();
    poisson_can_fail();
    against_shadow();
    shrinks();
    order_of_items();
    footprint();
    answers();
    damage();
    wrong_answers();
    impossible();
    free(arena);
    free(versions);
    free(seen);
    return host_done();
}
