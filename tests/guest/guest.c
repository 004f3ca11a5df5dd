#include "tests/guest/guest.h"
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "kernel/model.h"
#include "kernel/panic.h"
#include "lib/string.h"
#include "kernel/trap.h"
#include "mm/direct.h"
#include "mm/memory.h"

/*
 * The faulting instructions stand first in functions without a frame of their own, so that whoever handles the fault
 * can return in their place: the return address is on top of the stack, also when the fetch of a called address faults.
 */
__asm__(".text\n"
        "probe_load:    movb (%rdi), %al; xorl %eax, %eax; ret\n"
        "probe_store:   movb (%rdi), %al; movb %al, (%rdi); xorl %eax, %eax; ret\n"
        "probe_execute: xorl %eax, %eax; jmp *%rdi\n"
        "probe_faulted: movl probe_error, %eax; ret\n");
u32 probe_load(vaddr_t va), probe_store(vaddr_t va), probe_execute(vaddr_t va);
extern char probe_faulted[];
extern u32 probe_error;
u32 probe_error;

static bool probe_handler(struct trap_frame *frame)
{
    probe_error = GUEST_FAULTED | (u32)frame->error;
    frame->rip = (u64)probe_faulted;
    return true;
}

static u32 probe(u32 (*access)(vaddr_t va), vaddr_t va)
{
    u32 error;

    trap_set_handler(VECTOR_PAGE_FAULT, probe_handler);
    error = access(va);
    space_fault_init(&arena, 1);
    return error;
}

u32 guest_load(vaddr_t va)
{
    return probe(probe_load, va);
}

u32 guest_store(vaddr_t va)
{
    return probe(probe_store, va);
}

u32 guest_execute(vaddr_t va)
{
    return probe(probe_execute, va);
}

void guest_fill(u32 first, u32 count, enum tier tier)
{
    for (u32 page = first; page < first + count; page++) {
        pfn_t pfn = space_frame_alloc(&arena, tier);
        u64 *words = pfn_to_virt(pfn);
        ASSERT(pfn != PFN_INVALID);
        for (u32 i = 0; i < PAGE_SIZE / sizeof(u64); i++)
            words[i] = guest_word(page, i);
        space_map(&arena, page, pfn);
    }
}

/* Frames taken away are chained through their first words. */
static pfn_t hogged = PFN_INVALID;

void guest_hog(enum tier tier, u32 leave)
{
    while (space_room(&arena, tier) > leave) {
        pfn_t pfn = space_frame_alloc(&arena, tier);
        *(pfn_t *)pfn_to_virt(pfn) = hogged;
        hogged = pfn;
    }
}

void guest_release(void)
{
    while (hogged != PFN_INVALID) {
        pfn_t next = *(pfn_t *)pfn_to_virt(hogged);
        space_frame_free(&arena, frame_tier(hogged), hogged);
        hogged = next;
    }
}

struct guest_orders guest_orders;

static void list_start(struct space *space)
{
    (void)space;
}

static struct order list_next(struct space *space, enum tier to)
{
    struct guest_orders *o = &guest_orders;

    (void)space;
    if (to == TIER_FAST ? o->promoted == o->nr_promote : o->demoted == o->nr_demote)
        return (struct order){.page = NO_PAGE};
    return (struct order){.page = to == TIER_FAST ? o->promote[o->promoted++] : o->demote[o->demoted++], .to = (u8)to};
}

static void list_done(struct space *space, struct order order, enum outcome outcome)
{
    if (outcome == MOVED)
        EXPECT_EQ(order.to, space_tier(space, order.page));
    guest_orders.outcomes[order.to][outcome]++;
}

const struct classifier guest_list = {
    .part = {.name = "guest-list", .summary = "for tests: orders from two lists", .start = list_start},
    .next = list_next,
    .done = list_done,
};

void guest_start(const struct tracker *tracker, const struct migrator *migrator, struct guest_orders orders)
{
    guest_orders = orders;
    parts_start(&arena, tracker, &guest_list, migrator);
}

u32 guest_move_all(u32 budget, u32 most)
{
    u32 steps = 0;

    while (!arena.migrator->step(&arena, budget) && ++steps < most)
        ;
    return steps;
}

struct key_change {
    const char *name;
    u64 value;
};

static void exchange_number(const struct key *key, void *data)
{
    struct key_change *change = data;
    u64 old;

    if (!change->name || strcmp(key->name, change->name))
        return;
    old = *key->number;
    *key->number = change->value;
    *change = (struct key_change){.value = old};
}

u64 guest_set_key(const char *name, u64 value)
{
    struct key_change change = {name, value};

    keys_for_each(exchange_number, &change);
    ASSERT(!change.name);
    return change.value;
}

bool guest_can_start(const struct part *part)
{
    return strncmp(part->name, "broken-", 7) && (model_present() || (!part->uses_truth && strcmp(part->name, "sample")));
}

u64 guest_counter(enum part_kind kind, const char *name)
{
    const struct part *parts[NR_PARTS] = {(const void *)arena.tracker, (const void *)arena.classifier,
                                          (const void *)arena.migrator};
    const struct part *part = parts[kind];

    for (unsigned i = 0; i < MAX_COUNTERS && part->counters[i].name; i++)
        if (!strcmp(part->counters[i].name, name))
            return part_counter(&arena, kind, part, i);
    PANIC("no counter of that name");
}

void guest_expect_frames_owned(void)
{
    static u8 *owners[NR_TIERS];
    u32 owned[NR_TIERS] = {0};

    for (unsigned tier = 0; tier < NR_TIERS; tier++) {
        if (!owners[tier])
            owners[tier] = kmem_alloc(frame_pool(tier)->nr_frames);
        memset(owners[tier], 0, frame_pool(tier)->nr_frames);
    }
    for (u32 page = 0; page < arena.nr_pages; page++) {
        pte_t *entry = space_entry(&arena, page);
        if (!space_resident(&arena, page)) {
            EXPECT(!entry || !entry->bits);
            continue;
        }
        enum tier tier = space_tier(&arena, page);
        pfn_t pfn = space_pfn(&arena, page);
        EXPECT(frame_pool_in_use(frame_pool(tier), pfn));
        EXPECT_EQ(0, owners[tier][pfn - frame_pool(tier)->first]++);
        bool named = pte_present(*entry) || (page % PT_ENTRIES == 0 && space_leaf_pages(&arena, page) > 1);
        EXPECT_EQ(named ? pfn + 1 : 0, model_frames[arena.first_page + page]);
        owned[tier]++;
    }
    for (unsigned tier = 0; tier < NR_TIERS; tier++) {
        const struct frame_pool *pool = frame_pool(tier);
        u32 in_use = 0;
        for (u32 i = 0; i < pool->nr_frames; i++)
            in_use += frame_pool_in_use(pool, pool->first + i);
        EXPECT_EQ(owned[tier], arena.resident[tier]);
        EXPECT_EQ(owned[tier], arena.share[tier] - arena.left[tier]);
        EXPECT_EQ(owned[tier], in_use);
        EXPECT_EQ(owned[tier], pool->nr_frames - pool->nr_free);
    }
}

void guest_clean(void)
{
    guest_release();
    parts_stop(&arena);
    arena.in_fault = false;
    space_clear(&arena);
}

const char *guest_needs_icount(void)
{
    return strcmp(clock_kind(), "measured") ? NULL : "needs a clock that counts instructions";
}
