/*
 * hotset: random reads and read-modify-writes of 8-byte words, most of them in a hot part of the footprint.
 *
 *      each op:  r <- random;  of 100 ops `hot_share` draw a page from the hot set, the others one from the rest;
 *                a random word of it;  of 100 ops `write_share` add r to it, the others read it
 *
 * The hot pages lie scattered over the footprint or at its start, and are touched first after all others, so that with
 * place=fast-first they begin in the slow tier. With `move_ms` the hot set moves, whole or by a quarter, the latter as
 * HeMem's moving GUPS does (SOSP'21, section 5.2). After HeMem's hot-set GUPS; differs in that a draw that is not hot
 * goes to the rest and not to the whole footprint, so that hot_share is exact.
 *
 * Verification: the ops are drawn again, backwards, and undone. Then every word must be zero, and what stood where an op
 * had read must give the sum of all values read. The checksum is the sum of all words, and as such the sum of all that
 * was added: it depends on the draws alone.
 */
#include "kernel/exit.h"
#include "lib/size_text.h"
#include "lib/string.h"
#include "lab/workload.h"
#include "workloads/lib/random.h"

static KEY_SIZE(footprint, "footprint", 128 * MIB, 64 * KIB, 2 * GIB,
                "hotset: all memory of the program; arbitrary: four times the fast tier");
static KEY_SIZE(hot, "hot", 8 * MIB, PAGE_SIZE, 2 * GIB,
                "hotset: its hot part; argued: a quarter of the fast tier, which one daemon has moved when the warm-up ends");
static KEY_NUMBER(hot_share, "hot_share", 90, 0, 100,
                  "hotset: percent of the ops that go to the hot part (HeMem's test: 90)");
static KEY_NUMBER(write_share, "write_share", 50, 0, 100,
                  "hotset: percent of the ops that write; arbitrary: as many as read");
static KEY_NUMBER(move_ms, "move_ms", 0, 0, 1000000, "hotset: the hot part moves every so many modelled ms; 0: never");
static KEY_TEXT(move_what, "move", "whole", "whole|quarter", "hotset: how much of the hot part moves");
static KEY_TEXT(layout, "layout", "scattered", "scattered|low", "hotset: where hot pages lie in the footprint");

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(u64))
#define MAX_MOVES      65536

/* Pages are drawn by rank: hot ones have the ranks from `base` on. Rank and page are mapped to each other one to one.
 */
struct draw {
    u64 random;
    u32 base;
    u32 next_move; /* index of the next entry of moves[] */
};

static u32 nr_pages, nr_hot;
static u64 factor, inverse; /* page = rank x factor mod nr_pages, and back */
static struct draw now;
static u64 op;                 /* done so far */
static volatile u32 due_moves; /* counted up by ticks, followed by run */
static u64 *moves;             /* op before which each move happened */
static u64 next_move_ps, read_sum, first_random;

static u32 page_of_rank(u32 rank)
{
    return (u32)(rank * factor % nr_pages);
}

/* An odd factor near the golden ratio spreads neighbours far apart; it must have no divisor in common with the modulus.
 */
static u64 gcd(u64 a, u64 b)
{
    return b ? gcd(b, a % b) : a;
}

static u64 invert(u64 a, u64 n)
{
    s64 t = 0, next_t = 1, r = (s64)n, next_r = (s64)a;

    while (next_r) {
        s64 q = r / next_r, old;
        old = t, t = next_t, next_t = old - q * next_t;
        old = r, r = next_r, next_r = old - q * next_r;
    }
    return (u64)(t < 0 ? t + (s64)n : t);
}

static NOT_COUNTED u64 hotset_pages(void)
{
    if (workload_size()) {
        if (key_given(&footprint))
            refuse("size= and footprint= say the same: give one");
        footprint = workload_size();
        if (!key_given(&hot))
            hot = footprint / 8; /* an eighth: half of a fast tier that is a quarter of the whole */
    }
    if (hot > footprint)
        refuse("hot=%s: the hot part cannot be larger than footprint=%s", size_text(hot).text,
               size_text(footprint).text);
    nr_pages = (u32)(footprint / PAGE_SIZE);
    nr_hot = (u32)MIN(hot / PAGE_SIZE, nr_pages);
    return nr_pages;
}

/* Ranks that a move shifts the hot set by. */
static u32 move_by(void)
{
    return strcmp(move_what, "whole") ? MAX(nr_hot / 4, 1) : nr_hot;
}

static void follow_move(struct draw *d)
{
    d->base = (d->base + move_by()) % nr_pages;
    d->next_move++;
}

static void take_back_move(struct draw *d)
{
    d->base = (d->base + nr_pages - move_by() % nr_pages) % nr_pages;
    d->next_move--;
}

/* Draws an op: where it goes, whether it writes, and what it adds. */
static inline u64 draw_word(struct draw *d, u64 *value, bool *write)
{
    u64 r = random_next(&d->random);
    u32 rank, bits = (u32)(r >> 32);
    bool is_hot = nr_hot == nr_pages || (r & 0x7fff) * 100 >> 15 < hot_share; /* all hot: uniform */

    rank = is_hot ? random_below(bits, nr_hot) : nr_hot + random_below(bits, nr_pages - nr_hot);
    rank += d->base;
    if (rank >= nr_pages)
        rank -= nr_pages;
    *write = (r >> 15 & 0xff) * 100 >> 8 < write_share;
    *value = r | 1;
    return (u64)page_of_rank(rank) * WORDS_PER_PAGE + (r >> 23 & (WORDS_PER_PAGE - 1));
}

static NOT_COUNTED void hotset_setup(u64 seed, u64 total_ops)
{
    (void)total_ops;
    factor = 1;
    if (!strcmp(layout, "scattered"))
        for (factor = (u64)nr_pages * 618 / 1000 | 1; gcd(factor, nr_pages) != 1; factor += 2)
            ;
    inverse = invert(factor % nr_pages, nr_pages);
    if (move_ms && !moves)
        moves = workload_alloc(MAX_MOVES * sizeof(u64));
    first_random = seed;
    now = (struct draw){.random = seed};
    op = read_sum = due_moves = 0;
    next_move_ps = move_ms ? move_ms * 1000000000 : UINT64_MAX;
    /* From the last rank down, so that the hot pages come last, and before them those that the hot set will move to
     * first. */
    for (u32 rank = nr_pages; rank-- > 0;)
        arena_populate(page_of_rank(rank));
}

static void hotset_run(u64 ops)
{
    volatile u64 *words = arena_base();
    struct draw d = now;
    u64 sum = read_sum, value;
    bool write;

    for (u64 end = op + ops; op < end; op++) {
        while (d.next_move != due_moves) {
            moves[d.next_move] = op;
            follow_move(&d);
        }
        u64 word = draw_word(&d, &value, &write);
        if (write)
            words[word] += value;
        else
            sum += words[word];
    }
    read_sum = sum;
    now = d;
}

/* Ops that are drawn before the first of them is undone, so that the host waits for their words side by side. */
#define UNDO_TOGETHER 16

struct undo {
    u64 word, value;
    bool write;
};

/* Draws op `at` once more, and takes the draw back. */
static NOT_COUNTED struct undo draw_back(struct draw *d, u64 at)
{
    struct undo undo;

    random_back(&d->random);
    undo.word = draw_word(d, &undo.value, &undo.write);
    random_back(&d->random);
    while (d->next_move && moves[d->next_move - 1] == at)
        take_back_move(d);
    return undo;
}

/*
 * Goes back through all ops, the last one first, and takes away what each added: before an op its word holds what the op
 * has found there. Tells the sums of the values that were added and read. Returns whether the draws have come to where
 * they began.
 */
static NOT_COUNTED bool undo_all(u64 *added, u64 *read)
{
    u64 *words = arena_direct(0);
    struct undo undo[UNDO_TOGETHER];
    struct draw d = now;

    *added = *read = 0;
    for (u64 at = op; at;) {
        u32 n = (u32)MIN(at, UNDO_TOGETHER);
        for (u32 i = 0; i < n; i++)
            undo[i] = draw_back(&d, --at);
        for (u32 i = 0; i < n; i++) {
            u64 *word = &words[undo[i].word], is_write = -(u64)undo[i].write;
            *read += *word & ~is_write;
            *added += undo[i].value & is_write;
            *word -= undo[i].value & is_write;
        }
    }
    return d.random == first_random && !d.base && !d.next_move;
}

static NOT_COUNTED bool hotset_verify(u64 *checksum)
{
    const u64 *words = arena_direct(0);
    u64 read, left = 0;
    bool at_start = undo_all(checksum, &read);

    for (u64 i = 0; i < (u64)nr_pages * WORDS_PER_PAGE; i += 8)
        left |= words[i] | words[i + 1] | words[i + 2] | words[i + 3] | words[i + 4] | words[i + 5] | words[i + 6] |
                words[i + 7];
    return !left && read == read_sum && at_start;
}

static bool hotset_declared(u32 page)
{
    u32 rank, base;

    if (page >= nr_pages)
        return false;
    rank = (u32)(page * inverse % nr_pages);
    base = (u32)((u64)due_moves * move_by() % nr_pages); /* as of now: run() is in the middle of its work */
    return (rank + nr_pages - base) % nr_pages < nr_hot;
}

static u32 hotset_nr_declared(void)
{
    return nr_hot;
}

static u64 hotset_deadline_ps(void)
{
    return next_move_ps;
}

static void hotset_expired(u64 now_ps)
{
    while (next_move_ps <= now_ps) {
        if (due_moves == MAX_MOVES)
            refuse("move_ms=%lu: the run is longer than %d moves; move less often or run fewer ops", move_ms,
                   MAX_MOVES);
        next_move_ps += move_ms * 1000000000;
        due_moves++;
    }
}

/*
 * mlp: an op takes some 60 instructions, so a reorder buffer of 224 entries (Cascade Lake; Intel Optimization Reference
 * Manual, 2.5) holds nearly four of them, each with one miss that depends on no other.
 */
static const struct workload hotset = {
    .name = "hotset",
    .summary = "random reads and read-modify-writes, most of them in a hot set that may move",
    .ops = 2000000,
    .warmup = 2000000,
    .unit = "accesses",
    .macro = {.bytes = 64 * MIB, .ops = 1000000, .warmup = 500000},
    .mlp = 4000,
    .pages = hotset_pages,
    .setup = hotset_setup,
    .run = hotset_run,
    .verify = hotset_verify,
    .declared = hotset_declared,
    .nr_declared = hotset_nr_declared,
    .deadline_ps = hotset_deadline_ps,
    .expired = hotset_expired,
};
REGISTER_WORKLOAD(hotset);
