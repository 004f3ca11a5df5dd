/*
 * The path of one access: TLB, truth, caches. What lies behind the TLB is walk.c, the caches are hierarchy.c.
 */
#include "model/path.h"

#define LARGE_SHIFT 21
#define DEVICES_START                                                                                                  \
    0xc0000000ull /* QEMU's pc machine keeps RAM below 3 GiB when it fits; device registers lie above */
#define DEVICES_END 0x100000000ull

struct model model;

uint32_t *path_leaf(uint64_t va)
{
    uint32_t in = model.space_in[va >> 39 & 511];

    if (!in) {
        return NULL;
    }
    const struct model_space *space = &model.spaces[in - 1];
    uint64_t index = (va - space->va) >> 12;
    return index < space->nr_pages ? (uint32_t *)&model.leaves[(space->first_page + index) / MODEL_LEAF_PAGES] : NULL;
}

/* A page of a space: 4 KiB unless the guest has announced a larger leaf. A machine's pages are 4 KiB whatever the nested
 * leaf is: the TLB keeps the smaller of both (APM 2, 15.25.9, page splintering). All else counts as 2 MiB. */
static inline bool path_large(uint64_t va)
{
    uint32_t in = model.space_in[va >> 39 & 511];

    if (!in) {
        return true;
    }
    const uint32_t *leaf = path_leaf(va);
    return leaf && *leaf == MODEL_LEAF_LARGE && !model.machine_tables[in - 1].first;
}

uint32_t path_frame(uint64_t page)
{
    uint64_t first = page & ~(MODEL_LEAF_PAGES - 1ull);

    if (model.leaves[page / MODEL_LEAF_PAGES] != MODEL_LEAF_LARGE) {
        return model.frames[page];
    }
    return model.frames[first] ? model.frames[first] + (uint32_t)(page - first) : 0;
}

/* What a page is, when no TLB level knows it. */
static struct tlb_entry resolve(uint64_t va, bool large, uint64_t tag)
{
    struct tlb_entry entry = {.tag = tag, .page = PAGE_NONE};
    uint32_t in = model.space_in[va >> 39 & 511];

    if (in) {
        const struct model_space *space = &model.spaces[in - 1];
        uint64_t index = (va - space->va) >> 12;
        if (index < space->nr_pages) {
            entry.page = (uint32_t)(space->first_page + (large ? index & ~(MODEL_LEAF_PAGES - 1ull) : index));
            uint32_t frame = path_frame(entry.page);
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

/* A store through an entry that was loaded for reading, while D was clear: the processor walks again to set D. */
static __attribute__((noinline)) uint64_t set_dirty(uint64_t va, struct tlb_entry *entry, uint64_t number, bool large,
                                                    uint64_t ready_ps, uint64_t insns)
{
    struct tlb_entry *second = tlb_find(&model.core->tlb, 1, number, entry->tag);

    ready_ps = walk_page(va, large, true, ready_ps ? ready_ps : model_now_ps(insns), entry, insns);
    if (second) {
        second->dirty = 1;
    }
    return ready_ps;
}

/* First-level miss: the second level, or a walk. *ready_ps becomes when the translation is known. */
static __attribute__((noinline)) struct tlb_entry *
translate_miss(uint64_t va, bool large, uint64_t number, uint64_t tag, bool store, uint64_t *ready_ps, uint64_t insns)
{
    struct tlb *tlb = &model.core->tlb;
    struct tlb_entry *second = tlb_find(tlb, 1, number, tag);

    model.counters->tlb1_misses++;
    *ready_ps = model_now_ps(insns) + model.config->tlb2_ps;
    if (!second) {
        struct tlb_entry entry = resolve(va, large, tag);
        *ready_ps = walk_page(va, large, store, *ready_ps, &entry, insns);
        second = tlb_fill(tlb, 1, number, &entry);
    }
    return tlb_fill(tlb, 0, number, second);
}

static inline struct place translate(uint64_t va, bool store, uint64_t insns)
{
    bool large = path_large(va);
    unsigned shift = large ? LARGE_SHIFT : 12;
    uint64_t number = va >> shift, tag = tlb_tag(number, large), ready_ps = 0;
    struct tlb_entry *entry = tlb_find(&model.core->tlb, 0, number, tag);

    if (__builtin_expect(!entry, 0)) {
        entry = translate_miss(va, large, number, tag, store, &ready_ps, insns);
    }
    if (__builtin_expect(store && !entry->dirty, 0)) {
        ready_ps = set_dirty(va, entry, number, large, ready_ps, insns);
    }
    uint32_t within = (uint32_t)(va >> LINE_SHIFT) & ((1u << (shift - LINE_SHIFT)) - 1);
    uint32_t page = entry->page == PAGE_NONE ? PAGE_NONE : entry->page + (within >> (12 - LINE_SHIFT));
    return (struct place){entry->line + within, page, entry->tier, entry, ready_ps};
}

void path_sample(const struct place *place, uint32_t tier, bool store)
{
    struct model_header *header = model.header;

    model.sample_left[store] = model.sample_period[store];
    if (header->ring_head - model.bells->ring_tail >= header->ring_entries) {
        header->ring_dropped++;
        return;
    }
    struct model_sample *sample = &model.ring[header->ring_head++ & (header->ring_entries - 1)];
    *sample = (struct model_sample){.page = place->page, .tier = (uint8_t)tier, .store = store};
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

/* Counts the access itself. True when it is to be compared with QEMU's address. */
static inline bool count(const struct place *place, bool store)
{
    if (place->page == PAGE_NONE) {
        return false;
    }
    if (model.counting) {
        struct page_truth *truth = truth_of(&model.truth, place->page);
        *(store ? &truth->stores : &truth->loads) += 1;
        (store ? model.counters->stores : model.counters->loads)[place->tier]++;
        if (store && model.sample_period[1] && !--model.sample_left[1]) {
            path_sample(place, place->tier, true);
        }
    }
    if (--model.samples_left) {
        return false;
    }
    model.samples_left = SAMPLE_LINES;
    return true;
}

/* Remembers a line that is now the most recent of its first-level set: where it stood, or in place of another. */
static inline void remember(uint64_t va, const struct place *place, bool store)
{
    uint32_t set = va >> LINE_SHIFT & model.recent_mask, way = 0;
    uint64_t key = model_recent_key(va);
    bool counted = model.counting && place->page != PAGE_NONE;

    while (way < RECENT_WAYS && model.recent[set][way].key != key) {
        way++;
    }
    way = way < RECENT_WAYS ? way : (uint32_t)(model.newest[set] - model.recent[set] + 1) % RECENT_WAYS;
    struct recent *recent = model.newest[set] = &model.recent[set][way];
    recent->key = key;
    recent->line = place->line;
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
    struct place place = translate(va, store, insns);

    if (__builtin_expect(place.tier == MODEL_TIERS, 0)) {
        return false;
    }
    bool check = count(&place, store);
    path_touch(&place, store, insns);
    remember(va, &place, store);
    if (__builtin_expect((va & 63) + size > 64, 0)) {
        uint64_t next = (va | 63) + 1;
        place = translate(next, store, insns);
        if (place.tier != MODEL_TIERS) {
            path_touch(&place, store, insns);
            remember(next, &place, store);
        }
    }
    return check;
}

struct place path_translate(uint64_t va, bool store, uint64_t insns)
{
    return translate(va, store, insns);
}

bool path_count(const struct place *place, bool store)
{
    return count(place, store);
}

/* Finds whose entries lie in a frame (+ 1). In a machine a page has two entries, the nested one and its own: what is taken
 * from either has to be set again. Which table maps 512 pages is known by region, not by frame: a search, but a locked
 * write past the last one's table begins another, and trackers write many to each. */
static void find_locked(uint32_t frame)
{
    model.locked_frame = frame;
    model.locked_pages = NULL;
    model.locked_directory = NULL;
    for (uint64_t i = 0; i < model.nr_leaves; i++) {
        if (model.leaves[i] == frame || (model.machines && machine_leaf_frame((uint32_t)i) == frame - 1)) {
            model.locked_pages = model.walked + i * MODEL_LEAF_PAGES;
            return;
        }
    }
    for (uint32_t i = 0; i < model.tables.nr_directories; i++) {
        if (model.tables.directory[i].frame + 1 == frame) {
            model.locked_directory = &model.tables.directory[i];
        }
    }
}

/* The frame (+ 1) in which a word lies that may be an entry: the host reaches tables by the direct map, a machine its own by
 * the addresses of its memory. 0: none. */
static uint32_t frame_of_word(uint64_t va)
{
    if (!model.machine_va) {
        return va >= DIRECT_VA && va < MODEL_VA ? (uint32_t)((va - DIRECT_VA) >> 12) + 1 : 0;
    }
    const struct model_space *space = &model.spaces[(model.space_in[va >> 39 & 511] - 1u) % MODEL_SPACES];
    uint64_t page = (va - space->va) >> 12;
    return page < space->nr_pages ? path_frame(space->first_page + page) : 0;
}

void model_locked(uint64_t va)
{
    uint32_t frame = frame_of_word(va);

    model.taken_page = 0;
    if (!frame) {
        return;
    }
    if (frame != model.locked_frame) {
        find_locked(frame);
    }
    if (model.locked_pages) {
        uint8_t *byte = &model.locked_pages[va >> 3 & 511];
        *byte &= (uint8_t)~WALKED_SET;
        model.taken_page = model.machine_va ? (uint64_t)(byte - model.walked) + 1 : 0;
    } else if (model.locked_directory) {
        uint64_t at = model.locked_directory->gib << 30 | (va >> 3 & 511) << LARGE_SHIFT;
        uint32_t in = model.space_in[at >> 39 & 511];
        /* A machine's nested tables go by its physical addresses, its space by virtual ones. */
        const uint32_t *leaf = path_leaf(in ? at + (model.spaces[in - 1].va & MACHINE_MASK) : at);
        if (leaf && *leaf == MODEL_LEAF_LARGE) {
            uint8_t set = WALKED_SET << (model.machine_tables[in - 1].first ? WALKED_NESTED : 0);
            model.walked[(uint64_t)(leaf - model.leaves) * MODEL_LEAF_PAGES] &= (uint8_t)~set;
        }
    }
}
