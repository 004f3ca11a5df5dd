/*
 * What the payload and its host say to each other. The payload is a guest of our own (vm/payload/): the workloads, from
 * the same sources as everywhere, and no operating system. Its memory, in guest-physical pages:
 *
 *      0 to 2              struct payload_boot, written by the host
 *      PAYLOAD_IMAGE_PAGE  the image: a struct payload_header, code, data, and after the file's end its zeroed memory,
 * with two stacks
 *      ...                 the machine's own page tables; where it scans them itself, behind them a page of what it saw
 *      data_page ...       the arena: the pages that are the workload's, 2 MiB aligned
 *      heap_page ...       what workload_alloc() gives, to the end
 *
 * The host calls a function of the payload by entering the machine at the header's entry with the function's number in
 * RDI and arguments in RSI and RDX; it ends with HYPERCALL_DONE. The payload asks its host by VMMCALL, with the number
 * in RAX, arguments in RDI, RSI and RDX, and the answer in RAX. Addresses that pass are the guest's virtual ones.
 */
#pragma once

#include "kernel/types.h"
#include "vm/balloon.h"

enum payload_function {
    PAYLOAD_START,    /* parses the keys, chooses the workload: once, first; where a struct payload_program stands */
    PAYLOAD_SETUP,    /* total ops */
    PAYLOAD_RUN,      /* ops */
    PAYLOAD_VERIFY,   /* 1 when right; HYPERCALL_DONE tells the checksum, too */
    PAYLOAD_MEASURED, /* and the others: the workload's functions of these names, as lab/workload.h has them */
    PAYLOAD_WORK,
    PAYLOAD_REPORT,
    PAYLOAD_DEADLINE,
    PAYLOAD_EXPIRED,  /* now in ps */
    PAYLOAD_DECLARED, /* where a struct payload_declared stands */
    PAYLOAD_LOOK,     /* no function of the payload's: boot.look is entered in its place (vm/look.h) */
    PAYLOAD_BALLOON,  /* no function of the payload's: boot.balloon_code is entered in its place (vm/balloon.h) */
    NR_PAYLOAD_FUNCTIONS
};

enum hypercall {
    HYPERCALL_DONE, /* result, second result */
    HYPERCALL_POPULATE,
    HYPERCALL_POPULATED,
    HYPERCALL_PAUSE,
    HYPERCALL_RESUME,
    HYPERCALL_NOW,
    HYPERCALL_PHASE,        /* name */
    HYPERCALL_RESULT_U64,   /* key, value */
    HYPERCALL_RESULT_TEXT,  /* key, text */
    HYPERCALL_RESULT_RATIO, /* key, numerator, denominator */
    HYPERCALL_REFUSE,       /* text: the user's mistake, as refuse() */
    HYPERCALL_UNFIT,        /* text */
    HYPERCALL_PANIC,        /* text: the payload's own mistake */
    HYPERCALL_IN_FAST_TIER, /* first of 64 pages, guest-physical: a bit each, set where it lies in the fast tier */
    NR_HYPERCALLS
};

#define PAYLOAD_TEXT_BYTES 160 /* with the zero at the end; what is longer is cut */
#define PAYLOAD_IMAGE_PAGE 3

struct payload_boot {
    u64 data, heap, heap_end; /* guest-virtual */
    u64 data_pages;
    char keys[2 * 4096]; /* key=value, blank between; those that the payload does not know are other people's */
    char own_keys[512];  /* the same, and all are the payload's */
    u8 look[2048];       /* code that scans the machine's own tables (vm/look.c); zeroes where it is not to */
    struct balloon_request balloon;
    u8 balloon_code[256]; /* vm/balloon.c */
};

struct payload_program {
    u64 pages, seed, ops, warmup; /* as struct program has them */
    char workload[32];
};

struct payload_header {
    u64 entry, bytes; /* of the image in memory, from the header on */
    u64 stacks[2];    /* their ends: for a call, and for one while another is interrupted */
};

struct payload_declared {
    u32 nr;
    u32 pages[(u32)(2 * GIB / PAGE_SIZE /
                    32)]; /* bit n % 32 of word n / 32: page n of the arena belongs to the declared hot set */
};

_Static_assert(sizeof(struct payload_boot) <= PAYLOAD_IMAGE_PAGE * 4096, "the image lies behind it");
