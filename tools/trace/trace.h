/*
 * tools/to-trace: makes a trace for workload=replay (or, from masim, a script=) out of what other programs record. A
 * converter reads its input once, from front to back, and keeps no more of it than one interval's pages.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STATUS_REFUSED = 4, STATUS_FILE = 7 };

#define PAGE_SIZE 4096

/* replay has room for 2 GiB; so no converter needs to remember more pages. */
#define PAGES_MAX (1u << 19)

/* What the command line says. */
struct options {
    const char *target; /* --target, or null */
    uint64_t low, high; /* --range: addresses from low to below high */
    uint64_t accesses;  /* -n: accesses for each sample; masim: visits for each millisecond */
    uint64_t writes;    /* -w: percent */
    uint64_t scale;     /* -s: pages of the recording to one of the trace */
    uint64_t interval;  /* -a: accesses in an interval */
    uint64_t turns;     /* -t: masim */
    bool idle;          /* -i */
    bool binary;        /* -b */
};

extern struct options options;

/* --- input.c: lines and bytes; every fault is told with its line, and ends the program
 * ----------------------------------- */

void input_open(const char *name); /* null: standard input */
char *next_line(void);             /* without its newline; null at the end of the file; overwritten by the next call */
int next_byte(void);               /* -1 at the end */
void unread_byte(int byte);
_Noreturn void refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3))); /* without a line */

char *next_word(char **text); /* the next word of the line, cut out; null when there is none */
char *skip_blanks(char *text);
bool parse_decimal(const char **text, uint64_t *value); /* at least one digit, below 2^63; moves *text behind them */
bool parse_hex(const char **text, uint64_t *value);     /* without 0x, below 2^64 */
bool parse_address(const char *word, uint64_t *value);  /* a whole word, hexadecimal, with or without 0x */

/* Is it the target that is wanted? Without --target there must be one only. target.c */
bool choose_target(const char *name);

/* --- json.c: JSON read from front to back
 * ---------------------------------------------------------------------------------- */

void json_begin(char bracket);             /* [ or { */
bool json_item(void);                      /* in an array: is there one more? */
bool json_key(char *key, size_t size);     /* in an object: the same, with its key; a longer one is cut off */
bool json_is(char first);                  /* does the value that follows begin so? */
void json_scalar(char *text, size_t size); /* a string, number or literal, as text */
void json_skip(void);                      /* any value */
void json_end(void);                       /* nothing but blanks may follow */

/* --- output.c: the trace, as text or binary (workloads/replay/trace.h)
 * ---------------------------------------------------- */

void put_head(const char *source);
void put_record(uint64_t interval, uint64_t page, bool write, uint64_t count);
void put_end(void);

/* --- pages.c: page numbers, each with two counts
 * ------------------------------------------------------------------------- */

struct page_counts {
    uint64_t page; /* + 1, so that 0 marks an empty slot */
    uint64_t counts[2];
};

struct page_counts *pages_find(uint64_t page); /* made when new; counts may be changed */
bool pages_known(uint64_t page);
struct page_counts *pages_sorted(size_t *number); /* all; valid until the next pages_find() or pages_clear() */
void pages_clear(void);

/* --- accesses.c: counts of pages, gathered into intervals; and lackey's and Pin's accesses
 * ------------------------------- */

void put_pages(uint64_t interval); /* writes what pages.c has, and forgets it */

void access_to(uint64_t address, bool write, uint64_t count);
void end_of_accesses(void);

/* --- the formats; each reads all of its input
 * ---------------------------------------------------------------------------- */

void convert_damon(void);
void convert_lackey(void);
void convert_pinatrace(void);
void convert_perf_script(void);
void convert_perf_mem(void);
void convert_text(void);
void convert_masim(void);

/* --- damon.c, for its three readers
 * ---------------------------------------------------------------------------------------- */

void damon_record(const char *target); /* a record begins, of which a target has one */
void damon_target(const char *target); /* whose regions follow */
void damon_snapshot(void);             /* the next snapshot of that target begins */
void damon_region(uint64_t start, uint64_t end, uint64_t nr_accesses);
void damon_read_raw(char *line);
void damon_read_perf(char *line);
void damon_read_json(void);
