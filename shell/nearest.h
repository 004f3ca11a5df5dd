/* The known word that is nearest to a mistyped one. Pure code, tested on the host. */
#pragma once

#include "kernel/types.h"

/*
 * Of the words "a|b|c", into `best`, the first that takes the fewest insertions, deletions and substitutions of a character to become
 * `word` (V. I. Levenshtein, 1966). Words longer than 39 characters are compared by their first 39.
 */
void nearest_word(const char *word, const char *known, char *best, size_t size);
