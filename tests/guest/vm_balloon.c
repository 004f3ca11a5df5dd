/*
 * What a machine's balloon driver names, request by request, against a clock's hand written down a second time; and what it
 * leaves in the machine's entries.
 */
#include "kernel/panic.h"
#include "lib/string.h"
#include "tests/guest/vm_guest.h"
#include "vm/payload_abi.h"
#include "workloads/lib/random.h"

enum {
    REQUESTS = 300,
    REQUEST_PAGE = 32,
    FIRST = VM_DATA_PAGE + 3, /* on no word's border, as the last one is not */
    END = VM_PAGES - 5,
    LEAF_TABLES_PAGE = VM_TABLES_PAGE + 3 /* behind root, level 3, level 2 of the GiB that MACHINE_LINEAR lies in */
};

static u64 random;
static bool fast[VM_PAGES], accessed[VM_PAGES];
static struct balloon_request want;
static u32 wanted;
static bool done;

static u32 below(u32 n)
{
    return (u32)(random_next(&random) % n);
}

/* The host's side of it. */
static bool answer(struct machine *machine)
{
    u64 first = machine->cpu.rdi, bits = 0;

    done = machine->vmcb->rax == HYPERCALL_DONE;
    if (done)
        return true;
    EXPECT_EQ(HYPERCALL_IN_FAST_TIER, machine->vmcb->rax);
    EXPECT(first % 64 == 0 && first < VM_PAGES);
    for (u32 i = 0; i < 64 && first < VM_PAGES - i; i++)
        bits |= (u64)fast[first + i] << i;
    machine->vmcb->rax = bits;
    return false;
}

/* The same by hand: want.pages, want.hand, and what is accessed afterwards. */
static void choose(void)
{
    want.nr = 0;
    for (u32 looked = 0; looked < END - FIRST && want.nr < wanted; looked++) {
        u32 page = want.hand;
        want.hand = page + 1 == END ? FIRST : page + 1;
        if (!fast[page])
            continue;
        if (!accessed[page])
            want.pages[want.nr++] = page;
        accessed[page] = false;
    }
}

static void touch_some(void)
{
    u32 tenths = below(11);

    for (u32 page = FIRST; page < END; page++) {
        fast[page] = below(4) ? fast[page] : !fast[page];
        if (below(10) >= tenths)
            continue;
        accessed[page] = true;
        vm_guest_entry(page, 1)->bits |= PTE_ACCESSED;
    }
}

/* The processor sets bits of the pages that the driver itself uses, which are none of these. */
static u32 wrong_bits(void)
{
    u32 wrong = 0;

    for (u32 page = FIRST; page < END; page++)
        wrong += (vm_guest_entry(page, 1)->bits & PTE_ACCESSED) != (accessed[page] ? PTE_ACCESSED : 0);
    return wrong;
}

TEST_VM(balloon, "vm.balloon", "a machine that is asked for pages names those of the fast tier that the clock's hand finds not accessed")
{
    struct balloon_request *request;
    u32 named = 0, wrapped = 0, short_of = 0;

    vm_start(machine_balloon_code, (size_t)(machine_balloon_code_end - machine_balloon_code));
    vm.hypercall = answer;
    ASSERT(!space_populate(&vm_memory, REQUEST_PAGE));
    request = machine_bytes(&vm, REQUEST_PAGE * PAGE_SIZE);
    memset(fast, 0, sizeof(fast));
    memset(accessed, 0, sizeof(accessed));
    random = 9;
    want = (struct balloon_request){.first = FIRST, .end = END, .hand = FIRST};
    *request = want;
    for (u32 n = 0; n < REQUESTS; n++) {
        u32 hand = want.hand;

        touch_some();
        wanted = 1 + below(BALLOON_PAGES);
        choose();
        machine_reset(&vm, VM_TABLES_PAGE * PAGE_SIZE, vm_va(VM_CODE_PAGE), vm_va(VM_STACK_PAGE + 1));
        vm.cpu.rdi = vm_va(REQUEST_PAGE);
        vm.cpu.rsi = vm_va(LEAF_TABLES_PAGE);
        vm.cpu.rdx = wanted;
        EXPECT(machine_run(&vm) && done);
        EXPECT_EQ(vm_va(REQUEST_PAGE), vm.cpu.rdi);
        EXPECT_EQ(want.nr, request->nr);
        EXPECT_EQ(want.hand, request->hand);
        EXPECT(!memcmp(want.pages, request->pages, want.nr * sizeof(u32)));
        EXPECT_EQ(0, wrong_bits());
        named += want.nr;
        wrapped += want.hand < hand;
        short_of += want.nr < wanted;
    }
    EXPECT(named > 10000 && wrapped > 10 && short_of > 10);
    vm_clean();
}
