/* The policy of this run: the row of that name, with the parts and the pace that the keys put in its place. */
#pragma once

#include "mm/mech.h"

struct chosen {
    const struct policy *policy;
    const struct tracker *tracker; /* null for a part that it lacks */
    const struct classifier *classifier;
    const struct migrator *migrator;
    struct pace pace;
    bool uses_truth;
};

extern struct chosen chosen;

/* The row alone; usable before memory is laid out. Refuses an unknown name. */
const struct policy *policy_chosen(void);

/* Looks up the parts and fills `chosen`. Refuses unknown names and parts that do not fit together. */
void policy_choose(void);
