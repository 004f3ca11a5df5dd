/* Time: bookings, charges, ticks, and phases that sum to the whole. */
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "lab/run.h"
#include "report/totals.h"
#include "tests/guest/guest.h"

/* Instructions booked to the account while the spinning runs there. */
__attribute__((noipa)) static u64 spin_booked(u64 turns) /* one body for all callers: their instructions are compared */
{
    u64 before = clock.account[ACCOUNT_WORKLOAD].insns;

    clock_book(BOOK_WORKLOAD);
    guest_spin(turns);
    clock_book(BOOK_OFF);
    return clock.account[ACCOUNT_WORKLOAD].insns - before;
}

TEST_ICOUNT(exact, "clock.instructions", "what runs between two bookings is counted to the instruction")
{
    u64 least = spin_booked(1);

    EXPECT_EQ(least + 2 * 999, spin_booked(1000));
    EXPECT_EQ(least + 2 * 123455, spin_booked(123456));
    EXPECT_AT_MOST(2 + 40, least); /* calls, returns and what the caller prepares: the booking itself is free */
    guest_spin(1000);              /* booked off */
    EXPECT_EQ(least, spin_booked(1));
}

TEST_ICOUNT(free_booking, "clock.booking_is_free",
            "changing the booking does not move the clock, whatever stands in between")
{
    u64 empty, nested, start;

    clock_reset();
    start = clock_now_ps();
    EXPECT_EQ(0, start);
    clock_book(BOOK_OTHER);
    clock_book(BOOK_OFF);
    empty = clock.account[ACCOUNT_OTHER].insns;
    clock_reset();
    clock_book(BOOK_OTHER);
    booking_t before = clock_book(BOOK_OFF);
    guest_spin(5000);
    EXPECT_EQ(BOOK_OTHER, before);
    clock_book(before);
    clock_book(BOOK_OFF);
    nested = clock.account[ACCOUNT_OTHER].insns;
    EXPECT_AT_MOST(2 * empty + 20, nested); /* the 10,000 of the spinning are not in it */
    EXPECT_EQ(0, clock.account[ACCOUNT_OFF].insns);
    EXPECT_EQ(nested, clock.core_insns[CORE_WORKLOAD]);
    clock_reset();
}

TEST(charges, "clock.charge", "a charge moves the workload's clock by just that, and no other")
{
    u64 now = clock_now_ps(), daemon = clock_daemon_ps(), charged = clock.account[ACCOUNT_FAULT].charged_ps;

    clock_charge(ACCOUNT_FAULT, 12345);
    EXPECT_EQ(now + 12345, clock_now_ps());
    EXPECT_EQ(charged + 12345, clock.account[ACCOUNT_FAULT].charged_ps);
    EXPECT_EQ(daemon, clock_daemon_ps());
    clock_reset();
}

TEST(on_daemon_core, "clock.daemon_core", "what runs on the daemon's core leaves the workload's clock alone")
{
    clock_reset();
    u64 now = clock_now_ps();

    clock_book(book_on(ACCOUNT_MIGRATE, CORE_DAEMON));
    guest_spin(10000);
    clock_book(BOOK_OFF);
    EXPECT_EQ(now, clock_now_ps());
    EXPECT(clock_daemon_ps() >= 20000 * clock.insn_ps);
    clock_reset();
}

TEST(phases, "clock.phases_sum", "phases sum to cpu_ns exactly, over all accounts, both cores, faults and charges")
{
    struct totals start, all;
    u64 sum = 0;

    clock_reset();
    start = totals_now(&run_watch);
    for (unsigned account = ACCOUNT_WORKLOAD; account < NR_ACCOUNTS; account++)
        for (unsigned core = 0; core < NR_MODEL_CORES; core++) {
            if (account <= ACCOUNT_FAULT && core == CORE_DAEMON)
                continue; /* these are the workload's alone */
            clock_book(book_on((enum model_account)account, (enum model_core)core));
            guest_spin(100 * account);
            clock_book(BOOK_OFF);
            clock_charge((enum model_account)account, 7 * account);
        }
    clock_book(BOOK_WORKLOAD);
    for (u32 page = 0; page < 40; page++)
        *guest_at(page, 0) = page; /* first touches: faults, serialising constants, stall */
    clock_book(BOOK_OFF);
    all = totals_since(&run_watch, &start);
    for (unsigned phase = 0; phase < NR_PHASES; phase++) {
        EXPECT(all.phase_ps[phase] > 0);
        sum += all.phase_ps[phase];
    }
    EXPECT_EQ(all.cpu_ps, sum);
    EXPECT_EQ(all.cpu_ps, all.time_ps + clock_daemon_ps());
    EXPECT_EQ(40, all.faults);
    clock_reset();
    guest_clean();
}

static u32 ticks;
static u64 tick_interval;

static void again(void)
{
    ticks++;
    EXPECT_EQ(BOOK_OFF, clock.booking);
    guest_spin(777); /* the handler's own work is nobody's */
    clock_arm(tick_interval);
}

struct stepped {
    u64 insns, now_ps, sum;
    u32 ticks;
};

/* The same program in the same frames, from empty caches; `interval` 0 for no ticks. */
__attribute__((noipa)) static struct stepped run_with_ticks(u64 interval)
{
    struct stepped o = {0};

    for (u32 page = 0; page < 64; page++)
        for (u32 i = 0; i < 512; i++)
            *guest_at(page, i) = guest_word(page, i);
    clock_reset();
    ticks = 0;
    tick_interval = interval;
    clock_on_tick(again);
    clock_arm(interval);
    clock_book(BOOK_WORKLOAD);
    interrupts_on();
    for (u32 i = 0; i < 100000; i++)
        o.sum += (*guest_at(i * 7 % 64, i % 512) += i);
    interrupts_off();
    clock_book(BOOK_OFF);
    clock_arm(0);
    clock_on_tick(NULL);
    o.insns = clock.account[ACCOUNT_WORKLOAD].insns;
    o.now_ps = clock_now_ps();
    o.ticks = ticks;
    clock_reset();
    return o;
}

TEST_ICOUNT(repeats, "clock.repeats", "the same program in the same frames costs the same again, to the picosecond")
{
    struct stepped first;

    guest_fill(0, 64, TIER_SLOW);
    first = run_with_ticks(0);
    EXPECT_EQ(0, first.ticks);
    for (int round = 0; round < 3; round++) {
        struct stepped again = run_with_ticks(0);
        EXPECT_EQ(first.insns, again.insns);
        EXPECT_EQ(first.now_ps, again.now_ps);
    }
    guest_clean();
}

/* Odd lengths, so that ticks fall on every instruction of the loop. */
static const u64 intervals[] = {4001, 5000, 10007, 100007};

TEST_ICOUNT(ticks_arrive, "clock.ticks",
            "ticks arrive in time, and do not change what the program did or how many instructions it took")
{
    struct stepped without;

    guest_fill(0, 64, TIER_SLOW);
    without = run_with_ticks(0);
    for (unsigned i = 0; i < ARRAY_SIZE(intervals); i++) {
        struct stepped with = run_with_ticks(intervals[i]);
        /* Armed in the handler: its last instructions are in the interval, and not in the program. */
        u64 most = without.insns / (intervals[i] - 200) + 1, least = without.insns / (intervals[i] + 1000);
        EXPECT(with.ticks >= least);
        EXPECT_AT_MOST(most, with.ticks);
        EXPECT_EQ(without.sum, with.sum);
        EXPECT_EQ(without.insns, with.insns);
    }
    guest_clean();
}

TEST_MODEL(ticks_cost_nothing, "clock.ticks_are_free",
           "ticks touch no modelled cache: stall stays the same, to the picosecond")
{
    struct stepped without;

    guest_fill(0, 64, TIER_SLOW);
    without = run_with_ticks(0);
    for (unsigned i = 0; i < ARRAY_SIZE(intervals); i++)
        EXPECT_EQ(without.now_ps, run_with_ticks(intervals[i]).now_ps);
    guest_clean();
}
