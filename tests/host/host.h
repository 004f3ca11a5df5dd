/*
 * What the host tests share: cases, checks, random numbers, and a place where panics land.
 *
 * A test is a program. Its first lines name the files of the tree that are compiled with it (`sources: ...`). It prints
 * a line `ok area.case` or `not ok area.case # why` a case, and ends with 1 when one has failed.
 */
#pragma once

#include <setjmp.h>

#include "kernel/types.h"

/* Ends the running case, with its line, and begins the next. */
void host_case(const char *name);

/* Ends the last case; returns the program's status. */
int host_done(void);

/* Notes a failure of the running case; the first one's text is shown. */
__attribute__((format(printf, 3, 4))) void host_fail(const char *file, int line, const char *format, ...);

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            host_fail(__FILE__, __LINE__, "%s", #condition);                                                           \
    } while (0)
#define CHECK_EQ(want, got)                                                                                            \
    do {                                                                                                               \
        u64 want_ = (u64)(want), got_ = (u64)(got);                                                                    \
        if (want_ != got_)                                                                                             \
            host_fail(__FILE__, __LINE__, "%s: want=%llu got=%llu", #got, (unsigned long long)want_,                   \
                      (unsigned long long)got_);                                                                       \
    } while (0)

/* The same numbers for the same seed; `below` is from 0 to limit - 1. */
void host_seed(u64 seed);
u64 host_random(void);
u32 host_below(u32 limit);

/*
 * Whether the statement ends in panic_at(), refuse() or unfit(). Their message is in host_message. Outside of these
 * macros such an end fails the whole program.
 */
enum host_end { HOST_RETURNED, HOST_PANICKED, HOST_REFUSED };
extern jmp_buf host_landing;
extern bool host_expects_end;
extern char host_message[4096];

#define ENDS_IN(end, statement)                                                                                        \
    do {                                                                                                               \
        volatile int ended_ = HOST_RETURNED;                                                                           \
        host_expects_end = true;                                                                                       \
        ended_ = setjmp(host_landing);                                                                                 \
        if (ended_ == HOST_RETURNED) {                                                                                 \
            statement;                                                                                                 \
        }                                                                                                              \
        host_expects_end = false;                                                                                      \
        CHECK_EQ(end, ended_);                                                                                         \
    } while (0)
#define PANICS(statement)  ENDS_IN(HOST_PANICKED, statement)
#define REFUSES(statement) ENDS_IN(HOST_REFUSED, statement)
