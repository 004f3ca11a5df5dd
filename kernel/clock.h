/*
 * Time, and whose it is.
 *
 *      clock = instructions x insn_ps + serialising constants + stall          (integer picoseconds)
 *
 * Instructions are counted here (the TSC under icount), constants and stall by the model. Everything is booked to an
 * *account* on a *core*: what runs on CORE_WORKLOAD moves the workload's clock, what runs on CORE_DAEMON is a
 * background step whose cost the laboratory reads and dilates (lab/daemon.h). ACCOUNT_OFF is free: the laboratory's own
 * work. The three kinds of clock: `modelled`; `instructions` (no model: no stall); `measured` (no icount: the host's
 * TSC).
 */
#pragma once

#include "kernel/model.h"
#include "kernel/types.h"

typedef u32 booking_t; /* account | core << 8, as the doorbell takes it */

#define BOOK_OFF      ((booking_t)ACCOUNT_OFF)
#define BOOK_WORKLOAD ((booking_t)ACCOUNT_WORKLOAD)
#define BOOK_FAULT    ((booking_t)ACCOUNT_FAULT)
#define BOOK_OTHER    ((booking_t)ACCOUNT_OTHER)

static inline booking_t book_on(enum model_account account, enum model_core core)
{
    return (booking_t)account | (booking_t)core << 8;
}

/* Sums of one account since clock_reset(). */
struct clock_account {
    u64 insns;
    u64 charged_ps; /* constants that no instruction shows: shootdowns received, waits */
};

struct clock {
    booking_t booking;
    u64 last_tsc; /* where the running booking began */
    u64 insn_ps;
    u64 core_insns[NR_MODEL_CORES];
    u64 charged_ps; /* sum over the accounts, all on the workload's clock */
    struct clock_account account[NR_ACCOUNTS];
};

extern struct clock clock;

/*
 * Finds out what kind of clock this is and measures what a tick costs beside its handler, so that it can be taken off.
 * Needs the APIC, the model and the IDT. Leaves the booking at BOOK_OFF. unfit() when no tick comes.
 */
void clock_init(void);

/* "modelled", "instructions" or "measured". */
const char *clock_kind(void);

/* The workload's clock. */
u64 clock_now_ps(void);

/* Books what follows; returns the booking so far, to be restored by a second call. The call itself is free. */
booking_t clock_book(booking_t to);

/* Around a machine's turn (vm/switch.asm), which is booked by hand: BOOK_OFF before and after. */
void clock_machine_enters(void);
void clock_machine_left(booking_t booking, u64 insns);

/* Adds time to the workload's clock, booked as the account's. */
void clock_charge(enum model_account account, u64 ps);

/* Undiluted cost so far of everything that ran on CORE_DAEMON. */
u64 clock_daemon_ps(void);

/* Everything back to zero; the booking must be BOOK_OFF. Also resets the model. */
void clock_reset(void);

/*
 * Ticks: `handler` runs with interrupts off and the booking at BOOK_OFF, `insns` of the workload's instructions after
 * clock_arm(). The tick's own instructions are taken off the clock. Returns the handler so far; null for none.
 */
typedef void (*clock_handler)(void);
clock_handler clock_on_tick(clock_handler handler);
void clock_arm(u64 insns);

/*
 * The timer stands still between the two, with interrupts off: what it has left, in instructions (0: it is not armed), and on again
 * with that. For whoever looks on and must move no tick: what the calls themselves take is the caller's to add.
 */
u64 clock_hold(void);
void clock_go_on(u64 left);
