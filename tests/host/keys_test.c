/* sources: tests/host/host.c lib/keys.c lib/number.c */
/* Parsing of numbers and key=value words: what is accepted, and what is refused with the culprit's name. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel/err.h"
#include "lib/keys.h"
#include "lib/registry.h"
#include "lib/size_text.h"
#include "tests/host/host.h"

static u64 seed, size;
static const char *place;
static bool given[3];

static const struct key keys[] = {
    {.name = "seed",
     .help = "",
     .kind = KEY_IS_NUMBER,
     .number = &seed,
     .minimum = 1,
     .maximum = 1000,
     .given = &given[0]},
    {.name = "fast",
     .help = "",
     .kind = KEY_IS_SIZE,
     .number = &size,
     .minimum = 4096,
     .maximum = GIB,
     .given = &given[1]},
    {.name = "place", .help = "", .kind = KEY_IS_TEXT, .text = &place, .choices = "here|there", .given = &given[2]},
};

/* What the linker script gathers in the image. */
const struct key *const all_keys[] = {&keys[0], &keys[1], &keys[2]};
__asm__(".globl keys_start, keys_end\n.set keys_start, all_keys\n.set keys_end, all_keys + 24");
const struct key *const may_change[] = {&keys[0], &keys[2]};
__asm__(".globl changing_keys_start, changing_keys_end\n.set changing_keys_start, may_change\n.set changing_keys_end, may_change + 16");

/* Of lib/registry.c, which wants all registries: only messages need it. */
void name_list_add(struct name_list *list, const char *name)
{
    list->used += (size_t)snprintf(list->text + list->used, list->size - list->used, " %s", name);
}

static void parse(const char *words)
{
    static char text[200];

    seed = 7, size = 8192, place = "here";
    memset(given, 0, sizeof(given));
    snprintf(text, sizeof(text), "%s", words);
    keys_parse(text);
}

static void refuses(const char *words, const char *names)
{
    host_message[0] = 0;
    REFUSES(parse(words));
    if (!strstr(host_message, names))
        host_fail(__FILE__, __LINE__, "'%s': no '%s' in '%s'", words, names, host_message);
}

static void number(const char *text, bool suffix, int error, u64 want)
{
    u64 value = 0x1234;
    int got = parse_number(text, suffix, &value);

    if (got != error || value != (error ? 0x1234 : want))
        host_fail(__FILE__, __LINE__, "'%s': error %d value %llu", text, got, (unsigned long long)value);
}

static void numbers(void)
{
    number("0", false, 0, 0);
    number("007", false, 0, 7);
    number("18446744073709551615", false, 0, UINT64_MAX);
    number("18446744073709551616", false, ERR_RANGE, 0);
    number("99999999999999999999", false, ERR_RANGE, 0);
    number("", false, ERR_INVAL, 0);
    number("-1", false, ERR_INVAL, 0);
    number("+1", false, ERR_INVAL, 0);
    number(" 1", false, ERR_INVAL, 0);
    number("1 ", false, ERR_INVAL, 0);
    number("0x10", false, ERR_INVAL, 0);
    number("1.5", false, ERR_INVAL, 0);
    number("1K", false, ERR_INVAL, 0);
    number("1K", true, 0, KIB);
    number("3M", true, 0, 3 * MIB);
    number("2G", true, 0, 2 * GIB);
    number("K", true, ERR_INVAL, 0);
    number("1k", true, ERR_INVAL, 0);
    number("1KB", true, ERR_INVAL, 0);
    number("1T", true, ERR_INVAL, 0);
    number("17179869183G", true, 0, 17179869183 * GIB);
    number("17179869184G", true, ERR_RANGE, 0);
}

static void random_numbers(void)
{
    static const struct {
        const char *name;
        unsigned shift;
    } suffixes[] = {{"", 0}, {"K", 10}, {"M", 20}, {"G", 30}};

    for (int i = 0; i < 5000; i++) {
        char text[40];
        u32 s = host_below(4);
        u64 value = host_random() >> host_below(64);
        bool fits = value <= UINT64_MAX >> suffixes[s].shift;

        snprintf(text, sizeof(text), "%llu%s", (unsigned long long)value, suffixes[s].name);
        number(text, true, fits ? 0 : ERR_RANGE, value << suffixes[s].shift);
    }
}

static char noted[200]; /* the last complaint */

static __attribute__((format(printf, 1, 2))) void note(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(noted, sizeof(noted), format, args);
    va_end(args);
}

int main(void)
{
    host_seed(1);
    host_case("keys.numbers");
    numbers();
    host_case("keys.random_numbers");
    random_numbers();

    host_case("keys.accepted");
    parse("");
    CHECK(seed == 7 && !key_given(&seed));
    parse("seed=1\nfast=1G\tplace=there ");
    CHECK_EQ(1, seed);
    CHECK_EQ(GIB, size);
    CHECK(!strcmp(place, "there"));
    CHECK(key_given(&seed) && key_given(&size) && key_given(&place));
    parse("  \r\n seed=1000 \n\n");
    CHECK_EQ(1000, seed);
    CHECK(!key_given(&size));

    host_case("keys.change");
    parse("");
    CHECK(key_find("fast") == &keys[1] && !key_find("fas") && !key_find(""));
    CHECK(key_may_change(&keys[0]) && !key_may_change(&keys[1]) && key_may_change(&keys[2]));
    CHECK(key_change(&keys[0], "1000", note) && seed == 1000 && !*noted);
    CHECK(key_change(&keys[2], "there", note) && !strcmp(place, "there") && !*noted);
    CHECK(!key_change(&keys[0], "1001", note) && seed == 1000 && !strcmp(noted, "seed=1001: must be from 1 to 1000"));
    CHECK(!key_change(&keys[2], "nowhere", note) && !strcmp(place, "there") && strstr(noted, "here|there"));
    CHECK(!key_change(&keys[0], "x", note) && seed == 1000 && strstr(noted, "whole number"));

    host_case("keys.refused");
    refuses("frobnicate=1", "'frobnicate'");
    refuses("frobnicate=1", "seed fast place");
    refuses("seed", "'seed'");
    refuses("=1", "''");
    refuses("seed=", "seed=");
    refuses("seed=abc", "seed=abc");
    refuses("seed=1K", "seed=1K");
    refuses("seed=0", "from 1 to 1000");
    refuses("seed=1001", "seed=1001");
    refuses("seed=1 fast=4K seed=1", "seed: given twice");
    refuses("fast=4095", "fast=4095: must be from 4K to 1G");
    refuses("fast=99999999999999999999", "fast=");
    refuses("place=h", "here|there");
    refuses("place=here|there", "place=");
    refuses("place=", "place=");

    host_case("keys.size_text");
    CHECK(!strcmp(size_text(0).text, "0"));
    CHECK(!strcmp(size_text(1023).text, "1023"));
    CHECK(!strcmp(size_text(65536).text, "64K"));
    CHECK(!strcmp(size_text(65537).text, "65537"));
    CHECK(!strcmp(size_text(3 * MIB / 2).text, "1536K"));
    CHECK(!strcmp(size_text(4096 * GIB).text, "4096G"));
    CHECK(!strcmp(size_text(UINT64_MAX).text, "18446744073709551615"));

    host_case("keys.foreign_variable");
    PANICS(key_given(&given));
    return host_done();
}
