#include "bench/bench.h"
#include "bench/benches_classify.h"
#include "kernel/clock.h"
#include "kernel/console.h"
#include "kernel/exit.h"
#include "lib/record.h"
#include "lib/registry.h"
#include "lib/string.h"

#define ROUNDS 3

static u32 measured;

/* Millions of operations and billions of picoseconds stay below 2^64 / 1000. */
static u64 per_op_milli(u64 total, u64 ops)
{
    return total * 1000 / ops;
}

struct bench_result bench_measure(const struct bench *bench)
{
    struct bench_result result = {0, 0};

    for (int round = 0; round < ROUNDS; round++) {
        u64 insns, ps;
        if (bench->prepare)
            bench->prepare();
        insns = ps = 0;
        for (unsigned a = ACCOUNT_WORKLOAD; a < NR_ACCOUNTS; a++)
            insns -= clock.account[a].insns;
        ps -= clock_now_ps();
        clock_book(BOOK_OTHER);
        bench->run(bench->ops);
        clock_book(BOOK_OFF);
        ps += clock_now_ps();
        for (unsigned a = ACCOUNT_WORKLOAD; a < NR_ACCOUNTS; a++)
            insns += clock.account[a].insns;
        u64 done = bench->done ? MAX(*bench->done, 1) : bench->ops;
        result = (struct bench_result){per_op_milli(insns, done), per_op_milli(ps, done)};
    }
    if (bench->clean_up)
        bench->clean_up();
    return result;
}

static void run_one(const struct registered *object, void *pattern)
{
    const struct bench *bench = (const void *)object;
    struct bench_result result;
    const char *why;

    if (!matches(bench->name, pattern))
        return;
    measured++;
    why = bench->missing ? bench->missing() : NULL;
    if (why) {
        kprintf("tierlab: bench %s left out: %s\n", bench->name, why);
        return;
    }
    result = bench_measure(bench);
    if (bench->done && !*bench->done) {
        kprintf("tierlab: bench %s left out: nothing was due\n", bench->name);
        return;
    }
    record_begin("bench");
    record_text("name", bench->name);
    record_u64("ops", bench->done ? *bench->done : bench->ops);
    record_millionths("insns_per_op", (s64)(result.insns_milli * 1000));
    record_millionths("ns_per_op", (s64)result.ps_milli);
    record_text("clock", clock_kind());
    record_end();
}

bool bench_all(const char *pattern)
{
    registry_for_each(&bench_registry, run_one, (void *)(u64)pattern);
    bench_classifiers(run_one, (void *)(u64)pattern);
    if (!measured)
        refuse("pattern=%s: no microbenchmark has this in its name, or such a name", pattern);
    return true;
}
