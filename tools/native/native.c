/*
 * The workloads on the host: the same sources, keys and order of calls as in the guest (lab/run.c), without tiers,
 * model or policy. So their answers can be had under sanitizers, and a user can develop a workload with a debugger.
 *
 *      build/native/tierlab workload=gups ops=1000000        one JSON object on standard output
 *
 * The exit status is that of run-qemu.sh: 0 verified, 1 not, 4 bad key or input, 5 too large for this host.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "kernel/exit.h"
#include "kernel/panic.h"
#include "lab/program.h"

enum { STATUS_FAILED = 1, STATUS_PANIC = 2, STATUS_REFUSED = 4, STATUS_UNFIT = 5, STATUS_FILE = 7 };

#define RUN_SLICES 64 /* as in lab/run.c: a workload must bear to be interrupted anywhere */

static KEY_TEXT(input_path, "input", "", NULL, "file for a workload that reads one");

/* Nonzero while the program's own instructions run; tests count by it. */
volatile u32 native_running;

static u8 *base;
static u8 *populated; /* by page */

/* Memory is not given back (lab/workload.h): that is no leak. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

static _Noreturn void end(int status, const char *format, va_list args)
{
    fputs("tierlab: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    exit(status);
}

void refuse(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    end(STATUS_REFUSED, format, args);
}

void unfit(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    end(STATUS_UNFIT, format, args);
}

void panic_at(const char *file, int line, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "%s:%d: ", file, line);
    va_start(args, format);
    end(STATUS_PANIC, format, args);
}

/* --- what lab/workload.h promises ------------------------------------------------------------------------------- */

void *arena_base(void)
{
    return base;
}

void *arena_direct(u64 offset)
{
    return base + offset;
}

void arena_populate(u32 page)
{
    ASSERT(page < program.pages);
    populated[page] = 1;
}

bool arena_populated(u32 page)
{
    return page < program.pages && populated[page];
}

void *workload_alloc(size_t bytes)
{
    void *memory = calloc(1, bytes ? bytes : 1);

    if (!memory)
        unfit("out of memory");
    return memory;
}

void *workload_input(size_t *length)
{
    static char *bytes;
    static size_t size;
    struct stat status;
    FILE *file;

    if (!*input_path)
        return NULL;
    if (!bytes) {
        file = fopen(input_path, "rb");
        if (!file || fstat(fileno(file), &status) || !S_ISREG(status.st_mode)) {
            fprintf(stderr, "tierlab: key input: %s is not a file that can be read\n", input_path);
            exit(STATUS_FILE);
        }
        size = (size_t)status.st_size;
        bytes = workload_alloc(size + 1);
        if (fread(bytes, 1, size, file) != size)
            unfit("key input: %s cannot be read to its end", input_path);
        fclose(file);
    }
    *length = size;
    return bytes;
}

static u64 paused_ps, pause_began_ps, run_began_ps;

static u64 host_ps(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000000000000ull + (u64)t.tv_nsec * 1000;
}

void workload_pause(void)
{
    native_running = 0;
    pause_began_ps = host_ps();
}

void workload_resume(void)
{
    paused_ps += host_ps() - pause_began_ps;
    native_running = 1;
}

u64 workload_now_ps(void)
{
    return (native_running ? host_ps() : pause_began_ps) - paused_ps - run_began_ps;
}

void workload_phase(const char *name)
{
    (void)name;
}

void result_u64(const char *key, u64 value)
{
    printf(",\"%s\":%llu", key, (unsigned long long)value);
}

void result_text(const char *key, const char *value)
{
    printf(",\"%s\":\"%s\"", key, value);
}

void result_ratio(const char *key, s64 numerator, u64 denominator)
{
    if (denominator)
        printf(",\"%s\":%.6f", key, (double)numerator / (double)denominator);
    else
        printf(",\"%s\":null", key);
}

/* --- one run ---------------------------------------------------------------------------------------------------- */

static void make_arena(void)
{
    size_t bytes = program.pages << PAGE_SHIFT;

    /* Nothing lies behind it, so that an overrun is a fault. */
    base = mmap(NULL, bytes + PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED || mprotect(base, bytes, PROT_READ | PROT_WRITE))
        unfit("workload=%s needs %llu MiB, which this host does not give", program.workload->name,
              (unsigned long long)(bytes >> 20));
    populated = workload_alloc(program.pages);
}

static void run(u64 from, u64 to)
{
    u64 total = program.warmup + program.ops;

    for (u64 slice = 0; slice < RUN_SLICES; slice++) {
        u64 slice_end = total * (slice + 1) / RUN_SLICES;
        slice_end = slice_end < to ? slice_end : to;
        if (slice_end <= from)
            continue;
        workload_resume();
        program.workload->run(slice_end - from);
        workload_pause();
        from = slice_end;
    }
}

static char *join(int count, char **words)
{
    size_t size = 1;
    char *text, *at;

    for (int i = 0; i < count; i++)
        size += strlen(words[i]) + 1;
    at = text = workload_alloc(size);
    for (int i = 0; i < count; i++)
        at += sprintf(at, "%s ", words[i]);
    return text;
}

int main(int argc, char **argv)
{
    const struct workload *w;
    u64 checksum = 0, work, start_ps, time_ps;
    bool verified;

    keys_parse(join(argc - 1, argv + 1));
    program_choose();
    w = program.workload;
    make_arena();
    w->setup(program.seed, program.warmup + program.ops);
    run_began_ps = pause_began_ps = host_ps();
    run(0, program.warmup);
    if (w->measured)
        w->measured();
    work = w->work ? w->work() : 0;
    start_ps = workload_now_ps();
    run(program.warmup, program.warmup + program.ops);
    time_ps = workload_now_ps() - start_ps;
    work = w->work ? w->work() - work : program.ops;
    verified = w->verify(&checksum);
    printf(
        "{\"workload\":\"%s\",\"seed\":%llu,\"clock\":\"host\",\"ops\":%llu,\"warmup\":%llu,\"footprint_bytes\":%llu,"
        "\"verified\":%s,\"checksum\":\"0x%016llx\",\"time_ns\":%llu,\"work\":%llu,\"throughput\":%llu,"
        "\"throughput_unit\":\"%s/s\"",
        w->name, (unsigned long long)program.seed, (unsigned long long)program.ops, (unsigned long long)program.warmup,
        (unsigned long long)program.pages << PAGE_SHIFT, verified ? "true" : "false", (unsigned long long)checksum,
        (unsigned long long)time_ps / 1000, (unsigned long long)work, (unsigned long long)program_rate(work, time_ps),
        w->work_unit ? w->work_unit : w->unit);
    if (w->report)
        w->report();
    puts("}");
    return verified ? 0 : STATUS_FAILED;
}
