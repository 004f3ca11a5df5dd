/* Unpacks what gzip has packed: DEFLATE (RFC 1951) in a gzip file (RFC 1952). Pure code, tested on the host as well. */
#pragma once

#include "kernel/types.h"

/* How many bytes gunzip() would write, by the file's last word. `bytes` is at least 18. */
u32 gunzip_size(const u8 *packed, size_t bytes);

/*
 * Unpacks a file as `gzip -n` writes it (no name, no extra fields) to `to`, which has room for gunzip_size() bytes.
 * Returns 0, or ERR_INVAL for what is no such file, is damaged, or has another length than it says; its checksum is not
 * looked at.
 */
int gunzip(const u8 *packed, size_t bytes, u8 *to);
