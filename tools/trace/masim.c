/*
 * A configuration of masim (github.com/sjp38/masim) becomes a script= for workload=script (workloads/script.c has its
 * grammar):
 *
 *      #regions                    NAME, BYTES[, FILE]
 *      a, 10000000
 *                                  an empty line
 *      first phase                 a phase's name
 *      1000                        its milliseconds
 *      a, 0, 4096, 80, ro          NAME, random (1) or not (0), STRIDE, PROBABILITY[, ro|wo|rw]; without the last: wo
 *
 * Regions lie one after another, each from a page of its own. A phase has -n visits for each of its milliseconds,
 * shared out by probability. masim draws a pattern by chance and then accesses 131072 times, so that patterns
 * alternate; here they take turns in the order of their lines, -t times a phase, and each turn starts at the region's
 * beginning. masim's random accesses are to single bytes, whatever the stride; the script's to 8-byte words, each of
 * which comes once a pass.
 */
#include "tools/trace/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The script's limits. */
#define PHASES_MAX 64
#define TEXT_MAX   4096
#define ARENA_MAX  ((uint64_t)2 << 30)
#define VISITS_MAX ((uint64_t)1 << 40)

#define REGIONS_MAX 256

struct region {
    char name[64];
    uint64_t start, bytes;
};

struct pattern {
    const struct region *region;
    bool random;
    uint64_t stride, probability;
    const char *kind;
};

static struct region regions[REGIONS_MAX];
static unsigned nr_regions, nr_script_phases;
static uint64_t arena_end, visits_in_all;
static char script[TEXT_MAX];
static size_t script_length;

/* The next field of a line, without the blanks around it; null when there is none. */
static char *next_field(char **line)
{
    char *start = *line, *end;

    if (!start)
        return NULL;
    end = strchr(start, ',');
    *line = end ? end + 1 : NULL;
    if (!end)
        end = start + strlen(start);
    start = skip_blanks(start);
    while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *end = 0;
    return start;
}

static uint64_t number(const char *text, const char *what, uint64_t low, uint64_t high)
{
    uint64_t value;

    if (!text || !parse_decimal(&text, &value) || *text || value < low || value > high)
        refuse("%s must be a whole number from %llu to %llu", what, (unsigned long long)low, (unsigned long long)high);
    return value;
}

static const struct region *find_region(const char *name)
{
    for (unsigned i = 0; i < nr_regions; i++)
        if (!strcmp(regions[i].name, name))
            return &regions[i];
    return NULL;
}

static void read_region(char *line)
{
    char *name = next_field(&line);
    uint64_t bytes = number(next_field(&line), "a region's size", 1, (uint64_t)1 << 50);

    if (nr_regions == REGIONS_MAX || strlen(name) >= sizeof(regions->name))
        refuse("more than %d regions, or a name longer than %zu", REGIONS_MAX, sizeof(regions->name) - 1);
    if (find_region(name))
        refuse("region %s twice", name);
    bytes = (bytes + options.scale - 1) / options.scale;
    snprintf(regions[nr_regions].name, sizeof(regions->name), "%s", name);
    regions[nr_regions].bytes = bytes;
    regions[nr_regions++].start = arena_end;
    arena_end += (bytes + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
    if (arena_end > ARENA_MAX)
        refuse("the regions have more than 2 GiB; -s divides their sizes");
}

static void read_pattern(char *line, struct pattern *pattern)
{
    char *name = next_field(&line), *kind;

    pattern->region = find_region(name);
    if (!pattern->region)
        refuse("no region has the name %s", name);
    pattern->random = number(next_field(&line), "the second field, random or not,", 0, 1);
    pattern->stride = number(next_field(&line), "the stride", 1, ARENA_MAX);
    pattern->probability = number(next_field(&line), "the probability", 0, 1000000);
    if (pattern->random)
        pattern->stride = 8;
    if (pattern->stride % 8)
        refuse("stride %llu: the script needs a multiple of 8", (unsigned long long)pattern->stride);
    kind = line ? next_field(&line) : "wo";
    pattern->kind = !strcmp(kind, "ro") ? "read" : !strcmp(kind, "wo") ? "write" : "rmw";
    if (strcmp(kind, "ro") && strcmp(kind, "wo") && strcmp(kind, "rw"))
        refuse("the last field is %s; ro, wo or rw is right", kind);
    if (line)
        refuse("more than five fields");
}

/* The region's elements are rounded up, and do not reach into the next region unless the stride is longer than a page.
 */
static void put_phase(const struct pattern *pattern, uint64_t visits)
{
    uint64_t bytes = (pattern->region->bytes + pattern->stride - 1) / pattern->stride * pattern->stride;
    int length;

    if (!visits)
        return;
    visits_in_all += visits;
    if (++nr_script_phases > PHASES_MAX)
        refuse("the script would have more than %d phases; fewer turns (-t) make them fewer", PHASES_MAX);
    if (visits_in_all > VISITS_MAX)
        refuse("more than 2^40 visits; a smaller -n makes them fewer");
    length = snprintf(script + script_length, sizeof(script) - script_length, "%s%llu+%llu:%llu:%s:%s:%llu",
                      script_length ? ";" : "", (unsigned long long)pattern->region->start, (unsigned long long)bytes,
                      (unsigned long long)pattern->stride, pattern->random ? "random" : "seq", pattern->kind,
                      (unsigned long long)visits);
    if (length < 0 || (size_t)length >= sizeof(script) - script_length)
        refuse("the script would be longer than %d bytes", TEXT_MAX - 1);
    script_length += (size_t)length;
}

static void put_turns(const struct pattern *patterns, unsigned nr_patterns, uint64_t ms)
{
    uint64_t sum = 0, visits = ms * options.accesses;

    for (unsigned i = 0; i < nr_patterns; i++)
        sum += patterns[i].probability;
    if (!sum)
        refuse("no pattern of this phase has a probability");
    for (uint64_t turn = 0; turn < options.turns; turn++)
        for (unsigned i = 0; i < nr_patterns; i++) {
            uint64_t share = visits / sum * patterns[i].probability + visits % sum * patterns[i].probability / sum;
            put_phase(&patterns[i], share * (turn + 1) / options.turns - share * turn / options.turns);
        }
}

/* The next line that is no comment: in and between paragraphs they are all the same. */
static char *next_content(void)
{
    char *line;

    while ((line = next_line()) && *line == '#')
        ;
    return line;
}

static char *next_paragraph(void)
{
    char *line;

    while ((line = next_content()) && !*skip_blanks(line))
        ;
    return line;
}

static bool paragraph_goes_on(const char *line)
{
    return line && line[strspn(line, " \t")];
}

static bool read_phase(void)
{
    static struct pattern patterns[PHASES_MAX];
    unsigned nr_patterns = 0;
    char *line = next_paragraph();
    uint64_t ms;

    if (!line)
        return false;
    line = next_content();
    ms = number(line ? next_field(&line) : NULL, "the line after a phase's name, its milliseconds,", 1, 1000000000);
    for (line = next_content(); paragraph_goes_on(line); line = next_content()) {
        if (nr_patterns == PHASES_MAX)
            refuse("more than %d patterns", PHASES_MAX);
        read_pattern(line, &patterns[nr_patterns++]);
    }
    if (!nr_patterns)
        refuse("the phase before has no pattern");
    put_turns(patterns, nr_patterns, ms);
    return true;
}

void convert_masim(void)
{
    for (char *line = next_paragraph(); paragraph_goes_on(line); line = next_content())
        read_region(line);
    if (!nr_regions)
        fail(STATUS_REFUSED, "no region in it");
    while (read_phase())
        ;
    if (!nr_script_phases)
        fail(STATUS_REFUSED, "no phase in it");
    printf("script=%s\n", script);
    if (fflush(stdout))
        fail(STATUS_FILE, "standard output cannot be written");
}
