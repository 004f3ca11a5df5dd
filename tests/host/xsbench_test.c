/* sources: tests/host/host.c workloads/xsbench/xs.c workloads/lib/heap.c */
/* XSBench: jumps against single steps, the grids against plain search, and a verifier that notices wrong inputs, wrong
 * indices and wrong results. */
#include "tests/host/wl_arena.h"

#include "workloads/xsbench/xsbench.c"

enum { NUCLIDES = XS_SMALL, POINTS = 200, BINS = 300 };

static struct xs_point points[NUCLIDES * POINTS];
static double energies[NUCLIDES * POINTS];
static u32 rows[NUCLIDES * POINTS * NUCLIDES], hashed[(BINS + 1) * NUCLIDES], room[POINTS + 1];

static void jumps(void)
{
    u64 state = 1070;

    host_case("xsbench.jumps");
    for (u64 i = 0; i < 2000; i++) {
        CHECK_EQ(state, xs_jump(1070, xs_jump_by(i)));
        xs_draw(&state);
    }
    CHECK_EQ(1070, xs_jump(1070, xs_jump_by((u64)1 << 63))); /* the period is 2^63, not half of it */
    CHECK(xs_jump(1070, xs_jump_by((u64)1 << 62)) != 1070);
}

/* The last point that is not above, by looking at all of them. */
static u32 plain(u32 nuclide, double energy)
{
    u32 low = 0;

    for (u32 i = 1; i + 1 < POINTS; i++)
        if (points[nuclide * POINTS + i].energy <= energy)
            low = i;
    return low;
}

static void grids(void)
{
    u64 state = 42;

    host_case("xsbench.grids");
    CHECK_EQ(xs_fill_points(points, NUCLIDES, POINTS, room), xs_fingerprint(points, NUCLIDES * POINTS));
    for (u32 i = 1; i < NUCLIDES * POINTS; i++)
        CHECK(i % POINTS == 0 || points[i - 1].energy <= points[i].energy);
    for (u32 i = 0; i < NUCLIDES * POINTS; i++) { /* every point that is drawn is there, whole */
        struct xs_point p;
        const struct xs_point *of = &points[i / POINTS * POINTS];
        double *words = &p.energy;
        for (u32 c = 0; c < 6; c++)
            words[c] = xs_draw(&state);
        u32 at = search_points(of, p.energy, 0, POINTS);
        CHECK(!memcmp(&p, &of[at], sizeof(p)));
    }
    xs_fill_unionized(energies, rows, points, NUCLIDES, POINTS);
    xs_fill_hash(hashed, BINS, points, NUCLIDES, POINTS);
    for (u32 i = 0; i < 3000; i++) {
        double energy = i == 0 ? 0.0 : i == 1 ? 1.0 : xs_draw(&state);
        u64 row = search_energies(energies, energy, NUCLIDES * POINTS);
        u32 bin = xs_bin(energy, BINS);
        for (u32 n = 0; n < NUCLIDES; n++) {
            const struct xs_point *of = &points[n * POINTS];
            u32 low = plain(n, energy);
            CHECK_EQ(low, search_points(of, energy, 0, POINTS - 1));
            CHECK_EQ(low, rows[row * NUCLIDES + n]);
            CHECK_EQ(low, search_points(of, energy, hashed[bin * NUCLIDES + n], hashed[(bin + 1) * NUCLIDES + n] + 1));
        }
    }
}

static void reactor_shares(void)
{
    static struct xs_material materials[XS_MATERIALS];
    u64 state = 1070, drawn[XS_MATERIALS] = {0};
    static const u32 sizes[XS_MATERIALS] = {34, 5, 4, 4, 27, 21, 21, 21, 21, 21, 9, 9},
                     shares[XS_MATERIALS] = {139, 52, 275, 134, 154, 64, 66, 55, 8, 15, 25, 13}; /* in thousandths */

    host_case("xsbench.materials");
    xs_fill_materials(materials, XS_SMALL);
    for (u32 m = 0; m < XS_MATERIALS; m++)
        CHECK_EQ(sizes[m], materials[m].nr);
    xs_fill_materials(materials, XS_LARGE);
    CHECK_EQ(XS_LARGE_FUEL, materials[0].nr);
    CHECK_EQ(XS_LARGE - 1, materials[0].nuclide[XS_LARGE_FUEL - 1]);
    for (u32 i = 0; i < 1000000; i++)
        drawn[xs_draw_material(&state)]++;
    for (u32 m = 0; m < XS_MATERIALS; m++) /* five deviations: at most 5 sqrt(0.25 x 10^6) */
        CHECK(drawn[m] + 2500 > shares[m] * 1000 && drawn[m] < shares[m] * 1000 + 2500);
}

static u64 checksum_of(const char *of_grid, const char *mode, u64 ops)
{
    u64 checksum;

    grid_name = of_grid, mode_name = mode;
    wl_run(&xsbench, 1, ops);
    CHECK(xsbench.verify(&checksum));
    return checksum;
}

static void verifier(void)
{
    static const char *const names[] = {"nuclide", "unionized", "hash"};

    nr_nuclides = XS_SMALL, nr_gridpoints = POINTS, hash_bins = BINS;
    host_case("xsbench.grids_agree");
    for (int history = 0; history < 2; history++)
        for (int g = 0; g < 3; g++)
            CHECK_EQ(checksum_of("nuclide", history ? "history" : "event", 700),
                     checksum_of(names[g], history ? "history" : "event", 700));
    host_case("xsbench.damage_is_noticed");
    for (int g = 0; g < 3; g++) {
        checksum_of(names[g], "history", 700);
        for (int i = 0; i < 30; i++)
            CHECK(wl_notices(&xsbench, host_below(NUCLIDES * POINTS * 6), 1ull << host_below(62)));
        result++;
        CHECK(!wl_right(&xsbench));
        result--, bits ^= 1;
        CHECK(!wl_right(&xsbench));
        bits ^= 1, done++;
        CHECK(!wl_right(&xsbench));
        done--;
        CHECK(wl_right(&xsbench));
    }
    /* A row that says one point too much, and energies in a wrong order: run goes wrong, the verifier does not. */
    grid_name = "unionized";
    CHECK(xsbench.pages() <= WL_ARENA_BYTES / PAGE_SIZE);
    xsbench.setup(1, 700);
    for (u64 row = 0; row < NUCLIDES * POINTS; row++)
        ((u32 *)arena_direct(index_at))[row * NUCLIDES + 24] ^= 1; /* a nuclide of water */
    xsbench.run(700);
    CHECK(!wl_right(&xsbench));
    xsbench.setup(1, 700);
    ((double *)arena_direct(energies_at))[(NUCLIDES * POINTS - 1) / 2] = 1; /* where each search begins */
    xsbench.run(700);
    CHECK(!wl_right(&xsbench));
    xsbench.setup(1, 700);
    ((struct xs_material *)arena_direct(materials_at))[2].concentration[0] *= 1.0000001;
    xsbench.run(700);
    CHECK(!wl_right(&xsbench));
}

static void refused(void)
{
    host_case("xsbench.refuses");
    nr_nuclides = 100;
    REFUSES(xsbench.pages());
    nr_nuclides = XS_LARGE, grid_name = "unionized", wl_size = 64 * KIB;
    REFUSES(xsbench.pages());
    wl_size = 2 * MIB;
    CHECK(xsbench.pages() <= wl_size / PAGE_SIZE);
    CHECK(lay_out(nr_gridpoints + 1) > wl_size / PAGE_SIZE);
}

int main(void)
{
    jumps();
    grids();
    reactor_shares();
    verifier();
    refused();
    return host_done();
}
