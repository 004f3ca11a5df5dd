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
 * observation's weight is what is credited; mlq_left=0 credits only what was seen. Differs: it visits every entry,
 * where vTMM visits the tables that the page-modification log names; the queue is an array by page and not a hash
 * table; the next cycle is armed by the last window's clearing and not by a pass of its own. Clears D: not to be
 * combined with a migrator that tests D. Cost: as abit, and two bytes a page looked up and written for each accessed
 * one. Known weak spot: it flatters pages accessed in about half of the windows.
 */
#include "kernel/string.h"
#include "mm/memory.h"
#include "mm/tlb.h"
#include "mm/track/bits.h"
#include "mm/track/mlq.h"

KEY_TEXT(mlq_switch, "mlq", "on", "on|off", "mlq: the queue decides what is cleared; off: everything is, as abit does");
static KEY_NUMBER(mlq_windows, "mlq_windows", 8, 1, MLQ_MAX_WINDOWS,
                  "mlq: windows until the queue is forgotten; vTMM drops it after a cycle, 8 windows in the paper (10 "
                  "in the artefact): "
                  "set it to cycle=");
static KEY_NUMBER(mlq_left_weight, "mlq_left", 1, 0, 1,
                  "mlq: what a bit is credited that was left set: 1 as vTMM, 0: only what was seen");
static KEY_NUMBER(mlq_pages, "mlq_pages", OBSERVATIONS_PER_STEP, PT_ENTRIES, OBSERVATIONS_PER_STEP,
                  "mlq: pages a step, in whole tables of 512; as abit_pages, so that the two compare");

u64 mlq_credited, mlq_seen, mlq_cleared;

static mlq_place_t *places; /* by page */
static volatile u8 *walked; /* null without the model */
static u32 next_page, window;
static bool queueing;

static void mlq_start(struct space *space)
{
    queueing = mlq_switch[1] == 'n';
    walked = walked_bytes(space);
    if (!places)
        places = kmem_alloc(ALIGN_UP(space->nr_pages, PT_ENTRIES) * sizeof(*places));
    memset(places, 0, space->nr_pages * sizeof(*places));
    drop_all_bits(space, PTE_ACCESSED | PTE_DIRTY, WALKED_ACCESSED | WALKED_DIRTY);
    tlb_flush_all(FLUSH_LOCAL);
    next_page = window = 0;
}

/* A step's own counts; they stay in registers. */
struct scan {
    struct observation *at;
    u32 seen, cleared, armed;
};

/* A is set: notes the page, asks the queue. A page in the queue's last window leaves it, and its bits are cleared for
 * the next cycle. */
static inline __attribute__((always_inline)) void sight(struct scan *scan, pte_t *entry, mlq_place_t *place,
                                                        u64 observation, bool queued, bool last)
{
    const u64 written = observation_bits(0, OBSERVED_WRITTEN) - observation_bits(0, OBSERVED_READ);
    mlq_place_t old = *place, new = queued ? mlq_sight(old, window) : 0;

    observation += has_bits(entry, PTE_DIRTY) ? written : 0;
    if (queued)
        *place = last ? 0 : new;
    if (!mlq_left(new) || last)
        drop_bits(entry, PTE_ACCESSED | PTE_DIRTY);
    scan->cleared += !mlq_left(new);
    scan->armed += last;
    if (mlq_left(old) && !mlq_left_weight)
        return;
    scan->seen += !mlq_left(old);
    scan->at = note(scan->at, observation);
}

static inline __attribute__((always_inline)) void scan_queue(struct scan *scan, pte_t *table, u32 first_page,
                                                             bool queued, bool last)
{
    u64 observation = observation_bits(first_page, OBSERVED_READ);
    mlq_place_t *place = places + first_page;

    for (pte_t *entry = table; entry < table + PT_ENTRIES;
         entry += SCAN_GROUP, place += SCAN_GROUP, observation += SCAN_GROUP) {
#pragma GCC unroll 8
        for (u32 i = 0; i < SCAN_GROUP; i++)
            if (__builtin_expect(has_bits(&entry[i], PTE_ACCESSED), 0))
                sight(scan, &entry[i], &place[i], observation + i, queued, last);
    }
}

static bool bit_left(u32 page)
{
    return mlq_left(places[page]);
}

static bool mlq_step(struct space *space, struct observations *out)
{
    u32 end = step_end(space, next_page, mlq_pages);
    struct scan scan = {.at = out->list};
    bool whole = next_page == 0 && end == space->nr_pages, last = window + 1 == mlq_windows;

    for (; next_page < end; next_page += PT_ENTRIES) {
        pte_t *table = space_scanned(space, next_page / PT_ENTRIES);
        if (!table)
            continue;
        if (!queueing)
            scan_queue(&scan, table, next_page, false, false);
        else
            scan_queue(&scan, table, next_page, true, last);
        pte_visits += PT_ENTRIES;
    }
    out->count = (u32)(scan.at - out->list);
    mlq_credited += out->count;
    mlq_seen += scan.seen;
    mlq_cleared += scan.cleared;
    forget_dirty(walked, out, bit_left);
    if (scan.cleared + scan.armed)
        tlb_flush_all(whole ? FLUSH_PER_WINDOW : FLUSH_PER_PAGES);
    if (next_page < space->nr_pages)
        return false;
    next_page = 0;
    window = last ? 0 : window + 1;
    if (last)
        memset(places, 0, space->nr_pages * sizeof(*places));
    return true;
}

static const struct tracker mlq = {
    .counters = {{"mlq_credited", &mlq_credited}, {"mlq_seen", &mlq_seen}, {"mlq_cleared", &mlq_cleared}},
    .name = "mlq",
    .summary = "accessed bits; vTMM's multi-level queue leaves those of steadily accessed pages set",
    .start = mlq_start,
    .step = mlq_step,
};
REGISTER_TRACKER(mlq);
