/*
 * replay: a recorded trace, which says how often each page was read and written in each interval, done once more.
 *
 *      input=FILE      the trace (forms: workloads/replay/trace.h), made by tools/to-trace of what others recorded
 *
 *      each interval in turn:  shuffle its accesses;  each op does one, to a random word of its page
 *      after the last one, again from the first
 *
 * What a trace tells is kept: pages, reads, writes, order of the intervals. What it does not tell is made up: the order
 * within an interval is random (all orders equally likely), as is the word; an interval takes as long as its accesses
 * take, not as long as when it was recorded. Pages are renumbered densely in ascending order, so that a sparse address
 * space fits the arena: neighbours stay neighbours, gaps close.
 *
 * Drawing is the recorder's work and not the program's: it happens 256 accesses at a time, with the clock paused.
 *
 * Verification: every word begins as its page's number + 1, times 2^44. A write (a load and a store) adds 1, a read
 * adds the upper part to a sum. So the lower parts of a page's words sum to its writes, the upper ones must be
 * untouched, and what was read sums to reads times (number + 1) over the pages: all from the trace alone, but for the
 * interval in which run stopped, whose accesses are drawn once more and counted. The checksum is the sum of (number +
 * 1) x (reads + 31 writes) over the pages, of whole passes independent of the seed.
 */
#include "kernel/exit.h"
#include "lib/string.h"
#include "lab/workload.h"
#include "workloads/lib/random.h"
#include "workloads/replay/deck.h"
#include "workloads/replay/index.h"
#include "workloads/replay/trace.h"

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(u64))
#define MAX_PAGES      (2 * GIB / PAGE_SIZE)
#define MAX_ACCESSES   ((u64)1 << 40)
#define TAG_SHIFT      44
#define BATCH          256

static struct workload replay;

static const void *input;
static size_t input_length;
static struct page_index pages;
static u64 nr_records, nr_intervals, nr_accesses; /* of the trace */

/* The interval that is being done. */
static struct trace trace; /* stands at the first record of the next one */
static struct deck deck;   /* its accesses not yet drawn */
static u32 *cards;         /* a kind's page x 2, + 1 for writes */
static u32 *sums;
static u64 interval_random; /* as it was when the interval began */

static u64 (*counts)[2]; /* of the verifier, by page: reads, writes */

/* Accesses drawn ahead, of one interval: page x 1024 + 512 for a write + word. */
static u32 batch[BATCH], batch_size, batch_at;
static u64 random_state, done, read_sum;

/* Goes through the whole trace: checks it, counts, collects its pages. */
static void read_trace(void)
{
    struct trace_record r;
    u64 in_interval = 0, most = 0;
    u32 last = 0;

    trace_open(&trace, input, input_length);
    index_open(&pages);
    while (trace_next(&trace, &r)) {
        if (!nr_intervals || r.interval != last) {
            nr_intervals++;
            in_interval = 0;
        }
        last = r.interval;
        most = MAX(most, ++in_interval);
        nr_accesses += r.count;
        index_add(&pages, r.page);
        if (pages.used > MAX_PAGES)
            trace_refuse(&trace, "more different pages than 2 GiB have");
        if (nr_accesses > MAX_ACCESSES)
            trace_refuse(&trace, "the counts so far sum to more than 2^40");
    }
    if (!nr_accesses)
        refuse("input: no access in the whole trace");
    nr_records = trace.records;
    index_seal(&pages);
    cards = workload_alloc(most * sizeof(*cards));
    sums = workload_alloc((most + 1) * sizeof(*sums));
    counts = workload_alloc(pages.used * sizeof(*counts));
}

static NOT_COUNTED u64 replay_pages(void)
{
    if (!input) {
        input = workload_input(&input_length);
        if (!input)
            refuse("workload=replay: input=FILE must give a trace; docs/workloads.md has its form");
        read_trace();
    }
    replay.ops = nr_accesses;
    return pages.used;
}

/* Makes the deck of the trace's next interval; after the last one, of the first. Returns its accesses, maybe none. */
static u64 next_interval(void)
{
    struct trace_record r;
    struct trace before = trace;
    u32 interval;

    if (!trace_next(&trace, &r)) {
        trace_open(&trace, input, input_length);
        trace_next(&trace, &r);
    }
    interval = r.interval;
    deck_open(&deck, sums);
    do {
        cards[deck.kinds] = index_of(&pages, r.page) << 1 | r.write;
        deck_add(&deck, r.count);
        before = trace;
    } while (trace_next(&trace, &r) && r.interval == interval);
    trace = before;
    deck_shuffle(&deck);
    return deck.left;
}

static u32 draw(void)
{
    u64 r = random_next(&random_state);
    u32 card = cards[deck_draw(&deck, (u32)(r >> 32))];

    return (card >> 1) << 10 | (card & 1) << 9 | (u32)(r & (WORDS_PER_PAGE - 1));
}

static void draw_batch(void)
{
    while (!deck.left) {
        interval_random = random_state;
        next_interval();
    }
    batch_size = MIN(deck.left, BATCH);
    for (u32 i = 0; i < batch_size; i++)
        batch[i] = draw();
    batch_at = 0;
}

static NOT_COUNTED void replay_setup(u64 seed, u64 total_ops)
{
    (void)total_ops;
    for (u32 page = 0; page < pages.used; page++) {
        arena_populate(page);
        u64 *words = arena_direct((u64)page << PAGE_SHIFT);
        for (u32 i = 0; i < WORDS_PER_PAGE; i++)
            words[i] = (u64)(page + 1) << TAG_SHIFT;
    }
    trace_open(&trace, input, input_length);
    random_state = seed;
    done = read_sum = deck.left = batch_size = batch_at = 0;
}

static void replay_run(u64 ops)
{
    volatile u64 *words = arena_base();

    for (done += ops; ops;) {
        if (batch_at == batch_size) {
            workload_pause();
            draw_batch();
            workload_resume();
        }
        u64 todo = MIN(ops, batch_size - batch_at), sum = read_sum;
        for (const u32 *next = batch + batch_at, *end = next + todo; next < end; next++) {
            volatile u64 *at = words + (u64)(*next >> 10) * WORDS_PER_PAGE + (*next & (WORDS_PER_PAGE - 1));
            if (*next & 512)
                *at += 1;
            else
                sum += *at >> TAG_SHIFT;
        }
        read_sum = sum;
        batch_at += (u32)todo;
        ops -= todo;
    }
}

/* Counts what should have happened to each page, from the trace alone. */
static void count_accesses(void)
{
    u64 passes = done / nr_accesses, rest = done % nr_accesses;

    memset(counts, 0, pages.used * sizeof(*counts));
    trace_open(&trace, input, input_length);
    for (u64 i = 0; i < nr_intervals; i++) {
        struct trace again = trace;
        u64 accesses = next_interval();
        bool whole = accesses <= rest;
        while (again.at != trace.at) {
            struct trace_record r;
            trace_next(&again, &r);
            counts[index_of(&pages, r.page)][r.write] += r.count * (passes + whole);
        }
        if (whole) {
            rest -= accesses;
            continue;
        }
        random_state = interval_random; /* of the last interval that run began: this one, if any of it was done */
        for (; rest; rest--) {
            u32 access = draw();
            counts[access >> 10][access >> 9 & 1]++;
        }
    }
}

static NOT_COUNTED bool replay_verify(u64 *checksum)
{
    u64 expected_sum = 0;
    bool right = true;

    count_accesses();
    *checksum = read_sum;
    for (u32 page = 0; page < pages.used; page++) {
        const u64 *words = arena_direct((u64)page << PAGE_SHIFT);
        u64 writes = 0;
        for (u32 i = 0; i < WORDS_PER_PAGE; i++) {
            right = right && words[i] >> TAG_SHIFT == page + 1;
            writes += words[i] & (((u64)1 << TAG_SHIFT) - 1);
        }
        right = right && writes == counts[page][1];
        expected_sum += counts[page][0] * (page + 1);
        *checksum += writes * (page + 1) * 31;
    }
    return right && read_sum == expected_sum;
}

static NOT_COUNTED void replay_report(void)
{
    result_u64("trace_records", nr_records);
    result_u64("trace_intervals", nr_intervals);
    result_u64("trace_accesses", nr_accesses);
}

/*
 * mlp: a trace does not tell which access waited for which. Arbitrary: 4, as hotset's independent accesses; a recorded
 * pointer chase wants mlp=1000.
 */
static struct workload replay = {
    .name = "replay",
    .summary = "a recorded trace (input=FILE) of reads and writes by page and interval",
    .unit = "accesses",
    .mlp = 4000,
    .reads_input = true,
    .pages = replay_pages,
    .setup = replay_setup,
    .run = replay_run,
    .verify = replay_verify,
    .report = replay_report,
};
REGISTER_WORKLOAD(replay);
