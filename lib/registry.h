/*
 * Registries: arrays of pointers that the linker gathers (linker.ld), so that a policy, part, workload or test is added
 * by adding a file. Every registered object starts with its name and its one-line summary.
 */
#pragma once

#include "kernel/types.h"

struct registered {
    const char *name, *summary;
};

struct registry {
    const char *kind; /* "policy", for messages */
    const void *const *start, *const *end;
};

extern const struct registry policy_registry, tracker_registry, classifier_registry, migrator_registry,
    workload_registry, test_registry, bench_registry;

/* The object of that name, or null. */
const void *registry_find(const struct registry *registry, const char *name);

/* The same, but refuses the run with the list of known names. */
const void *registry_need(const struct registry *registry, const char *name);

/* Calls `each` in order of name. A name registered twice is a panic. */
void registry_for_each(const struct registry *registry, void (*each)(const struct registered *object, void *data),
                       void *data);

/* A text that grows by " name"; what does not fit is left out. */
struct name_list {
    char *text;
    size_t size, used;
};
void name_list_add(struct name_list *list, const char *name);
