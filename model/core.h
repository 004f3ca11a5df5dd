/*
 * The model itself, free of QEMU: what an access costs and whom it is booked to. plugin.c drives it; so do host tests.
 *
 * Callers pass `insns`, the number of instructions executed so far. The modelled time of the current core is
 *     offset_ps + insns * insn_ps + what the core has been charged,
 * where the offset is set anew by every account doorbell, which tells the exact time.
 */
#pragma once

#include "model/abi.h"
#include "model/buffers.h"
#include "model/cache.h"
#include "model/config.h"
#include "model/flight.h"
#include "model/insn.h"
#include "model/memory_cache.h"
#include "model/prefetch.h"
#include "model/tier.h"
#include "model/tlb.h"
#include "model/truth.h"
#include "model/walk.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LINE_SHIFT   6
#define SAMPLE_LINES 8192 /* lines of managed accesses (65,536 words) between two comparisons with QEMU's address */

/* One core's private parts. */
struct core {
    struct cache l1, l2; /* l2 contains l1 */
    struct tlb tlb;
    struct upper upper;
    struct flight flight;
    struct prefetch prefetch;
    struct store_buffer stores;
    struct wc wc;
    struct port port[MODEL_TIERS];
    uint64_t time_ps; /* while another core is current: its time when it was left */
};

/*
 * Lines used lately, a few for each first-level set. All of them are in the first level. The newest is the most recent
 * of its set: touching it again changes nothing in the caches, and in the TLB only the stamp. Touching another one
 * reorders the set. Arrays at equal offsets in their pages share a set, so one line a set would not do.
 */
struct recent {
    _Alignas(64) uint64_t key;            /* model_recent_key of its virtual line; others, also in another generation, differ */
    struct tlb_entry *entry; /* where the TLB holds its page, while the tag is still this: */
    uint64_t tag;
    uint64_t *loads, *stores; /* where accesses are counted; a spare word if nowhere */
    struct page_truth *truth; /* likewise */
    uint32_t line;            /* physical */
    bool dirty;
};

#define NR_RECENT        64 /* sets */
#define RECENT_WAYS      4
#define RECENT_LINE_BITS 42 /* of a 48-bit address */

/* A range of pages of which the program has said how many misses overlap. */
struct mlp_range {
    uint32_t first_page, pages, mlp;
};

struct model {
    uint64_t generation; /* of recent[], in the bits above RECENT_LINE_BITS */
    uint64_t recent_mask;
    uint64_t machine_va; /* where the addresses of the machine that runs are looked up; 0: the host runs */
    struct model_counters *counters; /* of the current account */
    struct core *core;
    bool live; /* the account is not ACCOUNT_OFF */

    bool counting;     /* the account is the workload's: truth */
    uint32_t mlp;      /* misses that overlap, in 1/1000, of the current account */
    uint64_t *core_ps; /* the current core's charges, in the header */
    uint64_t offset_ps, insn_ps;
    uint32_t nr_core, nr_account;
    bool idle; /* self-check: no curve, no prefetcher, bandwidth without limit */
    bool prefetching;
    uint64_t workload_mlp; /* as the workload says, 1/1000 */
    uint32_t nr_mlp_ranges;
    struct mlp_range mlp_ranges[MODEL_MLP_RANGES];
    uint64_t traffic_active, traffic_load[MODEL_TIERS]; /* as the doorbell says, in place of the keys */
    uint32_t samples_left;

    struct core cores[NR_MODEL_CORES];
    struct cache llc;
    struct memory_cache memory_cache;
    struct truth truth;
    uint8_t space_in[512]; /* by bits 39-47 of the address: 1 + the number of the space that lies there, or 0 */
    struct tables tables;
    uint64_t daemon_lane_ps[MODEL_TIERS][MODEL_DIRECTIONS]; /* nobody reads it: step_end hands the traffic on */

    const struct config *config;
    struct model_header *header;
    struct model_doorbells *bells;
    const uint32_t *frames, *leaves;
    uint8_t *walked; /* WALKED_* by page, in the region */
    struct model_sample *ring;
    uint64_t sample_period[2], sample_left[2]; /* of load requests, of stores; period 0: off */
    uint64_t nr_spaces, nr_ranges;
    struct model_space spaces[MODEL_SPACES];
    struct machine_tables machine_tables[MODEL_SPACES]; /* of the machine whose memory the space is */
    bool machines;                                      /* there is one */
    struct model_range ranges[MODEL_RANGES];
    uint64_t uncharged_start, uncharged_end, machine_start, machine_end, exception_start, exception_end;
    uint64_t unwatched_start, unwatched_end;
    const uint64_t *unwatched_insns; /* counted by whoever drives the model; NULL: nobody */
    uint64_t unwatched_seen;         /* of these, when the account last changed */

    struct exception {    /* one that has begun, and whose handler has not told the time yet */
        bool began, left; /* left: its doorbell for ACCOUNT_OFF has come */
        uint32_t account; /* that it interrupted */
        uint64_t began_insns, left_insns;
    } exception;

    uint64_t nr_leaves;    /* words of leaves[] in use */
    uint32_t locked_frame; /* the table that the guest last wrote to with a lock, as leaves[] names it, */
    uint8_t *locked_pages; /* and its pages' bytes in walked[]; NULL: no table of level 1 */
    const struct directory *locked_directory; /* then: the table of level 2 that lies there; NULL: none */
    uint64_t taken_page; /* + 1: that from whose entry a machine last took bits, by its byte of walked[]; 0: other word */
    uint64_t probe_va;     /* the load that the guest is about to make; UINT64_MAX: none */
    uint64_t delta[MODEL_RANGES], probes[MODEL_RANGES]; /* QEMU's address minus the true one; how often seen */
    bool probe_failed;
    uint64_t announced_pages, announced_shootdowns; /* flushes announced whose invlpg has not run yet */
    bool shootdown_all;                             /* the next CR3 write is a shootdown's */

    uint64_t spare_count;
    struct page_truth spare_truth;
    struct recent *newest[NR_RECENT]; /* of each set */
    struct recent recent[NR_RECENT][RECENT_WAYS];
};

extern struct model model;

/* Prepares the model in a zeroed region of `bytes`; the header's magic is stored last. 0, or -1 and one line in
 * error[]. */
int model_start(const struct config *config, void *region, uint64_t bytes, char *error, size_t error_bytes);

/* Frees what model_start allocated. */
void model_stop(void);

/* A doorbell at `offset` of the command page was stored to. */
void model_doorbell(uint64_t offset, uint64_t insns);

/* An access of `size` bytes at `va`, past the fast path below. True when model_check wants QEMU's address for it. */
bool model_access(uint64_t va, uint32_t size, bool store, uint64_t insns);

/* A locked read-modify-write at `va` is about to happen: if to a page table, the guest takes bits from an entry. */
void model_locked(uint64_t va);

/* A non-temporal store. True as above. */
bool model_store_nontemporal(uint64_t va, uint32_t size, uint64_t insns);

/* An instruction that is not INSN_PLAIN is about to run (INSN_NONTEMPORAL: nothing happens). */
void model_instruction(enum insn_kind kind, uint64_t insns);

/*
 * The handler of an exception tells the exact time of its booking, `now_ps`: what the exception waited for and cost is
 * charged now, to the account that it interrupted. Returns the time after that.
 */
uint64_t model_exception(uint64_t now_ps, uint64_t insns);

#define MACHINE_MASK ((1ull << 39) - 1)

/* An address of whatever runs, as the model knows it: a machine's lie in a slot of its own and never name a doorbell.
 */
static inline uint64_t model_address(uint64_t va)
{
    return __builtin_expect(model.machine_va != 0, 0) ? model.machine_va | (va & MACHINE_MASK) : va;
}

/* Compares the frame of a managed access with the address that QEMU reports for it. */
void model_check(uint64_t va, uint64_t qemu_address);

/* Takes QEMU's address for the probe load at model.probe_va. */
void model_probe(uint64_t qemu_address);

/* Notes an error, if it is the first. */
void model_error(enum model_error error, uint64_t detail);

/* Empties recent[], after anything that may have moved a line, a page or the account. */
static inline void model_forget(void)
{
    model.generation += 1ull << RECENT_LINE_BITS;
    if (__builtin_expect(!model.generation, 0)) {
        memset(model.recent, 0, sizeof(model.recent));
        model.generation = 1ull << RECENT_LINE_BITS;
    }
}

static inline uint64_t model_recent_key(uint64_t va)
{
    return model.generation | (va >> LINE_SHIFT & ((1ull << RECENT_LINE_BITS) - 1));
}

/* The current core's time in ps. */
static inline uint64_t model_now_ps(uint64_t insns)
{
    return model.offset_ps + insns * model.insn_ps + *model.core_ps;
}

/* Counts an access to a line of recent[] that only has to be counted. False when D or the dirty mark has to be set. */
static inline __attribute__((always_inline)) bool model_count_again(struct recent *recent, bool store)
{
    struct page_truth *truth = truth_at(&model.truth, recent->truth);

    if (store) {
        if (!recent->dirty || !recent->entry->dirty) {
            return false;
        }
        (*recent->stores)++;
        truth->stores++;
    } else {
        (*recent->loads)++;
        truth->loads++;
    }
    recent->entry->stamp = ++model.core->tlb.clock;
    model.counters->l1_hits++;
    return true;
}

/* True when an access at `va`, all of it within a line, is to its set's newest line, which it leaves as it is; booked
 * then. */
static inline __attribute__((always_inline)) bool model_access_newest(uint64_t va, bool store)
{
    uint32_t set = va >> LINE_SHIFT & model.recent_mask;
    struct recent *recent = model.newest[set];

    return recent->key == model_recent_key(va) && recent->entry->tag == recent->tag && model_count_again(recent, store);
}

/* A recent line takes its first store, as on the longer path: its dirty mark is set. False when that path is needed: to
 * set D, to sample, or because it is this access's turn to be compared with QEMU's address. */
static inline bool model_mark_dirty(struct recent *recent)
{
    const struct tlb_entry *entry = recent->entry;
    bool managed = entry->page != PAGE_NONE;

    if (!entry->dirty || model.sample_period[1] || (managed && model.samples_left == 1)) {
        return false;
    }
    model.samples_left -= managed;
    return recent->dirty = true;
}

/* The same for any of the set's recent lines; it becomes the newest, and dirty by a store. */
static inline __attribute__((always_inline)) bool model_access_older(uint64_t va, bool store)
{
    uint32_t set = va >> LINE_SHIFT & model.recent_mask;
    uint64_t key = model_recent_key(va);
    struct recent *recent = model.recent[set], *end = recent + RECENT_WAYS;

    while (recent->key != key) {
        if (++recent == end) {
            return false;
        }
    }
    bool first_store = store && !recent->dirty;
    if (recent->entry->tag != recent->tag || (first_store && !model_mark_dirty(recent)) ||
        !model_count_again(recent, store)) {
        return false;
    }
    const struct cache *l1 = &model.core->l1;
    uint32_t *row = cache_row(l1, recent->line);
    cache_touch(row, cache_find(l1, row, recent->line), first_store ? LINE_DIRTY : 0);
    model.newest[set] = recent;
    return true;
}

/* True when an access of at most `size` bytes at `va` is to a recent line; booked then. */
static inline bool model_access_again(uint64_t va, uint32_t size, bool store)
{
    return (va & 63) + size <= 64 && (model_access_newest(va, store) || model_access_older(va, store));
}
