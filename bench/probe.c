#include "bench/probe.h"
#include "kernel/clock.h"
#include "kernel/console.h"
#include "kernel/exit.h"
#include "mm/direct.h"
#include "mm/memory.h"

#define LINE 64

u64 self_check_ps[NR_TIERS];

u64 probe_beyond_caches(void)
{
    const volatile struct model_header *m = model_header();

    return ALIGN_UP(4 * (m->l2_bytes + m->llc_bytes), MIB / 2);
}

void span_begin(struct span *span)
{
    *span = (struct span){.insns = clock.account[ACCOUNT_WORKLOAD].insns, .total_ps = clock_now_ps()};
    clock_book(BOOK_WORKLOAD);
}

void span_end(struct span *span)
{
    clock_book(BOOK_OFF);
    span->insns = clock.account[ACCOUNT_WORKLOAD].insns - span->insns;
    span->total_ps = clock_now_ps() - span->total_ps;
    span->memory_ps = span->total_ps - span->insns * clock.insn_ps;
}

/* One cycle through all places: Sattolo's algorithm on the pointers themselves, or each to its neighbour. */
void probe_lay(void *at, u64 nr, u64 stride, enum chase_order order)
{
    u8 *base = at;
    u64 random = 1;

    for (u64 i = 0; i < nr; i++)
        *(u64 *)(base + i * stride) = (u64)base + (order == CHASE_RANDOM ? i : (i + 1) % nr) * stride;
    for (u64 i = nr - 1; i > 0 && order == CHASE_RANDOM; i--) {
        u64 *a = (u64 *)(base + i * stride), *b, swap;
        random = random * 6364136223846793005ull + 1442695040888963407ull; /* Knuth's MMIX generator */
        b = (u64 *)(base + (random >> 33) % i * stride);
        swap = *a;
        *a = *b;
        *b = swap;
    }
}

static const void *walk(const void *at, u64 steps)
{
    for (; steps; steps--)
        __asm__ volatile("mov (%0), %0" : "+r"(at) : : "memory");
    return at;
}

u64 probe_chase(void *base, u64 nr, u64 stride, enum chase_order order)
{
    struct span span;

    probe_lay(base, nr, stride, order);
    span_begin(&span);
    walk(base, nr);
    span_end(&span);
    span_begin(&span);
    walk(base, nr);
    span_end(&span);
    return span.memory_ps / nr;
}

u64 probe_steps(const void **at, u64 steps)
{
    struct span span;

    span_begin(&span);
    *at = walk(*at, steps);
    span_end(&span);
    return span.total_ps;
}

u64 probe_rate(u64 bytes, u64 ps)
{
    return ps ? bytes * 1000000 / (ps / 1000) * 1000 : 0;
}

u64 probe_stream_read(void *base, u64 bytes)
{
    const volatile u8 *at = base;
    struct span span;

    span_begin(&span);
    for (u64 i = 0; i < bytes; i += 4 * LINE) {
        (void)*(const volatile u64 *)(at + i);
        (void)*(const volatile u64 *)(at + i + LINE);
        (void)*(const volatile u64 *)(at + i + 2 * LINE);
        (void)*(const volatile u64 *)(at + i + 3 * LINE);
    }
    span_end(&span);
    return probe_rate(bytes, span.total_ps);
}

u64 probe_stream_write(void *base, u64 bytes)
{
    u64 *at = base;
    struct span span;

    span_begin(&span);
#pragma GCC unroll 8
    for (u64 i = 0; i < bytes / 8; i++)
        __asm__ volatile("movnti %1, %0" : "=m"(at[i]) : "r"(i));
    span_end(&span);
    return probe_rate(bytes, span.total_ps);
}

void probe_self_check(void)
{
    const volatile struct model_header *m = model_header();
    u64 want, got;

    if (!model_present())
        return;
    model_doorbells->idle = 1;
    model_doorbells->mlp = 1000;
    for (unsigned tier = 0; tier < NR_TIERS; tier++) {
        u64 bytes = probe_beyond_caches();
        if (bytes <= (u64)frame_pool(tier)->nr_frames << PAGE_SHIFT) /* else part of it would stay in a cache */
            self_check_ps[tier] = probe_chase(pfn_to_virt(frame_pool(tier)->first), bytes / LINE, LINE, CHASE_RANDOM);
    }
    model_doorbells->idle = 0;
    clock_reset();
    if (!self_check_ps[TIER_FAST] || !self_check_ps[TIER_SLOW])
        return;
    want = m->tier[TIER_SLOW].read_ps * 1000 / m->tier[TIER_FAST].read_ps;
    got = self_check_ps[TIER_SLOW] * 1000 / self_check_ps[TIER_FAST];
    if (got * 10 < want * 9 || got * 10 > want * 11) {
        kprintf(
            "tierlab: self-check: a slow load takes %lu/1000 of a fast one, the presets say %lu: the run is invalid\n",
            got, want);
        machine_exit(EXIT_FAIL);
    }
}
