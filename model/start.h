/*
 * Inside the model: switching accounts and starting afresh.
 */
#pragma once

#include "model/core.h"

/* Books what follows on `account` and `core`; `now_ps` is the workload's time (the daemon keeps its own). */
void model_select(uint32_t account, uint32_t core, uint64_t now_ps, uint64_t insns);

/* Empties caches, TLBs and queues; zeroes counters, charges and truth. Time goes on. */
void model_reset(uint64_t insns);

/* Applies keys, the workload's overlap and the self-check mode to all ports. */
void model_apply_mode(void);
