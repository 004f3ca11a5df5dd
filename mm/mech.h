/*
 * The parts of a policy. Each kind knows the spaces and what passes between the kinds, and nothing of the others:
 *
 *      tracker --observations--> classifier --plan--> migrator
 *
 * A part works in short *steps*. Whoever calls a step pays for it (lab/daemon.h) and lets the workload run in between,
 * so a part keeps its place in variables of its own. A step that clears A or D or takes away a right ends with its
 * flush. `start` functions run once a run, with the clock paused.
 */
#pragma once

#include "kernel/keys.h"
#include "mm/space.h"

/* What a tracker found out about a page in one window. Plain data: it can be logged and replayed. */
struct observation {
    u32 page;
    u32 weight : 24; /* 1 for an accessed bit; how many for samples */
    u32 flags : 8;   /* OBSERVED_* */
};

enum { OBSERVED_READ = 1, OBSERVED_WRITTEN = 2 };

struct observations {
    struct observation *list; /* room for OBSERVATIONS_PER_STEP */
    u32 count;
};

#define OBSERVATIONS_PER_STEP 32768

/* Something that only this part counts: a monotonic number and its key in the summary. */
struct counter {
    const char *name;
    const u64 *value;
};

#define MAX_COUNTERS 6

struct tracker {
    const char *name, *summary;
    struct counter counters[MAX_COUNTERS]; /* ends at the first without a name */
    bool uses_truth;                       /* reads the model's counts of past epochs; its steps cost nothing */
    void (*start)(struct space *space);

    /* Looks at more of the window's pages, appends observations; true when the window has been looked at. */
    bool (*step)(struct space *space, struct observations *out);

    /* A fault on a page that the tracker has protected: notes it and gives the access back. False: not this tracker's.
     * May be null. */
    bool (*fault)(struct space *space, u32 page, bool write);

    /* At every tick, before steps: for what a device would have interrupted for. Booked as the workload's fault. May be
     * null. */
    void (*tick)(struct space *space, u64 now_ps);

    /* Takes every protection back, so that nothing of it is left behind. Clock paused. May be null. */
    void (*stop)(struct space *space);
};

/* Pages to move. Plain data. Demotions are carried out as far as promotions need the room, and to the end. */
struct plan {
    u32 *promote, *demote; /* page numbers, most urgent first; room for every page of the space */
    u32 nr_promote, nr_demote;
};

/* Entries that trackers have looked at since boot; they add to it. */
extern u64 pte_visits;

struct classifier {
    const char *name, *summary;
    bool uses_truth;   /* its deciding costs nothing */
    bool knows_future; /* wants the run rehearsed (lab/rehearsal.h) */
    void (*start)(struct space *space);

    /* A page got its first frame. */
    void (*mapped)(struct space *space, u32 page, enum tier tier);

    /* Takes in what a tracker's step found in the given window (counted from 1); at least once a window, with count 0
     * if need be. */
    void (*observe)(struct space *space, const struct observation *list, u32 count, u32 window);

    /* After the cycle's last window: does more of the deciding; true when the plan is complete. `capacity` in pages. */
    bool (*decide)(struct space *space, struct plan *plan, u32 capacity);

    /* A page has arrived in another tier. */
    void (*moved)(struct space *space, u32 page, enum tier to);
};

struct migration_counts { /* in pages */
    union {
        struct {
            u64 promoted, demoted;
        };
        u64 moved_to[NR_TIERS];
    };
    u64 failed; /* no frame, in flight already, or in that tier already. Not: planned without room */
};
extern struct migration_counts migration_counts;

struct migrator {
    const char *name, *summary;
    bool is_free; /* its steps cost nothing and take no time: for bounds only */

    /* Takes over the plan, which stays unchanged until finish(). */
    void (*begin)(struct space *space, const struct plan *plan);

    /* Moves up to `budget` pages on; pages may stay in flight between steps. True when none is left to move. */
    bool (*step)(struct space *space, u32 budget);

    /* Completes what is in flight and forgets the rest of the plan. */
    void (*finish)(struct space *space);

    /* The workload touched a page in flight: completes its move, at the workload's cost. False: not in flight. */
    bool (*fault)(struct space *space, u32 page, bool write);
};

/* Names the classifier that is told of every page that arrives in another tier; null for none. Migrators call the
 * listener, never null. */
void migration_tell(const struct classifier *classifier);
extern void (*migration_listener)(struct space *space, u32 page, enum tier to);

/* Lengths are in modelled time. Zero means "the default of the policy", in the keys that override them. */
struct pace {
    u64 window_us;
    u64 cycle_windows;
    u64 step_pages;  /* pages a migration step */
    u64 cycle_moves; /* pages moved up, and at most as many down, a cycle; 0 for no limit */
};

struct policy {
    const char *name, *summary;
    const char *tracker, *classifier, *migrator; /* names; "none" for a part that it lacks */
    struct pace pace;
    bool everything_in; /* the whole footprint lies in one tier, which the launcher makes large enough... */
    enum tier in;       /* ...namely this one */
    bool uses_truth;
};

#define REGISTER_TRACKER(object)    REGISTER_IN(trackers, object)
#define REGISTER_CLASSIFIER(object) REGISTER_IN(classifiers, object)
#define REGISTER_MIGRATOR(object)   REGISTER_IN(migrators, object)
#define REGISTER_POLICY(object)     REGISTER_IN(policies, object)
