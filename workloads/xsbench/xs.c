/*
 * XSBench's reactor and grids (xs.h): the reactor of Hoogenboom and Martin ("A proposal for a benchmark to monitor the
 * performance of detailed Monte Carlo calculation of power densities in a full size reactor core", M&C 2009), in its
 * small form with 34 nuclides in the fuel and its large one with 321.
 *
 *      points:      state 42; nuclide by nuclide, point by point: draw an energy and five cross sections; sort
 *      materials:   state 1070^2; material by material: draw the concentrations of its nuclides
 *
 * As energies are drawn uniformly, points are sorted by putting each into one of as many buckets as there are points
 * and then ordering neighbours. The unionized grid merges the nuclides' grids, so that each of its rows is the one
 * before with one entry changed.
 */
#include "workloads/xsbench/xs.h"
#include "lib/string.h"

/* The materials' nuclides. Several are alike: reflectors, plates and nozzles are steel in water. */
static const u8 fuel[] = {58, 59, 60, 61, 40, 42, 43, 44, 45, 46, 1,  2,  3,  7,  8,  9,  10,
                          29, 57, 47, 48, 0,  62, 15, 33, 34, 52, 53, 54, 55, 56, 18, 23, 41};
static const u8 cladding[] = {63, 64, 65, 66, 67};
static const u8 water[] = {24, 41, 4, 5};
static const u8 vessel[] = {19, 20, 21, 22, 35, 36, 37, 38, 39, 25, 27, 28, 29, 30,
                            31, 32, 26, 49, 50, 51, 11, 12, 13, 14, 6,  16, 17};
static const u8 steel_in_water[] = {24, 41, 4, 5, 19, 20, 21, 22, 35, 36, 37, 38, 39, 25, 49, 50, 51, 11, 12, 13, 14};
static const u8 cladding_in_water[] = {24, 41, 4, 5, 63, 64, 65, 66, 67};

/*
 * In the order of the specification, with the share of the core's volume that lies in this material or in one before
 * it, the fuel (0.139) excepted: it is drawn last, from what is left.
 */
static const struct {
    const u8 *nuclides;
    u32 nr;
    double upto;
} reactor[XS_MATERIALS] = {
    {fuel, sizeof(fuel), 0},
    {cladding, sizeof(cladding), 0.052},
    {water, sizeof(water), 0.327}, /* cold, borated */
    {water, sizeof(water), 0.461}, /* hot, borated */
    {vessel, sizeof(vessel), 0.615},
    {steel_in_water, sizeof(steel_in_water), 0.679},       /* lower and radial reflector */
    {steel_in_water, sizeof(steel_in_water), 0.745},       /* upper reflector, top plate */
    {steel_in_water, sizeof(steel_in_water), 0.800},       /* bottom plate */
    {steel_in_water, sizeof(steel_in_water), 0.808},       /* bottom nozzle */
    {steel_in_water, sizeof(steel_in_water), 0.823},       /* top nozzle */
    {cladding_in_water, sizeof(cladding_in_water), 0.848}, /* top of the fuel assemblies */
    {cladding_in_water, sizeof(cladding_in_water), 0.861}, /* their bottom */
};

u32 xs_draw_material(u64 *state)
{
    double roll = xs_draw(state);

    for (u32 m = 1; m < XS_MATERIALS; m++)
        if (roll < reactor[m].upto)
            return m;
    return 0;
}

void xs_fill_materials(struct xs_material *materials, u32 nr_nuclides)
{
    u64 state = 1070 * 1070;

    for (u32 m = 0; m < XS_MATERIALS; m++) {
        struct xs_material *to = &materials[m];
        to->nr = reactor[m].nr;
        for (u32 i = 0; i < to->nr; i++)
            to->nuclide[i] = reactor[m].nuclides[i];
        for (u32 n = XS_SMALL; m == 0 && n < nr_nuclides; n++) /* the large reactor has more in its fuel */
            to->nuclide[to->nr++] = n;
        for (u32 i = 0; i < to->nr; i++)
            to->concentration[i] = xs_draw(&state);
    }
}

static u64 fingerprint(const struct xs_point *point)
{
    u64 words[1 + XS_CHANNELS], sum = 0;

    memcpy(words, point, sizeof(words));
    for (unsigned i = 0; i < ARRAY_SIZE(words); i++)
        sum = (sum ^ words[i]) * 0x9e3779b97f4a7c15ull;
    return sum ^ sum >> 29;
}

u64 xs_fingerprint(const struct xs_point *points, u64 nr)
{
    u64 sum = 0;

    for (u64 i = 0; i < nr; i++)
        sum += fingerprint(&points[i]);
    return sum;
}

/* Draws the next points and puts each where its bucket begins. `start` has nr + 1 entries. Returns their fingerprint.
 */
static u64 draw_points(u64 *state, struct xs_point *points, u32 nr, u32 *start)
{
    const struct xs_jump point = xs_jump_by(1 + XS_CHANNELS);
    u64 energy = (*state * XS_FACTOR + 1) & XS_MASK, sum = 0;

    memset(start, 0, (nr + 1) * sizeof(*start));
    for (u32 i = 0; i < nr; i++, energy = xs_jump(energy, point))
        start[xs_bin(xs_unit(energy), nr) + 1]++;
    for (u32 i = 0; i < nr; i++)
        start[i + 1] += start[i];
    for (u32 i = 0; i < nr; i++) {
        struct xs_point p;
        p.energy = xs_draw(state);
        for (unsigned c = 0; c < XS_CHANNELS; c++)
            p.section[c] = xs_draw(state);
        sum += fingerprint(&p);
        points[start[xs_bin(p.energy, nr)]++] = p;
    }
    return sum;
}

u64 xs_fill_points(struct xs_point *points, u32 nr_nuclides, u32 nr_gridpoints, u32 *scratch)
{
    u64 state = 42, sum = 0;

    for (u32 n = 0; n < nr_nuclides; n++, points += nr_gridpoints) {
        sum += draw_points(&state, points, nr_gridpoints, scratch);
        for (u32 i = 1; i < nr_gridpoints; i++) { /* insertion: what is out of order is so by a few places */
            struct xs_point p = points[i];
            u32 at = i;
            for (; at > 0 && points[at - 1].energy > p.energy; at--)
                points[at] = points[at - 1];
            if (at < i)
                points[at] = p;
        }
    }
    return sum;
}

/* The nuclides by their next energy, the lowest first: a heap, in which the first is replaced and sinks. */
struct merge {
    u32 nr;
    struct {
        double energy;
        u32 nuclide, point;
    } entry[XS_LARGE];
};

static void sink(struct merge *heap, u32 at)
{
    for (;;) {
        u32 child = 2 * at + 1;
        if (child + 1 < heap->nr && heap->entry[child + 1].energy < heap->entry[child].energy)
            child++;
        if (child >= heap->nr || heap->entry[at].energy <= heap->entry[child].energy)
            return;
        __typeof__(heap->entry[0]) swap = heap->entry[at];
        heap->entry[at] = heap->entry[child];
        heap->entry[child] = swap;
        at = child;
    }
}

void xs_fill_unionized(double *energies, u32 *index, const struct xs_point *points, u32 nr_nuclides, u32 nr_gridpoints)
{
    static struct merge heap;
    const u32 *before = NULL;

    heap.nr = nr_nuclides;
    for (u32 n = 0; n < nr_nuclides; n++) {
        heap.entry[n].energy = points[(u64)n * nr_gridpoints].energy;
        heap.entry[n].nuclide = n;
        heap.entry[n].point = 0;
    }
    for (u32 i = nr_nuclides / 2; i-- > 0;)
        sink(&heap, i);
    while (heap.nr) {
        u32 n = heap.entry[0].nuclide, point = heap.entry[0].point++;
        *energies++ = heap.entry[0].energy;
        for (u32 i = 0; i < nr_nuclides; i++)
            index[i] = before ? before[i] : 0;
        index[n] = MIN(point, nr_gridpoints - 2);
        before = index;
        index += nr_nuclides;
        if (point + 1 < nr_gridpoints)
            heap.entry[0].energy = points[(u64)n * nr_gridpoints + point + 1].energy;
        else
            heap.entry[0] = heap.entry[--heap.nr];
        sink(&heap, 0);
    }
}

void xs_fill_hash(u32 *index, u32 bins, const struct xs_point *points, u32 nr_nuclides, u32 nr_gridpoints)
{
    for (u32 n = 0; n < nr_nuclides; n++) {
        const struct xs_point *p = points + (u64)n * nr_gridpoints;
        u32 first = 0; /* of this bin or a later one */
        for (u32 bin = 0; bin <= bins; bin++) {
            while (first < nr_gridpoints && xs_bin(p[first].energy, bins) < bin)
                first++;
            index[(u64)bin * nr_nuclides + n] = MIN(first ? first - 1 : 0, nr_gridpoints - 2);
        }
    }
}
