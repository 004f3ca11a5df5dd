/* The kernel's address space: what may be read, written and executed, and what is not there at all. */
#include "kernel/cpu.h"
#include "kernel/trap.h"
#include "mm/direct.h"
#include "mm/memory.h"
#include "mm/paging.h"
#include "tests/guest/guest.h"

extern char text_start[], text_end[], rodata_start[], rodata_end[], stacks_start[], stacks_end[];

enum { STACK_STRIDE = 20480, RETURN = 0xc3 };

static const u32 no_write = GUEST_FAULTED | PF_PRESENT | PF_WRITE;
static const u32 no_fetch = GUEST_FAULTED | PF_PRESENT | PF_FETCH;
static u8 some_data = RETURN;
static const u8 some_constant = RETURN;

TEST(text_rights, "paging.text", "code cannot be written, neither at its address nor through the direct map")
{
    for (char *at = text_start; at < text_end; at += PAGE_SIZE) {
        EXPECT_EQ(0, guest_load((vaddr_t)at));
        EXPECT_EQ(no_write, guest_store((vaddr_t)at));
        EXPECT_EQ(no_write, guest_store(DIRECT_VA + (u64)at));
        EXPECT_EQ(no_fetch, guest_execute(DIRECT_VA + (u64)at));
    }
}

TEST(rodata_rights, "paging.constants", "constants can neither be written nor executed")
{
    for (char *at = rodata_start; at < rodata_end; at += PAGE_SIZE) {
        EXPECT_EQ(no_write, guest_store((vaddr_t)at));
        EXPECT_EQ(no_write, guest_store(DIRECT_VA + (u64)at));
    }
    EXPECT_EQ(0, guest_load((vaddr_t)&some_constant));
    EXPECT_EQ(no_fetch, guest_execute((vaddr_t)&some_constant));
}

TEST(data_rights, "paging.data", "data, stack, direct map and arena cannot be executed")
{
    volatile u8 on_stack = RETURN;

    EXPECT_EQ(0, guest_store((vaddr_t)&some_data));
    EXPECT_EQ(no_fetch, guest_execute((vaddr_t)&some_data));
    EXPECT_EQ(no_fetch, guest_execute((vaddr_t)&on_stack));
    EXPECT_EQ(no_fetch, guest_execute((vaddr_t)pfn_to_virt(frame_pool(TIER_FAST)->first)));
    guest_fill(0, 1, TIER_FAST);
    EXPECT_EQ(0, guest_store(space_va(&arena, 0)));
    EXPECT_EQ(no_fetch, guest_execute(space_va(&arena, 0)));
    guest_clean();
}

TEST(holes, "paging.holes", "page 0, guard pages and physical addresses are not mapped")
{
    EXPECT_EQ(GUEST_FAULTED, guest_load(0));
    EXPECT_EQ(GUEST_FAULTED, guest_load(PAGE_SIZE - 1));
    EXPECT_EQ(GUEST_FAULTED, guest_load(DIRECT_VA));
    for (char *guard = stacks_start; guard < stacks_end; guard += STACK_STRIDE) {
        EXPECT_EQ(GUEST_FAULTED, guest_load((vaddr_t)guard));
        EXPECT_EQ(GUEST_FAULTED, guest_load((vaddr_t)guard + PAGE_SIZE - 1));
        EXPECT_EQ(GUEST_FAULTED, guest_load(DIRECT_VA + (u64)guard));
        EXPECT_EQ(0, guest_store((vaddr_t)guard + PAGE_SIZE));
    }
    /* A frame's number is no pointer. */
    EXPECT_EQ(GUEST_FAULTED, guest_load(paddr_of(frame_pool(TIER_SLOW)->first)));
    EXPECT_EQ(GUEST_FAULTED, guest_load(space_va(&arena, arena.nr_pages)));
}

TEST(map_and_unmap, "paging.map", "a new mapping works at once, and is gone after its entry and the TLB are cleared")
{
    vaddr_t va = space_va(&arena, arena.nr_pages) + LARGE_PAGE_SIZE;
    pfn_t pfn = frame_alloc(TIER_FAST);
    u64 *words = pfn_to_virt(pfn);

    words[1] = 0x1234;
    EXPECT_EQ(GUEST_FAULTED, guest_load(va));
    pt_map(kernel_root(), va, paddr_of(pfn), PAGE_SIZE, 1, PTE_NO_EXECUTE);
    EXPECT_EQ(0x1234, ((volatile u64 *)va)[1]);
    EXPECT_EQ(no_write, guest_store(va));
    *pt_entry(kernel_root(), va, 1, false) = (pte_t){0};
    write_cr3(read_cr3());
    EXPECT_EQ(GUEST_FAULTED, guest_load(va));
    frame_free(pfn);
}
