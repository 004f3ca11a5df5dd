/* The run as a whole: tiers, heat, ledger, scores. */
#include "kernel/clock.h"
#include "kernel/console.h"
#include "lib/string.h"
#include "lab/lab.h"
#include "lab/policy.h"
#include "lab/program.h"
#include "report/totals.h"
#include "shell/notes.h"
#include "shell/shell.h"

static bool tiers_act(const char *const *words)
{
    const volatile struct model_header *header = model_header();
    const volatile struct model_counters *w = &header->account[ACCOUNT_WORKLOAD];

    (void)words;
    kprintf("tier     pages     share      free        loads       stores     requests  read ns\n");
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        kprintf("%s  %8u  %8u  %8u  %11lu  %11lu  %11lu  %7lu\n", shell_tier(tier), arena.resident[tier], arena.share[tier],
                space_room(&arena, tier), w->loads[tier], w->stores[tier], w->requests[tier], header->tier[tier].read_ps / 1000);
    return false;
}

static const struct command tiers = {.name = "tiers",
                                     .usage = "",
                                     .summary = "each tier's pages, frames that may be used and are free, and what it has served",
                                     .act = tiers_act};
REGISTER_COMMAND(tiers);

/* --- heat ---------------------------------------------------------------------------------------------------------- */

#define COLUMNS 64
#define ROWS    16

static u64 heat_of(int what, u32 page)
{
    const struct page_truth *truth = notes_truth_closed();

    switch (what) {
    case 0:
        return truth ? (u64)truth[page].loads + truth[page].stores : 0;
    case 1:
        return notes_of(page)->seen;
    default:
        return space_resident(&arena, page) && space_tier(&arena, page) == TIER_FAST;
    }
}

static bool heat_act(const char *const *words)
{
    static const char ramp[] = " .:-=+*#%@";
    int what = shell_choice(words[0], "truth|seen|fast");
    u32 bin = (u32)((program.pages + COLUMNS * ROWS - 1) / (COLUMNS * ROWS));
    u64 most = 0;

    if (!what && !model_present())
        return shell_complain("heat truth: only the model knows accesses; this is a run without it");
    for (u32 at = 0; at < program.pages; at += bin) {
        u64 sum = 0;
        for (u32 page = at; page < MIN(at + bin, program.pages); page++)
            sum += heat_of(what, page);
        most = MAX(most, sum);
    }
    kprintf("%s; a character is %u page%s, '%c' is none, '%c' %lu\n",
            what == 0   ? "accesses in the last window"
            : what == 1 ? "weights in the last window"
                        : "pages in the fast tier",
            bin, bin == 1 ? "" : "s", ramp[0], ramp[sizeof(ramp) - 2], most);
    for (u32 at = 0; at < program.pages; at += bin) {
        u64 sum = 0;
        if (at % (COLUMNS * bin) == 0)
            kprintf("%8u |", at);
        for (u32 page = at; page < MIN(at + bin, program.pages); page++)
            sum += heat_of(what, page);
        kprintf("%c", ramp[!sum ? 0 : most == 1 ? sizeof(ramp) - 2 : 1 + (sum - 1) * (sizeof(ramp) - 3) / (most - 1)]);
        if (at % (COLUMNS * bin) == (COLUMNS - 1) * bin || at + bin >= program.pages)
            kprintf("|\n");
    }
    return false;
}

static const struct command heat = {.name = "heat",
                                    .usage = "truth|seen|fast",
                                    .summary = "the program's pages by address: accesses, what was seen, what lies in the fast tier",
                                    .words = "truth|seen|fast",
                                    .least = 1, .most = 1,
                                    .act = heat_act};
REGISTER_COMMAND(heat);

/* --- ledger -------------------------------------------------------------------------------------------------------- */

static struct totals before; /* at the last ledger */

static void tell_time(u64 ps)
{
    kprintf("%13lu.%03lu ms", ps / 1000000000, ps / 1000000 % 1000);
}

static bool ledger_act(const char *const *words)
{
    static const char *const names[NR_PHASES] = {
        [PHASE_WORKLOAD] = "program", [PHASE_TRACK] = "track", [PHASE_CLASSIFY] = "classify", [PHASE_MIGRATE] = "migrate",
        [PHASE_FAULT] = "fault",      [PHASE_SERIAL] = "serial", [PHASE_OTHER] = "other"};
    struct totals now = totals_now(&run_watch), since = totals_since(&run_watch, &before);

    (void)words;
    kprintf("                since the start       %%    since the last ledger       %%\n");
    for (unsigned p = 0; p < NR_PHASES; p++) {
        u64 all = MAX(now.cpu_ps / 1000, 1), some = MAX(since.cpu_ps / 1000, 1);
        kprintf("  %s", names[p]);
        for (size_t n = strlen(names[p]); n < 10; n++)
            kprintf(" ");
        tell_time(now.phase_ps[p]);
        kprintf("  %3lu.%lu       ", now.phase_ps[p] / 10 / all, now.phase_ps[p] / all % 10);
        tell_time(since.phase_ps[p]);
        kprintf("  %3lu.%lu\n", since.phase_ps[p] / 10 / some, since.phase_ps[p] / some % 10);
    }
    kprintf("  the program's clock shows %s", shell_ms(now.time_ps));
    if (now.cpu_ps > now.time_ps)
        kprintf("; %s were spent on the daemon's core", shell_ms(now.cpu_ps - now.time_ps));
    kprintf("\n");
    before = now;
    return false;
}

static const struct command ledger = {.name = "ledger",
                                      .usage = "",
                                      .summary = "where the time went, since the start and since the last ledger",
                                      .help = "  program is the workload's own; serial are flushes and other serialising instructions, and shootdowns\n"
                                              "  received. What a daemon does on a core of its own is in the sums and not in the time.\n",
                                      .act = ledger_act};
REGISTER_COMMAND(ledger);

/* --- scores -------------------------------------------------------------------------------------------------------- */

static void tell_ratio(s64 millionths)
{
    u64 size = (u64)(millionths < 0 ? -millionths : millionths);

    if (millionths == RATIO_NULL)
        kprintf("         -");
    else
        kprintf("  %c%lu.%05lu", millionths < 0 ? '-' : ' ', size / 1000000, size % 1000000 / 10);
}

static void tell_score(const char *name, s64 cycle, s64 mean)
{
    if (cycle == RATIO_NULL && mean == RATIO_NULL)
        return;
    kprintf("  %s", name);
    for (size_t n = strlen(name); n < 20; n++)
        kprintf(" ");
    tell_ratio(cycle);
    tell_ratio(mean);
    kprintf("\n");
}

static bool scores_act(const char *const *words)
{
    (void)words;
    if (!run_watch.measures.now.set_cycles) {
        kprintf("no cycle has ended in this phase: one has %lu windows\n", chosen.score_windows);
        return false;
    }
    kprintf("                           cycle      mean\n");
    measures_for_each(&run_watch.measures, tell_score);
    return false;
}

static const struct command scores = {.name = "scores",
                                      .usage = "",
                                      .summary = "how right the tracker was: of the last cycle, and on average over this phase's",
                                      .act = scores_act};
REGISTER_COMMAND(scores);
