/*
 * hemem-gups: GUPS with a hot set, by which HeMem was evaluated, and most systems after it. Every thread has a slice of
 * the region for its own, and the hot set is the start of every slice.
 *
 *      each op, the threads taking turns:  of 100 draw 90 an element of the slice's hot part, the others one of the
 *                                          whole slice;  element += number of the thread's update
 *
 * With hemem_move_ms the hot set shifts by a quarter: what was drawn from its first quarter then goes to the quarter
 * behind its end. The true share of updates in the hot set is 0.9 + 0.1 hot / region, since the other draws fall into
 * it as well. hemem_hot = hemem_region makes all updates uniform.
 *
 * Source: Raybuck et al., "HeMem", SOSP'21, section 5.1, and its artifact (github.com/cuhk-mass/hemem is a mirror of
 * it), microbenchmarks/gups-hotset-move.c and run-*.sh: 16 threads, a region of 512 GB, hot sets of 1 to 256 GB, the
 * shift 150 s after the start, the end at 250 s. Differs in that
 *   - sixteen threads are sixteen slices on one processor, one update of each in turn;
 *   - the run has a fixed number of updates, the warm-up being the first of them and not a pass of its own;
 *   - of a larger element all words become the first one's sum; in the artifact, all bytes the first byte's, and at
 *     eight times the offset, beyond the slice;
 *   - it reads no time stamps; the artifact does before and after each update, and rdtscp waits for the load;
 *   - the shift can be repeated, each time by the next quarter (hemem_moves).
 * hemem_generator=exact draws as the artifact does: one word both throws the coin (mod 100) and is the index (mod
 * size). 100 and a size that is a power of two have the factor 4 in common, so the low two bits of an index depend on
 * the coin: of the draws that are not hot, 30 % each go to the elements 2 and 3 of four, 20 % each to 0 and 1. Pages
 * see nothing of it. `clean` draws both independently.
 *
 * Verification: thread by thread, the updates are drawn again and taken back, with the shifts where they happened; then
 * every element must be zero. The checksum weighs each value by its slice and its place modulo the hot set's size,
 * which a shift does not change: it depends on the draws alone.
 */
#include "kernel/exit.h"
#include "lib/size_text.h"
#include "lib/string.h"
#include "lab/workload.h"
#include "workloads/gups/hemem_gups_draw.h"
#include "workloads/lib/random.h"

#define MAX_THREADS 64 /* as in the artifact */
#define MAX_MOVES   64

static KEY_SIZE(region, "hemem_region", 128 * MIB, 64 * KIB, 2 * GIB,
                "hemem-gups: all memory of the program; four times the fast tier (HeMem: 512 GB with 192 GB of DRAM)");
static KEY_SIZE(hot_bytes, "hemem_hot", 4 * MIB, PAGE_SIZE, 2 * GIB,
                "hemem-gups: the hot set; a 32nd of the region where not given, as HeMem's 16 GB of 512 GB");
static KEY_NUMBER(threads, "hemem_threads", 16, 1, MAX_THREADS,
                  "hemem-gups: slices, each with a hot part of its own, updated in turn (HeMem: 16)");
static KEY_SIZE(element_bytes, "hemem_element", 8, 8, PAGE_SIZE,
                "hemem-gups: what an update reads and writes, a power of two (HeMem: 8)");
static KEY_TEXT(generator, "hemem_generator", "exact", "exact|clean",
                "hemem-gups: draws as in HeMem's artifact, coin and index from one word, or independent ones");
static KEY_NUMBER(
    move_ms, "hemem_move_ms", 0, 0, 1000000,
    "hemem-gups: the hot set shifts by a quarter after so many modelled ms; 0: never (HeMem's 150 s: 3516)");
static KEY_NUMBER(max_moves, "hemem_moves", 1, 1, MAX_MOVES,
                  "hemem-gups: how often it shifts, every hemem_move_ms (HeMem: once)");

/* All slices are alike. */
struct slice {
    u64 bytes, elements, hot; /* hot: elements */
};

/* Where hot draws go after some shifts: those below `below` by `near` elements further, the others by `far`. */
struct window {
    u64 below, far, near;
};

static struct slice slice;
static u64 state[MAX_THREADS], first_state[MAX_THREADS];
static u64 op;            /* done so far; thread op mod threads is next */
static volatile u32 due;  /* shifts, counted up by ticks and followed by run */
static u32 shifts;        /* that run has followed */
static u64 at[MAX_MOVES]; /* op before which each happened */
static u64 next_shift_ps;
static u64 hot_updates, measured_op, measured_ps; /* for the summary */

static NOT_COUNTED u64 hemem_gups_pages(void)
{
    if (workload_size()) {
        if (key_given(&region))
            refuse("size= and hemem_region= say the same: give one");
        region = workload_size();
    }
    if (!key_given(&hot_bytes))
        hot_bytes = region / 32;
    if (hot_bytes > region)
        refuse("hemem_hot=%s: the hot set cannot be larger than hemem_region=%s", size_text(hot_bytes).text,
               size_text(region).text);
    if (element_bytes & (element_bytes - 1))
        refuse("hemem_element=%s: must be a power of two", size_text(element_bytes).text);
    slice.bytes = ALIGN_DOWN(region / threads, PAGE_SIZE);
    if (!slice.bytes)
        refuse("hemem_threads=%lu: a slice of hemem_region=%s has no whole page", threads, size_text(region).text);
    slice.elements = slice.bytes / element_bytes;
    slice.hot = MIN(hot_bytes / threads / element_bytes, slice.elements);
    if (!slice.hot)
        refuse("hemem_hot=%s: no whole element of it falls to each of %lu threads", size_text(hot_bytes).text, threads);
    if (move_ms && slice.hot + max_moves * (slice.hot / 4) > slice.elements)
        refuse("hemem_moves=%lu: by as many quarters the hot set would leave the slice", max_moves);
    return slice.bytes / PAGE_SIZE * threads;
}

static struct window window_after(u32 moves)
{
    u64 base = moves * (slice.hot / 4), turns = base / slice.hot;

    return (struct window){.below = base % slice.hot, .far = turns * slice.hot, .near = (turns + 1) * slice.hot};
}

static bool is_exact(void)
{
    return !strcmp(generator, "exact");
}

/* The element of an update, within its slice. */
static inline u64 draw(u64 *random, bool exact, const struct slice *s, const struct window *w)
{
    u64 index;
    bool hot;

    if (exact) {
        u64 word = *random = hemem_next(*random);
        hot = word % 100 < 90;
        index = word % (hot ? s->hot : s->elements);
    } else {
        u64 word = random_next(random);
        hot = random_below((u32)word, 100) < 90;
        index = random_below((u32)(word >> 32), (u32)(hot ? s->hot : s->elements));
    }
    return hot ? index + (index < w->below ? w->near : w->far) : index;
}

static NOT_COUNTED void hemem_gups_setup(u64 seed, u64 total_ops)
{
    (void)total_ops;
    for (u32 page = 0; page < slice.bytes * threads / PAGE_SIZE; page++)
        arena_populate(page); /* zeroed */
    /* Thread t of seed 1 starts as the artifact's thread t; every other seed counts on from where the last one ended.
     */
    for (u64 t = 0; t < threads; t++)
        first_state[t] = is_exact() ? glibc_first_rand((u32)((seed - 1) * threads + t)) : random_next(&seed);
    memcpy(state, first_state, sizeof(state));
    op = due = shifts = 0;
    next_shift_ps = move_ms ? move_ms * 1000000000 : UINT64_MAX;
}

/* Reads all of the element, then writes all of it. */
static inline void update(volatile u64 *element, u64 words, u64 add)
{
    u64 value = element[0] + add;

    for (u64 w = 1; w < words; w++)
        (void)element[w];
    element[0] = value;
    for (u64 w = 1; w < words; w++)
        element[w] = value;
}

static inline __attribute__((always_inline)) void run_as(u64 ops, bool exact)
{
    u64 words = element_bytes / sizeof(u64), nr = threads, t = op % nr, i = op / nr;
    u8 *memory = arena_base();
    struct slice s = slice;
    struct window w = window_after(shifts);

    for (u64 now = op, end = op + ops; now < end; now++) {
        while (shifts != due) {
            at[shifts++] = now;
            w = window_after(shifts);
        }
        u64 offset = draw(&state[t], exact, &s, &w) * words;
        update((u64 *)(memory + t * s.bytes) + offset, words, i);
        if (++t == nr) {
            t = 0;
            i++;
        }
    }
    op += ops;
}

static void hemem_gups_run(u64 ops)
{
    if (is_exact())
        run_as(ops, true);
    else
        run_as(ops, false);
}

/* Takes back what a thread has added. */
static void undo(u64 t)
{
    u64 random = first_state[t], *memory = arena_direct(t * slice.bytes);
    u64 words = element_bytes / sizeof(u64), quarter = slice.hot / 4;
    struct window w = window_after(0);
    bool exact = is_exact();
    u32 moved = 0;

    for (u64 i = 0; i * threads + t < op; i++) {
        while (moved < shifts && at[moved] <= i * threads + t)
            w = window_after(++moved);
        u64 element = draw(&random, exact, &slice, &w);
        hot_updates += element - moved * quarter < slice.hot;
        memory[element * words] -= i;
    }
}

/* Adds a slice to the checksum. Whether all words of each element are the same. */
static bool take_up(u64 t, u64 *checksum)
{
    u64 words = element_bytes / sizeof(u64), place = 0;
    const u64 *element = arena_direct(t * slice.bytes);
    bool same = true;

    for (u64 e = 0; e < slice.elements; e++, element += words) {
        for (u64 w = 1; w < words; w++)
            same = same && element[w] == element[0];
        if (element[0]) {
            u64 weight = t << 32 | place;
            *checksum += element[0] * (random_next(&weight) | 1);
        }
        place = place + 1 == slice.hot ? 0 : place + 1;
    }
    return same;
}

static NOT_COUNTED bool hemem_gups_verify(u64 *checksum)
{
    u64 words = element_bytes / sizeof(u64);
    bool right = true;

    *checksum = hot_updates = 0;
    for (u64 t = 0; t < threads; t++) {
        const u64 *memory = arena_direct(t * slice.bytes);
        right &= take_up(t, checksum);
        undo(t);
        for (u64 e = 0; e < slice.elements; e++)
            right &= !memory[e * words];
    }
    return right;
}

/* The hot part of every slice as of now, in pages of the slice: run() may be in the middle of its work. */
static u32 first_hot_page(void)
{
    return (u32)(due * (slice.hot / 4) * element_bytes / PAGE_SIZE);
}

static u32 last_hot_page(void)
{
    return (u32)(((due * (slice.hot / 4) + slice.hot) * element_bytes - 1) / PAGE_SIZE);
}

static bool hemem_gups_declared(u32 page)
{
    u32 slice_pages = (u32)(slice.bytes / PAGE_SIZE);

    return page < slice_pages * threads && page % slice_pages >= first_hot_page() &&
           page % slice_pages <= last_hot_page();
}

static u32 hemem_gups_nr_declared(void)
{
    return (u32)threads * (last_hot_page() - first_hot_page() + 1);
}

static u64 hemem_gups_deadline_ps(void)
{
    return next_shift_ps;
}

static void hemem_gups_expired(u64 now_ps)
{
    while (next_shift_ps <= now_ps) {
        due++;
        next_shift_ps = due == max_moves ? UINT64_MAX : next_shift_ps + move_ms * 1000000000;
    }
}

static NOT_COUNTED void hemem_gups_measured(void)
{
    measured_op = op;
    measured_ps = workload_now_ps();
}

static NOT_COUNTED void hemem_gups_report(void)
{
    u64 time_ns = (workload_now_ps() - measured_ps) / 1000;

    result_u64("micro_gups", time_ns ? (op - measured_op) * 1000000 / time_ns : 0);
    result_ratio("true_hot_share", (s64)hot_updates, op);
    result_u64("hot_set_shifts", shifts);
}

/*
 * mlp: an update takes some 58 instructions, one of them a 64-bit division of 36 micro-operations (Fog, "Instruction
 * tables", Skylake-X): 93. A reorder buffer of 224 entries (Cascade Lake; Intel Optimization Reference Manual, 2.5)
 * holds 2.4 of them, each with one miss that depends on no other.
 */
static const struct workload hemem_gups = {
    .name = "hemem-gups",
    .summary = "HeMem's GUPS: threads' slices, each with a hot part that takes 90 % of the updates",
    .ops = 3000000,
    .warmup = 1500000,
    .unit = "updates",
    .macro = {.bytes = 64 * MIB, .ops = 1000000, .warmup = 500000},
    .mlp = 2400,
    .pages = hemem_gups_pages,
    .setup = hemem_gups_setup,
    .run = hemem_gups_run,
    .verify = hemem_gups_verify,
    .declared = hemem_gups_declared,
    .nr_declared = hemem_gups_nr_declared,
    .deadline_ps = hemem_gups_deadline_ps,
    .expired = hemem_gups_expired,
    .measured = hemem_gups_measured,
    .report = hemem_gups_report,
};
REGISTER_WORKLOAD(hemem_gups);
