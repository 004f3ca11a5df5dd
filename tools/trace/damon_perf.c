/*
 * DAMON's tracepoints as `perf script` prints them, a line a region:
 *
 *      kdamond.0  4452 [000] 82877.315633: damon:damon_aggregated: target_id=1844 nr_regions=2 4096-8192: 0 3
 *      kdamond.0 47293 [000] 80801.060214: damon:damos_before_apply: ctx_idx=0 scheme_idx=0 target_idx=0 nr_regions=1
 * 4096-8192: 0 136
 *
 * and as damo writes them itself: kdamond.x xxxx xxxx 82877.315633: ... Addresses are decimal; the age after
 * nr_accesses is missing in early versions. A target's snapshot has nr_regions lines; snapshots of several targets
 * follow one another. For a record of one snapshot damo adds an empty one, 0-0: -1 -1, so that its reader knows how
 * long the first took.
 */
#include "tools/trace/trace.h"

#include <stdio.h>
#include <string.h>

static char event[32], scheme[64];
static uint64_t regions, promised; /* of the snapshot that is being read, whoever's it is */
static char owner[64];

/* The text behind `name`, if the word begins with it. */
static const char *value_of(const char *word, const char *name)
{
    size_t length = strlen(name);

    return strncmp(word, name, length) ? NULL : word + length;
}

/* START-END: in the word, and the rest of the line: NR_ACCESSES [AGE]. */
static bool read_region(const char *word, char *rest, uint64_t *start, uint64_t *end, int64_t *nr_accesses)
{
    const char *number, *age;
    uint64_t value;
    bool minus;

    if (!parse_decimal(&word, start) || *word++ != '-' || !parse_decimal(&word, end) || strcmp(word, ":"))
        return false;
    if (!(number = next_word(&rest)))
        return false;
    minus = *number == '-';
    number += minus;
    if (!parse_decimal(&number, &value) || *number)
        return false;
    *nr_accesses = minus ? -(int64_t)value : (int64_t)value;
    age = next_word(&rest);
    return !age || !next_word(&rest);
}

static void take_region(const char *target, uint64_t nr_regions, uint64_t start, uint64_t end, int64_t nr_accesses)
{
    if (!start && !end && nr_accesses == -1 && nr_regions == 1)
        return;
    if (nr_accesses < 0)
        refuse("nr_accesses is below zero");
    if (regions == promised) {
        snprintf(owner, sizeof(owner), "%s", target);
        regions = 0;
        promised = nr_regions;
        damon_target(target);
        damon_snapshot();
    }
    if (strcmp(owner, target) || promised != nr_regions)
        refuse("the snapshot before has %llu of %llu regions; were events lost?", (unsigned long long)regions,
               (unsigned long long)promised);
    regions++;
    damon_region(start, end, (uint64_t)nr_accesses);
}

void damon_read_perf(char *line)
{
    const char *target = NULL, *value;
    uint64_t nr_regions = 0, start, end;
    char this_scheme[sizeof(scheme)] = "", *word, *name;
    int64_t nr_accesses;

    if (!line) {
        if (regions != promised)
            refuse("the file ends after %llu of %llu regions of a snapshot", (unsigned long long)regions,
                   (unsigned long long)promised);
        return;
    }
    if (!line[strspn(line, " \t")] || *line == '#')
        return;
    name = strstr(line, " damon:");
    if (!name)
        refuse("no event of DAMON's in it: %.40s", line);
    word = next_word(&name);
    if (strcmp(word, "damon:damon_aggregated:") && strcmp(word, "damon:damos_before_apply:"))
        return; /* what DAMON has for other uses */
    if (!*event)
        snprintf(event, sizeof(event), "%s", word);
    if (strcmp(event, word))
        refuse("%s after %s; one of the two is right", word, event);
    while ((word = next_word(&name)) && strchr(word, '=')) {
        if ((value = value_of(word, "target_id=")) || (value = value_of(word, "target_idx=")))
            target = value;
        else if ((value = value_of(word, "nr_regions=")) && (!parse_decimal(&value, &nr_regions) || *value))
            refuse("expected a number after nr_regions=");
        else if (value_of(word, "ctx_idx=") || value_of(word, "scheme_idx="))
            snprintf(this_scheme + strlen(this_scheme), sizeof(this_scheme) - strlen(this_scheme), "%s ", word);
    }
    if (!target || !nr_regions || !word || !read_region(word, name, &start, &end, &nr_accesses))
        refuse("expected target_id=N nr_regions=N START-END: NR_ACCESSES [AGE]");
    if (!*scheme)
        snprintf(scheme, sizeof(scheme), "%s", this_scheme);
    if (strcmp(scheme, this_scheme))
        refuse("%safter %s; one scheme is right: perf script | grep '%s'", this_scheme, scheme, scheme);
    take_region(target, nr_regions, start, end, nr_accesses);
}
