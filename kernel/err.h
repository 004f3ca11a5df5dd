/*
 * Expected failures: a function that can fail returns 0 or one of these, and its result through a pointer. A broken
 * invariant is no error but a panic (panic.h).
 */
#pragma once

#define ERR_NOMEM   (-1) /* no frame or kernel memory left */
#define ERR_NOENT   (-2) /* no such name, table, device or file */
#define ERR_INVAL   (-3) /* the value makes no sense */
#define ERR_CORRUPT (-4) /* a length, checksum or signature is wrong */
#define ERR_BUSY    (-5) /* in use: try again later */
#define ERR_RANGE   (-6) /* a number outside of what is allowed */
