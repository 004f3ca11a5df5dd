/*
 * adversary: patterns that break trackers and policies, each with a known best and worst.
 *
 *      each op:  r <- random;  a page by the pattern, a word of it;  half of the ops add r to it, the others read it
 *
 *      moving      All ops go to a hot set of half the fast tier. It moves at every window, to pages not used for the
 *                  longest time: what was learned in a window is wrong in the next.
 *      pingpong    One page more than the fast tier has, visited in a circle: the page that is not there is always
 *                  the next one due for who evicts the least recently used.
 *      spread      Nine of ten ops go to a few pages in every 2 MiB, evenly spread: all ranges of 2 MiB look the same.
 *      writeburst  Half of the ops read one group of pages, for eight windows (a cycle of the policies): they are to
 *                  be promoted. The other half write the group that was read before, page after page, every line in
 *                  turn: writes into pages that are probably being moved.
 *      justbefore  All ops go to a hot set of half the fast tier; but shortly before the end of every window (or of
 * every so many), pages that fill the fast tier are touched, once each: for who looks at accessed bits once a window,
 * they are as hot as the hot set.
 *
 *      critical    Reads only: half of the memory is hotter, the other half costs more (critical.h).
 *
 * All memory but critical's is `nr_groups` groups of equal size, dealt out like cards: page j of group g is page j x
 * nr_groups + g. So no range is hotter than another, except where the pattern wants it.
 *
 * The patterns are this project's; what they attack is in docs/workloads.md. `spread` is the skew within huge pages
 * that MEMTIS (SOSP'23) splits pages for; `writeburst` aims at migration by copy that starts again when a page is
 * written (Nomad, OSDI'24).
 *
 * Time: three patterns follow the clock. A tick counts an edge, run follows it before its next op and logs the op's
 * number. What an op adds and whether it writes depend on its number alone, only where it goes depends on the clock: so
 * the sum of all words, which is the checksum, does not. Verification: the ops are drawn again with the log's edges,
 * and taken back; then every word must be zero. Drawn once more, they must give the sum of all values read.
 */
#include "kernel/exit.h"
#include "lib/size_text.h"
#include "lib/string.h"
#include "lab/workload.h"
#include "workloads/adversary/critical.h"
#include "workloads/lib/random.h"

static KEY_TEXT(pattern_name, "adversary_pattern", "moving", "moving|pingpong|spread|writeburst|justbefore|critical",
                "adversary: which pattern");
static KEY_SIZE(bytes, "adversary_bytes", 128 * MIB, 64 * KIB, 2 * GIB,
                "adversary: footprint, but of pingpong; arbitrary: four times the default fast tier (critical: twice)");
static KEY_SIZE(fast, "adversary_fast", 32 * MIB, 16 * KIB, GIB,
                "adversary: the fast tier that it is made for; the default of fast=: set both");
static KEY_NUMBER(
    window_us, "adversary_us", 4700, 1, 1000000000,
    "adversary: modelled us of a window, for moving, writeburst, justbefore: the policies' default window");
static KEY_NUMBER(
    lead_us, "adversary_lead_us", 470, 0, 1000000000,
    "adversary: justbefore's touches begin so long before a window's end; a tenth of it: they take 0.4 ms "
    "in the slow tier");
static KEY_NUMBER(every, "adversary_every", 1, 1, 1000,
                  "adversary: justbefore's touches come before the end of every so many windows; 1: before every scan, "
                  "the policies' cycle would be 8");
static KEY_NUMBER(spread, "adversary_spread", 16, 1, 256,
                  "adversary: spread's hot pages in 2 MiB, a power of two; 16 in 128M are 4 MiB, more than the caches "
                  "hold (1 stays in them)");

#define LINES_PER_PAGE 64
#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(u64))
#define PAGES_PER_2M   512
#define MAX_EDGES      262144
#define HEAT_WINDOWS   8 /* of writeburst: a cycle of the policies (docs/add-a-policy.md) */

enum pattern { MOVING, PINGPONG, SPREAD, WRITEBURST, JUSTBEFORE, CRITICAL };

/* Where the drawing stands. All that an op does follows from this. */
struct draw {
    u64 random;
    u32 edges;   /* followed so far */
    u32 group;   /* the hot one; of writeburst the one that is read */
    u64 next;    /* pingpong: the page due; writeburst: the line due */
    u64 touches; /* justbefore: due, one an op */
};

static struct workload adversary;
static enum pattern pattern;
static u32 nr_pages, nr_groups, group_pages;
static struct draw now;
static struct critical critical;
static u64 op;                 /* done so far */
static volatile u32 due_edges; /* counted up by ticks, followed by run */
static u64 *edges;             /* op before which each was followed */
static u64 next_edge_ps, read_sum, first_random;

static bool by_clock(void)
{
    return pattern == MOVING || pattern == WRITEBURST || pattern == JUSTBEFORE;
}

static bool is(const char *name)
{
    return !strcmp(pattern_name, name);
}

static bool adversary_declared(u32 page);

/* Groups of a share of the fast tier, at least three of them. */
static void cut_groups(u64 share)
{
    group_pages = (u32)MAX(fast / share / PAGE_SIZE, 1);
    nr_groups = (u32)(bytes / PAGE_SIZE / group_pages);
    if (nr_groups < 3 + (pattern == JUSTBEFORE))
        refuse("adversary_bytes=%s: too few for adversary_fast=%s: %s needs at least %s", size_text(bytes).text,
               size_text(fast).text, pattern_name,
               pattern == WRITEBURST ? "three quarters of it"
               : pattern == MOVING   ? "one and a half of it"
                                     : "twice as much");
}

static NOT_COUNTED u64 adversary_pages(void)
{
    pattern = is("moving")       ? MOVING
              : is("pingpong")   ? PINGPONG
              : is("spread")     ? SPREAD
              : is("writeburst") ? WRITEBURST
              : is("justbefore") ? JUSTBEFORE
                                 : CRITICAL;
    adversary.declared = pattern == PINGPONG ? NULL : adversary_declared;
    if (pattern == PINGPONG) { /* footprint: one page more than the fast tier */
        if (key_given(&bytes))
            refuse("adversary_bytes=%s: pingpong's footprint is adversary_fast= and a page", size_text(bytes).text);
        if (workload_size() && key_given(&fast))
            refuse("size= and adversary_fast= say the same for pingpong: give one");
        if (workload_size())
            fast = workload_size() - PAGE_SIZE;
        nr_groups = 1;
        group_pages = nr_pages = (u32)(fast / PAGE_SIZE + 1);
        return nr_pages;
    }
    if (pattern == CRITICAL && !workload_size() && !key_given(&bytes))
        bytes = 2 * fast;
    if (workload_size()) {
        if (key_given(&bytes))
            refuse("size= and adversary_bytes= say the same: give one");
        bytes = workload_size();
        if (!key_given(&fast))
            fast = bytes / 4; /* the share that the defaults have */
    }
    if (pattern == CRITICAL) { /* two halves side by side */
        nr_groups = 2;
        group_pages = (u32)(bytes / 2 / PAGE_SIZE);
        nr_pages = 2 * group_pages;
        return nr_pages;
    }
    if (pattern == SPREAD) {
        if (spread & (spread - 1))
            refuse("adversary_spread=%lu: must be a power of two", spread);
        nr_groups = PAGES_PER_2M / (u32)spread;
        group_pages = (u32)(bytes / PAGE_SIZE / nr_groups);
        if (!group_pages)
            refuse("adversary_bytes=%s: must hold one hot page at least; adversary_spread=%lu puts one in %s",
                   size_text(bytes).text, spread, size_text(nr_groups * PAGE_SIZE).text);
    } else {
        cut_groups(pattern == WRITEBURST ? 4 : 2);
    }
    if (pattern == JUSTBEFORE && lead_us >= window_us)
        refuse("adversary_lead_us=%lu: must be less than adversary_us=%lu", lead_us, window_us);
    nr_pages = nr_groups * group_pages;
    return nr_pages;
}

static u64 edge_ps(void)
{
    return window_us * (pattern == WRITEBURST ? HEAT_WINDOWS : pattern == JUSTBEFORE ? every : 1) * 1000000;
}

/* From here on windows are counted. */
static void begin_windows(u64 now_ps)
{
    next_edge_ps = by_clock() ? now_ps + edge_ps() - (pattern == JUSTBEFORE ? lead_us * 1000000 : 0) : UINT64_MAX;
}

static u32 page_of(u32 group, u32 index)
{
    return index * nr_groups + group;
}

static NOT_COUNTED void adversary_setup(u64 seed, u64 total_ops)
{
    (void)total_ops;
    if (by_clock() && !edges)
        edges = workload_alloc(MAX_EDGES * sizeof(u64));
    first_random = seed;
    now = (struct draw){.random = seed};
    op = read_sum = due_edges = 0;
    begin_windows(0);
    if (pattern == MOVING) {
        /* The first sets come last: with place=fast-first they begin in the slow tier, and what is there already is of
         * no use until the last. */
        for (u32 group = nr_groups; group-- > 0;)
            for (u32 i = 0; i < group_pages; i++)
                arena_populate(page_of(group, i));
        return;
    }
    for (u32 page = 0; page < nr_pages; page++)
        arena_populate(page);
    if (pattern == CRITICAL)
        critical_setup(&critical, group_pages, seed);
}

/* justbefore's touched pages: the two groups after the hot one, as many as the fast tier has. */
#define TOUCHED_GROUPS 2

static void follow_edge(struct draw *d)
{
    d->edges++;
    if (pattern == JUSTBEFORE)
        d->touches += TOUCHED_GROUPS * group_pages;
    else
        d->group = d->group + 1 == nr_groups ? 0 : d->group + 1;
}

static u32 group_before(u32 group)
{
    return group ? group - 1 : nr_groups - 1;
}

/* Draws an op: the word it goes to, whether it writes, and what it adds. */
static inline u64 draw_word(struct draw *d, u64 *value, bool *write)
{
    u64 r = random_next(&d->random), word = r >> 23 & (WORDS_PER_PAGE - 1);
    u32 bits = (u32)(r >> 32), page;

    *write = r >> 15 & 1;
    *value = r | 1;
    switch (pattern) {
    case PINGPONG:
        page = (u32)d->next++;
        if (d->next == nr_pages)
            d->next = 0;
        break;
    case SPREAD:
        if ((r & 0x7fff) * 10 >> 15 < 9) {
            page = page_of(0, random_below(bits, group_pages));
        } else {
            u32 cold = random_below(bits, nr_pages - group_pages);
            page = page_of(1 + cold % (nr_groups - 1), cold / (nr_groups - 1));
        }
        break;
    case WRITEBURST:
        if (*write) {
            page = page_of(group_before(d->group), (u32)(d->next / LINES_PER_PAGE));
            word = d->next % LINES_PER_PAGE * (WORDS_PER_PAGE / LINES_PER_PAGE) + word % 8;
            if (++d->next == (u64)group_pages * LINES_PER_PAGE)
                d->next = 0;
        } else {
            page = page_of(d->group, random_below(bits, group_pages));
        }
        break;
    case JUSTBEFORE:
        if (d->touches) {
            u32 left = (u32)(--d->touches % (TOUCHED_GROUPS * group_pages));
            page = page_of(1 + left % TOUCHED_GROUPS, left / TOUCHED_GROUPS);
            break;
        }
        page = page_of(0, random_below(bits, group_pages));
        break;
    default:
        page = page_of(d->group, random_below(bits, group_pages));
    }
    return (u64)page * WORDS_PER_PAGE + word;
}

static bool adversary_overlap(unsigned i, struct mlp_part *part)
{
    return pattern == CRITICAL && critical_overlap(&critical, i, part);
}

static void adversary_run(u64 ops)
{
    if (pattern == CRITICAL) {
        critical_run(&critical, ops);
        return;
    }

    volatile u64 *words = arena_base();
    struct draw d = now;
    u64 sum = read_sum, value;
    bool write;

    for (u64 end = op + ops; op < end; op++) {
        while (d.edges != due_edges) {
            edges[d.edges] = op;
            follow_edge(&d);
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

/* Goes through all ops again, taking away what they added or adding it; returns the sum of the values that were read.
 */
static u64 replay(bool undo)
{
    struct draw d = {.random = first_random};
    u64 sum = 0, value;
    bool write;

    for (u64 i = 0; i < op; i++) {
        while (d.edges < now.edges && edges[d.edges] == i)
            follow_edge(&d);
        u64 word = draw_word(&d, &value, &write);
        u64 *at = arena_direct(word * sizeof(u64));
        if (write)
            *at += undo ? -value : value;
        else
            sum += *at;
    }
    return sum;
}

static NOT_COUNTED bool adversary_verify(u64 *checksum)
{
    u64 nr_words = (u64)nr_pages * WORDS_PER_PAGE;
    const u64 *words = arena_direct(0);
    bool zero = true;

    if (pattern == CRITICAL)
        return critical_verify(&critical, checksum);
    *checksum = 0;
    for (u64 i = 0; i < nr_words; i++)
        *checksum += words[i];
    replay(true);
    for (u64 i = 0; i < nr_words; i++)
        zero = zero && !words[i];
    return zero && replay(false) == read_sum;
}

/* As of now: run is in the middle of its work. */
static bool adversary_declared(u32 page)
{
    if (pattern == CRITICAL) /* the hotter half */
        return page >= group_pages && page < nr_pages;
    u32 group = page % nr_groups, hot = pattern == SPREAD || pattern == JUSTBEFORE ? 0 : due_edges % nr_groups;

    return page < nr_pages && (group == hot || (pattern == WRITEBURST && group == group_before(hot)));
}

static u32 adversary_nr_declared(void)
{
    return pattern == WRITEBURST ? 2 * group_pages : group_pages;
}

static u64 adversary_deadline_ps(void)
{
    return next_edge_ps;
}

static void adversary_expired(u64 now_ps)
{
    while (next_edge_ps <= now_ps) {
        if (due_edges == MAX_EDGES) { /* the log is full: from here on the pattern stands still */
            next_edge_ps = UINT64_MAX;
            return;
        }
        next_edge_ps += edge_ps();
        due_edges++;
    }
}

/* The policies' windows begin anew with the measured phase, and so do these. */
static NOT_COUNTED void adversary_measured(void)
{
    begin_windows(workload_now_ps());
}

static NOT_COUNTED void adversary_report(void)
{
    result_text("adversary_pattern", pattern_name);
    result_u64("adversary_edges", now.edges);
    result_u64("adversary_hot_pages", pattern == PINGPONG ? nr_pages : adversary_nr_declared());
}

/*
 * mlp: as hotset: some 60 instructions an op, so a reorder buffer of 224 entries (Cascade Lake; Intel Optimization
 * Reference Manual, 2.5) holds nearly four, each with one miss that depends on no other. critical tells its halves
 * apart: 1 for the chain, 10 fill buffers for the stream.
 */
static struct workload adversary = {
    .name = "adversary",
    .summary = "patterns that break trackers and policies, each with a known best and worst",
    .ops = 2000000,
    .warmup = 1000000,
    .unit = "accesses",
    .macro = {.bytes = 64 * MIB, .ops = 1000000, .warmup = 500000},
    .mlp = 4000,
    .overlap = adversary_overlap,
    .pages = adversary_pages,
    .setup = adversary_setup,
    .run = adversary_run,
    .verify = adversary_verify,
    .declared = adversary_declared,
    .nr_declared = adversary_nr_declared,
    .deadline_ps = adversary_deadline_ps,
    .expired = adversary_expired,
    .measured = adversary_measured,
    .report = adversary_report,
};
REGISTER_WORKLOAD(adversary);
