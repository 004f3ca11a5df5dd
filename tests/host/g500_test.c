/* sources: tests/host/host.c workloads/lib/heap.c workloads/g500/random.c workloads/g500/generate.c workloads/g500/csr.c workloads/g500/bfs.c workloads/g500/sssp.c workloads/g500/validate.c workloads/g500/teps.c */
/* The whole of graph500-bfs and graph500-sssp: a run verifies, and does not with any one part of its results changed.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/host/host.h"
#include "workloads/g500/g500.c"

static u8 *arena;
static u64 clock_ps;

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
    memset(arena + page * PAGE_SIZE, 0, PAGE_SIZE);
}
void *workload_alloc(size_t bytes)
{
    return calloc(1, bytes);
}
u64 workload_size(void)
{
    return 0;
}
u64 workload_now_ps(void)
{
    return clock_ps += 1000;
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
void result_u64(const char *key, u64 value)
{
    (void)key, (void)value;
}
void result_ratio(const char *key, s64 numerator, u64 denominator)
{
    (void)key, (void)numerator, (void)denominator;
}
bool key_given(const void *variable)
{
    (void)variable;
    return false;
}

static void fails_with(void *word, u64 bytes)
{
    u64 checksum;
    u8 *byte = (u8 *)word + host_below((u32)bytes);

    *byte ^= 1;
    CHECK(!g500_verify(&checksum));
    *byte ^= 1;
}

static void run(const struct workload *w, u64 searches)
{
    u64 checksum, again;

    nr_roots = 0;
    scale = 10;
    free(wide), free(narrow);
    wide = NULL, narrow = NULL;
    arena = malloc(w->pages() * PAGE_SIZE);
    w->setup(1, searches + 1);
    CHECK(w->verify(&checksum)); /* a run may end before its first op, */
    w->run(1);
    CHECK(w->verify(&checksum)); /* or between the build and the first search */
    for (u64 i = 0; i < searches; i++)
        w->run(1);
    CHECK(w->verify(&checksum));
    CHECK_EQ(searches, nr_timed);

    fails_with(mem + at.adjacent, entries * sizeof(u64));
    fails_with(mem + at.first, nr_vertices * sizeof(u64));
    fails_with(mem + at.tuples, sizeof(struct g500_tuple)); /* the first tuple is no loop */
    fails_with(&digest[(searches - 1) % nr_roots].sum, 1);
    fails_with(&digest[0].reached, 1);
    repeats_differ = true;
    CHECK(!w->verify(&again));
    repeats_differ = false;
    u32 root = roots[(searches - 1) % nr_roots];
    if (kernel->weighted) {
        fails_with(&the_vertices()[root].parent, 1);
        fails_with(&the_vertices()[root].distance, 1);
        fails_with(mem + at.weights, 3);
    } else {
        fails_with((u64 *)(mem + at.parent) + root, 1);
    }
    CHECK(w->verify(&again));
    CHECK_EQ(checksum, again);

    w->setup(1, searches + 1); /* in one slice, and after something else has run */
    w->run(searches + 1);
    CHECK(w->verify(&again));
    CHECK_EQ(checksum, again);
    w->setup(2, searches + 1);
    w->run(searches + 1);
    CHECK(w->verify(&again));
    CHECK(checksum != again);
    free(arena);
}

int main(void)
{
    host_case("graph500.bfs_verifies_and_fails");
    run(&graph500_bfs, 70); /* some roots twice */
    direction = "hybrid";
    run(&graph500_bfs, 40);
    host_case("graph500.sssp_verifies_and_fails");
    run(&graph500_sssp, 66);
    host_case("graph500.refuses");
    REFUSES(graph500_sssp.setup(1, 10000));
    scale = 3;
    REFUSES(graph500_bfs.pages());
    return host_done();
}
