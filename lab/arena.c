/* The arena: the one managed space, and what a workload may do with it outside of its measured phase. */
#include "kernel/clock.h"
#include "kernel/exit.h"
#include "kernel/keys.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "kernel/registry.h"
#include "kernel/string.h"
#include "lab/lab.h"
#include "lab/policy.h"
#include "lab/workload.h"
#include "mm/memory.h"

static KEY_TEXT(place, "place", "fast-first", "fast-first|slow-first|interleave", "where first touches go");

struct space arena;

/* A policy that keeps everything in one tier gets a tier that holds everything: the launcher makes the node large
 * enough. */
void lab_memory_init(void)
{
    const struct policy *policy = policy_chosen();
    u64 bytes[NR_TIERS] = {option_fast_bytes, option_slow_bytes};

    if (policy->everything_in) {
        bytes[TIER_FAST] = bytes[TIER_SLOW] = 0;
        bytes[policy->in] = option_fast_bytes + option_slow_bytes;
    }
    memory_init(bytes[TIER_FAST], bytes[TIER_SLOW]);
    space_placement = !strcmp(place, "slow-first")   ? PLACE_SLOW_FIRST
                      : !strcmp(place, "interleave") ? PLACE_INTERLEAVE
                                                     : PLACE_FAST_FIRST;
}

void lab_arena_init(void)
{
    u32 nr_pages = (u32)((option_fast_bytes + option_slow_bytes) >> PAGE_SHIFT);

    space_init(&arena, 0, 0, nr_pages);
    model_handshake(&(struct model_space){.va = arena.base, .nr_pages = nr_pages}, 1);
    space_fault_init(&arena, 1);
}

void *arena_base(void)
{
    return (void *)arena.base;
}

void *arena_direct(u64 offset)
{
    return (u8 *)space_bytes(&arena, (u32)(offset >> PAGE_SHIFT)) + offset % PAGE_SIZE;
}

void arena_populate(u32 page)
{
    ASSERT(page < arena.nr_pages && clock.booking == BOOK_OFF);
    if (!space_resident(&arena, page) && space_populate(&arena, page))
        unfit("no frame left in either tier: the workload needs more than fast= and slow= together");
}

bool arena_populated(u32 page)
{
    return page < arena.nr_pages && space_resident(&arena, page);
}

void *workload_alloc(size_t bytes)
{
    return kmem_alloc(bytes);
}
