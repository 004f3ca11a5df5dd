/* The few string functions that the guest needs; GCC may call the mem* ones by itself. */
#pragma once

#include "kernel/types.h"

void *memset(void *to, int byte, size_t size);
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t size);

/*
 * Whether `name` contains `pattern`; with * (any characters) or ? (any one) in it, whether the whole name is of that
 * form. An empty or missing pattern matches everything.
 */
bool matches(const char *name, const char *pattern);
