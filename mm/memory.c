#include "mm/memory.h"
#include "kernel/exit.h"
#include "platform/multiboot.h"
#include "kernel/panic.h"
#include "lib/string.h"
#include "platform/topology.h"
#include "mm/direct.h"

extern char image_end[];

struct run {
    paddr_t base, end;
};

struct frame_pool frame_pools[NR_TIERS];
static struct run kernel_pool;
static size_t kernel_used;

/* The largest piece of a node's memory that the firmware leaves free, above the image. */
static struct run largest_run(const struct node *node)
{
    struct run best = {0, 0};

    for (unsigned i = 0; i < node->nr_ranges; i++) {
        for (unsigned j = 0; j < boot_info.nr_ram; j++) {
            paddr_t base = MAX(node->range[i].base, boot_info.ram[j].base);
            paddr_t end = MIN(MIN(node->range[i].end, boot_info.ram[j].end), DIRECT_MAP_BYTES);
            base = ALIGN_UP(MAX(base, (paddr_t)image_end), PAGE_SIZE);
            end = ALIGN_DOWN(end, PAGE_SIZE);
            if (end > base && end - base > best.end - best.base)
                best = (struct run){base, end};
        }
    }
    return best;
}

static void need(const char *tier, struct run run, u64 bytes)
{
    if (run.end - run.base < bytes)
        unfit("the %s node has %lu KiB of free memory in one piece; %lu KiB are needed", tier,
              (run.end - run.base) / KIB, bytes / KIB);
}

static void init_pool(enum tier tier, paddr_t base, u64 bytes)
{
    u32 nr_frames = (u32)(bytes >> PAGE_SHIFT);

    frame_pool_init(&frame_pools[tier], pfn_of(base), nr_frames, kmem_alloc(nr_frames * sizeof(u32)));
}

void memory_init(u64 fast_bytes, u64 slow_bytes)
{
    struct run fast = largest_run(topology.tier[TIER_FAST]), slow = largest_run(topology.tier[TIER_SLOW]);

    need("fast", fast, fast_bytes + MIB);
    need("slow", slow, slow_bytes);
    kernel_pool = (struct run){fast.base, fast.end - fast_bytes};
    init_pool(TIER_FAST, kernel_pool.end, fast_bytes);
    init_pool(TIER_SLOW, slow.base, slow_bytes);
}

static void need_kernel_memory(size_t bytes)
{
    if (bytes > kernel_pool.end - kernel_pool.base)
        unfit("the kernel's memory (%lu KiB beside the managed frames) is exhausted; boot with a larger fast node",
              (kernel_pool.end - kernel_pool.base) / KIB);
}

void *kmem_alloc(size_t bytes)
{
    size_t align = bytes >= PAGE_SIZE ? PAGE_SIZE : 64;
    size_t start = ALIGN_UP(kernel_used, align);

    need_kernel_memory(start + bytes);
    kernel_used = start + bytes;
    return memset(phys_to_virt(kernel_pool.base + start), 0, bytes);
}

void *kmem_alloc_apart(size_t bytes)
{
    bytes = ALIGN_UP(bytes, PAGE_SIZE);
    need_kernel_memory(kernel_used + bytes);
    kernel_pool.end -= bytes;
    return memset(phys_to_virt(kernel_pool.end), 0, bytes);
}

size_t kmem_mark(void)
{
    return kernel_used;
}

void kmem_release(size_t mark)
{
    ASSERT(mark <= kernel_used);
    kernel_used = mark;
}

size_t kmem_used(void)
{
    return kernel_used;
}

paddr_t memory_end(void)
{
    paddr_t end = 0;

    for (unsigned i = 0; i < topology.nr_nodes; i++)
        for (unsigned j = 0; j < topology.node[i].nr_ranges; j++)
            end = MAX(end, topology.node[i].range[j].end);
    return MIN(ALIGN_UP(end, LARGE_PAGE_SIZE), DIRECT_MAP_BYTES);
}
