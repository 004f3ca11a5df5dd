#include "lab/policy.h"
#include "kernel/exit.h"
#include "kernel/model.h"
#include "lib/keys.h"
#include "kernel/options.h"
#include "lib/registry.h"
#include "lib/string.h"

static KEY_TEXT(policy_name, "policy", "lru", NULL, "which policy places and moves pages");
static KEY_TEXT(tracker_name, "tracker", "", NULL, "tracker in place of the policy's own; none for no tracking");
static KEY_TEXT(classifier_name, "classifier", "", NULL, "classifier in place of the policy's own");
static KEY_TEXT(migrator_name, "migrator", "", NULL, "migrator in place of the policy's own; none never moves a page");
static KEY_NUMBER(window_us, "window_us", 0, 0, 60000000, "tracking window in modelled us; 0: the policy's");
static KEY_NUMBER(score_windows, "score_windows", 8, 1, 10000,
                  "windows of a cycle of scoring, the same for all policies; vTMM's cycle has eight");
static KEY_NUMBER(decide_windows, "decide_windows", 0, 0, 10000, "windows until the policy decides again; 0: the policy's");
static KEY_NUMBER(step_pages, "step_pages", 0, 0, 512, "pages per migration step, 512 at most; 0: the policy's");
static KEY_NUMBER(moves, "moves", 0, 0, UINT32_MAX, "pages moved up, and as many down, in decide_windows at most; 0: the policy's");

KEY_MAY_CHANGE(window_us);
KEY_MAY_CHANGE(decide_windows);
KEY_MAY_CHANGE(step_pages);
KEY_MAY_CHANGE(moves);

struct chosen chosen;

const struct policy *policy_chosen(void)
{
    return registry_need(&policy_registry, policy_name);
}

static const void *part(const struct registry *registry, const char *given, const char *own)
{
    const char *name = *given ? given : own;

    return strcmp(name, "none") ? registry_need(registry, name) : NULL;
}

/* A classifier whose tracker cannot tell what it asks for would never move a page. */
static void refuse_misfits(void)
{
    unsigned sees = chosen.tracker ? chosen.tracker->sees : 0, wants = chosen.classifier ? chosen.classifier->wants : 0;
    const char *name = chosen.tracker ? chosen.tracker->part.name : "none";

    if (wants & SEES_EVERY_WINDOW & ~sees)
        refuse("classifier=%s counts windows in which a page was seen, which needs a tracker that looks at every page in "
               "every window; tracker=%s does not",
               chosen.classifier->part.name, name);
    if (wants & SEES_IDLE & ~sees)
        refuse("classifier=%s counts idle looks, which tracker=%s does not report: take tracker=hint", chosen.classifier->part.name, name);
    if (wants & SEES_TOUCHES & ~sees)
        refuse("classifier=%s goes by faults on protected pages, which tracker=%s does not cause: take tracker=hint",
               chosen.classifier->part.name, name);
}

/* A contract is about one part (tests/guest/contract.h): what stands beside it in the row does not count. */
static bool tests_one_part(void)
{
    return !strcmp(option_do, "test") && !strncmp(option_pattern, "contract", 8);
}

void policy_set_pace(void)
{
    const struct policy *p = chosen.policy;

    chosen.pace = (struct pace){.window_us = window_us ? window_us : p->pace.window_us,
                                .decide_windows = decide_windows ? decide_windows : MAX(p->pace.decide_windows, 1),
                                .step_pages = step_pages ? step_pages : p->pace.step_pages,
                                .moves = moves ? moves : p->pace.moves,
                                .in_fault = p->pace.in_fault};
}

void policy_tell_model(void)
{
    if (chosen.policy->cached)
        model_doorbells->memory_cache = option_fast_bytes;
}

void policy_choose(void)
{
    const struct policy *p = policy_chosen();

    chosen = (struct chosen){
        .policy = p,
        .tracker = part(&tracker_registry, tracker_name, p->tracker),
        .classifier = part(&classifier_registry, classifier_name, p->classifier),
        .migrator = part(&migrator_registry, migrator_name, p->migrator),
        .named = {[TRACKER] = *tracker_name, [CLASSIFIER] = *classifier_name, [MIGRATOR] = *migrator_name},
        .score_windows = score_windows,
    };
    policy_set_pace();
    /* Records and the run's id tell what holds, not what was typed. */
    tracker_name = chosen.tracker ? chosen.tracker->part.name : "none";
    classifier_name = chosen.classifier ? chosen.classifier->part.name : "none";
    migrator_name = chosen.migrator ? chosen.migrator->part.name : "none";
    window_us = chosen.pace.window_us;
    decide_windows = chosen.pace.decide_windows;
    step_pages = chosen.pace.step_pages;
    moves = chosen.pace.moves;
    chosen.tiers_seen = chosen.tracker && chosen.tracker->tiers ? chosen.tracker->tiers() : ALL_TIERS;
    chosen.uses_truth = p->uses_truth || (chosen.tracker && chosen.tracker->part.uses_truth) ||
                        (chosen.classifier && chosen.classifier->part.uses_truth);
    if (p->everything_in && (chosen.classifier || chosen.migrator))
        refuse("policy=%s keeps everything in one tier: it takes neither classifier= nor migrator=", p->name);
    if (p->cached && !model_present())
        refuse("policy=%s is hardware, which only the model has: run it without --no-model", p->name);
    if (chosen.migrator && !chosen.classifier)
        refuse("migrator=%s needs a classifier that gives orders: give classifier= or a policy that has one",
               chosen.migrator->part.name);
    if (!tests_one_part())
        refuse_misfits();
}
