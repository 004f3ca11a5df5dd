/*
 * A virtual machine with the program in it, as the laboratory sees both: its memory is a space, its program a payload, and
 * what tracks and moves its pages a watch. The only one of a run (machines/machines.c), or one of several (machines/corun.c).
 */
#pragma once

#include "machines/payload.h"
#include "report/totals.h"
#include "lab/workload.h"

enum tenant_phase { TENANT_WARMUP, TENANT_FIRST_HALF, TENANT_SECOND_HALF, TENANT_DONE };

struct tenant {
    struct payload payload;
    const struct workload *row; /* of its program, as it would run here: what functions it has, its units */
    const char *own_keys;       /* name:value+name:value, in place of the run's */
    unsigned number;
    bool told; /* that it has ended */

    /* Of several. */
    struct watch watch;
    enum tenant_phase phase;
    bool verified;
    u64 checksum;
    u64 own_ps;                    /* its clock: the time of its turns that are over */
    u64 start_ps, end_ps;          /* of its measured phase, on the clock of all */
    u64 work;                      /* in the unit of its throughput: before the measured phase, then of it */
    struct totals spent;           /* in its turns */
    struct totals before, half;    /* as tenant_totals() was where the measured phase and its second half began */
    u64 share_ps;                  /* frames of the fast tier that were its own, times the time, in the measured phase */
};

/*
 * Loads its program and starts it: the run's keys, but for those that it has itself, and these. What the program chose is in
 * tenant->payload.program. The machine has been made, its space is empty. Refuses keys that are none of a program's.
 */
void tenant_load(struct tenant *tenant);

/* payload_call(), and then what tenant_look() does. */
u64 tenant_call(struct tenant *tenant, enum payload_function function, u64 argument);

/* If the machine has ended: for the user's mistake, ends the run as that; else says so, once. */
void tenant_look(struct tenant *tenant);

/* What the setup itself has touched is nobody's observation: as in a run without a machine, no bit is set. */
void tenant_clear_bits(const struct tenant *tenant);

/* The program's own results and the machine's counts, into the record that is open. */
void tenant_report(struct tenant *tenant, const struct measures *measures);

/* Everything since the start: the time of its turns, and what its space and its watch have counted. */
struct totals tenant_totals(const struct tenant *tenant);
