/* Pages whose events are told as they happen. */
#pragma once

#include "lab/moment.h"

/* Tells what has happened to the watched pages since the last moment. */
void watching_look(enum moment moment);
