/*
 * gap-bfs: breadth-first search that changes direction (Beamer, Asanovic, Patterson, SC'12), as in the GAP Benchmark
 * Suite (arXiv:1508.03619).
 *
 *      with gap_build=run, op 0:  build the graph (workloads/gap/graph.c)
 *      each other op:  one search from a source drawn at random among vertices that have neighbours
 *          parent[v] <- - degree(v) (-1 when it has none);  parent[source] <- source;  queue <- source
 *          while the queue is not empty
 *              if the queue's edges are more than 1/alpha of those not yet checked           bottom up:
 *                  repeat: every vertex without parent takes the first neighbour that is in the front
 *                  while the front grows or holds more than 1/beta of all vertices
 *              else                                                                          top down:
 *                  every vertex of the queue becomes the parent of its neighbours that have none; they queue up
 *          parent[v] <- -1 where none was found
 *
 * The front is a queue top down and a bitmap bottom up. An op is a whole search. Runs on one core, so without the
 * original's compare-and-swap and local queues. Sources are drawn while the clock is paused: the original does it
 * outside of what it times. The degree kept in parent[] makes known for free how many edges a component has.
 *
 * Verification: all sources are drawn again, and a plain search by a queue finds each one's depths. How many vertices
 * were reached, the sum of their depths and that of their degrees must be the same for every search. For the last one
 * every vertex is checked: it has a parent if it has a depth, the parent is its neighbour, and depths differ by one.
 */
#include "kernel/exit.h"
#include "lib/string.h"
#include "workloads/gap/graph.h"
#include "workloads/gap/mt19937.h"

static KEY_NUMBER(gap_alpha, "gap_alpha", 15, 1, 1000000,
                  "gap-bfs: turns bottom up above 1/alpha of the edges (GAP: 15)");
static KEY_NUMBER(gap_beta, "gap_beta", 18, 1, 1000000,
                  "gap-bfs: turns top down below 1/beta of the vertices (GAP: 18)");

#define BITMAP_WORDS(vertices) (((vertices) + 63) / 64)

/* What searches did: of one, or the hash of all. */
struct search {
    u64 vertices, depths, degrees;
};

struct arrays {
    struct gap_csr csr;
    int32_t *parents;
    u32 *queue;
    u64 *front, *next; /* bitmaps */
};

static u64 parents_at, queue_at, front_at, next_at;
static u8 *has_neighbours; /* bitmap over vertices, for the client */
static struct mt19937 client;
static u64 searches, found, degrees, turns;
static u32 source;
static struct search last;

static u64 place(u64 at)
{
    parents_at = gap_array(&at, gap.vertices * sizeof(int32_t));
    queue_at = gap_array(&at, gap.vertices * sizeof(u32));
    front_at = gap_array(&at, BITMAP_WORDS(gap.vertices) * sizeof(u64));
    next_at = gap_array(&at, BITMAP_WORDS(gap.vertices) * sizeof(u64));
    return at;
}

static NOT_COUNTED u64 bfs_pages(void)
{
    return gap_pages(17, place);
}

static struct arrays arrays_of(u8 *memory)
{
    return (struct arrays){.csr = gap_view(memory),
                           .parents = (int32_t *)(memory + parents_at),
                           .queue = (u32 *)(memory + queue_at),
                           .front = (u64 *)(memory + front_at),
                           .next = (u64 *)(memory + next_at)};
}

static NOT_COUNTED void bfs_setup(u64 seed, u64 total_ops)
{
    const struct gap_edge *edges;
    bool any = false;

    (void)total_ops;
    gap_setup(seed);
    if (!has_neighbours)
        has_neighbours = workload_alloc(gap.room / 8 + 1);
    memset(has_neighbours, 0, gap.room / 8 + 1);
    edges = arena_direct(gap.edges_at);
    for (u64 e = 0; e < gap.tuples; e++) {
        u32 from = edges[e].from, to = edges[e].to;
        if (from == to)
            continue;
        has_neighbours[from / 8] |= (u8)(1 << from % 8);
        has_neighbours[to / 8] |= (u8)(1 << to % 8);
        any = true;
    }
    if (!any)
        refuse("gap-bfs: the graph has no edge to search along");
    mt19937_seed(&client, gap_seed(seed));
    searches = found = degrees = turns = 0;
    last = (struct search){0};
}

/* The client's: the next source. */
static u32 draw_source(void)
{
    for (;;) {
        u32 v = mt19937_below(&client, gap.vertices);
        if (has_neighbours[v / 8] >> v % 8 & 1)
            return v;
    }
}

static u64 mix_search(u64 hash, const struct search *s)
{
    return gap_mix(gap_mix(gap_mix(hash, s->vertices), s->depths), s->degrees);
}

/* --- the search ------------------------------------------------------------------------------------------------- */

static inline void set_bit(u64 *bitmap, u32 v)
{
    bitmap[v / 64] |= (u64)1 << v % 64;
}

static inline bool get_bit(const u64 *bitmap, u32 v)
{
    return bitmap[v / 64] >> v % 64 & 1;
}

static void clear_bits(u64 *bitmap)
{
    for (u32 i = 0; i < BITMAP_WORDS(gap.vertices); i++)
        bitmap[i] = 0;
}

/* Returns how many vertices joined the front; *edges are theirs. */
static u64 bottom_up(const struct arrays *a, u64 *edges)
{
    u64 awake = 0;

    clear_bits(a->next);
    for (u32 u = 0; u < gap.vertices; u++) {
        int32_t parent = a->parents[u];
        if (parent >= 0)
            continue;
        for (u64 i = a->csr.index[u], end = a->csr.index[u + 1]; i < end; i++) {
            u32 v = a->csr.neighbours[i];
            if (!get_bit(a->front, v))
                continue;
            a->parents[u] = (int32_t)v;
            set_bit(a->next, u);
            *edges += (u64)-parent;
            awake++;
            break;
        }
    }
    return awake;
}

/* The queue's vertices lie from `from` to `to`; returns where those of the next depth end. */
static u32 top_down(const struct arrays *a, u32 from, u32 to, u64 *edges)
{
    u32 tail = to;

    for (; from < to; from++) {
        u32 u = a->queue[from];
        for (u64 i = a->csr.index[u], end = a->csr.index[u + 1]; i < end; i++) {
            u32 v = a->csr.neighbours[i];
            int32_t parent = a->parents[v];
            if (parent >= 0)
                continue;
            a->parents[v] = (int32_t)u;
            a->queue[tail++] = v;
            *edges += (u64)-parent;
        }
    }
    return tail;
}

static u32 queue_of_bitmap(const struct arrays *a, const u64 *bitmap)
{
    u32 tail = 0;

    for (u32 v = 0; v < gap.vertices; v++)
        if (get_bit(bitmap, v))
            a->queue[tail++] = v;
    return tail;
}

static void start_search(const struct arrays *a)
{
    for (u32 v = 0; v < gap.vertices; v++) {
        u64 degree = a->csr.index[v + 1] - a->csr.index[v];
        a->parents[v] = degree ? -(int32_t)degree : -1;
    }
    a->parents[source] = (int32_t)source;
    a->queue[0] = source;
}

static struct search search(struct arrays a)
{
    u64 scout = a.csr.index[source + 1] - a.csr.index[source], unchecked = gap.directed, depth = 0;
    struct search s = {.vertices = 1, .degrees = scout};
    u32 from = 0, to = 1;

    start_search(&a);
    while (from < to) {
        u64 edges = 0;
        if (scout > unchecked / gap_alpha) {
            u64 awake = to - from, before;
            clear_bits(a.front);
            for (; from < to; from++)
                set_bit(a.front, a.queue[from]);
            turns++;
            do {
                u64 *front = a.front;
                before = awake;
                awake = bottom_up(&a, &edges);
                s.vertices += awake;
                s.depths += ++depth * awake;
                a.front = a.next;
                a.next = front;
            } while (awake && (awake >= before || awake > gap.vertices / gap_beta));
            from = 0;
            to = queue_of_bitmap(&a, a.front);
            scout = 1;
        } else {
            unchecked -= scout;
            u32 tail = top_down(&a, from, to, &edges);
            s.vertices += tail - to;
            s.depths += ++depth * (tail - to);
            from = to;
            to = tail;
            scout = edges;
        }
        s.degrees += edges;
    }
    for (u32 v = 0; v < gap.vertices; v++)
        if (a.parents[v] < -1)
            a.parents[v] = -1;
    return s;
}

static void bfs_run(u64 ops)
{
    struct arrays a = arrays_of(arena_base());

    if (ops && !gap.built) {
        workload_phase("build");
        gap_build(arena_base());
        ops--;
    }
    for (; ops; ops--) {
        workload_pause();
        source = draw_source();
        workload_resume();
        workload_phase("trial");
        last = search(a);
        found = mix_search(found, &last);
        degrees += last.degrees;
        searches++;
    }
}

/* --- verification ----------------------------------------------------------------------------------------------- */

#define NO_DEPTH UINT32_MAX

/* Depths from a vertex, by a queue alone. */
static struct search plain_search(struct gap_csr csr, u32 from, u32 *depths, u32 *queue)
{
    struct search s = {0};
    u32 head = 0, tail = 0;

    memset(depths, 0xff, gap.vertices * sizeof(*depths));
    depths[from] = 0;
    queue[tail++] = from;
    while (head < tail) {
        u32 u = queue[head++];
        s.vertices++;
        s.depths += depths[u];
        s.degrees += csr.index[u + 1] - csr.index[u];
        for (u64 i = csr.index[u]; i < csr.index[u + 1]; i++) {
            u32 v = csr.neighbours[i];
            if (depths[v] != NO_DEPTH)
                continue;
            depths[v] = depths[u] + 1;
            queue[tail++] = v;
        }
    }
    return s;
}

static bool is_tree(const struct arrays *a, u32 root, const u32 *depths)
{
    if (a->parents[root] != (int32_t)root)
        return false;
    for (u32 v = 0; v < gap.vertices; v++) {
        int32_t parent = a->parents[v];
        if (v == root)
            continue;
        if (depths[v] == NO_DEPTH) {
            if (parent != -1)
                return false;
            continue;
        }
        u64 start = a->csr.index[v], count = a->csr.index[v + 1] - start;
        if (parent < 0 || gap_find(a->csr.neighbours + start, count, (u32)parent) == count ||
            depths[v] != depths[parent] + 1)
            return false;
    }
    return true;
}

static NOT_COUNTED bool bfs_verify(u64 *checksum)
{
    struct arrays a = arrays_of(arena_direct(0));
    u32 *depths = gap_scratch(), *queue = depths + gap.vertices, root = 0;
    u64 again = 0;

    *checksum = 0;
    if (!gap.built)
        return true;
    if (!gap_check())
        return false;
    *checksum = gap_checksum();
    if (!searches)
        return true;
    mt19937_seed(&client, gap_seed(gap.seed));
    for (u64 i = 0; i < searches; i++) {
        root = draw_source();
        struct search s = plain_search(a.csr, root, depths, queue);
        again = mix_search(again, &s);
    }
    for (u32 v = 0; v < gap.vertices; v++)
        *checksum = gap_mix(*checksum, (u32)a.parents[v]);
    *checksum = gap_mix(*checksum, found);
    return again == found && root == source && is_tree(&a, root, depths);
}

/* Edges of the components that were searched, as Graph500 counts them: each once. */
static u64 bfs_work(void)
{
    return degrees / 2;
}

static NOT_COUNTED void bfs_report(void)
{
    gap_report();
    result_u64("trials", searches);
    result_u64("reached", last.vertices);
    result_u64("reached_directed_edges", last.degrees);
    result_u64("depth_sum", last.depths);
    result_u64("turns_bottom_up", turns);
}

/*
 * mlp: top down, the loads of parents of a list's neighbours do not depend on each other, some 7 instructions an edge,
 * so a reorder buffer of 224 entries would hold more than the 10 line-fill buffers take. But whether a neighbour has a
 * parent is a branch that waits for that load and is guessed wrong often while the front grows; bottom up the list's
 * end (the first neighbour in the front) is such a branch, too, though its bitmap mostly hits. Guessed wrong about once
 * in four: 4.
 */
struct workload gap_bfs = {
    .name = "gap-bfs",
    .summary = "breadth-first searches that change direction (GAP Benchmark Suite)",
    .ops = 8,
    .warmup = 1,
    .unit = "searches",
    .macro = {.bytes = 32 * MIB, .ops = 6, .warmup = 1},
    .mlp = 4000,
    .reads_input = true,
    .pages = bfs_pages,
    .setup = bfs_setup,
    .run = bfs_run,
    .verify = bfs_verify,
    .work = bfs_work,
    .work_unit = "edges",
    .report = bfs_report,
};
REGISTER_WORKLOAD(gap_bfs);
