/* The rows that every classifier has: see benches_classify.c. */
#pragma once

#include "bench/bench.h"
#include "lib/registry.h"
#include "lib/string.h"

typedef void (*bench_each_t)(const struct registered *bench, void *data);

/* Calls `each` with a benchmark of taking in and one of handing out, for every classifier; valid during the call. */
void bench_classifiers(bench_each_t each, void *data);
