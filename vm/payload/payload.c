/*
 * The payload's runtime: the other ear of lab/workload.h, inside a machine. What the workload asks of its laboratory
 * becomes a hypercall; memory that is no part of the experiment is the machine's own.
 */
#include <stdarg.h>

#include "kernel/console.h"
#include "kernel/exit.h"
#include "kernel/panic.h"
#include "lib/string.h"
#include "lab/program.h"
#include "mm/space.h"
#include "vm/payload_abi.h"

u64 payload_hypercall(u64 a, u64 b, u64 c, u64 number);

static struct payload_boot *const boot = (void *)MACHINE_LINEAR;
static u64 heap_used;

static u64 ask(enum hypercall number, u64 a, u64 b, u64 c)
{
    return payload_hypercall(a, b, c, number);
}

static _Noreturn void fail(enum hypercall number, const char *format, va_list args)
{
    char text[PAYLOAD_TEXT_BYTES];

    kvsnprintf(text, sizeof(text), format, args);
    for (;;)
        ask(number, (u64)text, 0, 0);
}

#define FAIL(number)                                                                                                   \
    va_list args;                                                                                                      \
    va_start(args, format);                                                                                            \
    fail(number, format, args)

void refuse(const char *format, ...)
{
    FAIL(HYPERCALL_REFUSE);
}

void unfit(const char *format, ...)
{
    FAIL(HYPERCALL_UNFIT);
}

void panic_at(const char *file, int line, const char *format, ...)
{
    (void)file, (void)line;
    FAIL(HYPERCALL_PANIC);
}

void *arena_base(void)
{
    return (void *)boot->data;
}

void *arena_direct(u64 offset)
{
    return (u8 *)boot->data + offset;
}

void arena_populate(u32 page)
{
    ask(HYPERCALL_POPULATE, page, 0, 0);
}

bool arena_populated(u32 page)
{
    return ask(HYPERCALL_POPULATED, page, 0, 0);
}

/* Pages come zeroed, at the first touch. */
void *workload_alloc(size_t bytes)
{
    u64 unit = bytes < PAGE_SIZE ? 64 : PAGE_SIZE, at = ALIGN_UP(boot->heap + heap_used, unit);

    if (bytes > boot->heap_end - at)
        unfit("the machine's memory has no %lu KiB left: more fast= or slow=", bytes / KIB);
    heap_used = at + ALIGN_UP(bytes, unit) - boot->heap;
    return (void *)at;
}

void *workload_input(size_t *length)
{
    (void)length;
    return NULL; /* the host refuses input= */
}

void workload_pause(void)
{
    ask(HYPERCALL_PAUSE, 0, 0, 0);
}

void workload_resume(void)
{
    ask(HYPERCALL_RESUME, 0, 0, 0);
}

u64 workload_now_ps(void)
{
    return ask(HYPERCALL_NOW, 0, 0, 0);
}

void workload_phase(const char *name)
{
    ask(HYPERCALL_PHASE, (u64)name, 0, 0);
}

void result_u64(const char *key, u64 value)
{
    ask(HYPERCALL_RESULT_U64, (u64)key, value, 0);
}

void result_text(const char *key, const char *value)
{
    ask(HYPERCALL_RESULT_TEXT, (u64)key, (u64)value, 0);
}

void result_ratio(const char *key, s64 numerator, u64 denominator)
{
    ask(HYPERCALL_RESULT_RATIO, (u64)key, (u64)numerator, denominator);
}

extern const struct key *const keys_start[], *const keys_end[];

static bool is_ours(const char *word, size_t length)
{
    for (const struct key *const *k = keys_start; k < keys_end; k++)
        if (strlen((*k)->name) == length && !strncmp((*k)->name, word, length))
            return true;
    return false;
}

/* Blanks out the keys of policy, machine and laboratory, which the host has checked. */
static void keep_ours(char *text)
{
    while (*text) {
        size_t name = 0, word = 0;

        while (text[word] && text[word] != ' ')
            word++;
        while (name < word && text[name] != '=')
            name++;
        if (!is_ours(text, name))
            memset(text, ' ', word);
        text += word + (text[word] == ' ');
    }
}

static u64 choose(void)
{
    static struct payload_program chosen;

    keep_ours(boot->keys);
    keys_parse(boot->keys);
    keys_parse(boot->own_keys);
    program_choose();
    chosen = (struct payload_program){program.pages, program.seed, program.ops, program.warmup, ""};
    ksnprintf(chosen.workload, sizeof(chosen.workload), "%s", program.workload->name);
    return (u64)&chosen;
}

static u64 declared(void)
{
    static struct payload_declared set;

    memset(&set, 0, sizeof(set));
    set.nr = program.workload->nr_declared();
    for (u32 page = 0; page < boot->data_pages; page++)
        if (program.workload->declared(page))
            set.pages[page / 32] |= (u32)1 << page % 32;
    return (u64)&set;
}

/* Two results, in the registers that the calling convention returns 16 bytes in. */
struct results {
    u64 first, second;
};

struct results payload_serve(enum payload_function function, u64 argument);
struct results payload_serve(enum payload_function function, u64 argument)
{
    const struct workload *w = program.workload;
    struct results results = {0, 0};

    switch (function) {
    case PAYLOAD_START:
        results.first = choose();
        break;
    case PAYLOAD_SETUP:
        w->setup(program.seed, argument);
        break;
    case PAYLOAD_RUN:
        w->run(argument);
        break;
    case PAYLOAD_VERIFY:
        results.first = w->verify(&results.second);
        break;
    case PAYLOAD_MEASURED:
        w->measured();
        break;
    case PAYLOAD_WORK:
        results.first = w->work();
        break;
    case PAYLOAD_REPORT:
        w->report();
        break;
    case PAYLOAD_DEADLINE:
        results.first = w->deadline_ps();
        break;
    case PAYLOAD_EXPIRED:
        w->expired(argument);
        break;
    case PAYLOAD_DECLARED:
        results.first = declared();
        break;
    default:; /* the host asks for nothing else */
    }
    return results;
}
