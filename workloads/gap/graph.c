/*
 * The graph of the GAP programs and how it is built, after the GAP Benchmark Suite's builder.
 *
 *      for every edge:  count it at both its ends;  sums of the counts are the lists' places
 *      for every edge:  append each end to the other's list
 *      for u = 0, 1, ..., for every v of u's list:  append u to v's second list, which so becomes sorted
 *      for every second list:  drop duplicates and the vertex itself;  move it up to the one before
 *
 * The original sorts each list by comparisons, and copies what is left of them. Here the graph is transposed, which is
 * itself: a third of the instructions, the same memory (edges, raw lists, final lists) and random stores instead of
 * local ones. The original then gives edges and raw lists back to the system; here they stay, since the verifier reads
 * the edges: after the build about two thirds of the footprint are never touched again. Built on one core, so without
 * the original's atomic additions.
 */
#include "workloads/gap/graph.h"
#include "kernel/exit.h"
#include "lib/keys.h"
#include "lib/size_text.h"
#include "lib/string.h"
#include "workloads/gap/file.h"

#define MAX_SCALE 23

/* What verifiers have for each vertex (gap_scratch). A file may have few edges, whose raw lists are then too short for
 * it. */
#define SCRATCH_BYTES 16

KEY_TEXT(gap_graph_kind, "gap_graph", "g", "g|u", "gap-*: g Kronecker (as Graph500) or u uniform");
KEY_NUMBER(gap_scale, "gap_scale", 0, 0, MAX_SCALE,
           "gap-*: 2^scale vertices (6 to 23); 0: the program's own, so that it exceeds the fast tier");
static KEY_NUMBER(gap_degree, "gap_degree", 16, 2, 64, "gap-*: generated edges a vertex (GAP's: 16)");

KEY_TEXT(gap_build_when, "gap_build", "setup", "setup|run",
         "gap-*: when the lists are built: setup, not counted (GAP does not time it with the kernel); run: by op 0");

struct gap gap;

static const char *input; /* the file, if there is one */
static size_t input_length;

u64 gap_array(u64 *at, u64 bytes)
{
    u64 start = *at;

    *at += ALIGN_UP(bytes, PAGE_SIZE);
    return start;
}

/* Bytes of the arena for so many vertices and edges. */
static u64 lay_out(u32 vertices, u64 edges, u64 (*place)(u64 at))
{
    u64 at = 0;

    gap.room = gap.vertices = vertices;
    gap.tuples = edges;
    gap.edges_at = gap_array(&at, gap.tuples * sizeof(struct gap_edge));
    gap.index_at = gap_array(&at, (gap.vertices + (u64)1) * sizeof(u64));
    gap.cursors_at = gap_array(&at, gap.vertices * sizeof(u64));
    gap.raw_at = gap_array(&at, MAX(2 * gap.tuples * sizeof(u32), SCRATCH_BYTES * (u64)gap.vertices));
    gap.neighbours_at = gap_array(&at, 2 * gap.tuples * sizeof(u32));
    return place(at);
}

static u64 lay_out_scale(u32 scale, u64 (*place)(u64 at))
{
    gap.scale = scale;
    return lay_out((u32)1 << scale, gap_degree << scale, place);
}

static u64 lay_out_file(u64 (*place)(u64 at))
{
    struct gap_file file;
    u64 bytes;

    if (workload_size() || gap_scale || key_given(&gap_graph_kind) || key_given(&gap_degree))
        refuse("input= is the graph: not together with size=, gap_graph=, gap_scale=, gap_degree=");
    file = gap_read(input, input_length, NULL);
    bytes = lay_out(file.vertices, file.edges, place);
    if (bytes > 2 * GIB)
        refuse("input: a graph of %u vertices and %lu edges needs %lu MiB; 2048 are allowed", file.vertices, file.edges,
               bytes / MIB);
    return bytes;
}

u64 gap_pages(u32 default_scale, u64 (*place)(u64 at))
{
    u32 scale = gap_scale ? (u32)gap_scale : default_scale;

    input = workload_input(&input_length);
    if (input) {
        gap.pages = (u32)(lay_out_file(place) >> PAGE_SHIFT);
        return gap.pages;
    }
    if (scale < 6)
        refuse("gap_scale=%lu: must be 0 or from 6 to %d", gap_scale, MAX_SCALE);
    if (workload_size()) {
        if (gap_scale)
            refuse("size= and gap_scale= say the same: give one");
        for (scale = MAX_SCALE; lay_out_scale(scale, place) > workload_size(); scale--)
            if (scale == 6)
                refuse("size=%s: the smallest graph (gap_scale=6) needs %s", size_text(workload_size()).text,
                       size_text(lay_out_scale(scale, place)).text);
    }
    gap.pages = (u32)(lay_out_scale(scale, place) >> PAGE_SHIFT);
    return gap.pages;
}

struct gap_csr gap_view(void *memory)
{
    return (struct gap_csr){.index = (u64 *)((u8 *)memory + gap.index_at),
                            .neighbours = (u32 *)((u8 *)memory + gap.neighbours_at)};
}

void *gap_scratch(void)
{
    return arena_direct(gap.raw_at);
}

/* The original takes the graph from the edges alone: a vertex above all of theirs is none (its builder's
 * FindMaxNodeID). */
static u32 count_vertices(const struct gap_edge *edges, u64 nr_edges)
{
    u32 highest = 0;

    for (u64 e = 0; e < nr_edges; e++)
        highest = MAX(highest, MAX(edges[e].from, edges[e].to));
    return highest + 1;
}

void gap_setup(u64 seed)
{
    struct gap_edge *edges;

    for (u32 page = 0; page < gap.pages; page++)
        arena_populate(page);
    edges = arena_direct(gap.edges_at);
    if (input)
        gap_read(input, input_length, edges);
    else if (strcmp(gap_graph_kind, "g"))
        gap_uniform(edges, gap.tuples, gap.scale, seed);
    else /* the shuffle's labels lie where the index will be */
        gap_kronecker(edges, gap.tuples, gap.scale, seed, arena_direct(gap.index_at));
    gap.vertices = count_vertices(edges, gap.tuples);
    gap.edges_hash = gap_hash_edges();
    gap.seed = seed;
    gap.built = false;
    gap.directed = 0;
    if (!strcmp(gap_build_when, "setup"))
        gap_build(arena_direct(0));
}

/* Counts the ends in index[], as offsets of where each list begins. */
static void count_ends(const struct gap_edge *edges, u64 *index)
{
    u64 sum = 0;

    for (u32 v = 0; v < gap.vertices; v++)
        index[v] = 0;
    for (u64 e = 0; e < gap.tuples; e++) {
        index[edges[e].from]++;
        index[edges[e].to]++;
    }
    for (u32 v = 0; v < gap.vertices; v++) {
        u64 count = index[v];
        index[v] = sum;
        sum += count;
    }
}

/* Appends; index[v] is then where v's list ends. */
static void scatter(const struct gap_edge *edges, u64 *index, u32 *raw)
{
    for (u64 e = 0; e < gap.tuples; e++) {
        raw[index[edges[e].from]++] = edges[e].to;
        raw[index[edges[e].to]++] = edges[e].from;
    }
}

static void transpose(const u64 *ends, const u32 *raw, u64 *cursors, u32 *neighbours)
{
    u64 at = 0;

    for (u32 v = 0; v < gap.vertices; v++)
        cursors[v] = v ? ends[v - 1] : 0;
    for (u32 u = 0; u < gap.vertices; u++)
        for (u64 end = ends[u]; at < end; at++)
            neighbours[cursors[raw[at]]++] = u;
}

/* Closes the gaps that duplicates and loops leave; index[v] is then where v's list begins. */
static u64 squish(u64 *index, u32 *neighbours)
{
    u64 at = 0, out = 0;

    for (u32 v = 0; v < gap.vertices; v++) {
        u64 end = index[v];
        u32 last = v; /* a loop to begin with */
        index[v] = out;
        for (; at < end; at++) {
            u32 number = neighbours[at];
            if (number != v && number != last)
                neighbours[out++] = last = number;
        }
    }
    index[gap.vertices] = out;
    return out;
}

void gap_build(u8 *memory)
{
    const struct gap_edge *edges = (struct gap_edge *)(memory + gap.edges_at);
    struct gap_csr csr = gap_view(memory);
    u32 *raw = (u32 *)(memory + gap.raw_at);

    count_ends(edges, csr.index);
    scatter(edges, csr.index, raw);
    transpose(csr.index, raw, (u64 *)(memory + gap.cursors_at), csr.neighbours);
    gap.directed = squish(csr.index, csr.neighbours);
    gap.built = true;
}

void gap_report(void)
{
    result_text("graph", input ? "file" : strcmp(gap_graph_kind, "g") ? "uniform" : "kronecker");
    result_u64("nodes", gap.vertices);
    result_u64("edges", gap.directed / 2);
}
