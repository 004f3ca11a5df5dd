/*
 * The books: every page's true counts over the measured phase, kept and recorded on request (`truth=1`), so that they
 * can be held against what a scripted workload is known to do.
 */
#pragma once

#include "kernel/types.h"
#include "model/abi.h"

/* Whether the books are kept. */
bool books_kept(void);

/* Forgets everything: the measured phase begins. */
void books_open(void);

/* Adds a closed epoch. */
void books_add(const struct page_truth *epoch);

/* Writes them as `event` records with "event":"truth": [page, loads, stores, request loads, request stores] for every
 * page with any. */
void books_report(void);
