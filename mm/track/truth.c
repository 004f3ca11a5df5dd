/*
 * truth: the model's own counts of the window that has just ended. No tracker can know more of the past; set in the
 * place of a policy's own tracker it shows what better tracking could gain. Its steps cost nothing.
 */
#include "kernel/model.h"
#include "mm/parts.h"
#include "mm/truth.h"

struct reading {
    u32 next_page;
};

static const struct tracker truth_tracker;

static void truth_start(struct space *space)
{
    struct reading *t = space_own(space, TRACKER, &truth_tracker, sizeof(*t));

    t->next_page = 0;
}

/* By page of the space. */
static const struct page_truth *last_window(const struct space *space)
{
    const struct page_truth *own = space->truth && space->truth->last_window ? space->truth->last_window(space) : NULL;

    return own ? own : model_truth() + space->first_page;
}

static bool truth_step(struct space *space, struct observations *out)
{
    const struct page_truth *truth = last_window(space);
    struct reading *t = space->own[TRACKER];

    for (; t->next_page < space->nr_pages && out->count < OBSERVATIONS_PER_STEP; t->next_page++) {
        const struct page_truth *p = &truth[t->next_page];
        u32 accesses = p->loads + p->stores;
        if (accesses)
            out->list[out->count++] =
                (struct observation){.page = t->next_page,
                                     .weight = MIN(accesses, 0xffffffu) & 0xffffffu,
                                     .flags = (p->loads ? OBSERVED_READ : 0u) | (p->stores ? OBSERVED_WRITTEN : 0u)};
    }
    if (t->next_page < space->nr_pages)
        return false;
    t->next_page = 0;
    return true;
}

static const struct tracker truth_tracker = {
    .part = {.name = "truth",
             .summary = "the exact counts of the past window, free of charge",
             .uses_truth = true,
             .start = truth_start},
    .sees = SEES_EVERY_WINDOW,
    .step = truth_step,
};
REGISTER_TRACKER(truth_tracker);
