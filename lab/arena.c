/* The arena: the one managed space, and what a workload may do with it outside of its measured phase. */
#include "kernel/clock.h"
#include "kernel/exit.h"
#include "kernel/hooks.h"
#include "lib/keys.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "lib/registry.h"
#include "lib/string.h"
#include "machines/corun.h"
#include "lab/lab.h"
#include "machines/leaves.h"
#include "machines/machines.h"
#include "lab/policy.h"
#include "lab/workload.h"
#include "mm/huge.h"
#include "mm/memory.h"
#include "mm/paging.h"
#include "mm/tlb.h"

static KEY_TEXT(place, "place", "fast-first", "fast-first|slow-first|interleave", "where first touches go");
static KEY_NUMBER(place_fast, "place_fast", 1, 1, 255,
                  "place=interleave: pages in the fast tier, then place_slow= in the slow one; Linux's weights, 1 to 255");
static KEY_NUMBER(place_slow, "place_slow", 1, 1, 255, "place=interleave: pages in the slow tier in turn");
static KEY_TEXT(
    tables, "tables", "kernel", "kernel|slow",
    "where the tables of level 1 that map the program lie: in the kernel's memory, which is fast, or in the "
    "slow tier, as those of a virtual machine do whose memory lies there");

struct space arena;

/* A policy that keeps everything in one tier gets a tier that holds everything: the launcher makes the node large
 * enough. */
void lab_memory_init(void)
{
    const struct policy *policy = policy_chosen(); /* its keys may place pages */
    u64 bytes[NR_TIERS] = {option_fast_bytes, option_slow_bytes};

    if (policy->keys)
        keys_preset(policy->keys);
    if (policy->everything_in) {
        bytes[TIER_FAST] = bytes[TIER_SLOW] = 0;
        bytes[policy->in] = option_fast_bytes + option_slow_bytes;
    }
    memory_init(bytes[TIER_FAST], bytes[TIER_SLOW]);
    space_tables_slow = !strcmp(tables, "slow");
    space_placement = !strcmp(place, "slow-first")   ? PLACE_SLOW_FIRST
                      : !strcmp(place, "interleave") ? PLACE_BY_PAGE
                                                     : PLACE_FAST_FIRST;
    space_turn[TIER_FAST] = (u32)place_fast;
    space_turn[TIER_SLOW] = (u32)place_slow;
}

void lab_arena_init(void)
{
    u32 nr_pages = (u32)((option_fast_bytes + option_slow_bytes) >> PAGE_SHIFT);

    if (machines_wanted() > 1) {
        corun_spaces();
        return;
    }
    if (machines_wanted())
        space_init_nested(&arena, 0, 0, nr_pages);
    else
        space_init(&arena, 0, 0, nr_pages);
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        space_share(&arena, tier, frame_pool(tier)->nr_free);
    model_handshake(&(struct model_space){.va = arena.base, .nr_pages = nr_pages}, 1);
    space_fault_init(&arena, 1);
    if (leaves_wanted())
        huge_promise(&arena);
    if (hook_is("fetch")) /* a jump to a page without a frame: no first touch, a fault of ours */
        ((void (*)(void))arena.base)();
}

void *arena_base(void)
{
    return (void *)arena.base;
}

/*
 * The view: a second mapping of the arena's frames, contiguous, by entries of its own, so that what goes through it
 * leaves no A or D bit and takes no fault of the arena's. It is made when first asked for and ends before pages move.
 */
static bool view_open;

static void view_page(u32 page, u64 bits)
{
    pt_entry(arena.root, VIEW_VA + ((vaddr_t)page << PAGE_SHIFT), 1, true)->bits = bits;
}

static void view_map(u32 page)
{
    view_page(page, pte_make(space_pfn(&arena, page), PTE_PRESENT | PTE_WRITE | PTE_NO_EXECUTE).bits);
}

void arena_view_close(void)
{
    if (!view_open)
        return;
    for (u32 page = 0; page < arena.nr_pages; page++)
        view_page(page, 0);
    tlb_flush_all(FLUSH_LOCAL);
    view_open = false;
}

static void view_make(void)
{
    ASSERT(clock.booking == BOOK_OFF);
    for (u32 page = 0; page < arena.nr_pages; page++)
        if (space_resident(&arena, page))
            view_map(page);
    view_open = true;
}

void *arena_direct(u64 offset)
{
    if (!view_open)
        view_make();
    return (u8 *)VIEW_VA + offset;
}

#define EMULATOR_TLB_MIN  256     /* entries that QEMU's TLB has at first, */
#define EMULATOR_TLB_MAX  4194304 /* and at most (accel/tcg/cputlb.c, CPU_TLB_DYN_DEFAULT_BITS, CPU_TLB_DYN_MAX_BITS) */
#define EMULATOR_TLB_FULL 70      /* percent in use at a flush that double it */

/*
 * Not for the guest's sake: QEMU's own TLB grows only when it is flushed while it is nearly full. A program that never
 * flushes would miss a TLB of 256 entries to the end of its run, which takes the host up to a quarter of its time.
 */
NOT_COUNTED void arena_grow_emulator_tlb(void)
{
    const u8 *bytes;

    if (!arena.root_base) /* nested tables: the host maps nothing by them; the machine's entries and exits flush anyway */
        return;
    bytes = arena_direct(0);
    for (u32 entries = EMULATOR_TLB_MIN; entries < EMULATOR_TLB_MAX; entries *= 2) {
        u32 touched = 0;
        for (u32 page = 0; page < arena.nr_pages && touched < entries; page++) {
            if (arena_populated(page)) {
                (void)*(const volatile u8 *)(bytes + ((u64)page << PAGE_SHIFT));
                touched++;
            }
        }
        if (touched * 100ull <= entries * (u64)EMULATOR_TLB_FULL)
            break;
        tlb_flush_all(FLUSH_LOCAL);
    }
}

void arena_populate(u32 page)
{
    ASSERT(page < arena.nr_pages && clock.booking == BOOK_OFF);
    if (space_resident(&arena, page))
        return;
    if (space_populate(&arena, page))
        unfit("no frame left in either tier: the workload needs more than fast= and slow= together");
    if (view_open)
        view_map(page);
}

bool arena_populated(u32 page)
{
    return page < arena.nr_pages && space_resident(&arena, page);
}

void *workload_alloc(size_t bytes)
{
    return kmem_alloc(bytes);
}
