/*
 * truth: the model's own counts of the window that has just ended. No tracker can know more of the past; set in the
 * place of a policy's own tracker it shows what better tracking could gain. Its steps cost nothing.
 */
#include "kernel/model.h"
#include "mm/mech.h"

static u32 next_page;

static void truth_start(struct space *space)
{
    (void)space;
    next_page = 0;
}

static bool truth_step(struct space *space, struct observations *out)
{
    const struct page_truth *truth = model_truth();

    for (; next_page < space->nr_pages && out->count < OBSERVATIONS_PER_STEP; next_page++) {
        const struct page_truth *t = &truth[space->first_page + next_page];
        u32 accesses = t->loads + t->stores;
        if (accesses)
            out->list[out->count++] =
                (struct observation){.page = next_page,
                                     .weight = MIN(accesses, 0xffffffu) & 0xffffffu,
                                     .flags = (t->loads ? OBSERVED_READ : 0u) | (t->stores ? OBSERVED_WRITTEN : 0u)};
    }
    if (next_page < space->nr_pages)
        return false;
    next_page = 0;
    return true;
}

static const struct tracker truth_tracker = {
    .name = "truth",
    .summary = "the exact counts of the past window, free of charge",
    .uses_truth = true,
    .start = truth_start,
    .step = truth_step,
};
REGISTER_TRACKER(truth_tracker);
