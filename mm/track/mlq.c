/*
 * mlq: accessed bits with a multi-level queue, which spares pages that are accessed all the time the clearing.
 *
 *      each window, each step:
 *          for each entry of the next `mlq_pages` pages whose A is set:
 *              note the page (written if D is set, too);  clear A and D if the queue says so (mm/track/mlq.h)
 *          flush the TLB if anything was cleared
 *      after `mlq_windows` windows:  every bit that is set is cleared, the queue is forgotten
 *
 * After vTMM's tracker (Sha and others, EuroSys'23; rule and constants as in the host kernel that HugeScope's artefact
 * publishes, arch/x86/kvm/hmmv/hash.h, github.com/TELOS-syslab/hugescope-atc24-ae). A bit that was left set counts as
 * an access in the next window, whether or not there was one: *credited*; what had been clear and is set was *seen*. An
 * observation's weight is what is credited; mlq_left=0 credits only what was seen. vTMM visits the tables that the
 * page-modification log names: so does this one in a machine with scan=guest-log (mm/table_log.h), where a bit that was
 * left set is credited only if its table was walked, else it visits every entry. Differs: the queue is an array by page
 * and not a hash table; the next cycle is armed by the last window, which clears what it finds and, without crediting
 * it, what stands in spared tables, and not by a pass of its own. Cost: as abit, and two bytes a page looked up and
 * written for each accessed one. Known weak spot: it flatters pages accessed in about half of the windows.
 */
#include "lib/string.h"
#include "mm/bits.h"
#include "mm/table_log.h"
#include "mm/tlb.h"
#include "mm/track/mlq.h"

KEY_TEXT(mlq_switch, "mlq", "on", "on|off", "mlq: the queue decides what is cleared; off: everything is, as abit does");
static KEY_NUMBER(mlq_windows, "mlq_windows", 8, 1, MLQ_MAX_WINDOWS,
                  "mlq: windows until the queue is forgotten; vTMM drops it after a cycle, 8 windows in the paper (10 "
                  "in the artefact): "
                  "set it to score_windows=");
static KEY_NUMBER(mlq_left_weight, "mlq_left", 1, 0, 1,
                  "mlq: what a bit is credited that was left set: 1 as vTMM, 0: only what was seen");
static KEY_NUMBER(mlq_pages, "mlq_pages", OBSERVATIONS_PER_STEP, PT_ENTRIES, OBSERVATIONS_PER_STEP,
                  "mlq: pages a step, in whole tables of 512; as abit_pages, so that the two compare");

static const struct tracker mlq;

static void mlq_start(struct space *space)
{
    struct mlq *t = space_own(space, TRACKER, &mlq, sizeof(*t));

    *t = (struct mlq){.queueing = mlq_switch[1] == 'n',
                      .walked = walked_bytes(space),
                      .places = space_page_array(space, t->places, sizeof(mlq_place_t))};
    drop_all_bits(space, PTE_ACCESSED | PTE_DIRTY, WALKED_ACCESSED | WALKED_DIRTY);
    tlb_flush_all(FLUSH_LOCAL);
}

/* A step's own counts; they stay in registers. */
struct scan {
    struct observation *at;
    u32 window, seen, cleared, armed;
};

/* A is set: notes the page, asks the queue. A page in the queue's last window leaves it, and its bits are cleared for
 * the next cycle. */
static inline __attribute__((always_inline)) void sight(struct scan *scan, pte_t *entry, mlq_place_t *place,
                                                        u64 observation, bool queued, bool last)
{
    const u64 written = observation_bits(0, OBSERVED_WRITTEN) - observation_bits(0, OBSERVED_READ);
    mlq_place_t old = *place, new = queued ? mlq_sight(old, scan->window) : 0;

    observation += has_bits(entry, DIRTY_FOR_TRACKER) ? written : 0;
    if (queued)
        *place = last ? 0 : new;
    if (!mlq_left(new) || last)
        take_dirty(entry, PTE_ACCESSED);
    scan->cleared += !mlq_left(new);
    scan->armed += last;
    if (mlq_left(old) && !mlq_left_weight)
        return;
    scan->seen += !mlq_left(old);
    scan->at = note(scan->at, observation);
}

static inline __attribute__((always_inline)) void scan_queue(struct scan *scan, pte_t *table, mlq_place_t *place,
                                                             u32 first_page, bool queued, bool last)
{
    u64 observation = observation_bits(first_page, OBSERVED_READ);

    for (pte_t *entry = table; entry < table + PT_ENTRIES;
         entry += SCAN_GROUP, place += SCAN_GROUP, observation += SCAN_GROUP) {
#pragma GCC unroll 8
        for (u32 i = 0; i < SCAN_GROUP; i++)
            if (__builtin_expect(has_bits(&entry[i], PTE_ACCESSED), 0))
                sight(scan, &entry[i], &place[i], observation + i, queued, last);
    }
}

/* A table that a machine's log spares (mm/table_log.h) in the queue's last window: nothing is noted, and what is still set
 * was left so. */
static void arm_table(struct scan *scan, struct space *space, u32 page)
{
    struct mlq *t = space->own[TRACKER];
    pte_t *table = space_scanned(space, page / PT_ENTRIES);

    if (!table)
        return;
    for (u32 i = 0; i < PT_ENTRIES; i++) {
        booking_t booking;

        if (!has_bits(&table[i], PTE_ACCESSED))
            continue;
        take_dirty(&table[i], PTE_ACCESSED);
        scan->armed++;
        booking = clock_book(BOOK_OFF); /* as forget_dirty() */
        forget_dirty_page(t->walked, page + i);
        clock_book(booking);
    }
    space->pte_visits += PT_ENTRIES;
}

/* As forget_dirty(), for the pages whose bits were not left as they were. */
static void forget_cleared(const struct mlq *t, const struct observations *seen)
{
    booking_t booking = clock_book(BOOK_OFF);

    for (u32 i = 0; t->walked && i < seen->count; i++)
        if (!mlq_left(t->places[seen->list[i].page]))
            t->walked[seen->list[i].page] &= (u8)~WALKED_DIRTY;
    clock_book(booking);
}

static bool mlq_step(struct space *space, struct observations *out)
{
    struct mlq *t = space->own[TRACKER];
    u32 page = t->next_page, end = step_end(space, page, mlq_pages);
    struct scan scan = {.at = out->list, .window = t->window};
    bool whole = page == 0 && end == space->nr_pages, last = t->window + 1 == mlq_windows;

    for (; page < end; page += PT_ENTRIES) {
        pte_t *table = table_to_scan(space, page / PT_ENTRIES);
        if (!table) {
            if (last && t->queueing)
                arm_table(&scan, space, page);
            continue;
        }
        if (!t->queueing)
            scan_queue(&scan, table, t->places + page, page, false, false);
        else
            scan_queue(&scan, table, t->places + page, page, true, last);
        space->pte_visits += PT_ENTRIES;
    }
    out->count = (u32)(scan.at - out->list);
    t->mlq_credited += out->count;
    t->mlq_seen += scan.seen;
    t->mlq_cleared += scan.cleared;
    forget_cleared(t, out);
    if (scan.cleared + scan.armed || table_log_unflushed(space))
        tlb_flush_all(whole ? FLUSH_PER_WINDOW : FLUSH_PER_PAGES);
    t->next_page = page < space->nr_pages ? page : 0;
    if (t->next_page)
        return false;
    t->window = last ? 0 : t->window + 1;
    if (last)
        memset(t->places, 0, space->nr_pages * sizeof(*t->places));
    return true;
}

static void mlq_explain(const struct space *space, u32 page, u64 *values)
{
    const struct mlq *t = space->own[TRACKER];

    values[0] = t->places[page] & (MLQ_LEVELS - 1);
    values[1] = mlq_left(t->places[page]);
}

static const struct tracker mlq = {
    .part = {.name = "mlq",
             .summary = "accessed bits; vTMM's multi-level queue leaves those of steadily accessed pages set",
             .counters = {COUNTER(mlq, mlq_credited), COUNTER(mlq, mlq_seen), COUNTER(mlq, mlq_cleared)},
             .facts = {{"mlq_level", "its level in the queue"}, {"mlq_left_set", "1: its bit is left set"}},
             .explain = mlq_explain,
             .start = mlq_start},
    .sees = SEES_EVERY_WINDOW,
    .step = mlq_step,
};
REGISTER_TRACKER(mlq);
