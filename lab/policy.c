#include "lab/policy.h"
#include "kernel/exit.h"
#include "kernel/keys.h"
#include "kernel/registry.h"
#include "kernel/string.h"

static KEY_TEXT(policy_name, "policy", "lru", NULL, "which policy places and moves pages");
static KEY_TEXT(tracker_name, "tracker", "", NULL, "tracker in place of the policy's own; none for no tracking");
static KEY_TEXT(classifier_name, "classifier", "", NULL, "classifier in place of the policy's own");
static KEY_TEXT(migrator_name, "migrator", "", NULL, "migrator in place of the policy's own; none never moves a page");
static KEY_NUMBER(window_us, "window_us", 0, 0, 60000000, "tracking window in modelled us; 0: the policy's");
static KEY_NUMBER(cycle, "cycle", 0, 0, 10000, "windows a cycle; 0: the policy's");
static KEY_NUMBER(step_pages, "step_pages", 0, 0, 512, "pages a migration step, 512 at most; 0: the policy's");
static KEY_NUMBER(moves, "moves", 0, 0, UINT32_MAX, "pages moved up a cycle at most; 0: the policy's");

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

void policy_choose(void)
{
    const struct policy *p = policy_chosen();

    chosen = (struct chosen){
        .policy = p,
        .tracker = part(&tracker_registry, tracker_name, p->tracker),
        .classifier = part(&classifier_registry, classifier_name, p->classifier),
        .migrator = part(&migrator_registry, migrator_name, p->migrator),
        .pace = {.window_us = window_us ? window_us : p->pace.window_us,
                 .cycle_windows = cycle ? cycle : p->pace.cycle_windows,
                 .step_pages = step_pages ? step_pages : p->pace.step_pages,
                 .cycle_moves = moves ? moves : p->pace.cycle_moves},
    };
    /* Records and the run's id tell what holds, not what was typed. */
    tracker_name = chosen.tracker ? chosen.tracker->name : "none";
    classifier_name = chosen.classifier ? chosen.classifier->name : "none";
    migrator_name = chosen.migrator ? chosen.migrator->name : "none";
    window_us = chosen.pace.window_us;
    cycle = chosen.pace.cycle_windows;
    step_pages = chosen.pace.step_pages;
    moves = chosen.pace.cycle_moves;
    chosen.uses_truth = p->uses_truth || (chosen.tracker && chosen.tracker->uses_truth) ||
                        (chosen.classifier && chosen.classifier->uses_truth);
    if (p->everything_in && (chosen.classifier || chosen.migrator))
        refuse("policy=%s keeps everything in one tier: it takes neither classifier= nor migrator=", p->name);
    if (chosen.migrator && !chosen.classifier)
        refuse("migrator=%s needs a classifier that makes plans: give classifier= or a policy that has one",
               chosen.migrator->name);
}
