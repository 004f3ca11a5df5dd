#include "model/config.h"
#include "model/tier.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define KIB          1024ull
#define GIVEN_PRESET (1ull << 63)

struct key {
    const char *name;
    size_t offset;
    uint64_t fallback, min, max;
    const char *help;
};

static const struct key keys[] = {
#define KEY(name, def, min, max, help) {#name, offsetof(struct config, name), def, min, max, help},
#include "model/keys.def"
#undef KEY
};

#define NR_KEYS (sizeof(keys) / sizeof(keys[0]))

_Static_assert(NR_KEYS < 63, "one bit a key");

static uint64_t *key_value(const struct config *config, const struct key *key)
{
    return (uint64_t *)((char *)config + key->offset);
}

void config_init(struct config *config)
{
    memset(config, 0, sizeof(*config));
    for (size_t i = 0; i < NR_KEYS; i++) {
        *key_value(config, &keys[i]) = keys[i].fallback;
    }
    strcpy(config->preset, CONFIG_DEFAULT_PRESET);
}

/* Keys that take words have help that begins with them: "WORD|WORD: ...". The n-th word, or NULL. */
static const char *key_word(const struct key *key, uint64_t n, size_t *length)
{
    const char *at = key->help;
    size_t all = strcspn(at, ": ");

    if (at[all] != ':' || !memchr(at, '|', all)) {
        return NULL;
    }
    for (; n; n--) {
        at += strcspn(at, "|:");
        if (*at++ == ':') {
            return NULL;
        }
    }
    *length = strcspn(at, "|:");
    return at;
}

/* -1 when it is none of the key's words. */
static int parse_word(const struct key *key, const char *text, uint64_t *value)
{
    const char *word;
    size_t length;

    for (*value = 0; (word = key_word(key, *value, &length)); ++*value) {
        if (strlen(text) == length && !strncmp(word, text, length)) {
            return 0;
        }
    }
    return -1;
}

/* Decimal digits; sizes (keys whose help begins with "bytes") may end in K, M or G. -1 when malformed. */
static int parse_number(const struct key *key, const char *text, uint64_t *value)
{
    uint64_t number = 0;
    const char *at = text;

    for (; *at >= '0' && *at <= '9'; at++) {
        if (number > (UINT64_MAX - 9) / 10) {
            return -1;
        }
        number = number * 10 + (uint64_t)(*at - '0');
    }
    if (at == text) {
        return -1;
    }
    if (*at && !strncmp(key->help, "bytes", 5)) {
        unsigned shift;
        switch (*at) {
        case 'K':
            shift = 10;
            break;
        case 'M':
            shift = 20;
            break;
        case 'G':
            shift = 30;
            break;
        default:
            return -1;
        }
        if (number >> (64 - shift)) {
            return -1;
        }
        number <<= shift;
        at++;
    }
    *value = number;
    return *at ? -1 : 0;
}

struct size_text {
    char text[24];
};

/* A key's value as a user would write it: bytes with the largest of K, M and G that divides them. */
static struct size_text value_text(const struct key *key, uint64_t value)
{
    struct size_text out;
    unsigned unit = 0;

    while (!strncmp(key->help, "bytes", 5) && unit < 3 && value && value % 1024 == 0) {
        value /= 1024;
        unit++;
    }
    snprintf(out.text, sizeof(out.text), "%llu%.1s", (unsigned long long)value, &"\0KMG"[unit]);
    return out;
}

static int set_preset(struct config *config, const char *value, char *error, size_t error_bytes)
{
    const char *plus = strchr(value, '+');

    if (!plus || plus == value || !plus[1] || strchr(plus + 1, '+') || strlen(value) >= sizeof(config->preset)) {
        snprintf(error, error_bytes, "preset=%.80s: must be FAST+SLOW, two names of the presets file", value);
        return -1;
    }
    strcpy(config->preset, value);
    return 0;
}

int config_set(struct config *config, const char *name, const char *value, char *error, size_t error_bytes)
{
    uint64_t bit = GIVEN_PRESET;
    const struct key *key = NULL;

    for (size_t i = 0; i < NR_KEYS; i++) {
        if (!strcmp(name, keys[i].name)) {
            key = &keys[i];
            bit = 1ull << i;
        }
    }
    if (!key && strcmp(name, "preset")) {
        int used = snprintf(error, error_bytes, "unknown key '%.60s'; known: preset", name);
        for (size_t i = 0; i < NR_KEYS && used > 0 && (size_t)used < error_bytes; i++) {
            used += snprintf(error + used, error_bytes - (size_t)used, " %s", keys[i].name);
        }
        return -1;
    }
    if (config->given & bit) {
        snprintf(error, error_bytes, "key %s is given twice", name);
        return -1;
    }
    config->given |= bit;
    if (!key) {
        return set_preset(config, value, error, error_bytes);
    }
    uint64_t number;
    size_t length;
    if (key_word(key, 0, &length)) {
        if (parse_word(key, value, &number)) {
            snprintf(error, error_bytes, "%s=%.60s: must be one of %.*s", name, value, (int)strcspn(key->help, ":"),
                     key->help);
            return -1;
        }
    } else if (parse_number(key, value, &number)) {
        snprintf(error, error_bytes, "%s=%.60s: not a number", name, value);
        return -1;
    }
    if (number < key->min || number > key->max) {
        snprintf(error, error_bytes, "%s=%.60s: must be from %s to %s", name, value, value_text(key, key->min).text,
                 value_text(key, key->max).text);
        return -1;
    }
    *key_value(config, key) = number;
    return 0;
}

int config_read(struct config *config, const char *path, char *error, size_t error_bytes)
{
    char line[256];
    int number = 0, result = 0;
    FILE *file = fopen(path, "r");

    if (!file) {
        snprintf(error, error_bytes, "keys file %s: %s", path, strerror(errno));
        return -1;
    }
    while (!result && fgets(line, sizeof(line), file)) {
        number++;
        size_t length = strlen(line);
        if (length + 1 == sizeof(line)) {
            snprintf(error, error_bytes, "keys file %s, line %d: too long", path, number);
            result = -1;
            break;
        }
        line[strcspn(line, "\r\n")] = 0;
        if (!line[0] || line[0] == '#') {
            continue;
        }
        char *equals = strchr(line, '=');
        if (!equals) {
            snprintf(error, error_bytes, "keys file %s, line %d: '%.60s' is not key=value", path, number, line);
            result = -1;
            break;
        }
        *equals = 0;
        result = config_set(config, line, equals + 1, error, error_bytes);
    }
    if (!result && ferror(file)) {
        snprintf(error, error_bytes, "keys file %s: cannot be read", path);
        result = -1;
    }
    fclose(file);
    return result;
}

/* The largest power of two that is at most n, but at least `floor`. */
static uint64_t power_of_two(uint64_t n, uint64_t floor)
{
    uint64_t power = 1;

    while (power * 2 <= n) {
        power *= 2;
    }
    return power < floor ? floor : power;
}

static int check_shape(const char *name, uint64_t entries, uint64_t ways, uint64_t multiple, char *error, size_t bytes)
{
    uint64_t sets = ways ? entries / ways : 0;

    if (ways % multiple || !sets || sets * ways != entries || (sets & (sets - 1))) {
        snprintf(error, bytes, "%s: %s%s the number of sets must be a power of two", name, name,
                 multiple > 1 ? "_ways must be a multiple of 4 and" : "_ways must divide the entries and");
        return -1;
    }
    return 0;
}

/*
 * What was left at 0. What belongs to a core shrinks by 1024 / active, as memory shrinks by 1024 and a core's share of
 * the work on it by `active`; the last level is shared by the active cores, so that their number cancels out.
 */
static void derive(struct config *config)
{
    const struct preset *fast = &config->tier[0];

    config->cores = config->cores ? config->cores : fast->cores;
    config->active = config->active ? config->active : (config->cores * 2 + 2) / 3;
    config->fill = config->fill ? config->fill : fast->fill;
    config->walkers = config->walkers ? config->walkers : fast->walkers;
    config->ahead = config->ahead ? config->ahead : fast->ahead;
    config->l2 = config->l2 ? config->l2 : power_of_two(1024 * KIB * config->active / 1024, 64 * KIB);
    config->llc = config->llc ? config->llc : power_of_two(1408 * KIB * config->cores / 1024, 64 * KIB);
    config->tlb2 = config->tlb2 ? config->tlb2 : power_of_two(1536 * config->active / 1024, 64);
    if (!config->ntlb) {
        config->ntlb = 64 * config->active / 1024 > 4 ? 64 * config->active / 1024 : 4;
    }
    if (!config->pde) {
        config->pde = 32 * config->active / 1024 > 4 ? 32 * config->active / 1024 : 4;
    }
}

uint64_t config_sharers_milli(const struct config *config, uint64_t active)
{
    return 1000 + (active - 1) * config->others * 10;
}

/* A neighbour leaves something of every lane. */
static int check_neighbour(const struct config *config, const char *name, int tier, uint64_t load_GBps, char *error,
                           size_t error_bytes)
{
    uint64_t milli[MODEL_DIRECTIONS], most;

    port_neighbour(&config->tier[tier], config_sharers_milli(config, config->active), load_GBps * 1000, milli);
    most = config->tier[tier].lanes == 1            ? milli[MODEL_READ] + milli[MODEL_WRITE]
           : milli[MODEL_READ] > milli[MODEL_WRITE] ? milli[MODEL_READ]
                                                    : milli[MODEL_WRITE];
    if (most > MAX_NEIGHBOUR) {
        snprintf(error, error_bytes, "%s=%llu: takes %llu/1000 of a lane of %s; at most %d/1000 is right", name,
                 (unsigned long long)load_GBps, (unsigned long long)most, config->tier[tier].name, MAX_NEIGHBOUR);
        return -1;
    }
    return 0;
}

int config_finish(struct config *config, const char *presets, char *error, size_t error_bytes)
{
    char fast[sizeof(config->preset)];
    char *plus;

    strcpy(fast, config->preset);
    plus = strchr(fast, '+');
    *plus = 0;
    if (preset_find(presets, fast, &config->tier[0], error, error_bytes) ||
        preset_find(presets, plus + 1, &config->tier[1], error, error_bytes)) {
        return -1;
    }
    derive(config);
    if (config->active > config->cores) {
        snprintf(error, error_bytes, "active=%llu: the machine has %llu cores", (unsigned long long)config->active,
                 (unsigned long long)config->cores);
        return -1;
    }
    if (check_neighbour(config, "load_fast", 0, config->load_fast, error, error_bytes) ||
        check_neighbour(config, "load_slow", 1, config->load_slow, error, error_bytes)) {
        return -1;
    }
    if (config->mlp && config->mlp < 1000) {
        snprintf(error, error_bytes, "mlp=%llu: must be 0 or from 1000 (no overlap) on",
                 (unsigned long long)config->mlp);
        return -1;
    }
    if ((config->l1 | config->l2 | config->llc) % 64) {
        snprintf(error, error_bytes, "l1, l2 and llc must be multiples of 64 bytes, a line");
        return -1;
    }
    if (check_shape("l1", config->l1 / 64, config->l1_ways, 4, error, error_bytes) ||
        check_shape("l2", config->l2 / 64, config->l2_ways, 4, error, error_bytes) ||
        check_shape("llc", config->llc / 64, config->llc_ways, 4, error, error_bytes) ||
        check_shape("tlb1", config->tlb1, config->tlb1_ways, 1, error, error_bytes) ||
        check_shape("tlb2", config->tlb2, config->tlb2_ways, 1, error, error_bytes)) {
        return -1;
    }
    if (config->l1 > config->l2) {
        snprintf(error, error_bytes,
                 "l1=%lluK: the first-level cache must not be larger than l2=%lluK, which contains it",
                 (unsigned long long)config->l1 / KIB, (unsigned long long)config->l2 / KIB);
        return -1;
    }
    return 0;
}

/* Text that is being put together; `full` once something did not fit. */
struct writer {
    char *text;
    size_t bytes, used;
    bool full;
};

__attribute__((format(printf, 2, 3))) static void put(struct writer *writer, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int n = vsnprintf(writer->text + writer->used, writer->bytes - writer->used, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= writer->bytes - writer->used) {
        writer->full = true;
        return;
    }
    writer->used += (size_t)n;
}

static void put_tier(struct writer *writer, const char *key, const struct preset *tier)
{
    put(writer, ",\"%s\":{\"name\":\"%s\",\"read_ps\":%llu,\"seq_ps\":%llu,\"write_ps\":%llu", key, tier->name,
        (unsigned long long)tier->read_ps, (unsigned long long)tier->seq_ps, (unsigned long long)tier->write_ps);
    put(writer, ",\"read_Bps\":%llu,\"write_Bps\":%llu,\"lanes\":%llu,\"unit_bytes\":%llu,\"cores\":%llu",
        (unsigned long long)tier->read_Bps, (unsigned long long)tier->write_Bps, (unsigned long long)tier->lanes,
        (unsigned long long)tier->unit_bytes, (unsigned long long)tier->cores);
    put(writer, ",\"fill\":%llu,\"walkers\":%llu,\"ahead\":%llu", (unsigned long long)tier->fill,
        (unsigned long long)tier->walkers, (unsigned long long)tier->ahead);
    put(writer, ",\"writers\":[");
    for (int i = 0; i < tier->nr_writers; i++) {
        put(writer, "%s[%llu,%llu]", i ? "," : "", (unsigned long long)tier->writers[i].cores,
            (unsigned long long)tier->writers[i].milli);
    }
    put(writer, "],\"curve_milli\":[");
    for (int i = 0; i < CURVE_POINTS; i++) {
        put(writer, "%s%llu", i ? "," : "", (unsigned long long)tier->curve[i]);
    }
    put(writer, "],\"interpolated\":\"%s\",\"source\":\"%s\",\"date\":\"%s\"}", tier->interpolated, tier->source,
        tier->date);
}

int config_json(const struct config *config, char *text, size_t bytes)
{
    struct writer writer = {text, bytes, 0, false};

    put(&writer, "{\"preset\":\"%s\"", config->preset);
    for (size_t i = 0; i < NR_KEYS; i++) {
        uint64_t value = *key_value(config, &keys[i]);
        size_t length;
        const char *word = key_word(&keys[i], value, &length);
        if (word) {
            put(&writer, ",\"%s\":\"%.*s\"", keys[i].name, (int)length, word);
        } else {
            put(&writer, ",\"%s\":%llu", keys[i].name, (unsigned long long)value);
        }
    }
    put_tier(&writer, "fast", &config->tier[0]);
    put_tier(&writer, "slow", &config->tier[1]);
    put(&writer, "}");
    return writer.full ? -1 : 0;
}
