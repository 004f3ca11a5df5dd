#include "lab/machines.h"
#include "kernel/console.h"
#include "kernel/exit.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "kernel/string.h"
#include "lab/lab.h"
#include "lab/policy.h"
#include "lab/run.h"
#include "lab/program.h"
#include "lab/report.h"
#include "mm/memory.h"
#include "mm/table_log.h"
#include "mm/tlb.h"
#include "score/measures.h"
#include "vm/payload.h"

static KEY_NUMBER(vms, "vms", 0, 0, 1,
                  "1: the program runs in a virtual machine (AMD SVM), whose guest-physical memory is managed");

static KEY_TEXT(
    scan, "scan", "nested", "nested|guest|guest-log",
    "vms=1: whose tables trackers of accessed and dirty bits look at: the nested ones, the machine's own, of them those "
    "that a write log names");

static struct payload payload;
static const struct workload *native; /* the program as it would run here: its names and numbers are right, too */
static struct workload proxy;
static char keys[sizeof(((struct payload_boot *)0)->keys)];
static struct payload_declared declared; /* a copy */
static bool told;

bool machines_wanted(void)
{
    return vms;
}

const struct machine *machines_first(void)
{
    return vms ? &payload.machine : NULL;
}

static bool scans_guest(void)
{
    return strcmp(scan, "nested");
}

static bool scans_logged(void)
{
    return !strcmp(scan, "guest-log");
}

/* A machine that gives up for the user's mistake ends the run as that; for any other end the run fails to verify. */
static u64 call(enum payload_function function, u64 argument)
{
    u64 result = payload_call(&payload, function, argument);
    const char *ended = payload.machine.ended;

    if (payload.gave_up == HYPERCALL_REFUSE)
        refuse("%s", ended);
    if (payload.gave_up == HYPERCALL_UNFIT)
        unfit("%s", ended);
    if (*ended && !told)
        kprintf("tierlab: machine 0 has ended: %s\n", ended);
    told = *ended;
    return result;
}

static void add_key(const struct key *key, void *data)
{
    size_t *used = data;

    if (!*key->given)
        return;
    ASSERT(*used < sizeof(keys));
    if (key->kind == KEY_IS_TEXT)
        *used += ksnprintf(keys + *used, sizeof(keys) - *used, "%s=%s ", key->name, *key->text);
    else
        *used += ksnprintf(keys + *used, sizeof(keys) - *used, "%s=%lu ", key->name, *key->number);
}

/* What the setup itself has touched is nobody's observation: as in a run without a machine, no bit is set. */
static void clear_bits(void)
{
    for (u32 page = 0; page < arena.nr_pages; page++)
        if (space_resident(&arena, page))
            pte_clear_bits(space_entry(&arena, page), PTE_ACCESSED | PTE_DIRTY);
    tlb_flush_all(FLUSH_LOCAL);
}

static void proxy_setup(u64 seed, u64 total_ops)
{
    (void)seed; /* it knows the keys */
    told = false;
    payload_load(&payload, (u32)program.pages, keys);
    measures_leave_out(&run_watch.measures, payload.data_page);
    table_log_init(&arena, scans_guest() ? payload.leaf_tables_page : 0, scans_logged(), machine_exit_ps());
    call(PAYLOAD_SETUP, total_ops);
    clear_bits();
}

static void proxy_run(u64 ops)
{
    booking_t before = clock_book(BOOK_OFF);

    call(PAYLOAD_RUN, ops);
    clock_book(before);
}

static bool proxy_verify(u64 *checksum)
{
    bool right = call(PAYLOAD_VERIFY, 0);

    *checksum = payload.results[1];
    return right && !payload.machine.ended[0];
}

static void proxy_measured(void)
{
    call(PAYLOAD_MEASURED, 0);
}

static u64 proxy_work(void)
{
    return call(PAYLOAD_WORK, 0);
}

static u64 proxy_deadline(void)
{
    u64 at = call(PAYLOAD_DEADLINE, 0);

    return payload.machine.ended[0] ? UINT64_MAX : at;
}

static void proxy_expired(u64 now_ps)
{
    call(PAYLOAD_EXPIRED, now_ps);
}

/* All pages are asked about at one moment: the set is copied then. */
static u32 proxy_nr_declared(void)
{
    vaddr_t at = call(PAYLOAD_DECLARED, 0);

    if (payload.machine.ended[0] || !machine_read(&payload.machine, at, &declared, sizeof(declared)))
        memset(&declared, 0, sizeof(declared));
    return declared.nr;
}

static bool proxy_declared(u32 page)
{
    return page < payload.data_pages && declared.pages[page / 32] >> page % 32 & 1;
}

static void proxy_report(void)
{
    if (native->report)
        call(PAYLOAD_REPORT, 0);
    result_u64("vm_system_observations", measures_left_out(&run_watch.measures));
    if (scans_logged()) {
        result_u64("vm_log_entries", arena.table_log.entries);
        result_u64("vm_log_full", arena.table_log.full);
    }
    result_u64("vm_nested_faults", payload.machine.counts.nested_faults);
    result_u64("vm_interrupts", payload.machine.counts.interrupts);
    result_u64("vm_hypercalls", payload.machine.counts.hypercalls);
}

static const struct payload_host host = {report_phase, result_u64, result_text, result_ratio};

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

    if (scans_guest() && strcmp(tracker, "abit") && strcmp(tracker, "dbit") && strcmp(tracker, "mlq"))
        refuse("scan=%s: tracker=%s does not scan a table's bits; abit, dbit and mlq do", scan, tracker);
}

void machines_init(void)
{
    const char *wrong;
    size_t length, used = 0;
    u64 need = program.pages + payload_overhead(arena.nr_pages);

    if (!vms && scans_guest())
        refuse("scan=%s: without a machine there are no tables but ours; vms=1 has one", scan);
    if (!vms)
        return;
    refuse_scan();
    if (strcmp(option_do, "run"))
        refuse("vms=%lu: do=%s measures without a machine; only run and compare take vms=", vms, option_do);
    if (workload_input(&length))
        refuse("input=: a machine reads no file; vms=0 does");
    if (need > arena.nr_pages)
        refuse("vms=1: workload=%s needs %lu KiB and its machine %lu KiB; fast= and slow= together have %lu KiB",
               program.workload->name, program.pages * (PAGE_SIZE / KIB), (need - program.pages) * (PAGE_SIZE / KIB),
               arena.nr_pages * (PAGE_SIZE / KIB));
    wrong = svm_missing();
    if (wrong)
        unfit("vms=1: %s", wrong);
    wrong = machine_selftest(&arena);
    if (wrong)
        unfit("vms=1: the self-test of accessed and dirty bits fails: %s", wrong);
    keys_for_each(add_key, &used);
    payload.host = &host;
    machine_init(&payload.machine, 0, &arena);
    make_proxy();
}
