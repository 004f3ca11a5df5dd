/*
 * kv: an in-memory key-value store with Redis's dictionary under YCSB's workloads.
 *
 *      setup   SET of every record, key "user0000000000000000000" and on
 *      op      paused: the client checks the last answer and draws operation and item (kv_draw.h)
 *              GET      hash the key, walk the chain of its bucket, compare keys, write the object's access clock, add
 *                       up the value's words
 *              SET      the same search; a new object with new words, the old one is freed
 *              insert   SET of a key that is not there
 *              scan     go down the skip list to the first key, then GET 1 to 100 keys along it
 *              RMW      GET, then SET of the same key
 *
 * Sources: Cooper et al., "Benchmarking Cloud Serving Systems with YCSB", SoCC'10, and YCSB's workload files; Redis's
 * dict.c, object.c and t_zset.c for the layout; Bergman et al.'s and Sha et al.'s (vTMM, EuroSys'23) use of such
 * stores. Differs: YCSB's Redis binding keeps a record as a hash of ten fields, here it is one string of their size,
 * read and written whole; a scan's order is that of the items' numbers, where the binding sorts by a hash of the key;
 * new items therefore come last. No network, no protocol, no expiry; values are made of words as they are written, and
 * added up as they are read, where Redis copies to and from a buffer that stays in the caches.
 *
 * Verification: each value holds a version. The client keeps the version of every item in an array (a shadow of 4 bytes
 * an item), from which the answer of each GET and scan follows; a wrong or missing answer is counted. At the end the
 * whole store is walked (kv_check.h): every item once, in its chain, with the words of its version. The checksum is the
 * sum of the hashes of all values and of all answers. It does not depend on time; latencies are reported only.
 */
#include "kernel/exit.h"
#include "kernel/panic.h"
#include "lib/string.h"
#include "lab/workload.h"
#include "workloads/kv/check.h"
#include "workloads/kv/draw.h"
#include "workloads/lib/latency.h"
#include "workloads/lib/random.h"

#define DEFAULT_BYTES (112 * MIB) /* arbitrary: more than three times the fast tier, half of the slow one */
#define DEFAULT_OPS   500000      /* with the warmup */
#define MACRO_OPS     200000
#define MAX_RECORDS   (16 << 20)
#define SCAN_MAX      100 /* YCSB's maxscanlength */

static KEY_TEXT(mix_name, "kv_mix", "a", "a|b|c|d|e|f|vtmm",
                "kv: YCSB's workload A to F, or vTMM's; arbitrary: A, YCSB's first");
static KEY_TEXT(dist_name, "kv_dist", "mix", "mix|uniform|zipfian|zipf-exact|scrambled|latest|hotspot",
                "kv: which items are asked for; mix: as YCSB's file says (d latest, vtmm hotspot, others scrambled)");
static KEY_TEXT(order, "kv_order", "scrambled", "scrambled|clustered",
                "kv: popular items lie all over memory (as where popularity and age are unrelated) or side by side");
static KEY_TEXT(update, "kv_update", "replace", "replace|place",
                "kv: an update makes a new object, as Redis's SET, or writes in place");
static KEY_NUMBER(value_bytes, "kv_value_bytes", 0, 0, 65520,
                  "kv: of a value, a multiple of 8 from 64; 0: as the mix says (YCSB 10 x 100, vtmm 4096)");
static KEY_NUMBER(records, "kv_records", 0, 0, MAX_RECORDS,
                  "kv: records at the start; 0: as many as size= or 112M hold");
static KEY_NUMBER(inserts, "kv_inserts", 0, 0, MAX_RECORDS,
                  "kv: room for so many new records (mixes d and e); 0: an eighth of the records, arbitrary");
static KEY_NUMBER(theta, "kv_theta_milli", 990, 10, 999, "kv: the Zipf exponent in thousandths (YCSB: 0.99)");
static KEY_NUMBER(hot_data, "kv_hot_data", 20, 0, 100, "kv: hotspot: percent of the items that are hot (YCSB: 20)");
static KEY_NUMBER(hot_ops, "kv_hot_ops", 80, 0, 100, "kv: hotspot: percent of the operations on them (YCSB: 80)");

static struct workload kv;
static const struct kv_mix *mix;
static enum kv_dist dist;
static u64 room, bytes; /* records at most; the footprint */

/* --- the client: outside the program, its time is not counted --------------------------------------------------- */

static struct kv_store store;
static struct kv_draw draw;
static u64 kind_random, length_random;
static u32 present, *versions; /* items that exist; the shadow */
static u8 *seen;

static struct {
    enum kv_kind kind;
    u32 item;
    u64 length;
    u64 base; /* of the value to be written */
    u64 want_found, want_sum;
    char key[KV_KEY_LENGTH];
} request;

static struct {
    u64 found, sum;
} answer;

static u64 ops_done, done[KV_NR_KINDS], wrong, all_answers, scanned;

/* Reads; updates, inserts and read-modify-writes; scans. In picoseconds. */
enum { TIMES_READ, TIMES_WRITE, TIMES_SCAN, NR_TIMES };
static struct latency times[NR_TIMES];

static void next_request(void)
{
    u32 words = store.words;

    request.kind = kv_draw_kind(mix, &kind_random);
    request.item = request.kind == KV_INSERT ? present : kv_draw_item(&draw, present);
    request.length = 0;
    request.want_found = 1;
    request.want_sum = 0;
    if (request.kind == KV_READ || request.kind == KV_RMW)
        request.want_sum = kv_value_sum(kv_base(request.item, versions[request.item]), words);
    if (request.kind == KV_UPDATE || request.kind == KV_RMW)
        versions[request.item]++;
    if (request.kind == KV_INSERT) {
        ASSERT(present < room); /* setup has counted */
        versions[present++] = 0;
    }
    if (request.kind == KV_SCAN) {
        request.length = 1 + random_below((u32)(random_next(&length_random) >> 32), SCAN_MAX);
        request.want_found = MIN(request.length, present - request.item);
        for (u64 i = 0; i < request.want_found; i++)
            request.want_sum += kv_value_sum(kv_base(request.item + i, versions[request.item + i]), words);
    }
    request.base = kv_base(request.item, versions[request.item]);
    kv_key_text(request.key, request.item);
    answer.found = answer.sum = 0;
}

static void take_answer(u64 time_ps)
{
    unsigned which = request.kind == KV_READ ? TIMES_READ : request.kind == KV_SCAN ? TIMES_SCAN : TIMES_WRITE;

    if (answer.found != request.want_found || answer.sum != request.want_sum)
        wrong++;
    all_answers = all_answers * 31 + answer.sum + answer.found;
    if (request.kind == KV_SCAN)
        scanned += answer.found;
    done[request.kind]++;
    ops_done++;
    latency_add(&times[which], time_ps);
}

/* --- the program ------------------------------------------------------------------------------------------------ */

static void serve(void)
{
    store.clock = (u32)ops_done;
    switch (request.kind) {
    case KV_READ:
        answer.found = kv_store_get(&store, request.key, &answer.sum);
        break;
    case KV_UPDATE:
        answer.found = kv_store_set(&store, request.key, request.base);
        break;
    case KV_INSERT:
        answer.found = kv_store_insert(&store, request.key, request.item, request.base);
        break;
    case KV_SCAN:
        answer.found = kv_store_scan(&store, request.item, request.length, &answer.sum);
        break;
    default:
        answer.found =
            kv_store_get(&store, request.key, &answer.sum) && kv_store_set(&store, request.key, request.base);
    }
}

static void kv_run(u64 ops)
{
    store.memory.at = arena_base();
    workload_pause();
    for (u64 i = 0; i < ops; i++) {
        next_request();
        u64 began_ps = workload_now_ps();
        workload_resume();
        serve();
        workload_pause();
        take_answer(workload_now_ps() - began_ps);
    }
    workload_resume();
}

/* --- before and after ------------------------------------------------------------------------------------------- */

static u64 room_for(u64 initial)
{
    if (!mix->percent[KV_INSERT])
        return initial;
    return initial + (inserts ? inserts : MAX(initial / 8, 1));
}

static u64 bytes_for(u64 initial)
{
    return kv_store_bytes(room_for(initial), (u32)(value_bytes / 8), mix->percent[KV_SCAN] != 0);
}

/* The largest number of records that fit. */
static u64 records_in(u64 limit)
{
    u64 low = 0, high = MIN(limit / (value_bytes + sizeof(struct kv_entry)), MAX_RECORDS); /* low fits, high + 1 not */

    while (low < high) {
        u64 middle = (low + high + 1) / 2;
        if (bytes_for(middle) <= limit)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* Length of a run: a scan is worth some fifty reads; inserts must have room. */
static u64 length_of(u64 total)
{
    if (mix->percent[KV_SCAN])
        total /= 50;
    return mix->percent[KV_INSERT] ? MIN(total, (room - records) * 18) : total; /* of 20 that fit on the average */
}

static NOT_COUNTED u64 kv_pages(void)
{
    u64 limit = workload_size() ? workload_size() : DEFAULT_BYTES;

    if (key_given(&records) && workload_size())
        refuse("size= and kv_records= say the same: give one");
    mix = kv_mix_of(mix_name);
    dist = strcmp(dist_name, "mix") ? kv_dist_of(dist_name) : mix->dist;
    if (!value_bytes)
        value_bytes = mix->value_bytes;
    if (value_bytes % 8 || value_bytes < 64)
        refuse("kv_value_bytes=%lu: must be a multiple of 8 from 64 to 65520", value_bytes);
    if (inserts && !mix->percent[KV_INSERT])
        refuse("kv_inserts=%lu: kv_mix=%s inserts nothing", inserts, mix_name);
    if (!records)
        records = records_in(limit);
    if (!records)
        refuse("kv: no record with a value of %lu bytes fits %lu KiB", value_bytes, limit / KIB);
    room = room_for(records);
    bytes = bytes_for(records);
    if (bytes > 2 * GIB)
        refuse("kv: %lu records of %lu bytes need %lu MiB; 2048 MiB are the most", room, value_bytes, bytes / MIB);
    kv.ops = MAX(length_of(DEFAULT_OPS) * 4 / 5, 1);
    kv.warmup = length_of(DEFAULT_OPS) / 5;
    kv.macro.ops = MAX(length_of(MACRO_OPS) * 4 / 5, 1);
    kv.macro.warmup = length_of(MACRO_OPS) / 5;
    return bytes / PAGE_SIZE;
}

/* Kinds do not depend on anything but the seed, so what will be inserted can be counted. */
static u64 count_inserts(u64 random, u64 ops)
{
    u64 count = 0;

    if (mix->percent[KV_INSERT])
        for (u64 i = 0; i < ops && count <= room - records; i++)
            count += kv_draw_kind(mix, &random) == KV_INSERT;
    return count;
}

/* A one-to-one map of the numbers below n that looks random: bits are mixed, and numbers from n on are mixed again. */
static u64 scatter(u64 number, u64 n)
{
    unsigned shift = 1;
    u64 mask;

    while (n > (u64)1 << shift)
        shift++;
    mask = ((u64)1 << shift) - 1;
    do {
        for (int round = 0; round < 3; round++) {
            number = (number ^ 0x5bd1e995) & mask;
            number = number * 0x9e3779b97f4a7c15ull & mask;
            number ^= number >> (shift + 1) / 2;
        }
    } while (number >= n);
    return number;
}

static NOT_COUNTED void kv_setup(u64 seed, u64 total_ops)
{
    u64 expected, item;
    bool clustered = !strcmp(order, "clustered");

    kind_random = seed ^ 0x6b696e64; /* three sequences from one seed */
    length_random = seed ^ 0x6c656e67;
    expected = count_inserts(kind_random, total_ops);
    if (expected > room - records)
        refuse("kv: %lu ops of kv_mix=%s insert more records than kv_inserts=%lu: give more room or fewer ops",
               total_ops, mix_name, room - records);
    draw.hot = (u32)(records * hot_data / 100);
    draw.hot_ops = (u32)hot_ops;
    kv_draw_init(&draw, dist, (u32)records, (u32)(records + expected), (double)(s64)theta / 1000, seed);
    if (!versions) {
        versions = workload_alloc(room * sizeof(*versions));
        seen = workload_alloc(room / 8 + 1);
    }
    memset(versions, 0, room * sizeof(*versions));
    for (u32 page = 0; page < bytes / PAGE_SIZE; page++)
        arena_populate(page);
    store = (struct kv_store){.memory.at = arena_direct(0),
                              .words = (u32)(value_bytes / 8),
                              .indexed = mix->percent[KV_SCAN] != 0,
                              .replace = !strcmp(update, "replace")};
    ASSERT(kv_store_init(&store, bytes));
    for (u64 i = 0; i < records; i++) {
        item = clustered ? i : scatter(i, records);
        kv_key_text(request.key, item);
        ASSERT(kv_store_insert(&store, request.key, item, kv_base(item, 0)));
    }
    request.item = 0;
    present = (u32)records;
    ops_done = wrong = all_answers = scanned = 0;
    memset(done, 0, sizeof(done));
    for (unsigned i = 0; i < NR_TIMES; i++)
        latency_reset(&times[i]);
}

static NOT_COUNTED void kv_measured(void)
{
    memset(done, 0, sizeof(done));
    scanned = 0;
    for (unsigned i = 0; i < NR_TIMES; i++)
        latency_reset(&times[i]);
}

static NOT_COUNTED bool kv_verify(u64 *checksum)
{
    struct kv_expected expected = {.records = present, .versions = versions, .last = request.item, .seen = seen};
    const char *why;

    store.memory.at = arena_direct(0);
    why = kv_check(&store, &expected, checksum);
    *checksum ^= all_answers;
    return !why && !wrong;
}

static void report_times(const struct latency *l, const char *const keys[4])
{
    static const u32 permyriads[4] = {5000, 9500, 9900, 9990};

    for (unsigned i = 0; i < 4 && l->count; i++)
        result_u64(keys[i], (latency_percentile(l, permyriads[i]) + 500) / 1000);
}

static NOT_COUNTED void kv_report(void)
{
    static const char *const read[] = {"read_p50_ns", "read_p95_ns", "read_p99_ns", "read_p999_ns"};
    static const char *const write[] = {"write_p50_ns", "write_p95_ns", "write_p99_ns", "write_p999_ns"};
    static const char *const scan[] = {"scan_p50_ns", "scan_p95_ns", "scan_p99_ns", "scan_p999_ns"};
    const struct kv_dict *dict;

    store.memory.at = arena_direct(0);
    dict = &kv_root_of(&store)->dict;
    result_text("kv_dist_used", kv_dist_name(dist));
    result_u64("kv_records_end", present);
    result_u64("kv_buckets", dict->table[0].size + dict->table[1].size);
    result_u64("kv_reads", done[KV_READ]);
    result_u64("kv_updates", done[KV_UPDATE]);
    result_u64("kv_inserted", done[KV_INSERT]);
    result_u64("kv_scans", done[KV_SCAN]);
    result_u64("kv_rmws", done[KV_RMW]);
    result_u64("kv_scanned_records", scanned);
    report_times(&times[TIMES_READ], read);
    report_times(&times[TIMES_WRITE], write);
    report_times(&times[TIMES_SCAN], scan);
}

/*
 * mlp: a GET's misses are the bucket, the entry, then the key and, at once (the comparison is predicted), the object,
 * then the payload, whose first two lines come together before the stream prefetcher takes over: six misses, four deep.
 * A value of 1000 bytes is some 400 instructions of adding up, more than a reorder buffer of 224 entries (Cascade Lake)
 * holds, so the next request overlaps nothing. A SET fills its lines by stores, which do not wait.
 */
static struct workload kv = {
    .name = "kv",
    .summary = "a key-value store with Redis's dictionary under YCSB's workloads A to F",
    .unit = "operations",
    .macro = {.bytes = 64 * MIB}, /* lengths: kv_pages() */
    .mlp = 1500,
    .pages = kv_pages,
    .setup = kv_setup,
    .run = kv_run,
    .verify = kv_verify,
    .measured = kv_measured,
    .report = kv_report,
};
REGISTER_WORKLOAD(kv);
