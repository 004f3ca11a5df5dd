#include "tests/guest/contract.h"
#include "kernel/exit.h"
#include "lab/policy.h"

static const struct {
    const char *key;
    const struct registry *registry;
} kinds[NR_PARTS] = {[TRACKER] = {"tracker", &tracker_registry},
                     [CLASSIFIER] = {"classifier", &classifier_registry},
                     [MIGRATOR] = {"migrator", &migrator_registry}};

static const void *named(enum part_kind kind)
{
    return kind == TRACKER      ? (const void *)chosen.tracker
           : kind == CLASSIFIER ? (const void *)chosen.classifier
                                : (const void *)chosen.migrator;
}

const char *contract_skip(enum part_kind kind)
{
    const struct part *part = named(kind);

    if (!chosen.named[TRACKER] && !chosen.named[CLASSIFIER] && !chosen.named[MIGRATOR])
        return NULL;
    if (!chosen.named[kind])
        return "the part that is named is of another kind";
    if (!part)
        refuse("%s=none: there is no part whose contract could be tested", kinds[kind].key);
    return part->uses_truth ? ktap_needs_model() : NULL;
}

static void check_one(void (*check)(const void *part), const struct part *part)
{
    ktap_about(part->name, NULL, NULL);
    check(part);
    guest_expect_frames_owned();
    ktap_about(NULL, NULL, NULL);
}

void contract_each(enum part_kind kind, void (*check)(const void *part))
{
    const struct registry *registry = kinds[kind].registry;

    if (chosen.named[kind]) {
        check_one(check, named(kind));
        return;
    }
    for (const void *const *part = registry->start; part < registry->end; part++)
        if (guest_can_start(*part))
            check_one(check, *part);
}

static u32 usual_pages, usual_share[NR_TIERS];
static struct part_state *usual_states, *states; /* parts keep arrays of the space's size */

void contract_begin(void)
{
    usual_pages = arena.nr_pages;
    usual_states = arena.states;
    arena.nr_pages = CONTRACT_PAGES;
    arena.states = states;
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        usual_share[tier] = arena.share[tier];
}

void contract_room(enum tier tier, u32 frames)
{
    space_share(&arena, tier, MIN(arena.share[tier] - (u32)arena.left[tier] + frames, usual_share[tier]));
}

void contract_end(void)
{
    guest_clean();
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        space_share(&arena, tier, usual_share[tier]);
    arena.nr_pages = usual_pages;
    states = arena.states;
    arena.states = usual_states;
}

void contract_expect_all_back(void)
{
    const u64 rights = PTE_PRESENT | PTE_WRITE, watch = PTE_MIGRATOR_LOOKS | PTE_MIGRATOR_DIRTY;
    u32 kept = 0, watched = 0;

    for (u32 page = 0; page < arena.nr_pages; page++) {
        const pte_t *entry = space_entry(&arena, page);
        if (!entry || !pte_has_frame(*entry))
            continue;
        kept += (entry->bits & (rights | REASONS_ACCESS | REASONS_WRITE)) != rights;
        watched += (entry->bits & watch) != 0;
    }
    EXPECT_EQ(0, kept);
    EXPECT_EQ(0, watched);
    EXPECT_EQ(0, arena.new_reasons);
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        EXPECT_EQ(arena.resident[tier], arena.share[tier] - (u32)arena.left[tier]);
}
