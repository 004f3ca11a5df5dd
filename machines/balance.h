/*
 * Rebalancing the fast tier between machines: measures what each of them needs, asks the balancer (mm/balance/), and carries
 * out what it says without ever promising a frame twice.
 *
 * A share that is to shrink does so at once; its space then holds more than it may, takes no page up, and its classifier is asked for
 * pages to give. A share that is to grow does so as far as frames are free that way. So a share has arrived when its frames have.
 */
#pragma once

#include "lib/registry.h"
#include "machines/tenant.h"

/* All that there are. */
extern const struct registry balancer_registry;

/* Chooses the balancer and refuses policies whose pages it could not move; puts a stand-in in the place of the run's classifier that asks
 * it for pages to give. After policy_choose(). */
void balance_init(void);

/* Without several machines: refuses its keys when they are given. */
void balance_refuse(void);

/* Of the tier, so many frames are `n` machines' equal parts, by the weights of `shares=`. */
void balance_equal(unsigned n, u32 frames, u32 *parts);

/* These are the machines, each with its share. Once a run, before their watches start. */
void balance_start(struct tenant *tenants, unsigned n);

/* The machine's turn begins: asks it for pages if it is to choose them. */
void balance_turn(struct tenant *tenant);

/* From every tick: gives out what has become free, and wakes whoever has to give. */
void balance_tick(void);

/* The machine has ended and holds no frame any more: what it had is the others', if shares change at all. */
void balance_leave(struct tenant *tenant);

/* Into the record that is open: the balancer's name, as it took effect; what it has to say of one machine. */
void balance_report(void);
void balance_report_machine(unsigned machine);

/* Whether machines look at their own accessed bits to choose what they give. After balance_init(). */
bool balance_asks_machines(void);
