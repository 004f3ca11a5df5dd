#include "kernel/model.h"
#include "kernel/err.h"
#include "kernel/exit.h"
#include "kernel/panic.h"
#include "platform/pci.h"
#include "mm/direct.h"
#include "mm/memory.h"
#include "mm/paging.h"
#include "mm/pt.h"

enum { IVSHMEM_VENDOR = 0x1af4, IVSHMEM_DEVICE = 0x1110, IVSHMEM_BAR = 2 };

/* Stands in for the region when there is no model; filled by model_find(), so that the image need not carry it. */
static struct model_header no_header;
static struct model_doorbells no_doorbells;

static const volatile struct model_header *header = &no_header;
volatile struct model_doorbells *model_doorbells = &no_doorbells;
volatile u32 *model_frames, *model_leaves;
static bool present;

extern char tick_stub[], uncharged_end[], machine_start[], machine_end[], unwatched_start[],
    unwatched_end[], exception_stubs[], exception_stubs_end[];

static const char *error_name(u32 error)
{
    static const char *const names[] = {
        "none",
        "the handshake's arguments make no sense",
        "physical addresses could not be calibrated",
        "the frame table disagrees with QEMU's address",
        "an access to a managed page without a frame",
        "a TLB flush was not announced",
        "code that the model does not watch ran while the clock was on",
        "a page table was not announced",
    };

    return error < ARRAY_SIZE(names) ? names[error] : "unknown";
}

void model_find(void)
{
    u32 device = pci_find(IVSHMEM_VENDOR, IVSHMEM_DEVICE);
    paddr_t base;
    u64 bytes;

    no_header.insn_ps = 250;
    no_header.cores = 24;
    if (!device)
        return;
    if (pci_memory_bar(device, IVSHMEM_BAR, &base, &bytes))
        unfit("the shared memory device has no memory");
    map_shared(MODEL_VA, base, bytes);
    header = (const void *)MODEL_VA;
    if (header->magic != MODEL_MAGIC)
        unfit("handshake: shared memory is there, but no model writes to it");
    if (header->abi != MODEL_ABI || header->region_bytes != bytes)
        unfit("handshake: the model speaks version %u over %lu bytes, this image version %u over %lu: rebuild both",
              header->abi, header->region_bytes, MODEL_ABI, bytes);
    model_doorbells = (void *)(MODEL_VA + MODEL_DOORBELL_OFFSET);
    present = true;
}

static void probe(pfn_t pfn)
{
    model_doorbells->probe = paddr_of(pfn);
    (void)*(volatile u8 *)pfn_to_virt(pfn);
}

/* Tables of level 4 to 2; those of level 1 are announced as they are made (space.c), the kernel's own excepted: to the
 * model the kernel's memory is mapped by leaves of 2 MiB. */
static void announce_tables(pte_t *table, unsigned level, vaddr_t va)
{
    model_doorbells->table_va = va;
    model_doorbells->table = virt_to_phys(table) | level;
    for (unsigned i = 0; level > 2 && i < PT_ENTRIES; i++) {
        vaddr_t below = va | (vaddr_t)i << pt_level_shift(level);
        if (level == PT_LEVELS && i >= PT_ENTRIES / 2)
            below |= ~(vaddr_t)0 << (pt_level_shift(PT_LEVELS) + 9); /* addresses are sign-extended */
        if (pte_present(table[i]) && !(table[i].bits & PTE_LARGE))
            announce_tables(pfn_to_virt(pte_pfn(table[i])), level - 1, below);
    }
}

void model_handshake(const struct model_space *spaces, unsigned nr_spaces)
{
    u64 nr_pages = 0, nr_ranges = 0;

    for (unsigned i = 0; i < nr_spaces; i++)
        nr_pages += spaces[i].nr_pages;
    if (!present) {
        model_frames = kmem_alloc(nr_pages * sizeof(u32));
        model_leaves = kmem_alloc((nr_pages / MODEL_LEAF_PAGES + nr_spaces) * sizeof(u32));
        return;
    }
    if (nr_pages > header->max_pages)
        unfit("handshake: the model has room for %lu pages, the spaces have %lu", header->max_pages, nr_pages);
    model_frames = (void *)(MODEL_VA + header->frames_offset);
    model_leaves = (void *)(MODEL_VA + header->leaves_offset);
    for (unsigned i = 0; i < nr_spaces; i++)
        model_doorbells->spaces[i] = spaces[i];
    model_doorbells->nr_spaces = nr_spaces;
    for (unsigned tier = 0; tier < NR_TIERS; tier++) {
        const struct frame_pool *pool = frame_pool(tier);
        if (pool->nr_frames)
            model_doorbells->ranges[nr_ranges++] = (struct model_range){
                .base = paddr_of(pool->first), .bytes = (u64)pool->nr_frames << PAGE_SHIFT, .tier = tier};
    }
    model_doorbells->nr_ranges = nr_ranges;
    model_doorbells->uncharged_start = (u64)tick_stub;
    model_doorbells->uncharged_end = (u64)uncharged_end;
    model_doorbells->machine_start = (u64)machine_start;
    model_doorbells->machine_end = (u64)machine_end;
    model_doorbells->unwatched_start = (u64)unwatched_start;
    model_doorbells->unwatched_end = (u64)unwatched_end;
    model_doorbells->exception_start = (u64)exception_stubs;
    model_doorbells->exception_end = (u64)exception_stubs_end;
    model_doorbells->hello = 1;
    announce_tables(kernel_root(), PT_LEVELS, 0);
    for (unsigned tier = 0; tier < NR_TIERS; tier++) {
        const struct frame_pool *pool = frame_pool(tier);
        if (!pool->nr_frames)
            continue;
        probe(pool->first);
        probe(pool->first + pool->nr_frames - 1);
    }
    model_doorbells->ready = 1;
    if (header->error || !header->ready)
        unfit("handshake: %s (%lx)", error_name(header->error), header->error_detail);
}

bool model_present(void)
{
    return present;
}

const volatile struct model_header *model_header(void)
{
    return header;
}

const char *model_config(void)
{
    return present ? (const char *)(MODEL_VA + MODEL_CONFIG_OFFSET) : "{}";
}

void model_check(void)
{
    if (header->error)
        PANIC("the model found an error: %s (%lx)", error_name(header->error), header->error_detail);
}

const struct page_truth *model_truth(void)
{
    if (!present)
        return NULL;
    return (const void *)(MODEL_VA + header->truth_offset[(header->epoch + 1) & 1]);
}
