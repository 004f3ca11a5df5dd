/* The records of several machines: one `machine` each, and the summary of all. */
#pragma once

#include "machines/tenant.h"

/* What came of one, which has just ended; `end` as tenant_totals() was. Booking: BOOK_OFF. */
void corun_record_machine(struct tenant *tenant, const struct totals *end);

/* All of them added up, which have all verified. */
void corun_record_summary(struct tenant *tenants, unsigned n, u64 turns);
