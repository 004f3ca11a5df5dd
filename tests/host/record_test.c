/* sources: tests/host/host.c */
/* Records and the formatting under them, byte for byte. */
#include <stdio.h>
#include <string.h>

#include "tests/host/host.h"

/* The port is an array here. */
#define serial_write console_serial_write
#include "kernel/console.c"
#undef serial_write
void serial_write(enum serial_port port, const char *text, size_t size);
#include "lib/record.c"

static char sent[20000];

void serial_write(enum serial_port port, const char *text, size_t size)
{
    CHECK_EQ(SERIAL_RECORDS, port);
    memcpy(sent, text, size);
    sent[size] = 0;
}

#define HEAD "{\"schema\":\"tierlab/1\",\"kind\":\"k\",\"run\":\"r\""

static void expect(const char *fields)
{
    char want[1000];

    record_end();
    snprintf(want, sizeof(want), HEAD "%s}\n", fields);
    if (strcmp(want, sent))
        host_fail(__FILE__, __LINE__, "want %s got %s", want, sent);
}

static void begin(void)
{
    record_set_run("r");
    record_begin("k");
}

static void ratio(s64 numerator, u64 denominator, const char *want)
{
    char fields[100];

    begin();
    record_ratio("x", numerator, denominator);
    snprintf(fields, sizeof(fields), ",\"x\":%s", want);
    expect(fields);
}

static void ratios(void)
{
    ratio(0, 1, "0.000000");
    ratio(1, 1, "1.000000");
    ratio(1, 3, "0.333333");
    ratio(2, 3, "0.666666");
    ratio(999999, 1000000, "0.999999");
    ratio(1, 1000001, "0.000000");
    ratio(7, 2, "3.500000");
    ratio(-1, 2, "-0.500000");
    ratio(-5, 4, "-1.250000");
    ratio(1, 0, "null");
    ratio(((s64)1 << 43) - 1, 1, "8796093022207.000000");
    for (int i = 0; i < 2000; i++) {
        u64 whole = 1 + (host_random() >> (22 + host_below(40))), part = host_random() % (whole + 1);
        char want[40];
        snprintf(want, sizeof(want), "%llu.%06llu", (unsigned long long)(part / whole),
                 (unsigned long long)(part % whole * 1000000 / whole));
        ratio((s64)part, whole, want);
    }
    PANICS(ratio((s64)1 << 43, 1, ""));
}

static void values(void)
{
    begin();
    record_u64("a", UINT64_MAX);
    record_s64("b", INT64_MIN);
    record_hex("c", 0xbeef);
    record_bool("d", true);
    record_bool("e", false);
    record_text("f", NULL);
    record_json("g", "[1]");
    record_millionths("h", RATIO_NULL);
    record_millionths("i", -1);
    expect(",\"a\":18446744073709551615,\"b\":-9223372036854775808,\"c\":\"0x000000000000beef\",\"d\":true,"
           "\"e\":false,\"f\":null,\"g\":[1],\"h\":null,\"i\":-0.000001");
}

static void nesting(void)
{
    begin();
    record_object("o");
    record_close();
    record_array("a");
    record_u64(NULL, 1);
    record_object(NULL);
    record_u64("x", 2);
    record_close();
    record_u64(NULL, 3);
    record_close();
    record_u64("z", 4);
    expect(",\"o\":{},\"a\":[1,{\"x\":2},3],\"z\":4");
    begin();
    record_object("o");
    PANICS(record_end());
    begin();
    PANICS(record_close());
}

/* ksnprintf against the library's, also where it must cut. */
static void formats(void)
{
    char ours[64], theirs[64];

    for (int i = 0; i < 5000; i++) {
        u64 a = host_random() >> host_below(64);
        int b = (int)host_random();
        size_t size = 1 + host_below(sizeof(ours));
        memset(ours, 'z', sizeof(ours));
        size_t length = ksnprintf(ours, size, "%lu %d|%5u|%04x %s%c%%", a, b, (u32)a % 1000, (u32)a, "text", 'c');
        snprintf(theirs, size, "%lu %d|%5u|%04x %s%c%%", a, b, (u32)a % 1000, (u32)a, "text", 'c');
        if (strcmp(ours, theirs))
            host_fail(__FILE__, __LINE__, "want %s got %s", theirs, ours);
        CHECK_EQ(strlen(ours), length);
    }
}

int main(void)
{
    host_seed(1);
    host_case("record.values");
    values();
    host_case("record.ratio");
    ratios();
    host_case("record.escapes");
    begin();
    record_text("t", "a\"b\\c\nd\te\x01"
                     "f/\xc3\xa9");
    expect(",\"t\":\"a\\\"b\\\\c d e f/\xc3\xa9\"");
    host_case("record.nesting");
    nesting();
    host_case("record.format");
    formats();
    return host_done();
}
