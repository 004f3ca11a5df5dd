/* sources: tests/host/host.c workloads/gap/mt19937.c workloads/gap/generate.c workloads/gap/sort.c workloads/gap/graph.c
   workloads/gap/file.c workloads/gap/check.c workloads/gap/pr.c workloads/gap/bfs.c workloads/gap/cc.c workloads/gap/tc.c */
/*
 * The GAP programs: generators and sorting by known answers, and that each verifier sees one wrong number anywhere it
 * should look. With arguments `export SCALE g|u` it prints the graph's edges and the PageRanks instead, for tools of
 * others (tests/long/gap.sh).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/host.h"
#include "workloads/gap/graph.h"
#include "workloads/gap/mt19937.h"

/* --- a laboratory that is just memory --------------------------------------------------------------------------- */

static u8 *arena;
static u64 arena_pages;

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
    CHECK(page < arena_pages);
}
u64 workload_size(void)
{
    return 0;
}
void *workload_input(size_t *length)
{
    (void)length;
    return NULL;
}
bool key_given(const void *variable)
{
    (void)variable;
    return false;
}
void *workload_alloc(size_t bytes)
{
    return calloc(1, bytes);
}
void workload_pause(void)
{
}
void workload_resume(void)
{
}
void workload_phase(const char *name)
{
    (void)name;
}

struct field {
    const char *key;
    u64 value;
};
static struct field fields[64];
static unsigned nr_fields;

void result_u64(const char *key, u64 value)
{
    fields[nr_fields++] = (struct field){key, value};
}
void result_text(const char *key, const char *value)
{
    (void)key, (void)value;
}

static u64 field(const struct workload *w, const char *key)
{
    nr_fields = 0;
    w->report();
    for (unsigned i = 0; i < nr_fields; i++)
        if (!strcmp(fields[i].key, key))
            return fields[i].value;
    return UINT64_MAX;
}

/* Lays out, sets up and runs `ops` in slices of `slice`. */
static u64 play(const struct workload *w, u64 ops, u64 slice)
{
    u64 checksum = 0;

    free(arena);
    arena_pages = w->pages();
    arena = aligned_alloc(PAGE_SIZE, arena_pages << PAGE_SHIFT);
    memset(arena, 0, arena_pages << PAGE_SHIFT);
    w->setup(1, ops);
    for (u64 done = 0; done < ops; done += MIN(slice, ops - done))
        w->run(MIN(slice, ops - done));
    CHECK(w->verify(&checksum));
    return checksum;
}

/* --- parts ------------------------------------------------------------------------------------------------------ */

static void twister(void)
{
    static struct mt19937 mt;
    u32 last = 0;

    host_case("gap.mt19937");
    mt19937_seed(&mt, 5489);
    for (unsigned i = 0; i < 10000; i++)
        last = mt19937_next(&mt);
    CHECK_EQ(4123659995, last);
    host_case("gap.mt19937_below");
    for (unsigned i = 0; i < 2000; i++) { /* 3 x 2^30: a quarter of the outputs is thrown away */
        static struct mt19937 same;
        u32 n = i < 1000 ? (u32)3 << 30 : i, limit = i < 1000 ? n : UINT32_MAX - (u32)(((u64)1 << 32) % n), output;
        mt19937_seed(&mt, i);
        mt19937_seed(&same, i);
        do
            output = mt19937_next(&same);
        while (i < 1000 ? output >= limit : output > limit);
        CHECK_EQ(output % n, mt19937_below(&mt, n));
    }
}

static int by_value(const void *a, const void *b)
{
    u32 x = *(const u32 *)a, y = *(const u32 *)b;

    return x < y ? -1 : x > y;
}

static void sorting(void)
{
    enum { MOST = 3000 };
    static u32 numbers[MOST], expected[MOST];

    host_case("gap.sort");
    for (u32 round = 0; round < 2000; round++) {
        u32 count = host_below(round % 10 ? 60 : MOST), range = 1 + host_below(round % 3 ? 8 : 100000);
        for (u32 i = 0; i < count; i++)
            numbers[i] = round % 7 == 0 ? i : round % 7 == 1 ? count - i : host_below(range);
        memcpy(expected, numbers, count * sizeof(u32));
        qsort(expected, count, sizeof(u32), by_value);
        gap_sort(numbers, count);
        CHECK(!memcmp(numbers, expected, count * sizeof(u32)));
        for (u32 i = 0; i < count; i++)
            CHECK_EQ(expected[i], numbers[gap_find(numbers, count, expected[i])]);
        CHECK_EQ(count, gap_find(numbers, count, 200000));
    }
}

static void seeds(void)
{
    host_case("gap.seed");
    CHECK_EQ(27491095, gap_seed(1));
    CHECK(gap_seed(2) != gap_seed(1) + 1);
}

/* --- programs: answers of the original, slices, and errors that must be seen -------------------------------------- */

static void answers(void)
{
    static const struct {
        const char *kind;
        u64 edges, triangles, components, iterations, changes[4], reached, directed;
    } known[] = {
        {"g", 10496, 74720, 128, 15, {936340000, 122030000, 10320000, 2600000}, 896, 20990},
        {"u", 16125, 5170, 1, 8, {122490000, 12910000, 1120000, 340000}, 1024, 32250},
    };
    static const char *const names[] = {"change_1_ppb", "change_2_ppb", "change_3_ppb", "change_4_ppb"};

    for (unsigned i = 0; i < ARRAY_SIZE(known); i++) {
        host_case(i ? "gap.answers_u10" : "gap.answers_g10");
        gap_graph_kind = known[i].kind;
        play(&gap_pr, 20, 20);
        CHECK_EQ(1024, field(&gap_pr, "nodes"));
        CHECK_EQ(known[i].edges, field(&gap_pr, "edges"));
        CHECK_EQ(known[i].iterations, field(&gap_pr, "iterations"));
        for (unsigned c = 0; c < 4; c++) {
            u64 change = field(&gap_pr, names[c]);
            CHECK(change + 5000 >= known[i].changes[c] && change <= known[i].changes[c] + 5000); /* as printed */
        }
        play(&gap_cc, 2, 2);
        CHECK_EQ(known[i].components, field(&gap_cc, "components"));
        play(&gap_tc, 1024, 1024);
        CHECK_EQ(known[i].triangles, field(&gap_tc, "triangles"));
        play(&gap_bfs, 5, 5);
        CHECK_EQ(known[i].reached, field(&gap_bfs, "reached"));
        CHECK_EQ(known[i].directed, field(&gap_bfs, "reached_directed_edges"));
    }
    gap_graph_kind = "g";
}

/* First of all programs: what verifiers keep is as large as the first graph. */
static void highest_number(void)
{
    host_case("gap.answers_g14"); /* the last three of 2^14 vertices are in no edge */
    gap_scale = 14;
    play(&gap_cc, 1, 1);
    CHECK_EQ(16381, field(&gap_cc, "nodes"));
    CHECK_EQ(3834, field(&gap_cc, "components"));
    gap_scale = 10;
}

static void slices(const struct workload *w, u64 ops)
{
    u64 checksum = play(w, ops, ops);

    CHECK_EQ(checksum, play(w, ops, 1));
    CHECK_EQ(checksum, play(w, ops, 7));
    gap_build_when = "run";
    play(w, 1, 1); /* nothing but the build */
    CHECK_EQ(checksum, play(w, ops + 1, 3));
    gap_build_when = "setup";
}

/* Changes a byte of the arena at a time; verify must say no, or what is there did not matter. */
static void seen(const struct workload *w, u64 ops, u64 from, u64 bytes, unsigned bit)
{
    for (unsigned i = 0; i < 40; i++) {
        u64 at = from + host_random() % bytes, checksum;
        play(w, ops, ops);
        arena[at] ^= (u8)(1 << bit);
        if (w->verify(&checksum))
            host_fail(__FILE__, __LINE__, "%s: byte %llu of [%llu, +%llu) changed, and it was not seen", w->name,
                      (unsigned long long)at, (unsigned long long)from, (unsigned long long)bytes);
    }
}

/* Where the program's first own array lies. */
static u64 own(void)
{
    return gap.neighbours_at + ALIGN_UP(2 * gap.tuples * sizeof(u32), PAGE_SIZE);
}

static void errors(void)
{
    u64 vertices = (u64)1 << gap_scale;

    host_case("gap.errors_in_the_graph");
    play(&gap_cc, 1, 1);
    seen(&gap_cc, 1, gap.neighbours_at, gap.directed * sizeof(u32), 1);
    seen(&gap_cc, 1, gap.index_at, (vertices + 1) * sizeof(u64), 0);
    seen(&gap_cc, 1, gap.edges_at, gap.tuples * sizeof(struct gap_edge), 2);
    seen(&gap_cc, 1, gap.raw_at, 2 * gap.tuples * sizeof(u32), 0);
    host_case("gap.errors_before_the_build");
    gap_build_when = "run";
    play(&gap_pr, 0, 1);
    for (unsigned i = 0; i < 40; i++) {
        u64 checksum;
        gap_pr.setup(1, 3);
        arena[gap.edges_at + host_below((u32)gap.tuples) * sizeof(struct gap_edge)] ^= 1;
        gap_pr.run(3);
        CHECK(!gap_pr.verify(&checksum));
    }
    gap_build_when = "setup";
    host_case("gap.errors_in_components");
    seen(&gap_cc, 1, own(), vertices * sizeof(u32), 0);
    host_case("gap.errors_in_pagerank");
    seen(&gap_pr, 9, own(), vertices * sizeof(float), 0); /* a score's last bit, among others */
    host_case("gap.errors_in_search");
    seen(&gap_bfs, 3, own(), vertices * sizeof(u32), 0);
    host_case("gap.errors_in_relabelled");
    play(&gap_tc, 1024, 1024);
    seen(&gap_tc, 1024, own(), (vertices + 1) * sizeof(u64), 0);
    seen(&gap_tc, 1024, own() + ALIGN_UP((vertices + 1) * sizeof(u64), PAGE_SIZE), gap.directed * sizeof(u32), 0);
}

/*
 * A build that goes wrong may go wrong in both lists: an end is another in a vertex's raw list and in its final one, which
 * then agree. Only the edges tell.
 */
static void agreed_error(void)
{
    u32 *raw, tried = 0;
    const u64 *ends;
    struct gap_csr csr;

    host_case("gap.errors_in_both_lists");
    play(&gap_cc, 1, 1);
    gap_cc.setup(1, 1); /* anew: the program's own check has used the raw lists' memory */
    raw = (u32 *)(arena + gap.raw_at);
    ends = (u64 *)(arena + gap.cursors_at);
    csr = gap_view(arena);
    CHECK(gap_check());
    for (u32 u = 1; u < gap.vertices && tried < 40; u++) {
        u64 last = csr.index[u + 1] - 1;
        u32 from, to;
        if (csr.index[u + 1] == csr.index[u])
            continue;
        from = csr.neighbours[last], to = from + 1; /* the list still ascends */
        if (to >= gap.vertices || to == u)
            continue;
        csr.neighbours[last] = to;
        for (u64 i = ends[u - 1]; i < ends[u]; i++)
            raw[i] = raw[i] == from ? to : raw[i];
        CHECK(!gap_check());
        csr.neighbours[last] = from;
        for (u64 i = ends[u - 1]; i < ends[u]; i++)
            raw[i] = raw[i] == to ? from : raw[i];
        tried++;
    }
    CHECK(gap_check());
    CHECK(tried == 40);
}

/* A wrong count lies in no array: leave out one entry while rows run, then put it back. */
static void miscount(void)
{
    u64 checksum;
    u32 *list, *entry, old;

    host_case("gap.miscount");
    gap_graph_kind = "u"; /* not relabelled: rows read the checked lists themselves */
    play(&gap_tc, 1, 1);
    list = (u32 *)(arena + gap.neighbours_at);
    entry = &list[gap_view(arena).index[1000]];
    old = *entry;
    *entry = old ? 0 : 1; /* a vertex that is hardly a neighbour of the same ones */
    gap_tc.run(1023);
    *entry = old;
    CHECK(!gap_tc.verify(&checksum));
    gap_graph_kind = "g";
}

static int export(const char *scale, const char *kind)
{
    struct gap_csr csr;
    const float *scores;

    gap_scale = strtoul(scale, NULL, 10);
    gap_graph_kind = kind;
    play(&gap_pr, 1, 1);
    while (!field(&gap_pr, "trials"))
        gap_pr.run(1);
    csr = gap_view(arena);
    for (u32 u = 0; u < gap.vertices; u++)
        for (u64 i = csr.index[u]; i < csr.index[u + 1]; i++)
            if (u < csr.neighbours[i])
                printf("edge %u %u\n", u, csr.neighbours[i]);
    scores = (const float *)(arena + own());
    for (u32 u = 0; u < gap.vertices; u++)
        printf("score %u %.9g\n", u, (double)scores[u]);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && !strcmp(argv[1], "export"))
        return export(argv[2], argv[3]);
    twister();
    sorting();
    seeds();
    highest_number();
    answers();
    host_case("gap.slices");
    slices(&gap_pr, 33);
    slices(&gap_bfs, 9);
    slices(&gap_cc, 3);
    slices(&gap_tc, 1500);
    errors();
    agreed_error();
    miscount();
    return host_done();
}
