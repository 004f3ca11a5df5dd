/*
 * Deliberate damage. The key `break=` names one thing that goes wrong, so that the tests can show that each kind of
 * failure is caught and has its own exit status. Without the key nothing here has any effect.
 */
#pragma once

#include "kernel/types.h"

/* Whether `break=` names this. */
bool hook_is(const char *name);

/* Carries out the ones that need no place of their own: panic, overflow, fault, hang, triple. */
void hook_run(void);
