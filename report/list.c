#include "report/list.h"
#include "bench/benches_classify.h"
#include "kernel/console.h"
#include "lib/keys.h"
#include "kernel/model.h"
#include "lib/record.h"
#include "lib/registry.h"
#include "lib/string.h"
#include "platform/topology.h"
#include "machines/balance.h"
#include "lab/workload.h"
#include "mm/parts.h"

static void begin(const char *what, const char *name, const char *help)
{
    record_begin("list");
    record_text("what", what);
    record_text("name", name);
    record_text("help", help);
}

static void list_object(const struct registered *object, void *kind)
{
    begin(kind, object->name, object->summary);
    record_end();
}

static void list_tracker(const struct registered *object, void *data)
{
    const struct tracker *tracker = (const void *)object;

    (void)data;
    begin("tracker", object->name, object->summary);
    record_bool("sees_every_window", tracker->sees & SEES_EVERY_WINDOW);
    record_bool("sees_touches", tracker->sees & SEES_TOUCHES);
    record_bool("sees_idle", tracker->sees & SEES_IDLE);
    record_end();
}

/* A classifier goes with the trackers that see what it wants: see lab/policy.c. */
static void list_classifier(const struct registered *object, void *data)
{
    const struct classifier *classifier = (const void *)object;

    (void)data;
    begin("classifier", object->name, object->summary);
    record_bool("wants_every_window", classifier->wants & SEES_EVERY_WINDOW);
    record_bool("wants_touches", classifier->wants & SEES_TOUCHES);
    record_bool("wants_idle", classifier->wants & SEES_IDLE);
    record_end();
}

/* What the numbers and names in records of events=1 mean. */
static void list_reasons(const struct registered *object, void *data)
{
    const struct reasons *reasons = &((const struct classifier *)(const void *)object)->reasons;
    char name[80];

    (void)data;
    for (u32 code = 0; code < reasons->count; code++) {
        ksnprintf(name, sizeof(name), "%s %u", object->name, code);
        begin("reason", name, reasons->sentences[code]);
        record_end();
    }
}

static void list_facts(const struct registered *object, void *data)
{
    const struct part *part = (const void *)object;
    char name[80];

    (void)data;
    for (u32 i = 0; i < MAX_FACTS && part->facts[i].name; i++) {
        ksnprintf(name, sizeof(name), "%s %s", part->name, part->facts[i].name);
        begin("fact", name, part->facts[i].meaning);
        record_end();
    }
}

static void list_policy(const struct registered *object, void *data)
{
    const struct policy *p = (const void *)object;

    (void)data;
    begin("policy", p->name, p->summary);
    record_text("tracker", p->tracker);
    record_text("classifier", p->classifier);
    record_text("migrator", p->migrator);
    record_u64("window_us", p->pace.window_us);
    record_u64("decide_windows", p->pace.decide_windows);
    record_u64("machine_window_us",
               p->pace.window_us * 1024 / model_header()->cores); /* before scaling: see docs/caveats.md */
    record_u64("step_pages", p->pace.step_pages);
    record_u64("moves", p->pace.moves);
    record_bool("uses_truth", p->uses_truth);
    record_text("keys", p->keys ? p->keys : "");
    record_text("source", p->source ? p->source : "");
    record_end();
}

static void list_workload(const struct registered *object, void *data)
{
    const struct workload *w = (const void *)object;

    (void)data;
    begin("workload", w->name, w->summary);
    record_text("unit", w->unit);
    record_u64("ops", w->ops);
    record_u64("warmup", w->warmup);
    record_u64("mlp", w->mlp);
    record_text("work_unit", w->work_unit ? w->work_unit : w->unit);
    record_u64("macro_bytes", w->macro.bytes);
    record_u64("macro_ops", w->macro.ops);
    record_u64("macro_warmup", w->macro.warmup);
    record_end();
}

static void list_key(const struct key *key, void *data)
{
    (void)data;
    begin("key", key->name, key->help);
    if (key->kind == KEY_IS_TEXT) {
        record_text("default", *key->text);
        record_text("choices", key->choices);
    } else {
        record_u64("default", *key->number);
        record_u64("minimum", key->minimum);
        record_u64("maximum", key->maximum);
    }
    record_end();
}

/* Which nodes are the tiers, and why. */
static void list_nodes(void)
{
    bool named = !strcmp(topology.ranked_by, "key");

    for (unsigned i = 0; i < topology.nr_nodes; i++) {
        const struct node *node = &topology.node[i];
        const char *role = "unused", *why = named ? "left over" : "between the two";
        char name[12], help[120];

        if (node == topology.tier[TIER_FAST])
            role = "fast tier", why = named ? "chosen" : "the nearest to the processor";
        if (node == topology.tier[TIER_SLOW])
            role = "slow tier", why = named ? "chosen" : "the farthest from the processor";
        ksnprintf(name, sizeof(name), "%u", node->domain);
        ksnprintf(help, sizeof(help), "%s: %s, by %s; latency %lu ns, distance %u (0: unknown)", role, why,
                  topology.ranked_by, node->latency_ps / 1000, node->distance);
        begin("node", name, help);
        record_end();
    }
}

void list_everything(void)
{
    list_nodes();
    registry_for_each(&policy_registry, list_policy, NULL);
    registry_for_each(&tracker_registry, list_tracker, NULL);
    registry_for_each(&classifier_registry, list_classifier, NULL);
    registry_for_each(&migrator_registry, list_object, "migrator");
    registry_for_each(&balancer_registry, list_object, "balancer");
    registry_for_each(&classifier_registry, list_reasons, NULL);
    registry_for_each(&classifier_registry, list_facts, NULL);
    registry_for_each(&tracker_registry, list_facts, NULL);
    registry_for_each(&workload_registry, list_workload, NULL);
    registry_for_each(&bench_registry, list_object, "bench");
    bench_classifiers(list_object, "bench");
    registry_for_each(&test_registry, list_object, "test");
    keys_for_each(list_key, NULL);
}
