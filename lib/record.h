/*
 * Records: one JSON object a line, on a serial port of their own. Numbers are integers, with the unit in the key;
 * ratios have six decimals in fixed point, so that no rounding mode can change a byte.
 *
 * Writing a record is the laboratory's work: the booking must be BOOK_OFF.
 */
#pragma once

#include "kernel/types.h"

/* Sets what every record carries: the run's id. `id` must stay valid. */
void record_set_run(const char *id);

/* Starts {"schema":"tierlab/1","kind":"…","run":"…" and ends it; in between come the fields, in the order of the calls.
 */
void record_begin(const char *kind);
void record_end(void);

void record_u64(const char *key, u64 value);
void record_s64(const char *key, s64 value);
void record_hex(const char *key, u64 value);
void record_text(const char *key, const char *value); /* null becomes JSON null; quotes and backslashes are escaped */
void record_bool(const char *key, bool value);
void record_json(const char *key, const char *json); /* already JSON */
void record_object(const char *key);                 /* opens {...}; fields go in until record_close() */
void record_array(const char *key);                  /* opens [...]; elements have a null key */
void record_close(void);

/* numerator/denominator, cut to six decimals (towards zero); null when the denominator is 0. |numerator| below 2^43. */
void record_ratio(const char *key, s64 numerator, u64 denominator);

/* A value in millionths, or null. */
#define RATIO_NULL INT64_MIN
void record_millionths(const char *key, s64 millionths);
