/*
 * The guest's side of the model (model/abi.h): finding it, the handshake, doorbells, counters and truth.
 *
 * Without the model every function still works: doorbells go nowhere, counters are zero, model_present() is false.
 */
#pragma once

#include "kernel/types.h"
#include "model/abi.h"

/* Finds the shared region and maps it. Without the device there is no model; a damaged or foreign region is unfit(). */
void model_find(void);

/*
 * The handshake: names the spaces and both tiers' frames, and lets the model calibrate addresses on the first and last
 * frame of each. unfit() when the model refuses. Needs memory_init() and paging_init(); interrupts are still off.
 */
void model_handshake(const struct model_space *spaces, unsigned nr_spaces);

bool model_present(void);

/* Valid in both cases; without the model a page of zeroes apart from the default insn_ps and cores. */
const volatile struct model_header *model_header(void);

/* The effective configuration as a JSON object; "{}" without the model. */
const char *model_config(void);

/* Stops the run (panic) when the model has found something wrong. Cheap: one load. */
void model_check(void);

/* The closed epoch's counts, indexed by page; null without the model. */
const struct page_truth *model_truth(void);

/* The frame table, written by space_map(); without the model a table that nobody reads. */
extern volatile u32 *model_frames;

/* What maps each 512 pages: a table of level 1 (frame number + 1) or one leaf of 2 MiB (MODEL_LEAF_LARGE). */
extern volatile u32 *model_leaves;

/* Doorbells. Without the model the stores land in a page of our own. */
extern volatile struct model_doorbells *model_doorbells;
