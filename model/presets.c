#include "model/presets.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS                                                                                                        \
    "name\tread_ns\tseq_ns\twrite_ns\tread_GBps\twrite_"                                                               \
    "GBps\tlanes\tunit\tcores\tfill\twalkers\tahead\tcurve\twriters\tinterpolated\tsource\tdate"
#define NR_COLUMNS 17
#define LINE_BYTES 1024

/* A non-negative decimal with up to three digits after the point, in 1/1000; -1 when it is none. */
static int64_t parse_milli(const char *text)
{
    int64_t value = 0;
    int digits = 0, after = -1;

    for (; *text; text++) {
        if (*text == '.' && after < 0 && digits) {
            after = 0;
        } else if (*text >= '0' && *text <= '9' && after < 3 && digits < 9) {
            value = value * 10 + (*text - '0');
            digits++;
            after += after >= 0;
        } else {
            return -1;
        }
    }
    if (!digits || after == 0) {
        return -1;
    }
    for (after = after < 0 ? 0 : after; after < 3; after++) {
        value *= 10;
    }
    return value;
}

static int parse_curve(const char *text, uint64_t *curve)
{
    char copy[64], *at = copy, *point;
    int n = 0;

    if (!strcmp(text, "-")) {
        for (n = 0; n < CURVE_POINTS; n++) {
            curve[n] = 1000;
        }
        return 0;
    }
    if (strlen(text) >= sizeof(copy)) {
        return -1;
    }
    strcpy(copy, text);
    while ((point = strsep(&at, "/"))) {
        int64_t milli = parse_milli(point);
        if (n == CURVE_POINTS || milli < 1000 || (n && (uint64_t)milli < curve[n - 1])) {
            return -1;
        }
        curve[n++] = (uint64_t)milli;
    }
    return n == CURVE_POINTS ? 0 : -1;
}

/* CORES:SHARE points with rising cores, such as 4:1/24:0.6; "-" none. */
static int parse_writers(const char *text, struct preset *out)
{
    char copy[96], *at = copy, *point;

    if (!strcmp(text, "-")) {
        return 0;
    }
    if (strlen(text) >= sizeof(copy)) {
        return -1;
    }
    strcpy(copy, text);
    while ((point = strsep(&at, "/"))) {
        struct writers_point *to = &out->writers[out->nr_writers];
        char *share = strchr(point, ':');
        if (!share || out->nr_writers == MAX_WRITERS_POINTS) {
            return -1;
        }
        *share = 0;
        int64_t cores = parse_milli(point), milli = parse_milli(share + 1);
        if (cores < 1000 || cores % 1000 || cores > 1024000 || milli < 1 || milli > 1000 ||
            (out->nr_writers && (uint64_t)cores / 1000 <= to[-1].cores)) {
            return -1;
        }
        *to = (struct writers_point){(uint64_t)cores / 1000, (uint64_t)milli};
        out->nr_writers++;
    }
    return 0;
}

static int copy_text(char *to, size_t bytes, const char *from)
{
    if (!*from || strlen(from) >= bytes || strpbrk(from, "\"\\")) {
        return -1;
    }
    strcpy(to, from);
    return 0;
}

/* Parses one row. 0, or -1 with the name of the bad column in *column. */
static int parse_row(char *line, struct preset *out, const char **column)
{
    char *field[NR_COLUMNS];
    int64_t milli[6], whole[6];
    int n = 0;

    for (char *at = line, *text; (text = strsep(&at, "\t"));) {
        if (n == NR_COLUMNS) {
            *column = "after date";
            return -1;
        }
        field[n++] = text;
    }
    static const char *const names[NR_COLUMNS] = {
        "name", "read_ns", "seq_ns", "write_ns", "read_GBps", "write_GBps",   "lanes",  "unit", "cores",
        "fill", "walkers", "ahead",  "curve",    "writers",   "interpolated", "source", "date"};
    if (n != NR_COLUMNS) {
        *column = names[n]; /* the first that is missing */
        return -1;
    }
    *column = names[0];
    if (copy_text(out->name, sizeof(out->name), field[0])) {
        return -1;
    }
    for (int i = 1; i <= 5; i++) {
        *column = names[i];
        milli[i] = parse_milli(i == 2 && !strcmp(field[2], "-") ? field[1] : field[i]);
        if (milli[i] < 0 || milli[i] > 100000000 || (i <= 3 && milli[i] == 0)) {
            return -1;
        }
    }
    for (int i = 6; i <= 11; i++) {
        *column = names[i];
        whole[i - 6] = parse_milli(field[i]);
        if (whole[i - 6] <= 0 || whole[i - 6] % 1000) {
            return -1;
        }
        whole[i - 6] /= 1000;
    }
    out->read_ps = (uint64_t)milli[1];
    out->seq_ps = (uint64_t)milli[2];
    out->write_ps = (uint64_t)milli[3];
    out->read_Bps = (uint64_t)milli[4] * 1000000;
    out->write_Bps = (uint64_t)milli[5] * 1000000;
    out->lanes = (uint64_t)whole[0];
    out->unit_bytes = (uint64_t)whole[1];
    out->cores = (uint64_t)whole[2];
    out->fill = (uint64_t)whole[3];
    out->walkers = (uint64_t)whole[4];
    out->ahead = (uint64_t)whole[5];
    *column = "seq_ns";
    if (out->seq_ps > out->read_ps || out->seq_ps * (out->unit_bytes / 64) < out->read_ps) {
        return -1;
    }
    *column = "lanes";
    if (out->lanes > 2) {
        return -1;
    }
    *column = "unit";
    if (out->unit_bytes < 64 || out->unit_bytes > 4096 || (out->unit_bytes & (out->unit_bytes - 1))) {
        return -1;
    }
    *column = "cores";
    if (out->cores > 1024) {
        return -1;
    }
    *column = "fill, walkers or ahead";
    if (out->fill > 64 || out->walkers > 16 || out->ahead > 64) {
        return -1;
    }
    *column = "curve";
    if (parse_curve(field[12], out->curve)) {
        return -1;
    }
    *column = "writers";
    if (parse_writers(field[13], out)) {
        return -1;
    }
    *column = "interpolated, source or date";
    return copy_text(out->interpolated, sizeof(out->interpolated), field[14]) ||
                   copy_text(out->source, sizeof(out->source), field[15]) ||
                   copy_text(out->date, sizeof(out->date), field[16])
               ? -1
               : 0;
}

/* Appends " name" to the list of known names, as far as there is room. */
static void add_name(char *list, size_t bytes, const char *name)
{
    size_t used = strlen(list);

    snprintf(list + used, bytes - used, " %s", name);
}

int preset_find(const char *path, const char *name, struct preset *out, char *error, size_t error_bytes)
{
    char line[LINE_BYTES], known[1024] = "";
    const char *column = "", *why = "";
    int number = 0, found = 0, rows = 0;
    FILE *file = fopen(path, "r");

    if (!file) {
        snprintf(error, error_bytes, "presets file %s: %s", path, strerror(errno));
        return -1;
    }
    while (fgets(line, sizeof(line), file)) {
        struct preset row = {0};
        number++;
        size_t length = strlen(line);
        if (!length || line[length - 1] != '\n') {
            why = "no end of line, or longer than 1023 characters";
            goto malformed;
        }
        line[length - 1] = 0;
        why = "a carriage return, as on DOS";
        if (strchr(line, '\r')) {
            goto malformed;
        }
        if (number == 1) {
            why = "the header line is not the expected one";
            if (strcmp(line, COLUMNS)) {
                goto malformed;
            }
            continue;
        }
        if (parse_row(line, &row, &column)) {
            fclose(file);
            snprintf(error, error_bytes, "presets file %s, line %d, column %s: malformed", path, number, column);
            return -1;
        }
        rows++;
        add_name(known, sizeof(known), row.name);
        if (!strcmp(row.name, name)) {
            why = "name given twice";
            if (found) {
                goto malformed;
            }
            found = 1;
            *out = row;
        }
    }
    int failed = ferror(file);
    fclose(file);
    if (failed || !rows) {
        snprintf(error, error_bytes, "presets file %s: %s", path, failed ? "cannot be read" : "no preset in it");
        return -1;
    }
    if (!found) {
        snprintf(error, error_bytes, "unknown preset '%.60s'; known:%s", name, known);
        return -1;
    }
    return 0;
malformed:
    fclose(file);
    snprintf(error, error_bytes, "presets file %s, line %d: malformed (%s)", path, number, why);
    return -1;
}
