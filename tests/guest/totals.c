/* What a run adds up, against counts that were made by hand. */
#include "report/totals.h"
#include "lab/run.h"
#include "kernel/cpu.h"
#include "lib/string.h"
#include "mm/tlb.h"
#include "tests/guest/guest.h"

static void spin_on(enum model_account account, enum model_core core, u64 turns)
{
    clock_book(book_on(account, core));
    guest_spin(turns);
    clock_book(BOOK_OFF);
}

/* Phases but those that are left out are unchanged. */
static void expect_others_unchanged(const struct totals *t, u64 left_out)
{
    for (unsigned p = 0; p < NR_PHASES; p++)
        if (!(left_out >> p & 1))
            EXPECT_EQ(0, t->phase_ps[p]);
}

TEST_ICOUNT(account_is_phase, "totals.phases", "what an account does is in the phase of its name and in no other")
{
    static const struct {
        enum model_account account;
        enum phase phase;
    } pair[] = {{ACCOUNT_WORKLOAD, PHASE_WORKLOAD}, {ACCOUNT_FAULT, PHASE_FAULT},     {ACCOUNT_TRACK, PHASE_TRACK},
                {ACCOUNT_CLASSIFY, PHASE_CLASSIFY}, {ACCOUNT_MIGRATE, PHASE_MIGRATE}, {ACCOUNT_OTHER, PHASE_OTHER}};

    for (unsigned i = 0; i < ARRAY_SIZE(pair); i++) {
        for (unsigned core = 0; core < NR_MODEL_CORES; core++) {
            u64 turns = 1000 * (i + 1);
            struct totals then = totals_now(&run_watch), t;
            spin_on(pair[i].account, core, turns);
            t = totals_since(&run_watch, &then);
            EXPECT(t.insns >= 2 * turns && t.insns < 2 * turns + 100);
            EXPECT_EQ(t.insns * clock.insn_ps + t.stall_ps, t.phase_ps[pair[i].phase]);
            expect_others_unchanged(&t, 1 << pair[i].phase);
            EXPECT_EQ(t.phase_ps[pair[i].phase], t.cpu_ps);
            EXPECT_EQ(core == CORE_WORKLOAD ? t.cpu_ps : 0, t.time_ps);
            EXPECT_EQ(pair[i].account == ACCOUNT_TRACK ? t.insns : 0, t.track_insns);
            EXPECT_EQ(pair[i].account == ACCOUNT_CLASSIFY ? t.insns : 0, t.classify_insns);
            EXPECT_EQ(pair[i].account == ACCOUNT_MIGRATE ? t.insns : 0, t.migrate_insns);
            EXPECT_EQ(pair[i].account == ACCOUNT_FAULT ? t.insns : 0, t.fault_insns);
        }
    }
    clock_reset();
}

TEST(charges, "totals.charges", "a wait for a page in flight is its fault's time, a shootdown received is serialising")
{
    struct totals then = totals_now(&run_watch), t;

    clock_charge(ACCOUNT_FAULT, 12345);
    t = totals_since(&run_watch, &then);
    EXPECT_EQ(12345, t.phase_ps[PHASE_FAULT]);
    expect_others_unchanged(&t, 1 << PHASE_FAULT);
    EXPECT_EQ(12345, t.time_ps);
    then = totals_now(&run_watch);
    clock_charge(ACCOUNT_WORKLOAD, 777);
    t = totals_since(&run_watch, &then);
    EXPECT_EQ(777, t.phase_ps[PHASE_SERIAL]);
    expect_others_unchanged(&t, 1 << PHASE_SERIAL);
    clock_reset();
}

TEST(events, "totals.events", "each count of events is its own, and a difference is what was added since")
{
    const struct migration_counts moves = arena.migration;
    struct totals then = totals_now(&run_watch), t;

    arena.migration.promoted += 1;
    arena.migration.demoted += 2;
    arena.migration.failed += 3;
    arena.pte_visits += 4;
    tlb_counts.full += 5;
    tlb_counts.page += 6;
    arena.faults += 7;
    arena.resident[TIER_FAST] += 8;
    arena.resident[TIER_SLOW] += 9;
    t = totals_since(&run_watch, &then);
    arena.resident[TIER_FAST] -= 8;
    arena.resident[TIER_SLOW] -= 9;
    EXPECT_EQ(1, t.promoted);
    EXPECT_EQ(2, t.demoted);
    EXPECT_EQ(3, t.failed_moves);
    EXPECT_EQ(4, t.pte_visits);
    EXPECT_EQ(5, t.tlb_full);
    EXPECT_EQ(6, t.tlb_page);
    EXPECT_EQ(7, t.faults);
    EXPECT_EQ(8, t.fast_pages);
    EXPECT_EQ(9, t.slow_pages);
    arena.migration = moves;
}

TEST_ICOUNT(fault_is_booked, "totals.faults",
            "a first touch is its fault's time but for the entry stub, which stays with the program")
{
    struct totals then = totals_now(&run_watch), t;

    clock_book(BOOK_WORKLOAD);
    (void)*guest_at(3, 0);
    clock_book(BOOK_OFF);
    t = totals_since(&run_watch, &then);
    EXPECT_EQ(1, t.faults);
    EXPECT_EQ(1, t.fast_pages);
    EXPECT(t.fault_insns > 500);
    EXPECT(t.insns - t.fault_insns < 200);
    guest_clean();
    clock_reset();
}
