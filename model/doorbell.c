/*
 * The guest's commands: what a store to each field of struct model_doorbells does.
 */
#include "model/path.h"
#include "model/start.h"

#include <string.h>

void model_error(enum model_error error, uint64_t detail)
{
    if (model.header->error == MODEL_OK) {
        model.header->error_detail = detail;
        model.header->error = error;
    }
}

/* What the model does not watch must not have run while somebody's time was counted: it would have been free. */
static void check_unwatched(void)
{
    if (!model.unwatched_insns) {
        return;
    }
    if (model.live && *model.unwatched_insns != model.unwatched_seen) {
        model_error(MODEL_UNWATCHED, *model.unwatched_insns - model.unwatched_seen);
    }
    model.unwatched_seen = *model.unwatched_insns;
}

void model_select(uint32_t account, uint32_t core, uint64_t now_ps, uint64_t insns)
{
    check_unwatched();
    if (model.core) {
        /* A daemon's step ends when its loads are there; the workload's own go on across a tick. */
        if (model.live && model.nr_core == CORE_DAEMON) {
            path_stall(flight_settle(&model.core->flight, model_now_ps(insns)));
        }
        model.core->time_ps = model_now_ps(insns);
    }
    truth_settle(&model.truth);
    model.nr_account = account;
    model.nr_core = core;
    model.locked_frame = 0; /* tables may have changed hands */
    model.taken_page = 0;
    model.live = account != ACCOUNT_OFF;
    model.counting = account == ACCOUNT_WORKLOAD;
    model.core = &model.cores[core];
    model.core_ps = &model.header->core_ps[core];
    model.counters = &model.header->account[account];
    uint64_t time_ps = core == CORE_WORKLOAD ? now_ps : model.core->time_ps;
    model.offset_ps = time_ps - insns * model.insn_ps - *model.core_ps;
    model_apply_mlp();
    model_forget();
}

static bool bad_spaces(const struct model_doorbells *bells, uint64_t max_pages)
{
    for (uint64_t i = 0; i < bells->nr_spaces; i++) {
        const struct model_space *space = &bells->spaces[i];
        if (space->va & (MODEL_LEAF_PAGES * 4096ull - 1) || space->first_page % MODEL_LEAF_PAGES ||
            space->nr_pages > max_pages || space->first_page > max_pages - space->nr_pages) {
            return true;
        }
    }
    for (uint64_t i = 0; i < bells->nr_ranges; i++) {
        if (bells->ranges[i].tier >= MODEL_TIERS) {
            return true;
        }
    }
    return false;
}

/* The handshake's first half: takes the arguments; the probes follow. */
static void hello(uint64_t insns)
{
    const struct model_doorbells *bells = model.bells;

    model_select(ACCOUNT_OFF, CORE_WORKLOAD, bells->now_ps, insns);
    model.header->ready = 0;
    if (bells->nr_spaces > MODEL_SPACES || bells->nr_ranges > MODEL_RANGES ||
        bad_spaces(bells, model.header->max_pages)) {
        model_error(MODEL_BAD_HELLO, bells->nr_spaces << 32 | bells->nr_ranges);
        return;
    }
    model.nr_spaces = bells->nr_spaces;
    model.nr_ranges = bells->nr_ranges;
    memcpy(model.spaces, bells->spaces, sizeof(model.spaces));
    memcpy(model.ranges, bells->ranges, sizeof(model.ranges));
    model.uncharged_start = bells->uncharged_start;
    model.uncharged_end = bells->uncharged_end;
    model.machine_start = bells->machine_start;
    model.machine_end = bells->machine_end;
    model.unwatched_start = bells->unwatched_start;
    model.unwatched_end = bells->unwatched_end;
    model.exception_start = bells->exception_start;
    model.exception_end = bells->exception_end;
    memset(model.space_in, 0, sizeof(model.space_in));
    uint64_t pages = 0;
    for (uint64_t i = 0; i < model.nr_spaces; i++) {
        const struct model_space *space = &model.spaces[i];
        uint64_t last = space->va + (space->nr_pages << 12) - 1;
        for (uint64_t slot = space->va >> 39; space->nr_pages && slot <= last >> 39; slot++) {
            if (model.space_in[slot & 511]) {
                model_error(MODEL_BAD_HELLO, space->va);
            }
            model.space_in[slot & 511] = (uint8_t)(i + 1);
        }
        pages = space->first_page + space->nr_pages > pages ? space->first_page + space->nr_pages : pages;
    }
    model.nr_leaves = (pages + MODEL_LEAF_PAGES - 1) / MODEL_LEAF_PAGES;
    model.locked_frame = 0;
    model.nr_mlp_ranges = 0;
    tables_clear(&model.tables);
    memset(model.machine_tables, 0, sizeof(model.machine_tables));
    model.machines = false;
    truth_clear(&model.truth);
    model.truth.pages = pages;
    memset(model.probes, 0, sizeof(model.probes));
    model.probe_failed = false;
    model.probe_va = UINT64_MAX;
}

/* The index of the range that holds a physical address, or -1. */
static int range_of(uint64_t address)
{
    for (uint64_t i = 0; i < model.nr_ranges; i++) {
        if (address - model.ranges[i].base < model.ranges[i].bytes) {
            return (int)i;
        }
    }
    return -1;
}

void model_probe(uint64_t qemu_address)
{
    uint64_t address = model.probe_va - DIRECT_VA;
    int range = range_of(address);

    model.probe_va = UINT64_MAX;
    if (range < 0) {
        model.probe_failed = true;
        return;
    }
    uint64_t delta = qemu_address - address;
    if (model.probes[range]++ && delta != model.delta[range]) {
        model.probe_failed = true;
    }
    model.delta[range] = delta;
}

/* Every range needs two probes, which agree: then QEMU's addresses are off by a constant in it. */
static void ready(void)
{
    for (uint64_t i = 0; i < model.nr_ranges; i++) {
        if (model.probe_failed || model.probes[i] < 2) {
            model_error(MODEL_BAD_PROBE, i << 32 | model.probes[i]);
            return;
        }
    }
    model.header->ready = model.header->error == MODEL_OK;
}

void model_check(uint64_t va, uint64_t qemu_address)
{
    for (uint64_t i = 0; i < model.nr_spaces; i++) {
        const struct model_space *space = &model.spaces[i];
        uint64_t index = (va - space->va) >> 12;
        if (va < space->va || index >= space->nr_pages) {
            continue;
        }
        uint32_t frame = path_frame(space->first_page + index);
        uint64_t address = (uint64_t)(frame - 1) << 12 | (va & 0xfff);
        int range = range_of(address);
        model.header->samples_checked++;
        if (!frame || address + (range < 0 ? 0 : model.delta[range]) != qemu_address) {
            model_error(MODEL_FRAME_MISMATCH, va);
        }
        return;
    }
}

/* Whatever the page's size: a leaf may just have been split or collapsed. */
static void flush_page(uint64_t value)
{
    uint64_t va = value & ~0xfffull;

    for (int i = 0; i < NR_MODEL_CORES; i++) {
        tlb_drop(&model.cores[i].tlb, va >> 12, tlb_tag(va >> 12, false));
        tlb_drop(&model.cores[i].tlb, va >> 21, tlb_tag(va >> 21, true));
        upper_clear(&model.cores[i].upper);
    }
    model.announced_pages++;
    model.announced_shootdowns += value & 1;
    model_forget();
}

static void flush_all(uint64_t value)
{
    for (int i = 0; i < NR_MODEL_CORES; i++) {
        tlb_clear(&model.cores[i].tlb);
        model.machines ? upper_reset(&model.cores[i].upper) : upper_clear(&model.cores[i].upper);
    }
    model.shootdown_all = value & 1;
    model_forget();
}

static void close_epoch(void)
{
    model.header->epoch++;
    truth_close(&model.truth, model.header->epoch);
    model_forget();
}

/* The daemon's traffic since its last step takes the workload's lanes, evenly from now until `until_ps`. */
static void step_end(uint64_t until_ps, uint64_t insns)
{
    bool here = model.nr_core == CORE_WORKLOAD && model.live;
    uint64_t from_ps = here ? model_now_ps(insns) : model.bells->now_ps;

    for (int tier = 0; tier < MODEL_TIERS; tier++) {
        port_take_units(&model.cores[CORE_WORKLOAD].port[tier], &model.cores[CORE_DAEMON].port[tier], from_ps,
                        until_ps);
    }
}

/* Load requests or stores are sampled anew, with this period; 0: no longer. */
static void sample_every(unsigned store, uint64_t period)
{
    model.sample_period[store] = model.sample_left[store] = period;
    model_forget();
}

static void account(uint64_t value, uint64_t insns)
{
    uint64_t nr_account = value & 0xff, core = value >> 8, now_ps = model.bells->now_ps;

    if (nr_account >= NR_ACCOUNTS || core >= NR_MODEL_CORES) {
        return;
    }
    if (model.exception.began && nr_account != ACCOUNT_OFF) {
        now_ps = model_exception(now_ps, insns);
    } else if (model.exception.began) {
        model.exception.left = true;
        model.exception.left_insns = insns;
    }
    model_select((uint32_t)nr_account, (uint32_t)core, now_ps, insns);
}

/* The guest has made a page table of level 4 to 2. */
static void add_table(uint64_t value)
{
    if (tables_add(&model.tables, model.bells->table_va, value & 0xfff, (uint32_t)(value >> 12))) {
        model_error(MODEL_BAD_HELLO, value);
    }
}

/* The guest has made a machine's tables. */
static void add_machine_tables(uint64_t first)
{
    uint64_t va = model.bells->table_va;
    uint32_t in = model.space_in[va >> 39 & 511];

    if (!in || first >= model.spaces[in - 1].nr_pages) {
        model_error(MODEL_BAD_HELLO, va);
        return;
    }
    machine_tables_at(in - 1, (uint32_t)first);
}

/* How many misses overlap in a part of a space; the whole program's number takes back all parts'. */
static void set_mlp_range(uint64_t mlp)
{
    const struct model_doorbells *bells = model.bells;

    for (uint64_t i = 0; i < model.nr_spaces; i++) {
        const struct model_space *space = &model.spaces[i];
        uint64_t first = (bells->range_start - space->va) >> 12, last = (bells->range_end - 1 - space->va) >> 12;
        if (first >= space->nr_pages || last >= space->nr_pages || last < first) {
            continue;
        }
        if (model.nr_mlp_ranges == MODEL_MLP_RANGES) {
            break;
        }
        model.mlp_ranges[model.nr_mlp_ranges++] = (struct mlp_range){
            (uint32_t)(space->first_page + first), (uint32_t)(last - first + 1), model_mlp_limit(mlp)};
        return;
    }
    model_error(MODEL_BAD_HELLO, bells->range_start);
}

static void set_mlp(uint64_t mlp)
{
    model.workload_mlp = mlp;
    model.nr_mlp_ranges = 0;
    model_apply_mlp();
}

static void set_traffic(void)
{
    model.traffic_active = model.bells->traffic_active;
    memcpy(model.traffic_load, model.bells->traffic_load, sizeof(model.traffic_load));
    model_apply_mode();
}

void model_doorbell(uint64_t offset, uint64_t insns)
{
    const struct model_doorbells *bells = model.bells;

    switch (offset) {
    case offsetof(struct model_doorbells, hello):
        hello(insns);
        break;
    case offsetof(struct model_doorbells, probe):
        model.probe_va = DIRECT_VA + bells->probe;
        break;
    case offsetof(struct model_doorbells, ready):
        ready();
        break;
    case offsetof(struct model_doorbells, account):
        account(bells->account, insns);
        break;
    case offsetof(struct model_doorbells, flush_page):
        flush_page(bells->flush_page);
        break;
    case offsetof(struct model_doorbells, flush_all):
        flush_all(bells->flush_all);
        break;
    case offsetof(struct model_doorbells, epoch):
        close_epoch();
        break;
    case offsetof(struct model_doorbells, step_end):
        step_end(bells->step_end, insns);
        break;
    case offsetof(struct model_doorbells, reset):
        model_reset(insns);
        break;
    case offsetof(struct model_doorbells, mlp):
        set_mlp(bells->mlp);
        break;
    case offsetof(struct model_doorbells, mlp_range):
        set_mlp_range(bells->mlp_range);
        break;
    case offsetof(struct model_doorbells, traffic):
        set_traffic();
        break;
    case offsetof(struct model_doorbells, table):
        add_table(bells->table);
        break;
    case offsetof(struct model_doorbells, machine_tables):
        add_machine_tables(bells->machine_tables);
        break;
    case offsetof(struct model_doorbells, machine):
        model.machine_va = bells->machine & ~MACHINE_MASK;
        break;
    case offsetof(struct model_doorbells, memory_cache):
        if (bells->memory_cache >> (LINE_SHIFT + 31) || memory_cache_size(bells->memory_cache)) {
            model_error(MODEL_BAD_HELLO, bells->memory_cache);
        }
        break;
    case offsetof(struct model_doorbells, idle):
        model.idle = bells->idle != 0;
        model_apply_mlp();
        model_apply_mode();
        break;
    case offsetof(struct model_doorbells, sample_load):
        sample_every(0, bells->sample_load);
        break;
    case offsetof(struct model_doorbells, sample_store):
        sample_every(1, bells->sample_store);
        break;
    }
}
