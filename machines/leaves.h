/* Whether a machine's memory is mapped by nested leaves of 2 MiB (`nested_leaf=`), and what then stands in for a policy's parts. */
#pragma once

#include "mm/parts.h"

/* Whether the key asks for them; without a machine, or with several, it is refused later. Usable before memory is laid out. */
bool leaves_wanted(void);

/* What stands in for the part of that name, or null. */
const struct leaf_part *leaves_part(const char *name);

/*
 * Puts those parts that know leaves of 2 MiB in place of the chosen ones, and tells the arena what a page's number stands for: the leaf, or,
 * where trackers look into the machine's own tables (`own`; `logged`: by a log), a page. Refuses what does not go with such leaves. Without the
 * key nothing. After policy_choose().
 */
void leaves_choose(bool own, bool logged);
