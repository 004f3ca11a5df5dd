#include "kernel/console.h"
#include "kernel/cpu.h"
#include "lib/string.h"

/* 16550 UART registers, as offsets from the port (National Semiconductor PC16550D data sheet, table II). */
enum { UART_DATA = 0, UART_IER = 1, UART_FCR = 2, UART_LCR = 3, UART_MCR = 4, UART_LSR = 5 };
enum { LCR_8N1 = 0x03, LCR_DLAB = 0x80, FCR_ON = 0x07, MCR_DTR_RTS = 0x03, LSR_DATA_READY = 0x01, LSR_THR_EMPTY = 0x20 };

static void serial_init(enum serial_port port)
{
    outb(port + UART_IER, 0);
    outb(port + UART_LCR, LCR_DLAB);
    outb(port + UART_DATA, 1); /* divisor 1: 115,200 baud */
    outb(port + UART_IER, 0);
    outb(port + UART_LCR, LCR_8N1);
    outb(port + UART_FCR, FCR_ON);
    outb(port + UART_MCR, MCR_DTR_RTS);
}

void console_init(void)
{
    serial_init(SERIAL_CONSOLE);
    serial_init(SERIAL_RECORDS);
}

static void serial_put(enum serial_port port, char c)
{
    /* A missing UART reads 0xff, so this ends on a machine without one as well. */
    while (!(inb(port + UART_LSR) & LSR_THR_EMPTY))
        ;
    outb(port + UART_DATA, (u8)c);
}

void serial_write(enum serial_port port, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        serial_put(port, text[i]);
}

int serial_read(enum serial_port port)
{
    return inb(port + UART_LSR) & LSR_DATA_READY ? inb(port + UART_DATA) : -1;
}

/* Where formatted text goes: a buffer, or the console when `to` is null. */
struct sink {
    char *to;
    size_t size, used;
};

static void sink_put(struct sink *sink, char c)
{
    if (!sink->to)
        serial_put(SERIAL_CONSOLE, c);
    else if (sink->used + 1 < sink->size)
        sink->to[sink->used++] = c;
}

static void put_number(struct sink *sink, u64 value, unsigned base, bool negative, int width, char pad)
{
    char digits[24];
    int n = 0;

    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    if (negative && pad == ' ')
        digits[n++] = '-';
    else if (negative)
        sink_put(sink, '-'), width--;
    while (width-- > n)
        sink_put(sink, pad);
    while (n)
        sink_put(sink, digits[--n]);
}

static void format_into(struct sink *sink, const char *format, va_list args)
{
    for (; *format; format++) {
        if (*format != '%') {
            sink_put(sink, *format);
            continue;
        }
        char pad = ' ';
        int width = 0;
        bool is_long = false;

        if (*++format == '0')
            pad = *format++;
        while (*format >= '0' && *format <= '9')
            width = width * 10 + (*format++ - '0');
        while (*format == 'l' || *format == 'z')
            is_long = true, format++;
        switch (*format) {
        case 's': {
            const char *s = va_arg(args, const char *);
            int length = s ? (int)strlen(s) : 0;
            for (int i = 0; i < length; i++)
                sink_put(sink, s[i]);
            while (width-- > length)
                sink_put(sink, ' ');
            break;
        }
        case 'c':
            sink_put(sink, (char)va_arg(args, int));
            break;
        case 'd': {
            s64 v = is_long ? va_arg(args, s64) : va_arg(args, int);
            put_number(sink, v < 0 ? -(u64)v : (u64)v, 10, v < 0, width, pad);
            break;
        }
        case 'u':
            put_number(sink, is_long ? va_arg(args, u64) : va_arg(args, u32), 10, false, width, pad);
            break;
        case 'x':
            put_number(sink, is_long ? va_arg(args, u64) : va_arg(args, u32), 16, false, width, pad);
            break;
        case 'p':
            put_number(sink, (u64)va_arg(args, void *), 16, false, 16, '0');
            break;
        case '%':
            sink_put(sink, '%');
            break;
        default: /* a mistake of ours: shown, so that it is seen */
            sink_put(sink, '%');
            sink_put(sink, *format);
        }
    }
}

void kvprintf(const char *format, va_list args)
{
    struct sink sink = {0};

    format_into(&sink, format, args);
}

void kprintf(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    kvprintf(format, args);
    va_end(args);
}

size_t kvsnprintf(char *to, size_t size, const char *format, va_list args)
{
    struct sink sink = {.to = to, .size = size};

    format_into(&sink, format, args);
    if (size)
        to[sink.used] = 0;
    return sink.used;
}

size_t ksnprintf(char *to, size_t size, const char *format, ...)
{
    va_list args;
    size_t used;

    va_start(args, format);
    used = kvsnprintf(to, size, format, args);
    va_end(args);
    return used;
}
