#include "model/walk.h"
#include "model/path.h"

#include <string.h>

#define PAGE_LINES_SHIFT (12 - LINE_SHIFT)

/* Where the nested tables' leaves lie, one after the other: past all memory, and so in the fast tier. */
#define NESTED_LINE (1u << 30)

/* In the nested TLB: the address names a leaf of 2 MiB by its number, and no page. */
#define NESTED_LARGE (1ull << 60)

static const unsigned upper_shift[UPPER_LEVELS + 1] = {21, 30, 39, 12};

void upper_clear(struct upper *upper)
{
    for (int i = 0; i < UPPER_LEVELS; i++) {
        memset(upper->level[i].tag, 0, sizeof(upper->level[i].tag));
    }
}

void upper_reset(struct upper *upper)
{
    upper_clear(upper);
    memset(upper->level[UPPER_NESTED].tag, 0, sizeof(upper->level[UPPER_NESTED].tag));
}

static bool upper_find(struct upper *upper, int nr, uint64_t va)
{
    struct upper_level *level = &upper->level[nr];
    uint64_t tag = (va >> upper_shift[nr]) + 1;

    for (uint32_t i = 0; i < level->entries; i++) {
        if (level->tag[i] == tag) {
            level->stamp[i] = ++upper->clock;
            return true;
        }
    }
    return false;
}

/* Puts an entry in place of the least recently used one, or of an empty one. */
static void upper_fill(struct upper *upper, int nr, uint64_t va)
{
    struct upper_level *level = &upper->level[nr];
    uint32_t oldest = 0;

    for (uint32_t i = 0; i < level->entries; i++) {
        if (!level->tag[i]) {
            oldest = i;
            break;
        }
        if (level->stamp[i] < level->stamp[oldest]) {
            oldest = i;
        }
    }
    if (level->entries) {
        level->tag[oldest] = (va >> upper_shift[nr]) + 1;
        level->stamp[oldest] = ++upper->clock;
    }
}

void tables_clear(struct tables *tables)
{
    memset(tables, 0xff, sizeof(*tables));
    tables->nr_directories = 0;
}

static struct directory *find_directory(struct tables *tables, uint64_t va)
{
    for (uint32_t i = 0; i < tables->nr_directories; i++) {
        if (tables->directory[i].gib == va >> 30) {
            return &tables->directory[i];
        }
    }
    return NULL;
}

int tables_add(struct tables *tables, uint64_t va, unsigned level, uint32_t frame)
{
    struct directory *known;

    if (level == 4) {
        tables->root = frame;
    } else if (level == 3) {
        tables->pointers[va >> 39 & 511] = frame;
    } else if (level == 2 && (known = find_directory(tables, va))) {
        known->frame = frame; /* a machine's memory was mapped anew */
    } else if (level == 2 && tables->nr_directories < MAX_DIRECTORIES) {
        tables->directory[tables->nr_directories++] = (struct directory){va >> 30, frame};
    } else {
        return -1;
    }
    return 0;
}

/* The frame of the table of `level` that maps `va`. */
static uint32_t table_frame(uint64_t va, unsigned level)
{
    struct tables *tables = &model.tables;
    const struct directory *directory;
    uint32_t *leaf;

    switch (level) {
    case 4:
        return tables->root;
    case 3:
        return tables->pointers[va >> 39 & 511];
    case 2:
        directory = find_directory(tables, va);
        return directory ? directory->frame : FRAME_NONE;
    }
    leaf = path_leaf(va);
    return leaf && *leaf && *leaf != MODEL_LEAF_LARGE ? *leaf - 1 : FRAME_NONE;
}

void machine_tables_at(uint32_t space, uint32_t first)
{
    const struct model_space *memory = &model.spaces[space];
    uint64_t end = (memory->va & MACHINE_MASK) + (memory->nr_pages << 12);

    model.machine_tables[space] = (struct machine_tables){first, (uint32_t)((end + (1ull << 30) - 1) >> 30)};
    model.machines = true;
}

/* The page in which the table of `level` lies that maps `va` of the machine's. */
static uint64_t machine_table(uint32_t space, uint64_t va, unsigned level)
{
    const struct machine_tables *tables = &model.machine_tables[space];

    switch (level) {
    case 4:
        return tables->first;
    case 3:
        return tables->first + 1;
    case 2:
        return tables->first + 2 + ((va & MACHINE_MASK) >> 30);
    }
    return tables->first + 2 + tables->directories + ((va - model.spaces[space].va) >> 21);
}

/* The frame of a machine's page, which is there: the processor has just come through it. */
static uint32_t machine_frame(const struct model_space *space, uint64_t page)
{
    uint32_t frame = page < space->nr_pages ? path_frame(space->first_page + page) : 0;

    return frame ? frame - 1 : FRAME_NONE;
}

uint32_t machine_leaf_frame(uint32_t leaf)
{
    uint64_t page = (uint64_t)leaf * MODEL_LEAF_PAGES;

    for (uint32_t i = 0; i < model.nr_spaces; i++) {
        const struct model_space *space = &model.spaces[i];
        if (page - space->first_page < space->nr_pages && model.machine_tables[i].first) {
            uint64_t va = space->va + ((page - space->first_page) << 12);
            return machine_frame(space, machine_table(i, va, 1));
        }
    }
    return FRAME_NONE;
}

/* Reads an entry and, with `set`, sets A or D in it. */
static uint64_t entry_at(uint32_t frame, uint32_t index, bool set, uint64_t at_ps, uint64_t insns)
{
    model.counters->walk_loads++;
    at_ps = path_read_entry(frame << PAGE_LINES_SHIFT | index >> 3, set, at_ps, insns);
    if (set) {
        model.counters->entry_sets++;
        at_ps += model.config->entry_set_ps;
    }
    return at_ps;
}

/* Whether nested tables map a machine's page by a leaf of 2 MiB. */
static bool nested_large(const struct model_space *space, uint64_t page)
{
    return page < space->nr_pages && model.leaves[(space->first_page + page) / MODEL_LEAF_PAGES] == MODEL_LEAF_LARGE;
}

/* The nested leaf that maps a machine's page: the frame of its table, its place there, and its name in the nested TLB. */
struct nested_leaf {
    uint32_t table, index;
    uint64_t address;
};

static struct nested_leaf nested_leaf(const struct model_space *space, uint64_t page)
{
    uint64_t at = space->first_page + page;
    uint32_t leaf = page < space->nr_pages ? model.leaves[at / MODEL_LEAF_PAGES] : 0;

    if (leaf != MODEL_LEAF_LARGE) {
        return (struct nested_leaf){leaf ? leaf - 1 : FRAME_NONE, page & (MODEL_LEAF_PAGES - 1), at << 12};
    }
    return (struct nested_leaf){table_frame((space->va & ~MACHINE_MASK) + (page << 12), 2),
                                page / MODEL_LEAF_PAGES & (MODEL_LEAF_PAGES - 1), NESTED_LARGE | at / MODEL_LEAF_PAGES << 12};
}

/* Translates a machine's page by the nested TLB, or, also where bits have to be set, by its nested tables, of which the leaf alone is
 * read: the levels above are taken to be cached, as one of their entries covers 2 MiB or more. Returns when that is known. */
static uint64_t machine_page(const struct model_space *space, uint64_t page, bool set, uint64_t at_ps, uint64_t insns)
{
    struct upper *upper = &model.core->upper;
    struct nested_leaf leaf = nested_leaf(space, page);

    bool known = upper_find(upper, UPPER_NESTED, leaf.address);
    if (known && !set) {
        return at_ps;
    }
    if (leaf.table == FRAME_NONE) {
        model_error(MODEL_TABLE_MISSING, space->va + (page << 12));
        return at_ps;
    }
    at_ps = entry_at(leaf.table, leaf.index, set, at_ps, insns);
    if (!known) {
        upper_fill(upper, UPPER_NESTED, leaf.address);
    }
    return at_ps;
}

/* Where the bits of the nested leaf of 2 MiB over a page are kept. */
static uint8_t *nested_walked(const struct model_space *space, uint64_t page)
{
    return &model.walked[(space->first_page + page) & ~(MODEL_LEAF_PAGES - 1ull)];
}

/* Whether a walk has to set A or D in that leaf; it has them afterwards. */
static bool sets_nested(const struct model_space *space, uint64_t page, bool store)
{
    uint8_t *walked = nested_walked(space, page);
    uint8_t want = (store ? WALKED_ALL : WALKED_ACCESSED | WALKED_SET) << WALKED_NESTED;
    uint8_t needs = (store ? WALKED_DIRTY | WALKED_SET : WALKED_SET) << WALKED_NESTED;
    bool set = (*walked & needs) != needs;

    *walked |= want;
    return set;
}

/* The same for one of the machine's tables: to the nested tables its walks are writes (APM 2, 15.25.6). */
static uint64_t machine_table_page(const struct model_space *space, uint64_t page, uint64_t at_ps, uint64_t insns)
{
    uint8_t *walked = &model.walked[space->first_page + (page < space->nr_pages ? page : 0)];
    bool set = !(*walked & WALKED_SET);

    if (nested_large(space, page)) {
        set = sets_nested(space, page, true);
    } else {
        *walked |= WALKED_ACCESSED | WALKED_DIRTY | WALKED_SET;
    }
    return machine_page(space, page, set, at_ps, insns);
}

/*
 * A machine's walk: from the lowest level that a cache of upper levels names, each of its own tables is found by the
 * nested ones and its entry read where the page lies; so is, in the end, the page itself. `set`: its entries have bits
 * to be set; the leaf of the nested tables stands for both, unless that is one of 2 MiB, which has bits of its own.
 */
static uint64_t machine_walk(uint32_t in, uint64_t va, bool store, bool set, uint64_t at_ps, struct tlb_entry *entry,
                             uint64_t insns)
{
    const struct model_space *space = &model.spaces[in];
    struct upper *upper = &model.core->upper;
    uint64_t data = (va - space->va) >> 12;
    bool large = nested_large(space, data);
    unsigned level = 1;

    while (level < 4 && !upper_find(upper, (int)level - 1, va)) {
        level++;
    }
    for (; level; level--) {
        uint64_t page = machine_table(in, va, level);
        uint32_t frame = machine_frame(space, page), index = va >> (12 + 9 * (level - 1)) & 511;
        if (frame == FRAME_NONE) {
            model_error(MODEL_TABLE_MISSING, va);
            return at_ps;
        }
        at_ps = machine_table_page(space, page, at_ps, insns);
        at_ps = entry_at(frame, level == 4 ? 0 : index, set && large && level == 1, at_ps, insns);
        if (level > 1) {
            upper_fill(upper, (int)level - 2, va);
        }
    }
    if (large) {
        set = sets_nested(space, data, store);
        if (!(*nested_walked(space, data) & WALKED_DIRTY << WALKED_NESTED)) {
            entry->dirty = 0;
        }
    }
    return machine_page(space, data, set, at_ps, insns);
}

/* Whether `va` is of a machine whose tables are known; *in becomes its space. */
static bool is_machine(uint64_t va, uint32_t *in)
{
    if (!model.machine_va) {
        return false;
    }
    *in = model.space_in[va >> 39 & 511] - 1u;
    return *in < model.nr_spaces && model.machine_tables[*in].first &&
           (va - model.spaces[*in].va) >> 12 < model.spaces[*in].nr_pages;
}

/* walk=nested without a machine: translates a guest-physical page. Returns when that is known. */
static uint64_t nested(uint32_t frame, uint64_t at_ps, uint64_t insns)
{
    struct upper *upper = &model.core->upper;
    uint64_t address = (uint64_t)frame << 12;

    if (model.config->walk != WALK_NESTED || model.machines || upper_find(upper, UPPER_NESTED, address)) {
        return at_ps;
    }
    model.counters->walk_loads++;
    at_ps = path_read_entry(NESTED_LINE | frame >> 3, false, at_ps, insns);
    upper_fill(upper, UPPER_NESTED, address);
    return at_ps;
}

/* Reads the entry of `level`; returns when it is there. */
static uint64_t read_entry(uint64_t va, unsigned level, bool set, uint64_t at_ps, uint64_t insns)
{
    uint32_t frame = table_frame(va, level), index = va >> (12 + 9 * (level - 1)) & 511;

    model.counters->walk_loads++;
    if (frame == FRAME_NONE) {
        model_error(MODEL_TABLE_MISSING, va);
        return at_ps;
    }
    return path_read_entry(frame << PAGE_LINES_SHIFT | index >> 3, set, nested(frame, at_ps, insns), insns);
}

/*
 * Whether the walk has to set A or D in the leaf. The page's byte of walked[] stands for its entry: WALKED_ACCESSED and
 * WALKED_DIRTY are what a tracker without flushes reads and clears, WALKED_SET that the entry's A bit is set. Entries
 * outside of the spaces have both bits set long since.
 */
static bool sets_bits(struct tlb_entry *entry, bool store)
{
    uint8_t *walked, was;

    entry->dirty = 1;
    if (entry->page == PAGE_NONE) {
        return false;
    }
    walked = &model.walked[entry->page];
    was = *walked;
    *walked |= WALKED_SET;
    if (model.nr_core == CORE_WORKLOAD) { /* the daemon's accesses leave no mark */
        *walked |= store ? WALKED_ACCESSED | WALKED_DIRTY : WALKED_ACCESSED;
        entry->dirty = (*walked & WALKED_DIRTY) != 0;
    }
    return !(was & WALKED_SET) || (store && !(was & WALKED_DIRTY));
}

static uint64_t native_walk(uint64_t va, bool large, bool set, uint64_t at_ps, const struct tlb_entry *entry,
                            uint64_t insns)
{
    struct core *core = model.core;
    unsigned leaf = large ? 2 : 1, level = leaf;

    /* The lowest level whose table a cache of upper levels names; without any, the root. */
    while (level < 4 && !upper_find(&core->upper, (int)level - 1, va)) {
        level++;
    }
    for (; level > leaf; level--) {
        at_ps = read_entry(va, level, false, at_ps, insns);
        upper_fill(&core->upper, (int)level - 2, va);
    }
    at_ps = read_entry(va, leaf, set, at_ps, insns);
    at_ps = nested((entry->line >> PAGE_LINES_SHIFT) + (large ? va >> 12 & (MODEL_LEAF_PAGES - 1) : 0), at_ps, insns);
    if (set) {
        model.counters->entry_sets++;
        at_ps += model.config->entry_set_ps;
    }
    return at_ps;
}

uint64_t walk_page(uint64_t va, bool large, bool store, uint64_t start_ps, struct tlb_entry *entry, uint64_t insns)
{
    struct flight *flight = &model.core->flight;
    bool set = sets_bits(entry, store);
    uint32_t in;
    bool machine = is_machine(va, &in);

    model.counters->walks++;
    if (model.config->walk == WALK_CONSTANT || (model.machine_va && !machine)) {
        uint64_t ps = model.config->walk_ps * (large ? 3 : 4);
        model.counters->walk_ps += ps;
        return start_ps + ps;
    }
    uint64_t free_ps = flight_walker(flight), begin_ps = free_ps > start_ps ? free_ps : start_ps;
    uint64_t at_ps = begin_ps + model.config->psc_ps;
    at_ps = machine ? machine_walk(in, va, store, set, at_ps, entry, insns)
                    : native_walk(va, large, set, at_ps, entry, insns);
    flight_walked(flight, at_ps);
    model.counters->walk_ps += at_ps - begin_ps;
    return at_ps;
}
