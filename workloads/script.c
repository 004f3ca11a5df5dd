/*
 * script: phases given as data, whose true counts follow from the text alone.
 *
 *      script=PHASE;PHASE;...      PHASE = START+BYTES:STRIDE:ORDER:KIND:COUNT
 *      START, BYTES, STRIDE        where in the arena, and how far apart (K, M, G allowed; BYTES a multiple of
 *                                  STRIDE)
 *      ORDER                       seq: elements 0, 1, 2, ... and again from 0
 *                                  random: every element once a pass, scattered; element i x f mod n in the i-th
 *                                  place, where n = BYTES / STRIDE and f is the first number from 618 n / 1000 | 1 on,
 *                                  in steps of 2, without a common divisor with n
 *      KIND                        read: one 8-byte load; write: one 8-byte store; rmw: a load and a store
 *      COUNT                       how many elements are visited
 *
 * So element e of a phase is visited COUNT / n times, once more if it is among the first COUNT mod n of the order.
 * Verification: the same visits once more on a copy give the same words and the same sum of what was read. The copy is made
 * a part at a time, since kernel memory is small, and visits to other parts are passed over.
 */
#include "kernel/exit.h"
#include "lib/string.h"
#include "lab/workload.h"

static KEY_TEXT(script_text, "script", "0+1M:64:seq:write:16384;0+1M:64:random:read:65536", NULL,
                "script: phases START+BYTES:STRIDE:seq|random:read|write|rmw:COUNT, separated by ;");

#define MAX_PHASES 64
#define MAX_VISITS ((u64)1 << 40) /* of all phases: as many as ops= allows */
#define PART_WORDS (8 * MIB / sizeof(u64))

enum kind { KIND_READ, KIND_WRITE, KIND_RMW };

struct phase {
    u64 start, bytes, stride, count;
    u64 elements, factor;
    enum kind kind;
};

static struct phase phases[MAX_PHASES];
static unsigned nr_phases;
static struct workload script;

static unsigned phase_now; /* where run stands */
static u64 visit, element, done, sum_read;
static u64 nr_pages;

static u64 gcd(u64 a, u64 b)
{
    return b ? gcd(b, a % b) : a;
}

/* Cuts `*text` at the separator and returns what stood before it. */
static char *cut(char **text, char separator)
{
    char *start = *text;

    while (**text && **text != separator)
        (*text)++;
    if (**text)
        *(*text)++ = 0;
    return start;
}

static void parse_phase(char *text, unsigned number)
{
    struct phase p = {.factor = 1};
    char *start = cut(&text, '+'), *bytes = cut(&text, ':'), *stride = cut(&text, ':'), *order = cut(&text, ':'),
         *kind = cut(&text, ':');

    if (parse_number(start, true, &p.start) || parse_number(bytes, true, &p.bytes) ||
        parse_number(stride, true, &p.stride) || parse_number(text, true, &p.count))
        refuse("script: phase %u: expected START+BYTES:STRIDE:ORDER:KIND:COUNT with whole numbers", number + 1);
    if (!p.stride || p.stride % 8 || p.start % 8 || !p.bytes || p.bytes % p.stride || p.bytes > 2 * GIB ||
        p.start > 2 * GIB)
        refuse("script: phase %u: START and STRIDE must be multiples of 8, BYTES a multiple of STRIDE", number + 1);
    if (p.count > MAX_VISITS)
        refuse("script: phase %u: COUNT %lu is more than %lu", number + 1, p.count, MAX_VISITS);
    p.elements = p.bytes / p.stride;
    if (!strcmp(order, "random"))
        for (p.factor = p.elements * 618 / 1000 | 1; gcd(p.factor, p.elements) != 1; p.factor += 2)
            ;
    else if (strcmp(order, "seq"))
        refuse("script: phase %u: order '%s' must be seq or random", number + 1, order);
    p.factor %= p.elements;
    p.kind = !strcmp(kind, "read") ? KIND_READ : !strcmp(kind, "write") ? KIND_WRITE : KIND_RMW;
    if (p.kind == KIND_RMW && strcmp(kind, "rmw"))
        refuse("script: phase %u: kind '%s' must be read, write or rmw", number + 1, kind);
    phases[number] = p;
}

static NOT_COUNTED u64 script_pages(void)
{
    static char text[4096];
    char *rest = text;
    u64 end = 0;

    if (strlen(script_text) >= sizeof(text))
        refuse("script: longer than %lu bytes", sizeof(text) - 1);
    memcpy(text, script_text, strlen(script_text) + 1);
    nr_phases = 0;
    script.ops = 0;
    while (*rest) {
        if (nr_phases == MAX_PHASES)
            refuse("script: more than %d phases", MAX_PHASES);
        parse_phase(cut(&rest, ';'), nr_phases);
        script.ops += phases[nr_phases].count;
        end = MAX(end, phases[nr_phases].start + phases[nr_phases].bytes);
        nr_phases++;
    }
    if (script.ops > MAX_VISITS)
        refuse("script: %lu visits in all are more than %lu", script.ops, MAX_VISITS);
    if (!script.ops)
        refuse("script: no phase does anything");
    nr_pages = ALIGN_UP(end, PAGE_SIZE) >> PAGE_SHIFT;
    return nr_pages;
}

static NOT_COUNTED void script_setup(u64 seed, u64 total_ops)
{
    (void)seed;
    (void)total_ops;
    for (unsigned i = 0; i < nr_phases; i++)
        for (u64 at = phases[i].start; at < phases[i].start + phases[i].bytes; at += PAGE_SIZE)
            arena_populate((u32)(at >> PAGE_SHIFT));
    for (unsigned i = 0; i < nr_phases; i++)
        arena_populate((u32)((phases[i].start + phases[i].bytes - 1) >> PAGE_SHIFT));
    phase_now = 0;
    visit = element = done = sum_read = 0;
}

static void next_phase(void)
{
    phase_now = (phase_now + 1) % nr_phases;
    visit = element = 0;
}

/* Does up to `ops` visits of the present phase. Its loop keeps everything in registers, so nothing else is accessed. */
static u64 run_phase(u64 ops)
{
    const struct phase *p = &phases[phase_now];
    u64 todo = MIN(ops, p->count - visit), e = element, sum = sum_read;
    u8 *base = (u8 *)arena_base() + p->start;

    for (u64 i = visit, end = visit + todo; i < end; i++) {
        volatile u64 *at = (volatile u64 *)(base + e * p->stride);
        if (p->kind == KIND_READ)
            sum += *at;
        else if (p->kind == KIND_WRITE)
            *at = i + 1;
        else
            *at += 1;
        e += p->factor;
        if (e >= p->elements)
            e -= p->elements;
    }
    visit += todo;
    element = e;
    sum_read = sum;
    return todo;
}

static void script_run(u64 ops)
{
    done += ops;
    while (ops) {
        ops -= run_phase(ops);
        if (visit == phases[phase_now].count)
            next_phase();
    }
}

/* The same once more, on a copy of the arena's words from `from` on; returns the sum of what was read there. */
static u64 replay(u64 *words, u64 from)
{
    u64 sum = 0, left = done;

    for (unsigned i = 0; left; i = (i + 1) % nr_phases) {
        const struct phase *p = &phases[i];
        u64 visits = MIN(left, p->count), e = 0;
        for (u64 v = 0; v < visits; v++, e = (e + p->factor) % p->elements) {
            u64 at = (p->start + e * p->stride) / 8 - from;
            if (at >= PART_WORDS)
                continue;
            if (p->kind == KIND_READ)
                sum += words[at];
            else
                words[at] = p->kind == KIND_WRITE ? v + 1 : words[at] + 1;
        }
        left -= visits;
    }
    return sum;
}

static NOT_COUNTED bool script_verify(u64 *checksum)
{
    static u64 *words;
    u64 nr_words = nr_pages * (PAGE_SIZE / 8), sum = 0;
    bool same = true;

    if (!words)
        words = workload_alloc(PART_WORDS * sizeof(u64));
    *checksum = sum_read;
    for (u64 from = 0; from < nr_words; from += PART_WORDS) {
        memset(words, 0, PART_WORDS * sizeof(u64));
        sum += replay(words, from);
        for (u64 w = from; w < MIN(from + PART_WORDS, nr_words); w++) {
            if (!arena_populated((u32)(w * 8 >> PAGE_SHIFT)))
                continue; /* between the phases' regions */
            u64 value = *(u64 *)arena_direct(w * 8);
            same = same && value == words[w - from];
            *checksum = *checksum * 31 + value;
        }
    }
    return same && sum == sum_read;
}

/* mlp: neighbouring visits depend on each other only through a counter, so the reorder buffer overlaps as many as the
 * line-fill buffers take: 10. */
static struct workload script = {
    .name = "script",
    .summary = "phases given as text, whose true counts follow in closed form",
    .unit = "visits",
    .mlp = 10000,
    .pages = script_pages,
    .setup = script_setup,
    .run = script_run,
    .verify = script_verify,
};
REGISTER_WORKLOAD(script);
