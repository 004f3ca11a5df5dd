#include "lab/program.h"
#include "kernel/exit.h"
#include "lib/registry.h"
#include "lib/string.h"

static KEY_TEXT(workload_name, "workload", "hotset", NULL, "the program under test");
static KEY_NUMBER(seed, "seed", 1, 0, UINT64_MAX, "of everything random in the workload");
static KEY_NUMBER(ops_key, "ops", 0, 0, 1ull << 40,
                  "work of the measured phase, in the workload's unit; 0: its default");
static KEY_NUMBER(warmup_key, "warmup", 0, 0, 1ull << 40,
                  "work before the measured phase; not given: the workload's default");
static KEY_TEXT(size_key, "size", "", NULL,
                "the program's footprint at most (64K to 2G), or macro: sizes and lengths for comparing all programs");

#define SIZE_MIN       (64 * KIB)
#define SIZE_MAX_BYTES (2 * GIB)

struct program program;
static const struct workload *sized; /* while its pages() runs, too */

static bool is_macro(void)
{
    return !strcmp(size_key, "macro");
}

u64 workload_size(void)
{
    u64 bytes;

    if (!*size_key)
        return 0;
    if (is_macro())
        return sized->macro.bytes;
    if (parse_number(size_key, true, &bytes))
        refuse("size=%s: must be macro, or bytes, with K, M or G if you like", size_key);
    if (bytes < SIZE_MIN || bytes > SIZE_MAX_BYTES || bytes % PAGE_SIZE)
        refuse("size=%s: must be a multiple of 4K from 64K to 2G", size_key);
    return bytes;
}

/* Whether the part named before the colon of a key's help (`kv: `, `gap-*: `) is this workload. */
static bool owns(const char *name, const char *help, size_t length)
{
    if (length && help[length - 1] == '*')
        length--;
    else if (strlen(name) != length)
        return false;
    return !strncmp(name, help, length);
}

/* A key that only other workloads read would be ignored without a word: somebody meant something else. */
static void refuse_foreign(const struct key *key, void *data)
{
    const struct workload *const chosen = data;
    size_t length = 0;

    while (key->help[length] && key->help[length] != ':')
        length++;
    if (!*key->given || !key->help[length] || owns(chosen->name, key->help, length))
        return;
    for (const void *const *w = workload_registry.start; w < workload_registry.end; w++) {
        const char *owner = ((const struct registered *)*w)->name;
        if (owns(owner, key->help, length))
            refuse("%s=: a key of workload=%s, which workload=%s does not read", key->name, owner, chosen->name);
    }
}

void program_choose(void)
{
    const struct workload *w = registry_need(&workload_registry, workload_name);
    size_t length;

    sized = w;
    keys_for_each(refuse_foreign, (void *)w);
    if (!w->reads_input && workload_input(&length))
        refuse("input=: workload=%s reads no file", w->name);
    if (*size_key && !w->macro.bytes)
        refuse("size=%s: workload=%s has no size: its own keys say how large it is", size_key, w->name);
    program = (struct program){.workload = w, .seed = seed};
    program.pages = w->pages(); /* first: a workload may derive its other defaults from its keys */
    program.ops = ops_key ? ops_key : is_macro() ? w->macro.ops : w->ops;
    program.warmup = key_given(&warmup_key) ? warmup_key : is_macro() ? w->macro.warmup : w->warmup;
    /* Records and the run's id tell what holds, not what was typed. */
    ops_key = program.ops;
    warmup_key = program.warmup;
}

u64 program_rate(u64 work, u64 time_ps)
{
    u64 time_ns = time_ps / 1000;

    while (work >> 34) { /* so that the product below fits */
        work >>= 1;
        time_ns >>= 1;
    }
    return time_ns ? work * 1000000000 / time_ns : 0;
}
