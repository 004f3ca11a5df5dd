/*
 * Microbenchmarks of the mechanisms. A benchmark calls, through the same interface, the function that a run calls; what
 * the harness itself costs is the row `empty`.
 */
#pragma once

#include "lib/keys.h"
#include "kernel/types.h"

struct bench {
    const char *name, *summary;
    u64 ops;                      /* operations a round */
    const u64 *done;              /* how many of them were done, where that may be fewer; else null */
    void (*prepare)(void);        /* before each round, not measured; may be absent */
    void (*run)(u64 ops);         /* measured */
    void (*clean_up)(void);       /* after the last round; may be absent */
    const char *(*missing)(void); /* what this processor lacks for it, or null: then it is left out; may be absent */
};

#define REGISTER_BENCH(object) REGISTER_IN(benches, object)

/* What one operation costs, in 1/1000. */
struct bench_result {
    u64 insns_milli, ps_milli;
};

/* Three rounds, the last of which counts: the first ones fill caches and tables. */
struct bench_result bench_measure(const struct bench *bench);

/* Measures all whose name contains the pattern and writes a `bench` record each. */
bool bench_all(const char *pattern);
