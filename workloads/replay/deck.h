/*
 * A deck of cards of which many are alike: so many of each kind, drawn at random without putting back. All orders of
 * the whole deck are equally likely (but for the bias of random_below). A tree of partial sums (Fenwick, Software:
 * Practice and Experience 24(3), 1994) finds the kind of the n-th card, and takes one away on the same path: a draw
 * takes log2(kinds) steps.
 */
#pragma once

#include "kernel/types.h"

struct deck {
    u32 *sums; /* of kind i in sums[i + 1]; room for kinds + 1 */
    u32 kinds, top, left;
};

/* Begins with no kind. `sums` has room for one more than the kinds to come. */
void deck_open(struct deck *deck, u32 *sums);

/* Adds the next kind, from 0 on, with so many cards; all together below 2^32. */
void deck_add(struct deck *deck, u32 count);

/* All kinds are there. */
void deck_shuffle(struct deck *deck);

/* Draws a card, by 32 random bits, from a deck that is not empty; returns its kind. */
u32 deck_draw(struct deck *deck, u32 bits);
