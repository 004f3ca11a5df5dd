/*
 * A workload: a program whose accesses are known. It sees one thing of the laboratory, its arena of managed memory.
 *
 * setup and verify run with the clock paused and reach the arena by a second mapping of its frames (arena_direct): they
 * set no A or D bit, take no fault, and are counted nowhere. run uses the arena's own addresses, and everything it does
 * is counted. So data structures in the arena hold offsets, not pointers. The checksum must not depend on where pages
 * lie or when they moved. All functions may be called more than once a boot: setup starts from nothing.
 *
 * The help of a workload's own key begins with its name, or with the beginning of several names and a star, and a
 * colon: a run of another workload refuses the key.
 *
 * The same sources are built for the host (`make native`), with other ears to the calls below.
 */
#pragma once

#include "lib/keys.h"
#include "kernel/types.h"

/* So many pages, whose misses overlap so far (in thousandths, as mlp). */
struct mlp_part {
    u32 first_page, nr_pages, mlp;
};

struct workload {
    const char *name, *summary;
    u64 ops, warmup;  /* default lengths of the phases, in the workload's own unit */
    const char *unit; /* what an op is */

    /* With `size=macro`; bytes 0: the workload takes no size=. */
    struct {
        u64 bytes, ops, warmup;
    } macro;

    bool reads_input; /* the file of `input=`; with another workload it is refused */

    /*
     * How many of its misses an out-of-order core overlaps, in thousandths: 1000 for a dependent chase. Argue it where
     * it is set.
     */
    u32 mlp;

    /*
     * Parts of its pages of which another number is true, such as a list among arrays: fills in the i-th and returns
     * true, or false when there are no more. At most MODEL_MLP_RANGES; the first that holds a page counts. Asked after
     * setup. Null when one number is true of all. A virtual machine's program has the one number.
     */
    bool (*overlap)(unsigned i, struct mlp_part *part);

    /* Pages that it needs; refuses impossible parameters. Called first. */
    u64 (*pages)(void);

    /* Fills the arena; pages are placed in the order in which they are populated. */
    void (*setup)(u64 seed, u64 total_ops);

    /* Goes on for `ops` operations. */
    void (*run)(u64 ops);

    /* Checks everything that run has done, by another method, and tells the checksum. Returns whether it was right. */
    bool (*verify)(u64 *checksum);

    /*
     * The hot set that the program itself knows, at this moment: whether a page belongs, and how many pages do (which
     * is asked first). Null when it has none.
     */
    bool (*declared)(u32 page);
    u32 (*nr_declared)(void);

    /* A deadline on the workload's clock, and what to do when it has passed (from a tick). Null when it has none. */
    u64 (*deadline_ps)(void);
    void (*expired)(u64 now_ps);

    /* The measured phase begins: statistics start anew. Clock paused. May be null. */
    void (*measured)(void);

    /* Work done so far and what it is counted in, for the throughput; null: ops. */
    u64 (*work)(void);
    const char *work_unit;

    /* Adds results of its own to the summary, by result_*(). May be null. */
    void (*report)(void);
};

/* For functions that run with the clock paused, and with them all that only they call: compiled for size, and not
 * watched by the model, which stops the run when one of them runs while the clock is on. */
#define NOT_COUNTED __attribute__((cold, noinline, section(".text.unwatched")))

#define REGISTER_WORKLOAD(object) REGISTER_IN(workloads, object)

/* The address of the arena's first byte, for run. */
void *arena_base(void);

/*
 * The arena's byte at `offset` by the second mapping, which is contiguous, as the arena is; its page must be populated.
 * For setup, verify and report only.
 */
void *arena_direct(u64 offset);

/* Gives a page its frame, zeroed; again for a page that has one does nothing. */
void arena_populate(u32 page);

/* Whether a page has a frame. */
bool arena_populated(u32 page);

/* What the key `size` asks for, in bytes; 0 when it is not given. For pages(). */
u64 workload_size(void);

/*
 * The file that the key `input` names, and its length; null when none is given. Never trust it. A zero byte follows it;
 * its memory stays valid and may be written to, but it is the same at every call.
 */
void *workload_input(size_t *length);

/* Zeroed kernel memory for tables that are no part of the experiment. It is not given back: ask once. */
void *workload_alloc(size_t bytes);

/*
 * In run: what lies between these two is not the program's but, say, its client's, which draws the next request
 * elsewhere. It takes no time and is counted nowhere, and no tick comes; it must not touch the arena. Not nested.
 */
void workload_pause(void);
void workload_resume(void);

/* The workload's clock. In run only while paused, so that reading it costs nothing. */
u64 workload_now_ps(void);

/* In run: marks in the records where a part of the work begins that has a name. Takes no time. Not while paused. */
void workload_phase(const char *name);

/* In report: fields of the summary. A ratio has six decimals and is null when the denominator is 0. */
void result_u64(const char *key, u64 value);
void result_text(const char *key, const char *value);
void result_ratio(const char *key, s64 numerator, u64 denominator);
