/* The policy of this run: the row of that name, with the parts and the pace that the keys put in its place. */
#pragma once

#include "mm/parts.h"

struct chosen {
    const struct policy *policy;
    const struct tracker *tracker; /* null for a part that it lacks */
    const struct classifier *classifier;
    const struct migrator *migrator;
    bool named[NR_PARTS]; /* by a key, in place of the row's own */
    struct pace pace;
    u64 score_windows;   /* of a cycle of scoring, the same for all policies */
    unsigned tiers_seen; /* by the tracker: a bit a tier */
    bool uses_truth;
};

#define ALL_TIERS (1u << TIER_FAST | 1u << TIER_SLOW)

extern struct chosen chosen;

/* The pace follows its keys again, after they were changed in mid-run. */
void policy_set_pace(void);

/* The row alone; usable before memory is laid out. Refuses an unknown name. */
const struct policy *policy_chosen(void);

/* Tells the model what of the policy is hardware; before the model's reset. */
void policy_tell_model(void);

/* Looks up the parts and fills `chosen`. Refuses unknown names and parts that do not fit together. */
void policy_choose(void);
