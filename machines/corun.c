#include "machines/corun.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/exit.h"
#include "kernel/hooks.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "lib/record.h"
#include "lib/string.h"
#include "machines/balance.h"
#include "machines/balloon.h"
#include "machines/corun_report.h"
#include "lab/daemon.h"
#include "machines/machines.h"
#include "lab/program.h"
#include "lab/rehearsal.h"
#include "report/report.h"
#include "lab/run.h"

/* Xen's credit scheduler has 30 ms (its key tslice_ms), here as much less as windows are (mm/policy/pace.h): 24/1024. */
static KEY_NUMBER(slice_us, "slice_us", 700, 10, 1000000, "several machines: length of a turn in modelled us; Xen's 30 ms, scaled as windows are");

/* A machine's own keys. They do not go into `text` as they are: a comma would end it in QEMU's list. */
#define OWN_KEYS "several machines: this one's keys of the program, in place of the run's: name:value+name:value"
static KEY_TEXT(vm0, "vm0", "", NULL, OWN_KEYS);
static KEY_TEXT(vm1, "vm1", "", NULL, OWN_KEYS);
static KEY_TEXT(vm2, "vm2", "", NULL, OWN_KEYS);
static KEY_TEXT(vm3, "vm3", "", NULL, OWN_KEYS);
static KEY_TEXT(vm4, "vm4", "", NULL, OWN_KEYS);
static KEY_TEXT(vm5, "vm5", "", NULL, OWN_KEYS);
static KEY_TEXT(vm6, "vm6", "", NULL, OWN_KEYS);
static KEY_TEXT(vm7, "vm7", "", NULL, OWN_KEYS);
static const char **const own_keys[MAX_MACHINES] = {&vm0, &vm1, &vm2, &vm3, &vm4, &vm5, &vm6, &vm7};

static struct tenant tenants[MAX_MACHINES];
static struct space spaces[MAX_MACHINES];
static unsigned nr_tenants;
static struct tenant *running; /* whose turn it is */
static u64 turn_ps, turn_ends_ps;
static u32 turns, mlp;

/* What follows one space alone. */
static void refuse_key(const struct key *key, void *data)
{
    static const char *const names[] = {"heat", "replay", "events", "truth", "ranked"};

    (void)data;
    for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
        if (!strcmp(key->name, names[i]) && *key->number)
            refuse("%s=: it follows one space, and several machines have one each; vms=1 goes with it", key->name);
}

void corun_refuse(void)
{
    unsigned n = machines_wanted();

    for (unsigned i = 0; i < MAX_MACHINES; i++)
        if (**own_keys[i] && (n < 2 || i >= n))
            refuse("vm%u=: there is no such machine; vms=2 to %u have machines 0 to vms - 1", i, MAX_MACHINES);
    if (n < 2) {
        balance_refuse();
        return;
    }
    keys_for_each(refuse_key, NULL);
    balance_init();
    if (chosen.policy->placed_best || (chosen.classifier && chosen.classifier->knows_future)) {
        kprintf("tierlab: policy=%s knows what comes from a rehearsal, which several machines do not have: skipped\n", chosen.policy->name);
        machine_exit(EXIT_SKIPPED);
    }
}

void corun_spaces(void)
{
    struct model_space told[MAX_MACHINES];
    u32 fast = frame_pool(TIER_FAST)->nr_free, slow = frame_pool(TIER_SLOW)->nr_free, parts[MAX_MACHINES], frames, first = 0;
    bool all_in = policy_chosen()->everything_in;

    nr_tenants = machines_wanted();
    frames = (u32)(option_slow_bytes >> PAGE_SHIFT) / nr_tenants;
    if (space_tables_slow) /* they take frames, too */
        frames -= frames / PT_ENTRIES + 1;
    frames = (u32)ALIGN_DOWN(frames, PT_ENTRIES);
    balance_equal(nr_tenants, fast, parts);
    for (unsigned i = 0; i < nr_tenants; i++) {
        space_init_nested(&spaces[i], i, first, frames);
        space_share(&spaces[i], TIER_FAST, all_in ? MIN(fast, frames) : MIN(parts[i], frames));
        space_share(&spaces[i], TIER_SLOW, slow / nr_tenants);
        told[i] = (struct model_space){.va = spaces[i].base, .nr_pages = frames, .first_page = first};
        first += frames;
    }
    model_handshake(told, nr_tenants);
    space_fault_init(spaces, nr_tenants);
}

struct space *corun_lender(void)
{
    return &spaces[0];
}

static u64 own_now_ps(void)
{
    return running->own_ps + clock_now_ps() - turn_ps;
}

static void note_phase(const char *name)
{
    record_begin("event");
    record_text("event", "phase");
    record_u64("machine", running->number);
    record_text("name", name);
    record_u64("start_ns", clock_now_ps() / 1000);
    record_end();
}

static const struct payload_host host = {own_now_ps, note_phase, record_u64, record_text, record_ratio};

void corun_init(void)
{
    for (unsigned i = 0; i < nr_tenants; i++) {
        struct tenant *g = &tenants[i];
        g->number = i;
        g->own_keys = *own_keys[i];
        g->payload.host = &host;
        machine_init(&g->payload.machine, i, &spaces[i]);
        watch_init(&g->watch, &spaces[i], &chosen, spaces[i].share[TIER_FAST]);
        watch_several(&g->watch, i);
        rehearsal_watch(&g->watch);
    }
}

/* Its program is there, and what it filled is in place. */
static void set_up(struct tenant *g)
{
    const struct payload_program *what = &g->payload.program;
    struct space *space = g->watch.space;

    running = g;
    space_clear(space);
    tenant_load(g);
    measures_compare(&g->watch.measures, g->payload.data_page, g->payload.heap_page);
    machines_scan(space, g->payload.leaf_tables_page);
    tenant_call(g, PAYLOAD_SETUP, what->warmup + what->ops);
    tenant_clear_bits(g);
    g->phase = TENANT_WARMUP;
    g->verified = false;
    g->own_ps = g->share_ps = 0;
    g->spent = (struct totals){0};
}

/* In the unit that its throughput is told in; `ops` where the program says no other. */
static u64 work_of(struct tenant *g, u64 ops)
{
    return g->row->work ? tenant_call(g, PAYLOAD_WORK, 0) : ops;
}

/* It has done its work, or can do no more. */
static void finish(struct tenant *g)
{
    struct totals now = tenant_totals(g);

    balance_tick();
    g->end_ps = clock_now_ps();
    g->work = work_of(g, g->payload.program.ops) - g->work;
    watch_stop(&g->watch);
    g->verified = tenant_call(g, PAYLOAD_VERIFY, 0) && !g->payload.machine.ended[0];
    g->checksum = g->payload.results[1];
    g->phase = TENANT_DONE;
    corun_record_machine(g, &now);
    space_clear(g->watch.space);
    balance_leave(g);
}

static void begin_measured(struct tenant *g)
{
    watch_restart(&g->watch);
    if (g->row->measured)
        tenant_call(g, PAYLOAD_MEASURED, 0);
    g->work = work_of(g, 0);
    balance_tick(); /* what was until now does not count */
    g->start_ps = clock_now_ps();
    g->share_ps = 0;
    g->before = g->half = tenant_totals(g);
    g->watch.track.cost_ps = g->watch.classify.cost_ps = g->watch.migrate.cost_ps = 0;
}

/* The next piece of its work, until one takes time or there is none left. */
static void go_further(struct tenant *g)
{
    const struct payload_program *what = &g->payload.program;

    while (!g->payload.working && g->phase != TENANT_DONE) {
        if (g->payload.machine.ended[0]) {
            finish(g);
        } else if (g->phase == TENANT_WARMUP) {
            g->phase = TENANT_FIRST_HALF;
            begin_measured(g);
            payload_work(&g->payload, what->ops / 2);
        } else if (g->phase == TENANT_FIRST_HALF) {
            g->phase = TENANT_SECOND_HALF;
            g->half = tenant_totals(g);
            payload_work(&g->payload, what->ops - what->ops / 2);
        } else {
            finish(g);
        }
    }
}

static unsigned living(void)
{
    unsigned n = 0;

    for (unsigned i = 0; i < nr_tenants; i++)
        n += tenants[i].phase != TENANT_DONE;
    return n;
}

/* On the clock of all; UINT64_MAX for none. */
static u64 deadline_ps(void)
{
    u64 own_ps = running->row->deadline_ps ? tenant_call(running, PAYLOAD_DEADLINE, 0) : UINT64_MAX;

    if (own_ps == UINT64_MAX || running->payload.machine.ended[0])
        return UINT64_MAX;
    return own_ps - MIN(own_ps, running->own_ps) + turn_ps;
}

static u64 next_ps(void)
{
    return MIN(MIN(daemon_next_ps(), turn_ends_ps), deadline_ps());
}

static void tick(void)
{
    u64 now_ps = clock_now_ps();

    if (balloon_interrupted() || payload_puts_off(&running->payload))
        return;
    if (deadline_ps() <= now_ps)
        tenant_call(running, PAYLOAD_EXPIRED, own_now_ps());
    for (unsigned i = 0; i < nr_tenants; i++)
        if (tenants[i].phase != TENANT_DONE)
            watch_tick(&tenants[i].watch, now_ps);
    daemon_run(clock_now_ps());
    balance_tick();
    now_ps = clock_now_ps();
    if (now_ps >= turn_ends_ps && living() > 1)
        running->payload.machine.preempt = true;
    else if (now_ps >= turn_ends_ps)
        turn_ends_ps = now_ps + slice_us * 1000000;
    run_arm_tick(now_ps, next_ps());
}

/* So many requests of the workload's account were not the others'. */
static void tell_others(const struct tenant *g, const struct totals *turn)
{
    for (unsigned i = 0; i < nr_tenants; i++)
        for (unsigned tier = 0; tier < NR_TIERS && &tenants[i] != g; tier++)
            tenants[i].watch.measures.others[tier] += turn->requests[tier];
}

static void take_turn(struct tenant *g)
{
    struct totals before = totals_of_core(), turn;

    running = g;
    turns++;
    turn_ps = clock_now_ps();
    turn_ends_ps = turn_ps + slice_us * 1000000;
    if (mlp != g->row->mlp)
        model_doorbells->mlp = mlp = g->row->mlp;
    balance_turn(g);
    run_arm_tick(clock_now_ps(), next_ps());
    if (hook_is("machine") && g->number == 1 && turns > 4)
        g->payload.machine.vmcb->rip = 0; /* where nothing is */
    interrupts_on();
    payload_go_on(&g->payload);
    interrupts_off();
    clock_arm(0);
    model_check();
    tenant_look(g);
    turn = totals_less(totals_of_core(), &before);
    totals_add(&g->spent, &turn);
    g->own_ps += turn.time_ps;
    turn_ps = clock_now_ps();
    tell_others(g, &turn);
    go_further(g);
}

bool corun_once(void)
{
    bool verified = true;

    for (unsigned i = 0; i < nr_tenants; i++)
        set_up(&tenants[i]);
    policy_tell_model();
    clock_reset();
    run_reset_tick(tick);
    turns = mlp = 0;
    balance_start(tenants, nr_tenants);
    for (unsigned i = 0; i < nr_tenants; i++) {
        running = &tenants[i];
        watch_start(&tenants[i].watch);
        payload_work(&tenants[i].payload, tenants[i].payload.program.warmup);
    }
    while (living())
        for (unsigned i = 0; i < nr_tenants; i++)
            if (tenants[i].phase != TENANT_DONE)
                take_turn(&tenants[i]);
    for (unsigned i = 0; i < nr_tenants; i++)
        verified &= tenants[i].verified;
    for (unsigned i = 0; i < nr_tenants && !verified; i++) {
        const struct tenant *g = &tenants[i];
        kprintf("tierlab: machine %u: workload=%s under policy=%s %s %lx\n", i, g->row->name, chosen.policy->name,
                g->verified ? "verified, checksum" : "did not verify, checksum", g->checksum);
    }
    if (verified)
        corun_record_summary(tenants, nr_tenants, turns);
    return verified;
}
