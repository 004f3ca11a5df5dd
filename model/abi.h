/*
 * The words that the guest and the model exchange.
 *
 * One region of shared memory (BAR 2 of QEMU's ivshmem-plain) holds all of it. The guest maps the region at MODEL_VA
 * and rings a *doorbell* by storing to a field of `struct model_doorbells`; the model sees the store in its memory
 * callback, after the value has arrived, and reads the arguments from the same page. The other direction is plain
 * memory: the model stores counters and truth, the guest loads them. Both run in one thread (TCG with one virtual
 * CPU), so a value stored by one is seen by the other's next load, and no ordering is needed.
 *
 * The header is included by guest and host code alike and therefore includes nothing but <stdint.h>.
 *
 * Layout of the region, in bytes:
 *      0       struct model_header        written by the model
 *      4096    struct model_doorbells     written by the guest; stores here are commands
 *      8192    text of the model's effective configuration, a JSON object, NUL-terminated (MODEL_CONFIG_BYTES)
 *      ...     the tables whose offsets the header names: frames, leaf tables, two copies of the truth, what was
 *              walked, the sampler's ring
 */
#pragma once

#include <stdint.h>

#define MODEL_MAGIC 0x3142414c52454954ull /* "TIERLAB1" */
#define MODEL_ABI   5

#define MODEL_VA  0xffff900000000000ull /* where the guest maps the region: PML4 slot 288, nothing else lives there */
#define DIRECT_VA 0xffff800000000000ull /* the guest's direct map of physical memory: PML4 slot 256 */

#define MODEL_DOORBELL_OFFSET 4096
#define MODEL_CONFIG_OFFSET   8192
#define MODEL_CONFIG_BYTES    8192
#define MODEL_TABLES_OFFSET   16384

/* One page's share of the shared region: frame table, leaf tables, two truth copies, and room for later tables. */
#define MODEL_BYTES_PER_PAGE 48

#define MODEL_RING_ENTRIES                                                                                             \
    4096 /* of the sampler, where the region has room for them: 32 pages of 32-byte records, as MEMTIS's ring */

/* Who is being paid for. Time, accesses and requests are booked apart for each account. */
enum model_account {
    ACCOUNT_OFF,      /* the laboratory's own work: nothing is modelled or counted */
    ACCOUNT_WORKLOAD, /* the program under test: the only account whose accesses are counted as truth */
    ACCOUNT_FAULT,    /* exception handlers running on the workload's behalf */
    ACCOUNT_TRACK,
    ACCOUNT_CLASSIFY,
    ACCOUNT_MIGRATE,
    ACCOUNT_OTHER,
    NR_ACCOUNTS
};

/* A core has private caches and a TLB; the last-level cache is shared. */
enum model_core { CORE_WORKLOAD, CORE_DAEMON, NR_MODEL_CORES };

#define MODEL_LEAF_PAGES 512u /* 4 KiB pages of a 2 MiB leaf, and entries of a table */

#define MODEL_TIERS      2 /* indexed by enum model_tier */
#define MODEL_SPACES     8 /* managed spaces that the model can tell apart */
#define MODEL_MLP_RANGES 4 /* parts of a program that overlap otherwise than it */
#define MODEL_RANGES     8 /* ranges of physical memory that it can assign to tiers */

/* What one account has used so far. Monotonic between two MODEL_RESETs. */
struct model_counters {
    uint64_t stall_ps;           /* memory time beyond the instructions */
    uint64_t serial_ps;          /* constants of serialising instructions */
    uint64_t loads[MODEL_TIERS]; /* accesses to managed addresses, by the tier of the page (ACCOUNT_WORKLOAD only) */
    uint64_t stores[MODEL_TIERS];
    uint64_t requests[MODEL_TIERS]; /* of these, lines that missed the last level, or non-temporal lines */
    uint64_t l1_hits, l2_hits, llc_hits,
        misses; /* all modelled accesses of the account, by the level that served them */
    uint64_t tlb1_misses,
        walks;            /* first-level misses; those that the second level missed too, and stores that had to set D */
    uint64_t writebacks;  /* dirty lines evicted from the last level */
    uint64_t prefetched;  /* misses that a stream had asked for ahead */
    uint64_t walk_loads;  /* entries of page tables that walks read */
    uint64_t walk_misses; /* of these, from memory (they are in no other count) */
    uint64_t walk_ps;     /* sum of the walks' lengths, whether or not anything overlapped them */
    uint64_t entry_sets;  /* A or D bits that walks set */
};

/* What an uncore counter would show of one tier: demand loads that missed the last level, and the sum of the time
 * that each took; neither stores nor prefetched lines (Colloid, SOSP 2024, divides occupancy by inserts of such). */
struct model_uncore {
    uint64_t loads, latency_ps;
};

/* Directions of a tier's traffic. */
enum model_direction { MODEL_READ, MODEL_WRITE, MODEL_DIRECTIONS };

/* One page's true counts within one epoch. */
struct page_truth {
    uint32_t loads, stores;                 /* accesses */
    uint32_t request_loads, request_stores; /* requests */
};

/* What a hardware sampler writes for every N-th load request and every M-th store. */
struct model_sample {
    uint64_t va;   /* of the line */
    uint32_t page; /* index in the model's tables */
    uint8_t tier;  /* that served it */
    uint8_t store; /* 1 for a store */
    uint16_t unused;
};

enum model_tier { MODEL_FAST, MODEL_SLOW };

enum model_error {
    MODEL_OK,
    MODEL_BAD_HELLO,         /* arguments of the handshake make no sense, or too many pages for the region */
    MODEL_BAD_PROBE,         /* physical addresses could not be calibrated */
    MODEL_FRAME_MISMATCH,    /* the frame table disagrees with QEMU's own address on a sampled access */
    MODEL_FRAME_MISSING,     /* an access to a managed page that has no frame */
    MODEL_FLUSH_UNANNOUNCED, /* an invlpg was executed that the guest had not announced */
    MODEL_UNWATCHED,    /* code of the laboratory's own, which the model does not watch, ran while the clock was on */
    MODEL_TABLE_MISSING /* a walk through a page table that the guest had not announced */
};

struct model_header {
    uint64_t magic; /* MODEL_MAGIC, stored last at start-up */
    uint32_t abi;   /* MODEL_ABI */
    uint32_t error; /* enum model_error; the first one stays. error_detail says more */
    uint64_t error_detail;
    uint64_t region_bytes;
    uint64_t max_pages;     /* pages that the tables have room for */
    /* uint32_t frames[max_pages]: frame number + 1, 0 when unmapped; of 512 pages that one leaf of 2 MiB maps, only the
     * first one's is looked at. Written by the guest. */
    uint64_t frames_offset;
    /* uint32_t leaves[max_pages / 512]: frame number + 1 of the table of level 1 that maps these 512 pages,
     * MODEL_LEAF_LARGE when one leaf of 2 MiB does, 0 when neither. Written by the guest. */
    uint64_t leaves_offset;
    uint64_t truth_offset[2]; /* struct page_truth truth[max_pages], twice: one counts while the other can be read */
    uint64_t epoch;           /* epochs closed so far; copy (epoch & 1) is counting, the other is the last closed one */
    uint64_t ready;           /* 1 after a successful handshake */
    uint64_t
        walked_offset; /* uint8_t walked[max_pages]: WALKED_* set by the modelled TLB's walks; the guest clears them */
    uint64_t ring_offset;     /* struct model_sample ring[ring_entries] */
    uint64_t ring_entries;    /* a power of two */
    uint64_t ring_head;       /* samples written so far; the guest keeps the tail (doorbells.ring_tail) */
    uint64_t ring_dropped;    /* samples lost because the ring was full */
    uint64_t samples_checked; /* accesses whose frame was compared with QEMU's address */

    /* The part of the configuration that the guest computes with. */
    uint64_t insn_ps;   /* picoseconds an instruction */
    uint64_t cores;     /* cores that work (the key `active`); one modelled core stands for one of them */
    uint64_t all_cores; /* cores of the socket (the key `cores`) */
    uint64_t l1_bytes, l2_bytes, llc_bytes, tlb_entries; /* both levels' entries together: what a probe must exceed */
    uint64_t shootdown_ps;                               /* what receiving one TLB shootdown costs a core */
    struct {
        uint64_t read_ps, write_ps;                 /* idle latency, a line */
        uint64_t read_Bps, write_Bps;               /* the whole tier's bandwidth; 0 means unlimited */
        uint64_t unit_bytes;                        /* media unit */
        uint64_t neighbour_milli[MODEL_DIRECTIONS]; /* share of the lanes' time that a neighbour takes, in 1/1000 */
        uint64_t lanes;                             /* 1: both directions share one */
    } tier[MODEL_TIERS];

    struct model_uncore uncore[MODEL_TIERS]; /* of CORE_WORKLOAD, whatever the account */
    /* Time that the traffic of CORE_WORKLOAD, of the cores like it and of the daemon takes of each tier's lanes. With
     * two lanes each direction is of its own lane. */
    uint64_t lane_ps[MODEL_TIERS][MODEL_DIRECTIONS];

    struct { /* lines asked of the slow tier that DRAM had, that it had not, and that went back to the slow tier */
        uint64_t hits, misses, writebacks;
    } memory_cache; /* reads and writes of all accounts; the doorbell memory_cache */

    uint64_t
        core_ps[NR_MODEL_CORES]; /* stall + serial of every account that ran on the core: the guest's clock reads it */
    struct model_counters account[NR_ACCOUNTS];
};

struct model_space {
    uint64_t va;         /* first virtual address, page aligned */
    uint64_t nr_pages;   /* 4 KiB pages */
    uint64_t first_page; /* index of its first page in frames[] and truth[]; a multiple of MODEL_LEAF_PAGES */
};

#define MODEL_LEAF_LARGE UINT32_MAX

struct model_range {
    uint64_t base, bytes; /* physical memory */
    uint64_t tier;        /* 0 fast, 1 slow */
};

/* A doorbell is rung by storing to it; the comment says what the value means. Arguments are stored before. */
struct model_doorbells {
    uint64_t hello;      /* handshake: reads `spaces`, `ranges` and the text ranges below; any value */
    uint64_t probe;      /* physical address; the guest's next load goes to it through the direct map */
    uint64_t ready;      /* the probes are done: check them, set header->ready or an error; any value */
    uint64_t account;    /* account | core << 8, reads `now_ps`: what follows is booked there */
    uint64_t flush_page; /* virtual address | 1 when it is a shootdown (the instruction is then not charged) */
    uint64_t flush_all;  /* 1 when it is a shootdown */
    uint64_t epoch;      /* close the epoch: swap the truth copies and clear the new one; any value */
    uint64_t step_end;   /* workload time in ps until which the daemon's bytes since its last step are spread */
    uint64_t reset;      /* empty caches, TLBs, queues; zero all counters and both truth copies; any value */
    uint64_t mlp;        /* misses that the workload overlaps, in 1/1000 (1000: a dependent chase) */
    uint64_t idle; /* 1: no load curve, prefetcher or limit of bandwidth (self-check, calibrate); 0: as configured */
    uint64_t sample_load;  /* period in load requests of the workload; 0: off */
    uint64_t sample_store; /* period in stores of the workload; 0: off */
    uint64_t table;        /* physical address of a page table | its level, 4 to 2; reads `table_va` */
    uint64_t mlp_range;    /* the same as mlp for [range_start, range_end) of a space alone; the next mlp ends it */
    uint64_t traffic;      /* reads `traffic_active`, `traffic_load`: in place of the keys, until the next reset */
    uint64_t machine;   /* what follows is a machine's: its addresses lie in the 512 GiB from here on; 0: the host's */
    uint64_t machine_tables; /* reads `table_va`, in a machine's space: the page of its memory in which its own tables
                              * begin (struct machine_tables of model/walk.h); 0: it has none any more */
    uint64_t memory_cache; /* bytes of the fast tier that hardware keeps lines of the slow one in (model/memory_cache.h); 0: none */
    uint64_t ring_tail; /* argument: samples that the guest has taken so far */

    uint64_t now_ps;   /* arguments: the workload's clock */
    uint64_t table_va; /* first address that the table maps */
    uint64_t range_start, range_end;
    uint64_t traffic_active;            /* 0: as configured */
    uint64_t traffic_load[MODEL_TIERS]; /* of a neighbour, in MB/s; UINT64_MAX: as configured */
    uint64_t nr_spaces, nr_ranges;
    struct model_space spaces[MODEL_SPACES];
    struct model_range ranges[MODEL_RANGES];
    uint64_t uncharged_start,
        uncharged_end; /* code that is the laboratory's: neither charged nor modelled (tick stub) */
    uint64_t machine_start,
        machine_end; /* data of interrupt delivery (descriptor tables, the tick's stack): not modelled */
    uint64_t unwatched_start, unwatched_end; /* code that only runs with ACCOUNT_OFF and rings no doorbell */
    uint64_t exception_start, exception_end; /* entry stubs, EXCEPTION_STUB_BYTES apart: an exception begins here */
};

/* A walk for a load sets A, one for a store A and D; a store through an entry that was loaded for reading sets D by
 * another walk. An entry that maps 2 MiB is named by its first page. In a machine one byte stands for a page's two
 * entries, the machine's own and the nested one; a nested leaf of 2 MiB, under which the machine's own leaves are pages
 * still, has the same bits WALKED_NESTED further up in its first page's byte. */
enum {
    WALKED_ACCESSED = 1,
    WALKED_DIRTY = 2,
    WALKED_SET = 4, /* the entry has its A bit; a locked write to the entry by the guest ends that. The guest writes it only
                       where an entry takes over the bits of another one */
    WALKED_ALL = WALKED_ACCESSED | WALKED_DIRTY | WALKED_SET,
    WALKED_NESTED = 3
};

#define EXCEPTION_STUB_BYTES 16

_Static_assert(sizeof(struct page_truth) == 16, "truth entries are read by index on both sides");
_Static_assert(sizeof(struct model_header) <= 4096, "the header fits its page");
_Static_assert(sizeof(struct model_doorbells) <= 4096, "the doorbells fit their page");
