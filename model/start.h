/*
 * Inside the model: switching accounts and starting afresh.
 */
#pragma once

#include "model/core.h"

/* Books what follows on `account` and `core`; `now_ps` is the workload's time (the daemon keeps its own). */
void model_select(uint32_t account, uint32_t core, uint64_t now_ps, uint64_t insns);

/* Empties caches, TLBs and queues; zeroes counters, charges and truth. Time goes on. */
void model_reset(uint64_t insns);

/* Applies keys, what the guest has said of the machine, and the self-check mode to all ports. */
void model_apply_mode(void);

/* Sets how many misses of the current account overlap. */
void model_apply_mlp(void);

/* What the machine allows of an overlap in 1/1000: at least one miss, at most the fill buffers. */
uint32_t model_mlp_limit(uint64_t mlp);
