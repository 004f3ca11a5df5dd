/*
 * The pace that policies share unless their source says otherwise, so that a comparison is on the same footing.
 *
 * Window: vTMM tests 200, 600 and 1000 ms (EuroSys'23, figure 3) on a machine of which this is 1/1024; what belongs to
 * a core shrinks by 1024/24, so 200 ms become 4.7 ms. Eight windows until a decision, as there. 32 pages a step: some 10 us of
 * copying, which is what a fault on a page in flight may have to wait.
 */
#pragma once

#define PACE_DEFAULT                                                                                                   \
    {                                                                                                                  \
        .window_us = 4700, .decide_windows = 8, .step_pages = 32                                      \
    }
