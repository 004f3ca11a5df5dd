/*
 * Start, stop, reset: lays out the shared region and builds the modelled machine.
 */
#include "model/start.h"

#include <stdio.h>
#include <string.h>

/* Rounds up to a line, so that tables begin on one. */
static uint64_t aligned(uint64_t offset)
{
    return (offset + 63) & ~63ull;
}

static void lay_out(const struct config *config, void *region, uint64_t bytes)
{
    struct model_header *header = region;

    memset(region, 0, bytes);
    header->abi = MODEL_ABI;
    header->region_bytes = bytes;
    header->max_pages = (bytes - MODEL_TABLES_OFFSET - 256) / MODEL_BYTES_PER_PAGE;
    header->frames_offset = MODEL_TABLES_OFFSET;
    header->leaves_offset = aligned(header->frames_offset + header->max_pages * sizeof(uint32_t));
    header->truth_offset[0] =
        aligned(header->leaves_offset + (header->max_pages / MODEL_LEAF_PAGES + 1) * sizeof(uint32_t));
    header->truth_offset[1] = aligned(header->truth_offset[0] + header->max_pages * sizeof(struct page_truth));
    header->walked_offset = aligned(header->truth_offset[1] + header->max_pages * sizeof(struct page_truth));
    header->ring_offset = aligned(header->walked_offset + header->max_pages);
    header->ring_entries = MODEL_RING_ENTRIES;
    while (header->ring_offset + header->ring_entries * sizeof(struct model_sample) > bytes) {
        header->ring_entries /= 2;
    }
    header->insn_ps = config->insn_ps;
    header->cores = config->active;
    header->all_cores = config->cores;
    header->shootdown_ps = config->shootdown_ps;
    header->l1_bytes = config->l1;
    header->l2_bytes = config->l2;
    header->llc_bytes = config->llc;
    header->tlb_entries = config->tlb1 + config->tlb2;
    for (int i = 0; i < MODEL_TIERS; i++) {
        header->tier[i].read_ps = config->tier[i].read_ps;
        header->tier[i].write_ps = config->tier[i].write_ps;
        header->tier[i].read_Bps = config->tier[i].read_Bps;
        header->tier[i].write_Bps = config->tier[i].write_Bps;
        header->tier[i].unit_bytes = config->tier[i].unit_bytes;
        header->tier[i].lanes = config->tier[i].lanes;
    }
}

static int build_core(struct core *core, const struct config *config, uint64_t (*lane_ps)[MODEL_DIRECTIONS])
{
    if (cache_init(&core->l1, config->l1, (uint32_t)config->l1_ways) ||
        cache_init(&core->l2, config->l2, (uint32_t)config->l2_ways) ||
        tlb_level_init(&core->tlb.level[0], config->tlb1, (uint32_t)config->tlb1_ways) ||
        tlb_level_init(&core->tlb.level[1], config->tlb2, (uint32_t)config->tlb2_ways)) {
        return -1;
    }
    core->stores.entries = (uint32_t)config->stores;
    core->wc.entries = (uint32_t)config->wc;
    core->flight.fills = (uint32_t)config->fill;
    core->flight.walkers = (uint32_t)config->walkers;
    core->flight.aheads = (uint32_t)config->ahead;
    core->upper.level[0].entries = (uint32_t)config->pde;
    core->upper.level[1].entries = (uint32_t)config->pdpte;
    core->upper.level[2].entries = (uint32_t)config->pml4e;
    core->upper.level[UPPER_NESTED].entries = (uint32_t)config->ntlb;
    for (int i = 0; i < MODEL_TIERS; i++) {
        port_init(&core->port[i], &config->tier[i], config->latency_percent, (uint32_t)config->wq, lane_ps[i]);
    }
    return 0;
}

int model_start(const struct config *config, void *region, uint64_t bytes, char *error, size_t error_bytes)
{
    if (bytes < MODEL_TABLES_OFFSET + 4096) {
        snprintf(error, error_bytes, "shared region of %llu bytes is too small", (unsigned long long)bytes);
        return -1;
    }
    memset(&model, 0, sizeof(model));
    lay_out(config, region, bytes);
    model.config = config;
    model.header = region;
    model.bells = (void *)((char *)region + MODEL_DOORBELL_OFFSET);
    model.frames = (void *)((char *)region + model.header->frames_offset);
    model.leaves = (void *)((char *)region + model.header->leaves_offset);
    model.walked = (void *)((char *)region + model.header->walked_offset);
    model.ring = (void *)((char *)region + model.header->ring_offset);
    truth_init(&model.truth, (void *)((char *)region + model.header->truth_offset[0]),
               (void *)((char *)region + model.header->truth_offset[1]), model.header->max_pages);
    if (config_json(config, (char *)region + MODEL_CONFIG_OFFSET, MODEL_CONFIG_BYTES)) {
        snprintf(error, error_bytes, "the configuration does not fit its %d bytes", MODEL_CONFIG_BYTES);
        return -1;
    }
    model.insn_ps = config->insn_ps;
    model.workload_mlp = 1000;
    model.probe_va = UINT64_MAX;
    model.traffic_load[0] = model.traffic_load[1] = UINT64_MAX;
    tables_clear(&model.tables);
    for (int i = 0; i < NR_MODEL_CORES; i++) {
        if (build_core(&model.cores[i], config, i == CORE_WORKLOAD ? model.header->lane_ps : model.daemon_lane_ps)) {
            snprintf(error, error_bytes, "out of memory");
            return -1;
        }
    }
    if (cache_init(&model.llc, config->llc, (uint32_t)config->llc_ways)) {
        snprintf(error, error_bytes, "out of memory");
        return -1;
    }
    uint64_t sets = config->l1 / 64 / config->l1_ways;
    model.recent_mask = sets < NR_RECENT ? sets - 1 : NR_RECENT - 1;
    model.generation = 1ull << RECENT_LINE_BITS;
    for (int set = 0; set < NR_RECENT; set++) {
        model.newest[set] = model.recent[set];
    }
    model_apply_mode();
    model_select(ACCOUNT_OFF, CORE_WORKLOAD, 0, 0);
    model_reset(0);
    model.header->magic = MODEL_MAGIC;
    return 0;
}

void model_stop(void)
{
    for (int i = 0; i < NR_MODEL_CORES; i++) {
        cache_free(&model.cores[i].l1);
        cache_free(&model.cores[i].l2);
        tlb_free(&model.cores[i].tlb);
    }
    cache_free(&model.llc);
    memory_cache_size(0);
}

uint32_t model_mlp_limit(uint64_t mlp)
{
    uint64_t most = model.config->fill * 1000;

    mlp = mlp < 1000 ? 1000 : mlp;
    return (uint32_t)(mlp > most ? most : mlp);
}

void model_apply_mlp(void)
{
    const struct config *config = model.config;
    uint64_t workload = config->mlp && !model.idle ? config->mlp : model.workload_mlp; /* a self-check has its own */

    model.mlp = model_mlp_limit(model.nr_account == ACCOUNT_WORKLOAD ? workload : config->kernel_mlp);
    if (config->mlp) {
        model.nr_mlp_ranges = 0; /* the key overrides whatever the program says */
    }
}

/* The workload shares its tiers with the cores like it and a neighbour. The daemon has all of their bandwidth; in the
 * self-check no lane takes time, so that a load costs its latency however short that is; but media that suffer from
 * many writers do so whoever asks. */
void model_apply_mode(void)
{
    const struct config *config = model.config;
    uint64_t active = model.traffic_active ? model.traffic_active : config->active;
    const uint64_t load_GBps[MODEL_TIERS] = {config->load_fast, config->load_slow};
    uint64_t sharers = config_sharers_milli(config, active);

    model.prefetching = config->prefetch && !model.idle;
    for (int tier = 0; tier < MODEL_TIERS; tier++) {
        uint64_t said = model.traffic_load[tier];
        struct port_use use = {.writers_milli = config->whole || model.idle ? 1000 : sharers,
                               .load_MBps = model.idle           ? 0
                                            : said == UINT64_MAX ? load_GBps[tier] * 1000
                                                                 : said,
                               .curve = config->curve && !model.idle};
        for (int i = 0; i < NR_MODEL_CORES; i++) {
            use.sharers_milli = model.idle ? 0 : i == CORE_DAEMON || config->whole ? 1000 : sharers;
            port_mode(&model.cores[i].port[tier], &use);
        }
        port_neighbour(&config->tier[tier], use.writers_milli, use.load_MBps, model.header->tier[tier].neighbour_milli);
    }
}

void model_reset(uint64_t insns)
{
    uint64_t now_ps = model_now_ps(insns);

    for (int i = 0; i < NR_MODEL_CORES; i++) {
        struct core *core = &model.cores[i];
        cache_clear(&core->l1);
        cache_clear(&core->l2);
        tlb_clear(&core->tlb);
        upper_reset(&core->upper);
        flight_clear(&core->flight);
        prefetch_clear(&core->prefetch);
        store_buffer_clear(&core->stores);
        wc_clear(&core->wc);
        for (int tier = 0; tier < MODEL_TIERS; tier++) {
            port_clear(&core->port[tier]);
        }
    }
    cache_clear(&model.llc);
    memory_cache_clear();
    truth_clear(&model.truth);
    memset(model.walked, 0, model.header->max_pages); /* A and D bits, too, are taken for clear */
    memset(model.header->account, 0, sizeof(model.header->account));
    memset(model.header->core_ps, 0, sizeof(model.header->core_ps));
    memset(model.header->lane_ps, 0, sizeof(model.header->lane_ps));
    memset(model.header->uncore, 0, sizeof(model.header->uncore));
    memset(&model.header->memory_cache, 0, sizeof(model.header->memory_cache));
    model.exception.began = false;
    model.traffic_active = 0;
    model.traffic_load[0] = model.traffic_load[1] = UINT64_MAX;
    model.samples_left = SAMPLE_LINES;
    model.offset_ps += now_ps - model_now_ps(insns); /* time goes on, though the charges begin at zero again */
    model_apply_mode();
    model_forget();
}
