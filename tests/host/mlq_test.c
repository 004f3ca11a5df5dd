/* sources: tests/host/host.c */
/*
 * The rule of the multi-level queue: independent accesses with probability p a window give the inflation and the saving
 * that another simulation of the same rule gave, and patterns worked out by hand.
 */
#include "tests/host/host.h"
#include "mm/track/mlq.h"

enum { MAX_WINDOWS = 64, PAGES = 100000 };

struct sums {
    u64 accesses, credited, seen, cleared;
};

/* One page through the queue: its bit is set by an access, stays until it is cleared. */
static void watch(const bool *accessed, u32 windows, struct sums *sums)
{
    mlq_place_t place = 0;
    bool set = false;

    for (u32 window = 0; window < windows; window++) {
        sums->accesses += accessed[window];
        set |= accessed[window];
        if (!set)
            continue;
        sums->credited++;
        sums->seen += !mlq_left(place);
        CHECK(mlq_left(place) || accessed[window]); /* what is seen is true */
        place = mlq_sight(place, window);
        if (!mlq_left(place)) {
            set = false;
            sums->cleared++;
        }
    }
}

static struct sums watch_random(double p, u32 windows)
{
    struct sums sums = {0};
    bool accessed[MAX_WINDOWS];

    for (u32 page = 0; page < PAGES; page++) {
        for (u32 window = 0; window < windows; window++)
            accessed[window] = host_below(1u << 30) < p * (1u << 30);
        watch(accessed, windows, &sums);
    }
    return sums;
}

static void near(double want, double got, double p, const char *what)
{
    if (got < want - 0.02 || got > want + 0.02)
        host_fail(__FILE__, __LINE__, "%s at p=%.2f: want=%.2f got=%.4f", what, p, want, got);
}

static void table(void)
{
    static const struct {
        double p, credited10, cleared10, credited64;
    } rows[] = {{0.05, 1.04, 0.96, 1.05}, {0.1, 1.08, 0.91, 1.10}, {0.2, 1.14, 0.83, 1.23}, {0.3, 1.18, 0.75, 1.36},
                {0.5, 1.21, 0.60, 1.47},  {0.7, 1.16, 0.47, 1.32}, {0.9, 1.06, 0.35, 1.09}, {1.0, 1.00, 0.30, 1.00}};

    for (u32 i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sums ten = watch_random(rows[i].p, 10), many = watch_random(rows[i].p, 64);
        near(rows[i].credited10, (double)ten.credited / ten.accesses, rows[i].p, "credited/true, 10 windows");
        near(rows[i].cleared10, (double)ten.cleared / ten.credited, rows[i].p, "clears/sightings, 10 windows");
        near(rows[i].credited64, (double)many.credited / many.accesses, rows[i].p, "credited/true, 64 windows");
        CHECK(ten.seen <= ten.accesses && many.seen <= many.accesses); /* never more than there was */
    }
}

/* Accesses in windows 0, 1, 3 and 6 only are credited as ten. */
static void worst_pattern(void)
{
    static const bool worst[10] = {[0] = true, [1] = true, [3] = true, [6] = true};
    struct sums most = {0}, sums = {0};

    watch(worst, 10, &sums);
    CHECK_EQ(10, sums.credited);
    CHECK_EQ(3, sums.cleared);
    CHECK_EQ(4, sums.seen);
    for (u32 pattern = 1; pattern < 1024; pattern++) { /* none is worse */
        bool accessed[10];
        struct sums one = {0};
        for (u32 window = 0; window < 10; window++)
            accessed[window] = pattern >> window & 1;
        watch(accessed, 10, &one);
        if (!most.accesses || one.credited * most.accesses > most.credited * one.accesses)
            most = one;
    }
    CHECK_EQ(25, most.credited * 10 / most.accesses);
}

static u32 level_of(mlq_place_t place)
{
    return place % MLQ_LEVELS;
}

/* A page accessed in every window rises by a level after 1, 2, 3, 5, 9, ... windows; a pause takes it down again. */
static void levels(void)
{
    mlq_place_t place = 0;
    u32 cleared = 0, at = 0;

    for (u32 window = 0; window < MLQ_MAX_WINDOWS; window++) {
        place = mlq_sight(place, window);
        cleared += !mlq_left(place);
        if (level_of(place) == MLQ_LEVELS - 1 && !at)
            at = window;
    }
    CHECK_EQ(MLQ_LEVELS - 1, level_of(place));
    CHECK_EQ(1 + 2 + 3 + 5 + 9 + 17 + 33, at);
    /* At the top a page is cleared every 65th window: 64 of rest, and the one in which it came back. */
    CHECK((MLQ_MAX_WINDOWS - at) / 65 + 7 - cleared <= 1);

    place = mlq_sight(0, 0);
    place = mlq_sight(place, 1); /* level 1, due in 2 */
    CHECK(level_of(place) == 1 && mlq_left(place));
    place = mlq_sight(place, 2);
    CHECK(level_of(place) == 1 && !mlq_left(place));
    place = mlq_sight(place, 3); /* level 2, due in 5 */
    place = mlq_sight(place, 4);
    CHECK(level_of(place) == 2 && mlq_left(place));
    place = mlq_sight(place, 5);
    CHECK(level_of(place) == 2 && !mlq_left(place));
    place = mlq_sight(place, 9); /* a pause: level 1, and left */
    CHECK(level_of(place) == 1 && mlq_left(place));
    place = mlq_sight(place, 10);
    CHECK(level_of(place) == 1 && !mlq_left(place));
    place = mlq_sight(place, 20);
    CHECK(level_of(place) == 0 && !mlq_left(place));
    place = mlq_sight(place, 30);
    CHECK(level_of(place) == 0 && !mlq_left(place));
}

int main(void)
{
    host_seed(1);
    host_case("mlq.table");
    table();
    host_case("mlq.worst_pattern");
    worst_pattern();
    host_case("mlq.levels");
    levels();
    return host_done();
}
