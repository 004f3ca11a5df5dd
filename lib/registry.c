#include "lib/registry.h"
#include "kernel/exit.h"
#include "kernel/panic.h"
#include "lib/string.h"

#define DEFINE_REGISTRY(variable, kind_name, section)                                                                  \
    extern const void *const section##_start[], *const section##_end[];                                                \
    const struct registry variable = {kind_name, section##_start, section##_end}

DEFINE_REGISTRY(policy_registry, "policy", policies);
DEFINE_REGISTRY(tracker_registry, "tracker", trackers);
DEFINE_REGISTRY(classifier_registry, "classifier", classifiers);
DEFINE_REGISTRY(migrator_registry, "migrator", migrators);
DEFINE_REGISTRY(workload_registry, "workload", workloads);
DEFINE_REGISTRY(test_registry, "test", tests);
DEFINE_REGISTRY(bench_registry, "bench", benches);

const void *registry_find(const struct registry *registry, const char *name)
{
    const struct registered *found = NULL;

    for (const void *const *p = registry->start; p < registry->end; p++) {
        const struct registered *object = *p;
        if (strcmp(object->name, name))
            continue;
        ASSERT(!found); /* a name is registered once */
        found = object;
    }
    return found;
}

void registry_for_each(const struct registry *registry, void (*each)(const struct registered *object, void *data),
                       void *data)
{
    const char *last = "";

    for (;;) {
        const struct registered *next = NULL;
        for (const void *const *p = registry->start; p < registry->end; p++) {
            const struct registered *object = *p;
            if (strcmp(object->name, last) > 0 && (!next || strcmp(object->name, next->name) < 0))
                next = object;
        }
        if (!next)
            return;
        each(next, data);
        last = next->name;
    }
}

void name_list_add(struct name_list *list, const char *name)
{
    size_t length = strlen(name);

    if (list->used + length + 2 > list->size)
        return;
    list->text[list->used] = ' ';
    memcpy(list->text + list->used + 1, name, length + 1);
    list->used += length + 1;
}

static void add_name(const struct registered *object, void *data)
{
    name_list_add(data, object->name);
}

const void *registry_need(const struct registry *registry, const char *name)
{
    static char known[2000];
    static struct name_list names = {known, sizeof(known), 0};
    const void *found = registry_find(registry, name);

    if (!found) {
        registry_for_each(registry, add_name, &names);
        refuse("%s=%s: unknown %s; the known ones are:%s", registry->kind, name, registry->kind, known);
    }
    return found;
}
