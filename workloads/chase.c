/*
 * chase: pointer chasing. Every line of the footprint holds the number of the next one; the lines form one random cycle
 * (Sattolo's algorithm, Computing 36(1), 1986), or follow each other. Up to 16 chains walk the same cycle from places
 * that lie apart, all advancing by one line an op.
 *
 * Verification: the cycle visits every line once, and each chain stands where a second walk through the direct map
 * arrives; the checksum is the sum of all lines visited.
 */
#include "kernel/exit.h"
#include "lib/string.h"
#include "lab/workload.h"
#include "workloads/lib/random.h"

#define LINE_WORDS 8
#define MAX_CHAINS 16

static KEY_SIZE(chase_bytes, "chase_bytes", 64 * MIB, PAGE_SIZE, 2 * GIB,
                "chase: footprint; arbitrary: twice the fast tier");
static KEY_NUMBER(chains, "chains", 1, 1, MAX_CHAINS, "chase: independent chains, walked in turn");
static KEY_TEXT(chase_order, "chase_order", "random", "random|sequential", "chase: order of the lines in the cycle");

static struct workload chase;
static u64 nr_lines, steps, sum;
static u64 at[MAX_CHAINS], first[MAX_CHAINS];

static u64 *line(u64 number)
{
    return arena_direct(number * LINE_WORDS * sizeof(u64));
}

static NOT_COUNTED u64 chase_pages(void)
{
    if (workload_size()) {
        if (key_given(&chase_bytes))
            refuse("size= and chase_bytes= say the same: give one");
        chase_bytes = workload_size();
    }
    nr_lines = chase_bytes / PAGE_SIZE * (PAGE_SIZE / 64);
    chase.mlp = (u32)chains * 1000;
    return chase_bytes / PAGE_SIZE;
}

static NOT_COUNTED void chase_setup(u64 seed, u64 total_ops)
{
    (void)total_ops;
    for (u32 page = 0; page < chase_bytes / PAGE_SIZE; page++)
        arena_populate(page);
    for (u64 i = 0; i < nr_lines; i++)
        *line(i) = strcmp(chase_order, "random") ? (i + 1) % nr_lines : i;
    for (u64 i = nr_lines - 1; i > 0 && !strcmp(chase_order, "random"); i--) {
        u64 j = random_below((u32)(random_next(&seed) >> 32), (u32)i), swap = *line(i);
        *line(i) = *line(j);
        *line(j) = swap;
    }
    for (unsigned c = 0; c < chains; c++)
        at[c] = first[c] = nr_lines * c / chains;
    steps = sum = 0;
}

static void chase_run(u64 ops)
{
    const volatile u64 *base = arena_base();
    u64 local[MAX_CHAINS], total = sum;

    memcpy(local, at, sizeof(local));
    if (chains == 1) { /* in a register: nothing but the chase touches memory */
        u64 one = local[0];
        for (u64 i = 0; i < ops; i++) {
            one = base[one * LINE_WORDS];
            total += one;
        }
        local[0] = one;
    } else {
        for (u64 i = 0; i < ops; i++) {
            for (unsigned c = 0; c < chains; c++) {
                local[c] = base[local[c] * LINE_WORDS];
                total += local[c];
            }
        }
    }
    memcpy(at, local, sizeof(local));
    sum = total;
    steps += ops;
}

static NOT_COUNTED bool chase_verify(u64 *checksum)
{
    u64 expected = 0, length = 0, where = 0, cycle_sum = 0;
    bool same = true;

    *checksum = sum;
    do {
        where = *line(where);
        if (where >= nr_lines)
            return false;
        cycle_sum += where;
        length++;
    } while (where && length <= nr_lines);
    for (unsigned c = 0; c < chains; c++) {
        where = first[c];
        expected += steps / nr_lines * cycle_sum;
        for (u64 i = 0; i < steps % nr_lines; i++) {
            where = *line(where);
            expected += where;
        }
        same = same && where == at[c];
    }
    return same && length == nr_lines && cycle_sum == nr_lines * (nr_lines - 1) / 2 && expected == sum;
}

static u64 chase_work(void)
{
    return steps * chains;
}

/* mlp: the chains are independent of each other, a chain's steps are not: as many as there are chains. */
static struct workload chase = {
    .name = "chase",
    .summary = "dependent loads along one cycle through all lines, 1 to 16 chains",
    .ops = 2000000,
    .warmup = 500000,
    .unit = "rounds",
    .macro = {.bytes = 64 * MIB, .ops = 1000000, .warmup = 500000},
    .mlp = 1000,
    .pages = chase_pages,
    .setup = chase_setup,
    .run = chase_run,
    .verify = chase_verify,
    .work = chase_work,
    .work_unit = "steps",
};
REGISTER_WORKLOAD(chase);
