/*
 * The two serial ports. The console (COM1) carries text for people: progress, KTAP, panics. The record port (COM2)
 * carries JSON Lines and nothing else.
 */
#pragma once

#include <stdarg.h>

#include "kernel/types.h"

enum serial_port { SERIAL_CONSOLE = 0x3f8, SERIAL_RECORDS = 0x2f8 };

/* Sets both ports to 115,200 baud, 8N1, FIFOs on. Needs nothing: usable from the first instruction of C. */
void console_init(void);

void serial_write(enum serial_port port, const char *text, size_t size);

/* The next byte that has come in, or -1 when there is none. Waits for nothing. */
int serial_read(enum serial_port port);

/*
 * Prints to the console. Understands %s %c %d %u %x %p %%, the length l, a minimum width and a leading 0, as printf
 * does.
 */
__attribute__((format(printf, 1, 2))) void kprintf(const char *format, ...);
void kvprintf(const char *format, va_list args);

/* The same into a buffer, always terminated; returns the length that was written. */
__attribute__((format(printf, 3, 4))) size_t ksnprintf(char *to, size_t size, const char *format, ...);
size_t kvsnprintf(char *to, size_t size, const char *format, va_list args);
