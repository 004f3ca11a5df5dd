/*
 * What a core has in flight: loads, lines on their way into the first level, lines that the prefetcher has asked for,
 * and page walks.
 *
 * Overlap comes from bounded queues, as in a core, and not from a divisor of latencies:
 *
 *   loads       Instructions retire in order, and a program has `mlp` misses that do not depend on each other. So a
 *               load holds the core up until the load mlp - 1 before it is done; with mlp 1, a dependent chase, until
 *               it is done itself. What lies between two misses runs while they are under way.
 *   fill        A line that misses the second level takes a fill buffer from request to arrival (10 in Skylake, which
 *               closes Little's law with FAST'20's figures: 24 cores x 10 x 64 B / 104.6 GB/s = 147 ns). Loads, store
 *               misses and walks share them.
 *   ahead       The prefetcher has at most `ahead` lines on their way or not yet used.
 *   walks       A core walks `walkers` page tables at once; the next walk begins when one of them ends.
 *
 * Each is a ring of times in ps, in order of arrival.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define MAX_FILL     64
#define MAX_WALKERS  16
#define MAX_AHEAD    64
#define FLIGHT_LOADS 128 /* a power of two above MAX_FILL: mlp is at most the number of fill buffers */

struct flight {
    uint64_t load_ps[FLIGHT_LOADS]; /* when the youngest loads retire; never decreasing */
    uint64_t last_ps;               /* the youngest of them */
    uint64_t fill_ps[MAX_FILL];     /* when each buffer is free */
    uint64_t ahead_ps[MAX_AHEAD];
    uint64_t walk_ps[MAX_WALKERS];
    uint32_t load_at, fill_at, ahead_at, walk_at;
    uint32_t fills, walkers, aheads; /* of the machine */
};

static inline void flight_clear(struct flight *flight)
{
    uint32_t fills = flight->fills, walkers = flight->walkers, aheads = flight->aheads;

    memset(flight, 0, sizeof(*flight));
    flight->fills = fills;
    flight->walkers = walkers;
    flight->aheads = aheads;
}

/*
 * A load is done at `done_ps`; returns how long the core waits, in ps. `mlp` is in 1/1000: between two whole numbers
 * the wait ends between the two loads', so that equal latencies L come every L / mlp. What is done before an older load
 * retires in its shadow, and is one of the mlp only if it is a miss.
 */
static inline uint64_t flight_load(struct flight *flight, uint64_t now_ps, uint64_t done_ps, uint32_t mlp, bool miss)
{
    if (done_ps <= flight->last_ps) {
        if (!miss) {
            return 0;
        }
        done_ps = flight->last_ps;
    }
    uint32_t at = ++flight->load_at, whole = mlp / 1000, part = mlp % 1000;
    flight->load_ps[at % FLIGHT_LOADS] = flight->last_ps = done_ps;
    uint64_t until_ps = flight->load_ps[(at + 1 - whole) % FLIGHT_LOADS];
    if (part) {
        until_ps -= (until_ps - flight->load_ps[(at - whole) % FLIGHT_LOADS]) * part / 1000;
    }
    return until_ps > now_ps ? until_ps - now_ps : 0;
}

/* Until everything that was loaded is there, in ps: what an instruction that serialises waits for. */
static inline uint64_t flight_settle(const struct flight *flight, uint64_t now_ps)
{
    return flight->last_ps > now_ps ? flight->last_ps - now_ps : 0;
}

/* When the fill buffer that comes next is free; flight_filled() takes it until `done_ps`. */
static inline uint64_t flight_fill(const struct flight *flight)
{
    return flight->fill_ps[flight->fill_at];
}

static inline void flight_filled(struct flight *flight, uint64_t done_ps)
{
    flight->fill_ps[flight->fill_at] = done_ps;
    flight->fill_at = flight->fill_at + 1 == flight->fills ? 0 : flight->fill_at + 1;
}

/* When the prefetcher could ask for the line that is used now: when the `aheads`-th before was used. */
static inline uint64_t flight_ahead(const struct flight *flight)
{
    return flight->ahead_ps[flight->ahead_at];
}

static inline void flight_used(struct flight *flight, uint64_t used_ps)
{
    flight->ahead_ps[flight->ahead_at] = used_ps;
    flight->ahead_at = flight->ahead_at + 1 == flight->aheads ? 0 : flight->ahead_at + 1;
}

/* When a walker is free; flight_walked() takes it until `done_ps`. */
static inline uint64_t flight_walker(const struct flight *flight)
{
    return flight->walk_ps[flight->walk_at];
}

static inline void flight_walked(struct flight *flight, uint64_t done_ps)
{
    flight->walk_ps[flight->walk_at] = done_ps;
    flight->walk_at = flight->walk_at + 1 == flight->walkers ? 0 : flight->walk_at + 1;
}
