#include "machines/watchdog.h"
#include "kernel/cpu.h"
#include "kernel/trap.h"
#include "lib/keys.h"

/* Arbitrary: nine times what the longest of the programs' functions takes at its default size, 2,224 million (the setup of graph500-bfs), and short enough
 * for a run to end by itself: the emulator spends one to three minutes on it, and the launcher waits for five. */
KEY_NUMBER(watchdog_minsns, "call_minsns", 20000, 1, 1000000,
           "a machine that does not return from a call of its host's within so many million instructions ends");

/* The timer, which counts to 32 bits, is armed for so many instructions at a time. */
#define PART_INSNS 100000000

static struct machine *machine;
static const char *what;
static clock_handler before; /* the run's */
static u64 left;             /* instructions for which the timer has still to be armed */
static u64 interrupts;       /* the machine's count, in which the watchdog's do not belong */
bool watchdog_tick_due;

static void arm(void)
{
    u64 part = MIN(left, PART_INSNS);

    left -= part;
    clock_arm(part);
}

static void tick(void)
{
    u64 running = clock_hold();

    if (running) { /* not ours: one of the run's, which had been due before */
        watchdog_tick_due = true;
        clock_go_on(running);
    } else if (left) {
        arm();
    } else {
        machine_kill(machine, "did not return from %s within call_minsns=%lu million instructions", what, watchdog_minsns);
    }
}

static void begin(struct machine *of, const char *doing)
{
    machine = of;
    what = doing;
    interrupts = of->counts.interrupts;
    left = watchdog_minsns * 1000000;
    before = clock_on_tick(tick);
    arm();
}

static void end(void)
{
    clock_on_tick(before);
    machine->counts.interrupts = interrupts;
    if (watchdog_tick_due)
        clock_arm(1);
    watchdog_tick_due = false;
}

/* A machine may be called in a tick's handler, on the stack that each tick begins anew (kernel/trap.c). */
void watchdog_begin(struct machine *of, const char *doing)
{
    trap_tick_nests(true);
    begin(of, doing);
    interrupts_on();
}

/* The timer is stopped with interrupts still on: a tick of the watchdog's that comes in this moment is its own, and is not left to the run. */
void watchdog_end(void)
{
    clock_arm(0);
    interrupts_off();
    trap_tick_nests(false);
    end();
}

void watchdog_pause(struct machine *of, const char *doing)
{
    begin(of, doing);
    interrupts--; /* that of this tick */
    watchdog_tick_due = true;
}

void watchdog_pause_over(void)
{
    clock_arm(0);
    end();
}
