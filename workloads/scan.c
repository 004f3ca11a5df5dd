/*
 * scan: sequential passes over a window that moves through the footprint. It is the case that recency serves worst and
 * a prefetcher best: everything in the window is equally hot, and at once, when the window moves on, part of it is
 * cold.
 *
 *      for window w = 0, 1, 2, ...:
 *          for pass p of scan_passes:
 *              for each element of the window, `scan_stride` bytes apart, in order:
 *                  one 8-byte word: add 1 to it, or read it
 *          the window moves by scan_step, and from the end of the footprint to its start
 *
 * An element e is written in the pass q = w scan_passes + p when (e + 37 q) mod 100 < scan_write_share; 37 has no
 * divisor in common with 100, so that a word takes its turn. After the phases of masim (github.com/sjp38/masim) and
 * DAMON's tests, which move a sequentially accessed region; differs in that its lengths are counts, not times.
 *
 * Verification: run goes through time, window by window; the verifier through memory, element by element: which windows
 * hold an element follows from its place, so it counts the element's writes, and what its reads must have found.
 */
#include "kernel/exit.h"
#include "lib/size_text.h"
#include "lab/workload.h"

static KEY_SIZE(footprint, "scan_bytes", 128 * MIB, PAGE_SIZE, 2 * GIB,
                "scan: footprint; arbitrary: four times the fast tier");
static KEY_SIZE(window, "scan_window", 8 * MIB, PAGE_SIZE, 2 * GIB,
                "scan: the part that is scanned; arbitrary: a quarter of the fast tier, so that it fits");
static KEY_SIZE(step, "scan_step", 4 * MIB, PAGE_SIZE, 2 * GIB,
                "scan: how far it moves; arbitrary: half the window, so that a half stays hot");
static KEY_NUMBER(stride, "scan_stride", 64, 8, PAGE_SIZE,
                  "scan: bytes from one element to the next, a power of two; 64: each line once");
static KEY_NUMBER(passes, "scan_passes", 4, 1, 1000000,
                  "scan: passes before the window moves; arbitrary: enough that moving it up pays");
static KEY_NUMBER(write_share, "scan_write_share", 25, 0, 100,
                  "scan: percent of the accesses that write; arbitrary: three reads a write");

#define WORD sizeof(u64)
#define TURN 37

/* In elements; the window's places are all multiples of the step. */
static u64 nr_elements, per_window, per_step;

static u64 position;       /* in the present pass */
static u64 pass;           /* in all windows together */
static volatile u64 place; /* where the window begins, in elements: declared() may ask at any time */
static u64 done, read_sum;

static NOT_COUNTED u64 scan_pages(void)
{
    if (workload_size()) {
        if (key_given(&footprint))
            refuse("size= and scan_bytes= say the same: give one");
        footprint = workload_size();
        if (!key_given(&window)) /* the shares that the defaults have */
            window = MAX(ALIGN_DOWN(footprint / 16, PAGE_SIZE), PAGE_SIZE);
        if (!key_given(&step))
            step = MAX(ALIGN_DOWN(window / 2, PAGE_SIZE), PAGE_SIZE);
        if (step <= footprint)
            footprint -= footprint % step;
    }
    if (footprint % PAGE_SIZE || window % PAGE_SIZE || step % PAGE_SIZE || footprint % step)
        refuse("scan_bytes=%s, scan_window=%s, scan_step=%s must be multiples of 4K, the first one of the last, too",
               size_text(footprint).text, size_text(window).text, size_text(step).text);
    if (window > footprint)
        refuse("scan_window=%s cannot be larger than scan_bytes=%s", size_text(window).text, size_text(footprint).text);
    if (stride & (stride - 1))
        refuse("scan_stride=%lu must be a power of two", stride);
    nr_elements = footprint / stride;
    per_window = window / stride;
    per_step = step / stride;
    return footprint / PAGE_SIZE;
}

/* What a word holds before it is first written: reads of it then show. */
static inline u64 initial(u64 element)
{
    return element << 32;
}

static inline u64 *word(u64 element)
{
    return arena_direct(element * stride);
}

static NOT_COUNTED void scan_setup(u64 seed, u64 total_ops)
{
    (void)seed;
    (void)total_ops;
    for (u32 page = 0; page < footprint / PAGE_SIZE; page++)
        arena_populate(page);
    for (u64 e = 0; e < nr_elements; e++)
        *word(e) = initial(e);
    position = pass = place = done = read_sum = 0;
}

/* Accesses elements that follow each other in memory; returns the sum of what was read. */
static u64 scan_part(volatile u64 *at, u64 element, u64 count)
{
    u64 sum = 0, turn = (element + pass * TURN) % 100, words = stride / WORD;

    for (; count; count--, at += words) {
        if (turn < write_share)
            *at += 1;
        else
            sum += *at;
        turn = turn == 99 ? 0 : turn + 1;
    }
    return sum;
}

static void scan_run(u64 ops)
{
    u8 *base = arena_base();

    done += ops;
    while (ops) {
        u64 element = place + position, count;
        if (element >= nr_elements)
            element -= nr_elements;
        count = MIN(MIN(ops, per_window - position), nr_elements - element);
        read_sum += scan_part((u64 *)(base + element * stride), element, count);
        ops -= count;
        position += count;
        if (position == per_window) {
            position = 0;
            if (++pass % passes == 0)
                place = (place + per_step) % nr_elements;
        }
    }
}

/* What happened to one element so far. */
struct fate {
    u64 writes, sum; /* sum of what was read */
};

/* The passes of window number `w`, in which the element is the `offset`-th. */
static void one_window(u64 element, u64 w, u64 offset, struct fate *fate)
{
    for (u64 q = w * passes; q < (w + 1) * passes && q * per_window + offset < done; q++) {
        if ((element + q * TURN) % 100 < write_share)
            fate->writes++;
        else
            fate->sum += initial(element) + fate->writes;
    }
}

/*
 * The windows that hold the element begin at step a, where it lies, and at earlier ones; in order of time, those that
 * begin at or before it come first, then those that reach it past the footprint's end, all once a round.
 */
static struct fate fate_of(u64 element)
{
    struct fate fate = {0};
    u64 per_round = nr_elements / per_step, a = element / per_step, rest = element % per_step, back;
    u64 nr_windows = (done + per_window * passes - 1) / (per_window * passes);

    if (rest >= per_window)
        return fate; /* between two windows */
    back = (per_window - 1 - rest) / per_step;
    for (u64 round = 0; round * per_round < nr_windows; round++) {
        for (u64 j = MIN(back, a) + 1; j-- > 0;)
            one_window(element, round * per_round + a - j, j * per_step + rest, &fate);
        for (u64 j = back; j > a; j--)
            one_window(element, round * per_round + a + per_round - j, j * per_step + rest, &fate);
    }
    return fate;
}

static NOT_COUNTED bool scan_verify(u64 *checksum)
{
    u64 sum = 0;
    bool same = true;

    *checksum = read_sum;
    for (u64 e = 0; e < nr_elements; e++) {
        struct fate fate = fate_of(e);
        sum += fate.sum;
        same = same && *word(e) == initial(e) + fate.writes;
        *checksum = *checksum * 31 + *word(e);
    }
    return same && sum == read_sum;
}

static bool scan_declared(u32 page)
{
    u64 pages = footprint / PAGE_SIZE, first = place * stride / PAGE_SIZE;

    return page < pages && (page + pages - first) % pages < window / PAGE_SIZE;
}

static u32 scan_nr_declared(void)
{
    return (u32)(window / PAGE_SIZE);
}

static u64 scan_work(void)
{
    return done * WORD;
}

/* mlp: no access depends on another, so the line-fill buffers are the limit: 10 of them in Intel cores up to Cascade
 * Lake. */
static const struct workload scan = {
    .name = "scan",
    .summary = "sequential passes over a window that moves through the footprint",
    .ops = 6000000,
    .warmup = 2000000,
    .unit = "accesses",
    .macro = {.bytes = 64 * MIB, .ops = 3000000, .warmup = 1000000},
    .mlp = 10000,
    .pages = scan_pages,
    .setup = scan_setup,
    .run = scan_run,
    .verify = scan_verify,
    .declared = scan_declared,
    .nr_declared = scan_nr_declared,
    .work = scan_work,
    .work_unit = "bytes",
};
REGISTER_WORKLOAD(scan);
