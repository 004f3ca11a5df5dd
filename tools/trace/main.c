/* The command line of tools/to-trace: to-trace FORMAT [options] [FILE] */
#include "tools/trace/trace.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct format {
    const char *name, *summary;
    const char *allowed; /* option letters; T: --target, R: --range */
    void (*convert)(void);
};

static const struct format formats[] = {
    {"damon",
     "DAMON: damo report access --raw_form or --json, damo's records in JSON, perf script over its tracepoints",
     "nwsibTR", convert_damon},
    {"lackey", "valgrind --tool=lackey --trace-mem=yes", "sabR", convert_lackey},
    {"pinatrace", "Pin's example tool pinatrace", "sabR", convert_pinatrace},
    {"perf-script", "perf script -F time,event,addr, or with data sources", "nwsabR", convert_perf_script},
    {"perf-mem", "perf mem -D report", "nwsabTR", convert_perf_mem},
    {"tierlab", "a trace as text, to make another of it (binary, part, joined pages)", "sbR", convert_text},
    {"masim", "a configuration of masim: prints script=, for workload=script", "nst", convert_masim},
};

/* -n's default: one access a sample, as recorded. masim's visits a millisecond are arbitrary: a minute then takes 6
 * million. */
#define MASIM_VISITS 100

struct options options = {
    .high = UINT64_MAX,
    .accesses = 1,
    .scale = 1,
    .interval = 500000, /* about the default window of 4.7 ms, at some 10 ns an access */
    .turns = 1,
};

static void usage(void)
{
    puts("usage: tools/to-trace FORMAT [options] [FILE]");
    for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
        printf("  %-12s  %s\n", formats[i].name, formats[i].summary);
    puts("options, each for the formats named:\n"
         "  -b             a binary trace (all but masim)\n"
         "  -s PAGES       pages of the recording to one of the trace; masim: divides sizes (1 to 1048576; 1)\n"
         "  --range A-B    only addresses from A to below B, hexadecimal, of whole pages (all but masim)\n"
         "  --target ID    damon, perf-mem: only this target_id, this process (when there are several)\n"
         "  -n ACCESSES    damon: of a page for each sample that found it accessed; perf-*: for each sample;\n"
         "                 masim: visits a millisecond (1 to 1000000; 1, masim 100)\n"
         "  -w PERCENT     damon, perf-*: of the accesses are taken for writes where it is not known (0 to 100; 0)\n"
         "  -i             damon: keep the pages of idle regions, with no access\n"
         "  -a ACCESSES    lackey, pinatrace, perf-*: in an interval (1000 to 1000000000; 500000)\n"
         "  -t TURNS       masim: how often the patterns of a phase take turns (1 to 64; 1)\n"
         "reads standard input without FILE, or with -. Exit status: 0, 4 wrong option or input, 7 a file");
}

static uint64_t number(int option, const char *text, uint64_t low, uint64_t high)
{
    const char *at = text;
    uint64_t value;

    if (!parse_decimal(&at, &value) || *at || value < low || value > high)
        fail(STATUS_REFUSED, "-%c '%s': must be a whole number from %llu to %llu", option, text,
             (unsigned long long)low, (unsigned long long)high);
    return value;
}

static void set_range(const char *text)
{
    char low[20] = "";
    const char *dash = strchr(text, '-');

    if (dash && (size_t)(dash - text) < sizeof(low))
        memcpy(low, text, (size_t)(dash - text));
    if (!dash || !parse_address(low, &options.low) || !parse_address(dash + 1, &options.high) ||
        options.low >= options.high || options.low % PAGE_SIZE || options.high % PAGE_SIZE)
        fail(STATUS_REFUSED, "--range '%s': must be A-B, hexadecimal addresses of pages, A below B", text);
}

static void set_option(const struct format *format, int option, const char *value)
{
    if (!strchr(format->allowed, option))
        fail(STATUS_REFUSED, "option %s%c%s is not for %s; -h lists them", strchr("TR", option) ? "--" : "-",
             option == 'T'   ? 't'
             : option == 'R' ? 'r'
                             : option,
             option == 'T'   ? "arget"
             : option == 'R' ? "ange"
                             : "",
             format->name);
    switch (option) {
    case 'n':
        options.accesses = number('n', value, 1, 1000000);
        break;
    case 'w':
        options.writes = number('w', value, 0, 100);
        break;
    case 's':
        options.scale = number('s', value, 1, 1048576);
        break;
    case 'a':
        options.interval = number('a', value, 1000, 1000000000);
        break;
    case 't':
        options.turns = number('t', value, 1, 64);
        break;
    case 'i':
        options.idle = true;
        break;
    case 'b':
        options.binary = true;
        break;
    case 'T':
        options.target = value;
        break;
    case 'R':
        set_range(value);
        break;
    }
}

static const struct format *find_format(const char *name)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
        if (name && !strcmp(formats[i].name, name))
            return &formats[i];
    fail(STATUS_REFUSED, "%s%s; the formats: damon lackey pinatrace perf-script perf-mem tierlab masim",
         name ? "no format has the name " : "expected a format", name ? name : "");
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"target", required_argument, NULL, 'T'}, {"range", required_argument, NULL, 'R'}, {0}};
    const struct format *format;
    int option;

    if (argc > 1 && (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help"))) {
        usage();
        return 0;
    }
    format = find_format(argc > 1 ? argv[1] : NULL);
    if (format->convert == convert_masim)
        options.accesses = MASIM_VISITS;
    opterr = 0;
    argv++; /* options end where the file begins, whatever POSIXLY_CORRECT says */
    while ((option = getopt_long(argc - 1, argv, "+:n:w:s:a:t:ibh", long_options, NULL)) != -1) {
        if (option == 'h') {
            usage();
            return 0;
        }
        if (option == ':')
            fail(STATUS_REFUSED, "%s needs a value", argv[optind - 1]);
        if (option == '?')
            fail(STATUS_REFUSED, "unknown option %s; -h lists them", argv[optind - 1]);
        set_option(format, option, optarg);
    }
    if (argc - 1 - optind > 1)
        fail(STATUS_REFUSED, "one file, not %d", argc - 1 - optind);
    input_open(argv[optind] && strcmp(argv[optind], "-") ? argv[optind] : NULL);
    format->convert();
    return 0;
}
