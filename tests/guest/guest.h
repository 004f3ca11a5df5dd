/* What the guest's tests share. Every test leaves the arena empty and the booking at BOOK_OFF. */
#pragma once

#include "lib/ktap.h"
#include "lab/lab.h"
#include "mm/parts.h"

/*
 * One access that may fault, at any address. Returns 0 when it went through, else GUEST_FAULTED and the error code.
 * `store` writes back the byte that it reads; `execute` calls the address, which must hold a return.
 */
#define GUEST_FAULTED 0x80000000u
u32 guest_load(vaddr_t va);
u32 guest_store(vaddr_t va);
u32 guest_execute(vaddr_t va);

/* Gives [first, first + count) frames of that tier and fills them with guest_word(). */
void guest_fill(u32 first, u32 count, enum tier tier);

/* What word i of a page holds after guest_fill(). */
static inline u64 guest_word(u32 page, u32 i)
{
    return ((u64)page << 32 | i) * 0x9e3779b97f4a7c15ull;
}

/* The word as the workload sees it. */
static inline volatile u64 *guest_at(u32 page, u32 i)
{
    return (volatile u64 *)space_va(&arena, page) + i;
}

/* Takes all free frames of a tier away but `leave`; guest_release() gives them back. */
void guest_hog(enum tier tier, u32 leave);
void guest_release(void);

/*
 * A classifier that hands out the pages of two lists in their order, and counts what became of them. Its promotions come
 * first while the fast tier has room, as a ranking's do.
 */
struct guest_orders {
    const u32 *promote, *demote;
    u32 nr_promote, nr_demote, promoted, demoted; /* how many there are, and were handed out */
    u32 outcomes[NR_TIERS][NR_OUTCOMES];
};
extern struct guest_orders guest_orders;
extern const struct classifier guest_list;

/* Starts the tracker (or none) and the migrator on the arena, with guest_list and these orders between them. */
void guest_start(const struct tracker *tracker, const struct migrator *migrator, struct guest_orders orders);

/* Steps of so many orders until the migrator is done; at most `most` of them. Returns how many it took. */
u32 guest_move_all(u32 budget, u32 most);

/* Sets the number of the key with that name; returns what it was. */
u64 guest_set_key(const char *name, u64 value);

/* Whether a part is meant to work, and can here: what knows the truth, and the sampler, need the model. */
bool guest_can_start(const struct part *part);

/* What the part of that kind has counted under that name. */
u64 guest_counter(enum part_kind kind, const char *name);

/* Every frame in use has exactly one owner, and all counts agree with that. The arena must own all that is in use. */
void guest_expect_frames_owned(void);

/* Stops and takes away all parts, and empties the arena. */
void guest_clean(void);

/* Turns of two instructions: nothing but the clock sees them. */
static inline void guest_spin(u64 turns)
{
    __asm__ volatile("1: dec %0\n\tjnz 1b" : "+r"(turns) : : "cc");
}

/* For tests that compare instructions exactly. */
const char *guest_needs_icount(void);

#define TEST_ICOUNT(function, test_name, test_summary)                                                                 \
    static __attribute__((cold)) void function(void);                                                                  \
    static const struct test test_##function = {                                                                       \
        .name = (test_name), .summary = (test_summary), .run = function, .skip = guest_needs_icount};                  \
    REGISTER_IN(tests, test_##function);                                                                               \
    static void function(void)
