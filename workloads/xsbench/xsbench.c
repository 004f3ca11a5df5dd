/*
 * xsbench: the lookup of macroscopic cross sections, which takes most of the time of a Monte Carlo simulation of a
 * nuclear reactor (XSBench; Tramm, Siegel, Islam, Schulz, PHYSOR 2014; github.com/ANL-CESAR/XSBench).
 *
 *      each op:  a particle's energy and material are drawn
 *                for each nuclide of the material:
 *                    find the two points of the nuclide's grid between which the energy lies
 *                    interpolate the five cross sections, weigh them with the concentration, add them up
 *                the number of the largest of the five sums is added to the result
 *
 *      nuclide grid:    a binary search in each nuclide's grid
 *      unionized grid:  one search among all energies; its row says where to look in each nuclide
 *      hash grid:       the energy's bin says so within a point or two, a search does the rest
 *
 *      event mode:      op i is for a particle of its own, 2 i numbers on in the sequence
 *      history mode:    each particle is looked up `xs_lookups` times; how many numbers are skipped before the next
 *                       lookup depends on the result of the last; particle p begins 10 p xs_lookups numbers on
 *
 * Numbers, shares, concentrations and the order of draws are the published ones, so are the answers
 * (docs/workloads.md). With seed= other than 1 the particles begin elsewhere in the sequence. Differs in that the
 * program goes on beyond the published number of lookups, and sums up the bits of all cross sections beside the result.
 *
 * Verification: all lookups once more, by a walk from a coarse table of its own, whatever the grid was; the draws one
 * by one instead of by jumps; intervals are checked to hold the energy, grids to ascend, points to be those drawn. The
 * checksum has the result and the bits of all sums of cross sections; it is the same for all grids.
 */
#include "kernel/exit.h"
#include "lib/size_text.h"
#include "lib/string.h"
#include "lab/workload.h"
#include "workloads/lib/heap.h"
#include "workloads/xsbench/xs.h"

static KEY_TEXT(mode_name, "xs_mode", "history", "history|event",
                "xsbench: by particle or by lookup (original: history)");
static KEY_TEXT(
    grid_name, "xs_grid", "nuclide", "nuclide|unionized|hash",
    "xsbench: how points are found; the original's unionized takes 30 times the memory in the large reactor");
static KEY_NUMBER(nr_nuclides, "xs_nuclides", XS_LARGE, XS_SMALL, XS_LARGE,
                  "xsbench: 355 or 68, the large and the small reactor (original: large)");
static KEY_NUMBER(nr_gridpoints, "xs_gridpoints", 11303, 2, 10000000,
                  "xsbench: points of a nuclide's grid (published)");
static KEY_NUMBER(per_particle, "xs_lookups", 34, 1, 1000000,
                  "xsbench: lookups a particle in history mode (published)");
static KEY_NUMBER(hash_bins, "xs_hash_bins", 10000, 1, 1000000, "xsbench: bins of the hash grid (original's default)");

enum grid { GRID_NUCLIDE, GRID_UNIONIZED, GRID_HASH };

#define RUN_SEED 1070
#define MODULUS  999983 /* of the published results */

/* Where the arrays lie in the arena. */
static u64 points_at, energies_at, index_at, materials_at;

static enum grid grid;
static bool by_history;
static struct workload xsbench;

/* Where a particle stands: the state before its next draw. */
static struct state {
    u64 random, particle;
    u32 lookup;
} now;
static u64 first_random;
static u64 done, result, bits; /* lookups so far; the sum of the largest ones' numbers; of all sums' bits */
static u64 fingerprint;        /* of the points, as they were drawn */

/* Lays the arrays out; returns the pages that they take. */
static u64 lay_out(u64 gridpoints)
{
    struct heap heap;
    u64 points = nr_nuclides * gridpoints;

    heap_init(&heap, (u64)1 << 46); /* any: what fits is decided by size= and the tiers */
    points_at = heap_array(&heap, points * sizeof(struct xs_point));
    if (grid == GRID_UNIONIZED) {
        energies_at = heap_array(&heap, points * sizeof(double));
        index_at = heap_array(&heap, points * nr_nuclides * sizeof(u32));
    } else if (grid == GRID_HASH) {
        index_at = heap_array(&heap, (hash_bins + 1) * nr_nuclides * sizeof(u32));
    }
    materials_at = heap_array(&heap, XS_MATERIALS * sizeof(struct xs_material));
    return heap.end / PAGE_SIZE;
}

/* The most points a nuclide that fit into so many pages; 1 when even two do not. */
static u64 most_gridpoints(u64 pages)
{
    u64 low = 1, high = pages * PAGE_SIZE / sizeof(struct xs_point) / nr_nuclides + 2;

    while (high - low > 1) {
        u64 middle = low + (high - low) / 2;
        if (lay_out(middle) <= pages)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/*
 * mlp, from the code as compiled: a step of the binary search takes 13 instructions, its load depends on the one before
 * (by a conditional move, not a branch), and the interpolation of a nuclide takes some 85. A reorder buffer of 224
 * entries (Cascade Lake; Intel Optimization Reference Manual, 2.5) so holds the end of one nuclide's search and its
 * points, or the first ten steps of the next search: 2 misses at a time. In the hash grid there are a step or two to a
 * nuclide: the buffer holds nearly two nuclides, with two lines each: 4. In the unionized grid it holds two and a half
 * with their points' lines and words of the row, 6 lines; but before that come some 10 dependent misses of the one
 * search among all energies, against 40 lines of points and rows in the small reactor: 50 / (40 / 6 + 10) = 3.
 */
static u32 mlp_of(enum grid g)
{
    return g == GRID_NUCLIDE ? 2000 : g == GRID_HASH ? 4000 : 3000;
}

static NOT_COUNTED u64 xsbench_pages(void)
{
    grid = !strcmp(grid_name, "nuclide") ? GRID_NUCLIDE : !strcmp(grid_name, "hash") ? GRID_HASH : GRID_UNIONIZED;
    by_history = !strcmp(mode_name, "history");
    xsbench.mlp = mlp_of(grid);
    if (nr_nuclides != XS_SMALL && nr_nuclides != XS_LARGE)
        refuse("xs_nuclides=%lu: there are two reactors: %d or %d", nr_nuclides, XS_SMALL, XS_LARGE);
    if (workload_size()) {
        if (key_given(&nr_gridpoints))
            refuse("size= says how many xs_gridpoints= there are: give one");
        nr_gridpoints = most_gridpoints(workload_size() / PAGE_SIZE);
        if (nr_gridpoints < 2)
            refuse("size=%s is too small for %lu nuclides and xs_grid=%s", size_text(workload_size()).text, nr_nuclides,
                   grid_name);
    }
    return lay_out(nr_gridpoints);
}

static NOT_COUNTED void xsbench_setup(u64 seed, u64 total_ops)
{
    static u32 *scratch;
    struct xs_point *points;
    u64 pages = lay_out(nr_gridpoints);

    (void)total_ops;
    for (u32 page = 0; page < pages; page++)
        arena_populate(page);
    if (!scratch)
        scratch = workload_alloc((nr_gridpoints + 1) * sizeof(u32));
    points = arena_direct(points_at);
    fingerprint = xs_fill_points(points, (u32)nr_nuclides, (u32)nr_gridpoints, scratch);
    if (grid == GRID_UNIONIZED)
        xs_fill_unionized(arena_direct(energies_at), arena_direct(index_at), points, (u32)nr_nuclides,
                          (u32)nr_gridpoints);
    else if (grid == GRID_HASH)
        xs_fill_hash(arena_direct(index_at), (u32)hash_bins, points, (u32)nr_nuclides, (u32)nr_gridpoints);
    xs_fill_materials(arena_direct(materials_at), (u32)nr_nuclides);
    first_random = xs_jump(RUN_SEED, xs_jump_by((seed - 1) * 0x9e3779b97f4a7c15ull)); /* odd: all seeds differ */
    now = (struct state){.random = first_random};
    done = result = bits = 0;
}

/* --- a lookup --------------------------------------------------------------------------------------------------- */

/* The last of the points low to high - 1 that does not lie above the energy; point `low` if all do. */
static inline u32 search_points(const struct xs_point *points, double energy, u32 low, u32 high)
{
    while (high - low > 1) {
        u32 middle = low + (high - low) / 2;
        if (points[middle].energy > energy)
            high = middle;
        else
            low = middle;
    }
    return low;
}

static inline u64 search_energies(const double *energies, double energy, u64 nr)
{
    u64 low = 0, high = nr - 1;

    while (high - low > 1) {
        u64 middle = low + (high - low) / 2;
        if (energies[middle] > energy)
            high = middle;
        else
            low = middle;
    }
    return low;
}

/* Adds to the sums what a nuclide contributes whose interval begins at `low`. */
static inline void interpolate(const struct xs_point *low, double energy, double concentration, double sums[])
{
    const struct xs_point *high = low + 1;
    double part = (high->energy - energy) / (high->energy - low->energy);

    for (unsigned c = 0; c < XS_CHANNELS; c++)
        sums[c] += (high->section[c] - part * (high->section[c] - low->section[c])) * concentration;
}

/* What a lookup adds to the result, from 1: the number of the largest sum. */
static inline u32 largest(const double sums[])
{
    u32 best = 0;

    for (u32 c = 1; c < XS_CHANNELS; c++)
        if (sums[c] > sums[best])
            best = c;
    return best + 1;
}

static inline u64 bits_of(const double sums[])
{
    u64 sum = 0;

    for (unsigned c = 0; c < XS_CHANNELS; c++) {
        u64 word;
        __builtin_memcpy(&word, &sums[c], sizeof(word));
        sum = sum * 3 + word;
    }
    return sum;
}

/* How many numbers are skipped after a lookup in history mode. */
static inline u32 skipped(const double sums[])
{
    u32 nr = 0;

    for (unsigned c = 0; c < XS_CHANNELS; c++)
        nr += sums[c] > 1.0;
    return nr;
}

/* The numbers that separate the beginnings of two particles. */
static u64 particle_stride(void)
{
    return by_history ? per_particle * 2 * 5 : 2;
}

static inline void look_up(const u8 *base, enum grid kind, double energy, u32 material, double sums[])
{
    const struct xs_point *points = (const void *)(base + points_at);
    const struct xs_material *m = (const struct xs_material *)(base + materials_at) + material;
    const u32 *row = (const void *)(base + index_at);
    u32 nuclides = (u32)nr_nuclides, gridpoints = (u32)nr_gridpoints;

    if (kind == GRID_UNIONIZED)
        row += nuclides * search_energies((const void *)(base + energies_at), energy, (u64)nuclides * gridpoints);
    else if (kind == GRID_HASH)
        row += (u64)nuclides * xs_bin(energy, (u32)hash_bins);
    for (u32 i = 0; i < m->nr; i++) {
        u32 n = m->nuclide[i], low;
        const struct xs_point *grid_of = points + (u64)n * gridpoints;
        if (kind == GRID_NUCLIDE)
            low = search_points(grid_of, energy, 0, gridpoints - 1);
        else if (kind == GRID_UNIONIZED)
            low = row[n];
        else
            low = search_points(grid_of, energy, row[n], row[nuclides + n] + 1);
        interpolate(grid_of + low, energy, m->concentration[i], sums);
    }
}

static inline __attribute__((always_inline)) void run_grid(u64 ops, enum grid kind)
{
    const u8 *base = arena_base();
    u64 sum = result, all_bits = bits, stride = particle_stride();
    struct state s = now;

    for (u64 i = 0; i < ops; i++) {
        double sums[XS_CHANNELS] = {0}, energy;
        u32 material;
        if (!s.lookup)
            s.random = xs_jump(first_random, xs_jump_by(s.particle * stride));
        energy = xs_draw(&s.random);
        material = xs_draw_material(&s.random);
        look_up(base, kind, energy, material, sums);
        sum += largest(sums);
        all_bits = all_bits * 5 + bits_of(sums);
        if (by_history && ++s.lookup < per_particle) {
            s.random = xs_jump(s.random, xs_jump_by(skipped(sums)));
        } else {
            s.lookup = 0;
            s.particle++;
        }
    }
    now = s;
    result = sum;
    bits = all_bits;
    done += ops;
}

static void xsbench_run(u64 ops)
{
    if (grid == GRID_NUCLIDE)
        run_grid(ops, GRID_NUCLIDE);
    else if (grid == GRID_UNIONIZED)
        run_grid(ops, GRID_UNIONIZED);
    else
        run_grid(ops, GRID_HASH);
}

/* --- the verifier ----------------------------------------------------------------------------------------------- */

/* By nuclide and bin: the last point of an earlier bin. Some points a bin, so that the table is small. */
static u32 *coarse, nr_coarse;

static void make_coarse(const struct xs_point *points)
{
    if (!coarse) {
        for (nr_coarse = 1; nr_coarse * 4 <= nr_gridpoints && nr_coarse < 4096; nr_coarse *= 2)
            ;
        coarse = workload_alloc(nr_nuclides * nr_coarse * sizeof(u32));
    }
    for (u64 n = 0; n < nr_nuclides; n++, points += nr_gridpoints) {
        u32 *to = coarse + n * nr_coarse;
        memset(to, 0, nr_coarse * sizeof(u32));
        for (u32 i = 0; i < nr_gridpoints; i++)
            if (xs_bin(points[i].energy, nr_coarse) + 1 < nr_coarse)
                to[xs_bin(points[i].energy, nr_coarse) + 1] = i;
        for (u32 bin = 1; bin < nr_coarse; bin++)
            to[bin] = MAX(to[bin], to[bin - 1]);
    }
}

/* Whether the points are those that were drawn, and each nuclide's ascend. */
static bool points_right(const struct xs_point *points)
{
    for (u64 n = 0; n < nr_nuclides; n++)
        for (u64 i = n * nr_gridpoints + 1; i < (n + 1) * nr_gridpoints; i++)
            if (points[i - 1].energy > points[i].energy)
                return false;
    return xs_fingerprint(points, nr_nuclides * nr_gridpoints) == fingerprint;
}

/* The sums for an energy in a material by the coarse table; false when an interval does not hold the energy. */
static bool look_up_again(const struct xs_point *points, const struct xs_material *m, double energy, double sums[])
{
    u32 bin = xs_bin(energy, nr_coarse), last = (u32)nr_gridpoints - 2;

    for (u32 i = 0; i < m->nr; i++) {
        const struct xs_point *p = points + m->nuclide[i] * nr_gridpoints;
        u32 low = MIN(coarse[(u64)m->nuclide[i] * nr_coarse + bin], last);
        while (low < last && p[low + 1].energy <= energy)
            low++;
        if (low && p[low].energy > energy)
            return false;
        interpolate(p + low, energy, m->concentration[i], sums);
    }
    return true;
}

/* All lookups again, particle by particle, every number drawn or counted past. */
static bool repeat(u64 *sum, u64 *all_bits)
{
    static struct xs_material materials[XS_MATERIALS]; /* made again: not the arena's */
    const struct xs_point *points = arena_direct(points_at);
    const struct xs_jump to_next = xs_jump_by(particle_stride());
    u64 begin = first_random, left = done, lookups = by_history ? per_particle : 1;

    xs_fill_materials(materials, (u32)nr_nuclides);
    for (; left; begin = xs_jump(begin, to_next)) {
        u64 random = begin;
        for (u64 i = 0; i < lookups && left; i++, left--) {
            double sums[XS_CHANNELS] = {0}, energy = xs_draw(&random);
            u32 material = xs_draw_material(&random);
            if (!look_up_again(points, &materials[material], energy, sums))
                return false;
            *sum += largest(sums);
            *all_bits = *all_bits * 5 + bits_of(sums);
            for (u32 skip = skipped(sums); skip; skip--)
                xs_draw(&random);
        }
    }
    return true;
}

static NOT_COUNTED bool xsbench_verify(u64 *checksum)
{
    u64 sum = 0, all_bits = 0;
    const struct xs_point *points = arena_direct(points_at);

    *checksum = bits * 31 + result;
    if (!points_right(points))
        return false;
    make_coarse(points);
    return repeat(&sum, &all_bits) && sum == result && all_bits == bits;
}

static NOT_COUNTED void xsbench_report(void)
{
    result_u64("xs_lookups_done", done);
    result_u64("xs_result", result % MODULUS);
}

static struct workload xsbench = {
    .name = "xsbench",
    .summary = "XSBench: macroscopic cross sections of particles in a reactor, by three kinds of grids",
    .ops = 8000,
    .warmup = 2000,
    .unit = "lookups",
    .macro = {.bytes = 64 * MIB, .ops = 3000, .warmup = 1000},
    .mlp = 2000,
    .pages = xsbench_pages,
    .setup = xsbench_setup,
    .run = xsbench_run,
    .verify = xsbench_verify,
    .report = xsbench_report,
};
REGISTER_WORKLOAD(xsbench);
