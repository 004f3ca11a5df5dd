/*
 * The path of one access: TLB, truth, caches, memory.
 *
 * A line is in one place only: in the last-level cache, or in one core's second level (and then perhaps in its first,
 * too). A core takes lines from the last level and from the other core at the price of a last-level hit; what falls
 * out of a second level goes to the last level (Cascade Lake's is such a victim cache). Stores that hit never wait:
 * the store buffer hides the look-up.
 */
#include "model/path.h"

#define LARGE_SHIFT 21
#define DEVICES_START                                                                                                  \
    0xc0000000ull /* QEMU's pc machine keeps RAM below 3 GiB when it fits; device registers lie above */
#define DEVICES_END 0x100000000ull

struct model model;

/* What a page is, when no TLB level knows it. */
static struct tlb_entry resolve(uint64_t va, bool large, uint64_t tag)
{
    struct tlb_entry entry = {.tag = tag, .page = PAGE_NONE};

    for (uint64_t i = 0; !large && i < model.nr_spaces; i++) {
        const struct model_space *space = &model.spaces[i];
        uint64_t index = (va - space->va) >> 12;
        if (va >= space->va && index < space->nr_pages) {
            entry.page = (uint32_t)(space->first_page + index);
            uint32_t frame = model.frames[entry.page];
            if (!frame) {
                model_error(MODEL_FRAME_MISSING, va);
                frame = 1;
            }
            entry.line = (frame - 1) << (12 - LINE_SHIFT);
            entry.tier = path_tier(entry.line);
            return entry;
        }
    }
    uint64_t address = va >= DIRECT_VA && va < MODEL_VA ? va - DIRECT_VA : va;
    address &= large ? ~((1ull << LARGE_SHIFT) - 1) : ~0xfffull;
    entry.line = (uint32_t)(address >> LINE_SHIFT) & LINE_NUMBER;
    entry.tier = path_tier(entry.line);
    if (address >= DEVICES_START && address < DEVICES_END) {
        entry.tier = MODEL_TIERS;
    }
    return entry;
}

/*
 * The walker sets A, and D for a store (Intel SDM vol. 3A, 4.8), in the page's byte of walked[], which stands for its
 * entry: D once set is known from then on, until the guest clears it. Pages outside the spaces, and the daemon's
 * accesses, leave nothing.
 */
static void note_walk(struct tlb_entry *entry, bool large, bool store)
{
    model.counters->walks++;
    path_stall(model.config->walk_ps * (large ? 3 : 4));
    entry->dirty = 1;
    if (entry->page != PAGE_NONE && model.nr_core == CORE_WORKLOAD) {
        model.walked[entry->page] |= store ? WALKED_ACCESSED | WALKED_DIRTY : WALKED_ACCESSED;
        entry->dirty = (model.walked[entry->page] & WALKED_DIRTY) != 0;
    }
}

/* A store through an entry that was loaded for reading, while D was clear: the processor walks again to set D. */
static __attribute__((noinline)) void set_dirty(struct tlb_entry *entry, uint64_t number, uint64_t tag)
{
    struct tlb_entry *second = tlb_find(&model.core->tlb, 1, number, tag);

    note_walk(entry, false, true);
    if (second) {
        second->dirty = 1;
    }
}

/* First-level miss: the second level, or a walk. */
static __attribute__((noinline)) struct tlb_entry *translate_miss(uint64_t va, bool large, uint64_t number,
                                                                  uint64_t tag, bool store)
{
    struct tlb *tlb = &model.core->tlb;
    struct tlb_entry *second = tlb_find(tlb, 1, number, tag);

    model.counters->tlb1_misses++;
    path_stall(model.config->tlb2_ps);
    if (!second) {
        struct tlb_entry entry = resolve(va, large, tag);
        note_walk(&entry, large, store);
        second = tlb_fill(tlb, 1, number, &entry);
    }
    return tlb_fill(tlb, 0, number, second);
}

static inline struct place translate(uint64_t va, bool store)
{
    bool large = !model.small_slot[va >> 39 & 511];
    unsigned shift = large ? LARGE_SHIFT : 12;
    uint64_t number = va >> shift, tag = tlb_tag(number, large);
    struct tlb_entry *entry = tlb_find(&model.core->tlb, 0, number, tag);

    if (__builtin_expect(!entry, 0)) {
        entry = translate_miss(va, large, number, tag, store);
    }
    if (__builtin_expect(store && !entry->dirty, 0)) {
        set_dirty(entry, number, tag);
    }
    uint32_t within = (uint32_t)(va >> LINE_SHIFT) & ((1u << (shift - LINE_SHIFT)) - 1);
    return (struct place){entry->line + within, entry->page, entry->tier, entry};
}

/* A line leaves a first level: it is no longer a recent one. */
static void forget_line(uint32_t line)
{
    model.recent[line & model.recent_mask].key = 0;
}

/* Takes a line out of a core's private caches; returns it with its dirty bit, or LINE_NONE. */
static uint32_t take_private(struct core *core, uint32_t line)
{
    uint32_t *row = cache_row(&core->l2, line);
    int way = cache_find(&core->l2, row, line);

    if (way < 0) {
        return LINE_NONE;
    }
    uint32_t taken = cache_remove(&core->l2, row, way);
    forget_line(line);
    row = cache_row(&core->l1, line);
    way = cache_find(&core->l1, row, line);
    return way < 0 ? taken : taken | cache_remove(&core->l1, row, way);
}

static uint32_t take_llc(uint32_t line)
{
    uint32_t *row = cache_row(&model.llc, line);
    int way = cache_find(&model.llc, row, line);

    return way < 0 ? LINE_NONE : cache_remove(&model.llc, row, way);
}

static void write_back(uint32_t line, uint64_t insns)
{
    struct port *port = &model.core->port[path_tier(line)];

    model.counters->writebacks++;
    path_stall(port_write_back(port, line, model_now_ps(insns)));
}

/* Puts a line into the second level; what falls out goes to the last level, and from there, if dirty, to memory. */
static void fill_l2(uint32_t line, uint64_t insns)
{
    struct core *core = model.core;
    uint32_t victim = cache_insert(&core->l2, cache_row(&core->l2, line & LINE_NUMBER), line);

    core->l2.used = true;
    if (victim == LINE_NONE) {
        return;
    }
    uint32_t number = victim & LINE_NUMBER, *row = cache_row(&core->l1, number);
    int way = cache_find(&core->l1, row, number);
    if (way >= 0) {
        victim |= cache_remove(&core->l1, row, way);
        forget_line(number);
    }
    victim = cache_insert(&model.llc, cache_row(&model.llc, number), victim);
    if (victim & LINE_DIRTY) {
        write_back(victim & LINE_NUMBER, insns);
    }
}

/* Puts a line into the first level; a dirty victim leaves its mark in the second, which contains it. */
static void fill_l1(uint32_t line)
{
    struct core *core = model.core;
    uint32_t victim = cache_insert(&core->l1, cache_row(&core->l1, line & LINE_NUMBER), line);

    if (victim & LINE_DIRTY) {
        uint32_t number = victim & LINE_NUMBER, *row = cache_row(&core->l2, number);
        row[cache_find(&core->l2, row, number)] |= LINE_DIRTY;
    }
}

/* A line comes from memory: the larger of its latency (over the overlap) and the wait for its lane. */
static void fetch(const struct place *place, bool store, uint64_t insns)
{
    struct core *core = model.core;
    struct port *port = &core->port[path_tier(place->line)];
    uint64_t now_ps = model_now_ps(insns), earliest_ps = now_ps;
    bool ahead = model.prefetching && prefetch_miss(&core->prefetch, place->line, now_ps, &earliest_ps);

    model.counters->misses++;
    if (ahead) {
        model.counters->prefetched++;
        earliest_ps = earliest_ps + port->ahead_ps > now_ps ? earliest_ps : now_ps - port->ahead_ps;
    }
    struct read_cost cost = port_read(port, place->line, now_ps, earliest_ps);
    if (store) {
        uint64_t latency_ps = ahead ? 0 : port->fill_ps[cost.further];
        uint64_t arrival_ps = now_ps + latency_ps > cost.done_ps ? now_ps + latency_ps : cost.done_ps;
        path_stall(store_buffer_push(&core->stores, now_ps, arrival_ps));
        return;
    }
    uint64_t latency_ps = ahead ? 0 : port->load_ps[model.mlp_kind][cost.further];
    uint64_t wait_ps = cost.done_ps > now_ps ? cost.done_ps - now_ps : 0;
    path_stall(wait_ps > latency_ps ? wait_ps : latency_ps);
}

/* Past the first level. */
static __attribute__((noinline)) void touch_further(const struct place *place, bool store, uint64_t insns)
{
    struct core *core = model.core;
    uint32_t line = place->line, dirty = store ? LINE_DIRTY : 0, found;
    uint32_t *row = cache_row(&core->l2, line);
    int way = cache_find(&core->l2, row, line);

    if (way >= 0) {
        cache_touch(row, way, 0);
        model.counters->l2_hits++;
        path_stall(store ? 0 : model.config->l2_ps);
        fill_l1(line | dirty);
        return;
    }
    struct core *other = &model.cores[!model.nr_core];
    found = take_llc(line);
    if (found == LINE_NONE && other->l2.used) {
        found = take_private(other, line);
    }
    if (found != LINE_NONE) {
        model.counters->llc_hits++;
        path_stall(store ? 0 : model.config->llc_ps);
    } else {
        path_request(place, store);
        fetch(place, store, insns);
        found = line;
    }
    fill_l2(found, insns);
    fill_l1(line | dirty);
}

static inline void touch(const struct place *place, bool store, uint64_t insns)
{
    struct core *core = model.core;
    uint32_t *row = cache_row(&core->l1, place->line);
    int way = cache_find(&core->l1, row, place->line);

    if (__builtin_expect(way >= 0, 1)) {
        model.counters->l1_hits++;
        cache_touch(row, way, store ? LINE_DIRTY : 0);
    } else {
        touch_further(place, store, insns);
    }
}

void path_sample(const struct place *place, bool store)
{
    struct model_header *header = model.header;

    model.sample_left[store] = model.sample_period[store];
    if (header->ring_head - model.bells->ring_tail >= header->ring_entries) {
        header->ring_dropped++;
        return;
    }
    struct model_sample *sample = &model.ring[header->ring_head++ & (header->ring_entries - 1)];
    *sample = (struct model_sample){.page = place->page, .tier = (uint8_t)place->tier, .store = store};
    for (uint64_t i = 0; i < model.nr_spaces; i++) {
        const struct model_space *space = &model.spaces[i];
        uint64_t index = place->page - space->first_page;
        if (index < space->nr_pages) {
            sample->va = space->va + (index << 12) + ((uint64_t)place->line << LINE_SHIFT & 0xfff);
        }
    }
    model.counters->serial_ps += model.config->sample_ps;
    *model.core_ps += model.config->sample_ps;
}

/* Books the access itself. True when it is to be compared with QEMU's address. */
static inline bool count(const struct place *place, bool store)
{
    if (place->page == PAGE_NONE) {
        return false;
    }
    if (model.counting) {
        struct page_truth *truth = &model.truth.counting[place->page];
        (store ? model.counters->stores : model.counters->loads)[place->tier]++;
        *(store ? &truth->stores : &truth->loads) += 1;
        if (store && model.sample_period[1] && !--model.sample_left[1]) {
            path_sample(place, true);
        }
    }
    if (--model.samples_left) {
        return false;
    }
    model.samples_left = SAMPLE_LINES;
    return true;
}

/* Remembers a line that is now the most recent of its first-level set. */
static inline void remember(uint64_t va, const struct place *place, bool store)
{
    struct recent *recent = &model.recent[va >> LINE_SHIFT & model.recent_mask];
    bool counted = model.counting && place->page != PAGE_NONE;

    recent->key = model_recent_key(va);
    recent->entry = place->entry;
    recent->tag = place->entry->tag;
    recent->loads = counted ? &model.counters->loads[place->tier] : &model.spare_count;
    recent->stores = counted ? &model.counters->stores[place->tier] : &model.spare_count;
    recent->truth = counted ? &model.truth.counting[place->page] : &model.spare_truth;
    recent->dirty = store && !model.sample_period[1]; /* while stores are sampled, each is looked at */
}

/*
 * The tables of a page that was not used lately are not in the host's caches: fetch them side by side, now, while the
 * TLB is searched. Only speed depends on it.
 */
static inline void fetch_tables(uint64_t va)
{
    uint64_t index = (va - model.spaces[0].va) >> 12;

    if (index < model.spaces[0].nr_pages) {
        index += model.spaces[0].first_page;
        __builtin_prefetch(&model.frames[index], 0);
        __builtin_prefetch(&model.truth.counting[index], 1);
    }
}

bool model_access(uint64_t va, uint32_t size, bool store, uint64_t insns)
{
    fetch_tables(va);
    struct place place = translate(va, store);

    if (__builtin_expect(place.tier == MODEL_TIERS, 0)) {
        return false;
    }
    bool check = count(&place, store);
    touch(&place, store, insns);
    remember(va, &place, store);
    if (__builtin_expect((va & 63) + size > 64, 0)) {
        uint64_t next = (va | 63) + 1;
        place = translate(next, store);
        if (place.tier != MODEL_TIERS) {
            touch(&place, store, insns);
            remember(next, &place, store);
        }
    }
    return check;
}

struct place path_translate(uint64_t va, bool store)
{
    return translate(va, store);
}

bool path_count(const struct place *place, bool store)
{
    return count(place, store);
}

void path_drop(uint32_t line, uint64_t insns)
{
    uint32_t taken = take_private(&model.cores[0], line);

    if (taken == LINE_NONE && model.cores[1].l2.used) {
        taken = take_private(&model.cores[1], line);
    }
    if (taken == LINE_NONE) {
        taken = take_llc(line);
    }
    if (taken & LINE_DIRTY) {
        write_back(line, insns);
    }
}
