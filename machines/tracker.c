/*
 * A tracker in the machine (scan=in-guest). Demeter's argument (SOSP'25): who tracks in the guest needs no exit to do so and may
 * drop one page's translation, where a hypervisor, which knows no guest-virtual address, has to drop all; only the placement
 * is left to the host.
 *
 *      each window:  the machine is interrupted; it scans its own tables and flushes (vm/look.c), leaves a bit a page in a
 *                    page of its memory, and says so by a hypercall
 *                    the host checks the bits and hands them to the classifier, as observations
 *
 * Who pays: the machine. Its processor scans, whatever `daemons=` is: a guest's tracker has no core but those that its host
 * gives it, and each of them scans its own share, as the modelled core stands for one of many. So the scan is booked as tracking, on the
 * workload's core: the program stands still, and its caches and its TLB are used. With it come two exits (exit_ns): the timer's interrupt, which goes
 * through the host, and the call. What the host does, reading the list, is the daemon's, as any tracker's work is.
 *
 * Differs from Demeter, whose tracker is a sampler: this is the scanner that it compares itself with ("TPP in the guest" has
 * one), so that nothing but the place differs from scan=guest.
 *
 * Flushes reach whom the host's reach (mm/tlb.h): the modelled core stands for one of the machine's processors, each of which scans
 * its share and has to tell all the others, once a window of a flush of everything, for each page of a flush of pages. A machine of one
 * processor tells nobody (guest_shootdown=none). What an interrupt from one virtual processor to another costs more than one
 * on a bare machine is not in it.
 */
#include "machines/tracker.h"
#include "kernel/clock.h"
#include "kernel/exit.h"
#include "lab/daemon.h"
#include "lab/policy.h"
#include "lib/string.h"
#include "mm/bits.h"
#include "mm/tlb.h"

static KEY_TEXT(guest_shootdown, "guest_shootdown", "all", "all|none",
                "scan=in-guest: whom the machine's flushes have to reach: all of its processors; none: it has but one");

#define EXITS 2 /* a look: the timer's interrupt, the hypercall */

static const struct tracker *real;
static struct tracker stand_in;
static struct payload *looking;
static u32 next_page;
static enum look_how how; /* settled when it starts: a step is on the clock */

static bool takes_dirty(void)
{
    return how == LOOK_DIRTY_FLUSH_ALL;
}

static enum look_how what_is_asked(void)
{
    char flush = (*key_find("flush")->text)[0];

    return !strcmp(real->part.name, "dbit") ? LOOK_DIRTY_FLUSH_ALL
           : flush == 'p'                   ? LOOK_ACCESSED_FLUSH_PAGES
           : flush == 'n'                   ? LOOK_ACCESSED_FLUSH_NONE
                                            : LOOK_ACCESSED_FLUSH_ALL;
}

static void start(struct space *space)
{
    next_page = 0;
    how = what_is_asked();
    real->part.start(space); /* takes back what was set before */
}

/* flush=none: without a flush the modelled TLB says what was seen, not QEMU's (mm/bits.h). */
static void show(struct space *space, u32 first, u32 end)
{
    for (u32 page = first; page < end; page += PT_ENTRIES)
        if (space_scanned(space, page / PT_ENTRIES))
            show_walked(walked_bytes(space), space_scanned(space, page / PT_ENTRIES), page,
                        MIN(PT_ENTRIES, end - page));
}

/* What the machine tells, as observations: eight pages at a time, since most were not seen. */
static void take_in(const u8 *seen, u32 first, u32 pages, struct observations *out)
{
    u64 observation = observation_bits(first, takes_dirty() ? OBSERVED_WRITTEN : OBSERVED_READ);
    struct observation *at = out->list;

    for (u32 group = 0; group < pages; group += 8, observation += 8)
        for (u8 left = seen[group / 8]; left; left &= (u8)(left - 1))
            at = note(at, observation + (u32)__builtin_ctz(left));
    out->count = (u32)(at - out->list);
}

/* Counts the machine's flushes and charges its program for the shootdowns that it receives of them (enum flush_reach). */
static void charge_flushes(u32 seen, bool first_step)
{
    const volatile struct model_header *m = model_header();
    u64 pages = how == LOOK_ACCESSED_FLUSH_PAGES ? seen : 0;
    u64 all = !pages && how != LOOK_ACCESSED_FLUSH_NONE && seen;

    tlb_counts.page += pages;
    tlb_counts.full += all;
    if (guest_shootdown[0] == 'a')
        clock_charge(ACCOUNT_OTHER, m->shootdown_ps * (pages * m->cores + all * (first_step ? 1 : m->cores)));
}

static bool step(struct space *space, struct observations *out)
{
    u32 first = next_page, end = (u32)MIN(first + LOOK_PAGES, space->nr_pages);
    booking_t host = clock_book(BOOK_OFF);
    const u8 *seen;

    if (how == LOOK_ACCESSED_FLUSH_NONE)
        show(space, first, end);
    seen = payload_look(looking, first, end, how, book_on(ACCOUNT_TRACK, CORE_WORKLOAD));
    clock_charge(ACCOUNT_TRACK, EXITS * machine_exit_ps());
    clock_book(host);
    next_page = end < space->nr_pages ? end : 0;
    if (!seen)
        return true; /* the machine has ended */
    take_in(seen, first, end - first, out);
    space->pte_visits += ALIGN_UP(end - first, PT_ENTRIES);
    charge_flushes(out->count, !first);
    if (takes_dirty())
        forget_dirty(walked_bytes(space), out);
    return !next_page;
}

void tracker_in_machine(struct payload *payload)
{
    const char *name = chosen.tracker ? chosen.tracker->part.name : "none";

    if (strcmp(name, "abit") && strcmp(name, "dbit"))
        refuse("scan=in-guest: tracker=%s has no half that runs in a machine; abit and dbit have", name);
    looking = payload;
    looking->looks = true;
    real = chosen.tracker;
    stand_in = *real;
    stand_in.part.start = start;
    stand_in.step = step;
    chosen.tracker = &stand_in;
}
