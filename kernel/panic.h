/* Broken invariants and the story that they leave behind. */
#pragma once

#include "kernel/types.h"

struct trap_frame;

/* Kept in all builds. For what must hold whatever the user asks; the user's own mistakes go to refuse(). */
#define ASSERT(condition)                                                                                              \
    do {                                                                                                               \
        if (__builtin_expect(!(condition), 0))                                                                         \
            panic_at(__FILE__, __LINE__, "%s", #condition);                                                            \
    } while (0)

#define PANIC(...) panic_at(__FILE__, __LINE__, __VA_ARGS__)

/*
 * Prints all that is known (message, place, registers, CR2, policy and workload, last events, backtrace) and ends the
 * run with EXIT_PANIC. Takes no lock, allocates nothing, works from the first instruction of C and when entered twice.
 */
__attribute__((noreturn, format(printf, 3, 4))) void panic_at(const char *file, int line, const char *format, ...);

/* The same for an exception that nobody expected. */
__attribute__((noreturn)) void panic_exception(const struct trap_frame *frame);

/* What is running, for the panic's report; strings must stay valid. */
void panic_context(const char *policy, const char *workload);

/* Notes an event; the last 32 are shown by a panic. `what` must be a string constant. */
void trace(const char *what, u64 a, u64 b);
