/*
 * How a run ends: the values that the guest writes to QEMU's isa-debug-exit port. QEMU then ends with 2n + 1, which
 * run-qemu.sh turns into the status on the right. They are distinct from everything that QEMU itself returns.
 */
#pragma once

#define EXIT_PORT 0xf4

enum exit_code {
    EXIT_PASS = 0x10,    /* 33 -> 0 */
    EXIT_FAIL = 0x11,    /* 35 -> 1: a test or a verification failed */
    EXIT_PANIC = 0x12,   /* 37 -> 2 */
    EXIT_SKIPPED = 0x13, /* 39 -> 77 */
    EXIT_REFUSED = 0x14, /* 41 -> 4: a key, value or name */
    EXIT_UNFIT = 0x15    /* 43 -> 5: this machine cannot */
};

/* Ends the run; does not return. Without the exit device (a real machine) it stops the processor. */
__attribute__((noreturn)) void machine_exit(enum exit_code code);

/* Prints "tierlab: " and the message, then ends with EXIT_REFUSED or EXIT_UNFIT. For the user's errors, not for ours.
 */
__attribute__((noreturn, format(printf, 1, 2))) void refuse(const char *format, ...);
__attribute__((noreturn, format(printf, 1, 2))) void unfit(const char *format, ...);
