/* The host's side of the payload (vm/payload_abi.h): loading it, calling its functions, answering its hypercalls. */
#pragma once

#include "vm/look.h"
#include "vm/machine.h"
#include "vm/payload_abi.h"

/* What a payload may ask that is not the machine's own business. Texts are copies, printable, and terminated. */
struct payload_host {
    u64 (*now_ps)(void);
    void (*phase)(const char *name);
    void (*result_u64)(const char *key, u64 value);
    void (*result_text)(const char *key, const char *value);
    void (*result_ratio)(const char *key, s64 numerator, u64 denominator);
};

struct payload {
    struct machine machine; /* first: hypercalls come with its address */
    const struct payload_host *host;
    u32 data_page, data_pages, heap_page; /* where its memory begins, in the machine's pages */
    u32 leaf_tables_page;                 /* its own tables of level 1 */
    bool looks;                           /* may be asked for payload_look(); set before it is loaded */
    u32 seen_page;                        /* then: what it says it saw */
    struct payload_header header;
    struct payload_program program;
    unsigned depth; /* calls under way: a second one while a first is interrupted */
    enum payload_function function;
    bool paused, working; /* working: PAYLOAD_RUN has begun and is not done */
    enum hypercall
        gave_up; /* HYPERCALL_REFUSE or _UNFIT when that is why the machine has ended, with the text; else 0 */
    u64 results[2];
};

/* Pages beside the arena that a payload needs at least, in a machine of `nr_pages`; `looks` as in struct payload. */
u32 payload_overhead(u32 nr_pages, bool looks);

/* Writes a fresh payload into the memory of machine.memory, whose pages it takes as needed, and starts it with `keys`, of which it takes
 * those that it knows, and `own`, of which it must know all; afterwards `program` says what it has chosen. The machine has been made by
 * machine_init(); the space is empty. unfit() when the space is too small for it. */
void payload_load(struct payload *payload, const char *keys, const char *own);

/* For tests: what it executes at that address of its own from now on does not return. */
void payload_silence(struct payload *payload, vaddr_t rip);

/* Calls a function and returns its first result; 0 when the machine has ended, before or meanwhile, as one does that takes too long
 * (machines/watchdog.h). Booked to nobody, without ticks, with the timer not armed. Not PAYLOAD_RUN, which it may interrupt: from a tick, or between two turns. */
u64 payload_call(struct payload *payload, enum payload_function function, u64 argument);

/* Has a payload that `looks` scan its own entries of the pages [first, end) (vm/look.h; whole tables, at most LOOK_PAGES), booked
 * as `booking`, else as payload_call() does. Returns what it says it saw, as it stands in its memory: bit n % 8 of byte n / 8 for the n-th page.
 * Null when the machine has ended, as one does that tells of a page that it does not have. */
#define LOOK_PAGES (8 * (u32)PAGE_SIZE)
const u8 *payload_look(struct payload *payload, u32 first, u32 end, enum look_how how, booking_t booking);

/* Asks which of its pages of the fast tier it gives up, `wanted` at most (vm/balloon.h), booked as migration on the workload's core. A
 * tick that sets machine.preempt ends it. False when there is no answer; an answer may be anything. Between two turns. */
bool payload_balloon(struct payload *payload, u32 wanted, struct balloon_request *answer);

/* Begins so much work, PAYLOAD_RUN, in turns: */
void payload_work(struct payload *payload, u64 ops);

/* A turn of it, booked as the workload's: until it is done, the machine has ended, or a tick sets machine.preempt. True when it is to go on.
 * Ticks come when the caller has interrupts on; they may call other functions. */
bool payload_go_on(struct payload *payload);

/* For a tick to ask first: whether it is to do nothing, as the machine stands in a pause of its work. Then it comes when the pause is over. */
bool payload_puts_off(struct payload *payload);

/* Answers a hypercall of a machine that is a payload's (struct machine's `hypercall`). */
bool payload_answer(struct machine *machine);
