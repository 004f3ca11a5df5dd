/* Small value types that must not be mixed up, and the sizes that everything is made of. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

typedef u64 paddr_t; /* physical address */
typedef u64 vaddr_t; /* virtual address */
typedef u32 pfn_t;   /* physical address >> PAGE_SHIFT */

#define PADDR_INVALID (~(paddr_t)0)
#define PFN_INVALID   (~(pfn_t)0)

#define PAGE_SHIFT       12
#define PAGE_SIZE        ((u64)1 << PAGE_SHIFT)
#define PAGE_MASK        (~(PAGE_SIZE - 1))
#define LARGE_PAGE_SHIFT 21
#define LARGE_PAGE_SIZE  ((u64)1 << LARGE_PAGE_SHIFT)

#define KIB ((u64)1 << 10)
#define MIB ((u64)1 << 20)
#define GIB ((u64)1 << 30)

#define ARRAY_SIZE(a)    (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)        ((a) < (b) ? (a) : (b))
#define MAX(a, b)        ((a) > (b) ? (a) : (b))
#define ALIGN_UP(x, a)   (((x) + (a)-1) & ~((u64)(a)-1))
#define ALIGN_DOWN(x, a) ((x) & ~((u64)(a)-1))

/* A tier is a node's rank: the fast one is the one with the lower latency. */
enum tier { TIER_FAST, TIER_SLOW, NR_TIERS };

static inline pfn_t pfn_of(paddr_t pa)
{
    return (pfn_t)(pa >> PAGE_SHIFT);
}

static inline paddr_t paddr_of(pfn_t pfn)
{
    return (paddr_t)pfn << PAGE_SHIFT;
}
