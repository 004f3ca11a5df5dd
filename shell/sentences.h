/* What is said of a page's orders. */
#pragma once

#include "report/events.h"

/* "to the fast tier: seen in lru_streak=4 windows running": keys that a sentence names are told with their values. */
void sentence_order(const struct event *event);

/* The sentence of a reason of the run's classifier, with values. */
void sentence_reason(u32 reason);

/* "moved", "no room", "given up", "gone". */
const char *sentence_outcome(const struct event *event);

/* The part's facts, "name value, ...", from values; a line, ended. Nothing for a part that has none. */
void sentence_facts(const struct part *part, const u64 *values);
