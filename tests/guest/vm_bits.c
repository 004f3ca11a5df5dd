/* Accessed and dirty bits in two dimensions. */
#include "kernel/console.h"
#include "tests/guest/vm_guest.h"

TEST_VM(matrix, "vm.ad_matrix", "the boot's self-test of accessed and dirty bits agrees, and gives its frames back")
{
    for (int i = 0; i < 2; i++) {
        const char *wrong = machine_selftest(&arena);
        EXPECT(!wrong);
        if (wrong)
            kprintf("# %s\n", wrong);
    }
    guest_expect_frames_owned();
}
