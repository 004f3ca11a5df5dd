#include "kernel/hooks.h"
#include "kernel/cpu.h"
#include "lib/keys.h"
#include "kernel/panic.h"
#include "lib/string.h"

static KEY_TEXT(break_what, "break", "nothing", "nothing|acpi|tick|panic|fault|fetch|overflow|hang|triple|miscount|ad-bits|machine|balloon-lies|balloon-silent|"
                "look-silent|verify-silent|expired-silent|pause-silent",
                "for tests: damage one thing on purpose and see it caught");

bool hook_is(const char *name)
{
    return !strcmp(break_what, name);
}

/* Deep enough to leave every stack that we have. */
static int overflow_stack(volatile int depth)
{
    volatile u8 block[1024];

    block[0] = (u8)depth;
    return depth ? overflow_stack(depth - 1) + block[0] : 0;
}

void hook_run(void)
{
    volatile u8 *volatile null_page = (u8 *)8; /* page 0 is not mapped */

    if (hook_is("panic"))
        PANIC("on purpose");
    if (hook_is("fault"))
        *null_page = 1;
    if (hook_is("overflow"))
        overflow_stack(1 << 20); /* reaches the guard page: a double fault on a stack of its own */
    if (hook_is("hang"))
        for (;;)
            __asm__ volatile("pause");
    if (hook_is("triple")) {
        struct {
            u16 limit;
            u64 base;
        } __attribute__((packed)) empty = {0, 0};
        __asm__ volatile("lidt %0; ud2" : : "m"(empty));
    }
}
