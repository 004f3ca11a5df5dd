#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/host/host.h"
#include "kernel/exit.h"
#include "kernel/panic.h"

jmp_buf host_landing;
bool host_expects_end;
char host_message[4096];

static const char *case_name;
static char reason[512];
static unsigned failures, failed_cases;
static u64 random_state = 1;

static void end_case(void)
{
    if (!case_name)
        return;
    if (failures)
        printf("not ok %s # %s (%u checks failed)\n", case_name, reason, failures);
    else
        printf("ok %s\n", case_name);
    fflush(stdout);
    failed_cases += failures > 0;
    failures = 0;
    case_name = NULL;
}

void host_case(const char *name)
{
    end_case();
    case_name = name;
}

int host_done(void)
{
    end_case();
    return failed_cases > 0;
}

void host_fail(const char *file, int line, const char *format, ...)
{
    va_list args;
    size_t used;

    if (failures++)
        return;
    va_start(args, format);
    vsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    for (used = 0; reason[used]; used++)
        ;
    snprintf(reason + used, sizeof(reason) - used, " (%s:%d)", file, line);
}

void host_seed(u64 seed)
{
    random_state = seed * 2 + 1;
}

/* splitmix64 (Steele, Lea, Flood, OOPSLA 2014). */
u64 host_random(void)
{
    u64 z = random_state += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

u32 host_below(u32 limit)
{
    return (u32)(host_random() % limit);
}

static void note(const char *format, va_list args)
{
    vsnprintf(host_message, sizeof(host_message), format, args);
}

/* The end of what was called: back to the test that expects it, or out. */
static _Noreturn void land(enum host_end end)
{
    if (host_expects_end)
        longjmp(host_landing, end);
    printf("not ok %s # unexpected end: %s\n", case_name ? case_name : "host.start", host_message);
    exit(1);
}

void panic_at(const char *file, int line, const char *format, ...)
{
    va_list args;

    (void)file, (void)line;
    va_start(args, format);
    note(format, args);
    va_end(args);
    land(HOST_PANICKED);
}

void refuse(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    note(format, args);
    va_end(args);
    land(HOST_REFUSED);
}

void unfit(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    note(format, args);
    va_end(args);
    land(HOST_REFUSED);
}
