#include "lib/record.h"
#include "kernel/console.h"
#include "kernel/panic.h"
#include "lib/string.h"

#define MAX_NESTING 8

static char line[16384];
static size_t used;
static const char *run_id = "";
static bool first_field;
static char closers[MAX_NESTING];
static unsigned depth;

static void put(const char *text)
{
    size_t length = strlen(text);

    ASSERT(used + length + 2 < sizeof(line));
    memcpy(line + used, text, length + 1);
    used += length;
}

static void put_key(const char *key)
{
    if (!first_field)
        put(",");
    first_field = false;
    if (key) {
        put("\"");
        put(key);
        put("\":");
    }
}

void record_set_run(const char *id)
{
    run_id = id;
}

void record_begin(const char *kind)
{
    used = 0;
    depth = 0;
    first_field = true;
    put("{");
    record_text("schema", "tierlab/1");
    record_text("kind", kind);
    record_text("run", run_id);
}

void record_end(void)
{
    ASSERT(!depth);
    put("}\n");
    serial_write(SERIAL_RECORDS, line, used);
}

void record_u64(const char *key, u64 value)
{
    char text[24];

    ksnprintf(text, sizeof(text), "%lu", value);
    put_key(key);
    put(text);
}

void record_s64(const char *key, s64 value)
{
    char text[24];

    ksnprintf(text, sizeof(text), "%ld", value);
    put_key(key);
    put(text);
}

void record_hex(const char *key, u64 value)
{
    char text[24];

    ksnprintf(text, sizeof(text), "\"0x%016lx\"", value);
    put_key(key);
    put(text);
}

void record_text(const char *key, const char *value)
{
    char c[3] = {0};

    put_key(key);
    if (!value) {
        put("null");
        return;
    }
    put("\"");
    for (; *value; value++) {
        bool escape = *value == '"' || *value == '\\';
        c[0] = escape ? '\\' : *value < ' ' && *value >= 0 ? ' ' : *value;
        c[1] = escape ? *value : 0;
        put(c);
    }
    put("\"");
}

void record_bool(const char *key, bool value)
{
    put_key(key);
    put(value ? "true" : "false");
}

void record_json(const char *key, const char *json)
{
    put_key(key);
    put(json);
}

static void open(const char *key, const char *opener, char closer)
{
    ASSERT(depth < MAX_NESTING);
    put_key(key);
    put(opener);
    closers[depth++] = closer;
    first_field = true;
}

void record_object(const char *key)
{
    open(key, "{", '}');
}

void record_array(const char *key)
{
    open(key, "[", ']');
}

void record_close(void)
{
    char text[2] = {0};

    ASSERT(depth);
    text[0] = closers[--depth];
    put(text);
    first_field = false;
}

void record_millionths(const char *key, s64 millionths)
{
    char text[32];
    u64 size = millionths < 0 ? -(u64)millionths : (u64)millionths;

    if (millionths == RATIO_NULL) {
        record_json(key, "null");
        return;
    }
    ksnprintf(text, sizeof(text), "%s%lu.%06lu", millionths < 0 ? "-" : "", size / 1000000, size % 1000000);
    put_key(key);
    put(text);
}

void record_ratio(const char *key, s64 numerator, u64 denominator)
{
    ASSERT(numerator < (s64)1 << 43 && numerator > -((s64)1 << 43));
    record_millionths(key, denominator ? numerator * 1000000 / (s64)denominator : RATIO_NULL);
}
