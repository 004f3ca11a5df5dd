/*
 * The parts of a policy. Each kind knows a space and what passes between the kinds, and nothing of the others:
 *
 *      tracker --observations, touches--> classifier --orders--> migrator
 *
 * A tracker tells what it has seen: in bulk, window by window, or at once, in the fault that showed it. A classifier
 * keeps what it was told and is *asked* for the next page to move; one that ranks everything now and then keeps its
 * ranking to itself (mm/ranking.h). A migrator asks, moves, and says what became of it.
 *
 * A part works in short *steps*. Whoever calls a step pays for it (lab/daemon.h), and the workload runs in between. So a
 * part keeps its place, and it keeps it in the space: what it knows of a space hangs on space->own[kind] and nothing of
 * it is static, so that the same part serves several spaces at once.
 *
 * Rights and bits have owners: no part writes PRESENT, WRITE, A or D of an entry. space_protect() and space_allow()
 * (mm/space.h) keep the reasons for which an access faults; mm/bits.h takes A and D for whoever asks and keeps D for
 * the other reader. So any tracker goes with any migrator.
 */
#pragma once

#include "lib/keys.h"
#include "mm/space.h"

/* What a tracker found out about a page in one window. Plain data: it can be logged and replayed. */
struct observation {
    u32 page;
    /* 1 for an accessed bit; how many for samples, loads and stores each in an observation of its own; 0: idle (SEES_IDLE) */
    u32 weight : 24;
    u32 flags : 8;   /* OBSERVED_* */
};

/* OBSERVED_LEAF: what was seen is the bit of a leaf of 2 MiB that begins at that page, so it is said of each of its 512 pages. */
enum { OBSERVED_READ = 1, OBSERVED_WRITTEN = 2, OBSERVED_LEAF = 4 };

/* Of how many pages, from o->page on, it is said. */
static inline u32 observation_pages(const struct observation *o)
{
    return o->flags & OBSERVED_LEAF ? PT_ENTRIES : 1;
}

struct observations {
    struct observation *list; /* room for OBSERVATIONS_PER_STEP */
    u32 count;
};

#define OBSERVATIONS_PER_STEP 32768

/* One access that faulted because a tracker had protected the page, told while the workload waits. */
struct touch {
    u32 page;
    bool write;
    bool again;    /* the classifier's: the tracker is to protect the page once more with its next step */
    u64 waited_ps; /* since the page was protected */
};

#define NO_PAGE 0xffffffffu

/* What is to be done to a page; eight bytes, passed by value. From a classifier's next() until its done() the page belongs to the migrator. */
struct order {
    u32 page;
    u8 to;     /* enum tier, TO_SPLIT, TO_COLLAPSE */
    u8 reason; /* the classifier's own: an index into its `reasons` */
};

/* Orders about 512 pages that stay in their tier, named by the first one. They are for huge_order() (mm/huge.h) alone; the move of
 * a leaf of 2 MiB is for it and for those that stand in where leaves may be so large (struct leaf_part). */
enum { TO_SPLIT = NR_TIERS, TO_COLLAPSE };

enum outcome {
    MOVED,
    NO_ROOM, /* no frame in that tier */
    GAVE_UP, /* written again and again */
    GONE,    /* not there, in that tier already, or in flight */
    NR_OUTCOMES
};

/* Something that only this part counts: its key in the summary, and where in the part's state the number is. */
struct counter {
    const char *name;
    size_t offset;
};

#define MAX_COUNTERS 8

/* In a part's `counters`: a u64 field of its state. */
#define COUNTER(state, field) {#field, offsetof(struct state, field)}

/* Something that a part knows of a page, or what it goes by: a number, and what it means. */
struct fact {
    const char *name, *meaning;
};

#define MAX_FACTS 4

/* For what only those read who look at a run: it lies apart, so that none of the part's own data lie elsewhere for it. */
#define SHOWN __attribute__((section(".rodata.shown")))

/* What every part has. */
struct part {
    const char *name, *summary;
    struct counter counters[MAX_COUNTERS]; /* ends at the first without a name */
    bool uses_truth;                       /* knows what no real one can; its steps cost nothing */

    struct fact facts[MAX_FACTS]; /* what explain() tells; ends at the first without a name */

    /* Why the part sees a page as it does, for whoever asks: the values of its facts, with the clock paused. May be null. */
    void (*explain)(const struct space *space, u32 page, u64 *values);

    /* A run begins: makes space->own[kind] or empties it (space_own()). Clock paused, as in stop. A tracker is started once
     * more where the measured phase begins: what it has seen is forgotten. May be null. */
    void (*start)(struct space *space);

    /* Gives every frame and right back; a migrator completes what is in flight. May be null. */
    void (*stop)(struct space *space);
};

/* How a tracker sees, and what a classifier asks for. */
enum {
    SEES_EVERY_WINDOW = 1, /* looks at every page in every window: "not reported" means "not accessed" */
    SEES_TOUCHES = 2,      /* tells single accesses at once, with the time since the page was protected */
    SEES_IDLE = 4,         /* reports with weight 0, to a classifier that wants it, what was not accessed since the last look */
};

struct tracker {
    struct part part;
    unsigned sees; /* SEES_* */

    /* Which tiers it looks at: a bit a tier. Null: both. Scores leave out what it cannot see. */
    unsigned (*tiers)(void);

    /* Looks at more of the window's pages, appends observations; true when the window has been looked at. */
    bool (*step)(struct space *space, struct observations *out);

    /* An access faulted for this tracker's reason, which is lifted afterwards: notes it. What it returns goes to the
     * classifier, and stays valid until the tracker's next step; null: nothing does. */
    struct touch *(*fault)(struct space *space, u32 page, bool write);

    /* At every tick, before steps: for what a device would have interrupted for. Booked as the workload's fault. May be
     * null. */
    void (*tick)(struct space *space, u64 now_ps);
};

/* What the codes of a classifier's orders mean: a sentence for each. */
struct reasons {
    const char *const *sentences;
    u32 count;
};

#define REASONS(array) {array, ARRAY_SIZE(array)}

struct classifier {
    struct part part;
    unsigned wants;      /* SEES_* that its tracker must have */
    bool knows_future;   /* wants the run rehearsed (lab/rehearsal.h) */
    bool never_demotes;  /* a full fast tier stays as it is */
    bool frees_memory;   /* takes pages down even while the fast tier has room */
    struct reasons reasons;

    /* A page got its first frame. */
    void (*mapped)(struct space *space, u32 page, enum tier tier);

    /* Takes in what a tracker's step found in the given window (counted from 1); at least once a window, with count 0
     * if need be. May be null. */
    void (*observe)(struct space *space, const struct observation *list, u32 count, u32 window);

    /* An access that faulted, at once and at the workload's cost: short. May be null. */
    void (*touched)(struct space *space, struct touch *touch);

    /* Every `decide_windows`, in steps, in the background: ages, cools, ranks. True when done. May be null. */
    bool (*decide)(struct space *space);

    /* The most urgent order that brings a page *to* that tier now; its page is NO_PAGE when there is none. It may look at
     * space_room() and hold back: watermarks, thresholds and rates are its business. */
    struct order (*next)(struct space *space, enum tier to);

    /* The space's share of the fast tier has become smaller than what it holds: the page there that is needed least, as an order to
     * the slow tier, whether or not anything waits for its room; NO_PAGE when it has none. Null for who gives such pages by next()
     * whenever no frame is free. */
    struct order (*give)(struct space *space);

    /* The same for a page that another has chosen, which is resident in the fast tier; NO_PAGE when the migrator has it. Null: none but the
     * classifier chooses. */
    struct order (*give_page)(struct space *space, u32 page);

    /* What became of it. The page belongs to the classifier again. (ranking_done(): nothing to remember.) */
    void (*done)(struct space *space, struct order order, enum outcome outcome);

    const char *const *lists; /* names of the lists that it keeps, by number, and a null, SHOWN. May be null */
};

/* What a migrator did about an access that faulted for its reason. */
enum served {
    SERVED,
    SERVED_WAITS /* the access has waited for the step that is being paid for */
};

struct migrator {
    struct part part;
    bool is_free; /* its steps cost nothing and take no time: for bounds only */

    /*
     * Goes on with what is open, then takes at most `budget` new orders by order_next() (a refused one counts); may
     * leave pages in flight. True when nothing is open and no order is left: then it is called again after
     * migration_wake(). With a budget of 0 it only completes what is open.
     */
    bool (*step)(struct space *space, u32 budget);

    /* An access faulted for this migrator's reason: afterwards the page can be accessed. */
    enum served (*fault)(struct space *space, u32 page, bool write);

    /* One order at once and to the end, at the workload's cost: promotion in a fault. Null: move_now(). */
    enum outcome (*now)(struct space *space, struct order order);

    /* The tier is full: gives back a frame that no page needs; false: it has none. May be null. */
    bool (*release)(struct space *space, enum tier tier);
};

/*
 * What stands in for the tracker or migrator of that name in a space whose leaves may be of 2 MiB. A part of its own, so that the
 * others need not ask at every entry how large it is. What has no such row is refused there.
 */
struct leaf_part {
    const char *name, *summary;
    const struct tracker *tracker; /* of leaves as the space's own tables map them; where it looks into a machine's, the plain one does */
    const struct migrator *migrator;
};

/* Lengths are in modelled time. Zero means "the default of the policy", in the keys that override them. */
struct pace {
    u64 window_us;
    u64 decide_windows;
    u64 step_pages; /* orders a migration step */
    u64 moves;      /* pages moved up, and at most as many down, in `decide_windows`; 0 for no limit */
    bool in_fault;  /* what a touch makes next() hand out is moved in the fault */
};

struct policy {
    const char *name, *summary;
    const char *source; /* paper, and the artefact's version or the kernel's files; null: no published system */
    const char *tracker, *classifier, *migrator; /* names; "none" for a part that it lacks */
    const char *keys; /* what it sets of its parts' keys: "hint_fast=0 hint_pages=64"; a key that is given wins */
    struct pace pace;
    bool placed_best;   /* the run is rehearsed (lab/rehearsal.h), and first touches go where the measured phase wants them */
    bool everything_in; /* the whole footprint lies in one tier, which the launcher makes large enough... */
    enum tier in;       /* ...namely this one */
    bool cached;        /* the model keeps lines of the slow tier in `fast=` bytes of the fast one, as hardware would */
    bool uses_truth;
};

/* The state of a part in a space: found again at each later start, zeroed when it is new. Sets space->own[kind]. */
void *space_own(struct space *space, enum part_kind kind, const void *part, size_t bytes);

/* For a part's state: `array` emptied, or a new one with so many bytes for each page of the space. */
void *space_page_array(const struct space *space, void *array, size_t bytes_per_page);

/* Sets the parts (null for none) and starts them. The classifier is told of all pages that are mapped. */
void parts_start(struct space *space, const struct tracker *tracker, const struct classifier *classifier,
                 const struct migrator *migrator);

/* Stops them, the migrator first, and takes them from the space. */
void parts_stop(struct space *space);

/* The value of a part's i-th counter. */
u64 part_counter(const struct space *space, enum part_kind kind, const struct part *part, unsigned i);

#define REGISTER_TRACKER(object)    REGISTER_IN(trackers, object)
#define REGISTER_CLASSIFIER(object) REGISTER_IN(classifiers, object)
#define REGISTER_MIGRATOR(object)   REGISTER_IN(migrators, object)
#define REGISTER_POLICY(object)     REGISTER_IN(policies, object)
#define REGISTER_LEAF_PART(object)  REGISTER_IN(leaf_parts, object)
