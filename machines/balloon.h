/*
 * Asking a machine which pages it gives up (balance=balloon): when, how long it may take, and what is done about an answer that
 * is none. What it chooses by is in vm/balloon.c.
 */
#pragma once

#include "machines/tenant.h"

/* A run begins: nothing is asked or counted. */
void balloon_start(void);

/* At the beginning of the machine's turn, which has to give so many frames beyond those that are on their way: asks it, if it is time
 * to. Its own time, booked as migration. Interrupts off, booking BOOK_OFF, timer not armed. */
void balloon_ask(struct tenant *g, u32 frames);

/* From every tick: true when the machine was being asked. Then it has not answered in time, and the tick is for nothing else. */
bool balloon_interrupted(void);

/* The next page that the machine gives, as the classifier's order to the slow tier; the classifier's own choice when the machine
 * has failed to give enough; NO_PAGE when there is none now. */
struct order balloon_give(const struct classifier *classifier, struct space *space, unsigned machine);

/* Of that machine, into the record that is open. */
void balloon_report(unsigned machine);
