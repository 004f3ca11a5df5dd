/*
 * stream: STREAM's four kernels over three arrays, in integers, so that the check is exact (McCalpin, "Memory Bandwidth
 * and Machine Balance", IEEE TCCA Newsletter, 1995).
 *
 *      copy c = a    scale b = 3 c    add c = a + b    triad a = b + 3 c          one after the other, over and over
 *
 * The arrays begin as STREAM's do when its timing begins: a = 2 (1, doubled once), b = 2, c = 0. So four passes multiply
 * a by 15.
 *
 * With `nt=1` the results are stored by movnti, past the caches. Verification: all elements of an array are equal but
 * where the present pass has only come half way, and their values follow from the number of passes.
 */
#include "kernel/exit.h"
#include "lab/workload.h"

static KEY_SIZE(stream_bytes, "stream_bytes", 16 * MIB, PAGE_SIZE, 640 * MIB,
                "stream: of one array; arbitrary: three arrays exceed the fast tier");
static KEY_NUMBER(stream_nt, "nt", 0, 0, 1, "stream: 1 stores past the caches (movnti)");

enum { ARRAY_A, ARRAY_B, ARRAY_C, NR_ARRAYS };
enum { KERNEL_COPY, KERNEL_SCALE, KERNEL_ADD, KERNEL_TRIAD, NR_KERNELS };

static u64 nr_elements, position; /* in the present pass */
static u64 pass;                  /* kernel = pass mod 4 */

static u64 *direct(unsigned array, u64 i)
{
    return arena_direct((array * nr_elements + i) * sizeof(u64));
}

static NOT_COUNTED u64 stream_pages(void)
{
    u64 bytes;

    if (workload_size()) {
        if (key_given(&stream_bytes))
            refuse("size= is three times stream_bytes=: give one");
        stream_bytes = MAX(workload_size() / NR_ARRAYS, PAGE_SIZE);
    }
    bytes = ALIGN_DOWN(stream_bytes, PAGE_SIZE);
    nr_elements = bytes / sizeof(u64);
    return NR_ARRAYS * bytes / PAGE_SIZE;
}

static NOT_COUNTED void stream_setup(u64 seed, u64 total_ops)
{
    (void)seed;
    (void)total_ops;
    for (u32 page = 0; page < stream_pages(); page++)
        arena_populate(page);
    for (u64 i = 0; i < nr_elements; i++) {
        *direct(ARRAY_A, i) = 2;
        *direct(ARRAY_B, i) = 2;
        *direct(ARRAY_C, i) = 0;
    }
    position = pass = 0;
}

static inline void store(u64 *to, u64 value, bool nt)
{
    if (nt)
        __asm__ volatile("movnti %1, %0" : "=m"(*to) : "r"(value));
    else
        *(volatile u64 *)to = value;
}

static inline void kernel_part(unsigned kernel, u64 *a, u64 *b, u64 *c, u64 from, u64 to, bool nt)
{
    for (u64 i = from; i < to; i++) {
        if (kernel == KERNEL_COPY)
            store(&c[i], a[i], nt);
        else if (kernel == KERNEL_SCALE)
            store(&b[i], 3 * c[i], nt);
        else if (kernel == KERNEL_ADD)
            store(&c[i], a[i] + b[i], nt);
        else
            store(&a[i], b[i] + 3 * c[i], nt);
    }
}

static void stream_run(u64 ops)
{
    u64 *a = arena_base(), *b = a + nr_elements, *c = b + nr_elements;

    while (ops) {
        u64 to = MIN(position + ops, nr_elements);
        ops -= to - position;
        kernel_part(pass % NR_KERNELS, a, b, c, position, to, stream_nt);
        position = to;
        if (position == nr_elements) {
            position = 0;
            pass++;
        }
    }
}

static void step_values(u64 v[NR_ARRAYS], u64 kernel)
{
    if (kernel == KERNEL_COPY)
        v[ARRAY_C] = v[ARRAY_A];
    else if (kernel == KERNEL_SCALE)
        v[ARRAY_B] = 3 * v[ARRAY_C];
    else if (kernel == KERNEL_ADD)
        v[ARRAY_C] = v[ARRAY_A] + v[ARRAY_B];
    else
        v[ARRAY_A] = v[ARRAY_B] + 3 * v[ARRAY_C];
}

static NOT_COUNTED bool stream_verify(u64 *checksum)
{
    u64 before[NR_ARRAYS] = {2, 2, 0}, after[NR_ARRAYS];
    bool same = true;

    for (u64 p = 0; p < pass; p++)
        step_values(before, p % NR_KERNELS);
    for (unsigned array = 0; array < NR_ARRAYS; array++)
        after[array] = before[array];
    step_values(after, pass % NR_KERNELS);
    *checksum = 0;
    for (unsigned array = 0; array < NR_ARRAYS; array++) {
        for (u64 i = 0; i < nr_elements; i++) {
            u64 value = *direct(array, i);
            same = same && value == (i < position ? after : before)[array];
            *checksum = *checksum * 31 + value;
        }
    }
    return same;
}

/* STREAM's count: an element of copy and scale is a load and a store, of add and triad one load more. */
static u64 stream_work(void)
{
    static const u64 words[NR_KERNELS + 1] = {0, 2, 4, 7, 10}; /* moved an element before each kernel */
    u64 part = pass % NR_KERNELS;

    return sizeof(u64) * ((pass / NR_KERNELS * words[NR_KERNELS] + words[part]) * nr_elements +
                          (words[part + 1] - words[part]) * position);
}

/* mlp: no iteration depends on another, so the line-fill buffers are the limit: 10 of them in Intel cores up to Cascade
 * Lake. */
static const struct workload stream = {
    .name = "stream",
    .summary = "STREAM's copy, scale, add and triad in integers",
    .ops = 8000000,
    .warmup = 2000000,
    .unit = "elements",
    .macro = {.bytes = 48 * MIB, .ops = 4000000, .warmup = 2000000},
    .mlp = 10000,
    .pages = stream_pages,
    .setup = stream_setup,
    .run = stream_run,
    .verify = stream_verify,
    .work = stream_work,
    .work_unit = "bytes",
};
REGISTER_WORKLOAD(stream);
