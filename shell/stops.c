/*
 * Stepping. At every moment the shell notes what happened; where that is what the last step waits for, it prompts.
 *
 *      tick           the next tick
 *      window, cycle  when the window's, the cycle's last step of tracking is done and recorded
 *      decide         when the classifier's last deciding step is done
 *      move           after the step that moved a page, or at the tick after a fault that did
 *      ms N           the first tick N ms later
 *      touch PAGE     the first tick after an access of the program's
 *
 * What stands in a fault cannot be stopped at without moving the next tick; so it is the next tick that is stopped at. Ticks come when
 * the run wants them: the shell asks for none of its own.
 */
#include "shell/stops.h"
#include "kernel/clock.h"
#include "kernel/console.h"
#include "lib/string.h"
#include "lab/lab.h"
#include "lab/policy.h"
#include "shell/notes.h"
#include "shell/shell.h"
#include "shell/watching.h"

enum until { UNTIL_WINDOW, UNTIL_CYCLE, UNTIL_TICK, UNTIL_DECIDE, UNTIL_MOVE, UNTIL_MS, UNTIL_TOUCH, UNTIL_END };
#define STEPS "window|cycle|tick|decide|move|ms|touch"

static enum until until;
static u64 times_left;             /* how often that is still to come */
static u64 until_ps;          /* UNTIL_MS */
static u32 touch_page;        /* UNTIL_TOUCH... */
static u64 touch_had, touched; /* ...accesses of its epoch when the step began; those of the epochs closed since */
static u32 cycles_before;
static u64 moves_before;
static bool window_closed, measured, at_end;

bool stops_at_end(void)
{
    return at_end;
}

static u64 moves(void)
{
    return arena.migration.promoted + arena.migration.demoted;
}

void stops_where(const char *why)
{
    const volatile struct model_counters *w = &model_header()->account[ACCOUNT_WORKLOAD];
    u64 fast = w->requests[TIER_FAST], all = fast + w->requests[TIER_SLOW];

    kprintf("%s: %s (%s, window %u, %lu/%lu of its cycle)", shell_ms(clock_now_ps()), why,
            at_end     ? "the work is done"
            : measured ? "measured phase"
                       : "warm-up",
            run_watch.window_number, (u64)run_watch.window, run_watch.chosen->score_windows);
    kprintf(", %lu up, %lu down", arena.migration.promoted, arena.migration.demoted);
    if (all)
        kprintf(", %lu.%lu %% served fast", fast * 100 / all, fast * 1000 / all % 10);
    kprintf("\n");
}

static u64 accesses_in(const volatile struct page_truth *truth)
{
    return truth ? (u64)truth[touch_page].loads + truth[touch_page].stores : 0;
}

/* Why to stop at this moment, or null. */
static const char *reason_to_stop(enum moment moment, const struct job *job)
{
    bool here = false;
    const char *why = "";

    switch (until) {
    case UNTIL_WINDOW:
        here = moment == MOMENT_STEP && window_closed;
        why = "a window is closed";
        break;
    case UNTIL_CYCLE:
        here = moment == MOMENT_STEP && run_watch.cycles_ended != cycles_before;
        cycles_before = here ? run_watch.cycles_ended : cycles_before;
        why = "a cycle is scored";
        break;
    case UNTIL_TICK:
        here = moment == MOMENT_TICK;
        why = "a tick";
        break;
    case UNTIL_DECIDE:
        here = moment == MOMENT_STEP && job == &run_watch.classify && !job->pending;
        why = "the classifier has decided";
        break;
    case UNTIL_MOVE:
        here = (moment == MOMENT_STEP || moment == MOMENT_TICK) && moves() != moves_before;
        moves_before = here ? moves() : moves_before;
        why = "pages have been moved";
        break;
    case UNTIL_MS:
        here = moment == MOMENT_TICK && clock_now_ps() >= until_ps;
        why = "the time has come";
        break;
    case UNTIL_TOUCH:
        here = moment == MOMENT_TICK && touched + accesses_in(notes_truth_open()) > touch_had;
        why = "the page was touched";
        break;
    case UNTIL_END:
        break;
    }
    return here && !--times_left ? why : NULL;
}

static void go_on(enum until what, u64 times)
{
    until = what;
    times_left = times;
    cycles_before = run_watch.cycles_ended;
    moves_before = moves();
    touched = 0;
    touch_had = what == UNTIL_TOUCH ? accesses_in(notes_truth_open()) : 0;
}

static void prompt_here(const char *why)
{
    stops_where(why);
    shell_prompt();
}

/*
 * The timer is armed in a moment when a tick comes late, as the next one is then running already: it may end before that tick's
 * handler does, and then a further tick comes at once. So that it does so with the shell exactly where it does without, it stands still
 * for the shell, and gets back what calling the shell took of it.
 */
static u64 call_insns;

static void spectate(enum moment moment, const struct job *job);

static void look(enum moment moment, const struct job *job)
{
    u64 left = clock_hold();

    spectate(moment, job);
    clock_go_on(left ? left + call_insns : 0);
}

/* Instructions of a moment that the timer sees, with a spectator or without. */
static u64 moment_insns(void)
{
    u64 before, after;

    clock_arm(UINT32_MAX);
    before = clock_hold();
    clock_arm(before);
    moment(MOMENT_NONE, NULL);
    after = clock_hold();
    return before - after;
}

void stops_init(void)
{
    u64 without = moment_insns();

    run_spectator = look;
    call_insns = moment_insns() - without;
}

static void spectate(enum moment moment, const struct job *job)
{
    const char *why;

    if (moment == MOMENT_NONE || !run_watch.recorded) /* only rehearsed */
        return;
    if (until == UNTIL_TOUCH && (moment == MOMENT_WINDOW || moment == MOMENT_MEASURED))
        touched += accesses_in(notes_truth_closed());
    notes_take(moment);
    watching_look(moment);
    if (moment == MOMENT_WINDOW)
        window_closed = true;
    if (moment == MOMENT_BEGIN) {
        until = UNTIL_END;
        prompt_here("the program is set up");
    } else if (moment == MOMENT_MEASURED) {
        measured = true;
        kprintf("%s: the measured phase begins\n", shell_ms(clock_now_ps()));
    } else if (moment == MOMENT_END) {
        at_end = true;
        prompt_here("the end");
    } else if ((why = reason_to_stop(moment, job)) || (moment == MOMENT_TICK && shell_interrupted())) {
        prompt_here(why ? why : "interrupted");
    }
    if (moment == MOMENT_STEP)
        window_closed = false;
}

/* --- commands ------------------------------------------------------------------------------------------------------ */

static bool refused_at_end(void)
{
    if (at_end)
        shell_complaint("the program's work is done: run or quit verifies it");
    return at_end;
}

static bool step_act(const char *const *words)
{
    enum until what = words[0] ? (enum until)shell_choice(words[0], STEPS) : UNTIL_WINDOW;
    u64 number = 1;

    if (refused_at_end())
        return false;
    if (what == UNTIL_TOUCH) {
        u32 page = shell_page(words[1]);
        if (page == NO_PAGE)
            return false;
        if (!model_present())
            return shell_complain("step touch: only the model knows accesses; this is a run without it");
        touch_page = page;
        go_on(what, 1);
        return true;
    }
    if (words[0] && words[1] && (parse_number(words[1], false, &number) || !number || number > 1000000000))
        return shell_complain("step %s '%s': a whole number from 1 to 1000000000 is right", words[0], words[1]);
    if (what == UNTIL_DECIDE && !(chosen.classifier && chosen.classifier->decide))
        return shell_complain("step decide: under policy=%s nobody decides now and then", chosen.policy->name);
    if (what == UNTIL_MOVE && !chosen.migrator)
        return shell_complain("step move: policy=%s moves no page", chosen.policy->name);
    if (what == UNTIL_MS)
        until_ps = clock_now_ps() + number * 1000000000;
    go_on(what, what == UNTIL_MS ? 1 : number);
    return true;
}

static const struct command step = {
    .name = "step",
    .usage = "[WHAT [N]]",
    .summary = "lets the run go on so far, or to its end if that comes first",
    .help = "  window     a window has been looked at by the tracker (without a word, too); N: so many of them\n"
            "  cycle      a cycle is scored\n"
            "  tick       the next tick of the timer: nothing is done in between\n"
            "  decide     the classifier has decided\n"
            "  move       a page has been moved, at the end of the step or, for one moved in a fault, at the next tick\n"
            "  ms N       the first tick N ms of modelled time later\n"
            "  touch PAGE the first tick after the program has accessed the page\n",
    .words = STEPS,
    .most = 2, .act = step_act};
REGISTER_COMMAND(step);

static bool run_act(const char *const *words)
{
    (void)words;
    go_on(UNTIL_END, 1);
    return true;
}

static const struct command run = {
    .name = "run", .usage = "", .summary = "lets the run go on to its end (at a terminal Ctrl-C stops it)", .act = run_act};
REGISTER_COMMAND(run);
