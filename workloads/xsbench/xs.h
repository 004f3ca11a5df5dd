/*
 * What XSBench computes with: its random numbers, its reactor, its grids. Specification: J. Tramm, A. Siegel, T. Islam,
 * M. Schulz, "XSBench - The Development and Verification of a Performance Abstraction for Monte Carlo Reactor
 * Analysis", PHYSOR 2014, and the documentation of github.com/ANL-CESAR/XSBench (version 20). All arrays lie where the
 * caller says.
 */
#pragma once

#include "kernel/types.h"

enum { XS_CHANNELS = 5, XS_MATERIALS = 12, XS_SMALL = 68, XS_LARGE = 355, XS_SMALL_FUEL = 34, XS_LARGE_FUEL = 321 };

/* A point of a nuclide's grid: an energy in [0, 1] and the microscopic cross sections there, one a reaction channel. */
struct xs_point {
    double energy, section[XS_CHANNELS];
};

/* What a material is made of: `nr` nuclides, by number, and how much there is of each. */
struct xs_material {
    u32 nr, nuclide[XS_LARGE_FUEL];
    double concentration[XS_LARGE_FUEL];
};

/* --- random numbers: x <- 2806196910506780709 x + 1 mod 2^63 ---------------------------------------------------- */

#define XS_FACTOR ((u64)2806196910506780709)
#define XS_MASK   (((u64)1 << 63) - 1)

/* The number in [0, 1] that a state stands for. */
static inline double xs_unit(u64 state)
{
    return (double)(s64)state * 0x1p-63;
}

static inline double xs_draw(u64 *state)
{
    *state = (*state * XS_FACTOR + 1) & XS_MASK;
    return xs_unit(*state);
}

/* Some steps in one: x <- factor x + addend mod 2^63 (Brown, "Random number generation with arbitrary strides", 1994).
 */
struct xs_jump {
    u64 factor, addend;
};

static inline struct xs_jump xs_jump_by(u64 steps)
{
    struct xs_jump all = {1, 0}, one = {XS_FACTOR, 1};

    for (; steps; steps >>= 1) {
        if (steps & 1)
            all = (struct xs_jump){all.factor * one.factor, all.addend * one.factor + one.addend};
        one = (struct xs_jump){one.factor * one.factor, one.addend * (one.factor + 1)};
    }
    return all;
}

static inline u64 xs_jump(u64 state, struct xs_jump jump)
{
    return (state * jump.factor + jump.addend) & XS_MASK;
}

/* Draws the material in which the next particle is, by the fixed shares of the core's volume. */
u32 xs_draw_material(u64 *state);

/* --- the inputs ------------------------------------------------------------------------------------------------- */

/* The 12 materials of the reactor with XS_SMALL or XS_LARGE nuclides, with the published concentrations. */
void xs_fill_materials(struct xs_material *materials, u32 nr_nuclides);

/*
 * The published grids: `nr_gridpoints` points a nuclide, ascending in energy, one nuclide after the other. `scratch`
 * has nr_gridpoints + 1 entries. Returns the fingerprint of what was drawn, which is that of the grids if they are
 * right.
 */
u64 xs_fill_points(struct xs_point *points, u32 nr_nuclides, u32 nr_gridpoints, u32 *scratch);

/* The same number for the same points in any order. */
u64 xs_fingerprint(const struct xs_point *points, u64 nr);

/*
 * The unionized grid: all energies, ascending; and for each of them, by nuclide, the last point of that nuclide that
 * does not lie above, but at least 0 and at most nr_gridpoints - 2.
 */
void xs_fill_unionized(double *energies, u32 *index, const struct xs_point *points, u32 nr_nuclides, u32 nr_gridpoints);

/*
 * The hash grid: energies fall into `bins` equal bins. By bin, then by nuclide, for bins 0 to `bins`: the last point of
 * an earlier bin, but at least 0 and at most nr_gridpoints - 2. So a point below an energy's interval lies at the entry
 * of its bin, and the interval ends no later than one above the entry of the next.
 */
void xs_fill_hash(u32 *index, u32 bins, const struct xs_point *points, u32 nr_nuclides, u32 nr_gridpoints);

/* The bin of an energy; exact in the sense that a higher energy is in no lower bin. */
static inline u32 xs_bin(double energy, u32 bins)
{
    u32 bin = (u32)(s64)(energy * (double)(s64)bins);

    return bin < bins ? bin : bins - 1;
}
