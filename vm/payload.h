/* The host's side of the payload (vm/payload_abi.h): loading it, calling its functions, answering its hypercalls. */
#pragma once

#include "vm/machine.h"
#include "vm/payload_abi.h"

/* What a payload may ask that is not the machine's own business. Texts are copies, printable, and terminated. */
struct payload_host {
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
    struct payload_header header;
    unsigned depth; /* calls under way: a second one while a first is interrupted */
    enum payload_function function;
    bool paused;
    enum hypercall
        gave_up; /* HYPERCALL_REFUSE or _UNFIT when that is why the machine has ended, with the text; else 0 */
    u64 results[2];
};

/* Pages beside the arena that a payload needs at least, in a machine of `nr_pages`. */
u32 payload_overhead(u32 nr_pages);

/* Writes a fresh payload into the memory of machine.memory, whose pages it takes as needed, and starts it with `keys`. `data_pages` are
 * its arena's. The machine has been made by machine_init(); the space is empty. unfit() when the space is too small. */
void payload_load(struct payload *payload, u32 data_pages, const char *keys);

/* Calls a function and returns its first result; 0 when the machine has ended, before or meanwhile. Booked to nobody, without ticks, but
 * PAYLOAD_RUN: that is the workload's, and ticks come, which may call other functions. */
u64 payload_call(struct payload *payload, enum payload_function function, u64 argument);
