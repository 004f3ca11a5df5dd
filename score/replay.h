/* A run page by page, recorded on request (`replay=1`) for the page that ./run-qemu.sh replay writes. Booking: BOOK_OFF. */
#pragma once

#include "mm/parts.h"
#include "model/abi.h"

struct watch;

/* The run begins: forgets where pages lay. */
void replay_start(void);

/* An epoch ends now. */
void replay_epoch(const struct watch *watch, const struct page_truth *truth, u64 now_ps);

/* What a tracker's step found in that epoch. */
void replay_observed(const struct observation *list, u32 count);

/* Records the epoch, unless that was done; `looked_at`: a tracker has looked at all of it. */
void replay_record(bool looked_at);
