#include "machines/machines.h"
#include "kernel/console.h"
#include "kernel/exit.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "lib/string.h"
#include "lab/lab.h"
#include "lab/policy.h"
#include "lab/run.h"
#include "lab/program.h"
#include "report/report.h"
#include "mm/memory.h"
#include "mm/table_log.h"
#include "mm/tlb.h"
#include "score/measures.h"
#include "machines/balance.h"
#include "machines/corun.h"
#include "machines/leaves.h"
#include "machines/table_pages.h"
#include "machines/tenant.h"
#include "machines/tracker.h"

static KEY_NUMBER(vms, "vms", 0, 0, MAX_MACHINES,
                  "virtual machines (AMD SVM) that the program runs in, whose guest-physical memory is managed; 0: none");

static KEY_TEXT(
    scan, "scan", "nested", "nested|guest|guest-log|in-guest",
    "vms=1: whose tables trackers of accessed and dirty bits look at: the nested ones, the machine's own, of them those "
    "that a write log names; in-guest: the machine does it itself");

static struct tenant only;            /* of vms=1 */
static const struct workload *native; /* the program as it would run here: its names and numbers are right, too */
static struct workload proxy;
static struct payload_declared declared; /* a copy */

unsigned machines_wanted(void)
{
    return (unsigned)vms;
}

const struct machine *machines_first(void)
{
    return vms ? &only.payload.machine : NULL;
}

bool machines_put_off(void)
{
    return vms && payload_puts_off(&only.payload);
}

static bool scans_guest(void)
{
    return strcmp(scan, "nested");
}

static bool scans_logged(void)
{
    return !strcmp(scan, "guest-log");
}

static bool scans_inside(void)
{
    return !strcmp(scan, "in-guest");
}

void machines_scan(struct space *space, u32 leaf_tables_page)
{
    table_log_init(space, scans_guest() ? leaf_tables_page : 0, scans_logged(), machine_exit_ps());
}

static void proxy_setup(u64 seed, u64 total_ops)
{
    (void)seed; /* it knows the keys */
    tenant_load(&only);
    measures_compare(&run_watch.measures, only.payload.data_page, only.payload.heap_page);
    machines_scan(&arena, only.payload.leaf_tables_page);
    tenant_call(&only, PAYLOAD_SETUP, total_ops);
    tenant_clear_bits(&only);
}

static void proxy_run(u64 ops)
{
    booking_t before = clock_book(BOOK_OFF);

    payload_work(&only.payload, ops);
    payload_go_on(&only.payload);
    tenant_look(&only);
    clock_book(before);
}

static bool proxy_verify(u64 *checksum)
{
    bool right = tenant_call(&only, PAYLOAD_VERIFY, 0);

    *checksum = only.payload.results[1];
    return right && !only.payload.machine.ended[0];
}

static void proxy_measured(void)
{
    tenant_call(&only, PAYLOAD_MEASURED, 0);
}

static u64 proxy_work(void)
{
    return tenant_call(&only, PAYLOAD_WORK, 0);
}

static u64 proxy_deadline(void)
{
    u64 at = tenant_call(&only, PAYLOAD_DEADLINE, 0);

    return only.payload.machine.ended[0] ? UINT64_MAX : at;
}

static void proxy_expired(u64 now_ps)
{
    tenant_call(&only, PAYLOAD_EXPIRED, now_ps);
}

/* All pages are asked about at one moment: the set is copied then. */
static u32 proxy_nr_declared(void)
{
    vaddr_t at = tenant_call(&only, PAYLOAD_DECLARED, 0);

    if (only.payload.machine.ended[0] || !machine_read(&only.payload.machine, at, &declared, sizeof(declared)))
        memset(&declared, 0, sizeof(declared));
    return declared.nr;
}

static bool proxy_declared(u32 page)
{
    return page < only.payload.data_pages && declared.pages[page / 32] >> page % 32 & 1;
}

static void proxy_report(void)
{
    tenant_report(&only, &run_watch.measures);
}

static const struct payload_host host = {clock_now_ps, report_phase, result_u64, result_text, result_ratio};

/* The program's row with the payload's functions in place of its own; what it lacks stays null. */
static void make_proxy(void)
{
    native = program.workload;
    proxy = *native;
    proxy.setup = proxy_setup;
    proxy.run = proxy_run;
    proxy.overlap = NULL; /* its pages lie elsewhere */
    proxy.verify = proxy_verify;
    proxy.report = proxy_report;
    proxy.measured = native->measured ? proxy_measured : NULL;
    proxy.work = native->work ? proxy_work : NULL;
    proxy.deadline_ps = native->deadline_ps ? proxy_deadline : NULL;
    proxy.expired = native->expired ? proxy_expired : NULL;
    proxy.declared = native->declared ? proxy_declared : NULL;
    proxy.nr_declared = native->nr_declared ? proxy_nr_declared : NULL;
    program.workload = &proxy;
}

/* The other trackers take rights away, and those of its own tables are the machine's. */
static void refuse_scan(void)
{
    const char *tracker = chosen.tracker ? chosen.tracker->part.name : "abit";

    if (scans_inside() && vms > 1)
        refuse("scan=in-guest: a tracker in each of several machines is not built; vms=1 has one");
    if (scans_guest() && strcmp(tracker, "abit") && strcmp(tracker, "dbit") && strcmp(tracker, "mlq"))
        refuse("scan=%s: tracker=%s does not scan a table's bits; abit, dbit and mlq do", scan, tracker);
    if (scans_guest() && vms > 1 && balance_asks_machines())
        refuse("scan=%s: with balance=balloon machines look at their own accessed bits, and a bit has one reader", scan);
}

/* What no machine can, and whether the processor can; `lender` has frames for the self-test. */
static void check(struct space *lender)
{
    const char *wrong;
    size_t length;

    refuse_scan();
    if (strcmp(option_do, "run"))
        refuse("vms=%lu: do=%s measures without a machine; only run and compare take vms=", vms, option_do);
    if (workload_input(&length))
        refuse("input=: a machine reads no file; vms=0 does");
    wrong = svm_missing();
    if (wrong)
        unfit("vms=%lu: %s", vms, wrong);
    wrong = machine_selftest(lender);
    if (wrong)
        unfit("vms=%lu: the self-test of accessed and dirty bits fails: %s", vms, wrong);
}

void machines_init(void)
{
    u64 need = program.pages + payload_overhead(arena.nr_pages, scans_inside());

    if (!vms && scans_guest())
        refuse("scan=%s: without a machine there are no tables but ours; vms=1 has one", scan);
    leaves_choose(scans_guest(), scans_logged());
    corun_refuse();
    if (!vms)
        return;
    if (vms == 1 && need > arena.nr_pages)
        refuse("vms=1: workload=%s needs %lu KiB and its machine %lu KiB; fast= and slow= together have %lu KiB",
               program.workload->name, program.pages * (PAGE_SIZE / KIB), (need - program.pages) * (PAGE_SIZE / KIB),
               arena.nr_pages * (PAGE_SIZE / KIB));
    check(vms == 1 ? &arena : corun_lender());
    if (scans_guest() && !scans_inside() && chosen.tracker)
        table_pages_init(&chosen.tracker);
    if (vms > 1)
        return;
    only.own_keys = "";
    only.payload.host = &host;
    machine_init(&only.payload.machine, 0, &arena);
    make_proxy();
    if (scans_inside())
        tracker_in_machine(&only.payload);
}
