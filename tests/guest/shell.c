/* The shell's spectator takes nothing of the timer: a tick comes where it would without. */
#include "kernel/clock.h"
#include "lab/moment.h"
#include "shell/stops.h"
#include "tests/guest/guest.h"

/* What the timer has left after a moment. */
static u64 left_after(void)
{
    clock_arm(1000000);
    moment(MOMENT_NONE, NULL);
    return clock_hold();
}

TEST_MODEL(timer_stands_still, "shell.timer_stands_still", "a moment with the shell looking on takes as much of the timer as one without")
{
    u64 without = left_after(), with;

    stops_init();
    with = left_after();
    run_spectator = NULL;
    EXPECT(without > 900000);
    EXPECT_EQ(without, with);
}
