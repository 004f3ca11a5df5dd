#include "mm/parts.h"
#include "kernel/cpu.h"
#include "kernel/err.h"
#include "kernel/model.h"
#include "kernel/panic.h"
#include "lib/string.h"
#include "mm/direct.h"
#include "mm/huge.h"
#include "mm/memory.h"
#include "mm/paging.h"
#include "mm/tlb.h"

enum placement space_placement;
u32 space_turn[NR_TIERS] = {1, 1};
bool space_tables_slow;

void space_init(struct space *space, unsigned index, u32 first_page, u32 nr_pages)
{
    u32 nr_tables = (nr_pages + PT_ENTRIES - 1) / PT_ENTRIES;
    vaddr_t base = (vaddr_t)(SPACE_PML4_SLOT + index) << pt_level_shift(PT_LEVELS);

    *space = (struct space){
        .base = base,
        .root_base = base,
        .leaf_bits = PTE_PRESENT | PTE_WRITE | PTE_NO_EXECUTE,
        .nr_pages = nr_pages,
        .first_page = first_page,
        .model_frames = model_frames + first_page, /* before the handshake: space_fault_init() sets it */
        .root = kernel_root(),
        .tables = kmem_alloc(nr_tables * sizeof(pte_t *)),
        .pages = kmem_alloc((nr_pages + MAX_PAGE_LISTS) * sizeof(struct page)),
    };
    ASSERT((u64)nr_pages << PAGE_SHIFT <= (u64)1 << pt_level_shift(PT_LEVELS));
    ASSERT(first_page % MODEL_LEAF_PAGES == 0);
    /* The tables above those of level 1, now: the handshake announces them to the model. */
    for (u64 offset = 0; offset < (u64)nr_pages << PAGE_SHIFT; offset += (u64)1 << pt_level_shift(3))
        pt_entry(space->root, space->base + offset, 2, true);
}

void space_init_nested(struct space *space, unsigned index, u32 first_page, u32 nr_pages)
{
    space_init(space, 0, first_page, nr_pages);
    space->base = space_machine_va(index) + MACHINE_LINEAR;
    space->root_base = 0;
    space->root = pt_new_table();
    space->leaf_bits = PTE_PRESENT | PTE_WRITE | PTE_USER;
}

static u32 shared_out[NR_TIERS]; /* to all spaces */

void space_share(struct space *space, enum tier tier, u32 frames)
{
    const struct frame_pool *pool = frame_pool(tier);

    shared_out[tier] += frames - space->share[tier];
    ASSERT(shared_out[tier] <= pool->nr_frames - pool->nr_reserved);
    space->left[tier] += (s32)(frames - space->share[tier]);
    space->share[tier] = frames;
}

void space_lend(struct space *from, struct space *to, u32 frames)
{
    for (unsigned tier = 0; tier < NR_TIERS; tier++) {
        u32 lent = MIN(frames, from->share[tier]);
        space_share(from, tier, from->share[tier] - lent);
        space_share(to, tier, to->share[tier] + lent);
    }
}

/* A table of level 1 in the slow tier, where there is room; else it is made in kernel memory. */
static __attribute__((noinline, cold)) void make_slow_table(struct space *space, vaddr_t va)
{
    pte_t *above = pt_entry(space->root, va, 2, true);
    pfn_t pfn = pte_present(*above) ? PFN_INVALID : space_frame_alloc(space, TIER_SLOW);

    if (pfn == PFN_INVALID)
        return;
    zero_page(pfn_to_virt(pfn));
    *above = pte_make(pfn, PTE_PRESENT | PTE_WRITE | PTE_USER);
}

static pte_t *make_entry(struct space *space, u32 page)
{
    vaddr_t va = space->root_base + ((vaddr_t)ALIGN_DOWN(page, PT_ENTRIES) << PAGE_SHIFT);
    pte_t **table = &space->tables[page / PT_ENTRIES];

    ASSERT(page < space->nr_pages);
    if (!*table) {
        if (space_tables_slow)
            make_slow_table(space, va);
        *table = pt_entry(space->root, va, 1, true);
        model_leaves[(space->first_page + page) / MODEL_LEAF_PAGES] = (u32)pfn_of(virt_to_phys(*table)) + 1;
    }
    return &(*table)[page % PT_ENTRIES];
}

pte_t space_replace(struct space *space, u32 page, pte_t pte)
{
    pte_t old = pte_exchange(make_entry(space, page), pte);

    if (pte_has_frame(old))
        space->resident[frame_tier(pte_pfn(old))]--;
    if (pte_has_frame(pte))
        space->resident[frame_tier(pte_pfn(pte))]++;
    space->model_frames[page] = pte_present(pte) ? pte_pfn(pte) + 1 : 0;
    return old;
}

static inline void map(struct space *space, u32 page, pfn_t pfn, enum tier tier)
{
    pte_t *entry = make_entry(space, page);
    u64 bits = space->leaf_bits;

    ASSERT(!entry->bits);
    if (__builtin_expect(space->new_reasons, 0)) {
        bits &= ~((space->new_reasons & REASONS_ACCESS ? PTE_PRESENT : 0) |
                  (space->new_reasons & REASONS_WRITE ? PTE_WRITE : 0));
        bits |= space->new_reasons;
    }
    entry->bits = paddr_of(pfn) | bits;
    space->resident[tier]++;
    space->model_frames[page] = bits & PTE_PRESENT ? pfn + 1 : 0;
}

void space_map(struct space *space, u32 page, pfn_t pfn)
{
    map(space, page, pfn, frame_tier(pfn));
}

void space_unmap(struct space *space, u32 page)
{
    pfn_t pfn = pte_pfn(space_replace(space, page, (pte_t){0}));

    space_frame_free(space, frame_tier(pfn), pfn);
}

void space_clear(struct space *space)
{
    for (u32 page = 0; page < space->nr_pages; page++) {
        pte_t *entry = space_entry(space, page);
        if (space_leaf_pages(space, page) > 1)
            huge_unmap(space, page);
        else if (entry && pte_has_frame(*entry))
            space_unmap(space, page);
    }
    memset(space->pages, 0, space->nr_pages * sizeof(struct page));
    tlb_flush_all(FLUSH_LOCAL);
}

bool space_resident(const struct space *space, u32 page)
{
    pte_t *entry = space_entry(space, page);

    return entry && pte_has_frame(*entry);
}

pfn_t space_pfn(const struct space *space, u32 page)
{
    return pte_pfn(*space_entry(space, page));
}

enum tier space_tier(const struct space *space, u32 page)
{
    return frame_tier(space_pfn(space, page));
}

void *space_bytes(const struct space *space, u32 page)
{
    ASSERT(space_resident(space, page));
    return pfn_to_virt(space_pfn(space, page));
}

bool space_make_room(struct space *space, enum tier tier)
{
    return space->migrator && space->migrator->release && space->migrator->release(space, tier) &&
           space_room(space, tier);
}

/* Fills a frame of that tier and maps it; false when there is none. */
static inline bool populate_in(struct space *space, u32 page, enum tier tier)
{
    pfn_t pfn;

    if (!space_has_room(space, tier))
        return false;
    pfn = space_frame_take(space, tier);
    zero_page(pfn_to_virt(pfn));
    map(space, page, pfn, tier);
    if (space->classifier && space->classifier->mapped)
        space->classifier->mapped(space, page, tier);
    return true;
}

static bool slow_turn(u32 page)
{
    return page % (space_turn[TIER_FAST] + space_turn[TIER_SLOW]) >= space_turn[TIER_FAST];
}

int space_populate(struct space *space, u32 page)
{
    const pte_t *entry = space_entry(space, page);

    return entry && entry->bits & (PTE_PROMISED | PTE_PIECE) ? huge_populate(space, page) : space_populate_page(space, page);
}

int space_populate_page(struct space *space, u32 page)
{
    bool slow_first = space_placement == PLACE_SLOW_FIRST ||
                      (space_placement == PLACE_BY_PAGE && (space->plan ? space->plan[page] == TIER_SLOW : slow_turn(page)));

    if (slow_first && populate_in(space, page, TIER_SLOW))
        return 0;
    if (populate_in(space, page, TIER_FAST))
        return 0;
    return !slow_first && populate_in(space, page, TIER_SLOW) ? 0 : ERR_NOMEM;
}
