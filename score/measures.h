/*
 * What a tracker is measured by: its estimates against the truth, once a cycle. Means over the cycles go into the
 * summary, each cycle's own figures into the `window` record that closes it.
 *
 * Booking: BOOK_OFF throughout.
 */
#pragma once

#include "model/abi.h"
#include "mm/parts.h"

/* A cycle's counts, by page: true accesses (all, and those that the tracker could see) and requests, and the sums of the
 * observations' weights. */
struct cycle_counts {
    const u32 *accesses, *visible, *requests, *estimates;
    u32 nr_pages, capacity;
};

enum score {
    PRECISION,
    RECALL,
    DECLARED_PRECISION,
    DECLARED_RECALL,
    WEIGHTED_RECALL,
    VERDICT_REGRET,
    PLACEMENT_REGRET,
    NR_FIRST_SCORES, /* the summary's from the start; the others follow at its end */
    ACCESSED_PRECISION = NR_FIRST_SCORES,
    ACCESSED_RECALL,
    RATE_PRECISION,
    RATE_RECALL,
    KENDALL_TAU,
    SPEARMAN_RHO,
    COUNT_INFLATION,
    NR_SCORES
};

/* Sets of pages, a cycle: mapped, looked at (as often as they were), estimate > 0, truly accessed, top k, declared; and
 * what they share. */
enum set { MAPPED, VISITS, SEEN, ACCESSED, HOT, DECLARED, SEEN_ACCESSED, SEEN_HOT, SEEN_DECLARED, NR_SETS };

/*
 * Every window of every page, by what was true and what was said. An observation without an access in its window is a
 * race when the page was accessed between the window's end and the next one's (the tracker looked later than the epoch
 * closed), else stale: a bit or an entry left over from before, a queue's credit. Sum of estimates = right + raced +
 * stale + repeated + extra weight.
 */
enum cause { RIGHT, MISSED, RACED, STALE, REPEATED, EXTRA_WEIGHT, NR_CAUSES };

/* What is measured of one space. The first part is forgotten where the measured phase begins. */
struct measures {
    struct {
        s64 cycle[NR_SCORES], sum[NR_SCORES]; /* millionths; a cycle's may be RATIO_NULL */
        u32 count[NR_SCORES];
        u64 cycle_sets[NR_SETS], sum_sets[NR_SETS];
        u32 cycles, set_cycles;
        bool over; /* what epoch comes now, no window looks at */
        u64 causes[NR_CAUSES];
        u64 pairs; /* (page, window) truly accessed, in this cycle */
        u64 visits_before, requests_before[NR_TIERS];
        u64 left_out_observations;
        u64 samples_before, dropped_before; /* when the measured phase began */
    } now;
    const struct space *space;
    u64 others[NR_TIERS]; /* requests so far in the workload's account that were other spaces' */
    u32 first, end; /* the pages that are compared: from the first to before the end */
    u8 *page_flags;
    u32 *declared;                    /* 1 for a page of the declared hot set, at a cycle's end */
    u64 *work;                        /* for sorting */
    u32 *windows_accessed, *credited; /* by page, over the measured phase: windows with an access, and weights */
};

/* Allocates for the space. Once a boot. */
void measures_init(struct measures *m, const struct space *space);

/*
 * Of the space's pages only those from `first` to before `end` are compared, and numbered from the first. The others are none of the program's: a machine's image
 * and page tables, which trackers see and the truth may not, and what the laboratory's checks need beside the program, which are its own accesses and
 * no epoch's.
 */
void measures_compare(struct measures *m, u32 first, u32 end);

/* Observations of the others in the measured phase. */
u64 measures_left_out(const struct measures *m);

/* Forgets all cycles and observations so far. */
void measures_restart(struct measures *m);

/* A cycle begins. */
void measures_begin(struct measures *m);

/* An epoch was closed; `truth` of the space's first `nr_pages`, the others were never mapped. `looked_at`: the window
 * before it was, to its end. */
void measures_epoch(struct measures *m, const struct page_truth *truth, u32 nr_pages, bool looked_at);

/* Windows have ended: the next epoch only settles what the last one saw. */
void measures_stop(struct measures *m);

/* What a tracker's step found in the running window. */
void measures_observed(struct measures *m, const struct observation *list, u32 count);

/* Scores the cycle that ends. A cycle without accesses is left out of the means. */
void measures_end(struct measures *m, const struct cycle_counts *counts, bool tracked);

/* Adds another space's cycles, so that the means are those of all. */
void measures_add(struct measures *to, const struct measures *from);

/* The last cycle's figures, into the record that is open. */
void measures_record_cycle(const struct measures *m);

/* Each score's name, its value in the last cycle and its mean over the cycles of the phase, in millionths or RATIO_NULL. */
void measures_for_each(const struct measures *m, void (*each)(const char *name, s64 cycle, s64 mean));

/* The means: those that every summary has had from the start, and all others, which follow at its end. */
void measures_record_scores(const struct measures *m);
void measures_record_more(const struct measures *m);

/* With ranked=1: pages ranked by true and by credited count, as vTMM's figure 3 does. */
void measures_record_ranked(const struct measures *m);
