/* sources: tests/host/host.c workloads/replay/trace.c workloads/replay/index.c workloads/replay/deck.c */
/*
 * replay: its reader against every truncation and thousands of mutations of both forms, the deck, the index, and the
 * whole program, whose verifier must notice what is wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/host.h"
#include "workloads/replay/replay.c"

/* --- the laboratory --------------------------------------------------------------------------------------------- */

static void *blocks[64];
static unsigned nr_blocks;
static u8 *memory;
static char *file;
static size_t file_length;

void *workload_alloc(size_t bytes)
{
    if (nr_blocks == 64)
        abort();
    return blocks[nr_blocks++] = calloc(1, bytes ? bytes : 1);
}

void *workload_input(size_t *length)
{
    *length = file_length;
    return file;
}

void *arena_base(void)
{
    return memory;
}

void *arena_direct(u64 offset)
{
    return memory + offset;
}

void arena_populate(u32 page)
{
    (void)page;
}

void workload_pause(void)
{
}

void workload_resume(void)
{
}

void result_u64(const char *key, u64 value)
{
    (void)key, (void)value;
}

/* The program starts anew with a copy of a file that has no byte to spare. */
static void reset(const void *bytes, size_t length)
{
    while (nr_blocks)
        free(blocks[--nr_blocks]);
    free(memory);
    free(file);
    memory = NULL;
    file = malloc(length ? length : 1);
    memcpy(file, bytes, length);
    file_length = length;
    input = NULL;
    nr_records = nr_intervals = nr_accesses = 0;
}

/* --- traces ----------------------------------------------------------------------------------------------------- */

static const char text[] = "tierlab-trace 1\n# a comment\n0 5 r 10\n0 5 w 3\n0 100 r 0\n2 7 w 5\n"
                           "2 34359738368 r 1000\n# another\n7 5 r 1\nend 6\n";
#define TEXT_LENGTH   (sizeof(text) - 1)
#define BINARY_LENGTH (24 + 6 * 16)

static u8 binary[BINARY_LENGTH] = "TLTRACE\0\1\0\0\0\0\0\0\0\6\0\0\0\0\0\0";

static void make_binary(void)
{
    static const struct {
        u64 page;
        u32 interval, count;
    } records[6] = {{5 * 2, 0, 10},    {5 * 2 + 1, 0, 3},          {100 * 2, 0, 0},
                    {7 * 2 + 1, 2, 5}, {34359738368 * 2, 2, 1000}, {5 * 2, 7, 1}};

    memcpy(binary + 24, records, sizeof(records));
}

static u64 read_all(void)
{
    struct trace t;
    struct trace_record r;
    u64 hash = 0;

    trace_open(&t, file, file_length);
    while (trace_next(&t, &r))
        hash = (hash ^ r.page ^ (u64)r.interval << 20 ^ (u64)r.count << 40 ^ r.write) * 0x9e3779b97f4a7c15ull;
    return hash;
}

static void refused(const void *bytes, size_t length, const char *why)
{
    reset(bytes, length);
    host_message[0] = 0;
    REFUSES(read_all());
    if (!strstr(host_message, why))
        host_fail(__FILE__, __LINE__, "no '%s' in: %s", why, host_message);
}

static void refused_binary(unsigned at, u8 byte, const char *why)
{
    u8 copy[BINARY_LENGTH];

    memcpy(copy, binary, sizeof(copy));
    copy[at] = byte;
    refused(copy, sizeof(copy), why);
}

static void forms(void)
{
    u64 hash;

    host_case("replay.forms");
    reset(text, TEXT_LENGTH);
    hash = read_all();
    reset(binary, BINARY_LENGTH);
    CHECK_EQ(hash, read_all());

    host_case("replay.truncated");
    for (size_t length = 0; length < TEXT_LENGTH; length++)
        refused(text, length, "input: ");
    for (size_t length = 0; length < BINARY_LENGTH; length++)
        refused(binary, length, "input: byte ");

    host_case("replay.refused_text");
#define TEXT(body, why) refused("tierlab-trace 1\n" body, sizeof("tierlab-trace 1\n" body) - 1, why)
    refused("tierlab-trace 2\nend 0\n", 22, "line 1: another version");
    TEXT("0 5 r 1\nend 1\nx", "line 4: something follows");
    TEXT("0 5 r 1\nend 2\n", "line 3: not as many");
    TEXT("0 4503599627370496 r 1\nend 1\n", "line 2: the page is too large");
    TEXT("0 99999999999999999999999999 r 1\nend 1\n", "line 2: the page is too large");
    TEXT("4294967296 5 r 1\nend 1\n", "line 2: the interval is too large");
    TEXT("0 5 r 4294967296\nend 1\n", "line 2: the count is too large");
    TEXT("0 5 r 4294967295\n0 6 r 1\nend 2\n", "line 3: the counts of this interval");
    TEXT("1 5 r 1\n0 5 r 1\nend 2\n", "line 3: an earlier interval");
    TEXT("0 5 w 1\n0 5 r 1\nend 2\n", "line 3: out of order");
    TEXT("0 5 r 1\n0 5 r 1\nend 2\n", "line 3: out of order");
    TEXT("0 5 r 1\n\nend 1\n", "line 3: expected the interval");
    TEXT("0 5 x 1\nend 1\n", "line 2: expected r or w");
    TEXT("0  5 r 1\nend 1\n", "line 2: expected the page");
    TEXT("0 5 r 1 \nend 1\n", "line 2: more on the line");
    TEXT("0 5 r 1\r\nend 1\n", "line 2: ends with a carriage return");
    TEXT("0 -5 r 1\nend 1\n", "line 2: expected the page");

    host_case("replay.refused_binary");
    refused_binary(8, 2, "byte 8: version 2");
    refused_binary(12, 1, "byte 12: must be zero");
    refused_binary(16, 7, "truncated");
    refused_binary(23, 0xff, "truncated");
    refused_binary(16, 5, "byte 104: something follows");
    refused_binary(24 + 7, 1, "byte 24: page");
    refused_binary(24 + 16 + 8, 9, "byte 56: an earlier interval");
    refused_binary(24 + 16, 10, "byte 40: out of order");
}

/* --- deck and index --------------------------------------------------------------------------------------------- */

static void decks(void)
{
    u32 tree[101], left[100], first_half[2] = {0};
    struct deck d;

    host_case("replay.deck");
    host_seed(1);
    for (u32 round = 0; round < 200; round++) {
        u32 kinds = 1 + host_below(100), all = 0;
        deck_open(&d, tree);
        for (u32 k = 0; k < kinds; k++) {
            left[k] = host_below(4) ? host_below(50) : 0;
            deck_add(&d, left[k]);
            all += left[k];
        }
        deck_shuffle(&d);
        for (; all; all--) {
            u32 kind = deck_draw(&d, (u32)host_random());
            CHECK(kind < kinds && left[kind]);
            left[kind]--;
        }
        CHECK_EQ(0, d.left);
    }
    /* Of 1000 and 3000 cards, half are drawn: 500 and 1500 are expected, standard deviation below 14; five are allowed.
     */
    deck_open(&d, tree);
    deck_add(&d, 1000);
    deck_add(&d, 3000);
    deck_shuffle(&d);
    for (u32 i = 0; i < 2000; i++)
        first_half[deck_draw(&d, (u32)host_random())]++;
    CHECK(first_half[0] > 430 && first_half[0] < 570);
}

static void indices(void)
{
    enum { NR = 20000 };
    static u8 seen[NR * 2];
    struct page_index index;
    u32 number = 0;

    host_case("replay.index");
    reset("", 0);
    index_open(&index);
    for (u32 i = 0; i < NR; i++) {
        u32 page = host_below(NR * 2);
        seen[page] = 1;
        index_add(&index, (u64)page << 20);
    }
    index_seal(&index);
    for (u32 page = 0; page < NR * 2; page++) {
        if (!seen[page])
            continue;
        CHECK_EQ(number, index_of(&index, (u64)page << 20));
        number++;
    }
    CHECK_EQ(number, index.used);
    PANICS(index_of(&index, 1));
}

/* --- the whole program ------------------------------------------------------------------------------------------ */

static void start(u64 seed)
{
    u64 nr = replay_pages();

    if (!memory)
        memory = calloc(nr, PAGE_SIZE);
    memset(memory, 0, nr * PAGE_SIZE);
    replay_setup(seed, 0);
}

static void program(void)
{
    u64 sum, checksum, again;
    u8 *copy;

    host_case("replay.known_answer");
    reset(text, TEXT_LENGTH);
    start(1);
    CHECK_EQ(1019, replay.ops);
    CHECK_EQ(4, pages.used);
    replay_run(1019);
    CHECK(replay_verify(&checksum));
    CHECK_EQ(11 * 1 + 3 * 31 * 1 + 5 * 31 * 2 + 1000 * 4, checksum);

    host_case("replay.slices");
    for (u64 ops = 1; ops < 2200; ops += 37) {
        start(ops);
        replay_run(ops);
        CHECK(replay_verify(&checksum));
        sum = read_sum;
        copy = malloc(pages.used * PAGE_SIZE);
        memcpy(copy, memory, pages.used * PAGE_SIZE);
        start(ops);
        for (u64 i = 0; i < ops; i++)
            replay_run(1);
        CHECK(replay_verify(&again));
        CHECK_EQ(checksum, again);
        CHECK_EQ(sum, read_sum);
        CHECK(!memcmp(copy, memory, pages.used * PAGE_SIZE));
        free(copy);
    }

    host_case("replay.verifier");
    for (unsigned fault = 0; fault < 5; fault++) {
        u64 *words;
        start(3);
        replay_run(700);
        words = (u64 *)memory;
        words[0] += fault == 0;                                       /* a write too many */
        words[WORDS_PER_PAGE * 2 + 7] ^= fault == 1 ? 1ull << 44 : 0; /* a page's mark */
        read_sum -= fault == 2;
        done += fault == 3; /* an access that was not done */
        if (fault == 4)     /* two pages exchanged */
            for (u32 i = 0; i < WORDS_PER_PAGE; i++) {
                u64 swap = words[i];
                words[i] = words[WORDS_PER_PAGE + i];
                words[WORDS_PER_PAGE + i] = swap;
            }
        CHECK(!replay_verify(&checksum));
    }
}

static size_t mutate(u8 *bytes, size_t length)
{
    for (u32 edits = 1 + host_below(3); edits; edits--) {
        u32 at = host_below((u32)length);
        switch (host_below(4)) {
        case 0:
            bytes[at] ^= (u8)(1 << host_below(8));
            break;
        case 1:
            bytes[at] = (u8) "0123456789 rw\n#\377"[host_below(16)];
            break;
        case 2:
            memmove(bytes + at, bytes + at + 1, length - at - 1);
            length -= length > 1;
            break;
        default:
            memmove(bytes + at + 1, bytes + at, length - at);
            length++;
        }
    }
    return length;
}

static void one_mutation(const void *valid, size_t length, u32 *accepted)
{
    u8 bytes[256];
    volatile int ended;
    u64 checksum;

    memcpy(bytes, valid, length);
    reset(bytes, mutate(bytes, length));
    host_expects_end = true;
    ended = setjmp(host_landing);
    if (!ended) {
        start(1);
        replay_run(1500);
        CHECK(replay_verify(&checksum));
        ++*accepted;
    }
    host_expects_end = false;
    CHECK(ended != HOST_PANICKED);
}

static void mutations(void)
{
    enum { ROUNDS = 20000 };
    u32 accepted = 0;

    host_case("replay.mutations");
    host_seed(2);
    for (u32 i = 0; i < ROUNDS; i++)
        one_mutation(i & 1 ? (const void *)text : binary, i & 1 ? TEXT_LENGTH : BINARY_LENGTH, &accepted);
    CHECK(accepted > ROUNDS / 50 && accepted < ROUNDS * 9 / 10); /* both ends are reached */
    printf("# %u of %u mutations are traces\n", accepted, ROUNDS);
    reset("", 0);
}

int main(void)
{
    make_binary();
    forms();
    decks();
    indices();
    program();
    mutations();
    return host_done();
}
