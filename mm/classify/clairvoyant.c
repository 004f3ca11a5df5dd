/*
 * clairvoyant: knows the requests of the coming cycle, from a rehearsal of the same run. With the migrator `ideal` no
 * placement that changes once a cycle can do better: the bound.
 */
#include "mm/classify/by_counts.h"
#include "mm/memory.h"
#include "mm/truth.h"

static bool clairvoyant_decide(struct space *space, struct plan *plan, u32 capacity)
{
    static u32 *coming;

    if (!coming)
        coming = kmem_alloc(space->nr_pages * sizeof(u32));
    truth_source.coming_requests(coming);
    plan_by_counts(space, coming, capacity, 0, 0, plan);
    return true;
}

static const struct classifier clairvoyant = {
    .name = "clairvoyant",
    .summary = "ranks pages by the coming cycle's requests, from a rehearsal of the run",
    .uses_truth = true,
    .knows_future = true,
    .decide = clairvoyant_decide,
};
REGISTER_CLASSIFIER(clairvoyant);
