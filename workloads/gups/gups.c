/*
 * gups: RandomAccess of the HPC Challenge, for one processor: updates of random words of a table, as fast as memory
 * takes them.
 *
 *      T[i] = i for all i < 2^k;   each op:  a <- next(a);  T[index of a] ^= a
 *
 * `next` is one of two sequences (workloads/gups/sequence.h). The index is the low k bits of the original one, the high
 * k bits of the LCG. As in the reference, several streams take turns: of all updates, each does its own part of the
 * sequence, from a step to which it jumps at the start, so that one update does not wait for the last one's number. The
 * table at the end is the same for any number of streams.
 *
 * Source: github.com/icl-utk-edu/hpcc, RandomAccess/core_single_cpu.c and its LCG sibling. Differs in that the number
 * of updates is ops + warmup, where the reference does 4 x 2^k (so does ops=33554432 warmup=0 for the default table);
 * that another seed than 1 starts the sequence elsewhere; and that a single wrong word fails the run, where it allows
 * one in a hundred.
 *
 * Verification: one generator goes through the whole sequence from its start, without jumps, and applies every update
 * that was done once more. Exclusive or undoes itself, so each word is its own number again. The checksum is the FNV-1a
 * hash of the table's words after run.
 */
#include "kernel/exit.h"
#include "lib/string.h"
#include "lab/workload.h"
#include "workloads/gups/sequence.h"
#include "workloads/lib/random.h"

#define MAX_STREAMS 128

static KEY_NUMBER(log2_words, "gups_log2", 23, 9, 28,
                  "gups: the table has 2^this words; the largest that takes half the memory at most, HPCC's rule: 23");
static KEY_TEXT(sequence, "gups_sequence", "shift", "shift|lcg",
                "gups: the original sequence, or the LCG for small tables, where the original begins too sparse");
static KEY_NUMBER(nr_streams, "gups_streams", MAX_STREAMS, 1, MAX_STREAMS,
                  "gups: parts of the sequence that take turns; the reference has 128");

static u64 stream[MAX_STREAMS]; /* the value of each at its last update */
static u64 turn;                /* whose update is next */
static u64 done, total, first_step;
static u64 changed, measured_done, measured_ps; /* for the summary */

static bool is_lcg(void)
{
    return !strcmp(sequence, "lcg");
}

static NOT_COUNTED u64 gups_pages(void)
{
    u64 words = workload_size() / sizeof(u64);

    if (words) {
        if (key_given(&log2_words))
            refuse("size= and gups_log2= say the same: give one");
        for (log2_words = 9; words >> (log2_words + 1); log2_words++)
            ;
    }
    return (sizeof(u64) << log2_words) / PAGE_SIZE;
}

/* Updates of all `count` that fall to a stream: the first ones have one more where it does not divide. */
static u64 share(u64 count, u64 which)
{
    return count / nr_streams + (which < count % nr_streams);
}

static u64 value_at(u64 step)
{
    return is_lcg() ? gups_lcg_at(step) : gups_shift_at(step);
}

static NOT_COUNTED void gups_setup(u64 seed, u64 total_ops)
{
    u64 *table, step;

    for (u32 page = 0; page < (sizeof(u64) << log2_words) / PAGE_SIZE; page++)
        arena_populate(page);
    table = arena_direct(0);
    for (u64 i = 0; i < 1ull << log2_words; i++)
        table[i] = i;
    /* Seed 1 is the reference's; others lie anywhere in the period, which is longer than 2^60. */
    first_step = seed == 1 ? 0 : random_next(&seed) >> 4;
    step = first_step;
    for (u64 j = 0; j < nr_streams; j++) {
        stream[j] = value_at(step);
        step += share(total_ops, j);
    }
    total = total_ops;
    done = turn = 0;
}

static inline u64 next(u64 a, bool lcg)
{
    return lcg ? gups_lcg_next(a) : gups_shift_next(a);
}

/* Of 2^k words. */
static inline u64 index_of(u64 a, u64 k, bool lcg)
{
    return lcg ? a >> (64 - k) : a & ((1ull << k) - 1);
}

static inline void run_as(u64 ops, bool lcg)
{
    u64 *table = arena_base(), k = log2_words, last = nr_streams - 1, j = turn;

    for (u64 i = 0; i < ops; i++) {
        u64 a = next(stream[j], lcg);
        stream[j] = a;
        table[index_of(a, k, lcg)] ^= a;
        j = j == last ? 0 : j + 1;
    }
    turn = j;
}

static void gups_run(u64 ops)
{
    if (is_lcg())
        run_as(ops, true);
    else
        run_as(ops, false);
    done += ops;
}

/* Applies all updates that were done, in the order of the sequence: stream by stream, past those still to come. */
static void replay(u64 *table)
{
    u64 a = value_at(first_step);
    bool lcg = is_lcg();

    for (u64 j = 0; j < nr_streams; j++) {
        for (u64 i = 0, todo = share(done, j); i < share(total, j); i++) {
            a = next(a, lcg);
            if (i < todo)
                table[index_of(a, log2_words, lcg)] ^= a;
        }
    }
}

static NOT_COUNTED bool gups_verify(u64 *checksum)
{
    u64 *table = arena_direct(0), words = 1ull << log2_words, errors = 0, hash = 0xcbf29ce484222325ull;

    changed = 0;
    for (u64 i = 0; i < words; i++) {
        changed += table[i] != i;
        hash = (hash ^ table[i]) * 0x100000001b3ull;
    }
    *checksum = hash;
    replay(table);
    for (u64 i = 0; i < words; i++)
        errors += table[i] != i;
    return !errors;
}

static NOT_COUNTED void gups_measured(void)
{
    measured_done = done;
    measured_ps = workload_now_ps();
}

static NOT_COUNTED void gups_report(void)
{
    u64 time_ns = (workload_now_ps() - measured_ps) / 1000;

    result_u64("micro_gups", time_ns ? (done - measured_done) * 1000000 / time_ns : 0);
    result_u64("changed_words", changed);
}

/*
 * mlp: an update takes 17 instructions, with one miss, and depends on no other's data, so a reorder buffer of 224
 * entries (Cascade Lake; Intel Optimization Reference Manual, 2.5) holds thirteen of them. The line-fill buffers of the
 * first-level cache are the limit: 10.
 */
static const struct workload gups = {
    .name = "gups",
    .summary = "RandomAccess of the HPC Challenge: exclusive or into random words of a table",
    .ops = 4000000,
    .warmup = 2000000,
    .unit = "updates",
    .macro = {.bytes = 64 * MIB, .ops = 1000000, .warmup = 500000},
    .mlp = 10000,
    .pages = gups_pages,
    .setup = gups_setup,
    .run = gups_run,
    .verify = gups_verify,
    .measured = gups_measured,
    .report = gups_report,
};
REGISTER_WORKLOAD(gups);
