/* Reading the input, and telling what is wrong with it. */
#include "tools/trace/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LINE_MAX_BYTES 65536

static FILE *input;
static uint64_t newlines; /* read so far */
static bool line_ended;   /* the last byte was one: a fault is in the line that it ended */

void fail(int status, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("to-trace: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    exit(status);
}

void refuse(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fprintf(stderr, "to-trace: line %llu: ", (unsigned long long)(newlines + (newlines && line_ended ? 0 : 1)));
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    exit(STATUS_REFUSED);
}

void input_open(const char *name)
{
    struct stat status;

    input = name ? fopen(name, "r") : stdin;
    if (!input || fstat(fileno(input), &status) || S_ISDIR(status.st_mode))
        fail(STATUS_FILE, "%s is not a file that can be read", name ? name : "standard input");
}

int next_byte(void)
{
    int byte = getc_unlocked(input);

    if (byte == EOF && ferror(input))
        fail(STATUS_FILE, "the input cannot be read");
    if (byte == EOF)
        return -1;
    newlines += byte == '\n';
    line_ended = byte == '\n';
    return byte;
}

void unread_byte(int byte)
{
    if (byte == -1)
        return;
    newlines -= byte == '\n';
    line_ended = false;
    ungetc(byte, input);
}

char *next_line(void)
{
    static char line[LINE_MAX_BYTES];
    size_t length = 0;
    int byte;

    while ((byte = next_byte()) != -1 && byte != '\n') {
        if (!byte)
            refuse("a zero byte; this is no text");
        if (length == sizeof(line) - 1)
            refuse("longer than %zu bytes", sizeof(line) - 1);
        line[length++] = (char)byte;
    }
    if (byte == -1 && !length)
        return NULL;
    line[length] = 0;
    if (byte == -1)
        refuse("the file ends in this line: truncated?");
    if (length && line[length - 1] == '\r')
        refuse("ends with a carriage return; a newline alone is right (tr -d '\\r' takes them out)");
    return line;
}

char *skip_blanks(char *text)
{
    return text + strspn(text, " \t");
}

char *next_word(char **text)
{
    char *word = skip_blanks(*text), *end = word + strcspn(word, " \t");

    if (!*word)
        return NULL;
    *text = end;
    if (*end) {
        *end = 0;
        *text = end + 1;
    }
    return word;
}

bool parse_decimal(const char **text, uint64_t *value)
{
    const char *at = *text;
    uint64_t sum = 0;

    for (; *at >= '0' && *at <= '9'; at++) {
        if (sum > (INT64_MAX - 9) / 10)
            return false;
        sum = sum * 10 + (uint64_t)(*at - '0');
    }
    if (at == *text)
        return false;
    *text = at;
    *value = sum;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20; /* lower case */
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool parse_hex(const char **text, uint64_t *value)
{
    const char *at = *text;
    uint64_t sum = 0;

    for (int digit; (digit = hex_digit(*at)) >= 0; at++) {
        if (sum >> 60)
            return false;
        sum = sum << 4 | (uint64_t)digit;
    }
    if (at == *text)
        return false;
    *text = at;
    *value = sum;
    return true;
}

bool parse_address(const char *word, uint64_t *value)
{
    if (word[0] == '0' && (word[1] == 'x' || word[1] == 'X'))
        word += 2;
    return parse_hex(&word, value) && !*word;
}
